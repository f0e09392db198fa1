"""Versions of one key as S3 lists them: seconds alone, and the latest first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from ingestion.sources.files.drop_bucket import DropBucket, GoneError, Version

AT = datetime(2026, 1, 15, 10, tzinfo=UTC)
LISTED = (
    ("drop/orders.csv", "d", AT + timedelta(seconds=1)),
    ("drop/orders.csv", "c", AT),
    ("drop/orders.csv", "b", AT),
    ("drop/orders.csv", "a", AT),
    ("drop/orders.csv.gz", "e", AT),
)


class S3:
    """Lists versions, two a page."""

    def get_paginator(self, operation: str) -> S3:
        assert operation == "list_object_versions"
        return self

    def paginate(self, **asked: str) -> Iterator[dict[str, Any]]:
        assert asked == {"Bucket": "drops", "Prefix": "drop/orders.csv"}
        versions = [
            {"Key": key, "VersionId": id_, "LastModified": moment} for key, id_, moment in LISTED
        ]
        yield {"Versions": versions[:2]}
        yield {}
        yield {"Versions": versions[2:]}


def test_those_of_one_second_are_told_apart_by_the_list() -> None:
    client: Any = S3()
    bucket = DropBucket(client, "drops")
    files = [bucket.delivery(Version("drop/orders.csv", id_)) for id_ in "abcd"]
    assert [file.delivered_at - AT for file in files] == [
        timedelta(0),
        timedelta(microseconds=1),
        timedelta(microseconds=2),
        timedelta(seconds=1),
    ]
    assert {file.name for file in files} == {"orders.csv"}
    with pytest.raises(GoneError, match="version e was deleted"):
        bucket.delivery(Version("drop/orders.csv", "e"))
