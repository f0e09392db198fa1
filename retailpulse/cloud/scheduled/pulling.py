"""A scheduled pull: the tables of one database, one after the other, whatever becomes of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from ingestion.ingester import Ingester
from ingestion.raw_zone import StorageError
from ingestion.sources.contract_files import read_contract
from ingestion.sources.databases.chosen_sources import is_disabled
from ingestion.sources.databases.engines import connect, connect_log
from ingestion.sources.databases.log_pull import pull_log
from ingestion.sources.databases.pull import Pulled, pull
from ingestion.sources.databases.reading import Progress, Puller
from ingestion.sources.databases.settings import LOG, Source, Table, read_sources
from ingestion.sources.databases.state import decode_state, state_name
from ingestion.sources.databases.table_contracts import changes
from ingestion.sources.errors import SourceError, TransientError
from ingestion.sources.state_store import StateStore
from retailpulse.cloud.scheduled.outcome import MAX_CAUSE, ErrorName, Failure
from retailpulse.cloud.scheduled.pull_lines import PullLines
from retailpulse.dbt_project import disabled_sources
from retailpulse.errors import SetupError

_PROGRESS_EVERY_SECONDS: Final = 30.0


@dataclass(slots=True)
class SourcePull:
    """What pulling a source takes.

    Attributes:
        source: The source.
        project: The project's folder, with the contracts.
        ingester: What lands the rows.
        states: Where it is kept how far each table has been read.
        seen: The event types that land by their names, and that queries of raw see.
        raw_table: The table of Glue that lists them, for people.
        lines: What is told.
        scratch: Where keys are put while a table is compared.
    """

    source: Source
    project: Path
    ingester: Ingester
    states: StateStore
    seen: frozenset[str]
    raw_table: str
    lines: PullLines
    scratch: Path | None = None
    _refused: int = 0
    _transient: list[str] = field(default_factory=list)
    _rows: int = 0
    _kept_bytes: int | None = None
    _told_at: float = 0.0

    def run(self, address: str) -> Failure | None:
        """Pull each table; return why that failed.

        A table that is refused is told by its line and no failure: it has an alarm of its own, and
        the others go on.

        Args:
            address: The database's; it has a password.
        """
        try:
            self._pull_tables(address)
        except (SourceError, StorageError) as error:
            return self._failed(error)
        self.lines.source_pulled(
            tables=len(self.source.tables),
            refused=self._refused,
            failed=len(self._transient),
            rows=self._rows,
            slot_bytes=self._kept_bytes,
        )
        if self._transient:
            return Failure(ErrorName.TRANSIENT, "\n".join(self._transient)[:MAX_CAUSE])
        return None

    def _pull_tables(self, address: str) -> None:
        if self.source.mode == LOG:
            self._pull_log(address)
            return
        with connect(self.source, address) as database:
            database.check()
            puller = Puller(self.source, database, self.ingester, self.states, scratch=self.scratch)
            for table in self.source.tables:
                puller.tell = partial(self._tell, puller, table.event_type)
                self._told_at = puller.monotonic()
                self._pull(puller, table)

    def _pull_log(self, address: str) -> None:
        with connect_log(self.source, address) as (database, log):
            seen = tuple(table for table in self.source.tables if table.event_type in self.seen)
            source = replace(self.source, tables=seen)
            puller = Puller(source, database, self.ingester, self.states, scratch=self.scratch)
            for table in self.source.tables:
                if table not in seen:
                    self._not_pulled(table, SourceError(self._unlisted(table)), None)
            if not seen:
                return
            puller.tell = partial(self._tell, puller, self.source.name)
            self._told_at = puller.monotonic()
            found = pull_log(puller, log)
            for table, error in found.refused:
                self._not_pulled(table, error, None)
            refused = [table for table, _ in found.refused]
            for pulled in found.tables:
                if pulled.table not in refused:
                    self._pulled(puller, pulled)
            self._kept_bytes = found.lag.kept_bytes

    def _pull(self, puller: Puller, table: Table) -> None:
        try:
            if table.event_type not in self.seen:
                raise SourceError(self._unlisted(table))
            self._pulled(puller, pull(puller, table))
        except (SourceError, StorageError) as error:
            self._not_pulled(table, error, self._lag(puller, table))

    def _pulled(self, puller: Puller, pulled: Pulled) -> None:
        self._tell_changes(pulled)
        self._rows += pulled.rows
        self.lines.table_pulled(
            pulled.table.event_type,
            rows=pulled.rows,
            changes=pulled.reconciled.rows if pulled.reconciled else 0,
            bytes_written=pulled.bytes_written,
            lag_seconds=_since(puller, pulled.pulled_before),
        )

    def _not_pulled(
        self, table: Table, error: SourceError | StorageError, lag: float | None
    ) -> None:
        if isinstance(error, TransientError | StorageError):
            self._transient.append(str(error))
            self.lines.table_failed(table.event_type, str(error), lag)
        else:
            self._refused += 1
            self.lines.table_refused(table.event_type, str(error), lag)

    def _lag(self, puller: Puller, table: Table) -> float | None:
        """The seconds since a table was last pulled; None where that is not known."""
        name = state_name(table)
        try:
            stored = self.states.read(name)
            return _since(puller, decode_state(stored.body, name).pulled_at) if stored else None
        except (SourceError, StorageError):
            # Why, the line tells already.
            return None

    def _unlisted(self, table: Table) -> str:
        return (
            f"{self.source.name}: {table.label} is not pulled: {self.raw_table} in Glue does not "
            f"list the event type {table.event_type}, and no run of dbt would see its rows: run "
            "`make sources`, which writes its contract, and `make deploy` (terraform apply)"
        )

    def _tell_changes(self, pulled: Pulled) -> None:
        contract = read_contract(self.source.name, pulled.table.event_type, self.project)
        if contract is not None:
            for change in changes(pulled.table, pulled.shape, contract):
                self.lines.table_changed(
                    pulled.table.event_type, f"{change}: `make sources` takes it up"
                )

    def _tell(self, puller: Puller, table: str, progress: Progress) -> None:
        now = puller.monotonic()
        if now - self._told_at >= _PROGRESS_EVERY_SECONDS:
            self._told_at = now
            self.lines.progress(table, progress.activity, progress.rows, progress.expected_rows)

    def _failed(self, error: Exception) -> Failure:
        # Not `source_pulled`: a table that is refused still is.
        self.lines.source_failed(str(error))
        passes = isinstance(error, TransientError | StorageError)
        name = ErrorName.TRANSIENT if passes else ErrorName.RUN_FAILED
        return Failure(name, str(error)[:MAX_CAUSE])


def find_source(project: Path, name: str) -> Source:
    """Return the source that a file of ingestion/sources describes.

    Raises:
        SetupError: There is none, it is disabled, or it cannot be used.
    """
    folder = project / "ingestion" / "sources"
    try:
        sources = {source.name: source for source in read_sources(folder)}
    except SourceError as error:
        raise SetupError(f"ingestion/sources/{error}") from error
    if name not in sources:
        raise SetupError(
            f"there is no source {name}: this image has {', '.join(sources) or 'none'}; a source "
            "that is added to ingestion/sources is in the next image (`make deploy`)"
        )
    if name in disabled_sources(project):
        raise SetupError(is_disabled(name))
    return sources[name]


def address_of(source: Source, environment: Mapping[str, str]) -> str:
    """Return a database's address.

    Raises:
        SetupError: The environment has none.
    """
    address = environment.get(source.connection, "").strip()
    if not address:
        raise SetupError(
            f"{source.name}: {source.connection} is empty: put the database's address, such as "
            "postgresql://reader:<password>@db.example.com/shop, into the secret that "
            "database_sources names"
        )
    return address


def _since(puller: Puller, before: datetime | None) -> float | None:
    return None if before is None else (puller.clock() - before).total_seconds()
