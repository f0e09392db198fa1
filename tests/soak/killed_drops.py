"""`retailpulse drop` killed within a large file, and reading that goes on at any record."""

from __future__ import annotations

import io
import random
import re
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import duckdb

from ingestion.sources.__main__ import main as write_sources
from ingestion.sources.files.delivering import MOST_ROWS
from ingestion.sources.files.records import Batch, Records
from tests.soak.kills import Started, kill_after, lifetime, random_moments, start_in
from tests.soak.scenario import Outcome, Soak
from tests.support.project.copies import copy_project

GIGABYTES = 2.0
KILLS = 20
MOST_MEGABYTES = 150
RESUMPTIONS = 100_000

FEED = """\
files: big*.csv
key: id
columns:
  - {column: id, type: identifier}
  - {column: amount, type: amount}
  - {column: sold_at, type: instant}
  - {column: note, type: text}
"""
_NOTE = "a note that is as long as notes of tills are: who sold what to whom and why then. " * 2
_BROKEN_EVERY = 997
_CHUNK_ROWS = 20_000

# Of the few characters that mean something, and of bytes that are no text.
_PIECES = (b'"', b",", b"\n", b"\r\n", b"\r", b"a", b"bc", b"\xff", b"\0", b'""', "ä".encode())
_EVERYTHING = 1 << 40
_WIDTH = 2


def scenario(soak: Soak) -> Iterator[Outcome]:
    """Resume random texts at each of their records, and kill the landing of a large file."""
    yield _resumed(soak)
    yield from _killed(soak)


def _resumed(soak: Soak) -> Outcome:
    resumed, texts = 0, 0
    wrong: list[bytes] = []
    with soak.terminal.step("Going on at each record of random texts") as step:
        while resumed < RESUMPTIONS:
            text = b"".join(soak.rng.choices(_PIECES, k=soak.rng.randrange(60)))
            whole = _read(text)
            for row, offset in _places(whole):
                rest = _read(text, row, offset)
                is_same = _from(whole, row) == _from(rest, row)
                wrong += [] if is_same else [text]
                resumed += 1
            texts += 1
            step.update(f"{resumed:,} of {RESUMPTIONS:,}")
    return Outcome(
        f"reading goes on at each record of {texts:,} random texts",
        resumed,
        "what comes is the same",
        f"differs for {wrong[0]!r}" if wrong else "the same",
        not wrong,
    )


def _read(text: bytes, row: int = 0, offset: int = 0) -> Batch:
    lines = io.BufferedReader(io.BytesIO(text[offset:]))
    records = Records(lines, ",", width=_WIDTH, row=row, offset=offset)
    batch = records.read(_EVERYTHING, _EVERYTHING)
    assert batch.is_last
    assert batch.size == len(text) - offset
    return batch


def _places(batch: Batch) -> list[tuple[int, int]]:
    return [
        *zip(batch.rows, batch.offsets, strict=True),
        *((each.row, each.offset) for each in batch.unreadable),
    ]


def _from(batch: Batch, row: int) -> list[object]:
    records = zip(batch.rows, batch.offsets, batch.cells, strict=True)
    return [
        *(record for record in records if record[0] >= row),
        *(each for each in batch.unreadable if each.row >= row),
    ]


def _killed(soak: Soak) -> Iterator[Outcome]:
    project, home = soak.folder / "project", soak.folder / "lakehouse"
    copy_project(project)
    (project / "ingestion/feeds/big.yml").write_text(FEED, encoding="utf-8")
    assert write_sources(["big"], project, {}) == 0
    (home / "drop").mkdir(parents=True)
    with soak.terminal.step(f"Writing a file of {GIGABYTES} GB") as step:
        rows, cents = _write(home / "drop" / "big.csv", soak.rng)
        step.update(f"{rows:,} rows")
    environment = {"PYTHONPATH": f"{project}", "RETAILPULSE_HOME": f"{home}"}
    log = soak.folder / "drop.log"
    kills, seconds = 0, 0.0
    # In all about half of what landing takes, so that each finds it at work.
    for moment in random_moments(soak.rng, KILLS, rows / 100_000 / KILLS):
        with soak.terminal.step(f"Killed {moment + 2:.1f} s after its start"):
            seconds = moment + 2
            drop = start_in(project, environment, log, "retailpulse", "drop")
            kills += kill_after(drop, seconds)
    peak = _Peak()
    with soak.terminal.step("Landing the rest"):
        lifetime(start_in(project, environment, log, "retailpulse", "drop"), peak.note)
    with soak.terminal.step("Reading all that landed"):
        lines, ids, landed_cents, unreadable = _landed(home / "raw")
    broken = rows // _BROKEN_EVERY
    is_exact = (ids, landed_cents, unreadable) == (rows - broken, cents, broken)
    yield Outcome(
        f"SIGKILL while a file of {GIGABYTES} GB lands",
        kills,
        "the same command again: each row once, all amounts, a batch a kill landed twice at most",
        f"{ids:,} rows and {unreadable:,} lines that are none, {landed_cents / 100:,.2f} in all, "
        f"{lines - ids - unreadable:,} lines twice",
        is_exact and lines - ids - unreadable <= kills * MOST_ROWS,
    )
    yield Outcome(
        "memory",
        1,
        f"at most {MOST_MEGABYTES} MB",
        f"{peak.megabytes:.0f} MB",
        0 < peak.megabytes <= MOST_MEGABYTES,
    )


class _Peak:
    """The most memory that a process has had."""

    megabytes = 0.0

    def note(self, started: Started) -> bool:
        """Look at a process, as long as it is there."""
        with suppress(OSError):
            status = Path(f"/proc/{started.process.pid}/status").read_text(encoding="ascii")
            if found := re.search(r"VmHWM:\s+(\d+) kB", status):
                self.megabytes = max(self.megabytes, int(found[1]) / 1e3)
        return False


def _write(file: Path, rng: random.Random) -> tuple[int, int]:
    """Write the file; return its rows, and the sum of the amounts of those that are whole."""
    rows = cents = 0
    with file.open("wb") as out:
        out.write(b"id,amount,sold_at,note\n")
        while out.tell() < GIGABYTES * 1e9:
            amounts = [rng.randrange(1, 100_000) for _ in range(_CHUNK_ROWS)]
            lines = []
            for amount in amounts:
                rows += 1
                is_broken = rows % _BROKEN_EVERY == 0
                cents += 0 if is_broken else amount
                quote = '"' if is_broken else ""
                lines.append(
                    f"{rows},{amount // 100}.{amount % 100:02d},2026-01-15 10:00:00,{quote}{_NOTE}"
                )
            out.write("\n".join([*lines, ""]).encode())
    return rows, cents


def _landed(raw: Path) -> tuple[int, int, int, int]:
    """Return lines, rows, the sum of their amounts in cents, and the lines that are no row."""
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        found = connection.execute(
            """
            select sum(copies), count(*) filter (is_row), sum(cents), count(*) filter (not is_row)
            from (
                select
                    message_id,
                    payload_encoding = 'json' as is_row,
                    count(*) as copies,
                    cast(100 * cast(any_value(amount) as decimal(18, 2)) as bigint) as cents
                from (
                    select
                        message_id,
                        payload_encoding,
                        json_extract_string(payload, '$.data.amount') as amount
                    from read_ndjson(
                        ?,
                        columns = {
                            message_id: 'varchar', payload_encoding: 'varchar', payload: 'json'
                        }
                    )
                )
                group by all
            )
            """,
            [f"{raw}/events/*/*/*/*.ndjson.gz"],
        ).fetchone()
    assert found is not None
    lines, ids, cents, unreadable = (int(value) for value in found)
    return lines, ids, cents, unreadable
