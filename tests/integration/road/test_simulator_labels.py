"""Every delivery of the simulator, whatever its fault, ends where its label says."""

from __future__ import annotations

from collections import Counter

import pytest

from simulator.events import ProductVersion
from simulator.settings import Faults
from tests.support.road.clean_runs import CleanRun
from tests.support.road.simulated import true_gold


@pytest.mark.parametrize("number", [0, 1])
def test_every_labelled_delivery_ends_where_its_label_says(
    clean_runs: list[CleanRun], number: int
) -> None:
    run = clean_runs[number]
    # By the raw line, which is a delivery's own whatever id its body gives.
    told = list(zip(run.deliveries, run.keys, strict=True))
    assert run.accepted == {
        key: delivery.event_id for delivery, key in told if delivery.outcome == "accepted"
    }
    assert run.quarantined == {
        key: delivery.reject_reason for delivery, key in told if delivery.outcome == "quarantined"
    }
    # What is left, in neither table, repeats what was accepted.
    repeated = [d.event_id for d in run.deliveries if d.outcome == "duplicate"]
    assert set(run.accepted.values()) >= set(repeated)
    expected = len(told), len(run.accepted), len(run.quarantined), len(repeated)
    assert run.counts == expected
    faults = Counter(delivery.fault for delivery in run.deliveries)
    assert min(faults[fault] for fault in Faults().rates()) > 50, "a simulation too tame"


@pytest.mark.parametrize("number", [0, 1])
def test_gold_shows_what_the_simulator_knows(clean_runs: list[CleanRun], number: int) -> None:
    run = clean_runs[number]
    assert run.gold == true_gold(run.deliveries)
    assert all(run.gold), "a mart without a row"


def test_versions_of_products_came_out_of_order(clean_runs: list[CleanRun]) -> None:
    early = [d for d in clean_runs[-1].deliveries if d.fault == "out_of_order"]
    assert any(isinstance(delivery.event, ProductVersion) for delivery in early)
