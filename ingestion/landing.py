"""From a batch's lines to the objects of the raw zone. Pure."""

import gzip
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from msgspec import Struct

from ingestion.envelope import Line

# On 1,000 orders level 1 took 3.2 µs an event and 106 bytes, level 6 8.1 µs and 88 bytes.
_GZIP_LEVEL = 1

Compress = Callable[[bytes], bytes]
"""Makes one gzip stream of bytes, the same one of the same bytes."""


class RawObject(Struct, frozen=True):
    """One object to put into the raw zone.

    Attributes:
        key: Where it goes, below the raw zone's root.
        body: Its bytes.
        lines: The lines that it holds; none for a body beside the lines.
    """

    key: str
    body: bytes
    lines: tuple[Line, ...] = ()


def by_zlib(data: bytes) -> bytes:
    """Return bytes as one gzip stream."""
    # No time and no file name in the header: the same lines give the same bytes.
    return gzip.compress(data, compresslevel=_GZIP_LEVEL, mtime=0)


def line_objects(
    lines: Iterable[Line], received_at: datetime, batch_id: str, compress: Compress = by_zlib
) -> list[RawObject]:
    """Group a batch's lines into one object per partition.

    Args:
        lines: The batch's lines.
        received_at: When the batch was taken, with a time zone: the partitions' day and hour.
        batch_id: Unique to this delivery of the batch.
        compress: Compresses an object.
    """
    by_event_type: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_event_type[line.event_type].append(line)
    hour = received_at.astimezone(UTC).strftime("dt=%Y-%m-%d/hour=%H")
    return [
        RawObject(
            key=f"events/event_type={event_type}/{hour}/{batch_id}.ndjson.gz",
            body=compressed((line.data for line in partition), compress),
            lines=tuple(partition),
        )
        for event_type, partition in by_event_type.items()
    ]


def oversized_objects(lines: Iterable[Line]) -> list[RawObject]:
    """Return the bodies that did not fit their lines, each once."""
    bodies = {line.oversized.key: line.oversized for line in lines if line.oversized}
    return [RawObject(oversized.key, oversized.body) for oversized in bodies.values()]


def compressed(lines: Iterable[bytes], compress: Compress = by_zlib) -> bytes:
    """Return an object's bytes: its lines, each with a line feed, as one gzip stream."""
    return compress(b"\n".join([*lines, b""]))
