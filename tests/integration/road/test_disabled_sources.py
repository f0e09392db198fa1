"""A source that is disabled is not built, and what has landed of it is there once it is enabled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from retailpulse.commands.webshop import is_simulated
from retailpulse.local.home import Home
from tests.support.databases.business_rows import Businesses
from tests.support.project.followed import FEEDS, SOURCES, disable, project_following
from tests.support.road.lakehouse import Lakehouse

NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
AT = datetime(2026, 1, 15, 12, tzinfo=UTC)

TABLES = "select table_name from duckdb_tables() where starts_with(table_name, 'webshop')"
ORDERS = "select origin, count(*) from retailpulse_silver.conformed_orders group by all"
UNACCOUNTED = """
    select domain, sum(landed_count)
    from retailpulse_silver.event_conservation
    group by domain
    having sum(landed_count) <> sum(accepted_count + quarantined_count + duplicate_count)
"""
COUNTED = "select sum(landed_count) from retailpulse_silver.event_conservation"


def test_a_source_that_is_enabled_later_misses_nothing(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project")
    lakehouse = Lakehouse(tmp_path / "home", project)
    businesses = Businesses()
    opening = businesses.opening(AT - timedelta(hours=2))
    of_webshop = opening["webshop"]
    lakehouse.land(
        [*of_webshop, *opening["wholesale"]], AT - timedelta(hours=2), "first", "webshop"
    )

    lakehouse.build(*NO_UNIT_TESTS, at=AT)

    assert not is_simulated(Home(project, lakehouse.home), {})
    assert lakehouse.query(TABLES) == []
    assert lakehouse.query(ORDERS) == []
    assert lakehouse.query("select count(*) from retailpulse.dim_offices") == [(0,)]
    assert lakehouse.query(COUNTED) == [(None,)]

    later = businesses.changes(30, AT)["webshop"]
    lakehouse.land(later, AT, "later", "webshop")
    disable(project, [*FEEDS, "wholesale"])
    lakehouse.parse_again()
    lakehouse.build(*NO_UNIT_TESTS, at=AT + timedelta(hours=1))

    assert is_simulated(Home(project, lakehouse.home), {})
    [(origin, orders)] = lakehouse.query(ORDERS)
    assert origin == "webshop"
    assert orders >= 60
    assert lakehouse.query(COUNTED) == [(len(of_webshop) + len(later),)]
    assert lakehouse.query(UNACCOUNTED) == []

    disable(project, SOURCES)
    lakehouse.parse_again()
    lakehouse.build(*NO_UNIT_TESTS, at=AT + timedelta(hours=2))

    assert lakehouse.query(ORDERS) == []
    assert lakehouse.query("select count(*) from retailpulse.fact_orders") == [(0,)]
