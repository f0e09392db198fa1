"""How a pull begins, and how its end is named."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.errors import SourceError
from retailpulse.cloud.scheduled.interruption import StoppedError
from retailpulse.cloud.scheduled.listed_types import listed_types
from retailpulse.cloud.scheduled.outcome import ErrorName, Failure
from retailpulse.cloud.scheduled.pull_process import PullProcess
from retailpulse.cloud.scheduled.pulling import SourcePull

SHOP = """\
engine: postgresql
connection: SHOP_DATABASE_URL
tables:
  - {table: users, key: id, cursor: updated_at}
"""
ENVIRONMENT = {
    "RETAILPULSE_RAW": "s3://raw/",
    "RETAILPULSE_RAW_TABLE": "retailpulse_raw.events",
    "SHOP_DATABASE_URL": "postgresql://reader:s3cret-word@db.example.com/shop",
}


class FakeGlue:
    """Answers with a table, or an error."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def get_table(self, **_: str) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return {"Table": {"Parameters": {"projection.event_type.values": self.answer}}}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "ingestion/sources").mkdir(parents=True)
    (tmp_path / "ingestion/sources/shop.yml").write_text(SHOP)
    (tmp_path / "dbt_project.yml").write_text("vars: {disabled_sources: []}")
    return tmp_path


def run(
    project: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    glue: Any = "shop_users,unknown",
    source: str = "shop",
    log: list[str] | None = None,
    environment: dict[str, str] | None = None,
) -> Failure | None:
    monkeypatch.setattr("boto3.client", lambda *_, **__: FakeGlue(glue))
    lines = [] if log is None else log
    return PullProcess(project, ENVIRONMENT | (environment or {}), lines.append).run(source)


@pytest.mark.parametrize(
    ("environment", "told"),
    [
        ({"RETAILPULSE_RAW": ""}, "RETAILPULSE_RAW is not set"),
        ({"RETAILPULSE_RAW": "raw"}, "RETAILPULSE_RAW is raw: it must be s3://"),
        ({"RETAILPULSE_RAW_TABLE": "events"}, "must be Glue's raw table"),
        ({"SHOP_DATABASE_URL": ""}, "shop: SHOP_DATABASE_URL is empty"),
    ],
)
def test_a_setting_that_is_wrong_is_told(
    environment: dict[str, str], told: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = run(project, monkeypatch, environment=environment)

    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED
    assert told in failure.cause


def test_a_source_that_is_disabled_is_refused(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project / "dbt_project.yml").write_text("vars: {disabled_sources: [shop]}")

    failure = run(project, monkeypatch)

    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED
    assert failure.cause.startswith("shop is left out: it is among the disabled_sources")


def test_a_source_that_is_none_is_told(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (project / "ingestion/sources/till.yml").write_text("engine: oracle")

    failure = run(project, monkeypatch)

    assert failure is not None
    assert failure.cause.startswith("ingestion/sources/till.yml: engine must be")


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (ClientError({"Error": {"Code": "ThrottlingException"}}, "GetTable"), "Transient"),
        (EndpointConnectionError(endpoint_url="https://glue"), "Transient"),
        (ClientError({"Error": {"Code": "AccessDeniedException"}}, "GetTable"), "RunFailed"),
        (ClientError({"Error": {"Code": "EntityNotFoundException"}}, "GetTable"), "RunFailed"),
    ],
)
def test_what_aws_refuses_is_tried_again_where_it_passes(
    error: Exception, name: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failure = run(project, monkeypatch, glue=error)

    assert failure is not None
    assert failure.error == name


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (PullerMovedError("another puller"), "Transient"),
        (SourceError("grant what is missing"), "RunFailed"),
    ],
)
def test_a_source_that_cannot_be_pulled_at_all_fails(
    error: Exception, name: str, project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any) -> None:
        raise error

    log: list[str] = []
    monkeypatch.setattr("retailpulse.cloud.scheduled.pulling.connect", refuse)

    assert run(project, monkeypatch, log=log) == Failure(ErrorName(name), str(error))
    assert [json.loads(line) for line in log] == [
        {"event": "source_failed", "source": "shop", "reason": str(error)}
    ]


def test_a_pull_that_is_stopped_is_tried_again(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: Any) -> None:
        raise StoppedError("SIGTERM")

    monkeypatch.setattr(SourcePull, "run", stop)

    assert run(project, monkeypatch) == Failure(
        ErrorName.TRANSIENT, "the pull was stopped: SIGTERM"
    )


def test_a_fault_of_ours_is_told_without_what_it_says(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its text may quote a row, or the address."""

    def fail(_: SourcePull, address: str) -> None:
        raise ValueError(f"cannot read {address}")

    log: list[str] = []
    monkeypatch.setattr(SourcePull, "run", fail)

    failure = run(project, monkeypatch, log=log)

    assert failure is not None
    assert failure.error == ErrorName.RUN_FAILED
    assert "ValueError" in failure.cause
    assert "test_pull_process.py" in log[-1]
    assert "s3cret-word" not in failure.cause + "".join(log)


def test_the_types_that_a_table_lists() -> None:
    assert listed_types(FakeGlue("a,b,unknown"), "raw", "events") == {"a", "b", "unknown"}  # type: ignore[arg-type]
    assert listed_types(FakeGlue(""), "raw", "events") == frozenset()  # type: ignore[arg-type]
