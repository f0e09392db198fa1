"""Signs of life, for as long as a run lasts."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from retailpulse.cloud.scheduled.step_functions import TaskClosedError

EVERY_SECONDS: Final = 30.0


@contextmanager
def heartbeat(
    beat: Callable[[], None],
    *,
    on_closed: Callable[[], None],
    log: Callable[[str], None],
    every_seconds: float = EVERY_SECONDS,
) -> Iterator[None]:
    """Give signs of life while the block runs.

    Args:
        beat: Gives one.
        on_closed: Called once, when nobody waits for the run any more.
        log: Told of a sign that failed; the next is given all the same.
        every_seconds: From one to the next.
    """
    ended = threading.Event()

    def go_on() -> None:
        while True:
            try:
                beat()
            except TaskClosedError:
                on_closed()
                return
            except (BotoCoreError, ClientError) as error:
                log(f"no sign of life could be given: {error}")
            if ended.wait(every_seconds):
                return

    thread = threading.Thread(target=go_on, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(every_seconds)
