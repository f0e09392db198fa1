"""The rows of the simulated businesses as events, without a database: what a puller would land."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random

from simulator.databases.rows import RowChange, Value
from simulator.databases.webshop import Webshop
from simulator.databases.wholesale import Wholesale

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
UNTIL = datetime(2026, 1, 14, tzinfo=UTC)


class Pulled:
    """Tables in memory, each of whose changes becomes an event with all of its row."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._rows: dict[tuple[str, tuple[Value, ...]], dict[str, Value]] = {}
        self._position = 0

    def events(self, changes: Iterable[RowChange], at: datetime) -> Iterator[bytes]:
        """Yield the event of each change, read at a time."""
        for change in changes:
            key = change.table, tuple(change.key.values())
            if change.op == "delete":
                del self._rows[key]
                row = dict(change.key)
            else:
                # What the database would set by itself.
                first = {"status": "PENDING", "sold_at": at} if change.table == "fact_sales" else {}
                before = self._rows.get(key, first)
                row = {**before, **change.key, "updated_at": at, **change.values}
                self._rows[key] = row
            self._position += 1
            event_type = f"{self._source}_{change.table}"
            sequence = f"1767225600/{1:020d}/{self._position:010d}"
            event = {
                "specversion": "1.0",
                "id": f"{event_type}/{sequence}",
                "type": event_type,
                "source": self._source,
                "time": at.isoformat(),
                "op": "delete" if change.op == "delete" else "upsert",
                "sequence": sequence,
                "data": {name: _text(value) for name, value in row.items()},
            }
            yield json.dumps(event, ensure_ascii=False).encode()


class Businesses:
    """A web shop and a wholesaler, and what a puller lands of them."""

    def __init__(self) -> None:
        self._webshop = Webshop(Random("webshop"))
        self._wholesale = Wholesale(Random("wholesale"), UNTIL.date())
        self._of_webshop = Pulled("webshop")
        self._of_wholesale = Pulled("wholesale")

    def opening(self, at: datetime) -> dict[str, list[bytes]]:
        """Return what is there at first, by source."""
        sold = self._webshop.opening(100, 60, SINCE, UNTIL)
        return self._events(sold, self._wholesale.opening(20, 40), at)

    def changes(self, count: int, at: datetime) -> dict[str, list[bytes]]:
        """Return what has changed, likewise."""
        sold = (self._webshop.next_change() for _ in range(count))
        ordered = (self._wholesale.next_change() for _ in range(count))
        return self._events(sold, ordered, at)

    def _events(
        self, sold: Iterable[RowChange], ordered: Iterable[RowChange], at: datetime
    ) -> dict[str, list[bytes]]:
        return {
            "webshop": [*self._of_webshop.events(sold, at)],
            "wholesale": [*self._of_wholesale.events(ordered, at)],
        }


def _text(value: Value) -> str | None:
    """A value as a database writes it."""
    match value:
        case None:
            return None
        case datetime():
            return value.isoformat(sep=" ")
        case date() | Decimal() | int() | str():
            return str(value)
        case _:
            raise TypeError(type(value))
