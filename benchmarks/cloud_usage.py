"""What a month of RetailPulse on AWS uses, service by service: pure arithmetic.

A month has 31 days. What is counted comes from the record of a real run; what is not is in
`Assumptions`, each with where it is from.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from typing import Final

from benchmarks.athena_record import AthenaRecord, CountedRun

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
        event_types: How many types there are: a batch becomes an object for each.
        window_seconds: How long Lambda gathers a batch, at most.
        batch_size: How many messages end that sooner.
    """

    events_per_day: int
    every_minutes: int
    event_types: int
    window_seconds: int
    batch_size: int

    @property
    def events(self) -> float:
        """Events in a month."""
        return self.events_per_day * DAYS

    @property
    def fast_runs(self) -> float:
        """Runs of the fast path in a month."""
        return _HOURS * 60 / self.every_minutes

    @property
    def runs(self) -> float:
        """All runs in a month: fast, hourly and daily."""
        return self.fast_runs + _HOURS + DAYS


def _assumed(value: float, what: str, source: str) -> float:
    value_field: float = field(default=value, metadata={"what": what, "source": source})
    return value_field


@dataclass(frozen=True, slots=True)
class Assumptions:
    """What no run here can count."""

    pollers: float = _assumed(
        5, "Lambda's pollers of the queue", "AWS Lambda Developer Guide: it starts with five"
    )
    messages_per_receive: float = _assumed(
        10,
        "messages in a receive, of at most 10",
        "not known: at one, either road costs USD 11 more",
    )
    poll_seconds: float = _assumed(
        20, "seconds of a poll that finds nothing", "SQS's longest long poll"
    )
    bus_event_bytes: float = _assumed(
        800, "bytes of an event in the archive", "450 of body (results.md) and EventBridge's frame"
    )
    archive_days: float = _assumed(14, "days that the archive keeps", "infra/modules/ingestion")
    lambda_memory_gb: float = _assumed(0.5, "GB of the function", "infra/modules/ingestion")
    lambda_seconds: float = _assumed(
        0.1, "seconds of an invocation besides its events", "the puts to S3, side by side"
    )
    lambda_events_per_second: float = _assumed(
        30_000, "events a second in the function", "103,207 a core (results.md), 0.29 of a core"
    )
    raw_bytes: float = _assumed(
        98, "bytes of an event in raw", "results.md, in batches of 1,000; smaller ones take more"
    )
    table_bytes: float = _assumed(
        60, "bytes of an event in the tables", "10 million events in DuckLake: 591 MB"
    )
    table_versions: float = _assumed(
        3, "times that, with the snapshots that are kept", "not measured"
    )
    fast_seconds: float = _assumed(
        100, "seconds of a fast run's task", "20 to fetch the image, 30 of dbt, 19 statements"
    )
    hourly_seconds: float = _assumed(
        150, "seconds of an hourly run's task", "25 tests, 5 compactions, dbt is started twice"
    )
    daily_seconds: float = _assumed(900, "seconds of a daily run's task", "about 100 statements")
    task_processors: float = _assumed(0.5, "vCPU of the task", "infra/modules/orchestration")
    task_memory_gb: float = _assumed(1, "GB of the task", "infra/modules/orchestration")
    transitions: float = _assumed(
        6, "state transitions of a run", "the state machine's shortest way"
    )
    lease_writes: float = _assumed(2, "writes of the lease in a run", "taken and released")
    glue_requests: float = _assumed(
        165,
        "requests to the Data Catalog in a run",
        "a fast run's calls of the local Glue",
    )
    dbt_lists: float = _assumed(
        13, "lists of S3 by dbt-athena in a run", "a fast run's calls of the local Athena's S3"
    )
    lookback_minutes: float = _assumed(
        15, "minutes of arrivals that a fast run reads again", "dbt_project.yml"
    )
    raw_reads: float = _assumed(
        7,
        "times that a fast run opens each raw object of the hours that it reads",
        "a fast run's calls of the local Athena's S3",
    )
    raw_counts: float = _assumed(
        3, "times that it opens those of the hours that it counts", "the same"
    )
    config_items: float = _assumed(
        2,
        "configuration items of a run, where AWS Config records",
        "its network interface, made and deleted; up to six more of the VPC, the subnet and the "
        "security group (vinayakpandey-7997.medium.com)",
    )
    alarms: float = _assumed(
        21, "metrics that alarms watch", "infra/modules/monitoring: one each, one of two"
    )
    metrics: float = _assumed(
        10.1,
        "custom metrics, by the hours that they are sent in",
        "7 of the ingester, dbt's memory, RunsSucceeded of two kinds; the others now and then",
    )
    dashboards: float = _assumed(1, "dashboards", "infra/modules/monitoring")
    invocation_log_bytes: float = _assumed(
        1_500, "bytes of log of an invocation", "a metric, a summary, three lines of Lambda's"
    )
    run_log_bytes: float = _assumed(20_000, "bytes of log of a run", "dbt's lines to its terminal")
    emails: float = _assumed(100, "e-mails of alarms", "a bad month")
    image_bytes: float = _assumed(3e9, "bytes of images in ECR", "ten of 300 MB")


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


@dataclass(frozen=True, slots=True)
class Schedule:
    """The counted runs, by what starts them: tests and compaction; a full build and maintenance."""

    fast: CountedRun
    hourly: Sequence[CountedRun]
    daily: Sequence[CountedRun]


def on_days_of(events_per_day: int, thin: CountedRun, full: CountedRun) -> CountedRun:
    """Return what a run comes to on days of so many events: bytes by the line through two runs.

    Its requests to S3 are those of the first.
    """
    share = (events_per_day - thin.events_per_day) / (full.events_per_day - thin.events_per_day)

    def between(first: int, second: int) -> int:
        return round(first + max(0.0, share) * (second - first))

    return replace(
        thin,
        events_per_day=events_per_day,
        scanned_bytes=between(thin.scanned_bytes, full.scanned_bytes),
        billed_bytes=between(thin.billed_bytes, full.billed_bytes),
    )


def batches(workload: Workload, assumed: Assumptions) -> float:
    """Return how often the function is invoked in a month.

    Each poller hands over what it has gathered when its window ends, or when the batch is full.
    """
    windows = assumed.pollers * _SECONDS / workload.window_seconds
    return max(min(windows, workload.events), workload.events / workload.batch_size)


def raw_objects(workload: Workload, assumed: Assumptions) -> float:
    """Return how many objects a month's batches become: one for each type."""
    return min(batches(workload, assumed) * workload.event_types, workload.events)


def month(
    workload: Workload,
    road: Road,
    record: AthenaRecord,
    schedule: Schedule,
    assumed: Assumptions,
) -> Iterator[Use]:
    """Yield what a month uses."""
    yield from _ingestion(workload, road, assumed)
    yield from _runs(workload, assumed)
    yield from _athena(workload, record, schedule)
    yield from _small_files(workload, assumed)
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
        yield Use("SQS", "sends by the rule, one an event", events, "sqs_request")
    else:
        yield Use("SQS", "sends, ten events in one", events / _SQS_BATCH, "sqs_request")
    receives = events / assumed.messages_per_receive
    polls = assumed.pollers * _SECONDS / assumed.poll_seconds
    yield Use("SQS", "receives", receives, "sqs_request")
    yield Use("SQS", "deletes, ten messages in one", events / _SQS_BATCH, "sqs_request")
    yield Use("SQS", "polls that find nothing, at most", polls, "sqs_request")
    invoked = batches(workload, assumed)
    seconds = invoked * assumed.lambda_seconds + events / assumed.lambda_events_per_second
    yield Use("Lambda", "invocations", invoked, "lambda_request")
    yield Use("Lambda", "GB-seconds", seconds * assumed.lambda_memory_gb, "lambda_duration")
    yield Use("S3", "raw objects put", raw_objects(workload, assumed), "s3_put")


def _runs(workload: Workload, assumed: Assumptions) -> Iterator[Use]:
    hours = (
        workload.fast_runs * assumed.fast_seconds
        + _HOURS * assumed.hourly_seconds
        + DAYS * assumed.daily_seconds
    ) / 3600
    runs = workload.runs
    yield Use("EventBridge", "schedules", runs, "eventbridge_schedule")
    yield Use(
        "Step Functions", "transitions", runs * assumed.transitions, "step_functions_transition"
    )
    yield Use("DynamoDB", "writes of the lease", runs * assumed.lease_writes, "dynamodb_write")
    yield Use("Fargate", "vCPU-hours", hours * assumed.task_processors, "fargate_processor")
    yield Use("Fargate", "GB-hours", hours * assumed.task_memory_gb, "fargate_memory")
    yield Use("Fargate", "hours of a public address", hours, "public_ipv4")
    yield Use("ECR", "images", assumed.image_bytes, "ecr_storage")
    yield Use("Glue", "requests", runs * assumed.glue_requests, "glue_request")


def _athena(workload: Workload, record: AthenaRecord, schedule: Schedule) -> Iterator[Use]:
    # A run with more events than the counted one reads more: at most so many times as much.
    events_a_run = int(workload.events / workload.fast_runs)
    growth = max(1.0, events_a_run / record.new_events)
    for name, runs, times in (
        ("fast runs", [schedule.fast], workload.fast_runs * growth),
        ("hourly runs", schedule.hourly, _HOURS),
        ("daily runs", schedule.daily, DAYS),
    ):
        billed = sum(run.billed_bytes for run in runs)
        yield Use("Athena", f"{name}, bytes", billed * times, "athena_scanned")
    for name, runs, times in (
        ("fast", [schedule.fast], workload.fast_runs * growth),
        ("hourly", schedule.hourly, _HOURS),
        ("daily", schedule.daily, DAYS),
    ):
        puts, gets = sum(run.s3_puts for run in runs), sum(run.s3_gets for run in runs)
        yield Use("S3", f"Athena's PUT and LIST, {name} runs", puts * times, "s3_put")
        yield Use("S3", f"Athena's GET, {name} runs", gets * times, "s3_get")


def _small_files(workload: Workload, assumed: Assumptions) -> Iterator[Use]:
    """What the counted runs do not show: their raw objects hold an hour each.

    A statement opens all objects of the hours that its window lies in: half an hour of them in the
    mean, and the window.
    """
    read = 30 + workload.every_minutes + assumed.lookback_minutes
    counted = read + assumed.lookback_minutes
    a_minute = raw_objects(workload, assumed) / (_HOURS * 60)
    opened = a_minute * (read * assumed.raw_reads + counted * assumed.raw_counts)
    yield Use("S3", "Athena's GET of raw, fast runs", opened * workload.fast_runs, "s3_get")
    yield Use("S3", "dbt-athena's LIST", workload.runs * assumed.dbt_lists, "s3_put")


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
