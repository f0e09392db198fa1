"""MiniStack, with our Athena in place of its own: `python -m local_athena.ministack URL`.

So whatever asks Athena from inside of the emulated AWS, as a state machine of Step Functions does,
comes to the Athena that executes, and finds the query executions that are really there.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

import urllib3
from ministack import app

# The rest is of the connection or signed for MiniStack.
_PASSED: Final = ("x-amz-target", "content-type")

Handler = Callable[
    [str, str, Mapping[str, str], bytes | str, Mapping[str, Any]],
    Awaitable[tuple[int, dict[str, str], bytes]],
]


def athena_at(url: str) -> Handler:
    """Return a handler of MiniStack's that passes Athena's calls on to an address."""
    http = urllib3.PoolManager(maxsize=16)

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | str,
        query: Mapping[str, Any],
    ) -> tuple[int, dict[str, str], bytes]:
        passed = {name: headers[name] for name in _PASSED if name in headers}
        response = await asyncio.to_thread(
            http.request, method, url, body=body, headers=passed, retries=False
        )
        content_type = response.headers.get("Content-Type", "application/x-amz-json-1.1")
        return response.status, {"Content-Type": content_type}, response.data

    return handle


def main() -> None:
    """Put it in place and serve until the process is terminated."""
    url = sys.argv.pop()
    app.SERVICE_HANDLERS["athena"] = athena_at(url)
    app.main()  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
