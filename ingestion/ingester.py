"""Lands batches: lines, objects, puts with retries, and which messages failed."""

import logging
import random
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from ingestion.envelope import Line, Message, to_line
from ingestion.event_type import UNKNOWN
from ingestion.landing import Compress, RawObject, by_zlib, line_objects, oversized_objects
from ingestion.raw_zone import ObjectExists, RawZone, StorageError

FIRST_BACKOFF_SECONDS: Final = 0.1
LONGEST_BACKOFF_SECONDS: Final = 5.0

# Long enough for an attempt that starts just before it (see the S3 client's timeouts), and
# never so long that a function with a short timeout does not try at all.
SAFETY_MARGIN_SECONDS: Final = 8.0
SAFETY_MARGIN_SHARE: Final = 0.25

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Landed:
    """What became of a batch.

    Attributes:
        batch_id: The id in the keys of its objects.
        landed: Messages that are in the raw zone now.
        unknown: Of these, well-formed ones of no known type.
        malformed: Of these, those whose payload is text or base64.
        oversized: Of these, those whose body lies beside the lines.
        bytes_written: The size of the objects, as stored.
        failed_message_ids: Messages to send again, in the batch's order.
    """

    batch_id: str
    landed: int
    unknown: int
    malformed: int
    oversized: int
    bytes_written: int
    failed_message_ids: tuple[str, ...]


def utc_now() -> datetime:
    """Return the time in UTC."""
    return datetime.now(UTC)


def unique_batch_id(received_at: datetime) -> str:
    """Return an id for one delivery of a batch; ids sort by the time."""
    return f"{received_at.astimezone(UTC):%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(8)}"


class Ingester:
    """Writes batches of messages to a raw zone."""

    def __init__(
        self,
        raw_zone: RawZone,
        *,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = random.random,
        new_batch_id: Callable[[datetime], str] = unique_batch_id,
    ) -> None:
        """Use a raw zone.

        Args:
            raw_zone: Where the objects go.
            clock: Gives the time, with a time zone.
            sleep: Waits for a number of seconds.
            random: Gives a number from 0 to 1, for the jitter.
            new_batch_id: Gives a batch's id, unique to the delivery, for its time.
        """
        self._raw_zone = raw_zone
        self._clock = clock
        self._sleep = sleep
        self._random = random
        self._new_batch_id = new_batch_id

    def land(self, messages: Sequence[Message], seconds_left: Callable[[], float]) -> Landed:
        """Land a batch; return once each message is stored or has failed.

        Args:
            messages: The batch.
            seconds_left: Gives the seconds until the caller must have its answer.
        """
        return self._land(
            lambda received_at: _lines(messages, received_at),
            [message.message_id for message in messages],
            seconds_left,
            by_zlib,
        )

    def land_lines(
        self,
        make: Callable[[datetime], list[Line]],
        seconds_left: Callable[[], float],
        compress: Compress,
    ) -> Landed:
        """Land lines that a source has made itself; return once each is stored or has failed.

        Args:
            make: Makes the lines for the time of their arrival.
            seconds_left: Gives the seconds until the caller must have its answer.
            compress: Compresses an object.
        """
        return self._land(make, None, seconds_left, compress)

    def _land(
        self,
        make: Callable[[datetime], list[Line]],
        message_ids: Sequence[str] | None,
        seconds_left: Callable[[], float],
        compress: Compress,
    ) -> Landed:
        """Land what `make` makes of the messages with these ids; None if they are the lines'."""
        received_at = self._clock()
        batch_id = self._new_batch_id(received_at)
        left_at_start = seconds_left()
        margin = min(SAFETY_MARGIN_SECONDS, SAFETY_MARGIN_SHARE * left_at_start)

        lines = make(received_at)
        if message_ids is None:
            message_ids = [line.message_id for line in lines]
        # Half of the time at most: the other lines of the batch do not wait for these bodies.
        bodies_margin = max(margin, left_at_start / 2)
        bodies = self._put_all(oversized_objects(lines), lambda: seconds_left() - bodies_margin)
        whole = {body.key for body in bodies}
        lines = [line for line in lines if not line.oversized or line.oversized.key in whole]
        objects = self._put_all(
            line_objects(lines, received_at, batch_id, compress), lambda: seconds_left() - margin
        )
        return _landed(batch_id, message_ids, bodies, objects)

    def _put_all(
        self, objects: Iterable[RawObject], seconds_left: Callable[[], float]
    ) -> list[RawObject]:
        """Put objects, in rounds so that none waits for the retries of another.

        Returns:
            The objects that are stored.
        """
        stored: list[RawObject] = []
        pending = list(objects)
        backoff = FIRST_BACKOFF_SECONDS
        while pending:
            again = []
            for raw_object in pending:
                if seconds_left() <= 0:
                    return stored
                try:
                    self._raw_zone.put(raw_object.key, raw_object.body)
                except ObjectExists:
                    # The key is this delivery's own, or the body's hash: an earlier attempt
                    # stored these bytes, whatever it reported.
                    stored.append(raw_object)
                except (StorageError, OSError) as error:
                    _log.warning("put failed: %s: %s", type(error).__name__, error)
                    again.append(raw_object)
                except Exception:
                    # A second attempt would end likewise; the messages are reported.
                    _log.exception("put failed unexpectedly: %s", raw_object.key)
                else:
                    stored.append(raw_object)
            pending = again
            if pending:
                self._sleep(max(0.0, min(self._random() * backoff, seconds_left())))
                backoff = min(2 * backoff, LONGEST_BACKOFF_SECONDS)
        return stored


def _lines(messages: Iterable[Message], received_at: datetime) -> list[Line]:
    lines = []
    for message in messages:
        try:
            lines.append(to_line(message, received_at))
        except Exception as error:
            # Only the kind of error: its text could quote the body.
            kind = type(error).__name__
            _log.error("no line for message %s: %s", message.message_id, kind)
    return lines


def _landed(
    batch_id: str,
    message_ids: Sequence[str],
    bodies: Iterable[RawObject],
    objects: Iterable[RawObject],
) -> Landed:
    lines = [line for raw_object in objects for line in raw_object.lines]
    # Whatever is amiss with a line, it is in this partition.
    unrecognised = [line for line in lines if line.event_type == UNKNOWN]
    return Landed(
        batch_id=batch_id,
        landed=len(lines),
        unknown=sum(line.is_unknown for line in unrecognised),
        malformed=sum(line.is_malformed for line in unrecognised),
        oversized=sum(line.oversized is not None for line in unrecognised),
        bytes_written=sum(len(stored.body) for stored in (*bodies, *objects)),
        failed_message_ids=_not_among(lines, message_ids),
    )


def _not_among(lines: Sequence[Line], message_ids: Sequence[str]) -> tuple[str, ...]:
    if len(lines) == len(message_ids):
        return ()
    landed_ids = {line.message_id for line in lines}
    return tuple(message_id for message_id in message_ids if message_id not in landed_ids)
