from __future__ import annotations

from datetime import UTC, datetime

import pytest

from retailpulse.cloud.scheduled.settings import Location, Settings, read_settings
from retailpulse.errors import SetupError

NOW = datetime(2026, 1, 14, 20, 5, 7, tzinfo=UTC)


def test_settings_are_read() -> None:
    environment = {
        "RETAILPULSE_RUN_ID": "fast-1/2",
        "RETAILPULSE_TASK_TOKEN": "token",
        "RETAILPULSE_ARTIFACTS": "s3://artifacts/runs/",
        "RETAILPULSE_DOCS": "s3://docs/",
    }
    assert read_settings(environment, NOW) == Settings(
        "fast-1/2", "token", Location("artifacts", "runs/"), Location("docs", "")
    )


def test_by_hand_nothing_is_needed() -> None:
    empty = {"RETAILPULSE_TASK_TOKEN": ""}
    assert read_settings(empty, NOW) == Settings("by-hand/2026-01-14T20-05-07", None, None, None)


@pytest.mark.parametrize("given", ["artifacts", "s3://", "s3:///runs/", "s3://bucket/runs"])
def test_what_is_no_location_is_refused(given: str) -> None:
    with pytest.raises(SetupError, match=r"RETAILPULSE_DOCS is .*: it must be s3://<bucket>/"):
        read_settings({"RETAILPULSE_DOCS": given}, NOW)
