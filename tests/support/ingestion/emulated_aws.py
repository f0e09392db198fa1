"""An emulated AWS: a MiniStack server of one's own, and clients of it."""

from __future__ import annotations

import socket
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

from local_athena.ministack_process import MiniStack, ministack_command
from local_athena.ports import LOOPBACK, free_ports
from local_athena.processes import Group, start
from local_athena.waiting import Awaited, wait_until_ready

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

REGION: Final = "eu-west-1"
ALL_SERVICES: Final = MiniStack("ministack", {"SERVICES": ""})


@contextmanager
def emulated_aws(
    folder: Path, ministack: MiniStack = ALL_SERVICES, *, over_tls: bool = False
) -> Iterator[str]:
    """Run a MiniStack server as long as the block; give its address.

    Args:
        folder: Where it runs and writes its log.
        ministack: What is started.
        over_tls: Whether it speaks TLS, with the certificate at `certificate(folder)`.

    Raises:
        LocalAthenaError: It did not start; the text has the end of its log.
    """
    (port,) = free_ports(1)
    url = f"{'https' if over_tls else 'http'}://{LOOPBACK}:{port}"
    if over_tls:
        settings = {
            **ministack.settings,
            "USE_SSL": "1",
            "TMPDIR": str(folder),
            # The emulated functions are its children, and clients of it.
            "AWS_ENDPOINT_URL": url,
            "AWS_CA_BUNDLE": str(certificate(folder)),
        }
        ministack = replace(ministack, settings=settings)
    group = Group()
    try:
        running = start(ministack_command(folder, port=port, ministack=ministack), group)
        wait_until_ready([Awaited(running, lambda: _listens(port))], lambda text: None)
        yield url
    finally:
        group.kill()


def certificate(folder: Path) -> Path:
    """Return the certificate of a server in a folder that speaks TLS."""
    return folder / "ministack-tls" / "server.crt"


def s3_client(url: str) -> S3Client:
    """Return a client of the emulated S3 that does not retry, like the ingester's."""
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )


def new_bucket(s3: S3Client) -> str:
    """Make an empty bucket and return its name."""
    name = f"raw-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    return name


def _listens(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), timeout=1).close()
    except OSError:
        return False
    return True
