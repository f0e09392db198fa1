"""Our own server: Athena's API."""

from __future__ import annotations

import sys
from pathlib import Path

from local_athena.aws_environment import ACCOUNT_ID, REGION, SECRET_KEY, module_environment
from local_athena.http_health import answers
from local_athena.processes import Command


def server_command(folder: Path, *, port: int, trino: str, aws: str, home: Path) -> Command:
    """Return how to start it.

    Args:
        folder: Where it runs.
        port: Where it listens.
        trino: Trino's address.
        aws: MiniStack's address.
        home: Where it writes the log of statements.
    """
    environment = {
        **module_environment(),
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    arguments = [sys.executable, "-m", "local_athena.serve", "--port", str(port)]
    arguments += ["--trino", trino, "--aws", aws, "--home", str(home)]
    return Command("Athena", arguments, environment, folder)


def server_is_ready(url: str) -> bool:
    """Tell whether it answers."""
    return answers(f"{url}/health")
