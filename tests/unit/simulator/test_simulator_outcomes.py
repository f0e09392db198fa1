"""Every delivery is what its label says, judged by rules that are not the simulator's own."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulator.deliveries import Delivery, simulate
from simulator.settings import Faults, Settings

Parse = Callable[[bytes], dict[str, Any]]
Instant = Callable[[object], datetime]
Verdicts = Callable[[list[Delivery]], list[tuple[str, str | None]]]

CONTRACTS = Path(__file__).parents[3] / "docs" / "contracts"
REASONS = {
    "malformed": {"malformed_payload", "undecodable_payload"},
    "unknown_type": {"unknown_event_type", "missing_field", "wrong_type"},
    "wrong_field_type": {
        "missing_field",
        "wrong_type",
        "invalid_value",
        "event_ts_is_number",
        "event_ts_without_offset",
    },
    "negative_amount": {"invalid_value"},
    "conflicting_duplicate": {"conflicting_duplicate"},
    "future_clock": {"event_ts_in_future"},
}


def of_fault(deliveries: list[Delivery], fault: str) -> list[Delivery]:
    found = [delivery for delivery in deliveries if delivery.fault == fault]
    assert found
    return found


def originals(deliveries: list[Delivery]) -> dict[str | None, Delivery]:
    return {d.event_id: d for d in deliveries if d.outcome == "accepted"}


def test_every_outcome_is_what_the_rules_say(faulty: list[Delivery], verdicts: Verdicts) -> None:
    assert [(d.outcome, d.reject_reason) for d in faulty] == verdicts(faulty)


def test_every_fault_has_every_one_of_its_reasons(faulty: list[Delivery]) -> None:
    found: dict[str, set[str]] = {}
    for delivery in faulty:
        if delivery.reject_reason is not None:
            assert delivery.fault is not None
            found.setdefault(delivery.fault, set()).add(delivery.reject_reason)
    assert found == REASONS


def test_a_rejected_body_breaks_one_rule_and_no_other(
    faulty: list[Delivery], all_broken_rules: Callable[[bytes, datetime], list[str]]
) -> None:
    for delivery in faulty:
        if delivery.outcome == "quarantined" and delivery.fault != "conflicting_duplicate":
            broken = all_broken_rules(delivery.body, delivery.arrives_at)
            assert broken == [delivery.reject_reason], delivery.body


def key_of(told: dict[str, Any]) -> tuple[str, str]:
    """What a message tells of, an order, a cart or a product: the name of its key, and the key."""
    return next(
        (name, told[name]) for name in ("order_id", "cart_id", "product_id") if name in told
    )


def test_what_a_rejected_event_tells_of_is_known_to_no_accepted_one(
    faulty: list[Delivery], parse: Parse
) -> None:
    accepted = {key_of(parse(d.body)) for d in faulty if d.outcome == "accepted"}
    rejected = set()
    for delivery in faulty:
        if delivery.outcome == "quarantined" and delivery.fault in (
            "negative_amount",
            "future_clock",
        ):
            rejected.add(key_of(parse(delivery.body)))
    assert not rejected & accepted
    assert {name for name, _ in rejected} == {"order_id", "cart_id", "product_id"}


def test_event_id_is_the_text_the_body_gives(faulty: list[Delivery], parse: Parse) -> None:
    for delivery in faulty:
        if delivery.fault == "malformed":
            assert delivery.event_id is None
        else:
            told = parse(delivery.body)["event_id"]
            assert delivery.event_id == (told if isinstance(told, str) else None)


def test_ordinals_count_arrivals_that_are_sorted(faulty: list[Delivery]) -> None:
    assert [delivery.ordinal for delivery in faulty] == list(range(len(faulty)))
    arrivals = [delivery.arrives_at for delivery in faulty]
    assert arrivals == sorted(arrivals)


def test_every_body_fits_on_a_line_of_its_own(faulty: list[Delivery]) -> None:
    assert all(d.body.strip() and not set(d.body) & set(b"\r\n\0") for d in faulty)
    assert len({d.body for d in faulty}) == len(faulty) - len(of_fault(faulty, "exact_redelivery"))


def test_a_redelivery_has_the_bytes_of_an_earlier_accepted_one(faulty: list[Delivery]) -> None:
    first = originals(faulty)
    waits = []
    for delivery in of_fault(faulty, "exact_redelivery"):
        original = first[delivery.event_id]
        assert delivery.body == original.body
        waits.append(delivery.arrives_at - original.arrives_at)
    assert min(waits) >= timedelta(minutes=1)
    assert timedelta(days=2) < max(waits) <= timedelta(days=3)


def test_a_conflict_comes_after_its_original_and_differs_in_one_field(
    faulty: list[Delivery], parse: Parse
) -> None:
    first = originals(faulty)
    kinds = set()
    for delivery in of_fault(faulty, "conflicting_duplicate"):
        original = first[delivery.event_id]
        assert original.arrives_at < delivery.arrives_at
        was, now = parse(original.body), parse(delivery.body)
        kinds.update(different := {name for name in was | now if was.get(name) != now.get(name)})
        assert len(different) == 1
    assert kinds == {"amount", "status", "unit_price"}


def test_late_is_what_arrives_more_than_an_hour_and_at_most_30_days_after_it_happened(
    faulty: list[Delivery], parse: Parse, instant: Instant
) -> None:
    delays: dict[tuple[str | None, str], list[timedelta]] = {}
    for delivery in faulty:
        if delivery.outcome == "accepted":
            told = parse(delivery.body)
            delay = delivery.arrives_at - instant(told["event_ts"])
            delays.setdefault((delivery.fault, told["event_type"]), []).append(delay)
    assert min(min(found) for found in delays.values()) >= timedelta(0)
    assert max(max(found) for found in delays.values()) <= timedelta(days=30)
    assert max(delays[None, "order_status_changed"]) <= timedelta(seconds=30)
    # A creation held back behind its first status change may have waited for minutes only.
    assert max(delays[None, "order_created"]) <= timedelta(hours=1)
    late = delays["late", "order_created"] + delays["late", "order_status_changed"]
    assert min(late) > timedelta(hours=1)
    assert max(late) > timedelta(days=20)


def test_out_of_order_is_what_arrives_before_its_order_or_an_earlier_version(
    faulty: list[Delivery], parse: Parse
) -> None:
    accepted = [d for d in faulty if d.outcome == "accepted"]
    told = [parse(d.body) for d in accepted]
    created = {
        fields["order_id"]: delivery.ordinal
        for delivery, fields in zip(accepted, told, strict=True)
        if fields["event_type"] == "order_created"
    }
    early = {
        delivery.ordinal
        for delivery, fields in zip(accepted, told, strict=True)
        if fields["event_type"] in ("order_status_changed", "order_refunded")
        and delivery.ordinal < created.get(fields["order_id"], len(faulty))
    }
    versions = [
        (fields["product_id"], fields["sequence"], delivery.ordinal)
        for delivery, fields in zip(accepted, told, strict=True)
        if fields["event_type"] == "product_changed"
    ]
    overtaking = {
        ordinal
        for product_id, sequence, ordinal in versions
        if any(
            other_id == product_id and earlier < sequence and ordinal < later
            for other_id, earlier, later in versions
        )
    }
    assert early
    assert overtaking
    assert early | overtaking == {d.ordinal for d in of_fault(faulty, "out_of_order")}


def test_a_delete_can_arrive_when_the_product_is_back(parse: Parse) -> None:
    rates = replace(Faults.none(), out_of_order=1.0)
    settings = Settings(events=6_000, orders_per_day=200, faults=rates)
    told = [parse(d.body) for d in simulate(settings)]
    versions = [fields for fields in told if fields["event_type"] == "product_changed"]
    last = {fields["product_id"]: fields for fields in versions}
    newest = {
        fields["product_id"]: fields
        for fields in sorted(versions, key=lambda fields: str(fields["sequence"]))
    }
    deleted = [product_id for product_id, fields in last.items() if fields["op"] == "delete"]
    assert any(newest[product_id]["op"] == "upsert" for product_id in deleted)


@pytest.mark.parametrize("form", ["flat", "cloudevent"])
def test_contracts_take_what_is_accepted_and_refuse_what_is_wrong(
    faulty: list[Delivery], form: str, parse: Parse
) -> None:
    # Decimals on both sides: 336.48 is no multiple of 0.01 among floats.
    contracts = {
        path.stem: jsonschema.Draft202012Validator(
            json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        )
        for path in CONTRACTS.glob("*/*.json")
    }
    seen: Counter[bool] = Counter()
    for delivery in faulty[:4_000]:
        if delivery.fault in ("malformed", "unknown_type", "future_clock"):
            continue
        body = json.loads(delivery.body, parse_float=Decimal)
        if (form == "cloudevent") != ("specversion" in body):
            continue
        is_valid = contracts[parse(delivery.body)["event_type"]].is_valid(body)
        refused = ("wrong_field_type", "negative_amount")
        assert is_valid == (delivery.fault not in refused), delivery.body
        seen[is_valid] += 1
    assert min(seen[True], seen[False]) > 20


def test_faults_strike_at_their_rates() -> None:
    rates = Faults(
        exact_redelivery=0.05,
        late=0.0,
        out_of_order=0.06,
        malformed=0.02,
        unknown_type=0.03,
        wrong_field_type=0.04,
        negative_amount=0.01,
        conflicting_duplicate=0.02,
        future_clock=0.01,
    )
    events = 20_000
    deliveries = list(simulate(Settings(events=events, orders_per_day=500, faults=rates)))
    found = Counter(delivery.fault for delivery in deliveries)
    for fault, rate in rates.rates().items():
        if fault not in ("late", "out_of_order"):
            spread = 4 * (events * rate * (1 - rate)) ** 0.5
            assert abs(found[fault] - events * rate) < spread, fault
    # A creation in 100 has no status change that could come first; one event in 3 is a creation.
    assert 0.045 < found["out_of_order"] / (events / 2.9) < 0.065


def test_late_strikes_at_its_rate() -> None:
    rates = replace(Faults.none(), late=0.1)
    deliveries = list(simulate(Settings(events=10_000, faults=rates)))
    found = Counter(delivery.fault for delivery in deliveries)
    assert set(found) == {None, "late", "out_of_order"}
    assert 880 < found["late"] < 1_120


def test_without_faults_everything_is_plainly_accepted() -> None:
    deliveries = list(simulate(Settings(events=3_000, orders_per_day=300, faults=Faults.none())))
    assert len(deliveries) == 3_000
    assert {(d.fault, d.outcome, d.reject_reason) for d in deliveries} == {(None, "accepted", None)}


def test_the_business_is_the_same_with_and_without_faults(
    faulty: list[Delivery], faulty_settings: Settings
) -> None:
    calm = simulate(replace(faulty_settings, faults=Faults.none()))
    accepted = {delivery.body for delivery in faulty if delivery.outcome == "accepted"}
    assert accepted == {delivery.body for delivery in calm}


@pytest.mark.parametrize("fault", Faults().rates())
def test_a_fault_can_strike_always_and_alone(fault: str, verdicts: Verdicts) -> None:
    rates = replace(Faults.none(), **{fault: 1.0})
    deliveries = list(simulate(Settings(events=400, orders_per_day=60, faults=rates)))
    assert [(d.outcome, d.reject_reason) for d in deliveries] == verdicts(deliveries)
    assert len(originals(deliveries)) == 400
    if fault not in ("late", "out_of_order"):
        assert Counter(d.fault for d in deliveries) == {None: 400, fault: 400}


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**64),
    weights=st.lists(st.integers(0, 10), min_size=9, max_size=9),
    orders_per_day=st.sampled_from([5.0, 300.0, 1e6]),
    cloudevents_share=st.sampled_from([0.0, 0.5, 1.0]),
)
def test_any_seed_and_rates_give_what_the_labels_say(
    verdicts: Verdicts,
    seed: int,
    weights: list[int],
    orders_per_day: float,
    cloudevents_share: float,
) -> None:
    rates = dict(zip(Faults().rates(), (weight / 100 for weight in weights), strict=True))
    deliveries = list(
        simulate(
            Settings(
                seed=seed,
                events=250,
                orders_per_day=orders_per_day,
                cloudevents_share=cloudevents_share,
                faults=Faults(**rates),
            )
        )
    )
    assert [(d.outcome, d.reject_reason) for d in deliveries] == verdicts(deliveries)
    assert len(originals(deliveries)) == 250
    arrivals = [delivery.arrives_at for delivery in deliveries]
    assert arrivals == sorted(arrivals)
