"""What Step Functions is told of the task that it waits for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from retailpulse.cloud.scheduled.outcome import Failure

if TYPE_CHECKING:
    from mypy_boto3_stepfunctions import SFNClient

# The task has been closed: it timed out, or the execution has been stopped.
_CLOSED: Final = frozenset({"TaskTimedOut", "TaskDoesNotExist", "InvalidToken"})


class TaskClosedError(Exception):
    """Nobody waits for this task any more."""


class WaitingTask:
    """The task of a state machine that waits for a token."""

    def __init__(self, client: SFNClient, token: str) -> None:
        """Use a client and the token."""
        self._client = client
        self._token = token

    def beat(self) -> None:
        """Give a sign of life.

        Raises:
            TaskClosedError: Nobody waits for it.
        """
        with _told_if_closed():
            self._client.send_task_heartbeat(taskToken=self._token)

    def succeed(self, output: dict[str, Any]) -> None:
        """Report success.

        Raises:
            TaskClosedError: Nobody waits for it.
        """
        with _told_if_closed():
            self._client.send_task_success(taskToken=self._token, output=json.dumps(output))

    def fail(self, failure: Failure) -> None:
        """Report a failure.

        Raises:
            TaskClosedError: Nobody waits for it.
        """
        with _told_if_closed():
            self._client.send_task_failure(
                taskToken=self._token, error=failure.error, cause=failure.cause
            )


@contextmanager
def _told_if_closed() -> Iterator[None]:
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _CLOSED:
            raise TaskClosedError from error
        raise
