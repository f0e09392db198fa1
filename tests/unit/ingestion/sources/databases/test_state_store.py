"""A state is written over the version that was read, and over no other: in a folder and in S3."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.state import TableState, decode_state, encode_state
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import (
    FolderStateStore,
    StateMovedError,
    StateStore,
    Stored,
)
from tests.unit.ingestion.sources.databases.conftest import NewStore


def test_a_state_is_kept(store: StateStore, open_store: NewStore) -> None:
    assert store.read("shop_users.json") is None

    first = store.write("shop_users.json", b"1", None)
    second = store.write("shop_users.json", b"2", first.tag)

    assert second == Stored(b"2", second.tag)
    assert store.read("shop_users.json") == open_store().read("shop_users.json") == second


@pytest.mark.parametrize("tag", [None, '"00000000000000000000000000000000"'])
def test_a_state_that_moved_is_left_alone(tag: str | None, store: StateStore) -> None:
    kept = store.write("shop_users.json", b"1", None)

    with pytest.raises(StateMovedError):
        store.write("shop_users.json", b"2", tag)

    assert store.read("shop_users.json") == kept


def test_the_same_bytes_of_another_are_another_version(
    store: StateStore, open_store: NewStore
) -> None:
    """Two pullers may be about to write the same: one of them takes the reading's number."""
    tag = store.write("shop_users.json", b"0", None).tag
    store.write("shop_users.json", b"1", tag)

    with pytest.raises(StateMovedError):
        open_store().write("shop_users.json", b"1", tag)
    store.write("shop_users/note-1.gz", b"1", None)
    with pytest.raises(StateMovedError):
        open_store().write("shop_users/note-1.gz", b"1", None)


def test_a_state_that_was_deleted_is_none_to_write_over(store: StateStore) -> None:
    kept = store.write("shop_users.json", b"1", None)
    store.delete("shop_users.json")

    with pytest.raises(StateMovedError):
        store.write("shop_users.json", b"2", kept.tag)

    assert store.read("shop_users.json") is None


def test_of_many_at_once_one_writes(store: StateStore, open_store: NewStore) -> None:
    tag = store.write("shop_users.json", b"0", None).tag

    def write(number: int) -> bool:
        try:
            open_store().write("shop_users.json", b"%d" % number, tag)
        except StateMovedError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(write, range(1, 40))) == 1


def test_a_folder_is_listed(store: StateStore) -> None:
    assert store.names("shop_users") == []
    for name in ("shop_users/b", "shop_users/a", "shop_users.json", "shop_users_2/a"):
        store.write(name, b"", None)

    assert store.names("shop_users") == ["shop_users/a", "shop_users/b"]


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: StateStore) -> None:
    store.write("shop_users/a", b"1", None)

    for _ in range(2):
        store.delete("shop_users/a")

    assert store.read("shop_users/a") is None
    assert store.names("shop_users") == []


def test_a_name_that_leads_elsewhere_is_refused(store: StateStore) -> None:
    for refused in (
        lambda: store.read("../users"),
        lambda: store.write("/users", b"", None),
        lambda: store.names("a/../b"),
        lambda: store.delete(".."),
    ):
        with pytest.raises(ValueError, match="not a name of an object"):
            refused()


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "pulled").write_text("a file")

    with pytest.raises(StorageError, match="cannot write"):
        FolderStateStore(tmp_path / "pulled").write("shop_users", b"1", None)


def test_a_state_is_read_back_and_what_is_none_is_told() -> None:
    state = TableState(epoch=1, server="postgresql/1/1", key=("id",), cursor="updated_at")

    assert decode_state(encode_state(state), "shop_users") == state
    with pytest.raises(SourceError, match=r"the state of shop_users cannot be read .* delete it"):
        decode_state(b"{}", "shop_users")
