"""The distribution: it holds all of the package, and depends on all that the package imports."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Final

import local_athena

FOLDER: Final = Path(local_athena.__file__).parent
PYPROJECT: Final = tomllib.loads((FOLDER / "pyproject.toml").read_text())


def sources() -> list[Path]:
    """The package's modules, without the tests and what a build leaves."""
    beside = {"build", "tests"}
    return [
        file for file in FOLDER.rglob("*.py") if file.relative_to(FOLDER).parts[0] not in beside
    ]


def imported(source: Path) -> set[str]:
    """The packages that a module imports."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def test_every_folder_of_modules_is_in_it() -> None:
    folders = {source.parent.relative_to(FOLDER.parent) for source in sources()}
    packages = PYPROJECT["tool"]["setuptools"]["packages"]
    assert {".".join(folder.parts) for folder in folders} == set(packages)


def test_it_depends_on_what_it_imports_and_nothing_else() -> None:
    declared = {re.match(r"[\w-]+", each)[0] for each in PYPROJECT["project"]["dependencies"]}  # type: ignore[index]
    foreign = set.union(*map(imported, sources())) - sys.stdlib_module_names - {"local_athena"}
    of_annotations = {name for name in foreign if name.startswith(("_typeshed", "mypy_boto3_"))}
    known = packages_distributions()
    assert {known[name][0].lower() for name in foreign - of_annotations} == declared
