"""A run as a whole: the same bytes everywhere, flat memory, files, and a live business."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest

from simulator.deliveries import Delivery, Simulation, simulate, stream
from simulator.files import write_files
from simulator.settings import Faults, LiveSettings, Settings, SettingsError

SMALL = Settings(seed=1, events=2_000, orders_per_day=400)
# Whoever changes this on purpose changes what every recorded run of a seed stands for.
SMALL_SHA256 = "8f26d7d10958a5dc5e475601c6980a18df826f104b48eead7d1c4ecb972bdd0d"
NOW = datetime(2026, 3, 4, 5, 6, 7, tzinfo=UTC)


def digest(settings: Settings) -> str:
    told = hashlib.sha256()
    for d in simulate(settings):
        told.update(repr((d.body, d.arrives_at, *d[2:7])).encode())
    return told.hexdigest()


def test_a_seed_gives_the_bytes_it_always_gave() -> None:
    assert digest(SMALL) == SMALL_SHA256


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_a_seed_gives_the_same_files_in_another_process(tmp_path: Path, hash_seed: str) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    write_files(SMALL, here)
    program = (
        "import sys, pathlib; from simulator.files import write_files;"
        "from simulator.settings import Settings;"
        "write_files(Settings(seed=1, events=2000, orders_per_day=400), pathlib.Path(sys.argv[1]))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    subprocess.run([sys.executable, "-c", program, there], check=True, env=environment)
    names = ["events.ndjson", "expected.ndjson", "summary.json"]
    assert sorted(path.name for path in there.iterdir()) == names
    for name in names:
        assert (here / name).read_bytes() == (there / name).read_bytes()


def test_two_businesses_share_no_id() -> None:
    runs = [
        SMALL,
        Settings(seed=2, events=2_000, orders_per_day=400),
        Settings(seed=1, events=2_000, orders_per_day=401),
        Settings(seed=1, events=2_000, orders_per_day=400, start=NOW),
        Settings(seed=1, events=2_000, orders_per_day=400, cloudevents_share=0.5),
    ]
    ids = [{d.event_id for d in simulate(run) if d.event_id} for run in runs]
    assert len(set.union(*ids)) == sum(map(len, ids))


def test_a_longer_run_goes_on_where_a_shorter_one_ends() -> None:
    longer = Settings(seed=1, events=3_000, orders_per_day=400)
    accepted = [d.body for d in simulate(longer) if d.outcome == "accepted"]
    shorter = {d.body for d in simulate(SMALL) if d.outcome == "accepted"}
    assert len(shorter & set(accepted)) == len(shorter) == 2_000


def test_memory_follows_the_days_in_flight_and_not_the_events() -> None:
    per_day = 200.0
    simulation = Simulation(Settings(events=40_000, orders_per_day=per_day))
    highest = {"first half": 0, "second half": 0}
    open_orders = 0
    for count, _ in enumerate(simulation):
        half = "first half" if count < 20_000 else "second half"
        highest[half] = max(highest[half], simulation.pending)
        open_orders = max(open_orders, simulation.business.open_orders)
    # 70 days: an order is open for 7 at most, a late event is on its way for 30 at most.
    assert highest["second half"] < 1.25 * highest["first half"]
    assert highest["first half"] < 0.02 * 3 * per_day * 30
    assert 2 * per_day < open_orders < 7 * per_day


def test_files_hold_every_body_and_every_expectation(
    tmp_path: Path, faulty: list[Delivery], faulty_settings: Settings
) -> None:
    told: list[int] = []
    summary = write_files(faulty_settings, tmp_path / "new" / "folder", told.append)
    folder = tmp_path / "new" / "folder"
    assert (folder / "events.ndjson").read_bytes().split(b"\n") == [*(d.body for d in faulty), b""]
    lines = (folder / "expected.ndjson").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line) for line in lines] == [
        {
            "ordinal": d.ordinal,
            "event_id": d.event_id,
            "fault": d.fault,
            "outcome": d.outcome,
            "reject_reason": d.reject_reason,
        }
        for d in faulty
        if d.fault is not None
    ]
    assert json.loads((folder / "summary.json").read_text(encoding="utf-8")) == summary
    assert summary["deliveries"] == len(faulty) == told[-1]
    assert summary["outcomes"] == Counter(d.outcome for d in faulty)
    assert summary["faults"] == Counter(d.fault for d in faulty if d.fault)
    assert summary["reject_reasons"] == Counter(d.reject_reason for d in faulty if d.reject_reason)
    assert told == [*range(1_000, len(faulty), 1_000), len(faulty)]


@pytest.fixture(scope="module")
def live() -> list[Delivery]:
    settings = LiveSettings(
        seed=5, start=NOW, events_per_second=200.0, life_cycle=timedelta(seconds=20)
    )
    minute = NOW + timedelta(seconds=60)
    return list(takewhile(lambda delivery: delivery.arrives_at < minute, stream(settings)))


def test_a_live_business_keeps_its_rate_from_the_first_second_on(live: list[Delivery]) -> None:
    per_second = Counter(int((d.arrives_at - NOW).total_seconds()) for d in live if d.event)
    assert all(0.7 * 200 < per_second[second] < 1.3 * 200 for second in range(60)), per_second
    assert 0.97 * 200 < sum(per_second.values()) / 60 < 1.03 * 200


def test_a_live_order_lives_for_seconds(
    live: list[Delivery],
    parse: Callable[[bytes], dict[str, Any]],
    instant: Callable[[object], datetime],
) -> None:
    created: dict[str, datetime] = {}
    lives: dict[str, timedelta] = {}
    for told in (parse(d.body) for d in live if d.outcome == "accepted"):
        at = instant(told["event_ts"])
        if told["event_type"] == "order_created":
            created[told["order_id"]] = at
        elif told["event_type"] == "order_status_changed" and told["order_id"] in created:
            lives[told["status"]] = max(
                lives.get(told["status"], timedelta(0)), at - created[told["order_id"]]
            )
    assert set(lives) == {"SHIPPED", "DELIVERED", "CANCELLED"}
    assert timedelta(seconds=10) < max(lives.values()) < timedelta(seconds=22)


def test_a_live_business_has_faults_whose_labels_are_true(
    live: list[Delivery], verdicts: Callable[[list[Delivery]], list[tuple[str, str | None]]]
) -> None:
    assert {d.fault for d in live} == {None, *Faults().rates()}
    assert [(d.outcome, d.reject_reason) for d in live] == verdicts(live)
    arrivals = [d.arrives_at for d in live]
    assert arrivals == sorted(arrivals)
    assert arrivals[0] >= NOW


@pytest.mark.parametrize(
    "make",
    [
        lambda: Settings(events=0),
        lambda: Settings(orders_per_day=0),
        lambda: Settings(seed=-1),
        lambda: Settings(start=datetime(2026, 1, 1)),
        lambda: Settings(start=datetime(1999, 1, 1, tzinfo=UTC)),
        lambda: Settings(cloudevents_share=1.1),
        lambda: LiveSettings(events_per_second=0),
        lambda: LiveSettings(life_cycle=timedelta(0)),
        lambda: LiveSettings(life_cycle=timedelta(days=8)),
        lambda: Faults(late=-0.1),
        lambda: Faults(late=0.6, malformed=0.6),
    ],
)
def test_settings_that_cannot_be_met_are_refused(make: Callable[[], object]) -> None:
    with pytest.raises(SettingsError):
        make()


def test_usual_faults_are_a_few_percent() -> None:
    assert 0.02 < sum(Faults().rates().values()) < 0.06
    assert set(Faults.none().rates().values()) == {0.0}
