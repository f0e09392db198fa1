"""An application served on a free port of the loopback interface."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
import waitress  # type: ignore[import-untyped]
from botocore.config import Config
from waitress import wasyncore

from local_athena.server import Application


@contextmanager
def served(application: Application) -> Iterator[str]:
    """Serve as long as the block; give the address."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(application, map=sockets, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        # Its loop ends when no socket is left.
        server.trigger.pull_trigger(lambda: wasyncore.close_all(sockets))
        thread.join(10)
        server.task_dispatcher.shutdown()


def client(service: str, url: str) -> Any:
    """A client that tries once."""
    return boto3.client(
        service,  # type: ignore[call-overload]
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="123456789012",
        aws_secret_access_key="test",
        config=Config(retries={"total_max_attempts": 1}),
    )
