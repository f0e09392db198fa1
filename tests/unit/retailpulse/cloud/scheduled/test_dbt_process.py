from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path

from retailpulse.cloud.scheduled.dbt_process import DbtProcess
from retailpulse.cloud.scheduled.outcome import Ended

PATIENT = """
import signal, sys, time
print("started", flush=True)
try:
    time.sleep(60)
except KeyboardInterrupt:
    print("queries cancelled", flush=True)
    sys.exit(1)
"""
STUBBORN = """
import signal, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("started", flush=True)
time.sleep(60)
"""


def process(lines: list[str], grace_seconds: float = 20) -> DbtProcess:
    return DbtProcess(
        [sys.executable, "-c"],
        folder=Path.cwd(),
        environment=os.environ,
        log=lines.append,
        grace_seconds=grace_seconds,
    )


def stop_once_started(dbt: DbtProcess, lines: list[str]) -> threading.Thread:
    def wait_and_stop() -> None:
        while not lines:
            time.sleep(0.01)
        dbt.stop("SIGTERM")
        # Whoever stops it again changes nothing.
        dbt.stop("SIGINT")

    thread = threading.Thread(target=wait_and_stop)
    thread.start()
    return thread


def test_the_log_is_passed_on_and_its_end_kept() -> None:
    lines: list[str] = []
    ended = process(lines).run(["import sys; [print(n) for n in range(500)]; sys.exit(3)"])
    assert lines == [str(number) for number in range(500)]
    assert ended == Ended(3, tuple(lines[-400:]))


def test_what_is_no_utf8_is_passed_on_too() -> None:
    lines: list[str] = []
    ended = process(lines).run(["import os; os.write(1, b'caf\\xe9\\n')"])
    assert ended == Ended(0, ("caf�",))


def test_a_stopped_dbt_can_cancel_its_queries() -> None:
    lines: list[str] = []
    dbt = process(lines)
    thread = stop_once_started(dbt, lines)
    ended = dbt.run([PATIENT])
    thread.join()
    assert ended == Ended(1, ("started", "queries cancelled"), "SIGTERM")


def test_a_dbt_that_does_not_stop_is_killed() -> None:
    lines: list[str] = []
    dbt = process(lines, grace_seconds=0.2)
    thread = stop_once_started(dbt, lines)
    ended = dbt.run([STUBBORN])
    thread.join()
    assert ended == Ended(-9, ("started",), "SIGTERM")


def test_after_a_stop_nothing_is_started() -> None:
    lines: list[str] = []
    dbt = process(lines)
    dbt.stop("SIGTERM")
    assert dbt.run(["print('started')"]).stopped_because == "SIGTERM"
    assert lines == []
