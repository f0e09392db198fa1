"""Pullers' states in an S3 bucket, written by S3's conditional requests.

What S3 answers to a conditional PutObject
(docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html): 412 where the condition
does not hold; 409 where another request of the key is under way, which says nothing of how that
ends; and to `If-Match` 404 where there is no object any more.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from ingestion.aws_errors import error_code
from ingestion.raw_zone import StorageError, check_key
from ingestion.sources.state_store import StateMovedError, Stored

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_MOVED: Final = frozenset({"PreconditionFailed", "412", "NoSuchKey", "404"})
_CONFLICT: Final = frozenset({"ConditionalRequestConflict", "409"})
_MISSING: Final = frozenset({"NoSuchKey", "404"})
_DENIED: Final = frozenset({"AccessDenied", "403"})

_ATTEMPTS: Final = 6
_FIRST_BACKOFF_SECONDS: Final = 0.1

# Who wrote an object: the bytes do not tell, as two pullers may be about to write the same ones.
_WRITER: Final = "writer"


class S3StateStore:
    """Keeps objects in an S3 bucket, below a prefix. A version's tag is its ETag."""

    def __init__(
        self,
        client: S3Client,
        bucket: str,
        prefix: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Use a bucket.

        Args:
            client: A boto3 S3 client, which retries what passes, such as a lost answer.
            bucket: The bucket's name.
            prefix: What all keys begin with, such as `pulled/shop`, without a slash at its end.
            sleep: Waits for a number of seconds.

        Raises:
            InvalidKeyError: The prefix is none.
        """
        check_key(prefix)
        self._client = client
        self._bucket = bucket
        self._prefix = prefix
        self._sleep = sleep

    def read(self, name: str) -> Stored | None:
        """Return an object; see `StateStore.read`."""
        key = self._key(name)
        with self._told("read", key):
            try:
                answer = self._client.get_object(Bucket=self._bucket, Key=key)
            except ClientError as error:
                if error_code(error) in _MISSING or (
                    error_code(error) in _DENIED and self._is_missing(key)
                ):
                    return None
                raise
            return Stored(answer["Body"].read(), answer["ETag"])

    def write(self, name: str, body: bytes, tag: str | None) -> Stored:
        """Keep an object; see `StateStore.write`."""
        key, writer = self._key(name), uuid.uuid4().hex
        condition: Any = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
        with self._told("write", key):
            for attempt in range(_ATTEMPTS):
                try:
                    answer = self._client.put_object(
                        Bucket=self._bucket,
                        Key=key,
                        Body=body,
                        Metadata={_WRITER: writer},
                        **condition,
                    )
                except ClientError as error:
                    if error_code(error) in _MOVED:
                        return self._own(key, body, writer)
                    if error_code(error) not in _CONFLICT:
                        raise
                else:
                    return Stored(body, answer["ETag"])
                self._sleep(random.random() * _FIRST_BACKOFF_SECONDS * 2**attempt)  # noqa: S311
        raise StorageError(
            f"cannot write s3://{self._bucket}/{key}: others write it at the same time"
        )

    def names(self, folder: str) -> list[str]:
        """Return the names of objects; see `StateStore.names`."""
        with self._told("list", self._key(folder)):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._key(folder)}/", Delimiter="/"
            )
            return sorted(
                stored["Key"].removeprefix(f"{self._prefix}/")
                for page in pages
                for stored in page.get("Contents", ())
            )

    def delete(self, name: str) -> None:
        """Delete an object; see `StateStore.delete`."""
        key = self._key(name)
        with self._told("delete", key):
            self._client.delete_object(Bucket=self._bucket, Key=key)

    def _own(self, key: str, body: bytes, writer: str) -> Stored:
        """Return what a put wrote that was sent again, as its answer had been lost.

        Raises:
            StateMovedError: Somebody else has written it.
        """
        try:
            answer = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error_code(error) in _MISSING | _DENIED:
                raise StateMovedError(key) from error
            raise
        if answer["Metadata"].get(_WRITER) != writer:
            raise StateMovedError(key)
        return Stored(body, answer["ETag"])

    def _is_missing(self, key: str) -> bool:
        """Whether there is no object: S3 says 403 of one to whoever may not list the whole bucket.

        Of the right to list a prefix its documentation does not say that it is enough for a 404
        (docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html).
        """
        answer = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        return key not in [stored["Key"] for stored in answer.get("Contents", ())]

    def _key(self, name: str) -> str:
        check_key(name)
        return f"{self._prefix}/{name}"

    @contextmanager
    def _told(self, what: str, key: str) -> Iterator[None]:
        try:
            yield
        except (ClientError, BotoCoreError) as error:
            raise StorageError(f"cannot {what} s3://{self._bucket}/{key}: {error}") from error
