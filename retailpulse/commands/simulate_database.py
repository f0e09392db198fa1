"""`retailpulse simulate-database`: a simulated business at work in a database of the user's."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import Annotated, Any, Final

import psycopg
import pymysql
import typer

from ingestion.sources.databases import mysql_session, postgresql_session
from retailpulse.errors import SetupError, WorkError
from retailpulse.terminal import Step, Terminal, counted
from simulator.databases import webshop, wholesale
from simulator.databases.rows import RowChange, apply, insert_all, make_tables

CONNECTION: Final = "SIMULATED_DATABASE_URL"
"""The variable that holds the address, unless another is named."""

_SEED: Final = 42
_PAST: Final = timedelta(days=30)
_CUSTOMERS: Final = {"webshop": 2_000, "wholesale": 120}
_ORDERS: Final = {"webshop": 1_000, "wholesale": 320}
# Beside the tables of a business, so that it never writes to somebody's own of these names.
_MARK: Final = "retailpulse_simulation"


class Business(StrEnum):
    """What is simulated."""

    WEBSHOP = "webshop"
    WHOLESALE = "wholesale"


@dataclass(frozen=True, slots=True)
class _Database:
    """A database that can be written to.

    Attributes:
        cursor: Each statement of which is a transaction of its own.
        tables: A query for the names of the tables that are there.
    """

    cursor: Any
    tables: str

    def query(self, sql: str) -> list[Any]:
        """Return the rows of a query."""
        self.cursor.execute(sql)
        return list(self.cursor.fetchall())


def simulate_database(
    business: Annotated[
        Business,
        typer.Argument(help="webshop, on PostgreSQL, or wholesale, on MySQL or MariaDB."),
    ],
    connection: Annotated[
        str,
        typer.Option(
            metavar="VARIABLE",
            help="The environment variable with the address, of an account that makes tables.",
        ),
    ] = CONNECTION,
    rate: Annotated[float, typer.Option(min=0.01, help="Changes of rows a second.")] = 5.0,
    changes: Annotated[
        int | None, typer.Option(min=0, help="How many; without it, until Ctrl-C.")
    ] = None,
) -> None:
    """Let a simulated business work in a database, to be followed by `retailpulse pull`.

    An empty database gets its tables; in one that has them it goes on where it was.
    """
    address = os.environ.get(connection, "")
    if not address:
        raise SetupError(f"set {connection} to the address of a database for the {business}")
    terminal = Terminal()
    try:
        with _connected(business, connection, address) as database:
            with terminal.step(f"Opening the {business}") as step:
                next_change = _opened(business, database, step.update)
            with terminal.step(f"The {business} works: Ctrl-C stops it") as step:
                _act(next_change, database, rate, changes, step)
    # RuntimeError is PyMySQL's, where a server wants a password in a form that takes TLS.
    except (psycopg.Error, pymysql.MySQLError, RuntimeError) as error:
        said = " ".join(str(error).split())
        raise WorkError(f"the database at {connection} says: {said}") from error


@contextmanager
def _connected(business: Business, variable: str, address: str) -> Iterator[_Database]:
    """Connect to the database of a business.

    Raises:
        SetupError: The address is none of that kind of database.
    """
    kind = "PostgreSQL" if business is Business.WEBSHOP else "MySQL or MariaDB"
    opened: Any
    try:
        if business is Business.WEBSHOP:
            opened = psycopg.connect(
                **postgresql_session.connect_arguments(address), autocommit=True
            )
        else:
            opened = pymysql.connect(
                **mysql_session.connect_arguments(address),
                charset="utf8mb4",
                autocommit=True,
                connect_timeout=mysql_session.CONNECT_SECONDS,
            )
    # Their texts may quote the address.
    except (ValueError, OSError) as error:
        raise SetupError(
            f"{variable} is no address of {kind}, or names a file that cannot be read"
        ) from error
    schema = "current_schema()" if business is Business.WEBSHOP else "database()"
    tables = (
        f"select table_name from information_schema.tables "  # noqa: S608 (one of two words)
        f"where table_schema = {schema} order by table_name"
    )
    with closing(opened), opened.cursor() as cursor:
        yield _Database(cursor, tables)


def _opened(
    business: Business, database: _Database, tell: Callable[[str], None]
) -> Callable[[], RowChange]:
    """Return what happens next in the business: as the database has it, or opened in an empty one.

    Raises:
        SetupError: The database has something else.
    """
    now = datetime.now(UTC)
    there = [name for (name,) in database.query(database.tables)]
    if there:
        if _MARK not in there or database.query(f"select business from {_MARK}") != [  # noqa: S608
            (business.value,)
        ]:
            raise SetupError(
                f"the database has tables that no {business} made, such as {there[0]}: give it an "
                "empty one"
            )
        return (
            webshop.resumed(_SEED, database.query).next_change
            if business is Business.WEBSHOP
            else _by_the_day(wholesale.resumed(_SEED, now.date(), database.query))
        )
    customers, orders = _CUSTOMERS[business], _ORDERS[business]
    make_tables(database.cursor, business)
    if business is Business.WEBSHOP:
        shop = webshop.Webshop(Random(f"webshop {_SEED}"))  # noqa: S311 (no secret)
        insert_all(database.cursor, shop.opening(customers, orders, now - _PAST, now), tell)
        next_change = shop.next_change
    else:
        wholesaler = wholesale.Wholesale(Random(f"wholesale {_SEED}"), now.date())  # noqa: S311
        insert_all(database.cursor, wholesaler.opening(customers, orders), tell)
        next_change = _by_the_day(wholesaler)
    # Last: what was killed before is not taken for a business that is open.
    database.cursor.execute(f"create table {_MARK} (business varchar(20) not null)")
    database.cursor.execute(f"insert into {_MARK} values (%s)", (business.value,))  # noqa: S608
    return next_change


def _by_the_day(wholesaler: wholesale.Wholesale) -> Callable[[], RowChange]:
    def next_change() -> RowChange:
        wholesaler.today = datetime.now(UTC).date()
        return wholesaler.next_change()

    return next_change


def _act(
    next_change: Callable[[], RowChange],
    database: _Database,
    rate: float,
    changes: int | None,
    step: Step,
) -> None:
    """Make changes at a rate; where the database is slower, as fast as it can."""
    began = time.monotonic()
    done = 0
    while changes is None or done < changes:
        apply(database.cursor, next_change())
        done += 1
        step.update(counted(done, "change"))
        time.sleep(max(0.0, began + done / rate - time.monotonic()))
