"""A Python package or room of one imports only those that it may, and no modules in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Final

import pytest

PROJECT: Final = Path(__file__).parents[3]

# A module is in the room with the longest name that its own begins with. A room may import itself.
MAY_IMPORT: Final[Mapping[str, set[str]]] = {
    "ingestion": set(),
    "ingestion.sources": {"ingestion"},
    "local_athena": set(),
    "simulator": set(),
    # What all of its rooms share.
    "retailpulse": set(),
    # Alone in the container, with the errors and what pulls databases.
    "retailpulse.cloud.scheduled": {"ingestion", "ingestion.sources", "retailpulse"},
    "retailpulse.cloud": {
        *("ingestion", "ingestion.sources", "retailpulse", "retailpulse.cloud.scheduled"),
    },
    "retailpulse.local": {"ingestion", "retailpulse"},
    "retailpulse.commands": {
        *("ingestion", "ingestion.sources", "simulator", "retailpulse"),
        *("retailpulse.cloud", "retailpulse.cloud.scheduled", "retailpulse.local"),
    },
    "retailpulse.cli": {"retailpulse.commands"},
    "retailpulse.__main__": {"retailpulse.cli"},
}
PACKAGES: Final = sorted({room.partition(".")[0] for room in MAY_IMPORT})


def modules(project: Path) -> dict[str, Path]:
    """The packages' modules, by their names."""
    files = (file for package in PACKAGES for file in (project / package).rglob("*.py"))
    return {
        ".".join(file.relative_to(project).with_suffix("").parts).removesuffix(".__init__"): file
        for file in files
    }


def imports(name: str, file: Path, known: Mapping[str, Path]) -> Iterator[str]:
    """The modules of ours that a module imports, for types and within functions, too."""
    for node in ast.walk(ast.parse(file.read_text())):
        match node:
            case ast.Import(names=names):
                named = {alias.name for alias in names}
            case ast.ImportFrom(module=str(module), names=names, level=0):
                inner = {f"{module}.{alias.name}" for alias in names}
                named = {each if each in known else module for each in inner}
            case ast.ImportFrom():
                pytest.fail(f"{name} has a relative import, which this test does not follow")
            case _:
                continue
        yield from (each for each in named if each.partition(".")[0] in PACKAGES)


def graph(project: Path) -> dict[str, set[str]]:
    """What each module imports."""
    known = modules(project)
    return {name: set(imports(name, file, known)) for name, file in known.items()}


def room(module: str) -> str:
    """The room that a module is in."""
    return max(
        (each for each in MAY_IMPORT if f"{module}.".startswith(f"{each}.")), key=len, default=""
    )


def violations(imported: Mapping[str, set[str]]) -> list[str]:
    """Each import of a room that the importing one must not know."""
    return [
        f"{module} imports {other}"
        for module, others in sorted(imported.items())
        for other in sorted(others)
        if room(other) not in {room(module), *MAY_IMPORT[room(module)]}
    ]


def test_rooms_import_only_what_they_may() -> None:
    assert violations(graph(PROJECT)) == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    try:
        TopologicalSorter(graph(PROJECT)).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize(
    ("module", "other"),
    [
        ("retailpulse/local/home.py", "retailpulse.cloud.athena_lake"),
        ("retailpulse/cloud/scheduled/run.py", "retailpulse.cloud.athena_lake"),
        ("ingestion/landing.py", "retailpulse.errors"),
        ("retailpulse/errors.py", "retailpulse.cli"),
    ],
)
def test_a_wrong_import_is_seen(tmp_path: Path, module: str, other: str) -> None:
    imported = f"{other.replace('.', '/')}.py"
    for name in (module, imported):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / imported).touch()
    package, _, name = other.rpartition(".")
    (tmp_path / module).write_text(f"def late() -> None:\n    from {package} import {name}\n")
    importing = module.removesuffix(".py").replace("/", ".")
    assert violations(graph(tmp_path)) == [f"{importing} imports {other}"]
