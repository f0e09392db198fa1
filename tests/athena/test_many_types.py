"""How many statements a fast run is billed for where there are 26 types more, in 8 domains.

Runs are an hour apart, so that the news of one are not found again within the lookback of the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pytest

from local_athena import LocalAthena
from tests.athena.test_fast_runs import billed
from tests.support.athena.athena_lakehouse import Arrivals
from tests.support.athena.engines import AthenaEngine
from tests.support.athena.history import FAST
from tests.support.dbt.fixture_project import known_types_of
from tests.support.many_types import DOMAINS, add_many_types, fact, facts_of
from tests.support.project.followed import project_following
from tests.support.road.histories import run_start

AT = run_start(0)
DAYS = Arrivals((AT.date() - timedelta(days=1), AT.date()))


@pytest.fixture(scope="module")
def athena(
    local_athena: LocalAthena, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[AthenaEngine]:
    """A first build with an event of each domain."""
    folder = tmp_path_factory.mktemp("many-types")
    project = project_following(folder / "project")
    add_many_types(project)
    athena = AthenaEngine(folder / "athena", local_athena, DAYS, project)
    with known_types_of(project):
        athena.reset()
        land(athena, DOMAINS, AT - timedelta(hours=1))
        athena.build(*FAST, at=AT, command="run")
        yield athena


@pytest.mark.parametrize(
    ("hours", "domains", "most"),
    [(1, 0, 3), (2, 1, 10), (3, 6, 45)],
    ids=["nothing new", "one domain", "six domains"],
)
def test_a_fast_run_is_billed_for_what_is_new(
    local_athena: LocalAthena, athena: AthenaEngine, hours: int, domains: int, most: int
) -> None:
    at = AT + timedelta(hours=hours)
    land(athena, DOMAINS[:domains], at - timedelta(minutes=1))
    before = len(billed(local_athena))

    athena.build(*FAST, at=at)

    sent = billed(local_athena)[before:]
    assert len(sent) <= most, "\n".join(statement[:120] for statement in sent)
    accepted = " union all ".join(
        f"select received_at from retailpulse_silver.{domain}_events" for domain in DOMAINS
    )
    after = f"received_at >= timestamp '{at - timedelta(hours=1):%Y-%m-%d %H:%M:%S}'"
    found = athena.query(f"select count(*) from ({accepted}) as accepted where {after}")
    assert found == [(domains,)]


def land(athena: AthenaEngine, domains: Sequence[str], at: datetime) -> None:
    """Land an event of the first type of each of some domains."""
    happened_at = f"{at:%Y-%m-%dT%H:%M:%S}Z"
    bodies = [
        fact(facts_of(domain)[0], f"{domain} {happened_at}", happened_at) for domain in domains
    ]
    if bodies:
        athena.land(bodies, at, f"{at:%H%M}")
