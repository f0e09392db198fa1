"""Random tables in random dialects, with faults: each row is in silver or in quarantine, once.

The files are only collected, and landed and built together: a build per example would take minutes.
"""

from __future__ import annotations

import base64
import codecs
import csv
import gzip
import io
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import zstandard
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from ingestion.sources.__main__ import main
from tests.support.progress import run
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import Lakehouse

FILES: Final = 60
MODELS: Final = ("--exclude-resource-type", "test", "--exclude-resource-type", "unit_test")

COLUMNS: Final = """\
key: id
columns:
  - {column: id, type: identifier}
  - {column: note, type: text}
  - {column: amount, type: amount}
  - {column: pieces, type: integer}
"""


@dataclass(frozen=True)
class Dialect:
    """How files of a feed are written."""

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    thousands: str = ""
    has_header: bool = True
    mark: bytes = b""

    @property
    def feed(self) -> str:
        """What ingestion/feeds says of it."""
        said: dict[str, Any] = {
            "encoding": self.encoding,
            "delimiter": self.delimiter,
            "decimal_separator": self.decimal,
            "header": self.has_header,
        }
        if self.thousands:
            said["thousands_separator"] = self.thousands
        return COLUMNS + "".join(f"{name}: {json.dumps(value)}\n" for name, value in said.items())

    def number(self, value: Decimal, *, grouped: bool) -> str:
        text = f"{value:,}" if grouped and self.thousands else f"{value}"
        spelled = {",": self.thousands, ".": self.decimal}
        return "".join(spelled.get(character, character) for character in text)


DIALECTS: Final = {
    "plain": Dialect(),
    "german": Dialect("cp1252", ";", ",", "."),
    "wide": Dialect("utf-16", "\t", has_header=False, mark=codecs.BOM_UTF16_LE),
    "piped": Dialect("latin-1", "|", thousands="'"),
}
PACKED: Final[Sequence[tuple[str, Callable[[bytes], bytes]]]] = (
    ("", bytes),
    (".gz", gzip.compress),
    (".zst", zstandard.ZstdCompressor().compress),
)

Row = tuple[str, str | None, Decimal | None, int | None]


@dataclass
class Written:
    """A file, and what has to become of it."""

    body: bytes
    rows: list[Row] = field(default_factory=list)
    lost: list[bytes] = field(default_factory=list)
    """Lines that are no row."""
    rejected: list[str] = field(default_factory=list)
    """The ids of rows with a value that cannot be read."""


def notes(dialect: Dialect, *, may_be_quoted: bool) -> st.SearchStrategy[str]:
    if not may_be_quoted:
        return st.from_regex(r"\A[a-z]{0,9}\Z", fullmatch=True)
    codec = "utf-8" if dialect.encoding == "utf-16" else dialect.encoding
    letters = st.characters(codec=codec, exclude_characters="\r\0")
    return st.text(letters | st.sampled_from('"\n,;|\t '), max_size=12)


@st.composite
def tables(draw: st.DrawFn, name: str, number: int) -> Written:
    dialect = DIALECTS[name]
    # What an open quote takes for its end another line's quote could be.
    has_open_quotes = draw(st.booleans())
    text = io.StringIO()
    written = Written(b"")
    end = draw(st.sampled_from(["\n", "\r\n"]))
    writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=end)
    if dialect.has_header:
        writer.writerow(
            draw(
                st.sampled_from(
                    [("id", "note", "amount", "pieces"), ("ID", "Note", " amount", "PIECES")]
                )
            )
        )
    faults = ["cells", "nul", "amount", *(["quote"] if has_open_quotes else [])]
    for row in range(draw(st.integers(0, 12))):
        id_ = f"f{number}r{row}"
        if draw(st.integers(0, 4)) == 0:
            _fault(draw(st.sampled_from(faults)), f"x{id_}", dialect, text, written, end)
        note = draw(notes(dialect, may_be_quoted=not has_open_quotes))
        amount = draw(st.none() | st.decimals(0, 10**9, places=2))
        pieces = draw(st.none() | st.integers(-(10**6), 10**6))
        cells = (
            id_,
            note,
            "" if amount is None else dialect.number(amount, grouped=draw(st.booleans())),
            "" if pieces is None else str(pieces),
        )
        writer.writerow(cells)
        written.rows.append((id_, note or None, amount, pieces))
    body = text.getvalue()
    if draw(st.booleans()):
        # Without the end of its last line.
        body = body.removesuffix(end)
    encoding = "utf-16-le" if dialect.encoding == "utf-16" else dialect.encoding
    written.body = dialect.mark + body.encode(encoding)
    return written


def _fault(
    fault: str, id_: str, dialect: Dialect, text: io.StringIO, written: Written, end: str
) -> None:
    d = dialect.delimiter
    line = {
        "cells": f"{id_}{d}note{d}1",
        "nul": f"{id_}{d}no\0te{d}1{d}1",
        "quote": f'"{id_}{d}note{d}1{d}1',
        "amount": f"{id_}{d}note{d}n/a{d}1",
    }[fault]
    text.write(line + end)
    if fault == "amount":
        written.rejected.append(id_)
    else:
        written.lost.append(line.encode())


def drawn_files() -> dict[str, Written]:
    files: dict[str, Written] = {}

    @settings(
        max_examples=FILES,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(DIALECTS)))
        suffix, pack = data.draw(st.sampled_from(PACKED))
        number = len(files)
        written = data.draw(tables(name, number))
        written.body = pack(written.body)
        files[f"{name}_{number}.csv{suffix}"] = written

    collect()
    return files


def test_each_row_is_in_silver_or_in_quarantine_once(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project")
    for name, dialect in DIALECTS.items():
        feed = project / f"ingestion/feeds/{name}.yml"
        feed.write_text(f"files: {name}_*.csv\n{dialect.feed}", encoding="utf-8")
    assert main([], project, {}) == 0
    files = drawn_files()
    dropped = tmp_path / "dropped"
    dropped.mkdir()
    for name, written in files.items():
        (dropped / name).write_bytes(written.body)
    (tmp_path / "home").mkdir()
    lakehouse = Lakehouse(tmp_path / "home", project)
    environment = os.environ | {"PYTHONPATH": str(project)} | lakehouse.environment
    command = [str(Path(sys.executable).with_name("retailpulse")), "drop"]
    told = run([*command, *map(str, sorted(dropped.iterdir()))], cwd=project, env=environment)
    # One that has no header, as it has nothing at all, is set aside.
    empty = {n for n, w in files.items() if not (w.rows or w.lost or w.rejected)}
    assert told.returncode == 0 or empty, told.stdout
    lakehouse.build(*MODELS)

    for name in DIALECTS:
        of_feed = [written for file, written in files.items() if file.startswith(f"{name}_")]
        rows = Counter(row for written in of_feed for row in written.rows)
        assert rows, "files of each dialect were drawn"
        found = lakehouse.query(f"select id, note, amount, pieces from retailpulse_silver.{name}")
        assert Counter(found) == rows, name
        versions = lakehouse.query(f"select id from retailpulse_silver.{name}_versions")
        assert Counter(id_ for (id_,) in versions) == Counter(row[0] for row in rows), name
        lines = [
            json.loads(line)
            for (line,) in lakehouse.query(
                f"select line from retailpulse_silver.{name}_versions_quarantined"
            )
        ]
        assert sorted(line["payload"]["data"]["id"] for line in lines if _is_row(line)) == sorted(
            id_ for written in of_feed for id_ in written.rejected
        )
    lost = [
        _bytes_of(json.loads(line))
        for (line,) in lakehouse.query("select line from retailpulse_silver.operations_quarantined")
    ]
    assert Counter(lost) == Counter(line for written in files.values() for line in written.lost)


def _is_row(line: dict[str, Any]) -> bool:
    return bool(line["payload_encoding"] == "json")


def _bytes_of(line: dict[str, Any]) -> bytes:
    payload: str = line["payload"]
    return base64.b64decode(payload) if line["payload_encoding"] == "base64" else payload.encode()
