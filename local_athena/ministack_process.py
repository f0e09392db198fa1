"""MiniStack: S3, Glue and STS."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from local_athena.aws_environment import without_aws
from local_athena.http_health import answers
from local_athena.ports import LOOPBACK
from local_athena.processes import Command


def ministack_command(folder: Path, *, port: int) -> Command:
    """Return how to start it; what it stores ends with it."""
    environment = {
        **without_aws(os.environ),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        # Else it listens on a second port, on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": "glue,s3,sts",
    }
    return Command("MiniStack", [sys.executable, "-m", "ministack"], environment, folder)


def ministack_is_ready(url: str) -> bool:
    """Tell whether it answers."""
    return answers(f"{url}/_ministack/health")
