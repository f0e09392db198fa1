"""The Dockerfile's steps, run without Docker: in a folder that stands for the file system.

Both stages share the folder, and `python` is this one. What only a Docker engine can show is not
shown: the base image, ownership and users, the volume, the entry point as process 1.
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from pathlib import Path

import pytest

from local_athena.aws_environment import without_aws
from tests.support import progress
from tests.support.infra.image_description import (
    PROJECT,
    Instruction,
    command,
    instructions,
    variables,
)

# The absolute paths that it names: what stands for the file system has them.
PATHS = ("/opt/venv", "/build", "/scratch", "/app")


class Image:
    """What the instructions have made so far."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.working_folder = root
        # Pip's settings are the machine's: where packages come from.
        self.environment = {**without_aws(os.environ), "PATH": f"{root}/bin:{os.environ['PATH']}"}
        self.entry_point: list[str] = []
        (root / "bin").mkdir()
        (root / "bin" / "python").symlink_to(sys.executable)

    def inside(self, text: str) -> str:
        """Return a text with the image's paths where they are here."""
        for path in PATHS:
            text = text.replace(path, f"{self.root}{path}")
        return text

    def execute(self, instruction: Instruction) -> None:
        """Do what an instruction says."""
        match instruction.name:
            case "FROM" | "USER" | "VOLUME":
                pass
            case "ENV":
                self.environment |= variables(instruction, self.environment, self.inside)
            case "WORKDIR":
                self.working_folder = Path(self.inside(instruction.value))
                self.working_folder.mkdir(parents=True)
            case "COPY":
                self.copy(shlex.split(instruction.value))
            case "RUN":
                self.run(["sh", "-ec", self.inside(instruction.value)])
            case "ENTRYPOINT":
                self.entry_point = command(instruction)
            case unknown:
                pytest.fail(f"this test does not know {unknown}")

    def copy(self, arguments: list[str]) -> None:
        """Copy from the project, or see that another stage has made it."""
        options = [argument for argument in arguments if argument.startswith("--")]
        *sources, target = [argument for argument in arguments if argument not in options]
        if any(option.startswith("--from=") for option in options):
            assert sources == [target]
            assert Path(self.inside(target)).is_dir()
            return
        folder = self.working_folder / self.inside(target)
        for source in sources:
            if (PROJECT / source).is_dir():
                ignored = shutil.ignore_patterns("__pycache__")
                shutil.copytree(PROJECT / source, folder, ignore=ignored)
            else:
                folder.mkdir(parents=True, exist_ok=True)
                shutil.copy(PROJECT / source, folder)

    def run(self, command: list[str]) -> str:
        """Run a command that must succeed; return what it printed."""
        process = progress.run(command, cwd=self.working_folder, env=self.environment)
        assert process.returncode == 0, process.stdout
        return process.stdout


def files(folder: Path) -> set[Path]:
    """Return all files of a folder."""
    return {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}


def test_the_steps_make_what_runs_and_writes_nothing_beside_the_volume(tmp_path: Path) -> None:
    image = Image(tmp_path)
    for instruction in instructions():
        image.execute(instruction)
    app = files(tmp_path / "app")
    copied = {path for path in app if "__pycache__" not in path.parts}
    assert Path("retailpulse/cloud/scheduled/__main__.py") in copied
    # Neither a log nor a target folder, though dbt has parsed the project: there it could not.
    assert app == copied
    assert {path.parts[0] for path in copied} == {
        *("dbt_project.yml", "profiles.yml", "selectors.yml"),
        *("macros", "models", "seeds", "tests", "ingestion", "retailpulse"),
    }
    assert files(tmp_path / "scratch") == set()
    assert Path("ingestion/sources/databases/pull.py") in copied
    assert "{fast,hourly,daily,repair,pull}" in image.run([*image.entry_point, "--help"])
    assert files(tmp_path / "app") == app


def test_docker_is_given_every_file_that_is_copied() -> None:
    """`.dockerignore` leaves out all that it does not name."""
    ignored = (PROJECT / ".dockerignore").read_text().splitlines()
    given = [line.removeprefix("!") for line in ignored if line.startswith("!")]
    copies = [shlex.split(i.value) for i in instructions() if i.name == "COPY"]
    sources = {
        source
        for arguments in copies
        if not any(argument.startswith("--from=") for argument in arguments)
        for source in arguments[:-1]
    }
    assert sources <= set(given)
