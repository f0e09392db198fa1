"""What a client of AWS must be told to come here instead."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from local_athena.ports import LOOPBACK

# MiniStack and the server take a 12-digit key for the account's id.
ACCOUNT_ID: Final = "123456789012"
SECRET_KEY: Final = "local-athena"  # noqa: S105
REGION: Final = "us-east-1"
_SOURCE: Final = Path(__file__).resolve().parent.parent
# What would lead a client to the real AWS in spite of the rest, or fail it.
_MISLEADING: Final = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ENDPOINT_URL_STS",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
)


def aws_environment(*, ministack: str, server: str) -> Mapping[str, str]:
    """Return the environment variables of a client.

    Args:
        ministack: Its address, such as http://127.0.0.1:4566.
        server: The address of our Athena, which also answers what MiniStack's Glue lacks.
    """
    return {
        "AWS_ENDPOINT_URL": ministack,
        "AWS_ENDPOINT_URL_ATHENA": server,
        "AWS_ENDPOINT_URL_GLUE": server,
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **past_proxies(os.environ),
    }


def past_proxies(environment: Mapping[str, str]) -> dict[str, str]:
    """Return what lets a client reach this machine past the proxy that an environment may name."""
    # Some clients read one spelling and some the other; those that read both prefer this one.
    given = environment.get("no_proxy") or environment.get("NO_PROXY") or ""
    hosts = [host for host in given.split(",") if host]
    # A `*` stands for every host, but only alone.
    if given != "*" and LOOPBACK not in hosts:
        hosts.append(LOOPBACK)
    return dict.fromkeys(("NO_PROXY", "no_proxy"), ",".join(hosts))


def without_aws(environment: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that says nothing of AWS: what we start must not reach the real one."""
    return {name: value for name, value in environment.items() if not name.startswith("AWS_")}


def module_environment() -> dict[str, str]:
    """Return the environment of a Python process that runs a module of ours."""
    path = os.pathsep.join(filter(None, (str(_SOURCE), os.environ.get("PYTHONPATH"))))
    return {**without_aws(os.environ), **past_proxies(os.environ), "PYTHONPATH": path}


def shell_lines(environment: Mapping[str, str]) -> str:
    """Return what a shell is to source."""
    lines = [f"unset {' '.join(_MISLEADING)}"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    return "\n".join(lines) + "\n"
