from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from boto3.exceptions import S3UploadFailedError

from retailpulse.cloud.scheduled.kinds import STEPS, Kind
from retailpulse.cloud.scheduled.outcome import Ended, ErrorName
from retailpulse.cloud.scheduled.run import Run
from retailpulse.cloud.scheduled.settings import Location

ARTIFACTS = Location("artifacts", "runs/daily-1/1/")
DOCS = Location("docs", "")


class FakeDbt:
    """Leaves files as dbt does; the first command that a failure is named for fails."""

    def __init__(self, target: Path, failures: dict[str, tuple[str, str]] | None = None) -> None:
        self.commands: list[str] = []
        self._target = target
        self._failures = failures or {}

    def run(self, arguments: Sequence[str]) -> Ended:
        command, target_path, target = arguments[:-2], *arguments[-2:]
        assert (target_path, target) == ("--target-path", str(self._target))
        self.commands.append(" ".join(command))
        status, message = self._failures.get(command[0], ("success", "OK"))
        node = {"unique_id": "model.retailpulse.orders", "status": status, "message": message}
        (self._target / "manifest.json").write_text("{}")
        (self._target / "run_results.json").write_text(json.dumps({"results": [node]}))
        if command[0] == "docs":
            (self._target / "static_index.html").write_text("<html>")
            (self._target / "catalog.json").write_text("{}")
        return Ended(int(status != "success"), ())


class FakeS3:
    def __init__(self, error: Exception | None = None) -> None:
        self.stored: dict[str, str] = {}
        self._error = error

    def upload(self, path: Path, location: Location, name: str, content_type: str) -> None:
        if self._error:
            raise self._error
        assert path.exists()
        self.stored[f"{location}{name}"] = content_type


def run(dbt: FakeDbt, s3: FakeS3, target: Path, artifacts: Location | None = ARTIFACTS) -> Run:
    return Run(dbt, target=target, upload=s3.upload, artifacts=artifacts, docs=DOCS)


@pytest.mark.parametrize(
    ("kind", "commands"),
    [
        (Kind.FAST, ["build --selector fast"]),
        (Kind.HOURLY, ["run-operation compact", "test --selector hourly"]),
        (Kind.DAILY, ["build", "run-operation upkeep", "docs generate --static"]),
    ],
)
def test_each_kind_runs_its_commands(kind: Kind, commands: list[str], tmp_path: Path) -> None:
    dbt = FakeDbt(tmp_path)
    assert run(dbt, FakeS3(), tmp_path).run(STEPS[kind]) is None
    assert dbt.commands == commands


def test_artifacts_of_each_step_are_kept_and_docs_published(tmp_path: Path) -> None:
    s3 = FakeS3()
    assert run(FakeDbt(tmp_path), s3, tmp_path).run(STEPS[Kind.DAILY]) is None
    assert set(s3.stored) == {
        f"s3://artifacts/runs/daily-1/1/{step}/{name}"
        for step in ("build", "upkeep", "docs")
        for name in ("manifest.json", "run_results.json")
    } | {"s3://docs/index.html", "s3://docs/catalog.json", "s3://docs/manifest.json"}
    assert s3.stored["s3://docs/index.html"] == "text/html; charset=utf-8"


def test_maintenance_and_docs_follow_a_failed_test_which_is_what_is_told(tmp_path: Path) -> None:
    dbt = FakeDbt(tmp_path, {"build": ("fail", "Got 2 results"), "docs": ("error", "no catalog")})
    s3 = FakeS3()
    failure = run(dbt, s3, tmp_path).run(STEPS[Kind.DAILY])
    assert [command.split()[0] for command in dbt.commands] == ["build", "run-operation", "docs"]
    assert failure is not None
    assert failure.error == ErrorName.TEST_FAILED
    assert failure.cause.endswith("artifacts: s3://artifacts/runs/daily-1/1/build/")
    assert "s3://docs/index.html" not in s3.stored


def test_nothing_follows_any_other_failure(tmp_path: Path) -> None:
    dbt = FakeDbt(tmp_path, {"build": ("error", "SYNTAX_ERROR")})
    failure = run(dbt, FakeS3(), tmp_path).run(STEPS[Kind.DAILY])
    assert dbt.commands == ["build"]
    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED


def test_results_of_an_earlier_step_are_not_taken_for_a_later_ones(tmp_path: Path) -> None:
    class Killed(FakeDbt):
        def run(self, arguments: Sequence[str]) -> Ended:
            if arguments[0] == "run-operation":
                return Ended(-9, ["upkeep: orders"])
            return super().run(arguments)

    failure = run(Killed(tmp_path), FakeS3(), tmp_path).run(STEPS[Kind.DAILY])
    assert failure is not None
    assert failure.cause.startswith("dbt was killed by signal 9:\nupkeep: orders")


def test_half_of_a_results_file_counts_as_none(tmp_path: Path) -> None:
    class Cut(FakeDbt):
        def run(self, arguments: Sequence[str]) -> Ended:
            (self._target / "run_results.json").write_text('{"results": [')
            return Ended(-9, ["1 of 2"])

    failure = run(Cut(tmp_path), FakeS3(), tmp_path).run(STEPS[Kind.FAST])
    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("An error occurred (SlowDown) when calling the PutObject operation", "Transient"),
        ("An error occurred (AccessDenied) when calling the PutObject operation", "RunFailed"),
    ],
)
def test_artifacts_that_cannot_be_kept_fail_the_run(
    message: str, error: str, tmp_path: Path
) -> None:
    s3 = FakeS3(S3UploadFailedError(message))
    failure = run(FakeDbt(tmp_path), s3, tmp_path).run(STEPS[Kind.FAST])
    assert failure is not None
    assert (failure.error, message in failure.cause) == (error, True)


def test_dbts_own_failure_outweighs_that_of_the_artifacts(tmp_path: Path) -> None:
    s3 = FakeS3(S3UploadFailedError("SlowDown"))
    failure = run(FakeDbt(tmp_path, {"build": ("fail", "Got 2")}), s3, tmp_path).run(
        STEPS[Kind.FAST]
    )
    assert failure is not None
    assert failure.error == ErrorName.TEST_FAILED
    assert "could not be stored: SlowDown" in failure.cause


def test_without_a_place_no_artifacts_are_kept(tmp_path: Path) -> None:
    s3 = FakeS3()
    assert run(FakeDbt(tmp_path), s3, tmp_path, artifacts=None).run(STEPS[Kind.FAST]) is None
    assert s3.stored == {}
