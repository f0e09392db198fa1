"""`python -m retailpulse.cloud.scheduled fast` or `… pull shop`, the entry point of the image.

With RETAILPULSE_TASK_TOKEN it reports to Step Functions; without, it prints how the run ended.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final, NoReturn

import boto3
from botocore.config import Config

from retailpulse.cloud.scheduled.beside import TablesBeside
from retailpulse.cloud.scheduled.dbt_process import DbtProcess, peak_memory_mib
from retailpulse.cloud.scheduled.heartbeat import heartbeat
from retailpulse.cloud.scheduled.kinds import STEPS, Kind, Step
from retailpulse.cloud.scheduled.outcome import MAX_CAUSE, ErrorName, Failure
from retailpulse.cloud.scheduled.pull_process import PullProcess
from retailpulse.cloud.scheduled.rebuild import Rebuild
from retailpulse.cloud.scheduled.repair import Repair
from retailpulse.cloud.scheduled.run import Run, upload_to
from retailpulse.cloud.scheduled.settings import Settings, read_settings
from retailpulse.cloud.scheduled.step_functions import TaskClosedError, WaitingTask
from retailpulse.errors import RetailPulseError, SetupError

_PROJECT: Final = Path(__file__).resolve().parents[3]

# No file beside it: whoever reads the log reads CloudWatch.
_DBT: Final = (
    str(Path(sys.executable).with_name("dbt")),
    *("--no-use-colors", "--log-level-file", "none"),
)

# A run's outcome is worth more than a few tries.
_RETRIES: Final = Config(retries={"mode": "standard", "total_max_attempts": 8})


@dataclass(frozen=True, slots=True)
class Pull:
    """The pull of a source, by the name of its file in ingestion/sources."""

    source: str


@dataclass(frozen=True, slots=True)
class _Work:
    """What is to be done, and how it is stopped.

    Attributes:
        run: Does it; returns why it failed.
        stop: Stops it and says why, from any thread.
        handle: The handler of the signals that stop it.
    """

    run: Callable[[], Failure | None]
    stop: Callable[[str], None]
    handle: Callable[[int, object], None]


def main(arguments: list[str] | None = None) -> int:
    """Run; return the exit code: 0, or 1 where the run failed, or 2 where it could not begin."""
    try:
        settings = read_settings(os.environ, datetime.now(UTC))
    except SetupError as error:
        _log(f"retailpulse: {error}")
        return error.exit_code
    work = _work(arguments, settings)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, work.handle)
    task = _waiting_task(settings)
    alive = (
        heartbeat(task.beat, on_closed=lambda: work.stop("nobody waits for it"), log=_log)
        if task
        else nullcontext()
    )
    with alive:
        failure = work.run()
    _log(f"{failure.error}: {failure.cause}" if failure else "the run succeeded")
    if task:
        _report(task, settings, failure)
    return 1 if failure else 0


def _work(arguments: list[str] | None, settings: Settings) -> _Work:
    try:
        asked = _asked(arguments)
    except SetupError as error:
        # Told to whoever waits, like everything else.
        refused = Failure(ErrorName.RUN_FAILED, str(error))
        return _Work(lambda: refused, lambda _: None, lambda *_: None)
    if isinstance(asked, Pull):
        source, pull = asked.source, PullProcess(_PROJECT, os.environ, _log)
        return _Work(lambda: pull.run(source), pull.stop, pull.handle)
    dbt = DbtProcess(_DBT, folder=_PROJECT, environment=os.environ, log=_log)
    return _Work(
        lambda: _run(asked, settings, dbt),
        dbt.stop,
        lambda received, _: dbt.stop(signal.Signals(received).name),
    )


def _run(asked: Sequence[Step] | Rebuild, settings: Settings, dbt: DbtProcess) -> Failure | None:
    artifacts = settings.artifacts and replace(
        settings.artifacts, prefix=f"{settings.artifacts.prefix}{settings.run_id}/"
    )
    try:
        s3 = boto3.client("s3", config=_RETRIES)
        with tempfile.TemporaryDirectory(prefix="target-") as target:
            run = Run(
                dbt,
                target=Path(target),
                upload=upload_to(s3),
                artifacts=artifacts,
                docs=settings.docs,
            )
            if isinstance(asked, Rebuild):
                return asked.run(run, TablesBeside(boto3.client("glue", config=_RETRIES), s3))
            return run.run(asked)
    except RetailPulseError as error:
        return Failure(ErrorName.RUN_FAILED, str(error))
    except Exception as error:
        # Whatever it is, whoever waits is told now and not when the signs of life are missed.
        traceback.print_exc()
        return Failure(ErrorName.RUN_FAILED, f"{type(error).__name__}: {error}"[:MAX_CAUSE])
    finally:
        # An alarm reads it here (infra/modules/monitoring/memory.tf).
        _log(json.dumps({"dbt_memory_mib": peak_memory_mib()}))


def _report(task: WaitingTask, settings: Settings, failure: Failure | None) -> None:
    try:
        if failure:
            task.fail(failure)
        else:
            task.succeed({"run_id": settings.run_id})
    except TaskClosedError:
        _log("Step Functions waits for this run no more: it timed out, or was stopped")


def _waiting_task(settings: Settings) -> WaitingTask | None:
    if settings.task_token is None:
        return None
    return WaitingTask(boto3.client("stepfunctions", config=_RETRIES), settings.task_token)


class _Parser(argparse.ArgumentParser):
    """Tells a wrong argument to whoever waits, instead of ending the process."""

    def error(self, message: str) -> NoReturn:
        raise SetupError(message)


def _asked(arguments: list[str] | None) -> Sequence[Step] | Rebuild | Pull:
    parser = _Parser(
        prog="python -m retailpulse.cloud.scheduled",
        description="Runs dbt or pulls a database, as the schedule does, and tells Step Functions "
        "how it ended.",
        epilog="; ".join(
            f"{kind}: " + ", then ".join(f"dbt {' '.join(step.command)}" for step in steps)
            for kind, steps in STEPS.items()
        ),
    )
    kinds = parser.add_subparsers(dest="kind", required=True, help="the kind of run")
    for kind in STEPS:
        kinds.add_parser(kind)
    repair = kinds.add_parser(Kind.REPAIR)
    repair.add_argument("--select", help="the nodes to build, by dbt's selection syntax")
    repair.add_argument("--full-refresh", action="store_true", help="build them from all history")
    repair.add_argument("--from", dest="first", type=date.fromisoformat, help="a day of arrival")
    repair.add_argument("--to", dest="end", type=date.fromisoformat, help="the day after the last")
    repair.add_argument("--rebuild", action="store_true", help="all tables, beside those in use")
    repair.add_argument("--same-orders", action="store_true", help="an id of an order is one order")
    pull = kinds.add_parser("pull")
    pull.add_argument("source", help="a file of ingestion/sources, without .yml")
    given = vars(parser.parse_args(arguments))
    if given["kind"] == "pull":
        return Pull(given["source"])
    kind = Kind(given.pop("kind"))
    if kind is not Kind.REPAIR:
        return STEPS[kind]
    asked = Repair(**given)
    return Rebuild(asked.same_orders) if asked.rebuild else asked.steps()


def _log(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
