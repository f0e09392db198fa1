"""Starting and stopping real processes."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local_athena import LocalAthena
from local_athena.processes import start_time
from local_athena.state import State, read_state
from tests.support.progress import run

REPOSITORY = Path(__file__).resolve().parents[2]


def command(name: str, home: Path) -> subprocess.CompletedProcess[str]:
    return run(
        [sys.executable, "-m", "local_athena", name, "--home", str(home)],
        cwd=REPOSITORY,
        env=os.environ,
        stderr=subprocess.PIPE,
    )


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home in which nothing runs afterwards."""
    yield tmp_path / "a home"
    command("down", tmp_path / "a home")


def state_of(home: Path) -> State:
    state = read_state(home)
    assert state is not None
    return state


def listeners(pids: set[int]) -> set[str]:
    """Return the addresses that processes listen on, in /proc's hexadecimal or in lsof's words."""
    if Path("/proc/net/tcp").exists():
        sockets = {
            str(link.readlink())
            for pid in pids
            for link in Path(f"/proc/{pid}/fd").iterdir()
            if link.is_symlink() and os.path.lexists(link)
        }
        found = set()
        for table in ("tcp", "tcp6"):
            for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
                fields = line.split()
                if fields[3] == "0A" and f"socket:[{fields[9]}]" in sockets:
                    found.add(fields[1].partition(":")[0])
        return found
    lsof = shutil.which("lsof")
    assert lsof
    output = subprocess.run(
        [lsof, "-nP", "-a", "-iTCP", "-sTCP:LISTEN", "-p", ",".join(map(str, pids)), "-Fn"],
        capture_output=True,
        text=True,
    ).stdout
    return {line[1:].rpartition(":")[0] for line in output.splitlines() if line.startswith("n")}


LOOPBACK = {"0100007F", "0000000000000000FFFF00000100007F", "127.0.0.1", "[::1]"}


def test_nothing_listens_but_on_the_loopback_interface(local_athena: LocalAthena) -> None:
    for process in state_of(local_athena.home).processes:
        addresses = listeners({process.pid})
        assert addresses, process.name
        assert addresses <= LOOPBACK, process.name


def test_two_side_by_side_know_nothing_of_each_other(
    local_athena: LocalAthena, home: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    local_athena.client("s3").create_bucket(Bucket="only-in-the-first")

    with LocalAthena(home, bucket="other") as second:
        pids = [process.pid for process in state_of(home).processes]
        assert len(pids) == 3
        names = [bucket["Name"] for bucket in second.client("s3").list_buckets()["Buckets"]]
        assert names == ["other"]
        assert second.client("athena").list_data_catalogs()["DataCatalogsSummary"]

    assert "Waiting for Trino" in capfd.readouterr().err
    assert not any(start_time(pid) for pid in pids)
    assert read_state(home) is None
    assert state_of(local_athena.home).whole


def test_the_command_line_starts_survives_a_killed_trino_and_stops(home: Path) -> None:
    # Of two at once one starts it, and the other waits for that and finds it running.
    with ThreadPoolExecutor() as pool:
        ups = list(pool.map(command, ["up", "up"], [home, home]))
    assert [up.returncode for up in ups] == [0, 0]
    (starter,) = (up for up in ups if "Trino is ready" in up.stderr)
    (other,) = (up for up in ups if up is not starter)
    assert "runs already" in other.stdout
    assert "runs already" not in starter.stdout
    first = state_of(home)
    assert first.whole
    assert command("status", home).returncode == 0

    environment = home / "environment"
    assert environment.stat().st_mode & 0o777 == 0o600
    who = subprocess.run(
        ["/bin/sh", "-c", '. "$0" && exec "$1" -c "$2"', environment, sys.executable, WHO_AM_I],
        capture_output=True,
        text=True,
        check=True,
    )
    assert who.stdout == "123456789012\n"

    again = command("up", home)
    assert again.returncode == 0
    assert "runs already" in again.stdout
    assert state_of(home) == first

    (trino,) = (process for process in first.processes if process.name == "Trino")
    os.kill(trino.pid, signal.SIGKILL)
    while trino.is_alive():
        time.sleep(0.05)
    status = command("status", home)
    assert status.returncode == 1
    assert f"Trino has ended; its log is {trino.log}." in status.stdout

    up = command("up", home)
    assert up.returncode == 0, up.stderr
    assert "Stopping what is left" in up.stderr
    assert not any(process.is_alive() for process in first.processes)
    second = state_of(home)
    assert second.whole

    down = command("down", home)
    assert down.returncode == 0
    assert down.stdout == "Stopped MiniStack, Trino, Athena.\n"
    assert not second.alive
    assert not environment.exists()
    assert "Nothing runs" in command("down", home).stdout


WHO_AM_I = "import boto3; print(boto3.client('sts').get_caller_identity()['Account'])"
