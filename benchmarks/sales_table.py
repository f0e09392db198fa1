"""The table of 13 columns that is pulled: a shop's sales, alike in PostgreSQL and MariaDB."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from ingestion.sources.databases.settings import DEFAULT_SCHEMAS, Source, Table

POSTGRESQL: Final = "postgresql"
MYSQL: Final = "mysql"

COLUMNS: Final = 13

MOST_ROWS: Final = 10_000_000
_ROWS_OF_A_STATEMENT: Final = 500_000
_SECONDS_AGO: Final = MOST_ROWS + 86_400

_TIMESTAMP: Final = {POSTGRESQL: "timestamptz", MYSQL: "timestamp(6)"}
# Later rows have later times, as a shop's do, and none has one that a pull reads back to.
_EARLIER: Final = {
    POSTGRESQL: "now() - make_interval(secs => {seconds})",
    MYSQL: "now(6) - interval {seconds} second",
}
_IDS: Final = {
    POSTGRESQL: "select id from generate_series({first}, {last}) as id",
    MYSQL: "select seq as id from seq_{first}_to_{last}",
}

_CREATE: Final = """
    create table sales (
        sale_id bigint primary key,
        user_id bigint not null,
        product_id bigint not null,
        quantity integer not null,
        unit_price decimal(12, 2) not null,
        total_amount decimal(14, 2) not null,
        currency_code char(3) not null,
        status varchar(20) not null,
        city varchar(60) not null,
        note varchar(200),
        is_gift boolean not null,
        created_at {timestamp} not null,
        updated_at {timestamp} not null
    )
"""

# `mixed` has nothing in common from one row to the next (Knuth's multiplicative hash).
_INSERT: Final = """
    insert into sales
    select
        id,
        mixed % 100003,
        mixed % 5003,
        1 + mixed % 9,
        mixed % 49999 * 0.01,
        mixed % 49999 * 0.01 * (1 + mixed % 9),
        case mixed % 3 when 0 then 'GBP' when 1 then 'USD' else 'EUR' end,
        case mixed % 5 when 0 then 'PENDING' when 1 then 'CANCELLED' else 'DELIVERED' end,
        case mixed % 7 when 0 then 'Lisbon' when 1 then 'São Paulo' else 'Castelo Branco' end,
        case mixed % 4 when 0 then concat('say "hello" to ', mixed % 99991) end,
        mixed % 13 = 0,
        {created_at},
        {updated_at}
    from (select id, id * 2654435761 % 4294967296 as mixed from ({ids}) as numbered) as hashed
"""


def source_of(engine: str) -> Source:
    """Return the source whose one table this is, as a user describes it."""
    table = Table(DEFAULT_SCHEMAS[engine], "sales", ("sale_id",), "updated_at", "shop_sales")
    return Source("shop", engine, "SHOP_DATABASE_URL", (table,))


def created(engine: str) -> tuple[str, ...]:
    """Return the statements that create the table."""
    return (
        _CREATE.format(timestamp=_TIMESTAMP[engine]),
        "create index sales_updated_at on sales (updated_at)",
    )


def filled(engine: str, first: int, last: int) -> Iterator[str]:
    """Yield the statements that add the rows of these ids, and then count them."""
    for begin in range(first, last + 1, _ROWS_OF_A_STATEMENT):
        end = min(last, begin + _ROWS_OF_A_STATEMENT - 1)
        yield _INSERT.format(
            ids=_IDS[engine].format(first=begin, last=end),
            created_at=_EARLIER[engine].format(seconds=f"{_SECONDS_AGO} - id"),
            updated_at=_EARLIER[engine].format(seconds=f"{_SECONDS_AGO} - id - id % 3600"),
        )
    yield "analyze sales" if engine == POSTGRESQL else "analyze table sales"
