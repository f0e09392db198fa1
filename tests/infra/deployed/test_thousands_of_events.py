"""A simulated business on the deployed road: nothing is lost, and both engines agree."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeVar

from simulator.deliveries import simulate
from simulator.settings import Settings
from tests.support.athena.athena_lakehouse import Arrivals, AthenaLakehouse
from tests.support.athena.contents import (
    Contents,
    Relation,
    differences,
    duckdb_contents,
    repeated_keys,
    told,
)
from tests.support.infra.deployed.container import containers
from tests.support.infra.deployed.stack import Stack
from tests.support.infra.queues import messages_in
from tests.support.infra.waiting import wait_until
from tests.support.road.lakehouse import Lakehouse

EVENTS: Final = 10_000
# PutEvents and SendMessageBatch take ten.
_ENTRIES: Final = 10
_SENDERS: Final = 4
_DRAINED_SECONDS: Final = 300.0

# The two lakes are built at different times, in different runs.
_OWN_TIMES: Final = ("processed_at",)
_OF_RUNS: Final = "retailpulse_silver.run_windows"
# Lines of no known type are read by the hour, and this one has had its run.
_WAITING: Final = "operations"
# And what products orders name is found by whole builds.
_OF_WHOLE_BUILDS: Final = ("retailpulse_silver.ordered_products", "retailpulse.dim_products")

_NOT_IN_XML: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_T = TypeVar("_T")


class DeployedLakehouse(AthenaLakehouse):
    """The lake that Terraform made."""

    def __init__(self, home: Path, stack: Stack) -> None:
        super().__init__(home, stack.athena, Arrivals((date.min, date.max)))
        self._deployed: dict[str, str] = dict(stack.outputs["environment"])

    @property
    def environment(self) -> dict[str, str]:
        return {**super().environment, **self._deployed}


def test_ten_thousand_events_with_faults(stack: Stack, tmp_path: Path) -> None:
    # Carts and products wait for the hour, too.
    settings = Settings(seed=7, events=EVENTS, orders_only=True)
    bodies = [delivery.body for delivery in simulate(settings)]
    download_raw(stack, tmp_path / "before")
    before = lines(tmp_path / "before")
    sent = send(stack, bodies)
    assert sent >= EVENTS

    sqs, queue = stack.client("sqs"), stack.outputs["queue"]["url"]
    wait_until("the queue is empty", lambda: messages_in(sqs, queue) == 0, _DRAINED_SECONDS)
    for dead_letters in stack.outputs["dead_letter_queues"].values():
        assert messages_in(sqs, dead_letters["url"]) == 0
    with containers(stack):
        assert stack.run("fast")["status"] == "SUCCEEDED"

    embedded = Lakehouse(tmp_path, stack.project)
    download_raw(stack, tmp_path / "raw")
    assert lines(tmp_path / "raw") == before + sent
    assert embedded.dbt("build") == []
    expected = comparable(duckdb_contents(embedded))
    deployed = comparable(DeployedLakehouse(tmp_path, stack).contents())
    assert repeated_keys(deployed) == []
    found = differences(expected, deployed, _OWN_TIMES)
    assert found == [], told("after ten thousand events", found)
    landed = embedded.query(
        "select sum(landed_count), sum(accepted_count + quarantined_count + duplicate_count) "
        "from retailpulse_silver.event_conservation"
    )
    assert landed[0][0] == landed[0][1]
    assert landed[0][0] == before + sent


def send(stack: Stack, bodies: Iterable[bytes]) -> int:
    """Send what can be sent: objects of JSON to the bus, other text to the queue; return how many.

    A body that is neither is none that a client of AWS can send.
    """
    events, texts = [], []
    for body in bodies:
        if is_object(body):
            events.append(body.decode())
        elif is_text(body):
            texts.append(body.decode())
    bus, queue = stack.outputs["bus"]["name"], stack.outputs["queue"]["url"]
    client, sqs = stack.client("events"), stack.client("sqs")

    def put(batch: list[str]) -> int:
        answer = client.put_events(
            Entries=[
                {"Source": "shop", "DetailType": "order", "EventBusName": bus, "Detail": detail}
                for detail in batch
            ]
        )
        return int(answer["FailedEntryCount"])

    with ThreadPoolExecutor(_SENDERS) as senders:
        assert sum(senders.map(put, in_batches(events))) == 0
    for text in texts:
        sqs.send_message(QueueUrl=queue, MessageBody=text)
    return len(events) + len(texts)


def is_object(body: bytes) -> bool:
    """Tell whether EventBridge takes a body for a Detail: a strict object of JSON."""
    try:
        return isinstance(json.loads(body, parse_constant=_refuse), dict)
    except ValueError:
        return False


def _refuse(constant: str) -> Any:
    raise ValueError(constant)


def is_text(body: bytes) -> bool:
    """Tell whether SQS takes a body: UTF-8, of the characters that XML knows, and not empty."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return bool(text) and not _NOT_IN_XML.search(text)


def in_batches(items: Iterable[_T]) -> Iterator[list[_T]]:
    iterator = iter(items)
    while batch := list(islice(iterator, _ENTRIES)):
        yield batch


def download_raw(stack: Stack, folder: Path) -> None:
    """Copy the raw zone to a folder."""
    s3, bucket = stack.client("s3"), stack.outputs["buckets"]["raw"]["name"]
    for key in stack.raw_objects():
        file = folder / key
        file.parent.mkdir(parents=True, exist_ok=True)
        s3.download_file(bucket, key, str(file))


def lines(folder: Path) -> int:
    """How many lines a copy of the raw zone has."""
    return sum(
        gzip.decompress(file.read_bytes()).count(b"\n") for file in folder.rglob("*.ndjson.gz")
    )


def comparable(contents: Contents) -> Contents:
    """What is the same in two lakes that were built by different runs."""
    left_out = {_OF_RUNS, *_OF_WHOLE_BUILDS, f"retailpulse_silver.{_WAITING}_quarantined"}
    return {
        table: without_domain(_WAITING, relation)
        for table, relation in contents.items()
        if table not in left_out
    }


def without_domain(domain: str, relation: Relation) -> Relation:
    """Return a relation without the rows of a domain, if it says of which they are."""
    if "domain" not in relation.columns:
        return relation
    place = list(relation.columns).index("domain")
    return replace(relation, rows=[row for row in relation.rows if row[place] != domain])
