"""The raw zones: what is stored, and what is said when it is not."""

import os
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError, ReadTimeoutError

from ingestion.raw_zone import (
    FolderRawZone,
    InvalidKeyError,
    ObjectExists,
    S3RawZone,
    StorageError,
    check_key,
)

KEY = "events/event_type=order_created/dt=2026-01-14/hour=20/b1.ndjson.gz"


def files(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_folder_holds_what_was_put_and_nothing_else(tmp_path: Path) -> None:
    zone = FolderRawZone(tmp_path / "raw")
    zone.put(KEY, b"one")
    zone.put("oversized/x", b"two")
    assert files(tmp_path / "raw") == {KEY: b"one", "oversized/x": b"two"}


def test_folder_never_overwrites(tmp_path: Path) -> None:
    zone = FolderRawZone(tmp_path)
    zone.put(KEY, b"one")
    with pytest.raises(ObjectExists):
        zone.put(KEY, b"two")
    assert files(tmp_path) == {KEY: b"one"}


def test_folder_shows_no_part_of_an_object_that_cannot_be_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_space(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", no_space)
    with pytest.raises(StorageError, match="No space left"):
        FolderRawZone(tmp_path).put(KEY, b"one")
    assert files(tmp_path) == {}


def test_folder_that_cannot_be_made_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "raw").write_text("a file")
    with pytest.raises(StorageError):
        FolderRawZone(tmp_path / "raw").put(KEY, b"one")


@pytest.mark.parametrize("file", [KEY.rpartition("/")[0], "events", ".incoming"])
def test_folder_with_a_file_in_the_way_is_a_storage_error(file: str, tmp_path: Path) -> None:
    (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / file).write_text("a file")
    with pytest.raises(StorageError):
        FolderRawZone(tmp_path).put(KEY, b"one")


@pytest.mark.parametrize(
    "key",
    [
        *("", "/", "/x", "x/", "a//b", ".", "..", "../x", "a/../b", "a/..", "a/./b"),
        *("a\\b", "a\x00b", "a b", "a\n", "é", "~", "a/\n", "C:/x", "%2e%2e/x"),
    ],
)
def test_key_that_could_leave_the_root_is_refused(key: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidKeyError):
        check_key(key)
    for zone in (FolderRawZone(tmp_path / "raw"), S3RawZone(FakeS3(), "bucket")):  # type: ignore[arg-type]
        with pytest.raises(InvalidKeyError):
            zone.put(key, b"")
    assert files(tmp_path) == {}


@pytest.mark.parametrize("key", [KEY, "x", "...", "a/.b", "oversized/dt=2026-01-14/00ff"])
def test_other_keys_are_fine(key: str) -> None:
    check_key(key)


class FakeS3:
    """Answers every put with one error, or takes it."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.puts: list[dict[str, Any]] = []

    def put_object(self, **arguments: Any) -> None:
        self.puts.append(arguments)
        if self.error is not None:
            raise self.error


def client_error(code: str, status: int) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        "PutObject",
    )


@pytest.mark.parametrize(
    ("prefix", "key"), [("", KEY), ("raw", f"raw/{KEY}"), ("/a/b/", f"a/b/{KEY}")]
)
def test_s3_put_is_conditional_below_the_prefix(prefix: str, key: str) -> None:
    client = FakeS3()
    S3RawZone(client, "bucket", prefix).put(KEY, b"one")  # type: ignore[arg-type]
    assert client.puts == [{"Bucket": "bucket", "Key": key, "Body": b"one", "IfNoneMatch": "*"}]


def test_s3_object_that_exists() -> None:
    client = FakeS3(client_error("PreconditionFailed", 412))
    with pytest.raises(ObjectExists):
        S3RawZone(client, "bucket").put(KEY, b"one")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        client_error("SlowDown", 503),
        client_error("InternalError", 500),
        client_error("AccessDenied", 403),
        client_error("NoSuchBucket", 404),
        # Another conditional put of the key is under way: nobody knows how it will end.
        client_error("ConditionalRequestConflict", 409),
        ConnectTimeoutError(endpoint_url="https://s3"),
        ReadTimeoutError(endpoint_url="https://s3"),
    ],
)
def test_s3_trouble_is_a_storage_error(error: Exception) -> None:
    with pytest.raises(StorageError, match="s3://bucket/events"):
        S3RawZone(FakeS3(error), "bucket").put(KEY, b"one")  # type: ignore[arg-type]
