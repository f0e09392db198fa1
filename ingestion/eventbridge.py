"""Which objects are EventBridge events around a producer's event. Pure.

docs.aws.amazon.com/eventbridge/latest/userguide/eb-events-structure.html lists what every event
has that a bus delivers.
"""

import msgspec
from msgspec import Raw, Struct, field


class BusMetadata(Struct, omit_defaults=True):
    """What an EventBridge event says of its delivery, as it says it; None for what it leaves out.

    Attributes:
        id: EventBridge's id of the event.
        time: When it happened or was sent.
        account: The account that it came from.
        region: The region that it came from.
    """

    id: str | None = None
    time: str | None = None
    account: str | None = None
    region: str | None = None


class _Whole(Struct):
    """An event as a bus delivers it; it may have more, as a replayed one does."""

    version: str
    id: str
    detail_type: str = field(name="detail-type")
    source: str
    account: str
    time: str
    region: str
    resources: Raw
    detail: Raw


class _Partial(Struct, forbid_unknown_fields=True):
    """What an input transformer, or a producer by hand, makes of it: nothing else may be in it."""

    detail_type: str = field(name="detail-type")
    source: str
    detail: Raw
    version: str | None = None
    id: str | None = None
    account: str | None = None
    time: str | None = None
    region: str | None = None
    resources: Raw = Raw(b"null")
    replay_name: str | None = field(default=None, name="replay-name")


_decode_whole = msgspec.json.Decoder(_Whole).decode
_decode_partial = msgspec.json.Decoder(_Partial).decode


def bus_metadata(document: bytes) -> BusMetadata | None:
    """Return what a JSON object says of its delivery; None if it is no EventBridge event.

    It is one if it has all that EventBridge writes, or has `source` and `detail-type` (text) and
    `detail`, and beside them nothing but EventBridge's own. An order with fields of these names has
    others as well, and is an order.
    """
    wrapper: _Whole | _Partial
    try:
        wrapper = _decode_whole(document)
    except msgspec.ValidationError:
        try:
            wrapper = _decode_partial(document)
        except msgspec.ValidationError:
            return None
    return BusMetadata(wrapper.id, wrapper.time, wrapper.account, wrapper.region)
