"""Where objects are put: a folder or an S3 bucket. Written once, never overwritten."""

import re
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from botocore.exceptions import BotoCoreError, ClientError

from ingestion.aws_errors import error_code
from ingestion.durable_files import fsync_folder, write_file

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

_KEY_PART = re.compile(r"(?!\.\.?(?:/|\Z))[A-Za-z0-9_.=-]+")


class StorageError(Exception):
    """An object could not be put, or nobody knows whether it was."""


class ObjectExists(Exception):  # noqa: N818 - an answer, not a fault
    """There is an object with this key; it was left as it is."""


class InvalidKeyError(ValueError):
    """A key could lead out of the raw zone."""


class RawZone(Protocol):
    """Takes objects."""

    def put(self, key: str, body: bytes) -> None:
        """Store an object durably, or not at all.

        Args:
            key: Relative to the zone's root: parts of letters, digits and `_.=-`, with `/`.
            body: The object's bytes.

        Raises:
            ObjectExists: There is an object with this key already.
            StorageError: Anything else went wrong; the object may have been stored or not.
            InvalidKeyError: The key is not of that form.
        """


class FolderRawZone:
    """A raw zone in a folder of this machine."""

    def __init__(self, root: Path) -> None:
        """Use `root`, which is made when the first object comes."""
        self._root = root

    def put(self, key: str, body: bytes) -> None:
        """Store an object; see `RawZone.put`."""
        check_key(key)
        path = self._root / key
        # Outside the folders that are read, and on their file system.
        temporary = self._root / ".incoming" / secrets.token_hex(16)
        try:
            for folder in (path.parent, temporary.parent):
                folder.mkdir(parents=True, exist_ok=True)
            try:
                write_file(temporary, body)
                _link(temporary, path)
                fsync_folder(path.parent)
            finally:
                temporary.unlink(missing_ok=True)
        except OSError as error:
            raise StorageError(f"cannot write {path}: {error}") from error


class S3RawZone:
    """A raw zone in an S3 bucket, below a prefix."""

    def __init__(self, client: "S3Client", bucket: str, prefix: str = "") -> None:
        """Use a bucket.

        Args:
            client: A boto3 S3 client. It should not retry: the ingester does.
            bucket: The bucket's name.
            prefix: The root's key in the bucket, with or without a slash at its end.
        """
        self._client = client
        self._bucket = bucket
        self._prefix = prefix.strip("/") + "/" if prefix.strip("/") else ""

    def put(self, key: str, body: bytes) -> None:
        """Store an object; see `RawZone.put`."""
        check_key(key)
        key = self._prefix + key
        try:
            self._client.put_object(Bucket=self._bucket, Key=key, Body=body, IfNoneMatch="*")
        except ClientError as error:
            if error_code(error) in ("PreconditionFailed", "412"):
                raise ObjectExists(key) from error
            raise StorageError(f"cannot put s3://{self._bucket}/{key}: {error}") from error
        except BotoCoreError as error:
            raise StorageError(f"cannot put s3://{self._bucket}/{key}: {error}") from error


def check_key(key: str) -> None:
    """Check that a key names a place below the root.

    Raises:
        InvalidKeyError: It does not, or it could be understood otherwise somewhere.
    """
    if not all(_KEY_PART.fullmatch(part) for part in key.split("/")):
        raise InvalidKeyError(f"not a name of an object: {key[:256]!r}")


def _link(temporary: Path, path: Path) -> None:
    try:
        # A link fails where a rename would overwrite.
        path.hardlink_to(temporary)
    except FileExistsError as error:
        raise ObjectExists(path.name) from error
