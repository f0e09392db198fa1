"""`retailpulse raw`: damaged objects are named, taken out and put back."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

from tests.integration.cli.conftest import Cli


def cut(home: Path) -> tuple[Path, bytes]:
    """Cut the one object of order_created off; its path and whole content."""
    (path,) = (home / "raw/events/event_type=order_created").rglob("*.ndjson.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    return path, whole


def test_a_damaged_object_is_named_set_aside_and_put_back(empty: Cli, entry_file: Path) -> None:
    empty.ok("ingest", str(entry_file))
    empty.ok("raw", "check")
    path, whole = cut(empty.home.resolve())
    key = path.relative_to(empty.home.resolve() / "raw").as_posix()

    checked = empty("raw", "check")

    assert checked.exit_code == 1
    assert f"{key}\n  is cut off" in checked.stdout
    assert "1 of 1 raw objects are damaged or foreign" in checked.stderr

    written = empty.ok("raw", "set-aside", key)

    assert f"{key}: set aside; 1 envelopes stay, in {key[: -len('.ndjson.gz')]}.kept" in written
    assert "Next: retailpulse backfill --from " in written
    assert "Set aside, and read by nobody: 1 in" in empty.ok("raw", "check")

    (empty.home / "raw/set_aside" / key).write_bytes(whole)
    empty.ok("raw", "restore", key)

    assert "Set aside" not in empty.ok("raw", "check")
    assert path.read_bytes() == whole
    assert list(path.parent.iterdir()) == [path]


def test_what_is_no_object_is_refused(empty: Cli) -> None:
    assert "there is no raw zone" in empty.refused("raw", "check")
    assert "there is no object a" in empty.refused("raw", "set-aside", "a")
    assert "there is no object a" in empty.refused("raw", "restore", "a")


def test_a_backfill_reads_no_damaged_object(cli: Cli) -> None:
    path, whole = cut(cli.home)
    day = date.fromisoformat(path.parent.parent.name.removeprefix("dt="))

    told = cli("backfill", "--from", str(day), "--to", str(day + timedelta(days=1)))

    path.write_bytes(whole)
    assert told.exit_code == 1
    assert f"/{path.name} is cut off" in told.stderr
    assert "nothing was read again" in told.stderr
