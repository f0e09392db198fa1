from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchmarks.athena_requests import Requests, count, read_requests
from benchmarks.recorded_aws import recorded


def test_each_request_is_told_and_handled_as_it_came(tmp_path: Path) -> None:
    log = tmp_path / "requests.jsonl"
    handled: list[tuple[str, str, bytes | str]] = []

    async def handle(
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | str,
        query: Mapping[str, Any],
    ) -> tuple[int, dict[str, str], bytes]:
        handled.append((method, path, body))
        return 206, {"a": "b"}, b"content"

    told = recorded("s3", handle, log)
    headers = {"user-agent": "aws-sdk-java/2.31.57"}

    async def ask() -> tuple[int, dict[str, str], bytes]:
        await told("GET", "/raw/events/a", headers, b"", {})
        return await told("GET", "/raw", headers, b"", {"list-type": ["2"], "prefix": [""]})

    assert asyncio.run(ask()) == (206, {"a": "b"}, b"content")
    assert handled == [("GET", "/raw/events/a", b""), ("GET", "/raw", b"")]
    requests = read_requests(log.read_text().splitlines(), "raw")
    assert count(requests) == Requests(puts=1, gets=1, raw_gets=1)
