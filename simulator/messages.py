"""How producers tell an event: the flat form and CloudEvents 1.0.

A message is held as `Fields`: the flat form's names with each value as JSON text, so that a
fault can put any text in any place, and an amount never becomes a float.
"""

from __future__ import annotations

from simulator import catalog
from simulator.business import Event
from simulator.life_cycle import CREATED, REFUNDED

Fields = dict[str, str]

SOURCE = "retailpulse"
"""The CloudEvents `source`. An order's events all have the same form, hence the same source."""

_CLOUDEVENTS_NAMES = {"event_id": "id", "event_type": "type", "event_ts": "time"}


def fields_of(event: Event) -> Fields:
    """The message that tells an event."""
    order = event.order
    if event.status == REFUNDED:
        return {
            "event_id": f'"{event.event_id}"',
            "event_type": '"order_refunded"',
            "event_ts": f'"{order.style.text(event.at_us)}"',
            "refund_id": f'"{order.order_id.replace("o-", "r-", 1)}"',
            "order_id": f'"{order.order_id}"',
            "amount": _amount(event),
            "currency_code": f'"{event.currency_code}"',
        }
    if event.status != CREATED:
        return {
            "event_id": f'"{event.event_id}"',
            "event_type": '"order_status_changed"',
            "event_ts": f'"{order.style.text(event.at_us)}"',
            "order_id": f'"{order.order_id}"',
            "status": f'"{event.status}"',
        }
    country = catalog.country_of(order.customer)
    name, city = catalog.name_and_city_of(order.customer)
    fields = {
        "event_id": f'"{event.event_id}"',
        "event_type": '"order_created"',
        "event_ts": f'"{order.style.text(event.at_us)}"',
        "customer_id": f'"c{order.customer:05d}"',
        "order_id": f'"{order.order_id}"',
        "amount": _amount(event),
        "currency_code": f'"{country.currency}"',
        "customer_name": f'"{name}"',
        "city": f'"{city}"',
        "country": f'"{country.code}"',
        "items": event.items_json,
    }
    if not event.has_currency:
        del fields["currency_code"]
    if event.channel:
        fields["channel"] = f'"{event.channel}"'
    if event.is_test:
        fields["is_test"] = "true"
    return fields


def _amount(event: Event) -> str:
    amount = catalog.money(event.amount_cents)
    return f'"{amount}"' if event.is_amount_text else amount


def render(fields: Fields, *, is_cloudevent: bool) -> str:
    """The message as JSON text on one line."""
    if not is_cloudevent:
        return f"{{{_members(fields)}}}"
    context = {new: fields[name] for name, new in _CLOUDEVENTS_NAMES.items() if name in fields}
    data = {name: text for name, text in fields.items() if name not in _CLOUDEVENTS_NAMES}
    return (
        f'{{"specversion":"1.0",{_members(context)},"source":"{SOURCE}",'
        f'"datacontenttype":"application/json","data":{{{_members(data)}}}}}'
    )


def _members(fields: Fields) -> str:
    return ",".join([f'"{name}":{text}' for name, text in fields.items()])
