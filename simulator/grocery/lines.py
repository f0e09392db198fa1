"""From rows to the lines of a file, some of them faulty; and what has to become of each fault."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from random import Random
from typing import Any, Final, NamedTuple

from simulator.grocery.tables import Cells, Table

ACCEPTED: Final = "accepted"
REPEATED: Final = "repeated"
CORRECTED: Final = "corrected"
SKIPPED: Final = "skipped"
QUARANTINED: Final = "quarantined"

_MALFORMED: Final = "malformed_payload"
_FAULTS: Final = (
    *("repeated_row", "corrected_row", "repeated_header", "blank_line"),
    *("open_quote", "missing_cell", "not_utf_8", "faulty_cell"),
)


class Line(NamedTuple):
    """A physical line of a file.

    Attributes:
        text: Its bytes, without its end.
        outcome: What has to become of it.
        fault: What was done to it; None to nearly all.
        reject_reason: Why it is quarantined.
    """

    text: bytes
    outcome: str = ACCEPTED
    fault: str | None = None
    reject_reason: str | None = None


def lines_of(
    table: Table, rows: Iterable[Any], random: Random | None, fault_rate: float
) -> Iterator[Line]:
    """Yield a file's lines, the header first: those of its rows, and faulty ones among them.

    No row is spoilt by a fault: what is rejected is of a key of its own, and a correction comes
    behind what it corrects.

    Args:
        table: What the rows are.
        rows: The rows, in their order.
        random: Decides over faults; None for a file without any.
        fault_rate: How many faults there are to a row.
    """
    yield _line(table.header, SKIPPED)
    for number, row in enumerate(rows):
        cells = table.cells(row)
        if random is None or random.random() >= fault_rate:
            yield _line(cells)
            continue
        fault = _FAULTS[int(random.random() * len(_FAULTS))]
        yield from _faulty(table, cells, fault, f"x{number}", random)


def _faulty(table: Table, cells: Cells, fault: str, own_id: str, random: Random) -> Iterator[Line]:
    """Yield the line of a row, and what a fault adds to it."""
    good = _line(cells)
    foreign = _with(cells, table.keys[0], own_id)
    match fault:
        case "repeated_row":
            yield good
            yield good._replace(outcome=REPEATED, fault=fault)
        case "corrected_row":
            at, former = table.correctable
            yield _line(_with(cells, at, former), CORRECTED, fault)
            yield good
        case "repeated_header":
            yield _line(table.header, SKIPPED, fault)
            yield good
        case "blank_line":
            yield Line(b"", SKIPPED, fault)
            yield good
        case "open_quote":
            # Whatever follows, up to the next quote: only this line is lost.
            yield Line(b'"' + ",".join(foreign).replace('"', "").encode(), *_lost(fault))
            yield good
        case "missing_cell":
            yield _line(foreign[:-1], *_lost(fault))
            yield good
        case "not_utf_8":
            broken = _text(foreign).encode() + b"\xff"
            yield Line(broken, QUARANTINED, fault, "undecodable_payload")
            yield good
        case "faulty_cell":
            at, text, reason = random.choice(table.faulty)
            yield _line(_with(foreign, at, text), QUARANTINED, fault, reason)
            yield good


def _lost(fault: str) -> tuple[str, str, str]:
    return QUARANTINED, fault, _MALFORMED


def _line(
    cells: Sequence[str], outcome: str = ACCEPTED, fault: str | None = None, why: str | None = None
) -> Line:
    return Line(_text(cells).encode(), outcome, fault, why)


def _text(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(cells)
    return text.getvalue()


def _with(cells: Cells, at: int, value: str) -> Cells:
    return *cells[:at], value, *cells[at + 1 :]
