"""Databases that others have made: a table costs three lines of YAML, and silver has its rows."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import psycopg
from psycopg import sql

from ingestion.sources.databases.settings import Table, read_source
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.progress import run
from tests.support.project.copies import install
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import Lakehouse

SCHEMAS: Final = Path(__file__).parents[2] / "support/databases/schemas"

VIDEO_RENTAL: Final = """engine: postgresql
connection: VIDEO_RENTAL_URL
tables:
  - table: language
    key: language_id
    whole: true
  - table: actor
    key: actor_id
    cursor: last_update
  - table: film
    key: film_id
    cursor: last_update
  - table: film_actor
    key: [actor_id, film_id]
    whole: true
  - table: payment
    key: [paid_at, payment_id]
    cursor: paid_at
  - table: verleih.Kündigungen
    key: [Kunde, gekündigt zum]
    whole: true
"""
DELICATESSEN: Final = """engine: postgresql
connection: DELICATESSEN_URL
tables:
  - {table: categories, key: category_id, whole: true}
  - {table: customers, key: customer_id, whole: true}
  - {table: employees, key: employee_id, whole: true}
  - {table: territories, key: territory_id, whole: true}
  - {table: employee_territories, key: [employee_id, territory_id], whole: true}
  - {table: products, key: product_id, whole: true}
  - {table: orders, key: order_id, whole: true}
  - {table: order_details, key: [order_id, product_id], whole: true}
"""
# What people do, tables' owners among them.
IN_VIDEO_RENTAL: Final = (
    "update film set rating = 'über 18', last_update = now() where film_id % 10 = 0",
    "delete from film_actor where actor_id = 3",
    "update film_actor set actor_id = 3 where actor_id = 4",
    "update language set name = 'Français' where language_id = 2",
    "insert into payment (amount, paid_at) values (1.25, now()), (9.99, now())",
    # It becomes a row of another partition.
    "update payment set paid_at = now() where payment_id = 17",
    'update verleih."Kündigungen" set "2. Mahnung" = true',
    'delete from verleih."Kündigungen" where "Straße & Nr." like \'%1\'',
)
IN_DELICATESSEN: Final = (
    "update products set unit_price = unit_price * 1.05::real",
    "update customers set city = 'Malmö' where customer_id = 'ÅKEÅÄ'",
    "delete from employee_territories where territory_id = '1'",
    "delete from order_details where order_id between 100 and 149",
    "insert into orders values (401, 'BO', null, '1998-01-01', null, 0.1)",
    "update categories set picture = '\\x01' where picture is null",
)


def test_silver_has_their_rows_and_follows_them(tmp_path: Path, postgresql_server: Path) -> None:
    project, home = tmp_path / "project", tmp_path / "lakehouse"
    project_following(project)
    sources = project / "ingestion/sources"
    (sources / "video_rental.yml").write_text(VIDEO_RENTAL, encoding="utf-8")
    (sources / "delicatessen.yml").write_text(DELICATESSEN, encoding="utf-8")
    lakehouse = Lakehouse(home, project)
    with (
        new_database(postgresql_server) as video_rental,
        new_database(postgresql_server) as delicatessen,
    ):
        of_source = {"video_rental": video_rental, "delicatessen": delicatessen}
        environment = os.environ | install(project) | lakehouse.environment
        for name, database in of_source.items():
            database.execute((SCHEMAS / f"{name}.sql").read_text(encoding="utf-8"))
            environment[f"{name.upper()}_URL"] = database.reader
        reader = psycopg.conninfo.conninfo_to_dict(video_rental.reader)["user"]
        video_rental.execute(
            f'grant usage on schema verleih to "{reader}"',
            f'grant select on all tables in schema verleih to "{reader}"',
        )

        def done(*command: str) -> str:
            process = run(command, cwd=project, env=environment)
            assert process.returncode == 0, process.stdout
            return process.stdout

        done("make", "sources")
        done("retailpulse", "pull")
        done("dbt", "build")
        compare(lakehouse, sources, of_source)

        video_rental.execute(*IN_VIDEO_RENTAL)
        delicatessen.execute(*IN_DELICATESSEN)
        done("retailpulse", "pull", "--reconcile", "video_rental")
        done("retailpulse", "pull", "delicatessen")
        done("dbt", "build", "--select", "models/silver/video_rental", "models/silver/delicatessen")
        compare(lakehouse, sources, of_source)
        assert "0 rows of 8 tables landed" in done("retailpulse", "pull", "delicatessen")


def compare(lakehouse: Lakehouse, sources: Path, of_source: Mapping[str, Database]) -> None:
    """See that silver has the rows of all tables, and no other."""
    for name, database in of_source.items():
        for table in read_source(sources / f"{name}.yml").tables:
            columns, rows = rows_of(database, table)
            contract = json.loads(
                (sources.parent / f"contracts/{name}/{table.event_type}.json").read_text()
            )
            fields = list(contract["properties"])
            assert len(fields) == len(columns)
            found = lakehouse.query(
                f"select {', '.join(fields)} from retailpulse_silver.{table.event_type}"
            )
            assert len(found) == len(rows) > 0, table
            assert set(found) == set(rows), table
            [(current,)] = lakehouse.query(
                f"select count(*) from retailpulse_silver.{table.event_type}_history "
                "where is_current"
            )
            assert current == len(rows)


def rows_of(database: Database, table: Table) -> tuple[list[str], list[tuple[Any, ...]]]:
    """The names of a table's columns, and its rows as silver has them."""
    with psycopg.connect(database.owner, options="-c timezone=UTC") as connection:
        name = sql.Identifier(table.schema, table.name)
        empty = connection.execute(sql.SQL("select * from {} limit 0").format(name))
        columns = [column.name for column in empty.description or ()]
        # What is a key is text there.
        values = [
            sql.SQL("format('%s', {})" if column in table.key else "{}").format(
                sql.Identifier(column)
            )
            for column in columns
        ]
        query = sql.SQL("select {} from {}").format(sql.SQL(", ").join(values), name)
        rows = connection.execute(query).fetchall()
    return columns, [tuple(map(_in_silver, row)) for row in rows]


def _in_silver(value: Any) -> Any:
    match value:
        case bytes():
            return f"\\x{value.hex()}"
        case list() | dict():
            separators = (",", ":") if isinstance(value, list) else (", ", ": ")
            return json.dumps(value, ensure_ascii=False, separators=separators)
        case datetime(tzinfo=None):
            return value
        case datetime():
            return value.astimezone(UTC).replace(tzinfo=None)
        case _:
            return value
