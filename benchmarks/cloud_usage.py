"""What a month of RetailPulse on AWS uses, service by service: pure arithmetic.

A month has 31 days. What is counted comes from the record of a real run; what is not is in
`Assumptions`, each with where it is from.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from benchmarks.athena_case import EVERY_MINUTES
from benchmarks.cloud_runs import Run, Runs

DAYS: Final = 31
_HOURS: Final = DAYS * 24
_SECONDS: Final = _HOURS * 3600

# The SQS operations that take ten messages at once.
_SQS_BATCH: Final = 10


class Road(Enum):
    """How producers send.

    Attributes:
        BUS: Each event to EventBridge, whose rule sends it on to the queue.
        QUEUE: Straight to the queue, ten events in one SendMessageBatch.
    """

    BUS = "bus"
    QUEUE = "queue"


@dataclass(frozen=True, slots=True)
class Workload:
    """What the bill is for.

    Attributes:
        events_per_day: Accepted, spread evenly.
        every_minutes: How often the fast path runs.
        hourly_runs_a_day: How often compaction and tests do.
        type_shares: The share of each event type in the events: a batch becomes an object for each
            type that it has.
        window_seconds: How long Lambda gathers a batch, at most.
        batch_size: How many messages end that sooner.
    """

    events_per_day: int
    every_minutes: int
    type_shares: tuple[float, ...]
    window_seconds: int
    batch_size: int
    hourly_runs_a_day: float = 24

    @property
    def events(self) -> float:
        """Events in a month."""
        return self.events_per_day * DAYS

    @property
    def fast_runs(self) -> float:
        """Runs of the fast path in a month."""
        return _HOURS * 60 / self.every_minutes

    @property
    def hourly_runs(self) -> float:
        """Runs of compaction and tests in a month."""
        return self.hourly_runs_a_day * DAYS

    @property
    def runs(self) -> float:
        """All runs in a month: fast, hourly and daily."""
        return self.fast_runs + self.hourly_runs + DAYS


def assumption(value: float, what: str, source: str) -> float:
    """Return the field of an assumption: its value, what it is of, and where it is from."""
    value_field: float = field(default=value, metadata={"what": what, "source": source})
    return value_field


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no run here can count."""

    pollers: float = assumption(
        5, "Lambda's pollers of the queue", "AWS Lambda Developer Guide: it starts with five"
    )
    messages_per_send: float = assumption(
        10,
        "messages in a send to the queue, and in the receive of it",
        "what SendMessageBatch takes at most; events of the bus come one by one",
    )
    poll_seconds: float = assumption(
        20, "seconds of a poll that finds nothing", "SQS's longest long poll"
    )
    bus_event_bytes: float = assumption(
        800, "bytes of an event in the archive", "450 of body (results.md) and EventBridge's frame"
    )
    archive_days: float = assumption(14, "days that the archive keeps", "infra/modules/ingestion")
    lambda_memory_gb: float = assumption(0.5, "GB of the function", "infra/modules/ingestion")
    lambda_seconds: float = assumption(
        0.1, "seconds of an invocation besides its events", "the puts to S3, side by side"
    )
    lambda_events_per_second: float = assumption(
        30_000, "events a second in the function", "103,207 a core (results.md), 0.29 of a core"
    )
    raw_bytes: float = assumption(
        98, "bytes of an event in raw", "results.md, in batches of 1,000; smaller ones take more"
    )
    table_bytes: float = assumption(
        60, "bytes of an event in the tables", "10 million events in DuckLake: 591 MB"
    )
    table_versions: float = assumption(
        3, "times that, with the snapshots that are kept", "not measured"
    )
    image_seconds: float = assumption(20, "seconds until a task has its image", "not measured")
    dbt_seconds: float = assumption(30, "seconds of a dbt command besides", "half a vCPU")
    statement_seconds: float = assumption(
        2.6, "seconds of a statement", "not measured: queue, plan, read, write"
    )
    least_task_seconds: float = assumption(60, "seconds that a task is billed at least", "Fargate")
    task_processors: float = assumption(0.5, "vCPU of the task", "infra/modules/orchestration")
    task_memory_gb: float = assumption(1, "GB of the task", "infra/modules/orchestration")
    transitions: float = assumption(
        6, "state transitions of a run", "the state machine's shortest way"
    )
    lease_writes: float = assumption(2, "writes of the lease in a run", "taken and released")
    lookback_minutes: float = assumption(
        5, "minutes of arrivals that a fast run reads again", "dbt_project.yml"
    )
    config_items: float = assumption(
        2,
        "configuration items of a run, where AWS Config records",
        "its network interface, made and deleted; up to six more of the VPC, the subnet and the "
        "security group (vinayakpandey-7997.medium.com)",
    )
    alarms: float = assumption(
        21, "metrics that alarms watch", "infra/modules/monitoring: one each, one of two"
    )
    metrics: float = assumption(
        10.1,
        "custom metrics, by the hours that they are sent in",
        "7 of the ingester, dbt's memory, RunsSucceeded of two kinds; the others now and then",
    )
    dashboards: float = assumption(1, "dashboards", "infra/modules/monitoring")
    invocation_log_bytes: float = assumption(
        1_500, "bytes of log of an invocation", "a metric, a summary, three lines of Lambda's"
    )
    run_log_bytes: float = assumption(
        20_000, "bytes of log of a run", "dbt's lines to its terminal"
    )
    emails: float = assumption(100, "e-mails of alarms", "a bad month")
    image_bytes: float = assumption(3e9, "bytes of images in ECR", "ten of 300 MB")


@dataclass(frozen=True, slots=True)
class Use:
    """One line of the bill.

    Attributes:
        service: The service, as AWS's bill names it.
        what: What of it is used.
        quantity: How much in a month, in the unit of its price.
        price: The name of the price.
    """

    service: str
    what: str
    quantity: float
    price: str


def batches(workload: Workload, assumed: Assumptions) -> float:
    """Return how often the function is invoked in a month.

    Each poller hands over what it has gathered when its window ends, or when the batch is full.
    """
    windows = assumed.pollers * _SECONDS / workload.window_seconds
    return max(min(windows, workload.events), workload.events / workload.batch_size)


def raw_objects(workload: Workload, assumed: Assumptions) -> float:
    """Return how many objects a month's batches become: one for each type that a batch has."""
    invoked = batches(workload, assumed)
    if not invoked:
        return 0
    in_a_batch = workload.events / invoked
    return invoked * sum(1 - math.pow(1 - share, in_a_batch) for share in workload.type_shares)


def month(workload: Workload, road: Road, runs: Runs, assumed: Assumptions) -> Iterator[Use]:
    """Yield what a month uses."""
    yield from _ingestion(workload, road, assumed)
    yield from _tasks(workload, runs, assumed)
    yield from _athena(workload, runs)
    yield from _raw_reads(workload, runs, assumed)
    yield from _storage(workload, assumed)
    yield from _watching(workload, assumed)


def recorded(workload: Workload, assumed: Assumptions) -> Use:
    """Return what AWS Config uses besides, in an account where it records network interfaces."""
    items = workload.runs * assumed.config_items
    return Use("AWS Config", "configuration items of the tasks", items, "config_item")


def _ingestion(workload: Workload, road: Road, assumed: Assumptions) -> Iterator[Use]:
    events = workload.events
    if road is Road.BUS:
        archived = events * assumed.bus_event_bytes
        kept = archived * assumed.archive_days / DAYS
        yield Use("EventBridge", "events", events, "eventbridge_event")
        yield Use("EventBridge", "archiving", archived, "eventbridge_archive")
        yield Use("EventBridge", "archive kept", kept, "eventbridge_archive_storage")
        sends = events
        yield Use("SQS", "sends by the rule, one an event", sends, "sqs_request")
    else:
        sends = events / assumed.messages_per_send
        yield Use("SQS", "sends, several events in one", sends, "sqs_request")
    invoked = batches(workload, assumed)
    polls = assumed.pollers * _SECONDS / assumed.poll_seconds
    # A poller takes what is there, and does not wait until there is more.
    yield Use("SQS", "receives, one a send", sends, "sqs_request")
    # Of a batch together, when it was handled.
    deletes = max(events / _SQS_BATCH, invoked)
    yield Use("SQS", "deletes, ten messages in one", deletes, "sqs_request")
    yield Use("SQS", "polls that find nothing, at most", polls, "sqs_request")
    seconds = invoked * assumed.lambda_seconds + events / assumed.lambda_events_per_second
    yield Use("Lambda", "invocations", invoked, "lambda_request")
    yield Use("Lambda", "GB-seconds", seconds * assumed.lambda_memory_gb, "lambda_duration")
    yield Use("S3", "raw objects put", raw_objects(workload, assumed), "s3_put")


def _task_seconds(commands: int, statements: int, assumed: Assumptions) -> float:
    seconds = (
        assumed.image_seconds
        + commands * assumed.dbt_seconds
        + statements * assumed.statement_seconds
    )
    return max(seconds, assumed.least_task_seconds)


def _of_a_month(workload: Workload, runs: Runs) -> list[tuple[str, float, Run]]:
    """Return each kind of run by name, how often it comes, and what it comes to."""
    return [
        ("fast", workload.fast_runs, runs.fast),
        ("hourly", workload.hourly_runs, runs.hourly),
        ("daily", DAYS, runs.daily),
    ]


def _tasks(workload: Workload, runs: Runs, assumed: Assumptions) -> Iterator[Use]:
    kinds = _of_a_month(workload, runs)
    hours = {
        name: times * _task_seconds(run.commands, run.counts.statements, assumed) / 3600
        for name, times, run in kinds
    }
    glue = sum(times * run.counts.glue for _, times, run in kinds)
    yield Use("EventBridge", "schedules", workload.runs, "eventbridge_schedule")
    transitions = workload.runs * assumed.transitions
    yield Use("Step Functions", "transitions", transitions, "step_functions_transition")
    writes = workload.runs * assumed.lease_writes
    yield Use("DynamoDB", "writes of the lease", writes, "dynamodb_write")
    on_spot = hours.pop("fast")
    for what, of_task, price in [
        ("vCPU-hours", assumed.task_processors, "processor"),
        ("GB-hours", assumed.task_memory_gb, "memory"),
    ]:
        yield Use("Fargate", f"{what} on Spot", on_spot * of_task, f"fargate_spot_{price}")
        yield Use("Fargate", what, sum(hours.values()) * of_task, f"fargate_{price}")
    yield Use("Fargate", "hours of a public address", on_spot + sum(hours.values()), "public_ipv4")
    yield Use("ECR", "images", assumed.image_bytes, "ecr_storage")
    yield Use("Glue", "requests", glue, "glue_request")


def _athena(workload: Workload, runs: Runs) -> Iterator[Use]:
    kinds = _of_a_month(workload, runs)
    for name, times, run in kinds:
        billed = run.counts.billed_bytes * times
        yield Use("Athena", f"{name} runs, bytes", billed, "athena_scanned")
    for name, times, run in kinds:
        counts = run.counts
        puts, gets = counts.s3_puts * times, (counts.s3_gets - counts.raw_gets) * times
        yield Use("S3", f"PUT and LIST, {name} runs", puts, "s3_put")
        yield Use("S3", f"GET, {name} runs", gets, "s3_get")


def _raw_reads(workload: Workload, runs: Runs, assumed: Assumptions) -> Iterator[Use]:
    """How often raw objects are opened, which depends on how many there are.

    A fast run opens all objects of the hours that its window lies in: half an hour of them in the
    mean, and the window. A daily one opens those of the days that it counts. Where nothing comes,
    they are those that were counted.
    """
    a_day = raw_objects(workload, assumed) / DAYS
    read, counted = (
        30 + minutes + assumed.lookback_minutes
        for minutes in (workload.every_minutes, EVERY_MINUTES)
    )
    new = a_day / max(1.0, runs.raw_objects_per_day)
    opened = a_day * runs.opened_days / max(1.0, runs.raw_objects)
    more = {"fast": new * read / counted, "hourly": new, "daily": opened}
    for name, times, run in _of_a_month(workload, runs):
        gets = run.counts.raw_gets * times * (more[name] if workload.events else 1)
        yield Use("S3", f"GET of raw, {name} runs", gets, "s3_get")


def _storage(workload: Workload, assumed: Assumptions) -> Iterator[Use]:
    tables = workload.events * assumed.table_bytes * assumed.table_versions
    yield Use("S3", "a month of raw, kept", workload.events * assumed.raw_bytes, "s3_storage")
    yield Use("S3", "a month of tables, kept", tables, "s3_storage")


def _watching(workload: Workload, assumed: Assumptions) -> Iterator[Use]:
    logs = (
        batches(workload, assumed) * assumed.invocation_log_bytes
        + workload.runs * assumed.run_log_bytes
    )
    yield Use("CloudWatch", "alarms", assumed.alarms, "cloudwatch_alarm")
    yield Use("CloudWatch", "custom metrics", assumed.metrics, "cloudwatch_metric")
    yield Use("CloudWatch", "dashboard", assumed.dashboards, "cloudwatch_dashboard")
    yield Use("CloudWatch", "logs", logs, "cloudwatch_logs")
    yield Use("CloudWatch", "metrics put by runs", workload.runs, "cloudwatch_request")
    yield Use("SNS", "e-mails", assumed.emails, "sns_email")
