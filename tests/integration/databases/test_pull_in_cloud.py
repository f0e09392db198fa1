"""A real PostgreSQL, pulled by the container's entry point into the emulated S3."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psycopg
import pytest
from botocore.config import Config

from ingestion.raw_zone import S3RawZone, StorageError
from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.state_store import Stored
from retailpulse.cloud.scheduled.outcome import ErrorName
from tests.support.databases.postgresql_server import Database
from tests.support.databases.pulled_in_cloud import CloudHome, terminate
from tests.support.databases.pulling import CREATE_USERS, INDEX, Killed
from tests.support.ingestion.emulated_aws import REGION, emulated_aws
from tests.support.ingestion.lost_answers import losing
from tests.support.ingestion.requests import counted

NewHome = Callable[..., CloudHome]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with emulated_aws(tmp_path_factory.mktemp("aws")) as url:
        yield url


@pytest.fixture
def new_home(aws: str, database: Database, tmp_path: Path) -> NewHome:
    def make(*types: str) -> CloudHome:
        database.execute(CREATE_USERS, INDEX)
        return CloudHome(tmp_path, aws, database, *types)

    return make


def add(home: CloudHome, first: int, last: int, table: str = "users") -> None:
    """Rows that are older than any overlap."""
    home.database.execute(
        f"insert into {table} (id, name, updated_at) "
        "select id, 'user ' || id, now() - interval '1 day' "
        f"from generate_series({first}, {last}) as id"
    )


def event(home: CloudHome, name: str) -> list[dict[str, Any]]:
    return [line for line in home.lines if line["event"] == name]


def test_what_changed_lands_and_the_log_tells_of_each_table(new_home: NewHome) -> None:
    home = new_home("shop_users")
    home.describe("users")
    add(home, 1, 250)

    assert home.run()[0] == 0

    assert home.names() == home.table_names()
    [pulled] = event(home, "table_pulled")
    assert (pulled["source"], pulled["table"], pulled["rows"]) == ("shop", "shop_users", 250)
    # There was none before.
    assert "lag_seconds" not in pulled
    assert {key.split("/")[0] for key in home.keys("")} == {"events", "pulled"}
    assert all(key.startswith("pulled/shop/shop_users") for key in home.keys("pulled/"))

    home.database.execute("update users set name = 'Ana', updated_at = now() where id = 7")
    assert home.run()[0] == 0

    assert home.names() == home.table_names()
    [pulled] = event(home, "table_pulled")
    assert 0 < pulled["lag_seconds"] < 3_600
    assert event(home, "source_pulled") == [
        {
            "event": "source_pulled",
            "source": "shop",
            "tables": 1,
            "refused": 0,
            "failed": 0,
            "rows": pulled["rows"],
        }
    ]


def test_a_table_that_no_run_would_see_is_refused_until_it_is_deployed(new_home: NewHome) -> None:
    home = new_home("shop_users")
    home.describe("users", "orders")
    home.database.execute(
        CREATE_USERS.replace("users", "orders"), "create index on orders (updated_at)"
    )
    add(home, 1, 3)
    add(home, 1, 3, "orders")

    assert home.run()[0] == 0

    [refused] = event(home, "table_refused")
    assert refused["table"] == "shop_orders"
    assert "`make sources`" in refused["reason"]
    assert "`make deploy` (terraform apply)" in refused["reason"]
    assert home.names() == home.table_names()
    assert not home.keys("events/event_type=shop_orders/")
    [told] = event(home, "source_pulled")
    assert (told["tables"], told["refused"]) == (2, 1)

    home.list_types("shop_users", "shop_orders")
    assert home.run()[0] == 0

    assert home.names("shop_orders") == home.table_names("orders")


def test_a_table_that_cannot_be_followed_leaves_the_others_alone(new_home: NewHome) -> None:
    home = new_home("shop_users", "shop_orders")
    home.describe("orders", "users")
    add(home, 1, 3)

    assert home.run()[0] == 0

    [refused] = event(home, "table_refused")
    assert refused["table"] == "shop_orders"
    assert home.names() == home.table_names()


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://reader:s3cret-word@127.0.0.1:1/shop", "Transient: shop: no connection"),
        ("s3cret-word", "RunFailed: shop: SHOP_DATABASE_URL is no address"),
        (" ", "RunFailed: shop: SHOP_DATABASE_URL is empty: put the database's address"),
    ],
)
def test_what_is_wrong_with_the_address_is_told_without_it(
    address: str, told: str, new_home: NewHome
) -> None:
    home = new_home("shop_users")
    home.describe("users")

    code, said = home.run(SHOP_DATABASE_URL=address)

    assert code == 1
    assert told in said
    assert "s3cret-word" not in said
    assert "Traceback" not in said


def test_a_source_that_the_image_lacks_and_a_table_that_glue_lacks_are_told(
    new_home: NewHome,
) -> None:
    home = new_home("shop_users")
    home.describe("users")

    assert (
        "RunFailed: there is no source till: this image has shop, webshop, wholesale;"
        in home.run(source="till")[1]
    )
    code, said = home.run(RETAILPULSE_RAW_TABLE="retailpulse_raw.nothing")
    assert code == 1
    assert "RunFailed: shop: AWS refuses what a pull needs:" in said


def test_a_pull_that_is_stopped_says_so_and_the_next_goes_on(new_home: NewHome) -> None:
    home = new_home("shop_users")
    home.describe("users")
    add(home, 1, 250)
    with psycopg.connect(home.database.owner) as other:
        # What the pull waits for.
        other.execute("lock table users in access exclusive mode")
        process = home.start()
        while not home.database.rows(
            "select 1 from pg_stat_activity where wait_event_type = 'Lock' "
            "and application_name = 'retailpulse' and datname = current_database()"
        ):
            assert process.poll() is None, home.ended(process)
        terminate(process)
        code, said = home.ended(process)

    assert code == 1
    assert "Transient: the pull was stopped: SIGTERM" in said
    assert home.run()[0] == 0
    assert home.names() == home.table_names()


def test_of_two_pulls_at_once_nothing_is_lost(new_home: NewHome) -> None:
    home = new_home("shop_users")
    home.describe("users")
    add(home, 1, 3_000)

    processes = [home.start(), home.start()]
    ends = [home.ended(process) for process in processes]

    assert 0 in [code for code, _ in ends]
    for code, said in ends:
        assert code == 0 or "Transient: " in said
    assert home.run()[0] == 0
    assert home.names() == home.table_names()


class DyingStates(S3StateStore):
    """Dies at its n-th write: before it, or right behind it."""

    def __init__(self, home: CloudHome, at: int, *, behind: bool) -> None:
        super().__init__(home.client, home.bucket, "pulled/shop")
        self._left = at
        self._behind = behind

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        self._left -= 1
        if self._left == 0:
            if self._behind:
                super().write(name, body, tag)
            raise Killed
        return super().write(name, body, tag)


@pytest.mark.parametrize("behind", [False, True])
def test_killed_at_any_write_of_its_state_it_goes_on_and_a_page_lands_twice_at_most(
    behind: bool, new_home: NewHome
) -> None:
    home = new_home()
    add(home, 1, 250)
    kills = 0
    for at in range(1, 40):
        try:
            # Each goes one write further than it would have to the end.
            home.pull(states=DyingStates(home, 1 + at % 4, behind=behind))
        except Killed:
            kills += 1
        else:
            break

    assert home.pull() is None
    assert kills > 3
    assert home.names() == home.table_names()
    times: dict[str, int] = {}
    for landed in home.landed():
        times[landed["data"]["id"]] = times.get(landed["data"]["id"], 0) + 1
    # Pages of a hundred rows: one for each kill.
    assert sum(count - 1 for count in times.values()) <= 100 * kills


def test_lost_answers_of_s3_change_nothing(aws: str, new_home: NewHome) -> None:
    home = new_home()
    add(home, 1, 250)
    client = boto3.client(
        "s3",
        endpoint_url=aws,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )
    # Every other answer of a state's write and of a page is lost.
    losing(client, every=2)

    assert home.pull(states=home.states(client)) is None

    assert home.names() == home.table_names()
    assert len(home.landed()) == 250


class Unavailable(S3RawZone):
    """Takes nothing."""

    def put(self, key: str, body: bytes) -> None:
        raise StorageError("SlowDown")


def test_rows_that_could_not_land_are_told_as_passing_and_land_later(
    new_home: NewHome, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = new_home()
    add(home, 1, 3)
    monkeypatch.setattr("ingestion.sources.databases.reading._SECONDS_FOR_A_PAGE", 0.5)

    failure = home.pull(zone=Unavailable(home.client, home.bucket))

    assert failure is not None
    assert failure.error == ErrorName.TRANSIENT
    assert "did not land" in failure.cause
    [failed] = event(home, "table_failed")
    assert failed["table"] == "shop_users"
    assert home.pull() is None
    assert home.names() == home.table_names()


def test_an_unchanged_table_costs_a_read_and_a_write_and_a_changed_row_three_writes_more(
    new_home: NewHome,
) -> None:
    """The figures of infra/modules/database_source/README.md."""
    home = new_home()
    add(home, 1, 250)
    home.pull()
    home.pull()

    with counted(home.client) as requests:
        home.pull()
    assert requests == {"GetObject": 1, "PutObject": 1}

    home.database.execute("update users set name = 'Ana', updated_at = now() where id = 7")
    with counted(home.client) as requests:
        home.pull()
    assert requests == {"GetObject": 1, "PutObject": 4}
