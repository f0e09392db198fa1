"""How a dbt command ended: pure, from what it left."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from retailpulse.cloud.scheduled.transient import is_transient

# What Step Functions takes (SendTaskFailure).
MAX_CAUSE: Final = 32_768

_FAILED_TEST: Final = "fail"
_FAILED: Final = frozenset({_FAILED_TEST, "error", "runtime error", "partial success"})
_ERROR: Final = re.compile("Encountered an error( while running operation)?:")
_SHOWN_NODES: Final = 10
_SHOWN_LINES: Final = 40
_SHOWN_CHARACTERS: Final = 2_000


class ErrorName(StrEnum):
    """What the state machine decides by; only `Transient` is tried again."""

    TEST_FAILED = "TestFailed"
    TRANSIENT = "Transient"
    RUN_FAILED = "RunFailed"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a run failed.

    Attributes:
        error: Its name.
        cause: The failing nodes and their messages, for people.
    """

    error: ErrorName
    cause: str

    def with_line(self, line: str) -> Failure:
        """Return it with one more line, which is kept where the cause is too long."""
        kept = self.cause[: MAX_CAUSE - len(line) - 1]
        return Failure(self.error, f"{kept}\n{line}")


@dataclass(frozen=True, slots=True)
class Ended:
    """What a dbt command left.

    Attributes:
        exit_code: Its exit code; negative where a signal ended it.
        last_lines: The end of its log.
        stopped_because: Why it was stopped; None where it ended by itself.
    """

    exit_code: int
    last_lines: Sequence[str]
    stopped_because: str | None = None


def failure_of(ended: Ended, run_results: Mapping[str, Any] | None) -> Failure | None:
    """Tell why a dbt command failed; None where it succeeded.

    Args:
        ended: What the process left.
        run_results: Its run_results.json; None where it wrote none.
    """
    log = _end_of_log(ended.last_lines)
    if ended.stopped_because is not None:
        # Step Functions closes the token of a run that it stops; where one is left to report to,
        # somebody else stopped the container, such as AWS for maintenance of its host.
        return _failure(ErrorName.TRANSIENT, f"dbt was stopped: {ended.stopped_because}", log)
    if ended.exit_code == 0:
        return None
    results = run_results["results"] if run_results else []
    failed = [result for result in results if result["status"] in _FAILED]
    if failed:
        # Of an operation's failure only the log says why.
        told = _told(failed) if any(result["message"] for result in failed) else log
        name = _name_of(failed, log)
        return _failure(name, f"{len(failed)} of {len(results)} nodes failed", told)
    if ended.exit_code < 0:
        return _failure(ErrorName.RUN_FAILED, f"dbt was killed by signal {-ended.exit_code}", log)
    error = ErrorName.TRANSIENT if is_transient(log) else ErrorName.RUN_FAILED
    return _failure(error, f"dbt ended with exit code {ended.exit_code}, and no node says why", log)


def _end_of_log(lines: Sequence[str]) -> str:
    """Return the error that dbt ended with, without its stack trace, or else the last lines."""
    starts = [number for number, line in enumerate(lines) if _ERROR.search(line)]
    if starts:
        lines = lines[starts[-1] :]
        stack = [number for number, line in enumerate(lines) if "Traceback (most recent" in line]
        lines = lines[: stack[0] if stack else None][:_SHOWN_LINES]
    return "\n".join(line[:_SHOWN_CHARACTERS] for line in lines[-_SHOWN_LINES:])


def _name_of(failed: Sequence[Mapping[str, Any]], log: str) -> ErrorName:
    if any(result["status"] == _FAILED_TEST for result in failed):
        return ErrorName.TEST_FAILED
    if all(is_transient(result["message"] or log) for result in failed):
        return ErrorName.TRANSIENT
    return ErrorName.RUN_FAILED


def _told(failed: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        f"- {_name(result['unique_id'])} ({result['status']}): "
        f"{(result['message'] or 'no message').strip()[:_SHOWN_CHARACTERS]}"
        for result in failed[:_SHOWN_NODES]
    ]
    if len(failed) > _SHOWN_NODES:
        lines.append(f"- and {len(failed) - _SHOWN_NODES} more")
    return "\n".join(lines)


def _name(unique_id: str) -> str:
    """Return `orders` of `model.retailpulse.orders`, and the same of a test with its hash."""
    return unique_id.split(".")[2]


def _failure(error: ErrorName, head: str, detail: str) -> Failure:
    return Failure(error, f"{head}:\n{detail}"[:MAX_CAUSE])
