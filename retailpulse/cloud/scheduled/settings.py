"""What a scheduled run is told by its environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from retailpulse.errors import SetupError


@dataclass(frozen=True, slots=True)
class Location:
    """A place in S3.

    Attributes:
        bucket: The bucket.
        prefix: Empty, or ending in a slash.
    """

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"s3://{self.bucket}/{self.prefix}"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a run.

    Attributes:
        run_id: What its artifacts are kept under; it may hold slashes.
        task_token: What Step Functions waits for; None where a person runs it.
        artifacts: Where runs keep their artifacts; None to keep none.
        docs: Where the docs are published; None to publish none.
    """

    run_id: str
    task_token: str | None
    artifacts: Location | None
    docs: Location | None


def read_settings(environment: Mapping[str, str], now: datetime) -> Settings:
    """Read the settings.

    Args:
        environment: The environment's variables; an empty one counts as missing.
        now: When the run starts, which names it where nothing else does.

    Raises:
        SetupError: A location is not one.
    """
    return Settings(
        run_id=environment.get("RETAILPULSE_RUN_ID") or f"by-hand/{now:%Y-%m-%dT%H-%M-%S}",
        task_token=environment.get("RETAILPULSE_TASK_TOKEN") or None,
        artifacts=_location(environment, "RETAILPULSE_ARTIFACTS"),
        docs=_location(environment, "RETAILPULSE_DOCS"),
    )


@dataclass(frozen=True, slots=True)
class PullSettings:
    """What a pull takes besides.

    Attributes:
        raw: The raw zone.
        raw_table: The database and the table of Glue that list its event types.
    """

    raw: Location
    raw_table: tuple[str, str]


def read_pull_settings(environment: Mapping[str, str]) -> PullSettings:
    """Read the settings of a pull.

    Raises:
        SetupError: One is missing, or is none.
    """
    raw = _location(environment, "RETAILPULSE_RAW")
    if raw is None:
        raise SetupError("RETAILPULSE_RAW is not set: it must be the raw zone, s3://<bucket>/")
    database, _, table = environment.get("RETAILPULSE_RAW_TABLE", "").partition(".")
    if not database or not table:
        raise SetupError("RETAILPULSE_RAW_TABLE must be Glue's raw table, <database>.<table>")
    return PullSettings(raw, (database, table))


def _location(environment: Mapping[str, str], name: str) -> Location | None:
    given = environment.get(name)
    if not given:
        return None
    bucket, _, prefix = given.removeprefix("s3://").partition("/")
    if not given.startswith("s3://") or not bucket or (prefix and not prefix.endswith("/")):
        raise SetupError(f"{name} is {given}: it must be s3://<bucket>/ or s3://<bucket>/<prefix>/")
    return Location(bucket, prefix)
