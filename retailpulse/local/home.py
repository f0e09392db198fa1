"""Where things are: the project and RETAILPULSE_HOME, the one folder with all state."""

from __future__ import annotations

import os
from collections.abc import MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from retailpulse.errors import SetupError

HOME_VARIABLE: Final = "RETAILPULSE_HOME"
DEFAULT_HOME: Final = "lakehouse"

# They mean something in DuckDB's ATTACH and SQL texts or in its file patterns: the orphans of a
# lakehouse in `h?` were the files of the one in `hx`.
_UNUSABLE: Final = frozenset("'\":;*?[]{}\\")

# SQLite opens no name of more than 512 bytes, `/catalog.sqlite-journal` among them.
_LONGEST_BYTES: Final = 480
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Home:
    """The folders of one lakehouse.

    Attributes:
        project: The checkout: where dbt_project.yml is.
        root: RETAILPULSE_HOME, absolute. It need not exist.
    """

    project: Path
    root: Path

    @property
    def raw(self) -> Path:
        """The raw zone's root."""
        return self.root / "raw"

    @property
    def data(self) -> Path:
        """The tables' files."""
        return self.root / "data"

    @property
    def catalog(self) -> Path:
        """DuckLake's catalog. It exists once dbt has run."""
        return self.root / "catalog.sqlite"


def find_home(environment: MutableMapping[str, str] = os.environ) -> Home:
    """Find the project and the lakehouse; the one rule, for this command line and for plain dbt.

    Args:
        environment: RETAILPULSE_HOME is read from it and written back as an absolute path without
            links. A relative one counts from the project, from wherever it is asked; a missing or
            empty one is `lakehouse` there.

    Raises:
        SetupError: The package does not run from its checkout, or no lakehouse can be there.
    """
    project = Path(__file__).resolve().parents[2]
    if not (project / "dbt_project.yml").is_file():
        raise SetupError(
            f"there is no dbt_project.yml in {project}: install retailpulse from its checkout, "
            "with `make install`"
        )
    root = _resolved(project, environment.get(HOME_VARIABLE) or DEFAULT_HOME)
    environment[HOME_VARIABLE] = str(root)
    return Home(project, root)


def _resolved(project: Path, given: str) -> Path:
    # Before the file system is asked, which has limits of its own.
    if len(os.fsencode(given)) > _LONGEST_BYTES:
        raise SetupError(_too_long(given))
    try:
        root = (project / Path(given).expanduser()).resolve()
        is_usable = root.is_dir() or not root.exists()
    except (OSError, RuntimeError) as error:
        # RuntimeError: `~name` of a user who is not there, and before Python 3.13 a loop of links.
        told = getattr(error, "strerror", None) or error
        raise SetupError(
            f"{HOME_VARIABLE} is {_start(given)}, which cannot be opened ({told}): choose another "
            "folder"
        ) from error
    if len(os.fsencode(root)) > _LONGEST_BYTES:
        raise SetupError(_too_long(str(root)))
    unusable = [char for char in sorted(set(str(root))) if char in _UNUSABLE or char < " "]
    if unusable:
        raise SetupError(
            f"{HOME_VARIABLE} is {str(root)!r}, which DuckDB cannot use: choose a path without "
            + " ".join(repr(char)[1:-1] for char in unusable)
        )
    if not is_usable:
        raise SetupError(f"{HOME_VARIABLE} is {root}, which is not a folder: choose a folder")
    return root


def _too_long(path: str) -> str:
    return (
        f"{HOME_VARIABLE} is {_start(path)}, of {len(os.fsencode(path)):,} bytes, and SQLite opens "
        f"no catalog there: choose a path of at most {_LONGEST_BYTES}"
    )


def _start(path: str) -> str:
    return path if len(path) <= _SHOWN else f"{path[:_SHOWN]}…"


def require_writable(home: Home) -> None:
    """Make the lakehouse's folder.

    Raises:
        SetupError: It cannot be written.
    """
    try:
        home.root.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(home.root, os.W_OK | os.X_OK)
    except OSError as error:
        raise SetupError(
            f"cannot make {home.root} ({error.strerror}): set {HOME_VARIABLE} to a folder that "
            "can be written"
        ) from error
    if not is_writable:
        raise SetupError(
            f"cannot write in {home.root}: set {HOME_VARIABLE} to a folder that can be written"
        )
