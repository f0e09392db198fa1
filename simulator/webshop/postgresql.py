"""The shop's database: its tables on a PostgreSQL, and each change as a transaction of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

import psycopg
from psycopg import sql

from simulator.webshop.business import Shop
from simulator.webshop.changes import (
    Change,
    Left,
    Moved,
    Priced,
    Product,
    Sale,
    StatusChanged,
    User,
)

TABLES: Final = ("dim_users", "dim_products", "fact_sales")

_SCHEMA: Final = Path(__file__).with_name("schema.sql")
_SALE: Final = "id, user_id, product_id, quantity, amount, currency, status, sold_at, updated_at"


def is_open(connection: psycopg.Connection[Any]) -> bool:
    """Return whether the shop has its tables."""
    found = connection.execute("select to_regclass('fact_sales') is not null").fetchone()
    return bool(found and found[0])


def open_shop(
    connection: psycopg.Connection[Any],
    *,
    seed: int,
    users: int,
    sales: int,
    since: datetime,
    until: datetime,
    tell: Callable[[str], None] = lambda _: None,
) -> Shop:
    """Make the tables, with what was sold before; all of it or nothing.

    Args:
        connection: To a database that has none of the tables.
        seed: The same seed gives the same shop.
        users: How many have signed up.
        sales: How many were made.
        since: When the first of them was.
        until: When the last was.
        tell: Is told how far it is.
    """
    shop = Shop(Random(f"shop {seed}"))  # noqa: S311 (no secret)
    with connection.transaction():
        connection.execute(_SCHEMA.read_bytes())
        opening = list(shop.opening(users))
        tell(f"{users:,} users")
        _copy(
            connection,
            "dim_products (id, name, category, price, currency)",
            (_row(each) for each in opening if isinstance(each, Product)),
        )
        _copy(
            connection,
            "dim_users (id, name, email, city)",
            (_row(each) for each in opening if isinstance(each, User)),
        )
        _copy(
            connection,
            f"fact_sales ({_SALE})",
            ((*_row(sale), at, at) for sale, at in shop.past_sales(sales, since, until)),
        )
        tell(f"{sales:,} sales")
    return shop


def resumed(connection: psycopg.Connection[Any], seed: int) -> Shop:
    """Return the shop as its tables say that it is."""
    users = [user for (user,) in connection.execute("select id from dim_users order by id")]
    buyers = {user for (user,) in connection.execute("select distinct user_id from fact_sales")}
    last = connection.execute("select coalesce(max(id), 0) from fact_sales").fetchone()
    assert last is not None, "an aggregate has a row"  # noqa: S101
    open_sales = connection.execute(
        "select id, status from fact_sales where status in ('PENDING', 'SHIPPED') order by id"
    )
    return Shop(
        Random(f"shop {seed} {last[0]}"),  # noqa: S311 (no secret)
        users=users,
        buyers=buyers,
        prices=dict(connection.execute("select id, price from dim_products order by id")),
        open=dict(open_sales),
        next_user=users[-1] + 1 if users else 1,
        next_sale=last[0] + 1,
    )


def apply(connection: psycopg.Connection[Any], change: Change) -> None:
    """Make a change of the shop in its tables, as its application would."""
    match change:
        case User():
            connection.execute(
                "insert into dim_users (id, name, email, city) values (%s, %s, %s, %s)",
                _row(change),
            )
        case Product():
            connection.execute(
                "insert into dim_products (id, name, category, price, currency) "
                "values (%s, %s, %s, %s, %s)",
                _row(change),
            )
        case Sale():
            connection.execute(
                "insert into fact_sales "
                "(id, user_id, product_id, quantity, amount, currency, status) "
                "values (%s, %s, %s, %s, %s, %s, %s)",
                _row(change),
            )
        case Moved(user, city):
            _update(connection, "dim_users", "city", user, city)
        case Priced(product, price):
            _update(connection, "dim_products", "price", product, price)
        case StatusChanged(sale, status):
            _update(connection, "fact_sales", "status", sale, status)
        case Left(user):
            connection.execute("delete from dim_users where id = %s", (user,))


def _update(
    connection: psycopg.Connection[Any], table: str, column: str, key: int, value: object
) -> None:
    statement = sql.SQL("update {} set {} = %s, updated_at = now() where id = %s").format(
        sql.Identifier(table), sql.Identifier(column)
    )
    connection.execute(statement, (value, key))


def _row(change: User | Product | Sale) -> tuple[object, ...]:
    return tuple(getattr(change, name) for name in change.__slots__)


def _copy(
    connection: psycopg.Connection[Any], target: str, rows: Iterable[Sequence[object]]
) -> None:
    with connection.cursor().copy(f"copy {target} from stdin".encode()) as copy:
        for row in rows:
            copy.write_row(row)
