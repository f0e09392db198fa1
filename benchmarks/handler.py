"""`python -m benchmarks.handler`: what one core lands of an SQS batch, and what a put costs.

Ours is the Lambda's own code: records to messages to `Ingester.land`. For the work on the
processor the raw zone keeps nothing, and time is that of the processor; with the puts it is the
emulated S3 of the tests, and time is the wall's.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from benchmarks.baselines.handwritten_handler import HandwrittenHandler
from benchmarks.command import PROJECT, BenchmarkError, run, work_folder
from benchmarks.measure import Spread, alternate
from benchmarks.results import Row, Section, publish, times
from ingestion.ingester import Ingester
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.raw_zone import RawZone, S3RawZone
from ingestion.sources.sqs_messages import messages_from_sqs
from retailpulse.terminal import Terminal
from simulator.deliveries import simulate
from simulator.settings import Settings
from tests.support.ingestion.emulated_aws import emulated_aws, new_bucket, s3_client

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

Record = Mapping[str, Any]
Land = Callable[[Sequence[Record], Callable[[str, bytes], None]], object]

_EVENTS: Final = 10_000
_SHIPPED_BATCH: Final = 1_000
_OTHER_BATCHES: Final = (10, 100, 10_000)
_REPETITIONS: Final = 7
_PUT_REPETITIONS: Final = 5
_THREADS: Final = 10

# The ingester's time for a batch: more than any batch here takes.
_SECONDS: Final = 900.0


class _Zone:
    """A raw zone that hands objects to a function."""

    def __init__(self, put: Callable[[str, bytes], None]) -> None:
        self.put = put


def main() -> None:
    """Measure, compare and publish."""
    terminal = Terminal()
    with terminal.step("Simulating events as SQS records"):
        records = sqs_records(_EVENTS)
    ours: Land = lambda batch, put: _land(_Zone(put), batch)  # noqa: E731
    contracts = {
        file.stem: json.loads(file.read_text(encoding="utf-8"))
        for file in (PROJECT / "docs" / "contracts").glob("*/*.json")
    }
    plain = HandwrittenHandler(contracts)
    light = HandwrittenHandler(contracts, gzip_level=1)
    validating = HandwrittenHandler(contracts, validates=True)
    with terminal.step("Comparing what they land"):
        sizes = agreed_sizes(records, ours, plain.land, validating.land)
    rows = []
    for size in (_SHIPPED_BATCH, *_OTHER_BATCHES):
        with terminal.step(f"Batches of {size:,}") as step:
            lands = {"ours": ours, "without validation": plain.land}
            if size == _SHIPPED_BATCH:
                lands["with validation"] = validating.land
                lands["without validation, gzip level 1"] = light.land
            rates = processor_rates(lands, records, size, step.update)
        rows += _processor_rows(size, rates)
    with terminal.step("Putting into the emulated S3") as step:
        rows += _put_rows(ours, plain, records[:_SHIPPED_BATCH], step.update)
    publish(
        Section(
            "handler",
            "Ingester: from an SQS batch to raw objects",
            "make bench-handler",
            rows,
            [
                f"{len(records):,} simulated bodies of {_mean_body(records):.0f} bytes, faults "
                "included, in batches as SQS hands them over. One process, one thread; events/s "
                "by the processor's time (`time.thread_time`), so that other work on the machine "
                "counts for neither side.",
                "The baseline is `benchmarks/baselines/handwritten_handler.py`: json.loads, the "
                "same envelope, json.dumps, one gzip object (level 6) per event type; with "
                "validation a Draft202012Validator per contract, built once. Each valid event has "
                "the same id, type, time, source and payload in all of them.",
                "Ours compresses at level 1: an event takes "
                f"{sizes['ours'] / len(records):.0f} bytes in the raw zone, the baseline's "
                f"{sizes['plain'] / len(records):.0f}.",
                "Puts go to MiniStack on the same machine with the same boto3 client: a put "
                "costs its handling and no network. Against S3 every put takes longer, and what "
                "counts is how many there are.",
            ],
        ),
        terminal,
    )


def sqs_records(count: int) -> list[Record]:
    """Return simulated deliveries as the records of an SQS event.

    A body that is not UTF-8 cannot be in SQS: its broken bytes are replaced.
    """
    return [
        {
            "messageId": f"{delivery.ordinal:036d}",
            "receiptHandle": "",
            "body": delivery.body.decode(errors="replace"),
            "attributes": {"SentTimestamp": f"{delivery.arrives_at.timestamp() * 1000:.0f}"},
            "messageAttributes": {},
        }
        for delivery in islice(simulate(Settings(events=count)), count)
    ]


def agreed_sizes(
    records: Sequence[Record], ours: Land, plain: Land, validating: Land
) -> dict[str, int]:
    """Return how many bytes each writes for the same lines, by name.

    Raises:
        BenchmarkError: One lands other lines, or another envelope of a valid event.
    """
    landed = {}
    sizes = {}
    for name, land in {"ours": ours, "plain": plain, "validating": validating}.items():
        objects = _objects(land, records)
        lines = [
            json.loads(line)
            for body in objects
            for line in gzip.decompress(body).split(b"\n")
            if line
        ]
        landed[name] = {line["message_id"]: line for line in lines}
        sizes[name] = sum(map(len, objects))
        if len(lines) != len(records) or len(landed[name]) != len(records):
            raise BenchmarkError(f"{name} landed {len(lines):,} lines of {len(records):,} messages")
    fields = ("event_id", "event_type", "event_ts", "source", "payload")
    for message_id, line in landed["ours"].items():
        judged = landed["validating"][message_id]
        # A lone surrogate, 150 brackets in one another: only ours refuses what engines cannot read.
        if line["payload_encoding"] == "json" and judged["event_type"] in KNOWN_EVENT_TYPES:
            others = (judged, landed["plain"][message_id])
            if any(line[field] != other[field] for other in others for field in fields):
                raise BenchmarkError(f"the envelopes of message {message_id} differ")
    return sizes


def _objects(land: Land, records: Sequence[Record]) -> list[bytes]:
    objects: list[bytes] = []
    for batch in _batches(records, _SHIPPED_BATCH):
        land(batch, lambda _, body: objects.append(body))
    return objects


def processor_rates(
    lands: Mapping[str, Land],
    records: Sequence[Record],
    size: int,
    progress: Callable[[str], None],
) -> dict[str, Spread]:
    """Return the events per second of one core, by name."""
    batches = list(_batches(records, size))

    def of(land: Land) -> Callable[[], None]:
        def all_batches() -> None:
            for batch in batches:
                land(batch, lambda _, __: None)

        return all_batches

    seconds = alternate(
        {name: of(land) for name, land in lands.items()},
        _REPETITIONS,
        warm_up=1,
        progress=progress,
        clock=time.thread_time,
    )
    return {name: spread.per(len(records)) for name, spread in seconds.items()}


def _land(zone: RawZone, batch: Sequence[Record]) -> None:
    landed = Ingester(zone).land(messages_from_sqs(batch).messages, lambda: _SECONDS)
    if landed.landed != len(batch):
        raise BenchmarkError(f"{landed.landed:,} of {len(batch):,} messages landed")


def _batches(records: Sequence[Record], size: int) -> Iterator[Sequence[Record]]:
    for start in range(0, len(records), size):
        yield records[start : start + size]


def _mean_body(records: Sequence[Record]) -> float:
    return sum(len(record["body"].encode()) for record in records) / len(records)


def _processor_rows(size: int, rates: Mapping[str, Spread]) -> list[Row]:
    rows = []
    ours = rates["ours"]
    goals = {"with validation": 15.0, "without validation": 2.5}
    for name, baseline in rates.items():
        if name == "ours":
            continue
        figure = f"events/s a core, batch of {size:,}, against parsing {name}"
        values = ours.text("/s"), baseline.text("/s")
        ratio = ours.median / baseline.median
        if size == _SHIPPED_BATCH and name in goals:
            rows.append(Row.at_least(figure, *values, ratio, goals[name]))
        else:
            rows.append(Row(figure, *values, times(ratio)))
    return rows


def _put_rows(
    ours: Land,
    plain: HandwrittenHandler,
    records: Sequence[Record],
    progress: Callable[[str], None],
) -> list[Row]:
    with emulated_aws(work_folder("handler")) as url:
        s3 = s3_client(url)
        bucket = new_bucket(s3)
        seconds = alternate(
            {
                "ours": lambda: ours(records, S3RawZone(s3, bucket).put),
                "an object an event": lambda: _put_each(plain, s3, bucket, records, threads=1),
                f"with {_THREADS} threads": lambda: _put_each(
                    plain, s3, bucket, records, threads=_THREADS
                ),
            },
            _PUT_REPETITIONS,
            warm_up=1,
            progress=progress,
        )
    our_seconds, one_by_one, threaded = seconds.values()
    milliseconds = Spread(tuple(1000 * value for value in our_seconds.values)).text("ms")
    figure = f"{len(records):,} events put, against an object an event"
    return [
        Row.at_least(
            figure,
            milliseconds,
            one_by_one.text("s"),
            one_by_one.median / our_seconds.median,
            50,
        ),
        Row(
            f"{figure}, {_THREADS} threads",
            milliseconds,
            threaded.text("s"),
            times(threaded.median / our_seconds.median),
        ),
    ]


def _put_each(
    plain: HandwrittenHandler,
    s3: S3Client,
    bucket: str,
    records: Sequence[Record],
    threads: int,
) -> None:
    """Put an object an event, as a Lambda does that takes its messages one by one."""

    def put(record: Record) -> None:
        plain.land([record], lambda key, body: _put(s3, bucket, key, body))

    if threads == 1:
        for record in records:
            put(record)
    else:
        with ThreadPoolExecutor(threads) as pool:
            list(pool.map(put, records))


def _put(s3: S3Client, bucket: str, key: str, body: bytes) -> None:
    s3.put_object(Bucket=bucket, Key=key, Body=body)


if __name__ == "__main__":
    run(main)
