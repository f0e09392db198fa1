"""The Lambda packages: the same files, the same bytes."""

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

import ingestion
from ingestion.package import package_files, write_zip

PACKAGE = Path(ingestion.__file__).parent


def wheel(file: Path, *names: str) -> Path:
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, name)
    return file


def imported_by_the_functions() -> set[str]:
    """The files of ours that the handlers import, in a process that has imported nothing else."""
    script = (
        "import sys, ingestion.sources.sqs_handler, ingestion.sources.files.s3_handler\n"
        "for name, module in sys.modules.items():\n"
        "    if name.partition('.')[0] == 'ingestion' and module.__file__: print(module.__file__)"
    )
    printed = subprocess.run(
        [sys.executable, "-c", script],
        check=True,
        capture_output=True,
        text=True,
        env={**os.environ, "AWS_REGION": "eu-central-1"},
    )
    return {
        Path(file).relative_to(PACKAGE.parent).as_posix() for file in printed.stdout.splitlines()
    }


def test_package_holds_wheels_and_what_the_functions_import(tmp_path: Path) -> None:
    wheels = [
        wheel(tmp_path / "a.whl", "a/__init__.py", "a/", "a-1.data/scripts/a.py"),
        wheel(tmp_path / "b.whl", "b/_b.so", "b-1.dist-info/METADATA"),
    ]
    files = package_files(wheels, PACKAGE)
    ours = {name for name in files if name.startswith("ingestion/")}
    assert set(files) - ours == {"a/__init__.py", "b/_b.so", "b-1.dist-info/METADATA"}
    assert {name for name in ours if name.endswith(".py")} == imported_by_the_functions()
    # And of the contracts the list of their names alone.
    assert {name for name in ours if name.endswith(".json")} == {
        "ingestion/known_types.json",
        "ingestion/queue_settings.json",
    }
    assert {name for name in ours if name.endswith(".yml")} == {
        f"ingestion/feeds/{file.name}" for file in (PACKAGE / "feeds").glob("*.yml")
    }
    assert not any("__pycache__" in name for name in ours)


def test_wheels_that_cannot_simply_be_unpacked_are_refused(tmp_path: Path) -> None:
    first = wheel(tmp_path / "a.whl", "same.py")
    with pytest.raises(ValueError, match=r"same\.py"):
        package_files([first, wheel(tmp_path / "b.whl", "same.py")], PACKAGE)
    with pytest.raises(ValueError, match="purelib"):
        package_files([wheel(tmp_path / "c.whl", "c-1.data/purelib/c.py")], PACKAGE)


def test_zip_depends_on_nothing_but_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {"b/two.py": b"2" * 1000, "a.py": b"1"}
    write_zip(files, tmp_path / "first.zip")
    monkeypatch.setattr(time, "time", lambda: 2e9)
    monkeypatch.setattr("sys.platform", "win32")
    write_zip(dict(reversed(files.items())), tmp_path / "second.zip")
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        assert archive.namelist() == ["a.py", "b/two.py"]
        assert {(i.date_time[0], i.external_attr >> 16) for i in archive.infolist()} == {
            (1980, 0o100644)
        }
        assert archive.read("b/two.py") == b"2" * 1000
