"""The Lambda packages, built from the pinned wheels as `make package` does."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]


def build(folder: Path) -> list[Path]:
    try:
        subprocess.run([sys.executable, "-m", "ingestion.package", folder], check=True, cwd=PROJECT)
    except subprocess.CalledProcessError:
        if os.environ.get("CI"):
            raise
        pytest.skip("NOT CHECKED: no package index can be reached, so no Lambda package is built")
    return sorted(folder.glob("*.zip"))


def digest(zip_file: Path) -> str:
    return hashlib.sha256(zip_file.read_bytes()).hexdigest()


def test_a_repeated_build_gives_the_same_bytes_and_only_what_the_function_needs(
    tmp_path: Path,
) -> None:
    first, again = build(tmp_path / "first"), build(tmp_path / "again")

    assert [zip_file.name for zip_file in first] == ["ingester-arm64.zip", "ingester-x86_64.zip"]
    assert [digest(zip_file) for zip_file in first] == [digest(zip_file) for zip_file in again]
    requirements = (PROJECT / "requirements-lambda.txt").read_text()
    pinned = re.findall(r"^([\w-]+)==([\w.]+)", requirements, re.MULTILINE)
    for zip_file, architecture in zip(first, ("aarch64", "x86_64"), strict=True):
        names = zipfile.ZipFile(zip_file).namelist()
        installed = re.findall(r"^(.+)\.dist-info/METADATA$", "\n".join(names), re.MULTILINE)
        assert {name.lower().replace("_", "-") for name in installed} == {
            f"{name}-{version}" for name, version in pinned
        }
        assert "ingestion/sources/sqs_handler.py" in names
        assert "ingestion/sources/files/s3_handler.py" in names
        assert "ingestion/known_types.json" in names
        compiled = [name for name in names if name.endswith(".so")]
        assert compiled
        assert all(architecture in name for name in compiled), compiled
