"""A table with every type of PostgreSQL arrives character for character, and silver can read it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg

from ingestion.ingester import Ingester
from ingestion.raw_zone import FolderRawZone
from ingestion.sources.databases.postgresql import connect
from ingestion.sources.databases.pull import pull
from ingestion.sources.databases.reading import Puller
from ingestion.sources.databases.reconciliation import Reconciled
from ingestion.sources.databases.settings import Source, Table
from ingestion.sources.databases.table_contracts import contract_of
from ingestion.sources.state_store import FolderStateStore
from tests.support.databases.landed_rows import landed
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulling import Home
from tests.support.databases.pulling_log import LogHome, by_log, publish

DIGITS = "9" * 400
# Each type, and values that other readers have lost or refused.
TYPES = {
    "smallint": ["-32768", "32767"],
    "integer": ["-2147483648"],
    "bigint": ["9223372036854775807"],
    "numeric": [DIGITS, f"0.{DIGITS}", "NaN", "Infinity", "1.10"],
    "numeric(20, 10)": ["12.3000000000"],
    "real": ["1.1", "NaN", "-Infinity", "3.4028235e+38"],
    "double precision": ["0.1", "5e-324", "1.7976931348623157e+308"],
    "money": ["12.30"],
    "text": ["", "\\N", "\\.", "a\tb\nc\\d\"e'\r\v\f\b\x01\x7f", "\U0001f600é", "x" * 70_000],
    "varchar(9)": ["  a  "],
    "char(4)": ["a"],
    '"char"': ["c"],
    "name": ["n"],
    "bytea": ["\\x00ff0a5c"],
    "timestamp": ["infinity", "-infinity", "0044-03-15 12:00:00 BC", "2026-01-01 00:00:00.000001"],
    "timestamptz": ["infinity", "0001-01-01 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00"],
    "date": ["infinity", "0044-03-15 BC", "5874897-12-31"],
    "time": ["24:00:00", "00:00:00.000001"],
    "timetz": ["24:00:00-15:59"],
    "interval": ["1 mon -2 days", "-178000000 years", "04:05:06.789"],
    "boolean": ["t", "f"],
    "point": ["(1,2)"],
    "line": ["{1,2,3}"],
    "box": ["(1,1),(0,0)"],
    "path": ["((0,0),(1,1))"],
    "polygon": ["((0,0),(1,1))"],
    "circle": ["<(1,2),3>"],
    "inet": ["192.168.0.1/24"],
    "cidr": ["::/0"],
    "macaddr": ["08:00:2b:01:02:03"],
    "bit(5)": ["10101"],
    "bit varying": ["1"],
    "tsvector": ["'a':1 'b':2"],
    "tsquery": ["'a' & 'b'"],
    "uuid": ["00000000-0000-0000-0000-000000000000"],
    "json": ['{"a" : ' + DIGITS + ', "a": "\\u0000"}'],
    "jsonb": ['{"a": 1e400}'],
    "int4range": ["[1,5)"],
    "tstzmultirange": ['{["2026-01-01 00:00:00+00",infinity)}'],
    "pg_lsn": ["16/B374D848"],
    "oid": ["4294967295"],
    "mood": ["très content"],
    "positive": ["7"],
    "pair": ['(1,"a,b")'],
}
ARRAYS = {
    "integer[]": ("{1,NULL,-3}", [1, None, -3]),
    "text[]": ('{"a\tb",NULL,"\\"c\\""}', ["a\tb", None, '"c"']),
    "numeric[][]": ("{{1.10},{2}}", [[1.1], [2]]),
    "mood[]": ('{"très content"}', ["très content"]),
    "amounts": ("{1.10,NULL}", [1.1, None]),
    "timestamptz[]": ("{infinity,2026-01-01}", ["infinity", "2026-01-01T00:00:00+00:00"]),
    "pair[]": ('{"(1,\\"a,b\\")"}', [{"a": 1, "b": "a,b"}]),
    "json[]": ('{"{\\"a\\" : 1}"}', [{"a": 1}]),
    "boolean[]": ("{t,f}", [True, False]),
    "bytea[]": ('{"\\\\x0aff"}', ["\\x0aff"]),
}
ALL = Table("public", "all_types", ("id",), "updated_at", "shop_all_types")
SHOP = Source("shop", "postgresql", "SHOP_DATABASE_URL", (ALL,))


NAMES = [*TYPES, *ARRAYS]


def create(database: Database) -> None:
    columns = ", ".join(f"c{place} {name}" for place, name in enumerate(NAMES))
    database.execute(
        "create type mood as enum ('très content')",
        "create domain positive as integer check (value > 0)",
        "create type pair as (a integer, b text)",
        "create domain amounts as numeric(9, 2)[]",
        f"create table all_types (id bigint generated always as identity primary key, {columns}, "
        "updated_at timestamptz not null default now())",
        "create index on all_types (updated_at)",
    )


def fill(database: Database) -> None:
    with psycopg.connect(database.owner) as connection:
        connection.execute("insert into all_types default values")
        for place, name in enumerate(NAMES):
            for value in TYPES[name] if name in TYPES else [ARRAYS[name][0]]:
                insert = f"insert into all_types (c{place}) values (%s::text::{name})"
                connection.execute(insert.encode(), (value,))


def test_every_value_is_the_databases_own_text(tmp_path: Path, database: Database) -> None:
    names = NAMES
    create(database)
    fill(database)

    with connect(database.reader, "shop", "SHOP_DATABASE_URL") as session:
        ingester = Ingester(FolderRawZone(tmp_path / "raw"))
        pull(Puller(SHOP, session, ingester, FolderStateStore(tmp_path / "pulled")), ALL)
        contract = contract_of(SHOP, ALL, session.follow(ALL), None)

    rows = {event["data"]["id"]: event["data"] for event in landed(tmp_path / "raw")}
    with psycopg.connect(database.owner) as connection:
        for setting in ("timezone to 'UTC'", "datestyle to 'ISO'", "bytea_output to 'hex'"):
            connection.execute(f"set {setting}".encode())
        for place, name in enumerate(names):
            # As the type writes itself: casts to text say `true` for t, and drop blanks.
            text = f"case when c{place} is not null then format('%s', c{place}) end"
            query = f"select id::text, {text} from all_types order by id"
            own: dict[str, Any] = dict(connection.execute(query.encode()).fetchall())
            found = {row: data[f"c{place}"] for row, data in rows.items()}
            if name in TYPES:
                assert found == own, name
            else:
                arrays = [json.loads(text) for text in found.values() if text is not None]
                assert arrays == [ARRAYS[name][1]]

    types = {
        name: contract["properties"][f"c{place}"]["$ref"].rpartition("/")[2]
        for place, name in enumerate(names)
    }
    assert types["bigint"] == types["positive"] == "row_integer"
    assert types["numeric(20, 10)"] == "row_decimal"
    assert types["real"] == "row_double"
    assert types["timestamptz"] == "row_instant"
    assert types["timestamp"] == "row_local_time"
    assert types["date"] == "row_day"
    assert types["boolean"] == "row_boolean"
    assert {types[name] for name in ("text", "mood", "json", "money", "integer[]")} == {"row_text"}


def test_the_log_tells_every_value_as_it_is_polled(tmp_path: Path, logged: Database) -> None:
    create(logged)
    home = LogHome(tmp_path / "told", logged, by_log(replace(SHOP, page_rows=20)))
    logged.execute(
        "alter table all_types replica identity full",
        "alter table all_types add column gone text default 'x'",
        publish(home.source, "all_types"),
    )
    home.pull()
    logged.execute("alter table all_types drop column gone")
    fill(logged)
    logged.execute("update all_types set updated_at = updated_at where id % 2 = 0")

    pulled = home.pull(compare=True)

    told = {event["data"]["id"]: event["data"] for event in landed(home.raw)}
    assert pulled.changed_rows > len(told) > 70
    # The hashes that were made of its texts are those of the table's values.
    assert pulled.reconciled == Reconciled(compared_rows=len(told))
    role = psycopg.conninfo.conninfo_to_dict(logged.reader)["user"]
    logged.execute(f"grant pg_read_all_stats to {role}")
    polled = Home(tmp_path / "polled", logged, SHOP)
    polled.pull()
    assert told == {event["data"]["id"]: event["data"] for event in landed(polled.raw)}


def test_an_array_of_a_type_that_changed_since_is_told_all_the_same(
    tmp_path: Path, logged: Database
) -> None:
    moods = Table("public", "moods", ("id",), "", "shop_moods")
    home = LogHome(tmp_path, logged, by_log(replace(SHOP, tables=(moods,))))
    logged.execute(
        "create type mood as enum ('glad', 'sad')",
        "create table moods (id int primary key, all_of mood[])",
        "alter table moods replica identity full",
        publish(home.source, "moods"),
    )
    home.pull()
    logged.execute(
        "insert into moods values (1, '{glad,sad}')", "alter type mood rename value 'sad' to 'low'"
    )

    home.pull()

    assert landed(home.raw)[0]["data"]["all_of"] == '["glad","sad"]'


def test_a_generated_column_is_told_once_it_is_published(tmp_path: Path, logged: Database) -> None:
    sales = Table("public", "sales", ("id",), "", "shop_sales")
    home = LogHome(tmp_path, logged, by_log(replace(SHOP, tables=(sales,))))
    name = f"retailpulse_{home.source.name}"
    logged.execute(
        "create table sales (id int primary key, net int, gross int generated always as (net * 2) "
        "stored)",
        publish(home.source, "sales"),
    )
    [told] = [str(error) for _, error in home.pull_all().refused]
    assert f'run `alter publication "{name}" set (publish_generated_columns = stored)`' in told
    logged.execute(f"alter publication {name} set (publish_generated_columns = stored)")
    home.pull()
    logged.execute("insert into sales values (1, 10)")

    assert home.pull(compare=True).reconciled == Reconciled(compared_rows=1)
    assert landed(home.raw)[0]["data"] == {"id": "1", "net": "10", "gross": "20"}

    logged.execute("alter table sales add column late int generated always as (net * 3) virtual")
    [told] = [str(error) for _, error in home.pull_all().refused]
    assert 'sales".late is generated, and the log does not tell it' in told
