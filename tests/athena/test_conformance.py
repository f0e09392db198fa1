"""After every step of a history Athena holds, cell for cell, what DuckDB holds.

And the comparison sees a mistake: one of those that `make soak-athena` seeds, all of them fitting.
"""

from __future__ import annotations

from pathlib import Path

from local_athena import LocalAthena
from tests.support.athena.contents import differences, told
from tests.support.athena.engines import AthenaEngine
from tests.support.athena.history import ARRIVALS, SEED, eventful_days
from tests.support.athena.mutations import MUTATIONS, first_difference
from tests.support.athena.project_copies import changed
from tests.support.athena.recorded import raw_objects, recorded_eventful_days
from tests.support.project.followed import project_following

QUICK_AND_TELLING = "money through double"

# One database is enough for what is generated of each alike: `make soak-athena` has all sources.
FOLLOWED = ("webshop",)
# The web shop tells of none of these.
OF_OTHERS = {
    *("retailpulse.dim_employees", "retailpulse.dim_offices", "retailpulse.fact_payments"),
    *("retailpulse.fact_cart_abandonments", "retailpulse.agg_abandonment_by_product"),
    *("retailpulse.agg_abandonment_rate", "retailpulse.agg_customer_abandoned_products"),
    "retailpulse.agg_product_reorders",
    # Each customer and product that the shop's orders name has been told of.
    "retailpulse.agg_overdue_references",
}


def test_two_eventful_days(local_athena: LocalAthena, tmp_path: Path) -> None:
    expected = recorded_eventful_days(SEED, FOLLOWED)
    project = project_following(tmp_path / "project", *FOLLOWED)
    athena = AthenaEngine(tmp_path / "athena", local_athena, ARRIVALS, project)
    athena.reset()

    for step in eventful_days(athena, SEED):
        found = differences(expected.after[step], athena.everything())
        assert found == [], told(step, found)
    assert raw_objects(athena.home) == expected.raw
    # Nothing is alike for being empty.
    gold = {name: table for name, table in expected.after[step].items() if "_silver." not in name}
    assert {name for name, table in gold.items() if not table.rows} == OF_OTHERS


def test_a_mistake_is_seen(local_athena: LocalAthena, tmp_path: Path) -> None:
    [mutation] = [mutation for mutation in MUTATIONS if mutation.name == QUICK_AND_TELLING]
    project = project_following(tmp_path / "project", *FOLLOWED)
    athena = AthenaEngine(tmp_path / "athena", local_athena, ARRIVALS, project)
    athena.reset()

    seen = first_difference(athena, recorded_eventful_days(SEED, FOLLOWED).after, SEED, mutation)

    assert seen is not None
    assert mutation.is_seen_by(*seen), seen


def test_each_mistake_fits_its_file(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project")
    for mutation in MUTATIONS:
        with changed(project, mutation.changes):
            pass
