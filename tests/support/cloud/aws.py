"""What stands for AWS in these tests."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from botocore.exceptions import ClientError

from retailpulse.cloud.deployment.account import Account

ACCOUNT = Account("111122223333", "eu-central-1")


def refusal(code: str, operation: str = "Ask", message: str = "No.") -> ClientError:
    """What boto3 raises for an answer with an error."""
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


class Pages:
    """A paginator whose pages have an item each."""

    def __init__(self, key: str, items: Callable[..., Iterable[Any]]) -> None:
        self.key = key
        self.items = items

    def paginate(self, **arguments: Any) -> Iterator[dict[str, list[Any]]]:
        yield {}
        for item in self.items(**arguments):
            yield {self.key: [item]}


class S3:
    """Buckets by name; None stands for one that these credentials may not see."""

    def __init__(self, buckets: dict[str, dict[str, bytes] | None] | None = None) -> None:
        self.buckets = buckets or {}
        self.written: dict[str, datetime] = {}
        self.read: list[str] = []
        self.tag: str | None = None

    def put(self, bucket: str, key: str, body: bytes, at: datetime | None = None) -> None:
        stored = self.buckets.setdefault(bucket, {})
        assert stored is not None
        stored[key] = body
        self.written[key] = at or datetime.now(UTC)

    def head_bucket(self, *, Bucket: str, ExpectedBucketOwner: str) -> None:  # noqa: N803
        self._stored(Bucket, "404")
        assert ExpectedBucketOwner == ACCOUNT.id

    def head_object(self, *, Bucket: str, Key: str, ExpectedBucketOwner: str) -> None:  # noqa: N803
        if Key not in self._stored(Bucket, "404"):
            raise refusal("404", "HeadObject")
        assert ExpectedBucketOwner == ACCOUNT.id

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, io.BytesIO]:  # noqa: N803
        self.read.append(Key)
        return {"Body": io.BytesIO(self._stored(Bucket, "NoSuchBucket")[Key])}

    def put_object(self, *, Bucket: str, Key: str, Body: bytes) -> None:  # noqa: N803
        self.put(Bucket, Key, Body)

    def get_object_tagging(self, *, Bucket: str, Key: str) -> dict[str, list[dict[str, str]]]:  # noqa: N803
        assert Key in self._stored(Bucket, "NoSuchBucket")
        return {"TagSet": [{"Key": "retailpulse", "Value": self.tag}] if self.tag else []}

    def get_paginator(self, operation: str) -> Pages:
        assert operation == "list_objects_v2"
        return Pages(
            "Contents",
            lambda Bucket, Prefix: [  # noqa: N803
                {"Key": key, "LastModified": self.written[key]}
                for key in self._stored(Bucket, "NoSuchBucket")
                if key.startswith(Prefix)
            ],
        )

    def _stored(self, bucket: str, missing: str) -> dict[str, bytes]:
        if bucket not in self.buckets:
            raise refusal(missing, "HeadBucket", "Not Found")
        stored = self.buckets[bucket]
        if stored is None:
            raise refusal("403", "HeadBucket", "Forbidden")
        return stored


class Settings:
    """What governs an account: at first as AWS makes it."""

    def __init__(self) -> None:
        by_iam = {
            "Principal": {"DataLakePrincipalIdentifier": "IAM_ALLOWED_PRINCIPALS"},
            "Permissions": ["ALL"],
        }
        self.lake: dict[str, Any] = {
            f"Create{kind}DefaultPermissions": [by_iam] for kind in ("Database", "Table")
        }
        self.at_rest: dict[str, str] = {"CatalogEncryptionMode": "DISABLED"}
        self.mode = "off"
        self.errors: dict[str, Exception] = {}

    def client(self, service: str) -> Settings:
        self.service = service
        return self

    def get_data_lake_settings(self) -> dict[str, Any]:
        return self._answer({"DataLakeSettings": self.lake})

    def get_data_catalog_encryption_settings(self) -> dict[str, Any]:
        return self._answer({"DataCatalogEncryptionSettings": {"EncryptionAtRest": self.at_rest}})

    def describe_vpc_block_public_access_options(self) -> dict[str, Any]:
        return self._answer(
            {"VpcBlockPublicAccessOptions": {"InternetGatewayBlockMode": self.mode}}
        )

    def _answer(self, answer: dict[str, Any]) -> dict[str, Any]:
        if self.service in self.errors:
            raise self.errors[self.service]
        return answer
