"""What a user sees while a command works: live on a terminal, plain lines anywhere else."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console, RenderableType
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

# A log that is silent for longer looks like a hang.
PLAIN_LINE_EVERY_SECONDS: Final = 2.0

_PLAIN_COLUMNS: Final = 80

_UNBOUNDED: Final = 1_000_000


def counted(count: int, noun: str) -> str:
    """Return how many there are of something whose plural has an s: `1 event`, `2,000 events`."""
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


class Step:
    """One step of a command while it runs."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.detail = ""
        self.started = time.monotonic()

    @property
    def seconds(self) -> float:
        """How long it has run."""
        return time.monotonic() - self.started

    def update(self, detail: str) -> None:
        """Say where the step is; cheap, call it as often as there is news."""
        self.detail = detail


class Terminal:
    """Writes to standard output."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(highlight=False, soft_wrap=True)
        self.seconds_by_step: dict[str, float] = {}

    def say(self, text: str = "") -> None:
        """Write a line, as it is."""
        self.console.print(text, markup=False)
        self.console.file.flush()

    def show(self, table: RenderableType) -> None:
        """Write a table; off a terminal as wide as it needs, so that no value is cut."""
        if self.console.is_terminal:
            self.console.print(table)
        else:
            Console(file=self.console.file, width=_UNBOUNDED).print(table)
        self.console.file.flush()

    @contextmanager
    def step(self, title: str) -> Iterator[Step]:
        """Show a step as it goes, and how long it took.

        Off a terminal it says soon that it goes on, and then the more rarely the longer it takes.
        """
        step = Step(title)
        with self._live(step) if self.console.is_terminal else self._plain(step):
            yield step
        self.seconds_by_step[title] = step.seconds
        # Its last word is never cut: it may be what the step was for.
        self.say(_line(step, "done: "))

    @contextmanager
    def _live(self, step: Step) -> Iterator[None]:
        columns = (
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            TimeElapsedColumn(),
        )
        with Progress(*columns, console=self.console, transient=True) as progress:
            task = progress.add_task(step.title)
            with _every(
                0.2, lambda: progress.update(task, description=f"{step.title}  {step.detail}")
            ):
                yield

    @contextmanager
    def _plain(self, step: Step) -> Iterator[None]:
        self.say(f"{step.title} …")
        with _every(
            PLAIN_LINE_EVERY_SECONDS,
            lambda: self.say(_line(step, columns=_PLAIN_COLUMNS)),
            growth=2.0,
        ):
            yield


def _line(step: Step, prefix: str = "", columns: int = _UNBOUNDED) -> str:
    detail = f": {step.detail}" if step.detail else ""
    line, end = f"  {prefix}{step.title}{detail}", f" ({step.seconds:.1f} s)"
    room = columns - len(end)
    return (line if len(line) <= room else f"{line[: room - 1]}…") + end


@contextmanager
def _every(seconds: float, call: Callable[[], None], growth: float = 1.0) -> Iterator[None]:
    """Call something again and again, in a thread, as long as the block runs.

    Args:
        seconds: The first wait.
        call: What is called.
        growth: Each wait is as many times as long as the one before it.
    """
    ended = threading.Event()

    def run() -> None:
        wait = seconds
        while not ended.wait(wait):
            call()
            wait *= growth

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
