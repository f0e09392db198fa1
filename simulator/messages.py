"""How producers tell an event: the flat form and CloudEvents 1.0.

A message is held as `Fields`: the flat form's names with each value as JSON text, so that a
fault can put any text in any place, and an amount never becomes a float.
"""

from __future__ import annotations

import json

from simulator import catalog
from simulator.events import CartAbandoned, Event, OrderEvent, ProductVersion
from simulator.life_cycle import CREATED, REFUNDED
from simulator.times import TimeStyle

Fields = dict[str, str]

SOURCE = "retailpulse"
"""The CloudEvents `source`. An order's events all have the same form, hence the same source."""

CATALOG_SOURCE = "catalog_db"
"""The `source` of the rows of the catalog's database."""

_CLOUDEVENTS_NAMES = {
    "event_id": "id",
    "event_type": "type",
    "event_ts": "time",
    "op": "op",
    "sequence": "sequence",
    "source": "source",
}
_ROW_STYLE = TimeStyle(None, 6)


def fields_of(event: Event) -> Fields:
    """The message that tells an event."""
    if not isinstance(event, OrderEvent):
        if isinstance(event, CartAbandoned):
            return _fields_of_cart(event)
        return _fields_of_product(event)
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
        "customer_id": _customer_id(order.customer),
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


def _fields_of_cart(cart: CartAbandoned) -> Fields:
    fields = {
        "event_id": f'"{cart.event_id}"',
        "event_type": '"cart_abandoned"',
        "event_ts": f'"{cart.style.text(cart.at_us)}"',
        "cart_id": f'"{cart.cart_id}"',
        "session_id": f'"{cart.session_id}"',
        "amount": catalog.money(cart.amount_cents),
        "currency_code": f'"{cart.currency_code}"',
    }
    if cart.is_customer_known:
        fields["customer_id"] = _customer_id(cart.customer)
    return fields


def _fields_of_product(version: ProductVersion) -> Fields:
    fields = {
        "event_id": f'"{version.event_id}"',
        "event_type": '"product_changed"',
        "event_ts": f'"{_ROW_STYLE.text(version.at_us)}"',
        "source": f'"{CATALOG_SOURCE}"',
        "op": f'"{version.op}"',
        "sequence": f'"{version.sequence}"',
        "product_id": f'"{catalog.product_id_of(version.number)}"',
    }
    if version.op == "delete":
        return fields
    return fields | {
        "name": json.dumps(catalog.name_of(version.number), ensure_ascii=False),
        "category": f'"{version.category}"',
        "unit_price": catalog.money(version.price_cents),
        "currency_code": f'"{catalog.DEFAULT_CURRENCY}"',
        "is_active": "true",
    }


def _customer_id(customer: int) -> str:
    return f'"c{customer:05d}"'


def _amount(event: OrderEvent) -> str:
    amount = catalog.money(event.amount_cents)
    return f'"{amount}"' if event.is_amount_text else amount


def render(fields: Fields, *, is_cloudevent: bool) -> str:
    """The message as JSON text on one line."""
    if not is_cloudevent:
        return f"{{{_members(fields)}}}"
    context = {new: fields[name] for name, new in _CLOUDEVENTS_NAMES.items() if name in fields}
    context.setdefault("source", f'"{SOURCE}"')
    data = {name: text for name, text in fields.items() if name not in _CLOUDEVENTS_NAMES}
    return (
        f'{{"specversion":"1.0",{_members(context)},'
        f'"datacontenttype":"application/json","data":{{{_members(data)}}}}}'
    )


def _members(fields: Fields) -> str:
    return ",".join([f'"{name}":{text}' for name, text in fields.items()])
