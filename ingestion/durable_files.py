"""Files that are there after a loss of power, too."""

import os
from pathlib import Path


def write_file(path: Path, body: bytes) -> None:
    """Write a file that is not there yet.

    Raises:
        OSError: It cannot be written.
    """
    with path.open("xb") as file:
        file.write(body)
        file.flush()
        os.fsync(file.fileno())


def fsync_folder(folder: Path) -> None:
    """Let the names in a folder last.

    Raises:
        OSError: They cannot be written.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
