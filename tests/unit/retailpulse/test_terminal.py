from __future__ import annotations

import io
import time

import pytest
from rich.console import Console

from retailpulse import terminal as terminal_module
from retailpulse.terminal import Terminal


def plain() -> tuple[Terminal, io.StringIO]:
    stream = io.StringIO()
    return Terminal(Console(file=stream, force_terminal=False, soft_wrap=True)), stream


def test_a_step_off_a_terminal_is_never_silent(monkeypatch: pytest.MonkeyPatch) -> None:
    assert terminal_module.PLAIN_LINE_EVERY_SECONDS < 3
    monkeypatch.setattr(terminal_module, "PLAIN_LINE_EVERY_SECONDS", 0.02)
    terminal, stream = plain()
    with terminal.step("Working") as step:
        step.update("half, [of] it")
        time.sleep(0.3)
    lines = stream.getvalue().splitlines()
    assert lines[0] == "Working …"
    assert sum("Working: half, [of] it (" in line for line in lines[1:-1]) >= 3
    assert "done: Working" in lines[-1]
    assert terminal.seconds_by_step["Working"] >= 0.3


def test_only_what_a_step_says_on_the_way_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal_module, "PLAIN_LINE_EVERY_SECONDS", 0.02)
    terminal, stream = plain()
    with terminal.step("Looking") as step:
        step.update("a table of a long name " * 5 + "is there")
        time.sleep(0.1)
    _, *running, done = stream.getvalue().splitlines()
    assert {len(line) for line in running} == {80}
    assert "is there (0." in done


def test_a_step_that_fails_is_not_done() -> None:
    terminal, stream = plain()
    with pytest.raises(OSError, match="disk"), terminal.step("Working"):
        raise OSError("disk")
    assert "done" not in stream.getvalue()


def test_a_step_on_a_terminal_ends_with_its_time() -> None:
    stream = io.StringIO()
    terminal = Terminal(Console(file=stream, force_terminal=True, highlight=False))
    with terminal.step("Working") as step:
        step.update("[half")
        time.sleep(0.3)
    assert "[half" in stream.getvalue()
    assert "done: Working: [half (0." in stream.getvalue()
