"""An emulated AWS account: a MiniStack server that enforces IAM and policies, over TLS."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from local_athena.aws_environment import past_proxies, without_aws
from local_athena.ports import LOOPBACK, free_ports

START_SECONDS: Final = 60
STOP_SECONDS: Final = 5
# MiniStack takes a 12-digit key for the account's root, whom no policy of a role restricts.
ACCOUNT_ID: Final = "000000000000"
REGION: Final = "eu-west-1"


@contextmanager
def emulated_account(folder: Path) -> Iterator[Mapping[str, str]]:
    """Run the emulator as long as the block; give the variables that tell a client of it.

    Queues and the topic deny what comes without TLS, and with `AUTH` MiniStack does as they say:
    it has to speak TLS.

    Args:
        folder: Where it runs, writes its log and keeps its certificate.

    Raises:
        RuntimeError: It did not start; the text has the end of its log.
    """
    certificate = folder / "ministack-tls" / "server.crt"
    (port,) = free_ports(1)
    account = {
        "AWS_ENDPOINT_URL": f"https://{LOOPBACK}:{port}",
        "AWS_CA_BUNDLE": str(certificate),
        "AWS_ACCESS_KEY_ID": ACCOUNT_ID,
        "AWS_SECRET_ACCESS_KEY": "test",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        **past_proxies(os.environ),
    }
    environment = {
        **without_aws(os.environ),
        # The emulated functions are its children, and clients of it.
        "AWS_ENDPOINT_URL": account["AWS_ENDPOINT_URL"],
        "AWS_CA_BUNDLE": account["AWS_CA_BUNDLE"],
        **past_proxies(os.environ),
        "AUTH": "true",
        "USE_SSL": "1",
        "BIND_HOST": LOOPBACK,
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "MINISTACK_ACCOUNT_ID": ACCOUNT_ID,
        "TMPDIR": str(folder),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    log_file = folder / "log"
    with log_file.open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "tests.infra.ministack_with_alarms"],
            cwd=folder,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + START_SECONDS
        while not _is_up(account["AWS_ENDPOINT_URL"], certificate):
            if server.poll() is not None or time.monotonic() > deadline:
                text = log_file.read_text(errors="replace")
                raise RuntimeError(f"MiniStack did not start:\n{text[-2000:]}")
            time.sleep(0.2)
        yield account
    finally:
        server.terminate()
        try:
            server.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            # It waits half a minute for each client that keeps a connection open.
            server.kill()
            server.wait()


def _is_up(url: str, certificate: Path) -> bool:
    if not certificate.is_file():
        return False
    opener = urllib.request.build_opener(
        urllib.request.ProxyHandler({}),
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=certificate)),
    )
    try:
        with opener.open(f"{url}/_ministack/health", timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False
