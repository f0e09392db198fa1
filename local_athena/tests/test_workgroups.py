"""Workgroups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local_athena.errors import ApiError
from local_athena.workgroups import PRIMARY, Limits, WorkGroups


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "workgroups.json"


def _create(work_groups: WorkGroups, name: str = "bounded", **configuration: Any) -> None:
    work_groups.create(
        name,
        {"ResultConfiguration": {"OutputLocation": "s3://results/enforced/"}, **configuration},
        "About it",
        {"team": "data"},
    )


def test_primary_is_there_and_takes_the_clients_location(path: Path) -> None:
    assert WorkGroups(path).limits(PRIMARY, "s3://b/p/") == Limits(("b", "p/"), None)


def test_a_statement_without_any_location_is_refused(path: Path) -> None:
    with pytest.raises(ApiError, match="No output location provided"):
        WorkGroups(path).limits(PRIMARY, None)


def test_an_enforced_configuration_overrides_the_client(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups, BytesScannedCutoffPerQuery=10_000_000)

    limits = work_groups.limits("bounded", "s3://client/p/")

    assert limits == Limits(("results", "enforced/"), 10_000_000)


def test_a_configuration_that_is_not_enforced_is_a_default(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups, EnforceWorkGroupConfiguration=False)

    assert work_groups.limits("bounded", "s3://client/").output == ("client", "")
    assert work_groups.limits("bounded", None).output == ("results", "enforced/")


def test_what_is_updated_changes_and_the_rest_stays(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups, BytesScannedCutoffPerQuery=10_000_000)

    work_groups.update(
        "bounded",
        updates={
            "RemoveBytesScannedCutoffPerQuery": True,
            "EnforceWorkGroupConfiguration": False,
            "ResultConfigurationUpdates": {"OutputLocation": "s3://results/new/"},
        },
    )

    assert work_groups.limits("bounded", None) == Limits(("results", "new/"), None)
    assert work_groups.get("bounded")["Description"] == "About it"

    work_groups.update(
        "bounded", updates={"ResultConfigurationUpdates": {"RemoveOutputLocation": True}}
    )
    with pytest.raises(ApiError, match="No output location"):
        work_groups.limits("bounded", None)


def test_a_disabled_workgroup_refuses(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups)
    work_groups.update("bounded", updates={}, state="DISABLED")

    with pytest.raises(ApiError, match="WorkGroup bounded is disabled"):
        work_groups.limits("bounded", None)


def test_workgroups_outlive_the_server(path: Path) -> None:
    _create(WorkGroups(path), BytesScannedCutoffPerQuery=10_000_000)

    found = WorkGroups(path)

    assert [work_group["Name"] for work_group in found.list()] == ["bounded", PRIMARY]
    assert found.limits("bounded", None).scan_limit == 10_000_000
    assert found.tags("bounded") == {"team": "data"}


def test_a_deleted_workgroup_is_not_found(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups)

    work_groups.delete("bounded")

    with pytest.raises(ApiError, match="WorkGroup is not found"):
        work_groups.limits("bounded", "s3://b/")
    with pytest.raises(ApiError, match="WorkGroup is not found"):
        WorkGroups(path).get("bounded")


def test_primary_cannot_be_deleted(path: Path) -> None:
    with pytest.raises(ApiError, match="primary workgroup cannot be deleted"):
        WorkGroups(path).delete(PRIMARY)


def test_a_name_is_created_once(path: Path) -> None:
    work_groups = WorkGroups(path)
    _create(work_groups)

    with pytest.raises(ApiError, match="already created"):
        _create(work_groups)


def test_an_output_location_that_is_none_is_refused(path: Path) -> None:
    work_groups = WorkGroups(path)
    wrong = {"ResultConfiguration": {"OutputLocation": "results/"}}

    with pytest.raises(ApiError, match="not a valid S3 path"):
        work_groups.create("wrong", wrong, None, {})
