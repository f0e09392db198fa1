from __future__ import annotations

import threading
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from retailpulse.cloud.scheduled.heartbeat import heartbeat
from retailpulse.cloud.scheduled.step_functions import TaskClosedError, WaitingTask
from tests.support.progress import STUCK_SECONDS


class Beats:
    """Counts signs of life; each answers what comes next, the last for ever."""

    def __init__(self, *answers: Exception | None) -> None:
        self.count = 0
        self.enough = threading.Event()
        self._answers = answers

    def __call__(self) -> None:
        answer = self._answers[min(self.count, len(self._answers) - 1)]
        self.count += 1
        if self.count >= 3:
            self.enough.set()
        if answer:
            raise answer


def test_signs_are_given_until_the_end() -> None:
    beat = Beats(None)
    with heartbeat(beat, on_closed=pytest.fail, log=pytest.fail, every_seconds=0.01):
        assert beat.enough.wait(STUCK_SECONDS)
    assert not any(thread.name == "heartbeat" for thread in threading.enumerate())


def test_a_sign_that_fails_is_logged_and_the_next_is_given() -> None:
    beat = Beats(EndpointConnectionError(endpoint_url="https://states"), None)
    lines: list[str] = []
    with heartbeat(beat, on_closed=pytest.fail, log=lines.append, every_seconds=0.01):
        assert beat.enough.wait(STUCK_SECONDS)
    assert len(lines) == 1
    assert "https://states" in lines[0]


def test_a_closed_task_is_told_once() -> None:
    beat = Beats(None, TaskClosedError())
    closed = threading.Event()
    with heartbeat(beat, on_closed=closed.set, log=pytest.fail, every_seconds=0.01):
        assert closed.wait(STUCK_SECONDS)
    assert beat.count == 2


class FakeStepFunctions:
    def __init__(self, code: str) -> None:
        self._code = code

    def send_task_heartbeat(self, **_: Any) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": ""}}, "SendTaskHeartbeat")


@pytest.mark.parametrize("code", ["TaskTimedOut", "TaskDoesNotExist", "InvalidToken"])
def test_what_step_functions_answers_for_a_closed_task(code: str) -> None:
    client: Any = FakeStepFunctions(code)
    with pytest.raises(TaskClosedError):
        WaitingTask(client, "token").beat()


def test_another_refusal_is_not_taken_for_a_closed_task() -> None:
    client: Any = FakeStepFunctions("ThrottlingException")
    with pytest.raises(ClientError):
        WaitingTask(client, "token").beat()
