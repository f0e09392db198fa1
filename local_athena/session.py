"""What a statement is executed with: Trino, Glue and S3, and the database it names none for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

# Trino's catalogs: the Iceberg connector, under Athena's own name for Glue's catalog, and the Hive
# connector, to which Iceberg's redirects tables that are not Iceberg's. Both read one Glue.
ICEBERG_CATALOG: Final = "awsdatacatalog"
HIVE_CATALOG: Final = "hive"


@dataclass(frozen=True)
class Column:
    """A column of a result."""

    name: str
    # As Trino writes it: `decimal(15,2)`, `timestamp(6)`, `row("a" bigint)`.
    type: str


@dataclass(frozen=True)
class TrinoResult:
    """What Trino answered to one statement."""

    columns: Sequence[Column] = ()
    # Values as the client protocol has them: text for dates, timestamps and decimals, lists for
    # arrays and rows, dicts for maps, base64 text for varbinary.
    rows: Sequence[Sequence[Any]] = ()
    # Rows written; None for what writes none.
    update_count: int | None = None
    # Bytes read from storage.
    scanned_bytes: int = 0


@dataclass(frozen=True)
class Outcome:
    """What one Athena statement came to."""

    # DML, DDL or UTILITY, and Athena's SubstatementType: SELECT, CREATE_TABLE_AS_SELECT, …
    statement_type: str
    substatement_type: str
    result: TrinoResult = field(default_factory=TrinoResult)


class Session(Protocol):
    """One statement's way to the engines."""

    # Lower case; `default` where the caller named none.
    database: str
    # Where a Hive table goes that is created from a query without a location: s3://…/, its own.
    tables_location: str
    glue: GlueClient
    s3: S3Client

    def trino(
        self,
        sql: str,
        *,
        catalog: str = ICEBERG_CATALOG,
        properties: Mapping[str, str] | None = None,
    ) -> TrinoResult:
        """Execute one statement on Trino.

        It is logged as a translation of the Athena statement, can be cancelled by
        StopQueryExecution, and its scanned bytes are counted for the Athena statement.

        Args:
            sql: In Trino's own SQL.
            catalog: What a name without a catalog is sought in.
            properties: Session properties of this statement.

        Raises:
            StatementFailed: As Athena reports it.
        """
        ...
