"""Every delivery of the simulator, whatever its fault, ends where its label says."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings
from tests.integration.road.lakehouse import Lakehouse
from tests.integration.road.simulated import Key, assert_gold_is, counts, land, truth_of

SETTINGS = Settings(
    seed=11,
    events=20_000,
    orders_per_day=1_200,
    faults=Faults(**dict.fromkeys(Faults().rates(), 0.02)),
    cloudevents_share=0.3,
)


def test_every_labelled_delivery_ends_where_its_label_says(lakehouse: Lakehouse) -> None:
    deliveries = list(simulate(SETTINGS))
    # The first run leaves orders open and repetitions to come: the second must merge.
    part = len(deliveries) // 2
    keys = land(lakehouse, deliveries[:part])
    build(lakehouse, deliveries[:part])
    assert_each_is_where_its_label_says(lakehouse, deliveries[:part], keys)
    assert_gold_is(lakehouse, truth_of(deliveries[:part]))

    keys += land(lakehouse, deliveries[part:])
    build(lakehouse, deliveries)

    assert_each_is_where_its_label_says(lakehouse, deliveries, keys)
    assert_gold_is(lakehouse, truth_of(deliveries))
    faults = Counter(delivery.fault for delivery in deliveries)
    assert min(faults[fault] for fault in Faults().rates()) > 100, "a simulation too tame"


def build(lakehouse: Lakehouse, deliveries: list[Delivery]) -> None:
    at = deliveries[-1].arrives_at + timedelta(minutes=1)
    lakehouse.build("--exclude-resource-type", "test", at=at)


def assert_each_is_where_its_label_says(
    lakehouse: Lakehouse, deliveries: list[Delivery], keys: list[Key]
) -> None:
    """Look for each delivery by its raw line, which is its own whatever id its body gives."""
    told = list(zip(deliveries, keys, strict=True))
    accepted = lakehouse.query(
        "select received_at, message_id, event_id from retailpulse_silver.order_events"
    )
    assert {(at, message): event_id for at, message, event_id in accepted} == {
        key: delivery.event_id for delivery, key in told if delivery.outcome == "accepted"
    }
    quarantined = lakehouse.query(
        "select received_at, message_id, reject_reason from retailpulse_silver.quarantined_events"
    )
    assert {(at, message): reason for at, message, reason in quarantined} == {
        key: delivery.reject_reason for delivery, key in told if delivery.outcome == "quarantined"
    }
    # What is left, in neither table, are the duplicates.
    duplicates = [delivery.event_id for delivery in deliveries if delivery.outcome == "duplicate"]
    assert {event_id for _, _, event_id in accepted} >= set(duplicates)
    assert counts(lakehouse) == (
        len(deliveries), len(accepted), len(quarantined), len(duplicates)
    )  # fmt: skip
