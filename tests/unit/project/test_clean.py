"""`make clean` takes away what is built again, and nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

PROJECT = Path(__file__).parents[3]


def test_a_clean_keeps_what_arrived(tmp_path: Path) -> None:
    shutil.copy(PROJECT / "Makefile", tmp_path)
    arrived = tmp_path / "lakehouse/raw/events/object.ndjson.gz"
    for path in (arrived, tmp_path / "target/manifest.json", tmp_path / "dist/ingester.zip"):
        path.parent.mkdir(parents=True)
        path.touch()

    told = subprocess.run(
        ["make", "clean"], cwd=tmp_path, capture_output=True, text=True, check=True
    )

    assert {path.name for path in tmp_path.iterdir()} == {"Makefile", "lakehouse"}
    assert arrived.is_file()
    assert "rm -r " in told.stdout
