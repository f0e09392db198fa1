"""What has landed is put together from notes and a base, whoever was killed or overtaken."""

from __future__ import annotations

from pathlib import Path

import pytest

from ingestion.raw_zone import StorageError
from ingestion.sources.databases.database import Checksum
from ingestion.sources.databases.errors import PullerMovedError
from ingestion.sources.databases.landed_keys import (
    DELETED,
    UNKNOWN,
    Gathered,
    Hashes,
    LandedKeys,
    Spool,
    checksum,
    fingerprint,
)
from ingestion.sources.databases.state import TableState
from ingestion.sources.errors import SourceError
from ingestion.sources.state_store import StateStore, Stored

READS = [f"0000000007.{read:020d}" for read in range(9)]
LATER_EPOCH = "0000000008.00000000000000000001"


@pytest.fixture
def keys(store: StateStore) -> LandedKeys:
    return LandedKeys(store, "shop_users")


def row(key: int, version: int) -> bytes:
    return fingerprint(b"%d" % key, b"%d" % (1_000 + key), b"%d" % version)


def state(base: str | None, unsure: tuple[str, ...] = ()) -> TableState:
    return TableState(
        epoch=7, server="one", base=base, unsure=unsure, key=("id",), cursor="updated_at"
    )


def gathered(keys: LandedKeys, folder: Path, reading: str, of: TableState) -> dict[bytes, bytes]:
    """Of each key the hash of its row, or the mark."""
    spool = keys.gathered(reading, of, folder / f"spool-{reading}", 0).keys
    return {key: of_row for bucket in all_of(spool) for key, (_, of_row) in bucket.items()}


def all_of(spool: Spool) -> list[dict[bytes, Hashes]]:
    return [spool.read(bucket) for bucket in range(spool.buckets)]


def make_base(keys: LandedKeys, folder: Path, reading: str, before: str | None) -> Gathered:
    found = keys.gathered(reading, state(before), folder / f"base-{reading}", 0)
    keys.write_base(reading, found)
    return found


def test_the_last_note_of_a_key_counts(keys: LandedKeys, tmp_path: Path) -> None:
    keys.note(READS[1], 0, [row(1, 10), row(2, 20)])
    keys.note(READS[1], 1, [row(3, -30)])
    taken = make_base(keys, tmp_path, READS[2], None)
    keys.delete_taken(READS[2], taken)
    keys.note(READS[2], 0, [row(2, 21)])
    keys.note(READS[3], 0, [fingerprint(b"3", b"1003", DELETED)])

    assert gathered(keys, tmp_path, READS[4], state(READS[2])) == {
        b"1": b"10",
        b"2": b"21",
        b"3": b"-",
    }

    keys.delete_taken(READS[4], make_base(keys, tmp_path, READS[4], READS[2]))
    # A deletion that has landed need not be known any more.
    assert gathered(keys, tmp_path, READS[5], state(READS[4])) == {b"1": b"10", b"2": b"21"}


def test_what_was_taken_into_the_base_and_not_deleted_says_nothing(
    keys: LandedKeys, tmp_path: Path
) -> None:
    keys.note(READS[1], 0, [row(1, 10)])
    make_base(keys, tmp_path, READS[2], None)
    keys.note(READS[3], 0, [row(1, 11)])

    assert gathered(keys, tmp_path, READS[4], state(READS[2])) == {b"1": b"11"}


def test_a_base_that_never_became_one_says_nothing(keys: LandedKeys, tmp_path: Path) -> None:
    keys.note(READS[1], 0, [row(1, 10)])
    make_base(keys, tmp_path, READS[2], None)

    assert gathered(keys, tmp_path, READS[3], state(None)) == {b"1": b"10"}


def test_what_an_overtaken_puller_noted_is_looked_at_again(
    keys: LandedKeys, tmp_path: Path
) -> None:
    keys.note(READS[2], 0, [row(1, 10), row(2, 20)])
    keys.delete_taken(READS[3], make_base(keys, tmp_path, READS[3], None))
    keys.note(READS[1], 7, [row(1, 9), row(4, 40)])

    assert gathered(keys, tmp_path, READS[4], state(READS[3])) == {
        b"1": UNKNOWN,
        b"2": b"20",
        b"4": UNKNOWN,
    }


def test_what_never_came_to_its_end_before_a_new_epoch_is_looked_at_again(
    keys: LandedKeys, tmp_path: Path
) -> None:
    keys.note(READS[1], 0, [row(1, 10), row(2, 20)])
    keys.note(READS[2], 0, [row(2, 21)])

    assert gathered(keys, tmp_path, LATER_EPOCH, state(None, (READS[2],))) == {
        b"1": b"10",
        b"2": UNKNOWN,
    }


class Counted:
    """Counts what a store is asked for."""

    def __init__(self, store: StateStore) -> None:
        self.reads: list[str] = []
        self.write, self.names, self.delete = store.write, store.names, store.delete
        self._read = store.read

    def read(self, name: str) -> Stored | None:
        self.reads.append(name)
        return self._read(name)


def test_each_object_is_read_once(store: StateStore, tmp_path: Path) -> None:
    counted = Counted(store)
    keys = LandedKeys(counted, "shop_users")
    for read in range(1, 4):
        keys.note(READS[read], 0, [row(read, 10)])
    keys.delete_taken(READS[4], make_base(keys, tmp_path, READS[4], None))
    keys.note(READS[5], 0, [row(9, 10)])
    counted.reads.clear()

    assert len(gathered(keys, tmp_path, READS[6], state(READS[4]))) == 4

    assert len(counted.reads) == len(set(counted.reads))


def test_a_base_that_is_gone_is_told(keys: LandedKeys, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"is gone \(base-0000000007"):
        gathered(keys, tmp_path, READS[2], state(READS[1]))


def test_a_damaged_note_is_told(keys: LandedKeys, tmp_path: Path) -> None:
    keys.note(READS[1], 0, [row(1, 10)])
    [name] = keys.store.names("shop_users")
    note = keys.store.read(name)
    assert note is not None
    keys.store.write(name, note.body[:-9], note.tag)

    with pytest.raises(StorageError, match="is damaged"):
        gathered(keys, tmp_path, READS[2], state(None))


def test_two_readings_of_one_name_are_two_pullers(keys: LandedKeys) -> None:
    keys.note(READS[1], 0, [row(1, 10)])

    with pytest.raises(PullerMovedError, match="another puller reads shop_users"):
        keys.note(READS[1], 0, [row(1, 11)])


def test_of_a_lost_state_the_keys_are_still_known(keys: LandedKeys, tmp_path: Path) -> None:
    keys.note(READS[1], 0, [row(1, 10)])
    keys.delete_taken(READS[2], make_base(keys, tmp_path, READS[2], None))

    assert gathered(keys, tmp_path, LATER_EPOCH, state(None)) == {b"1": UNKNOWN}


def test_a_checksum_is_of_what_is_there_and_known() -> None:
    known = {b"1": (b"7", b"10"), b"2": (b"8", b"-30"), b"3": (b"9", DELETED)}

    assert checksum(known) == Checksum(2, -20)
    assert checksum(known | {b"4": (b"6", UNKNOWN)}) is None


def test_a_spool_has_the_last_of_each_key_in_its_bucket(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 4)
    spool.add(fingerprint(b"%d" % key, b"%d" % (key - 500), b"1") for key in range(1_000))
    spool.add(fingerprint(b"%d" % key, b"%d" % (key - 500), b"2") for key in range(10))

    found = all_of(spool)

    assert [len(bucket) for bucket in found] == [250] * 4
    merged = {key: hashes for bucket in found for key, hashes in bucket.items()}
    assert [merged[b"%d" % key][1] for key in (0, 9, 10)] == [b"2", b"2", b"1"]
