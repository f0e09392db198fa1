"""Taking objects out of the raw zone and putting them back, so that the rest can go on."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from ingestion.landing import compressed
from ingestion.raw_objects import Finding, envelopes
from ingestion.raw_zone import FolderRawZone, ObjectExists
from retailpulse.errors import SetupError, WorkError
from retailpulse.local.raw_check import SET_ASIDE, inspect_file, shown

_REPORT_ENDING: Final = ".report.json"
_LINES_ENDING: Final = ".ndjson.gz"
_KEPT_ENDING: Final = ".kept" + _LINES_ENDING


@dataclass(frozen=True, slots=True)
class Report:
    """What lies beside an object that is set aside.

    Attributes:
        key: Where the object was, below the raw zone's root.
        problem: What was wrong with it; None if nothing was.
        set_aside_at: When, UTC, ISO 8601.
        kept_key: Where its readable envelopes are now; None if it had none that can be trusted.
        kept_lines: How many these are.
    """

    key: str
    problem: str | None
    set_aside_at: str
    kept_key: str | None
    kept_lines: int


def set_aside(raw: Path, key: str, now: datetime) -> Report:
    """Move an object to the same key below `set_aside/`, and write a report beside it.

    Its envelopes, where they can be trusted, are put in its place as they are: silver, which knows
    them by their `received_at` and `message_id`, sees no change. A command that was killed is
    simply run again.

    Raises:
        WorkError: Another object with this key is set aside already, or nothing can be written.
    """
    source, target = raw / key, raw / SET_ASIDE / key
    finding = inspect_file(source, key)
    kept_key, kept_lines = _keep_envelopes(raw, key, finding)
    report = Report(
        key=key,
        problem=finding.problem if finding else None,
        set_aside_at=f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
        kept_key=kept_key,
        kept_lines=kept_lines,
    )
    with _moved(source, target):
        _report_of(target).write_text(json.dumps(asdict(report), indent=2) + "\n")
    return report


def restore(raw: Path, key: str) -> None:
    """Put an object that is set aside back; what was kept of it meanwhile goes.

    Raises:
        WorkError: There is another object with this key, or nothing can be written.
    """
    source = raw / SET_ASIDE / key
    with _moved(source, raw / key):
        if key.endswith(_LINES_ENDING):
            (raw / _kept_key(key)).unlink(missing_ok=True)
        _report_of(source).unlink(missing_ok=True)


def objects_set_aside(raw: Path) -> list[str]:
    """Return the keys of what is set aside, sorted."""
    folder = raw / SET_ASIDE
    return sorted(
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(_REPORT_ENDING)
    )


def keys_named(root: Path, names: Iterable[str]) -> list[str]:
    """Return the keys of the objects below `root` that a user named, by key or by path.

    Raises:
        SetupError: There is no such object.
    """
    return [_key_named(root, name) for name in names]


def _key_named(root: Path, name: str) -> str:
    for path in (root / name, Path(name)):
        path = path.parent.resolve() / path.name
        apart = root / SET_ASIDE
        if path.is_relative_to(root) and not path.is_relative_to(apart) and path.is_file():
            return path.relative_to(root).as_posix()
    raise SetupError(
        f"there is no object {shown(name)} in {root}: name it as `retailpulse raw check` does"
    )


def _keep_envelopes(raw: Path, key: str, finding: Finding | None) -> tuple[str | None, int]:
    if finding is None or not finding.keeps_envelopes:
        return None, 0
    with (raw / key).open("rb") as body:
        lines = list(envelopes(key, body))
    if not lines:
        return None, 0
    # An attempt that was killed has put it already.
    with contextlib.suppress(ObjectExists):
        FolderRawZone(raw).put(_kept_key(key), compressed(lines))
    return _kept_key(key), len(lines)


def _kept_key(key: str) -> str:
    return key.removesuffix(_LINES_ENDING) + _KEPT_ENDING


def _report_of(target: Path) -> Path:
    return target.with_name(target.name + _REPORT_ENDING)


@contextlib.contextmanager
def _moved(source: Path, target: Path) -> Iterator[None]:
    """Move a file, and do between its two halves what belongs to the move.

    Killed in between, it is one file with two names, and the same move ends it.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if not (target.exists() and source.samefile(target)):
            # A link fails where a rename would overwrite.
            target.hardlink_to(source)
        yield
        source.unlink()
    except FileExistsError as error:
        raise WorkError(f"there is an object {target} already: move one of the two away") from error
    except OSError as error:
        raise WorkError(f"cannot move {source} to {target}: {error.strerror}") from error
