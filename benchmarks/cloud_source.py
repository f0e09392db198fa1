"""What a database that is followed adds to a month on AWS: pure arithmetic.

What its rows cost further on is what events cost: raw objects, dbt's statements, tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from benchmarks.athena_case import EVERY_MINUTES
from benchmarks.cloud_usage import DAYS, Assumptions, Use, assumption

_MINUTES: Final = DAYS * 24 * 60
_SPOT_PROCESSOR: Final = "fargate_spot_processor"


@dataclass(frozen=True, slots=True)
class SourceAssumptions:
    """What a puller's month depends on, in the environment's own network."""

    tables: float = assumption(8, "tables", "the simulated wholesaler's")
    with_news: float = assumption(3, "of them with changed rows, in each pull", "a guess")
    puts: float = assumption(
        1, "objects put for a table in a pull that finds nothing", "its state (counted by a test)"
    )
    puts_of_news: float = assumption(
        4,
        "objects put for one with a page of changed rows",
        "its state before and after, a note, and the rows (counted by a test)",
    )
    task_processors: float = assumption(0.25, "vCPU of the task", "infra/modules/database_source")
    task_memory_gb: float = assumption(0.5, "GB of the task", "infra/modules/database_source")
    alarms: float = assumption(3, "alarms", "infra/modules/database_source, by polling")
    metrics: float = assumption(
        3, "custom metrics besides the lag of each table", "infra/modules/database_source"
    )
    log_bytes: float = assumption(2_500, "bytes of log of a pull", "a line of JSON a table")


def month_of_a_source(assumed: SourceAssumptions, of_runs: Assumptions) -> Iterator[Use]:
    """Yield what a month of pulls uses, one every five minutes.

    Args:
        assumed: What is a source's own.
        of_runs: What a pull, which is over within the least that a task is billed, has in common
            with a run of dbt.
    """
    pulls = _MINUTES / EVERY_MINUTES
    hours = pulls * of_runs.least_task_seconds / 3600
    quiet = assumed.tables - assumed.with_news
    puts = quiet * assumed.puts + assumed.with_news * assumed.puts_of_news
    transitions = pulls * of_runs.transitions
    metrics = assumed.tables + assumed.metrics
    yield Use("CloudWatch", "custom metrics", metrics, "cloudwatch_metric")
    yield Use("CloudWatch", "alarms", assumed.alarms, "cloudwatch_alarm")
    yield Use("CloudWatch", "logs", pulls * assumed.log_bytes, "cloudwatch_logs")
    yield Use("CloudWatch", "metrics put by pulls", pulls, "cloudwatch_request")
    yield Use("Fargate", "vCPU-hours on Spot", hours * assumed.task_processors, _SPOT_PROCESSOR)
    yield Use("Fargate", "GB-hours on Spot", hours * assumed.task_memory_gb, "fargate_spot_memory")
    yield Use("Fargate", "hours of a public address", hours, "public_ipv4")
    yield Use("Step Functions", "transitions", transitions, "step_functions_transition")
    yield Use("S3", "states, notes and raw objects put", pulls * puts, "s3_put")
    yield Use("S3", "states read", pulls * assumed.tables, "s3_get")
    yield Use("Secrets Manager", "the address", 1, "secret")
    yield Use("Secrets Manager", "reads of it", pulls, "secret_request")
    yield Use("DynamoDB", "writes of the lease", pulls * of_runs.lease_writes, "dynamodb_write")
    yield Use("EventBridge", "schedules", pulls, "eventbridge_schedule")
