from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from local_athena import LocalAthena
from simulator.databases.rows import make_tables
from tests.support.databases.postgresql_server import Database, new_database
from tests.support.infra.deployed.leftovers import Resources, resources
from tests.support.infra.deployed.orchestration import Orchestration
from tests.support.infra.deployed.stack import ENVIRONMENT, IMAGE, MINISTACK, Stack
from tests.support.infra.host_package import build_package
from tests.support.infra.queues import on_call
from tests.support.project.followed import project_following
from tests.support.road.lakehouse import PROJECT

# All tests here share one stack: one sees gold before other events are in it, one takes it away.
_FIRST = "test_first_number.py"
_LAST = "test_taken_down.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: (item.path.name == _LAST) - (item.path.name == _FIRST))


@pytest.fixture(scope="session")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """A web shop's database, with one sale in it."""
    with new_database(tmp_path_factory.mktemp("postgresql")) as database:
        with psycopg.connect(database.owner) as connection, connection.cursor() as cursor:
            make_tables(cursor, "webshop")
        database.execute(
            "insert into dim_users values (1, 'Ana', 'ana@example.com', 'Lisbon')",
            "insert into dim_products values (2, 'Tea', 'Groceries', 3.50, 'EUR')",
            "insert into fact_sales values (3, 1, 2, 2, 7.00, 'EUR')",
        )
        yield database


@pytest.fixture(scope="session")
def account(
    tmp_path_factory: pytest.TempPathFactory,
    report: Callable[[str], None],
    followed: Database,
) -> Iterator[Stack]:
    """An account with nothing in it but a database's address, and a checkout to deploy."""
    folder = tmp_path_factory.mktemp("cloud")
    project = folder / "checkout"
    project_following(project, "webshop", "grocery_cart_abandonments")
    shutil.copytree(
        PROJECT / "infra", project / "infra", ignore=shutil.ignore_patterns(".terraform*")
    )
    shutil.copy(PROJECT / "Makefile", project)
    (project / "dist").mkdir()
    with LocalAthena(folder / "aws", report=report, ministack=MINISTACK) as athena:
        client: Any = athena.client
        secret = client("secretsmanager").create_secret(
            Name="retailpulse/webshop", SecretString=followed.reader
        )
        yield Stack(athena, project, {"webshop": {"secret_arn": secret["ARN"]}})


@pytest.fixture(scope="session")
def before(account: Stack) -> Resources:
    """What there is in the account before anything is deployed."""
    return resources(account.client)


@pytest.fixture(scope="session")
def stack(account: Stack, before: Resources, report: Callable[[str], None]) -> Stack:
    """The account with one environment, deployed as a user deploys it."""
    del before
    report("Building the ingester's package")
    build_package(account.package)
    report("Making what an account needs")
    account.make("bootstrap", ENV=ENVIRONMENT)
    report("Deploying the environment")
    account.make("deploy", ENV=ENVIRONMENT, IMAGE=IMAGE, PACKAGE=str(account.package))
    return account


@pytest.fixture(scope="module")
def alerts_queue_url(stack: Stack) -> Iterator[str]:
    """A queue that hears what is said to whoever is on call."""
    with on_call(stack.client, stack.outputs["alerts_topic_arn"]) as url:
        yield url


@pytest.fixture(scope="module")
def orchestration(stack: Stack, alerts_queue_url: str) -> Orchestration:
    """The state machine and what it works with."""
    return Orchestration(
        state_machine_arn=stack.outputs["state_machine"]["arn"],
        lease_table=stack.outputs["lease_table"]["name"],
        cluster=stack.outputs["cluster"]["arn"],
        work_group=stack.outputs["work_groups"]["dbt"]["name"],
        alerts_queue_url=alerts_queue_url,
        client=stack.client,
    )


@pytest.fixture
def container_environment(stack: Stack) -> dict[str, str]:
    """How a process of the container reaches the emulator."""
    return {**stack.athena.environment, "RETAILPULSE_TARGET": "athena"}


@pytest.fixture
def long_query(stack: Stack) -> Iterator[Callable[[str], str]]:
    """Starts a query in a work group that would run for hours; returns its id."""
    athena = stack.client("athena")
    started: list[str] = []

    def start(work_group: str) -> str:
        numbers = "unnest(sequence(1, 10000))"
        query = (
            f"select count(*) from {numbers} as a (x) cross join {numbers} as b (y) "
            f"cross join {numbers} as c (z) where x * y * z = -1"
        )
        execution = athena.start_query_execution(QueryString=query, WorkGroup=work_group)
        started.append(execution["QueryExecutionId"])
        return started[-1]

    yield start
    for execution in started:
        athena.stop_query_execution(QueryExecutionId=execution)
