"""What of the quarantine will not be fixed: the rows of the seed `quarantine_closings`.

A seed, because the decision must outlast the lakehouse and count on both engines, and because who
decides it for a team does so by a change of the project. `dbt seed` brings it to the lakehouse.
"""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple, Self

from retailpulse.errors import WorkError
from retailpulse.local.home import Home
from retailpulse.local.open_events import Selection

SEED: Final = Path("seeds/quarantine_closings.csv")


class Closing(NamedTuple):
    """A decision, as the seed has it.

    Attributes:
        reject_reason: The reason of the events that are closed.
        source: Their source; empty for any.
        event_id: Their id; empty for any.
        received_until: When the last of them was first received, RFC 3339. Later ones are open.
        note: Why they will not be fixed.
        closed_by: Who decided.
    """

    reject_reason: str
    source: str
    event_id: str
    received_until: str
    note: str
    closed_by: str

    @classmethod
    def of(cls, selection: Selection, until: datetime, note: str, closed_by: str) -> Self:
        """Close what is selected and was received by `until`, UTC without a zone."""
        return cls(
            selection.reason or "",
            selection.source or "",
            selection.event_id or "",
            f"{until.isoformat(timespec='microseconds')}Z",
            note,
            closed_by,
        )

    def is_of(self, selection: Selection) -> bool:
        """Whether it was made with exactly this selection."""
        given = (selection.reason or "", selection.source or "", selection.event_id or "")
        return (self.reject_reason, self.source, self.event_id) == given


def read_closings(home: Home) -> list[Closing]:
    """Read the decisions, the oldest first.

    Raises:
        WorkError: The file is not as `write_closings` writes it.
    """
    path = home.project / SEED
    try:
        with path.open(newline="", encoding="utf-8") as file:
            header, *rows = csv.reader(file, strict=True)
        if tuple(header) != Closing._fields:
            raise ValueError(f"its columns are not {', '.join(Closing._fields)}")
        return [Closing._make(row) for row in rows]
    except (OSError, ValueError, TypeError, csv.Error) as error:
        raise WorkError(f"{path} cannot be read ({error}): put it right by hand") from error


def write_closings(home: Home, closings: list[Closing]) -> None:
    """Write all decisions; the file is whole at any time.

    Raises:
        WorkError: It cannot be written.
    """
    path = home.project / SEED
    new = path.with_suffix(".new")
    try:
        with new.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Closing._fields)
            writer.writerows(closings)
        new.replace(path)
    except OSError as error:
        raise WorkError(f"{path} cannot be written ({error.strerror})") from error
