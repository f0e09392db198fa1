"""Since when a pull of MySQL reads, by what the server says of its sessions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import cast

import pytest

from ingestion.sources.databases.mysql import Mysql
from ingestion.sources.databases.mysql_session import Session

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


class Told:
    """A session of a server with one other session, which runs a statement."""

    def __init__(self, seconds: str) -> None:
        self._seconds = seconds

    def now(self) -> datetime:
        return NOW

    def named(self, query: str) -> list[dict[str, str | None]]:
        return [
            {"id": "7", "user": "shop", "command": "Query", "time": self._seconds},
            {"id": "8", "user": "retailpulse", "command": "Query", "time": "99"},
        ]

    def texts(self, query: str) -> list[tuple[str | None, ...]]:
        return [("8",)] if query.removeprefix("select ") == "connection_id()" else [(None,)]

    @contextmanager
    def in_zone_of_the_server(self) -> Iterator[None]:
        yield


@pytest.mark.parametrize(
    ("seconds", "before"),
    [("0", 2), ("60", 62), ("-5", 2), ("18446744073709551615", 7 * 86_400 + 2)],
)
def test_a_pull_reads_from_the_oldest_statement_on_though_a_clock_was_put_back(
    seconds: str, before: int
) -> None:
    watermark = Mysql(cast(Session, Told(seconds))).watermark()

    assert watermark.since == NOW - timedelta(seconds=before)
