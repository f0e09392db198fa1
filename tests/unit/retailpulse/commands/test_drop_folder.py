"""Files in the drop folder: moved once they have landed, and not if they are others by then."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.sources.errors import TransientError
from retailpulse.commands.drop_folder import DropFolder


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
        folder.archive(path, file, "orders", 1)
    assert path.read_text() == "new"


def test_a_name_may_be_as_long_as_names_can_be(folder: DropFolder) -> None:
    names = ["長" * 83 + ".csv", "長" * 83 + ".txt"]
    places = set()
    for name in names:
        path = folder.drop / name
        path.write_text(name)
        places.add(folder.archive(path, folder.dropped(path), "orders", 1))
    assert {place.read_text() for place in places} == set(names)
    path = folder.drop / names[0]
    path.write_text("x")
    place = folder.reject(path, "because")
    assert place.with_name(f"{place.name}.report.txt").read_text() == "because\n"


def test_of_a_link_the_file_is_kept(folder: DropFolder, tmp_path: Path) -> None:
    (tmp_path / "elsewhere.csv").write_text("1")
    path = folder.drop / "orders.csv"
    path.symlink_to("../elsewhere.csv")
    place = folder.archive(path, folder.dropped(path), "orders", 1)
    assert (place.is_symlink(), place.read_text()) == (False, "1")
    assert not path.exists()
    assert (tmp_path / "elsewhere.csv").exists()
