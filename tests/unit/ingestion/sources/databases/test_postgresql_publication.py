"""What a server has to be set to, each told with the statement to run."""

from __future__ import annotations

from typing import Any, NoReturn, cast

import pytest

from ingestion.sources.databases.postgresql_publication import check_server
from ingestion.sources.databases.postgresql_session import Session
from ingestion.sources.errors import SourceError


class _Session:
    """Says of a server what a test wants; settings of a real one are all its tests'."""

    def __init__(self, row: tuple[Any, ...]) -> None:
        self._row = row

    def rows(self, _: str) -> list[Any]:
        return [self._row]

    def quoted(self, name: str) -> str:
        return f'"{name}"'

    def refuse(self, what: str) -> NoReturn:
        raise SourceError(what)


RIGHT = (180_000, False, "logical", 10_240, "UTF8", "reader", True)


def check(place: int, value: object) -> None:
    row = (*RIGHT[:place], value, *RIGHT[place + 1 :])
    check_server(cast("Session", _Session(row)))


@pytest.mark.parametrize(
    ("place", "value", "told"),
    [
        (0, 120_022, "older than PostgreSQL 13"),
        (1, True, "let the connection lead to the primary"),
        (2, "replica", "run `alter system set wal_level = logical` and restart"),
        (3, -1, "run `alter system set max_slot_wal_keep_size = '10GB'`"),
        (4, "SQL_ASCII", "in SQL_ASCII, and the log is read of UTF8 only"),
        (4, "LATIN1", "in LATIN1, and the log is read of UTF8 only"),
        (6, False, 'run `alter role "reader" replication`'),
    ],
)
def test_what_a_server_lacks_is_told(place: int, value: object, told: str) -> None:
    check(0, 130_000)
    with pytest.raises(SourceError) as refused:
        check(place, value)
    assert told in str(refused.value)
