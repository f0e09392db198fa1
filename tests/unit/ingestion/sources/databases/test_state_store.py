"""A state is written over the version that was read, and over no other."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.errors import SourceError
from ingestion.sources.databases.state import TableState, decode_state, encode_state
from ingestion.sources.databases.state_store import FolderStateStore, StateMovedError, Stored


def test_a_state_is_kept(tmp_path: Path) -> None:
    states = FolderStateStore(tmp_path / "pulled")
    assert states.read("shop_users") is None

    first = states.write("shop_users", b"1", None)
    second = states.write("shop_users", b"2", first.tag)

    assert states.read("shop_users") == second == Stored(b"2", second.tag)


@pytest.mark.parametrize("tag", [None, "another"])
def test_a_state_that_moved_is_left_alone(tag: str | None, tmp_path: Path) -> None:
    states = FolderStateStore(tmp_path)
    kept = states.write("shop_users", b"1", None)

    with pytest.raises(StateMovedError):
        states.write("shop_users", b"2", tag)

    assert states.read("shop_users") == kept


def test_of_many_at_once_one_writes(tmp_path: Path) -> None:
    states = FolderStateStore(tmp_path)
    tag = states.write("shop_users", b"0", None).tag

    def write(number: int) -> bool:
        try:
            FolderStateStore(tmp_path).write("shop_users", b"%d" % number, tag)
        except StateMovedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, range(1, 40))) == 1


def test_a_name_that_leads_elsewhere_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not a name of an object"):
        FolderStateStore(tmp_path).read("../users")


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "pulled").write_text("a file")

    with pytest.raises(StorageError, match="cannot write"):
        FolderStateStore(tmp_path / "pulled").write("shop_users", b"1", None)


def test_a_state_is_read_back_and_what_is_none_is_told() -> None:
    state = TableState(epoch=1, server="postgresql/1/1", key=("id",), cursor="updated_at")

    assert decode_state(encode_state(state), "shop_users") == state
    with pytest.raises(SourceError, match=r"the state of shop_users cannot be read .* delete it"):
        decode_state(b"{}", "shop_users")
