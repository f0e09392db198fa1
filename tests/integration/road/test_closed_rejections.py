"""What was closed as not to be fixed stays closed, whatever becomes of the lakehouse."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

import retailpulse.commands.quarantine
from retailpulse.cli import app
from retailpulse.local.home import Home
from tests.integration.road.test_corrections import created
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import Lakehouse, Rows

RUN = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
BUILD = (
    *("--select", "+quarantined_events_status", "reject_reasons"),
    *("--resource-type", "model", "--resource-type", "seed"),
)


def negative(event_id: str) -> bytes:
    return created(event_id, f"o-{event_id}", "2026-03-09T10:00:00Z", -1, "EUR")


def statuses(lakehouse: Lakehouse) -> Rows:
    return lakehouse.query(
        "select event_id, status from retailpulse_silver.quarantined_events_status order by 1"
    )


def test_a_closing_outlasts_the_lakehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    project, root = tmp_path / "project", tmp_path / "home"
    project_following(project)
    lakehouse = Lakehouse(root, project)
    home = Home(project, root)
    monkeypatch.setattr(retailpulse.commands.quarantine, "find_home", lambda: home)

    def quarantine(*options: str, exit_code: int = 0) -> str:
        result: Result = CliRunner().invoke(app, ["quarantine", *options])
        assert result.exit_code == exit_code, result.output
        return result.output

    lakehouse.land([negative("e1"), negative("e2")], RUN - HOUR, "a", source="till")
    lakehouse.land([negative("e3")], RUN - HOUR, "b", source="shop")
    lakehouse.build(*BUILD, at=RUN)
    assert statuses(lakehouse) == [("e1", "open"), ("e2", "open"), ("e3", "open")]

    one = ("--reason", "invalid_value", "--event-id", "e3")
    till = ("--reason", "invalid_value", "--source", "till")
    note = ("--note", "a till in training")
    assert "1 event would be closed" in quarantine("--close", *one, *note, "--dry-run")
    assert "1 event closed" in quarantine("--close", *one, *note)
    assert "2 events closed" in quarantine("--close", *till, *note)
    lakehouse.build(command="seed")
    assert statuses(lakehouse) == [("e1", "closed"), ("e2", "closed"), ("e3", "closed")]
    assert "nothing to close" in quarantine("--close", *till, *note)
    assert "0 events would be sent" in quarantine("--replay", "--dry-run")
    assert "a till in training" in quarantine()

    # What comes later is open, the closed events that come again are closed.
    lakehouse.land([negative("e1"), negative("e4")], RUN + HOUR, "c", source="till")
    (root / "catalog.sqlite").unlink()
    shutil.rmtree(root / "data")
    lakehouse.build(*BUILD, at=RUN + 2 * HOUR)
    rebuilt = [("e1", "closed"), ("e1", "closed"), ("e2", "closed"), ("e3", "closed")]
    assert statuses(lakehouse) == [*rebuilt, ("e4", "open")]

    assert "nothing was closed" in quarantine("--reopen", *one[:2], exit_code=2)
    assert "1 closings taken back" in quarantine("--reopen", *till)
    lakehouse.build(command="seed")
    assert statuses(lakehouse) == [
        ("e1", "open"), ("e1", "open"), ("e2", "open"), ("e3", "closed"), ("e4", "open")
    ]  # fmt: skip
