"""One order, from the bus of an environment to its gold, as a producer and an analyst see it.

And of each database that is followed a row, from its tables to silver; and where files are dropped,
one without rows.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from ingestion.sources.files.drop_bucket import LANDED, PREFIX, TAG
from ingestion.sources.files.feeds import Feed
from retailpulse.cloud.deployment.empty_file import EmptyFile, empty_file
from retailpulse.cloud.deployment.start_run import run_dbt, run_to_end
from retailpulse.cloud.scheduled.kinds import Kind
from retailpulse.errors import WorkError
from retailpulse.terminal import Terminal

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_athena.type_defs import QueryExecutionStatusTypeDef
    from mypy_boto3_events import EventBridgeClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_stepfunctions import SFNClient

# ISO 4217 keeps this code for tests: the order is in no currency's revenue.
CURRENCY: Final = "XTS"
AMOUNT: Final = "123.0000"
"""As Athena writes an amount of gold, decimal(18, 4)."""

_POLL_SECONDS: Final = 2.0
_LANDS_WITHIN_SECONDS: Final = 300
_ANSWER_WITHIN_SECONDS: Final = 120
# S3's clock and this machine's.
_CLOCKS_DIFFER: Final = timedelta(minutes=1)


class SmokeError(WorkError):
    """The order did not arrive; the sentence says how far it came and where to look."""


@dataclass(frozen=True)
class PulledSource:
    """A database that is followed.

    Attributes:
        name: The source's name.
        state_machine_arn: What pulls it.
        event_types: Those of its tables, by which silver names them.
    """

    name: str
    state_machine_arn: str
    event_types: tuple[str, ...]


@dataclass(frozen=True)
class Deployed:
    """What infra/main made, by its outputs.

    Attributes:
        bus: The bus's name.
        raw_bucket: The raw zone's bucket.
        state_machine_arn: What runs dbt.
        work_group: The analysts' Athena work group.
        gold_database: The database of the marts.
        silver_database: The database of what they are built from.
        pulled: The databases that are followed.
        drop_bucket: Where files are dropped; None if they are not.
    """

    bus: str
    raw_bucket: str
    state_machine_arn: str
    work_group: str
    gold_database: str
    silver_database: str = "retailpulse_silver"
    pulled: tuple[PulledSource, ...] = ()
    drop_bucket: str | None = None


@dataclass(frozen=True)
class Clients:
    """Clients of the environment's account and region."""

    events: EventBridgeClient
    s3: S3Client
    stepfunctions: SFNClient
    athena: AthenaClient


def send_order(
    deployed: Deployed, clients: Clients, terminal: Terminal, feeds: Sequence[Feed] = ()
) -> None:
    """Send an order and wait until gold has it, and silver a row of each database.

    Args:
        deployed: The environment.
        clients: Of it.
        terminal: Shows each step.
        feeds: Those whose files may be dropped.

    Raises:
        SmokeError: It did not arrive, or no row did.
        RunError: dbt's run or a pull failed.
    """
    began = datetime.now(UTC)
    order_id = f"smoke-{began:%Y%m%dT%H%M%S%fZ}"
    _send(deployed, clients.events, order_id, began)
    terminal.say(f"Sent order {order_id}")
    with terminal.step("Waiting for it in raw"):
        _wait(
            _landing(deployed, clients.s3, order_id, began),
            _LANDS_WITHIN_SECONDS,
            "it did not reach raw: see the queue, its dead letters and the ingester's log",
        )
    if deployed.drop_bucket:
        _drop(deployed.drop_bucket, empty_file(feeds, order_id), clients.s3, terminal)
    for source in deployed.pulled:
        with terminal.step(f"Pulling {source.name}") as step:
            run_to_end(clients.stepfunctions, source.state_machine_arn, {}, step)
    with terminal.step("Running dbt") as step:
        # A full build: views and new columns of a new release are not the fast path's.
        run_dbt(clients.stepfunctions, deployed.state_machine_arn, Kind.DAILY, step)
    with terminal.step("Asking Athena"):
        # The id is ours.
        query = f"select order_amount from fact_orders where order_id = '{order_id}'"  # noqa: S608
        answer = _ask(deployed, clients.athena, query)
    if answer != AMOUNT:
        raise SmokeError(
            f"gold answers {answer or 'nothing'} for order {order_id} and not {AMOUNT}: "
            f"look for it in retailpulse_silver.quarantined_events"
        )
    seconds = (datetime.now(UTC) - began).total_seconds()
    terminal.say(f"Order {order_id} is in gold, {AMOUNT} {CURRENCY}, after {seconds:.0f} s")
    for source in deployed.pulled:
        with terminal.step(f"Asking Athena for a row of {source.name}") as step:
            step.update(_with_a_row(source, deployed, clients.athena))


def _drop(bucket: str, file: EmptyFile | None, s3: S3Client, terminal: Terminal) -> None:
    if file is None:
        terminal.say("NOT CHECKED: no feed has files of a name that could be made up")
        return
    key = f"{PREFIX}{file.name}"
    with terminal.step(f"Dropping {file.name}"):
        s3.put_object(Bucket=bucket, Key=key, Body=file.body)

        def told() -> str | None:
            answer = s3.get_object_tagging(Bucket=bucket, Key=key)
            return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}.get(TAG)

        _wait(
            lambda: told() is not None,
            _LANDS_WITHIN_SECONDS,
            f"s3://{bucket}/{key} did not land: see the log group "
            "/aws/lambda/retailpulse-file-drops, and the dead letters of its queue",
        )
        outcome = told()
    if outcome != LANDED:
        raise SmokeError(f"s3://{bucket}/{key} was {outcome}: see s3://{bucket}/rejected/")


def _with_a_row(source: PulledSource, deployed: Deployed, athena: AthenaClient) -> str:
    """Return a table of a source that has a row in silver."""
    for event_type in source.event_types:
        # Both are names of ours.
        query = f"select 'a row' from {deployed.silver_database}.{event_type} limit 1"  # noqa: S608
        if _ask(deployed, athena, query):
            return f"{deployed.silver_database}.{event_type}"
    raise SmokeError(
        f"silver has no row of {source.name}: are its tables empty, or refused? See the log group "
        f"/retailpulse/pull-{source.name}, and quarantined_events"
    )


def _send(deployed: Deployed, events: EventBridgeClient, order_id: str, now: datetime) -> None:
    detail = {
        "event_id": order_id,
        "event_type": "order_created",
        "event_ts": now.isoformat(),
        "customer_id": "smoke",
        "order_id": order_id,
        "amount": float(AMOUNT),
        "currency_code": CURRENCY,
    }
    answer = events.put_events(
        Entries=[
            {
                "Source": "retailpulse.smoke",
                "DetailType": "order_created",
                "EventBusName": deployed.bus,
                "Detail": json.dumps(detail),
            }
        ]
    )
    if answer["FailedEntryCount"]:
        raise SmokeError(f"the bus {deployed.bus} refused the order: {answer['Entries'][0]}")


def _landing(
    deployed: Deployed, s3: S3Client, order_id: str, since: datetime
) -> Callable[[], bool]:
    """Return a question that reads each raw object once: whether one since then has the order."""
    read: set[str] = set()

    def is_in(key: str) -> bool:
        read.add(key)
        stored = s3.get_object(Bucket=deployed.raw_bucket, Key=key)["Body"].read()
        return any(
            json.loads(line)["event_id"] == order_id
            for line in gzip.decompress(stored).splitlines()
            if order_id.encode() in line
        )

    def has_landed() -> bool:
        # The wait is shorter than an hour: raw has it in this one or in that of the sending.
        hours = {f"{at:dt=%Y-%m-%d/hour=%H}" for at in (since, datetime.now(UTC))}
        return any(
            is_in(stored["Key"])
            for hour in sorted(hours)
            for page in s3.get_paginator("list_objects_v2").paginate(
                Bucket=deployed.raw_bucket, Prefix=f"events/event_type=order_created/{hour}/"
            )
            for stored in page.get("Contents", ())
            if stored["Key"] not in read and stored["LastModified"] >= since - _CLOCKS_DIFFER
        )

    return has_landed


def _ask(deployed: Deployed, athena: AthenaClient, query: str) -> str | None:
    execution = athena.start_query_execution(
        QueryString=query,
        WorkGroup=deployed.work_group,
        QueryExecutionContext={"Database": deployed.gold_database},
    )["QueryExecutionId"]

    def status() -> QueryExecutionStatusTypeDef:
        return athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]["Status"]

    _wait(
        lambda: status()["State"] in ("SUCCEEDED", "FAILED", "CANCELLED"),
        _ANSWER_WITHIN_SECONDS,
        "Athena does not answer",
    )
    if status()["State"] != "SUCCEEDED":
        raise SmokeError(f"Athena refuses the question: {status().get('StateChangeReason')}")
    rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"][1:]
    return rows[0]["Data"][0].get("VarCharValue") if rows else None


def _wait(is_done: Callable[[], bool], seconds: float, failure: str) -> None:
    deadline = time.monotonic() + seconds
    while not is_done():
        if time.monotonic() > deadline:
            raise SmokeError(f"{failure} (waited {seconds:.0f} s)")
        time.sleep(_POLL_SECONDS)
