"""A run: its dbt commands one after the other, and what they leave kept in S3."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from boto3.exceptions import S3UploadFailedError
from botocore.exceptions import BotoCoreError, ClientError

from retailpulse.cloud.scheduled.kinds import DOCS, Step
from retailpulse.cloud.scheduled.outcome import Ended, ErrorName, Failure, failure_of
from retailpulse.cloud.scheduled.settings import Location
from retailpulse.cloud.scheduled.transient import is_transient

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

RUN_RESULTS: Final = "run_results.json"
_ARTIFACTS: Final = {"manifest.json": "application/json", RUN_RESULTS: "application/json"}

# Where dbt writes it → its name where it is published, and its type. The static page needs nothing
# beside it; the two others are for tools.
_DOCS: Final = (
    ("static_index.html", "index.html", "text/html; charset=utf-8"),
    ("catalog.json", "catalog.json", "application/json"),
    ("manifest.json", "manifest.json", "application/json"),
)


class RunsDbt(Protocol):
    """What a run needs of dbt."""

    def run(self, arguments: Sequence[str]) -> Ended:
        """Run a command to its end."""


class Run:
    """One run."""

    def __init__(
        self,
        dbt: RunsDbt,
        *,
        target: Path,
        upload: Callable[[Path, Location, str, str], None],
        artifacts: Location | None,
        docs: Location | None,
    ) -> None:
        """Use a dbt.

        Args:
            dbt: What runs its commands.
            target: dbt's target folder.
            upload: Stores a file at a location, under a name and with a type.
            artifacts: Where this run's artifacts are kept.
            docs: Where the docs are published.
        """
        self._dbt = dbt
        self._target = target
        self._upload = upload
        self._artifacts = artifacts
        self._docs = docs

    def run(self, steps: Sequence[Step]) -> Failure | None:
        """Run all steps; return the first failure.

        A failed test does not keep the steps after it from running: files pile up and docs grow old
        whether the data is right or not. Any other failure does, as it may leave them half a lake.
        """
        first: Failure | None = None
        for step in steps:
            failure = self._run_step(step)
            first = first or failure
            if failure and failure.error != ErrorName.TEST_FAILED:
                break
        return first

    def _run_step(self, step: Step) -> Failure | None:
        results = self._target / RUN_RESULTS
        # What is there afterwards is this step's.
        results.unlink(missing_ok=True)
        ended = self._dbt.run([*step.command, "--target-path", str(self._target)])
        failure = failure_of(ended, _read(results))
        try:
            kept = self._keep(step, publish=failure is None)
        except (BotoCoreError, ClientError, S3UploadFailedError) as error:
            lost = f"the artifacts of `{step.name}` could not be stored: {error}"
            if failure is not None:
                return failure.with_line(lost)
            name = ErrorName.TRANSIENT if is_transient(str(error)) else ErrorName.RUN_FAILED
            return Failure(name, lost)
        return failure.with_line(f"artifacts: {kept}") if failure and kept else failure

    def _keep(self, step: Step, *, publish: bool) -> str | None:
        """Store what the step left; return where."""
        if publish and step == DOCS and self._docs is not None:
            for file, name, content_type in _DOCS:
                self._upload(self._target / file, self._docs, name, content_type)
        if self._artifacts is None:
            return None
        for name, content_type in _ARTIFACTS.items():
            # A dbt that could not begin leaves none.
            if (self._target / name).exists():
                self._upload(
                    self._target / name, self._artifacts, f"{step.name}/{name}", content_type
                )
        return f"{self._artifacts}{step.name}/"


def upload_to(s3: S3Client) -> Callable[[Path, Location, str, str], None]:
    """Return what stores a file in S3."""

    def upload(path: Path, location: Location, name: str, content_type: str) -> None:
        s3.upload_file(
            str(path),
            location.bucket,
            location.prefix + name,
            ExtraArgs={"ContentType": content_type},
        )

    return upload


def _read(path: Path) -> dict[str, Any] | None:
    try:
        results: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        # dbt writes it last: one that was killed leaves none, or a part of one.
        return None
    return results
