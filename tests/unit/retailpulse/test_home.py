from __future__ import annotations

from pathlib import Path

import pytest

from retailpulse.errors import SetupError
from retailpulse.home import Home, find_home, require_writable

PROJECT = Path(__file__).parents[3]


def test_the_default_is_in_the_project_and_dbt_is_told() -> None:
    environment: dict[str, str] = {}
    assert find_home(environment) == Home(PROJECT, PROJECT / "lakehouse")
    assert environment == {"RETAILPULSE_HOME": str(PROJECT / "lakehouse")}


def test_an_empty_value_is_none() -> None:
    assert find_home({"RETAILPULSE_HOME": ""}).root == PROJECT / "lakehouse"


def test_a_relative_one_counts_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"RETAILPULSE_HOME": "lake"}
    assert find_home(environment).root == tmp_path / "lake"
    assert environment["RETAILPULSE_HOME"] == str(tmp_path / "lake")


@pytest.mark.parametrize("name", ["it's", "a:b", "a*", "a?", "[a]", 'a"b', "a;b"])
def test_a_name_that_duckdb_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="choose a path without"):
        find_home({"RETAILPULSE_HOME": str(tmp_path / name)})


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="not a folder"):
        find_home({"RETAILPULSE_HOME": str(tmp_path / "file")})


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="RETAILPULSE_HOME"):
        require_writable(Home(PROJECT, tmp_path / "file" / "lake"))
