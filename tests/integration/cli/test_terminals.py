"""The command line on a terminal of its own: what Ctrl-C does, and how wide it writes."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Cli
from tests.support.cli.processes import COMMAND, PROJECT, environment
from tests.support.progress import STUCK_SECONDS

# The first rows come at once, and there are no others however long one waits.
ENDLESS = "select range as n from range(1000000000000) where range < 3000000 or hash(range) = 5"
BACKFILL = ("backfill", "--from", "2026-01-01", "--to", "2026-01-02")
STYLE = re.compile(r"\x1b\[[0-9;]*m")
CTRL_C = b"\x03"


class TerminalProcess:
    """A command whose controlling terminal this process holds the other end of."""

    def __init__(self, home: Path, *arguments: str, columns: int = 80) -> None:
        self.pid, self._terminal = pty.fork()
        if self.pid == 0:
            size = struct.pack("HHHH", 40, columns, 0, 0)
            fcntl.ioctl(0, termios.TIOCSWINSZ, size)
            os.chdir(PROJECT)
            os.execve(COMMAND[0], [*COMMAND, *arguments], environment(home, TERM="xterm"))
        self._told = b""

    @property
    def told(self) -> str:
        """What it has written so far; a line may have come in pieces."""
        return self._told.decode(errors="replace").replace("\r", "")

    def read(self) -> bool:
        """Read on; whether there was anything."""
        try:
            told = os.read(self._terminal, 65536)
        except OSError:
            return False
        self._told += told
        return bool(told)

    def read_until(self, text: str) -> None:
        while text not in self.told:
            assert self.read(), self.told

    def press(self, keys: bytes) -> None:
        os.write(self._terminal, keys)

    def end(self) -> int:
        """Read to the end, and return the exit code. What does not come to one is killed."""
        given_up_at = time.monotonic() + STUCK_SECONDS
        while time.monotonic() < given_up_at:
            if select.select([self._terminal], [], [], 1.0)[0] and not self.read():
                break
        else:
            os.kill(self.pid, signal.SIGKILL)
        os.close(self._terminal)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


@pytest.mark.parametrize(
    "query", [ENDLESS, f"{ENDLESS} order by n"], ids=["while rows come", "before any row"]
)
def test_ctrl_c_ends_a_query(cli: Cli, tmp_path: Path, query: str) -> None:
    os.environ["TMPDIR"] = str(tmp_path)
    process = TerminalProcess(cli.home, "sql", query, "--format", "csv")
    if "order" in query:
        # Nothing is written before the query ends; the catalog is copied before it begins.
        while not list(tmp_path.glob("*/catalog.sqlite")):
            os.sched_yield()
    else:
        process.read_until("\n99\n")
    process.press(CTRL_C)
    assert process.end() == 130
    assert process.told.endswith("stopped\n")
    assert "Traceback" not in process.told
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_while_importing_ends_it_without_a_word(cli: Cli) -> None:
    started = (
        "import runpy, sys, os, signal\n"
        "interrupted = sys.argv.pop(1)\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == interrupted: os.kill(os.getpid(), signal.SIGINT)\n"
        "module = 'retailpulse.__main__'\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "runpy.run_module(module, run_name='__main__')\n"
    )
    for module, code in (
        ("duckdb", -signal.SIGINT),
        ("typer.main", -signal.SIGINT),
        # They are imported by commands, which say that they were stopped.
        ("dbt.cli.main", 130),
    ):
        process = subprocess.run(
            [COMMAND[0], "-c", started, module, *BACKFILL],
            cwd=PROJECT,
            env=environment(cli.home),
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == code, process.stderr
        assert process.stderr == ("" if code < 0 else "stopped\n")


@pytest.mark.parametrize("columns", [80, 120])
def test_whatever_is_shown_fits_the_terminal(cli: Cli, columns: int) -> None:
    for arguments in (
        ("sql", "from orders_events"),
        ("sql", "describe fact_orders"),
        ("status",),
    ):
        process = TerminalProcess(cli.home, *arguments, columns=columns)
        assert process.end() == 0, process.told
        lines = STYLE.sub("", process.told).splitlines()
        assert max(map(len, lines)) <= columns
    assert "Disk" in process.told


@pytest.mark.parametrize("streams", [("stdin",), ("stdout",), ("stdin", "stdout", "stderr")])
def test_closed_streams(cli: Cli, streams: tuple[str, ...]) -> None:
    numbers = [("stdin", "stdout", "stderr").index(name) for name in streams]
    closed = " ".join(f"{number}>&-" for number in numbers)
    for command in ("status", "sql 'select 1'", "sql"):
        process = subprocess.run(
            ["sh", "-c", f'"$0" -m retailpulse {command} {closed}', COMMAND[0]],
            cwd=PROJECT,
            env=environment(cli.home),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert process.returncode == (2 if command == "sql" else 0), process.stderr
        assert "Traceback" not in process.stderr


def test_help_version_and_the_likely_command(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cli.ok("--version").startswith("retailpulse ")
    for command in ((), ("sql",), ("status",), ("cloud",), ("cloud", "run")):
        assert "Usage" in cli.ok(*command, "-h")
    assert "status" in cli("stauts").stderr
    # Whatever shell the tests were started from.
    monkeypatch.setattr("shellingham.detect_shell", lambda: ("bash", "/bin/bash"))
    assert "complete" in cli.ok("--show-completion")
