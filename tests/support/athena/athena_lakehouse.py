"""The lakehouse on the local Athena, beside the embedded one: the same events, the same runs."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyathena
from pyathena.connection import Connection
from pyathena.s3fs.cursor import S3FSCursor

from ingestion.ingester import Landed
from local_athena import LocalAthena
from retailpulse.cloud.athena_lake import (
    DATABASES,
    RAW_TABLE,
    create_lake,
    find_athena_lake,
    raw_table,
    upload_raw,
)
from tests.support.athena.contents import COLUMNS, Contents, Relation, columns_by_table, select_all
from tests.support.road.lakehouse import PROJECT, DbtRuns, Rows

_QUERIES_AT_ONCE = 4

# The temporary tables of runs that were killed, and what a rebuild keeps for a while.
_LEFT_OVER = re.compile("__dbt_tmp|__tmp_not_partitioned|__before_")


@dataclass(frozen=True)
class Arrivals:
    """When events arrive, UTC: the days and the hours of a day, first and last.

    An unbounded query lists every hour there is, also the empty ones, and the definition of the raw
    table goes on until today. A test whose events are of other days names them.
    """

    days: tuple[date, date]
    hours: tuple[int, int] = (0, 23)


class AthenaLakehouse(DbtRuns):
    """A lake on a local Athena. Its databases' names are fixed: one such lake at a time."""

    target = "athena"

    def __init__(
        self, home: Path, athena: LocalAthena, arrivals: Arrivals, project: Path = PROJECT
    ) -> None:
        """Describe a lake; `reset` makes it.

        Args:
            home: A folder of its own.
            athena: What it is made on.
            arrivals: When events arrive.
            project: The dbt project.
        """
        super().__init__(home, project)
        self._environment = athena.environment
        self._arrivals = arrivals
        self._name = ""
        self._s3 = athena.client("s3")
        self._glue = athena.client("glue")
        self._athena = athena.client("athena")
        self._connection: Connection[S3FSCursor] | None = None

    @property
    def environment(self) -> dict[str, str]:
        """The environment in which dbt works on this lake."""
        return {
            **super().environment,
            **self._environment,
            "RETAILPULSE_RAW": f"s3://raw-{self._name}/",
            "RETAILPULSE_LAKEHOUSE": f"s3://tables-{self._name}/",
            "RETAILPULSE_RESULTS": f"s3://results-{self._name}/",
            # Always there, and it leaves where results go to who asks.
            "RETAILPULSE_WORK_GROUP": "primary",
        }

    def reset(self) -> None:
        """Begin anew: no tables, new buckets, no raw object."""
        self.home.mkdir(exist_ok=True)
        super().reset()
        for database in DATABASES:
            self._drop_tables(database)
        # New buckets are quicker than emptying the old ones.
        self._name = uuid.uuid4().hex[:12]
        self._connection = None
        lake = find_athena_lake(self.environment)
        first, last = self._arrivals.days
        template = (self.project / RAW_TABLE).read_text(encoding="utf-8")
        table = raw_table(template, lake.raw, first)
        table["Parameters"]["projection.dt.range"] = f"{first},{last}"
        table["Parameters"]["projection.hour.range"] = "{},{}".format(*self._arrivals.hours)
        create_lake(lake, table, self._s3, self._glue, self._athena)

    def _drop_tables(self, database: str) -> None:
        try:
            pages = self._glue.get_paginator("get_tables").paginate(DatabaseName=database)
            names = [table["Name"] for page in pages for table in page["TableList"]]
        except self._glue.exceptions.EntityNotFoundException:
            return
        for name in names:
            self._glue.delete_table(DatabaseName=database, Name=name)

    def land(
        self, bodies: Iterable[bytes], at: datetime, batch: str, source: str = "shop"
    ) -> Landed:
        """Land bodies in the raw folder, as the embedded lakehouse does."""
        assert self._arrivals.days[0] <= at.date() <= self._arrivals.days[1]
        assert self._arrivals.hours[0] <= at.hour <= self._arrivals.hours[1]
        return super().land(bodies, at, batch, source)

    def upload(self) -> None:
        """Bring what landed since the last time to S3."""
        upload_raw(self.home / "raw", find_athena_lake(self.environment).raw, self._s3)

    def query(self, sql: str) -> Rows:
        """The rows of one query."""
        with self.in_environment():
            return self._query(sql)

    def contents(self) -> Contents:
        """Read everything of silver and gold, temporary tables of killed runs left out."""
        with self.in_environment(), ThreadPoolExecutor(_QUERIES_AT_ONCE) as threads:
            columns = columns_by_table(
                row for row in self._query(COLUMNS) if not _LEFT_OVER.search(row[1])
            )
            rows = threads.map(
                self._query, (select_all(table, types) for table, types in columns.items())
            )
            return {
                table: Relation(types, found)
                for (table, types), found in zip(columns.items(), rows, strict=True)
            }

    def _query(self, sql: str) -> Rows:
        if self._connection is None:
            lake = find_athena_lake(self.environment)
            # One for all queries: fsspec keeps what each has read of botocore for good, 13 MB.
            self._connection = pyathena.connect(
                s3_staging_dir=lake.results,
                work_group=lake.work_group,
                poll_interval=0.05,
                # From the file of results: 40,000 rows in 2.5 s, in 6 by pages of GetQueryResults.
                cursor_class=S3FSCursor,
            )
        rows = self._connection.cursor().execute(sql).fetchall()
        return [tuple(row) for row in rows]
