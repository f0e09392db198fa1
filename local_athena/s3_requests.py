"""How many requests Trino has sent to S3, by its own counters."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from local_athena.errors import LocalAthenaError
from local_athena.ports import LOOPBACK
from local_athena.session import HIVE_CATALOG, ICEBERG_CATALOG
from local_athena.trino_session import http_session

_BEAN: Final = "io.trino.filesystem.s3:type=S3FileSystemStats,name={}"
_CALLS: Final = ".Calls.TotalCount"
# Trino's own sum of them.
_TOTAL: Final = "Total"
_TIMEOUT_SECONDS: Final = 10


def s3_requests(port: int) -> Mapping[str, int]:
    """Return how many Trino has sent since it was started, by operation, such as `PutObject`.

    Args:
        port: Where it listens.

    Raises:
        LocalAthenaError: It does not answer.
    """
    requests: Counter[str] = Counter()
    with http_session() as session:
        for catalog in (HIVE_CATALOG, ICEBERG_CATALOG):
            bean = f"http://{LOOPBACK}:{port}/v1/jmx/mbean/{quote(_BEAN.format(catalog))}"
            response = session.get(
                bean, headers={"X-Trino-User": "local-athena"}, timeout=_TIMEOUT_SECONDS
            )
            if not response.ok:
                raise LocalAthenaError(f"Trino does not tell its S3 requests: {response.reason}.")
            requests.update(calls(response.json()))
    return requests


def calls(bean: Mapping[str, Any]) -> Mapping[str, int]:
    """Return the calls that a bean of Trino's S3 file system counts, by operation."""
    counted = {
        attribute["name"].removesuffix(_CALLS): int(attribute["value"])
        for attribute in bean["attributes"]
        if attribute["name"].endswith(_CALLS)
    }
    return {operation: count for operation, count in counted.items() if operation != _TOTAL}
