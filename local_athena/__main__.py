"""The command line: `python -m local_athena up`, `down` and `status`."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console

from local_athena.aws_environment import shell_lines
from local_athena.errors import LocalAthenaError
from local_athena.life_cycle import BUCKET, RunsAlreadyError, start_all, stop_all, to_stderr
from local_athena.ministack_process import MiniStack
from local_athena.processes import Running
from local_athena.progress import Report
from local_athena.state import State, read_state

DEFAULT_HOME: Final = Path("build/local-athena")
_OUT: Final = Console(highlight=False, soft_wrap=True)
_ERR: Final = Console(stderr=True, highlight=False, soft_wrap=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m local_athena", description="Athena on this machine."
    )
    commands = parser.add_subparsers(dest="command", required=True)
    for name, run, text in (
        ("up", up, "start it in the background"),
        ("down", down, "stop it"),
        ("status", status, "say whether it runs"),
    ):
        command = commands.add_parser(name, help=text)
        command.set_defaults(run=run)
        command.add_argument(
            "--home", type=Path, default=DEFAULT_HOME, help="holds all of it (%(default)s)"
        )
    options = parser.parse_args(arguments)
    try:
        code: int = options.run(options.home.absolute())
    except LocalAthenaError as error:
        _say(str(error), _ERR)
        return 1
    except KeyboardInterrupt:
        _say("Interrupted: what was started has been stopped.", _ERR)
        return 130
    return code


def up(home: Path) -> int:
    """Start in the background, unless it runs."""
    try:
        with _progress() as report:
            state = start_all(home, report, BUCKET, None, MiniStack())
    except RunsAlreadyError as error:
        state = error.state
        _say(f"It runs already in {home}.")
    _say(f"To use it in this shell:\n  source {shlex.quote(str(_write_environment(home, state)))}")
    _say(f"Then dbt, boto3 and the AWS CLI go there; s3://{BUCKET}/ is for results and tables.")
    _say(f"To stop it:\n  python -m local_athena down --home {shlex.quote(str(home))}")
    return 0


def down(home: Path) -> int:
    """Stop what runs."""
    state = read_state(home)
    _environment_file(home).unlink(missing_ok=True)
    if state is None:
        _say(f"Nothing runs in {home}.")
        return 0
    for process in state.dead:
        _say(f"{process.name} had ended already; its log is {process.log}.")
    names = [process.name for process in state.alive]
    with _progress() as report:
        stop_all(home, state, report)
    if names:
        _say(f"Stopped {', '.join(names)}.")
    return 0


def status(home: Path) -> int:
    """Say what runs: exit code 0 if all of it does."""
    state = read_state(home)
    if state is None:
        _say(f"Nothing runs in {home}.")
        return 1
    for process in state.processes:
        _say(_status_line(process))
    if not state.ready:
        _say("It is still starting, or its start was cut short; `up` sees to either.")
    _say(f"Athena is at {state.environment['AWS_ENDPOINT_URL_ATHENA']}.")
    return 0 if state.whole else 1


def _status_line(process: Running) -> str:
    if process.is_alive():
        return f"{process.name} runs, pid {process.pid}; its log is {process.log}."
    return f"{process.name} has ended; its log is {process.log}."


def _environment_file(home: Path) -> Path:
    return home / "environment"


def _write_environment(home: Path, state: State) -> Path:
    """Write what a shell sources, for its owner only."""
    path = _environment_file(home)
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    path.write_text(shell_lines(state.environment))
    return path


@contextmanager
def _progress() -> Iterator[Report]:
    """Give what progress is told to: one changing line on a terminal, else a line each."""
    if not _ERR.is_terminal:
        yield to_stderr
        return
    with _ERR.status("") as line:
        yield lambda text: line.update(text)


def _say(text: str, console: Console = _OUT) -> None:
    console.print(text, markup=False)


if __name__ == "__main__":
    sys.exit(main())
