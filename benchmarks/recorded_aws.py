"""`python -m benchmarks.recorded_aws URL`: the MiniStack of a local Athena, which keeps a log.

Trino's own counters tell how many requests there were, and not to which object or for which
statement.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from ministack import app

from benchmarks.athena_requests import LOG_VARIABLE
from local_athena.ministack import Handler
from local_athena.ministack import main as serve

_SERVICES: Final = ("s3", "glue")


def recorded(service: str, handler: Handler, log: Path) -> Handler:
    """Return a handler that writes a line of JSON for each request, then lets it be handled."""
    file = log.open("a", encoding="utf-8", buffering=1)

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | str,
        query: Mapping[str, Any],
    ) -> tuple[int, dict[str, str], bytes]:
        line = {
            "at": time.time(),
            "service": service,
            "method": method,
            "path": path,
            "query": sorted(query),
            "agent": headers.get("user-agent", ""),
        }
        file.write(f"{json.dumps(line)}\n")
        return await handler(method, path, headers, body, query)

    return handle


def main() -> None:
    """Put the log in between and serve until the process is terminated."""
    log = Path(os.environ[LOG_VARIABLE])
    for service in _SERVICES:
        app.SERVICE_HANDLERS[service] = recorded(service, app.SERVICE_HANDLERS[service], log)
    serve()


if __name__ == "__main__":
    main()
