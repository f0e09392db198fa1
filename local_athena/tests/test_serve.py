"""The server as a process."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

from local_athena.ports import free_ports
from local_athena.server_process import server_command, server_is_ready
from local_athena.tests.support import waiting

# The server, after a thousand files that something else in its process has opened.
PROGRAM = """
import os, resource, sys
from local_athena.serve import main
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (2048, hard))
for _ in range(1024):
    os.open(os.devnull, os.O_RDONLY)
main(sys.argv[1:])
"""


def until(server: subprocess.Popen[bytes], condition: Callable[[], bool]) -> bool:
    """Wait for a condition for as long as the server runs."""
    waiting.until(lambda: condition() or server.poll() is not None)
    return condition()


def test_a_file_whose_number_is_high_does_not_end_the_server(tmp_path: Path) -> None:
    (port,) = free_ports(1)
    nowhere = "http://127.0.0.1:9"
    command = server_command(tmp_path, port=port, trino=nowhere, aws=nowhere, home=tmp_path)
    python, _, _, *arguments = command.arguments
    with subprocess.Popen([python, "-c", PROGRAM, *arguments], env=command.environment) as server:
        try:
            assert until(server, lambda: server_is_ready(f"http://127.0.0.1:{port}"))
        finally:
            server.terminate()

    assert server.returncode == 0
