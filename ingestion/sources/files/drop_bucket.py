"""The bucket into which files are dropped: below `drop/`, each version of a key a delivery.

What became of a version its tag says, as S3 moves nothing: lifecycle rules archive by it. A second
tag says of which version that is, as a copy takes its original's tags along. Below `manifests/` is
what is told of those that have landed, below `rejected/` of those that could not be read.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Any, BinaryIO, Final, NamedTuple, cast

from botocore.exceptions import BotoCoreError, ClientError
from urllib3.exceptions import HTTPError

from ingestion.aws_errors import error_code
from ingestion.sources.errors import SourceError, TransientError
from ingestion.sources.files.delivering import Delivered, DroppedFile
from ingestion.sources.files.manifests import manifest_of, report_of

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

PREFIX: Final = "drop/"
TAG: Final = "retailpulse"
TAG_OF: Final = "retailpulse-version"
LANDED: Final = "landed"
REJECTED: Final = "rejected"
TOLD: Final = "told"

# S3 takes ten tags of a version.
_MOST_OTHER_TAGS: Final = 8

_GONE: Final = frozenset({"NoSuchKey", "NoSuchVersion", "404"})
_NOT_OF_A_KEY: Final = re.compile(r"[^A-Za-z0-9_.=-]+")
_LONGEST_NAME: Final = 100
_SKIPPED_BYTES: Final = 1 << 20


class Version(NamedTuple):
    """A version of a key: one delivery of a file."""

    key: str
    version_id: str


class GoneError(SourceError):
    """There is no such version any more."""


class DropBucket:
    """Reads deliveries, and says of each what became of it. The bucket keeps versions."""

    def __init__(self, client: S3Client, bucket: str) -> None:
        """Use a bucket.

        Args:
            client: A boto3 S3 client.
            bucket: The bucket's name.
        """
        self._client = client
        self._bucket = bucket

    def delivery(self, version: Version) -> DroppedFile:
        """Return a version as what is delivered, when S3 had it whole.

        S3 tells seconds. Of versions of one second the list says which came first: it has them in
        the order in which they were stored, the latest first
        (docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectVersions.html). The place in that
        order is the delivery's microseconds.

        Raises:
            GoneError: It was deleted.
            TransientError: S3 does not answer.
        """
        with self._asking("list", version.key):
            found = [each for each in self._versions(version.key) if each["Key"] == version.key]
        # The latest comes first.
        for moment, same in groupby(reversed(found), key=lambda each: each["LastModified"]):
            for place, each in enumerate(same):
                if each["VersionId"] == version.version_id:
                    return DroppedFile(
                        name=version.key.removeprefix(PREFIX),
                        delivered_at=moment + timedelta(microseconds=place),
                        order=version.version_id,
                        open=lambda offset: self._open(version, offset),
                    )
        raise GoneError(f"{version.key}: version {version.version_id} was deleted before it landed")

    def delivered(self, since: datetime, until: datetime) -> Iterator[Version]:
        """Yield the versions that were delivered from a time on and before another."""
        for each in self._versions(PREFIX):
            if since <= each["LastModified"] < until and is_file(each["Key"]):
                yield Version(each["Key"], each["VersionId"])

    def is_told(self, version: Version) -> bool:
        """Say whether anybody has said what became of a version."""
        return self._tags(version).get(TAG_OF) == _digest(version)

    def told(self, version: Version) -> None:
        """Say that a version is told of once more, so that it is so once alone."""
        self._tag(version, TOLD)

    def landed(self, version: Version, file: DroppedFile, feed: str, delivered: Delivered) -> None:
        """Say that a version has landed; by its tag alone where it repeats the one before it."""
        if not delivered.is_unchanged:
            day = f"{file.delivered_at:%Y-%m-%d}"
            key = f"manifests/{feed}/dt={day}/{delivered.number:06d}-{_name_of(version)}.json"
            self._put(key, manifest_of(file, feed, delivered))
        self._tag(version, LANDED)

    def rejected(self, version: Version, file: DroppedFile, why: str) -> str:
        """Say why a version cannot be read; return where the report is."""
        key = f"rejected/dt={file.delivered_at:%Y-%m-%d}/{_name_of(version)}.json"
        self._put(key, report_of(file, why))
        self._tag(version, REJECTED)
        return key

    def _versions(self, prefix: str) -> Iterator[Any]:
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=prefix
        )
        for page in pages:
            yield from page.get("Versions", ())

    def _open(self, version: Version, offset: int) -> BinaryIO:
        ranged: Any = {"Range": f"bytes={offset}-"} if offset else {}
        with self._asking("read", version.key):
            try:
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=version.key, VersionId=version.version_id, **ranged
                )
            except ClientError as error:
                if offset and error_code(error) in ("InvalidRange", "416"):
                    # It ends there.
                    return io.BytesIO()
                raise
        body = _Body(answer["Body"], version.key)
        if offset and "ContentRange" not in answer:
            # HTTP lets a server send all of it (RFC 9110, 14.2): an emulated S3 does, of a version.
            _skip(body, offset)
        return cast("BinaryIO", body)

    def _put(self, key: str, body: bytes) -> None:
        with self._asking("write", key):
            self._client.put_object(
                Bucket=self._bucket, Key=key, Body=body, ContentType="application/json"
            )

    def _tags(self, version: Version) -> dict[str, str]:
        with self._asking("read the tags of", version.key):
            answer = self._client.get_object_tagging(
                Bucket=self._bucket, Key=version.key, VersionId=version.version_id
            )
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def _tag(self, version: Version, value: str) -> None:
        """Say what became of a version, beside the tags of whoever delivered it."""
        others = {key: tag for key, tag in self._tags(version).items() if key not in (TAG, TAG_OF)}
        tags = dict(list(others.items())[:_MOST_OTHER_TAGS])
        tags |= {TAG: value, TAG_OF: _digest(version)}
        with self._asking("tag", version.key):
            self._client.put_object_tagging(
                Bucket=self._bucket,
                Key=version.key,
                VersionId=version.version_id,
                Tagging={"TagSet": [{"Key": key, "Value": tag} for key, tag in tags.items()]},
            )

    @contextmanager
    def _asking(self, what: str, key: str) -> Iterator[None]:
        try:
            yield
        except ClientError as error:
            if error_code(error) in _GONE:
                raise GoneError(f"{key}: it was deleted before it landed") from error
            raise TransientError(f"cannot {what} s3://{self._bucket}/{key}: {error}") from error
        except BotoCoreError as error:
            raise TransientError(f"cannot {what} s3://{self._bucket}/{key}: {error}") from error


def is_file(key: str) -> bool:
    """Say whether a key is a file's.

    Consoles make keys that end with a slash, for folders, and programs write first under a name
    that begins with a point.
    """
    name = key.rpartition("/")[2]
    return key.startswith(PREFIX) and name != "" and not name.startswith(".")


class _Body(io.RawIOBase):
    """An object's bytes as they come; what breaks on the way may be there the next time."""

    def __init__(self, body: Any, key: str) -> None:
        super().__init__()
        self._body = body
        self._key = key

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        try:
            found = self._body.read(len(buffer))
        except (BotoCoreError, HTTPError) as error:
            raise TransientError(f"{self._key}: reading broke off: {error}") from error
        buffer[: len(found)] = found
        return len(found)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


def _skip(body: _Body, count: int) -> None:
    while count and (skipped := body.read(min(count, _SKIPPED_BYTES))):
        count -= len(skipped)


def _name_of(version: Version) -> str:
    """What a version is called in a key of ours: a name from outside is no part of a path."""
    name = _NOT_OF_A_KEY.sub("_", version.key.rpartition("/")[2])[-_LONGEST_NAME:].lstrip(".")
    return f"{name}-{_digest(version)}"


def _digest(version: Version) -> str:
    return hashlib.sha256("\0".join(version).encode()).hexdigest()[:16]
