"""Which requests a client of boto3 sends."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def counted(client: Any) -> Iterator[Counter[str]]:
    """Count the requests of a client by their operation, as long as the block."""
    requests: Counter[str] = Counter()

    def count(model: Any, **_: Any) -> None:
        requests[model.name] += 1

    client.meta.events.register("before-call.s3", count)
    try:
        yield requests
    finally:
        client.meta.events.unregister("before-call.s3", count)
