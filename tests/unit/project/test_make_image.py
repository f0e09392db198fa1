"""What `make` asks Docker for, and what it says where there is none."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[3]
# It has a builder of a name once it was asked to make one.
DOCKER = """#!/bin/sh
echo "$@" >> "$FOLDER/asked"
case "$1 $2" in
  "buildx create") : > "$FOLDER/$4" ;;
  "buildx inspect") test -e "$FOLDER/$3" ;;
esac
"""


def make(folder: Path, *targets: str) -> subprocess.CompletedProcess[str]:
    """Run make, with what is in a folder and nothing else on the PATH."""
    return subprocess.run(
        [shutil.which("make") or "make", "--silent", "-C", str(PROJECT), *targets],
        env={"PATH": str(folder), "FOLDER": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


def put(folder: Path, name: str, text: str = "#!/bin/sh\n") -> None:
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


def test_the_image_is_built_by_a_builder_that_can_write_it_to_a_file(tmp_path: Path) -> None:
    put(tmp_path, "docker", DOCKER)
    put(tmp_path, "mkdir")
    for _ in range(2):
        assert make(tmp_path, "image").returncode == 0
    build = (
        "buildx build --builder retailpulse --platform linux/arm64 --provenance false "
        "--output type=oci,dest=dist/dbt-image.tar ."
    )
    assert (tmp_path / "asked").read_text().splitlines() == [
        "buildx inspect retailpulse",
        "buildx create --name retailpulse --driver docker-container",
        build,
        "buildx inspect retailpulse",
        build,
    ]


@pytest.mark.parametrize("missing", ["docker", "skopeo", "aws"])
def test_what_the_image_needs_is_told_before_anything_is_built(
    tmp_path: Path, missing: str
) -> None:
    for tool in {"docker", "skopeo", "aws"} - {missing}:
        put(tmp_path, tool)
    process = make(tmp_path, "check-image")
    assert process.returncode != 0
    assert f"There is no {missing}, and the image is built with Docker" in process.stderr
    assert 'make image-codebuild) and name it, IMAGE="$(cat dist/image)"' in process.stderr


def test_nothing_is_told_where_nothing_is_missing(tmp_path: Path) -> None:
    for tool in ("docker", "skopeo", "aws"):
        put(tmp_path, tool)
    process = make(tmp_path, "check-image")
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
