"""A new event type, a new domain and a new entity with its history are a contract each.

The contracts are those of docs/add-a-source.md. The same events come to the same on Athena:
tests/athena/test_new_domain.py.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from ingestion.contract_generator.marker import MARKER
from tests.integration.road.test_corrections import created
from tests.support.dbt.fixture_project import known_types_of
from tests.support.project.copies import copy_project
from tests.support.project.followed import project_following
from tests.support.road.add_a_source import CONTRACTS, add_contracts
from tests.support.road.lakehouse import Lakehouse, vars_flag
from tests.support.road.new_types import (
    FIRST_RUN,
    SECOND_RUN,
    land_first,
    land_second,
    supplier,
)

FAST = ("--selector", "fast")
NO_UNIT_TESTS = ("--exclude-resource-type", "unit_test")
CONSERVATION = """
    select
        domain,
        sum(landed_count)::int,
        sum(accepted_count)::int,
        sum(quarantined_count)::int,
        sum(duplicate_count)::int
    from retailpulse_silver.event_conservation
    group by domain
    order by domain
"""
HISTORY = """
    select supplier_id, name, country, strftime(valid_from, '%Y-%m-%d %H'),
        strftime(valid_to, '%Y-%m-%d %H'), is_current, is_first_known
    from retailpulse_silver.suppliers_history
    order by supplier_id, valid_from
"""


@pytest.fixture(scope="module")
def extended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lakehouse]:
    """Two whole builds, unit tests included, in a copy of the project with the contracts."""
    folder = tmp_path_factory.mktemp("extended")
    project = folder / "project"
    project_following(project)
    add_contracts(project)
    lakehouse = Lakehouse(folder / "home", project)
    lakehouse.home.mkdir()
    with known_types_of(project):
        land_first(lakehouse)
        lakehouse.build(at=FIRST_RUN)
        land_second(lakehouse)
        lakehouse.build(*NO_UNIT_TESTS, at=SECOND_RUN)
        yield lakehouse


@pytest.fixture
def later(extended: Lakehouse, tmp_path: Path) -> Lakehouse:
    """A copy of that lakehouse and of its project, to go on with."""
    shutil.copytree(
        extended.home, tmp_path / "home", ignore=shutil.ignore_patterns("target", "logs")
    )
    shutil.copytree(extended.project, tmp_path / "project")
    return Lakehouse(tmp_path / "home", tmp_path / "project")


def test_no_other_file_is_touched(tmp_path: Path) -> None:
    copy_project(tmp_path / "project")
    before = files(tmp_path / "project")
    add_contracts(tmp_path / "project")
    after = files(tmp_path / "project")

    changed = {path for path in before.keys() | after if before.get(path) != after.get(path)}
    by_hand = {path for path in changed if MARKER not in after.get(path, "")}
    # JSON has no comment to say that it is generated.
    assert by_hand == {*CONTRACTS, "ingestion/known_types.json"}
    assert {path for path in changed & before.keys() if "orders" not in path} == {
        "macros/generated/known_event_types.sql",
        "ingestion/known_types.json",
    }


def test_each_domain_accepts_quarantines_and_counts_what_is_its_own(extended: Lakehouse) -> None:
    assert extended.query(CONSERVATION) == [
        # domain, landed, accepted, quarantined, duplicate
        ("loyalty", 4, 2, 2, 0),
        ("orders", 6, 4, 1, 1),
        ("purchasing", 13, 10, 2, 1),
    ]
    assert extended.query(
        "select domain, event_id, reject_reason, reject_field, reject_value "
        "from retailpulse_silver.quarantined_events order by all"
    ) == [
        ("loyalty", "p1", "conflicting_duplicate", "event_id", "p1"),
        ("loyalty", "p2", "wrong_type", "points", '"50"'),
        ("orders", "r2", "wrong_type", "order_id", "1"),
        ("purchasing", "s4-3", "conflicting_duplicate", "id", "s4-3"),
        ("purchasing", "s5-1", "missing_field", "data.name", None),
    ]


def test_a_type_of_a_known_domain_is_in_the_domains_table(extended: Lakehouse) -> None:
    assert extended.query(
        "select event_id, order_id, reason, amount from retailpulse_silver.orders_events "
        "where event_type = 'order_returned' order by 1"
    ) == [("r1", "o1", "too small", None), ("r3", "o2", None, None)]


def test_a_new_domain_has_its_own_table(extended: Lakehouse) -> None:
    assert extended.query(
        "select event_id, account_id, points, occasion, expires_on::varchar "
        "from retailpulse_silver.loyalty_events order by 1"
    ) == [("p1", "k1", 120, "PURCHASE", None), ("p3", "k2", 10, None, "2026-12-31")]


def test_an_entity_is_as_its_last_version_says(extended: Lakehouse) -> None:
    assert extended.query(
        "select system, supplier_id, name, country, credit_limit::varchar, is_approved "
        "from retailpulse_silver.suppliers order by 2"
    ) == [
        ("retailpulse", "s1", "Porcelain Works", "PT", None, None),
        ("retailpulse", "s2", "Linen Mill", None, "5000.0000", None),
        ("retailpulse", "s4", "Oak and Ash", None, None, True),
    ]


def test_its_history_has_each_state_once_from_its_place_to_the_next(extended: Lakehouse) -> None:
    assert extended.query(HISTORY) == [
        # The second came last.
        ("s1", "Porcelain Works", None, "1970-01-01 00", "2026-03-02 08", False, True),
        ("s1", "Porcelain & Sons", None, "2026-03-02 08", "2026-03-03 08", False, False),
        ("s1", "Porcelain Works", "PT", "2026-03-03 08", "9999-12-31 00", True, False),
        # Of two that are alike.
        ("s2", "Linen Mill", None, "1970-01-01 00", "9999-12-31 00", True, True),
        # Deleted, and deleted for a day.
        ("s3", "Glass House", None, "1970-01-01 00", "2026-03-02 08", False, True),
        ("s4", "Oak and Ash", None, "1970-01-01 00", "2026-03-02 08", False, True),
        ("s4", "Oak and Ash", None, "2026-03-03 08", "9999-12-31 00", True, False),
    ]


def test_a_domain_whose_sql_is_wrong_leaves_the_orders_built(later: Lakehouse) -> None:
    staging = later.project / "models/staging/carts/stg_carts__cart_abandoned.sql"
    generated = staging.read_text()
    staging.write_text("select *, cart_idd from ({{ staged_events('cart_abandoned') }}) as staged")
    run = SECOND_RUN + timedelta(hours=1)
    later.land([order("o3"), cart("c1")], run - timedelta(minutes=20), "third")

    failures = failed(later, run, *NO_UNIT_TESTS)

    assert failures["stg_carts__arrivals"] == "error"
    assert failures["carts_events"] == failures["agg_abandoned_carts"] == "skipped"
    assert not [name for name in failures if "order" in name or "loyalty" in name]
    assert orders(later) == ["o1", "o2", "o3"]

    staging.write_text(generated)
    later.parse_again()
    later.build(*NO_UNIT_TESTS, at=run + timedelta(hours=1))
    assert later.query("select cart_count from retailpulse.agg_abandoned_carts") == [(1,)]


def test_a_domain_that_lost_an_event_leaves_the_orders_built(later: Lakehouse) -> None:
    run = SECOND_RUN + timedelta(hours=1)
    # Before what the next run reads again, and within what it counts.
    later.land([supplier("s6", 1, day=1, name="Lost")], run - timedelta(minutes=20), "third")
    later.build(*FAST, at=run)
    with later.connect(writable=True) as connection:
        connection.execute("delete from retailpulse_silver.suppliers_versions where name = 'Lost'")
    later.land([order("o3"), supplier("s7", 1, day=1, name="Last")], run, "fourth")

    failures = failed(later, run + timedelta(minutes=5), *FAST)

    # What is made of the domain waits until somebody has looked.
    assert failures == {
        "suppliers_versions__is_right_where_this_run_wrote": "fail",
        "suppliers": "skipped",
    }
    assert orders(later) == ["o1", "o2", "o3"]


def files(project: Path) -> dict[str, str]:
    """The text of each file of a project, by its path."""
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in project.rglob("*")
        if path.is_file()
    }


def failed(lakehouse: Lakehouse, at: datetime, *arguments: str) -> dict[str, str]:
    """Build; return what did not succeed, by its name: `error`, `fail` or `skipped`."""
    failures = lakehouse.dbt("build", *vars_flag(at), *arguments)
    return {name: status for name, status, *_ in (each.split(": ") for each in failures)}


def orders(lakehouse: Lakehouse) -> list[str]:
    """The ids of the orders in gold."""
    return [
        row[0] for row in lakehouse.query("select order_id from retailpulse.fact_orders order by 1")
    ]


def order(name: str) -> bytes:
    return created(f"e-{name}", name, "2026-03-09T10:00:00Z", 10, "EUR")


def cart(name: str) -> bytes:
    return (
        b'{"event_id": "%b", "event_type": "cart_abandoned", "event_ts": "2026-03-09T10:00:00Z", '
        b'"cart_id": "%b", "amount": 5}' % (name.encode(), name.encode())
    )
