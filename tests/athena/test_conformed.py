"""Rows of databases and events are one gold on Athena as on DuckDB, cell for cell."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from local_athena import LocalAthena
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.contents import Contents, differences, told
from tests.support.athena.engines import AthenaEngine, EmbeddedEngine, Engine
from tests.support.athena.history import FAST, MODELS
from tests.support.athena.project_copies import copied_to
from tests.support.databases.business_rows import Businesses
from tests.support.road.new_types import FIRST_RUN, SECOND_RUN, land_first, land_second

ARRIVALS = Arrivals((FIRST_RUN.date() - timedelta(days=1), SECOND_RUN.date()), (11, 16))
GOLD = (
    *("agg_city_performance", "agg_product_sales", "dim_customers", "dim_customers_history"),
    *("dim_employees", "dim_offices", "dim_products", "dim_products_history"),
    *("fact_order_items", "fact_orders", "fact_payments"),
)


def test_databases_and_events_together(local_athena: LocalAthena, tmp_path: Path) -> None:
    project = copied_to(tmp_path / "project")
    athena = AthenaEngine(tmp_path / "athena", local_athena, ARRIVALS, project)
    embedded = EmbeddedEngine(tmp_path / "duckdb", project)
    embedded.home.mkdir()
    athena.reset()

    expected, actual = two_runs(embedded), two_runs(athena)

    found = differences(expected, actual)
    assert found == [], told("two runs", found)
    assert [name for name in GOLD if not actual[f"retailpulse.{name}"].rows] == []


def two_runs(engine: Engine) -> Contents:
    """A first build of all models and a fast run; return all that is there then."""
    businesses = Businesses()
    land_first(engine)
    before = FIRST_RUN - timedelta(minutes=20)
    for source, bodies in zip(("webshop", "wholesale"), businesses.opening(before), strict=True):
        engine.land(bodies, before, f"{source}-1", source)
    engine.build(*MODELS, at=FIRST_RUN)
    land_second(engine)
    later = SECOND_RUN - timedelta(minutes=20)
    for source, bodies in zip(("webshop", "wholesale"), businesses.changes(80, later), strict=True):
        engine.land(bodies, later, f"{source}-2", source)
    engine.build(*FAST, at=SECOND_RUN)
    return engine.everything()
