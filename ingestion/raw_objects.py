"""Whether an object of the raw zone is as it was landed, and what else can be trusted of it. Pure.

The engines do not ask: DuckDB 1.5.5 reads most of an object that was cut off, and one whose
gzip checksum is wrong, without a word.
"""

import hashlib
import re
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BufferedIOBase
from typing import Final, Literal

import msgspec
from msgspec import Struct

from ingestion.event_type import UNKNOWN
from ingestion.known_types import KNOWN_EVENT_TYPES

EVENTS: Final = "events"
OVERSIZED: Final = "oversized"

_LINES_KEY: Final = re.compile(
    rf"{EVENTS}/event_type=([^/]+)/dt=(\d{{4}}-\d\d-\d\d)/hour=(\d\d)/[A-Za-z0-9_.=-]+\.ndjson\.gz"
)
_WITHIN_THE_HOUR: Final = re.compile(r":[0-5]\d:[0-5]\d\.\d{6}Z")
_BODY_KEY: Final = re.compile(rf"{OVERSIZED}/dt=\d{{4}}-\d\d-\d\d/([0-9a-f]{{64}})")

_GZIP: Final = 16 + zlib.MAX_WBITS
_BLOCK_BYTES: Final = 1 << 18
# What the readers of raw take (`max_line_size`); the ingester writes half of it at most.
_MOST_LINE_BYTES: Final = 2 * 1024 * 1024


class Finding(Struct, frozen=True):
    """What is wrong with an object.

    Attributes:
        problem: The sentence about it, whose subject is the object.
        keeps_envelopes: Whether the envelopes that can be read are as they were landed.
    """

    problem: str
    keeps_envelopes: bool = False


class _DamagedError(Exception):
    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.problem)
        self.finding = finding


class _Partition(Struct, frozen=True):
    event_type: str
    day: str
    hour: str


class _Envelope(Struct):
    """What the readers of raw need of each line."""

    envelope_version: int
    event_id: str
    event_type: str
    source: str
    received_at: str
    message_id: str
    payload_encoding: Literal["json", "text", "base64"]
    payload: msgspec.Raw


_decode = msgspec.json.Decoder(_Envelope).decode


def inspect_object(key: str, body: BufferedIOBase) -> Finding | None:
    """Say what is wrong with an object; None if it is as the ingester landed it.

    Args:
        key: Where it is, below the raw zone's root.
        body: Its bytes, read once to the end.

    Raises:
        OSError: It cannot be read.
    """
    if named := _BODY_KEY.fullmatch(key):
        is_whole = hashlib.file_digest(body, "sha256").hexdigest() == named[1]
        return None if is_whole else Finding("does not hold the bytes whose hash is its name")
    partition = _partition(key)
    if partition is None:
        return Finding("lies where no object of raw belongs, and is read by nobody")
    if partition.event_type != UNKNOWN and partition.event_type not in KNOWN_EVENT_TYPES:
        return Finding(
            f"is of the event type {partition.event_type}, which has no contract (a type keeps its "
            "contract as long as raw has its events: docs/add-a-source.md)"
        )
    foreign = []
    count = 0
    try:
        for count, line in enumerate(_lines(body), start=1):
            if not _is_envelope(line, partition):
                foreign.append(count)
    except _DamagedError as error:
        # A flipped bit can pass for a cut, but hardly so that each line before it is in order: of
        # the 13,888 of one object 2 could.
        keeps = error.finding.keeps_envelopes and not foreign
        return Finding(error.finding.problem, keeps_envelopes=keeps)
    if foreign:
        return Finding(
            f"has {count:,} lines, of which {len(foreign):,} are no envelope of its partition "
            f"(the first is line {foreign[0]:,})",
            keeps_envelopes=True,
        )
    return None


def envelopes(key: str, body: BufferedIOBase) -> Iterator[bytes]:
    """Yield the envelopes of an object, without their line feeds, as far as it can be read."""
    partition = _partition(key)
    if partition is None:
        return
    try:
        for line in _lines(body):
            if _is_envelope(line, partition):
                yield line
    except _DamagedError:
        return


def arrival_day(key: str) -> str | None:
    """Return the day of arrival (`YYYY-MM-DD`) of an object of lines; None for any other."""
    partition = _partition(key)
    return partition.day if partition else None


def _partition(key: str) -> _Partition | None:
    named = _LINES_KEY.fullmatch(key)
    if named is None:
        return None
    try:
        datetime.strptime(f"{named[2]} {named[3]}", "%Y-%m-%d %H")
    except ValueError:
        return None
    return _Partition(*named.groups())


def _is_envelope(line: bytes, partition: _Partition) -> bool:
    try:
        envelope = _decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return False
    hour = f"{partition.day}T{partition.hour}"
    return (
        envelope.event_type == partition.event_type
        and envelope.received_at.startswith(hour)
        and _WITHIN_THE_HOUR.fullmatch(envelope.received_at, len(hour)) is not None
    )


def _lines(body: BufferedIOBase) -> Iterator[bytes]:
    """Yield the whole lines of a gzip stream that holds nothing else."""
    rest = b""
    for block in _inflated(body):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
        if len(rest) > _MOST_LINE_BYTES:
            raise _DamagedError(Finding("has a line that is too long to be read"))
    if rest:
        yield rest


def _inflated(body: BufferedIOBase) -> Iterator[bytes]:
    inflater = zlib.decompressobj(_GZIP)
    size = 0
    try:
        while not inflater.eof and (block := body.read(_BLOCK_BYTES)):
            size += len(block)
            while block and not inflater.eof:
                yield inflater.decompress(block, _BLOCK_BYTES)
                block = inflater.unconsumed_tail
        yield inflater.flush()
    except zlib.error as error:
        raise _DamagedError(Finding(_told(error))) from error
    if not inflater.eof:
        how = "is cut off: its gzip stream has no end" if size else "is empty"
        # Up to the cut it is as it was: gzip is read from its start.
        raise _DamagedError(Finding(how, keeps_envelopes=True))
    if inflater.unused_data or body.read(1):
        raise _DamagedError(Finding("has bytes after the end of its gzip stream"))


def _told(error: zlib.error) -> str:
    if "header" in str(error):
        return "is not gzip"
    if "check" in str(error):
        return "is altered: it does not match its gzip checksum"
    return "is altered: its gzip stream cannot be read to its end"
