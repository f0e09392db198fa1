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

# They mean something in DuckDB's ATTACH and SQL texts or in its file patterns.
_UNUSABLE: Final = frozenset("'\":;*?[]{}")


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
    """Find the project and the lakehouse, and tell dbt by the environment.

    Args:
        environment: RETAILPULSE_HOME is read from it and written back as an absolute path;
            a relative one counts from the working folder, a missing one is `lakehouse` in the
            project.

    Raises:
        SetupError: The package does not run from its checkout, or no lakehouse can be there.
    """
    project = Path(__file__).resolve().parent.parent
    if not (project / "dbt_project.yml").is_file():
        raise SetupError(
            f"there is no dbt_project.yml in {project}: install retailpulse from its checkout, "
            "with `make install`"
        )
    given = environment.get(HOME_VARIABLE)
    root = Path(given).expanduser().resolve() if given else project / DEFAULT_HOME
    unusable = sorted(_UNUSABLE.intersection(str(root)))
    if unusable:
        raise SetupError(
            f"{HOME_VARIABLE} is {root}, which DuckDB cannot use: choose a path without "
            + " ".join(unusable)
        )
    if root.exists() and not root.is_dir():
        raise SetupError(f"{HOME_VARIABLE} is {root}, which is not a folder: choose a folder")
    environment[HOME_VARIABLE] = str(root)
    return Home(project, root)


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
