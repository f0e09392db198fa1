"""What damages or strays into the lakehouse's files is told by name, and the rest goes on."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from retailpulse.local.set_aside import restore, set_aside
from tests.integration.road.test_corrections import created
from tests.support.road.clean_runs import BUILD
from tests.support.road.lakehouse import Lakehouse, Rows, vars_flag

RUN = datetime(2026, 3, 10, 12, 20, tzinfo=UTC)
FAST = ("--selector", "fast")
PARTITION = "events/event_type=order_created/dt=2026-03-10/hour=12"
CONSERVATION = "orders__arrivals_are_each_accepted_quarantined_or_duplicate"
WHOLE = "raw_objects__are_whole"
SILVER_TEST = "orders__is_right_where_this_run_wrote"
# The hook of name_damaged_files, the third of dbt_project.yml's.
NAMED_BY = "retailpulse-on-run-end-2"
MODELS_AND_CHECKS = (
    *("--select", "resource_type:model", CONSERVATION, WHOLE),
    *("--indirect-selection", "empty"),
)
ACCOUNTED_FOR = """
    select landed_count, accepted_count, quarantined_count, duplicate_count
    from retailpulse_silver.event_conservation order by arrival_hour
"""


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


def orders(batch: str, count: int = 40) -> list[bytes]:
    return [
        created(f"{batch}-{row}", f"{batch}-{row:03d}", "2026-03-09T10:00:00Z", row, "EUR")
        for row in range(count)
    ]


def land_orders(lakehouse: Lakehouse, batch: str, at: datetime) -> str:
    """Land a batch, and return its object's key."""
    lakehouse.land(orders(batch), at, batch)
    return f"{PARTITION}/{at:%Y%m%dT%H%M%S.%fZ}-{batch}.ndjson.gz"


def path(lakehouse: Lakehouse, key: str) -> Path:
    return lakehouse.home / "raw" / key


def failures(lakehouse: Lakehouse, *arguments: str, at: datetime | None = None) -> dict[str, str]:
    given = vars_flag(at) if at else ()
    told = (failure.partition(": ") for failure in lakehouse.dbt(*arguments, *given))
    return {name: message for name, _, message in told if not message.startswith("skipped")}


def backfill(lakehouse: Lakehouse, at: datetime) -> None:
    """As `retailpulse backfill`, without those of its tests that this is not about."""
    variables = {"backfill": {"from": "2026-03-10", "to": "2026-03-11"}}
    readers = ("--select", "config.meta.reads_raw:true")
    lakehouse.build(*readers, at=at, command="run", variables=variables)
    lakehouse.build(*MODELS_AND_CHECKS, at=at, variables=variables)


def orders_of(lakehouse: Lakehouse, batch: str) -> Rows:
    return lakehouse.query(
        f"select order_id from retailpulse.fact_orders where order_id like '{batch}-%' order by 1"
    )


@pytest.fixture(scope="module")
def built(shared_lakehouse: Lakehouse) -> Iterator[Lakehouse]:
    """A lakehouse with one batch in gold, to which each test adds what is its own."""
    shared_lakehouse.reset()
    shared_lakehouse.land(orders("first"), RUN - minutes(10), "first")
    shared_lakehouse.build(*BUILD[1:], at=RUN)
    yield shared_lakehouse
    shared_lakehouse.reset()


def test_a_cut_object_is_named_and_set_aside_and_what_is_readable_counts(built: Lakehouse) -> None:
    at = RUN + minutes(5)
    cut = land_orders(built, "cut", RUN - minutes(5))
    whole = path(built, cut).read_bytes()
    path(built, cut).write_bytes(whole[:-100])

    told = failures(built, "build", *FAST, at=at)

    assert set(told) == {SILVER_TEST, NAMED_BY}
    assert f"the raw object {cut} is cut off" in told[NAMED_BY]
    assert "`retailpulse raw set-aside`" in told[NAMED_BY]
    assert orders_of(built, "cut") == []

    kept = set_aside(built.home / "raw", cut, at).kept_lines
    built.build(*FAST, at=at + minutes(1))

    assert 0 < kept < 40
    assert len(orders_of(built, "cut")) == kept
    built.build("--select", CONSERVATION, WHOLE, at=RUN + timedelta(days=1), command="test")

    (built.home / "raw/set_aside" / cut).write_bytes(whole)
    restore(built.home / "raw", cut)
    built.build(*FAST, at=at + minutes(2))

    assert len(orders_of(built, "cut")) == 40


def test_plain_events_put_into_raw_by_hand_are_counted_as_lost(built: Lakehouse) -> None:
    at = RUN + minutes(10)
    lines = [*orders("foreign", 3), b"not json", b'{"received_at": "yesterday"}', b""]
    foreign = f"{PARTITION}/foreign.ndjson.gz"
    path(built, foreign).write_bytes(gzip.compress(b"\n".join(lines)))

    told = failures(built, "build", *FAST, at=at)

    assert set(told) == {SILVER_TEST, NAMED_BY}
    assert f"{foreign} has 5 lines, of which 5 are no envelope" in str(told)
    landed, accepted, quarantined, duplicate = built.query(ACCOUNTED_FOR)[0]
    assert landed == accepted + quarantined + duplicate + 5

    set_aside(built.home / "raw", foreign, at)
    built.build(*FAST, at=at + minutes(1))

    landed, accepted, quarantined, duplicate = built.query(ACCOUNTED_FOR)[0]
    assert landed == accepted + quarantined + duplicate


def test_an_altered_object_leaves_gold_and_comes_back_with_a_good_copy(built: Lakehouse) -> None:
    at = RUN + minutes(15)
    altered = land_orders(built, "altered", RUN - minutes(2))
    built.build(*FAST, at=at)
    contents = built.contents()
    whole = path(built, altered).read_bytes()
    # The checksum: DuckDB reads on as if nothing were.
    path(built, altered).write_bytes(whole[:-8] + bytes(4) + whole[-4:])
    built.build(*FAST, at=at + minutes(1))

    told = failures(built, "build", *MODELS_AND_CHECKS, at=at + minutes(2))

    assert set(told) == {WHOLE, NAMED_BY}
    assert f"{altered} is altered" in told[NAMED_BY]

    set_aside(built.home / "raw", altered, at)
    backfill(built, at + minutes(3))

    assert orders_of(built, "altered") == []
    others = built.query("select count(*) from retailpulse.fact_orders")
    assert others == [(len(contents["retailpulse.fact_orders"]) - 40,)]

    (built.home / "raw/set_aside" / altered).write_bytes(whole)
    restore(built.home / "raw", altered)
    backfill(built, at + minutes(4))

    assert built.contents() == contents


def test_the_fast_path_misses_a_table_file_that_is_gone(built: Lakehouse) -> None:
    live = "ducklake_list_files('lakehouse', 'reject_reasons', schema => 'retailpulse_silver')"
    file = Path(built.query(f"select data_file from {live}")[0][0])
    content = file.read_bytes()
    file.unlink()

    told = failures(built, "build", *FAST, at=RUN + minutes(20))

    assert set(told) == {"tables__have_all_their_files", NAMED_BY}
    assert f"the table file {file} is gone" in told[NAMED_BY]
    assert "`retailpulse rebuild`" in told[NAMED_BY]
    file.write_bytes(content)
    built.build(*FAST, at=RUN + minutes(21))
