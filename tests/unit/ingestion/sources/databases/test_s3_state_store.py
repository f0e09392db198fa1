"""What S3 answers, and what a puller makes of it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from ingestion.raw_zone import StorageError
from ingestion.sources.s3_state_store import S3StateStore
from ingestion.sources.state_store import StateMovedError
from tests.support.ingestion.emulated_aws import REGION, new_bucket, s3_client
from tests.support.ingestion.lost_answers import losing

NAME = "shop_users.json"


def retrying_client(url: str) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 3}),
    )


@pytest.mark.parametrize("is_new", [True, False])
def test_a_put_whose_answer_was_lost_is_known_for_ones_own(is_new: bool, emulated_s3: str) -> None:
    client = retrying_client(emulated_s3)
    store = S3StateStore(client, new_bucket(s3_client(emulated_s3)), "pulled/shop")
    tag = None if is_new else store.write(NAME, b"1", None).tag
    lost = losing(client, first=1)

    written = store.write(NAME, b"2", tag)

    assert lost.puts == 2
    assert store.read(NAME) == written


def test_a_lost_answer_hides_no_other_puller(emulated_s3: str) -> None:
    """The other has written the very same bytes over the same version, meanwhile."""
    client = retrying_client(emulated_s3)
    bucket = new_bucket(s3_client(emulated_s3))
    store = S3StateStore(client, bucket, "pulled/shop")
    tag = store.write(NAME, b"1", None).tag
    S3StateStore(s3_client(emulated_s3), bucket, "pulled/shop").write(NAME, b"2", tag)
    losing(client, first=1)

    with pytest.raises(StateMovedError):
        store.write(NAME, b"2", tag)


def test_an_answer_that_stays_lost_is_told(emulated_s3: str) -> None:
    client = retrying_client(emulated_s3)
    store = S3StateStore(client, new_bucket(s3_client(emulated_s3)), "pulled/shop")
    losing(client, first=9)

    with pytest.raises(
        StorageError, match=r"cannot write s3://raw-.*/pulled/shop/shop_users\.json"
    ):
        store.write(NAME, b"1", None)


def error(code: str, status: int, operation: str) -> ClientError:
    return ClientError(
        {"Error": {"Code": code}, "ResponseMetadata": {"HTTPStatusCode": status}},  # type: ignore[typeddict-item]
        operation,
    )


class FakeS3:
    """Answers with errors, in turn, and then as S3 does where all is well."""

    def __init__(self, *errors: ClientError, listed: tuple[str, ...] = ()) -> None:
        self.errors = list(errors)
        self.listed = listed
        self.puts = 0

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)

    def put_object(self, **given: Any) -> dict[str, str]:
        self.puts += 1
        self._fail()
        return {"ETag": '"1"'}

    def get_object(self, **given: Any) -> dict[str, Any]:
        self._fail()
        raise AssertionError

    def head_object(self, **given: Any) -> dict[str, Any]:
        self._fail()
        return {"ETag": '"2"', "Metadata": {}}

    def list_objects_v2(self, **given: Any) -> dict[str, Any]:
        self._fail()
        return {
            "Contents": [{"Key": key} for key in self.listed if key.startswith(given["Prefix"])]
        }


def store_on(client: FakeS3) -> S3StateStore:
    return S3StateStore(client, "raw", "pulled/shop", sleep=lambda _: None)  # type: ignore[arg-type]


CONFLICT = error("ConditionalRequestConflict", 409, "PutObject")


def test_a_conflict_says_nothing_and_the_put_is_sent_again() -> None:
    client = FakeS3(CONFLICT, CONFLICT)

    assert store_on(client).write(NAME, b"1", '"0"').tag == '"1"'
    assert client.puts == 3


def test_a_conflict_that_another_has_won_is_another_puller() -> None:
    client = FakeS3(CONFLICT, error("PreconditionFailed", 412, "PutObject"))

    with pytest.raises(StateMovedError):
        store_on(client).write(NAME, b"1", '"0"')


def test_conflicts_without_end_are_told() -> None:
    with pytest.raises(StorageError, match="others write it at the same time"):
        store_on(FakeS3(*[CONFLICT] * 9)).write(NAME, b"1", '"0"')


def test_of_what_is_gone_no_version_is_ours() -> None:
    client = FakeS3(error("NoSuchKey", 404, "PutObject"), error("404", 404, "HeadObject"))

    with pytest.raises(StateMovedError):
        store_on(client).write(NAME, b"1", '"0"')


DENIED = error("AccessDenied", 403, "GetObject")


def test_what_may_not_be_told_from_what_is_missing_is_looked_for() -> None:
    assert store_on(FakeS3(DENIED)).read(NAME) is None
    # Another object whose name begins alike.
    assert store_on(FakeS3(DENIED, listed=(f"pulled/shop/{NAME}2",))).read(NAME) is None


def test_what_may_not_be_read_is_told() -> None:
    with pytest.raises(StorageError, match="AccessDenied"):
        store_on(FakeS3(DENIED, listed=(f"pulled/shop/{NAME}",))).read(NAME)
    with pytest.raises(StorageError, match="ListObjectsV2"):
        store_on(FakeS3(DENIED, error("AccessDenied", 403, "ListObjectsV2"))).read(NAME)


@pytest.mark.parametrize("prefix", ["", "/", "../pulled", "pulled/"])
def test_a_prefix_that_is_none_is_refused(prefix: str) -> None:
    with pytest.raises(ValueError, match="not a name of an object"):
        S3StateStore(FakeS3(), "raw", prefix)  # type: ignore[arg-type]
