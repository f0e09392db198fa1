from __future__ import annotations

import gzip
import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from retailpulse.local.landing import Landing
from tests.integration.cli.conftest import ENTRY, Cli

FLAT = b'{"event_id":"f1","event_type":"order_created","amount":1.10}'
CLOUD = b'{"specversion":"1.0","id":"c1","type":"order_created","source":"shop","data":{}}'


def landed(cli: Cli) -> dict[str, dict[str, Any]]:
    """The envelopes in the raw zone, by message id."""
    files = sorted(cli.home.glob("raw/events/*/*/*/*.ndjson.gz"))
    lines = [line for file in files for line in gzip.decompress(file.read_bytes()).splitlines()]
    envelopes = [json.loads(line) for line in lines]
    return {envelope["message_id"]: envelope for envelope in envelopes}


def test_every_form_of_file(empty: Cli, tmp_path: Path) -> None:
    lines = b"\n".join([FLAT, b"", CLOUD, ENTRY.encode(), b"\xff", b"oops"])
    (tmp_path / "lines.ndjson").write_bytes(lines)
    (tmp_path / "entries.json").write_text(
        json.dumps({"Entries": [json.loads(ENTRY)] * 2}, indent=2)
    )
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "lines.ndjson").write_bytes(FLAT)
    told = empty.ok(
        "ingest",
        *(str(tmp_path / name) for name in ("lines.ndjson", "entries.json", "other/lines.ndjson")),
    )
    assert "8 events landed: 0 of unknown type, 2 malformed, 0 oversized" in told
    assert "dbt build" in told
    assert "2 are malformed" in told
    assert "retailpulse quarantine" in told
    envelopes = landed(empty)
    assert [envelopes[f"lines.ndjson#{row:012d}"]["event_id"] for row in (2, 3)] == [
        "c1",
        "test-100",
    ]
    assert envelopes["lines.ndjson#000000000004"]["payload_encoding"] == "base64"
    entry = envelopes["entries.json#000000000002"]
    assert (entry["source"], entry["event_name"]) == ("retailpulse", "order_created")


def test_standard_input(empty: Cli) -> None:
    assert "2 events landed" in empty.ok("ingest", "-", stdin=FLAT + b"\n" + CLOUD + b"\n")
    assert set(landed(empty)) == {"-#000000000001", "-#000000000002"}


def test_files_as_people_have_them(empty: Cli, tmp_path: Path) -> None:
    pretty = json.dumps([json.loads(FLAT), json.loads(CLOUD)], indent=2).encode()
    (tmp_path / "a.json.gz").write_bytes(gzip.compress(pretty))
    (tmp_path / "b.json").write_text(pretty.decode(), encoding="utf-16")
    (tmp_path / "c.json").write_bytes(b"\xef\xbb\xbf" + FLAT + CLOUD)
    (tmp_path / "empty.json").touch()
    notification = {
        "Type": "Notification",
        "MessageId": "n1",
        "TopicArn": "arn:aws:sns:eu-west-1:111122223333:orders",
        "Message": f"[{FLAT.decode()}, {FLAT.decode()}]",
        "Timestamp": "2026-01-14T20:00:01.000Z",
    }
    (tmp_path / "sns.json").write_text(json.dumps(notification))
    told = empty.ok("ingest", *(str(file) for file in sorted(tmp_path.glob("*.json*"))))
    assert "8 events landed: 0 of unknown type, 0 malformed" in told
    assert "malformed:" not in told
    assert {envelope["event_id"] for envelope in landed(empty).values()} == {"f1", "c1"}
    assert "sns.json#000000000001#2" in landed(empty)


def test_a_file_without_an_event_lands_nothing_of_any(empty: Cli, tmp_path: Path) -> None:
    (tmp_path / "good.ndjson").write_bytes(FLAT)
    (tmp_path / "orders.csv").write_bytes(b"order_id,amount\n1,2.50\n" * 1_000)
    cut = gzip.compress(b"\n".join([FLAT] * 3))[:-9]
    (tmp_path / "cut.ndjson.gz").write_bytes(cut)
    for name, reason in {"orders.csv": "is CSV", "cut.ndjson.gz": "gzip"}.items():
        told = empty.refused(
            "ingest", str(tmp_path / "good.ndjson"), str(tmp_path / name), exit_code=1
        )
        assert name in told
        assert reason in told
    assert not landed(empty)
    # A pipe cannot be looked at beforehand: it says what has landed of it.
    for stdin, reason in {b"1;2\n3;4\n": "CSV", cut: "0 events landed before that"}.items():
        result = empty("ingest", "-", stdin=stdin)
        assert (result.exit_code, reason in result.stderr) == (1, True)


def test_strict_ends_with_an_error_where_a_part_is_malformed(empty: Cli, tmp_path: Path) -> None:
    (tmp_path / "good.ndjson").write_bytes(FLAT)
    (tmp_path / "part.ndjson").write_bytes(FLAT + b"\noops\n")
    empty.ok("ingest", "--strict", str(tmp_path / "good.ndjson"))
    told = empty.refused("ingest", "--strict", str(tmp_path / "part.ndjson"), exit_code=1)
    assert "1 of 2 events" in told
    assert len(landed(empty)) == 3


def test_nothing_lands_if_a_file_is_missing(empty: Cli, tmp_path: Path) -> None:
    good = tmp_path / "good.ndjson"
    good.write_bytes(FLAT)
    assert "no file" in empty.refused("ingest", str(good), str(tmp_path / "missing"))
    assert "folder" in empty.refused("ingest", str(good), str(tmp_path))
    assert not empty.home.exists()


def test_a_home_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "good.ndjson").write_bytes(FLAT)
    good = str(tmp_path / "good.ndjson")
    assert "RETAILPULSE_HOME" in Cli(tmp_path / "file").refused("ingest", good)
    assert "RETAILPULSE_HOME" in Cli(tmp_path / "file" / "lake").refused("ingest", good)


def test_a_raw_zone_that_cannot_be_written_fails_with_the_count(
    empty: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "retailpulse.commands.ingest.Landing", partial(Landing, seconds_for_a_batch=0.3)
    )
    empty.home.mkdir()
    (empty.home / "raw").touch()
    (tmp_path / "good.ndjson").write_bytes(FLAT + b"\n" + CLOUD)
    told = empty.refused("ingest", str(tmp_path / "good.ndjson"), exit_code=1)
    assert "2 events did not land, from good.ndjson#000000000001" in told
    assert "run the same command again" in told


def test_a_simulation_is_ingested_whole(empty: Cli, tmp_path: Path) -> None:
    out = tmp_path / "simulated"
    told = empty.ok("simulate", "--events", "500", "--seed", "7", "--out", str(out))
    events = out / "events.ndjson"
    count = events.read_bytes().count(b"\n")
    assert f"{count} events in {events}" in told
    assert f"{count} events landed" in empty.ok("ingest", str(events))
    again = tmp_path / "again"
    empty.ok("simulate", "--events", "500", "--seed", "7", "--out", str(again))
    assert (again / "events.ndjson").read_bytes() == events.read_bytes()
    clean = tmp_path / "clean"
    empty.ok("simulate", "--events", "500", "--no-faults", "--out", str(clean))
    assert (clean / "expected.ndjson").read_bytes() == b""


def test_wrong_settings_are_said(empty: Cli, tmp_path: Path) -> None:
    """By the options that are wrong, and by no name that only the code has."""
    assert "--events must be at least 1" in empty.refused("simulate", "--events", "0")
    assert "--orders-per-day must be above 0" in empty.refused("simulate", "--orders-per-day", "0")
    assert "--seed must be 0 or more" in empty.refused("simulate", "--seed", "-1")
    assert "--start must be in the years" in empty.refused("simulate", "--start", "1999-01-01")
    assert "--events must be at least 1" in empty.refused("demo", "--events", "0")
    assert "--rate must be above 0" in empty.refused("live", "--rate", "0")
    (tmp_path / "file").touch()
    assert "--out" in empty.refused("simulate", "--out", str(tmp_path / "file"))
