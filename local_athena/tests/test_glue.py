"""Glue and Athena's metadata in front of a real MiniStack."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest
from botocore.exceptions import ClientError

from local_athena.athena_api import AthenaApi
from local_athena.errors import ApiError
from local_athena.executions import Executions
from local_athena.glue import MAX_VERSIONS, Glue
from local_athena.metadata import get_database, get_table, list_databases, list_tables
from local_athena.named_queries import NamedQueries
from local_athena.server import Application
from local_athena.tests.support.serving import Front, client, served
from local_athena.tests.support.waiting import until
from local_athena.workgroups import WorkGroups

if TYPE_CHECKING:
    from mypy_boto3_glue import GlueClient

TABLE: dict[str, Any] = {"DatabaseName": "sales", "TableName": "orders"}


@pytest.fixture(scope="module")
def ministack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("ministack")
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    environment = {
        **os.environ,
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
    }
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ministack"], cwd=folder, env=environment, stdout=log, stderr=log
        )
    assert until(lambda: _is_up(url) or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    yield url
    process.terminate()
    process.wait()


def _is_up(url: str) -> bool:
    try:
        urllib.request.urlopen(f"{url}/_ministack/health", timeout=1).close()
    except OSError:
        return False
    return True


@pytest.fixture(scope="module")
def front() -> Iterator[tuple[Front, GlueClient]]:
    front = Front()
    with served(front) as url:
        yield front, client("glue", url)


@pytest.fixture
def glue(front: tuple[Front, GlueClient], ministack: str, tmp_path: Path) -> Iterator[GlueClient]:
    """A client of the server in front of MiniStack, with one database and one table."""
    served_by, found = front
    api = AthenaApi(
        cast("Executions", None),
        WorkGroups(tmp_path / "workgroups.json"),
        NamedQueries(tmp_path / "named_queries.json"),
        found,
    )
    served_by.application = Application(api, Glue(ministack))
    found.create_database(DatabaseInput={"Name": "sales"})
    found.create_table(DatabaseName="sales", TableInput=_table(0))
    yield found
    found.delete_table(DatabaseName="sales", Name="orders")
    found.delete_database(Name="sales")


def _table(step: int) -> Any:
    return {
        "Name": "orders",
        "TableType": "EXTERNAL_TABLE",
        "Parameters": {"step": str(step)},
        "PartitionKeys": [{"Name": "day", "Type": "string"}],
        "StorageDescriptor": {
            "Columns": [{"Name": "id", "Type": "bigint", "Comment": "key"}],
            "Location": f"s3://lake/orders/{step}",
        },
    }


def _update(glue: GlueClient, times: int) -> None:
    for step in range(1, times + 1):
        glue.update_table(DatabaseName="sales", TableInput=_table(step))


def _versions(glue: GlueClient) -> list[tuple[str, str]]:
    pages = glue.get_paginator("get_table_versions").paginate(**TABLE)
    return [
        (version["VersionId"], version["Table"]["Parameters"]["step"])
        for page in pages
        for version in page["TableVersions"]
    ]


def test_what_ministack_answers_is_passed_on(glue: GlueClient) -> None:
    assert glue.get_table(DatabaseName="sales", Name="orders")["Table"]["VersionId"] == "1"
    with pytest.raises(glue.exceptions.EntityNotFoundException):
        glue.get_table(DatabaseName="sales", Name="nope")


def test_every_update_leaves_the_version_before_it(glue: GlueClient) -> None:
    _update(glue, 3)

    assert _versions(glue) == [("4", "3"), ("3", "2"), ("2", "1"), ("1", "0")]
    second = glue.get_table_version(**TABLE, VersionId="2")["TableVersion"]
    assert second["Table"]["StorageDescriptor"]["Location"] == "s3://lake/orders/1"


def test_an_update_may_skip_the_archive(glue: GlueClient) -> None:
    glue.update_table(DatabaseName="sales", TableInput=_table(1), SkipArchive=True)

    assert _versions(glue) == [("2", "1")]


def test_an_update_that_is_refused_leaves_no_version(glue: GlueClient) -> None:
    _update(glue, 1)
    with pytest.raises(glue.exceptions.ConcurrentModificationException):
        glue.update_table(DatabaseName="sales", TableInput=_table(9), VersionId="1")

    assert _versions(glue) == [("2", "1"), ("1", "0")]


def test_versions_are_deleted_but_not_the_present_one(glue: GlueClient) -> None:
    _update(glue, 3)

    glue.delete_table_version(**TABLE, VersionId="1")
    errors = glue.batch_delete_table_version(**TABLE, VersionIds=["2", "1", "4"])["Errors"]

    assert _versions(glue) == [("4", "3"), ("3", "2")]
    assert [(e["VersionId"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
        ("1", "EntityNotFoundException"),
        ("4", "InvalidInputException"),
    ]


def test_a_new_table_of_the_same_name_has_no_past(glue: GlueClient) -> None:
    _update(glue, 2)
    glue.delete_table(DatabaseName="sales", Name="orders")
    glue.create_table(DatabaseName="sales", TableInput=_table(7))

    assert _versions(glue) == [("1", "7")]


def test_a_new_table_in_a_new_database_has_no_past(glue: GlueClient) -> None:
    _update(glue, 2)
    glue.delete_database(Name="sales")
    glue.create_database(DatabaseInput={"Name": "sales"})
    glue.create_table(DatabaseName="sales", TableInput=_table(7))
    # The second table of the name comes to the VersionIds of the first.
    glue.update_table(DatabaseName="sales", TableInput=_table(8), SkipArchive=True)

    assert _versions(glue) == [("2", "8")]


def test_a_table_that_was_replaced_behind_our_back_has_no_past(
    glue: GlueClient, ministack: str
) -> None:
    _update(glue, 3)
    behind: GlueClient = client("glue", ministack)
    behind.delete_table(DatabaseName="sales", Name="orders")
    behind.create_table(DatabaseName="sales", TableInput=_table(7))

    assert _versions(glue) == [("1", "7")]


def test_a_tables_versions_are_bounded(glue: GlueClient) -> None:
    _update(glue, MAX_VERSIONS + 5)

    assert len(_versions(glue)) == MAX_VERSIONS + 1


def test_updates_at_one_time_all_leave_a_version(glue: GlueClient) -> None:
    threads = [threading.Thread(target=_update, args=(glue, 5)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [version for version, _ in _versions(glue)] == [str(n) for n in range(21, 0, -1)]


def test_partitions_are_deleted_and_the_missing_are_named(glue: GlueClient) -> None:
    for day in ("1", "2", "3"):
        glue.create_partition(**TABLE, PartitionInput={"Values": [day]})

    errors = glue.batch_delete_partition(
        **TABLE, PartitionsToDelete=[{"Values": ["1"]}, {"Values": ["9"]}, {"Values": ["3"]}]
    )["Errors"]

    assert [(e["PartitionValues"], e["ErrorDetail"]["ErrorCode"]) for e in errors] == [
        (["9"], "EntityNotFoundException")
    ]
    left = glue.get_partitions(**TABLE)["Partitions"]
    assert [partition["Values"] for partition in left] == [["2"]]


def test_an_expression_picks_partitions(glue: GlueClient) -> None:
    for day in ("1", "2", "3"):
        glue.create_partition(**TABLE, PartitionInput={"Values": [day]})

    picked = glue.get_partitions(**TABLE, Expression="(day='1') or (day='3')")["Partitions"]

    assert [partition["Values"] for partition in picked] == [["1"], ["3"]]
    with pytest.raises(glue.exceptions.InvalidInputException, match="Unsupported expression"):
        glue.get_partitions(**TABLE, Expression="nope = 1")


def test_segments_together_are_all_partitions(glue: GlueClient) -> None:
    glue.create_partition(**TABLE, PartitionInput={"Values": ["1"]})

    segments = [
        glue.get_partitions(**TABLE, Segment={"SegmentNumber": number, "TotalSegments": 2})
        for number in range(2)
    ]

    assert [p["Values"] for segment in segments for p in segment["Partitions"]] == [["1"]]


def test_the_versions_of_no_table_are_not_found(glue: GlueClient) -> None:
    with pytest.raises(ClientError, match="EntityNotFoundException"):
        glue.get_table_versions(DatabaseName="sales", TableName="nope")


def test_metadata_is_glues(glue: GlueClient) -> None:
    assert list_databases(glue) == [{"Name": "sales"}]
    assert get_database(glue, "sales") == {"Name": "sales"}
    table = get_table(glue, "sales", "orders")
    assert table["Columns"] == [{"Name": "id", "Type": "bigint", "Comment": "key"}]
    assert table["PartitionKeys"] == [{"Name": "day", "Type": "string"}]
    assert table["Parameters"]["location"] == "s3://lake/orders/0"
    assert [t["Name"] for t in list_tables(glue, "sales", "ord.*")] == ["orders"]
    assert list_tables(glue, "sales", "ord") == []


def test_an_expression_that_is_none_is_an_invalid_request(glue: GlueClient) -> None:
    with pytest.raises(ApiError, match="is not a regular expression: nothing to repeat") as caught:
        list_tables(glue, "sales", "*")

    assert caught.value.code == "InvalidRequestException"


def test_metadata_of_nothing_is_a_metadata_exception(glue: GlueClient) -> None:
    for ask in (
        lambda: get_database(glue, "nope"),
        lambda: get_table(glue, "sales", "nope"),
        lambda: list_tables(glue, "nope", None),
    ):
        with pytest.raises(ApiError) as caught:
            ask()
        assert caught.value.code == "MetadataException"
