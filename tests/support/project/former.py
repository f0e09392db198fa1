"""The project as it was when silver had other keys, types and partitions."""

from __future__ import annotations

import subprocess
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest

from tests.support.road.lakehouse import PROJECT

# The last commit whose silver had the table order_events.
_COMMIT: Final = "62bdd514361ccb094025a4dd720e581915feeb42"


def checked_out_former(folder: Path) -> Path:
    """Check it out into a folder; return that."""
    archived = subprocess.run(
        ["git", "-C", str(PROJECT), "archive", _COMMIT], capture_output=True, check=False
    )
    if archived.returncode:
        pytest.fail(
            f"commit {_COMMIT} is not here ({archived.stderr.decode().strip()}): this test needs "
            "the whole history, `git fetch --unshallow`"
        )
    with tarfile.open(fileobj=BytesIO(archived.stdout)) as archive:
        archive.extractall(folder, filter="data")
    return folder
