from __future__ import annotations

import pytest

from retailpulse.commands.refused import MISSING, refused_value


@pytest.mark.parametrize(
    ("payload", "field", "told"),
    [
        (b'{"amount": -12.50}', "amount", "amount: -12.50"),
        (b'{"data": {"amount": "1e2"}, "amount": 3}', "data.amount", 'data.amount: "1e2"'),
        (b'{"time": 1.768420800e9}', "time", "time: 1.768420800e9"),
        (b'{"order_id": null}', "order_id", "order_id: null"),
        (b'{"order_id": {"a": [1]}}', "order_id", 'order_id: {"a": [1]}'),
        (b'{"items": [{"n": 1}, {"n": -1}]}', "items.n", 'items.n: [{"n": 1}, {"n": -1}]'),
        (b"{}", "amount", f"amount: {MISSING}"),
        (b'{"data": "text"}', "data.amount", f"data.amount: {MISSING}"),
        (b"{}", "data.amount", f"data.amount: {MISSING}"),
        ('{"status": "versandt \u2713"}'.encode(), "status", 'status: "versandt \u2713"'),
        (b"not json", None, "not json"),
        (b"\xff\x1b[2J", None, "\ufffd\\x1b[2J"),
    ],
)
def test_it_is_the_field_as_it_was_sent(payload: bytes, field: str | None, told: str) -> None:
    assert refused_value(payload, field, 80) == told


def test_a_long_value_is_cut_and_says_so() -> None:
    told = refused_value(b'{"order_id": "' + b"x" * 300 + b'"}', "order_id", 40)
    assert told == 'order_id: "xxxxxxxxxxx… (302 characters)'
    assert len(refused_value(b"x" * 5_000, None, 40)) == 40
