"""MiniStack: S3, Glue and STS, and the rest of AWS where it is asked for."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from local_athena.aws_environment import ACCOUNT_ID, module_environment
from local_athena.http_health import answers
from local_athena.ports import LOOPBACK
from local_athena.processes import Command


@dataclass(frozen=True)
class MiniStack:
    """What is started for MiniStack.

    Attributes:
        module: A module whose main program is MiniStack, with our Athena in it or without.
        settings: Environment variables of MiniStack's that override those given below: an empty
            SERVICES emulates all of AWS, and not only what Athena needs.
    """

    module: str = "local_athena.ministack"
    settings: Mapping[str, str] = field(default_factory=dict)


def ministack_command(
    folder: Path, *, port: int, ministack: MiniStack, athena: str | None = None
) -> Command:
    """Return how to start it; what it stores ends with it.

    Args:
        folder: Where it runs.
        port: Where it listens.
        ministack: What is started.
        athena: The address of our Athena, for a module that puts it in place.
    """
    environment = {
        **module_environment(),
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        # Else it listens on a second port, on every interface.
        "IOT_MTLS_ENABLED": "0",
        "SERVICES": "athena,glue,s3,sts",
        **ministack.settings,
    }
    arguments = [sys.executable, "-m", ministack.module, *([athena] if athena else [])]
    return Command("MiniStack", arguments, environment, folder)


def ministack_is_ready(url: str) -> bool:
    """Tell whether it answers."""
    return answers(f"{url}/_ministack/health")
