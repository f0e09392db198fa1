"""A copy of the project whose files a test may change."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ingestion.contract_generator.__main__ import main
from tests.support.road.lakehouse import PROJECT

Changes = Mapping[str, Sequence[tuple[str, str]]]
"""For each file of the project, texts that it holds once, and what takes their place."""


def change(project: Path, changes: Changes) -> None:
    """Change files of a copy; of a contract, what follows from it too.

    Raises:
        LookupError: A text is not there exactly once: the file has changed since.
    """
    assert project != PROJECT, "that is no copy"
    for name, replacements in changes.items():
        path = project / name
        text = path.read_text(encoding="utf-8")
        for old, new in replacements:
            if text.count(old) != 1:
                raise LookupError(f"{name} holds {text.count(old)} times, not once: {old}")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")
    if any(name.startswith("ingestion/contracts/") for name in changes):
        assert main([], project) == 0


@contextmanager
def changed(project: Path, changes: Changes) -> Iterator[None]:
    """Change files of a copy for the duration of the block; see `change`."""
    originals = {name: (project / name).read_text(encoding="utf-8") for name in changes}
    change(project, changes)
    try:
        yield
    finally:
        for name, text in originals.items():
            (project / name).write_text(text, encoding="utf-8")
