"""A table with every type of MariaDB arrives character for character."""

from __future__ import annotations

from pathlib import Path

from ingestion.sources.databases.engines import connect
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.table_contracts import contract_of
from tests.support.databases.landed_rows import landed
from tests.support.databases.mariadb_server import Database
from tests.support.databases.pulling import Home

DIGITS = "9" * 400
# Each type, what its events call it, and values that other readers have lost or refused: as SQL,
# and as they arrive.
TYPES: dict[str, tuple[str, dict[str, str]]] = {
    "tinyint": ("row_integer", {"-128": "-128"}),
    "tinyint(1)": ("row_integer", {"true": "1"}),
    "smallint unsigned": ("row_integer", {"65535": "65535"}),
    "mediumint": ("row_integer", {"-8388608": "-8388608"}),
    "int unsigned": ("row_integer", {"4294967295": "4294967295"}),
    "int(5) zerofill": ("row_integer", {"7": "00007"}),
    "bigint": ("row_integer", {"-9223372036854775808": "-9223372036854775808"}),
    "bigint unsigned": ("row_decimal", {"18446744073709551615": "18446744073709551615"}),
    "decimal(65, 30)": ("row_decimal", {"1.1": "1.100000000000000000000000000000"}),
    "decimal(5, 2)": ("row_decimal", {"-12.3": "-12.30"}),
    "float": (
        "row_double",
        {"1.1": "1.100000023841858", "3.402823466e38": "3.4028234663852886e38"},
    ),
    "double": ("row_double", {"0.1": "0.1", "5e-324": "5e-324", "1e100": "1e100"}),
    "bit(10)": ("row_text", {"b'1000000001'": "0201"}),
    "char(4)": ("row_text", {"'a  '": "a"}),
    "varchar(9)": ("row_text", {"'  a  '": "  a  "}),
    "varchar(9) character set latin1": ("row_text", {"'é€'": "é€"}),
    "varchar(9) character set latin2": ("row_text", {"'ő'": "ő"}),
    "binary(3)": ("row_text", {"'a'": "610000"}),
    "varbinary(9)": ("row_text", {"x'00ff0a5c'": "00ff0a5c"}),
    "tinyblob": ("row_text", {"x'ff'": "ff"}),
    "longblob": ("row_text", {"x''": ""}),
    "text": (
        "row_text",
        {
            "''": "",
            r"'\\N'": "\\N",
            r"'a\tb\nc\\d\"e\'\r\b\0'": "a\tb\nc\\d\"e'\r\b\0",
            "'\U0001f600é'": "\U0001f600é",
            f"'{'x' * 70_000}'": "x" * 65_535,
        },
    ),
    "longtext": ("row_text", {f"'{'y' * 200_000}'": "y" * 200_000}),
    "json": ("row_text", {f"'{{\"a\" : {DIGITS}}}'": f'{{"a" : {DIGITS}}}'}),
    "enum('très', 'x')": ("row_text", {"'très'": "très"}),
    "set('a', 'b')": ("row_text", {"'b,a'": "a,b", "''": ""}),
    "date": ("row_day", {"'0000-00-00'": "0000-00-00", "'9999-12-31'": "9999-12-31"}),
    "datetime": ("row_local_time", {"'0000-00-00'": "0000-00-00 00:00:00"}),
    "datetime(6)": (
        "row_local_time",
        {"'2026-01-01 00:00:00.000001'": "2026-01-01 00:00:00.000001"},
    ),
    "timestamp(3) null": (
        "row_instant",
        # In Lisbon's summer; and as it was in the hour that came twice.
        {"'2026-07-01 10:00:00'": "2026-07-01 09:00:00.000+00"},
    ),
    "time(2)": ("row_text", {"'-838:59:59'": "-838:59:59.00"}),
    "year": ("row_integer", {"2026": "2026", "0": "0000"}),
    "point": ("row_text", {"point(1, 2)": "000000000101000000000000000000f03f0000000000000040"}),
    "uuid": (
        "row_text",
        {"'00000000-0000-0000-0000-00000000000a'": "00000000-0000-0000-0000-00000000000a"},
    ),
    "inet6": ("row_text", {"'::1'": "::1"}),
}
ALL = Table("", "all_types", ("id",), "updated_at", "shop_all_types")


def test_every_value_is_the_databases_own_text(tmp_path: Path, database: Database) -> None:
    columns = ", ".join(f"c{place} {name}" for place, name in enumerate(TYPES))
    database.execute(
        f"create table all_types (id int auto_increment primary key, {columns}, "
        "updated_at datetime not null default '2026-01-01', index (updated_at))",
        "insert into all_types () values ()",
    )
    for place, (_, values) in enumerate(TYPES.values()):
        for value in values:
            database.execute(
                "set sql_mode = ''", f"insert into all_types (c{place}) values ({value})"
            )
    source = Source("shop", "mysql", "SHOP_DATABASE_URL", (ALL,))
    home = Home(tmp_path, database, source)

    first = home.pull()
    again = home.pull(compare=True)

    rows = [event["data"] for event in landed(home.raw)]
    for place, (name, (_, values)) in enumerate(TYPES.items()):
        found = [row[f"c{place}"] for row in rows if row[f"c{place}"] is not None]
        assert found == list(values.values()), name
    # And is found as it landed.
    assert first.reconciled == again.reconciled == Reconciled(compared_rows=len(rows))

    with connect(source, database.reader) as session:
        contract = contract_of(source, ALL, session.follow(ALL), None)
    assert {
        name: contract["properties"][f"c{place}"]["$ref"].rpartition("/")[2]
        for place, name in enumerate(TYPES)
    } == {name: kind for name, (kind, _) in TYPES.items()}


def test_a_row_may_be_larger_than_what_a_statement_can_put_together(
    tmp_path: Path, database: Database
) -> None:
    database.execute(
        "create table pages (id int primary key, one longtext, two longblob, "
        "updated_at datetime not null default '2026-01-01', index (updated_at))",
        "insert into pages (id, one, two) values (1, repeat('a', 700000), repeat('b', 700000))",
    )
    table = Table("", "pages", ("id",), "updated_at", "shop_pages")
    source = Source("shop", "mysql", "SHOP_DATABASE_URL", (table,))
    home = Home(tmp_path, database, source)
    [(usual,)] = database.rows("select @@global.max_allowed_packet")
    database.execute("set global max_allowed_packet = 1048576")
    try:
        home.pull()
        database.execute("update pages set two = concat(two, 'c')")
        compared = home.pull(compare=True).reconciled
    finally:
        database.execute(f"set global max_allowed_packet = {usual}")

    assert compared == Reconciled(compared_rows=1, changed_rows=1)
    # Cut in the event, which has at most 1 MiB.
    assert [event["data"]["two"]["cut_bytes"] for event in landed(home.raw)] == [1400000, 1400002]
