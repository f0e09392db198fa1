"""A table of users that is followed by the log of its database."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from ingestion.ingester import Ingester
from ingestion.sources.databases.engines import connect_log
from ingestion.sources.databases.log import Log
from ingestion.sources.databases.log_pull import LogPulled, pull_log
from ingestion.sources.databases.log_state import LogState, decode_log_state, log_state_name
from ingestion.sources.databases.pull import Pulled
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.settings import LOG, Source
from tests.support.databases.pulling import CREATE_USERS, Home

# Texts can be stored apart, so the log has all of the old row.
USERS_IN_FULL = (CREATE_USERS, "alter table users replica identity full")


def by_log(source: Source) -> Source:
    """Return a source that is read by the log; its name is one that a server has once."""
    tables = tuple(replace(table, cursor="") for table in source.tables)
    return replace(source, name=f"shop_{secrets.token_hex(4)}", mode=LOG, tables=tables)


def publish(source: Source, *tables: str) -> str:
    """Return the statement that lets a log tell of tables."""
    return (
        f"create publication retailpulse_{source.name} for table {', '.join(tables)} "
        "with (publish_via_partition_root = true)"
    )


class LogHome(Home):
    """As `Home`, but pulls by the log."""

    @contextmanager
    def logged(self, source: Source | None = None) -> Iterator[tuple[Puller, Log]]:
        source = source or self.source
        with connect_log(source, self.database.reader) as (session, log):
            ingester = Ingester(self.zone)
            puller = Puller(source, session, ingester, self.states, self.told.append, self._clock)
            puller.scratch = self.raw.parent
            yield puller, log

    def pull_all(self, source: Source | None = None, *, compare: bool = False) -> LogPulled:
        with self.logged(source) as (puller, log):
            return pull_log(puller, log, compare=compare)

    def pull(self, source: Source | None = None, *, compare: bool = False) -> Pulled:
        pulled = self.pull_all(source, compare=compare)
        assert not pulled.refused, pulled.refused
        return pulled.tables[0]

    def log_state(self) -> LogState:
        name = log_state_name(self.source.name)
        stored = self.states.read(name)
        assert stored is not None
        return decode_log_state(stored.body, name)
