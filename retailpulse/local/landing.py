"""Landing messages batch by batch, through the ingester that the Lambda uses."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from ingestion.envelope import Message
from ingestion.ingester import Ingester, Landed
from ingestion.raw_zone import FolderRawZone
from retailpulse.errors import WorkError
from retailpulse.local.home import Home
from retailpulse.terminal import counted

BATCH_MESSAGES: Final = 10_000
# Of events of 1 MiB a batch has fewer.
BATCH_BYTES: Final = 32 * 1024 * 1024

# The ingester retries what fails for so long.
SECONDS_FOR_A_BATCH: Final = 30.0


@dataclass(slots=True)
class Totals:
    """What has landed.

    Attributes:
        landed: Messages.
        unknown: Of these, JSON objects of no known type.
        malformed: Of these, those that are no JSON object that every engine reads alike.
        oversized: Of these, those whose line would be longer than 1 MiB.
        body_bytes: The size of their bodies.
    """

    landed: int = 0
    unknown: int = 0
    malformed: int = 0
    oversized: int = 0
    body_bytes: int = 0

    def add(self, landed: Landed, body_bytes: int) -> None:
        """Count a batch."""
        self.landed += landed.landed
        self.unknown += landed.unknown
        self.malformed += landed.malformed
        self.oversized += landed.oversized
        self.body_bytes += body_bytes

    def text(self, seconds: float) -> str:
        """Return a sentence for people; `seconds` is how long it took."""
        rate = self.landed / seconds if seconds > 0 else 0.0
        return (
            f"{counted(self.landed, 'event')} landed: {self.unknown:,} of unknown type, "
            f"{self.malformed:,} malformed, {self.oversized:,} oversized; "
            f"{self.body_bytes / 1e6:.1f} MB, {rate:,.0f} events/s"
        )


def new_ingester(home: Home) -> Ingester:
    """Return an ingester that writes to a lakehouse's raw zone."""
    return Ingester(FolderRawZone(home.raw))


class Landing:
    """Lands batches and keeps the totals."""

    def __init__(
        self, ingester: Ingester, seconds_for_a_batch: float = SECONDS_FOR_A_BATCH
    ) -> None:
        """Use an ingester.

        Args:
            ingester: What lands a batch.
            seconds_for_a_batch: How long it may retry.
        """
        self.totals = Totals()
        self._ingester = ingester
        self._seconds_for_a_batch = seconds_for_a_batch

    def land(self, batch: list[Message]) -> None:
        """Land a batch.

        Raises:
            WorkError: Some of it did not land, after the ingester's retries.
        """
        deadline = time.monotonic() + self._seconds_for_a_batch
        with _last_warning() as warning:
            landed = self._ingester.land(batch, lambda: deadline - time.monotonic())
        self.totals.add(landed, sum(len(message.body) for message in batch))
        if landed.failed_message_ids:
            raise WorkError(
                f"{counted(len(landed.failed_message_ids), 'event')} did not land, from "
                f"{landed.failed_message_ids[0]} on ({warning.text}); {self.totals.landed:,} did. "
                "Nothing after them was read. Put right what the message says and run the same "
                "command again: what has landed counts once"
            )


def batches(messages: Iterable[Message]) -> Iterator[list[Message]]:
    """Group messages into batches of at most 10,000 and about 32 MiB."""
    batch: list[Message] = []
    size = 0
    for message in messages:
        batch.append(message)
        size += len(message.body)
        if len(batch) == BATCH_MESSAGES or size >= BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


class _LastWarning(logging.Handler):
    """Keeps the ingester's last warning, to be told only if the retries do not help."""

    text = "the reason is not known"

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()


@contextmanager
def _last_warning() -> Iterator[_LastWarning]:
    log = logging.getLogger("ingestion")
    handler = _LastWarning()
    log.addHandler(handler)
    try:
        yield handler
    finally:
        log.removeHandler(handler)
