from __future__ import annotations

from pathlib import Path

import pytest

from retailpulse.errors import SetupError
from retailpulse.local.home import Home, find_home, require_writable

PROJECT = Path(__file__).parents[4]


def test_the_default_is_in_the_project_and_dbt_is_told() -> None:
    environment: dict[str, str] = {}
    assert find_home(environment) == Home(PROJECT, PROJECT / "lakehouse")
    assert environment == {"RETAILPULSE_HOME": str(PROJECT / "lakehouse")}


def test_an_empty_value_is_none() -> None:
    assert find_home({"RETAILPULSE_HOME": ""}).root == PROJECT / "lakehouse"


@pytest.mark.parametrize("written", ["lake", "./lake/", "lake//", "x/../lake/."])
def test_a_relative_one_counts_from_the_project(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"RETAILPULSE_HOME": written}
    assert find_home(environment).root == PROJECT / "lake"
    assert environment["RETAILPULSE_HOME"] == str(PROJECT / "lake")


@pytest.mark.parametrize(
    "written",
    ["{}/lake", "{}/lake/", "/{}//lake//", "{}/./lake/.", "{}/x/../lake", "{}/link/", "~/lake/"],
)
def test_one_folder_has_one_name_however_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, written: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "link").symlink_to(tmp_path / "lake")

    environment = {"RETAILPULSE_HOME": written.format(tmp_path)}

    assert find_home(environment).root == tmp_path / "lake"
    assert find_home(environment).root == tmp_path / "lake"


@pytest.mark.parametrize(
    "name", ["it's", "a:b", "a*", "a?", "[a]", "{a}", 'a"b', "a;b", "a\\b", "a\nb"]
)
def test_a_name_that_duckdb_would_misread_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(SetupError, match="choose a path without") as refused:
        find_home({"RETAILPULSE_HOME": str(tmp_path / name)})
    assert "\n" not in str(refused.value)


def test_a_file_is_no_home(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="not a folder"):
        find_home({"RETAILPULSE_HOME": str(tmp_path / "file")})


def test_a_path_that_is_too_long_is_refused_in_a_short_sentence(tmp_path: Path) -> None:
    for path in ("/x" * 1_500, "/" + "x" * 300, "/" + "ü" * 250):
        with pytest.raises(SetupError, match="choose a") as refused:
            find_home({"RETAILPULSE_HOME": path})
        assert len(str(refused.value)) < 300


def test_a_path_that_cannot_be_followed_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (str(tmp_path / "loop"), "~nobody-has-this-name/lake"):
        with pytest.raises(SetupError, match=r"cannot be opened .* choose another folder"):
            find_home({"RETAILPULSE_HOME": path})


def test_a_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match="RETAILPULSE_HOME"):
        require_writable(Home(PROJECT, tmp_path / "file" / "lake"))
