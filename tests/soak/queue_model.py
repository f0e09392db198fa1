"""SQS and Lambda's event source mapping in simulated time, at their worst for a message.

A message is received the moment it is visible, whatever the number of invocations at once, so
that its receive count rises as fast as the visibility timeout lets it. It becomes a dead letter
when the next receive would be one too many; what an invocation neither reports as failed nor
outlives is deleted when the invocation ends.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from math import inf
from pathlib import Path

import ingestion

Invoke = Callable[[float, Sequence[int]], tuple[float, set[int]]]
"""Land messages from a moment on; return the moment it ends, and which were not landed."""


@dataclass(frozen=True, slots=True)
class QueueSettings:
    """`ingestion/queue_settings.json`."""

    function_timeout_seconds: int
    visibility_timeout_seconds: int
    maximum_receive_count: int
    batch_size: int
    maximum_batching_window_seconds: int
    message_retention_seconds: int

    @classmethod
    def shipped(cls) -> QueueSettings:
        """The settings that Terraform reads."""
        file = Path(ingestion.__file__).parent / "queue_settings.json"
        return cls(**json.loads(file.read_text()))


@dataclass(slots=True)
class Course:
    """What happened to the messages.

    Attributes:
        deleted_at: when each was acknowledged, in seconds.
        dead: those that became dead letters.
        expired: those the queue forgot, being too old.
        most_receives: the largest receive count of a message.
        most_at_once: how many invocations ran at one time, at most.
    """

    deleted_at: dict[int, float] = field(default_factory=dict)
    dead: set[int] = field(default_factory=set)
    expired: set[int] = field(default_factory=set)
    most_receives: int = 0
    most_at_once: int = 0


def consume(settings: QueueSettings, sent_at: Sequence[float], invoke: Invoke) -> Course:
    """Deliver messages, numbered in the order they were sent, until none is left.

    Args:
        settings: those of the queue and of what stands behind it.
        sent_at: when each message was sent, in seconds.
        invoke: runs the function.
    """
    course = Course()
    receives = [0] * len(sent_at)
    running: list[float] = []
    visible = [(at, number) for number, at in enumerate(sent_at)]
    heapify(visible)
    while visible:
        batch: list[int] = []
        starts_at = inf
        while visible and visible[0][0] <= starts_at and len(batch) < settings.batch_size:
            at, number = heappop(visible)
            if course.deleted_at.get(number, inf) <= at:
                continue
            if at - sent_at[number] > settings.message_retention_seconds:
                course.expired.add(number)
            elif receives[number] == settings.maximum_receive_count:
                course.dead.add(number)
            else:
                if not batch:
                    starts_at = at + settings.maximum_batching_window_seconds
                batch.append(number)
                receives[number] += 1
                heappush(visible, (at + settings.visibility_timeout_seconds, number))
        if not batch:
            continue
        if len(batch) == settings.batch_size:
            starts_at = at
        ends_at, failed = invoke(starts_at, batch)
        course.deleted_at.update((number, ends_at) for number in batch if number not in failed)
        while running and running[0] <= starts_at:
            heappop(running)
        heappush(running, ends_at)
        course.most_at_once = max(course.most_at_once, len(running))
    course.most_receives = max(receives)
    return course
