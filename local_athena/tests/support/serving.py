"""An application served on a free port of the loopback interface."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import boto3
import waitress  # type: ignore[import-untyped]
from botocore.config import Config
from waitress import wasyncore

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


@contextmanager
def served(application: WSGIApplication) -> Iterator[str]:
    """Serve as long as the block; give the address."""
    sockets: dict[int, Any] = {}
    server = waitress.create_server(application, map=sockets, host="127.0.0.1", port=0, threads=8)
    stopped = threading.Event()

    def loop() -> None:
        while not stopped.is_set():
            wasyncore.loop(timeout=0.02, use_poll=True, map=sockets, count=1)

    thread = threading.Thread(target=loop)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        stopped.set()
        thread.join(10)
        server.task_dispatcher.shutdown()
        wasyncore.close_all(sockets)


class Front:
    """What is served in the place of one application after another.

    A client of boto3 takes a tenth of a second and more to make, and it knows one address.
    """

    application: WSGIApplication

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        return self.application(environ, start_response)


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
