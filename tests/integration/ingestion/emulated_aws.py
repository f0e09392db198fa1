"""An emulated AWS: a MiniStack server of one's own, and clients of it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import boto3
from botocore.config import Config

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

START_SECONDS: Final = 30
REGION: Final = "eu-west-1"


@contextmanager
def emulated_aws(folder: Path) -> Iterator[str]:
    """Run a MiniStack server as long as the block; give its address.

    Args:
        folder: Where it runs and writes its log.

    Raises:
        RuntimeError: It did not start; the text has the end of its log.
    """
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
    }
    log_file = folder / "log"
    with log_file.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "ministack"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_up(url):
            if server.poll() is not None or time.monotonic() > deadline:
                text = log_file.read_text(errors="replace")
                raise RuntimeError(f"MiniStack did not start:\n{text[-2000:]}")
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=10)


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


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/_ministack/health", timeout=1) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
