"""Missed heartbeats for MiniStack's Step Functions, which takes HeartbeatSeconds and ignores it.

As AWS has it: the error's name is States.Timeout, as of a timeout, and only a catcher or a retrier
knows it as States.HeartbeatTimeout (docs.aws.amazon.com/step-functions/latest/dg/
concepts-error-handling.html: "HeartbeatTimeout is available inside the Catch and Retry fields").
"""

from __future__ import annotations

import threading
import time
from typing import Any, Final

from ministack.services import stepfunctions as untyped_stepfunctions

stepfunctions: Any = untyped_stepfunctions
_error_matches = stepfunctions._error_matches
_invoke_with_callback = stepfunctions._invoke_with_callback

_LOOKS_EVERY_SECONDS: Final = 0.1


class MissedHeartbeat(str):
    """The name that the error has, and what tells it from a timeout."""

    __slots__ = ()


MISSED: Final = MissedHeartbeat("States.Timeout")


def error_matches(error_equals: list[str], error: str) -> bool:
    """Tell whether a retrier or a catcher is for an error."""
    if isinstance(error, MissedHeartbeat) and "States.HeartbeatTimeout" in error_equals:
        return True
    return bool(_error_matches(error_equals, error))


def invoke_with_callback(resource: str, data: Any, token: str, state: dict[str, Any]) -> Any:
    """Wait for the token's answer, and no longer than for the next sign of life."""
    if "HeartbeatSeconds" in state:
        arguments = (token, state["HeartbeatSeconds"])
        threading.Thread(target=_watch, args=arguments, daemon=True).start()
    return _invoke_with_callback(resource, data, token, state)


def _watch(token: str, seconds: float) -> None:
    """Fail the task of a token whose signs of life are further apart than that."""
    last, heard = None, time.monotonic()
    while time.monotonic() - heard < seconds:
        time.sleep(_LOOKS_EVERY_SECONDS)
        waiting = stepfunctions._task_tokens.get(token)
        if waiting is not None and waiting["heartbeat"] != last:
            last, heard = waiting["heartbeat"], time.monotonic()
    waiting = stepfunctions._task_tokens.get(token)
    if waiting is not None and not waiting["event"].is_set():
        waiting["error"] = {"Error": MISSED, "Cause": ""}
        waiting["event"].set()


def put_in_place() -> None:
    """Let MiniStack notice them."""
    stepfunctions._error_matches = error_matches
    stepfunctions._invoke_with_callback = invoke_with_callback
