"""Files in the drop folder: moved once they have landed, and not if they are others by then."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from ingestion.sources.errors import TransientError
from ingestion.sources.files.deliveries import Progress
from ingestion.sources.files.delivering import Delivered
from retailpulse.commands.drop_folder import DropFolder

LANDED = Delivered(1, Progress(offset=9, row=3, landed=1, rejected=1, skipped=1), ("till",))


@pytest.fixture
def folder(tmp_path: Path) -> DropFolder:
    (tmp_path / "drop").mkdir()
    return DropFolder(tmp_path)


def test_a_file_that_was_replaced_is_neither_read_on_nor_archived(folder: DropFolder) -> None:
    path = folder.drop / "orders.csv"
    path.write_text("old")
    file = folder.dropped(path)
    new = folder.drop / ".new"
    new.write_text("new")
    new.rename(path)
    with pytest.raises(TransientError, match=r"orders\.csv: it was replaced while it landed"):
        file.open(0)
    with pytest.raises(TransientError, match="lands with the next"):
        folder.archive(path, file, "orders", LANDED)
    assert path.read_text() == "new"


def test_a_name_may_be_as_long_as_names_can_be(folder: DropFolder) -> None:
    names = ["長" * 83 + ".csv", "長" * 83 + ".txt"]
    places = set()
    for name in names:
        path = folder.drop / name
        path.write_text(name)
        places.add(folder.archive(path, folder.dropped(path), "orders", LANDED))
    assert {place.read_text() for place in places} == set(names)
    path = folder.drop / names[0]
    path.write_text("x")
    place = folder.reject(path, "because")
    assert place.with_name(f"{place.name}.report.txt").read_text() == "because\n"


def test_of_a_link_the_file_is_kept(folder: DropFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text("1")
    path = folder.drop / "orders.csv"
    path.symlink_to("../elsewhere.csv")
    place = folder.archive(path, folder.dropped(path), "orders", LANDED)
    assert (place.is_symlink(), place.read_text()) == (False, "1")
    assert not path.exists()
    assert (tmp_path / "elsewhere.csv").exists()


def test_a_manifest_says_what_became_of_all_of_it(folder: DropFolder) -> None:
    path = folder.drop / "orders.csv"
    path.write_text("1")
    file = folder.dropped(path)
    place = folder.archive(path, file, "orders", LANDED)
    manifest = json.loads(place.with_name(f"{place.name}.manifest.json").read_text())
    assert (manifest["file"], manifest["feed"], manifest["delivery"]) == ("orders.csv", "orders", 1)
    assert (manifest["rows"], manifest["rejected"], manifest["skipped"]) == (1, 1, 1)
    assert manifest["unknown_columns"] == ["till"]
    path.write_text("1")
    place = folder.archive(path, folder.dropped(path), "orders", replace(LANDED, is_unchanged=True))
    assert json.loads(place.with_name(f"{place.name}.manifest.json").read_text()) == manifest
