"""Build the Lambda packages: `python -m ingestion.package` writes dist/ingester-<arch>.zip.

A package holds the wheels that requirements-lambda.txt pins and this Python package. The same
commit gives the same bytes: wheels are checked against their hashes and unpacked as they are,
entries are sorted, and times and modes are fixed.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.console import Console

PYTHON_VERSION: Final = "3.13"
_PROJECT: Final = Path(__file__).resolve().parent.parent
_REQUIREMENTS: Final = _PROJECT / "requirements-lambda.txt"

# The developer's tools, and what only the command line reads; the functions have no use for them.
_NOT_PACKAGED: Final = frozenset(
    {
        "contract_generator",
        "contracts",
        "package.py",
        "raw_objects.py",
        "sources/__main__.py",
        "sources/bodies.py",
        "sources/contract_files.py",
        "sources/databases",
        "sources/event_files.py",
        "sources/files/feed_contracts.py",
        "sources/json_documents.py",
    }
)

# The earliest time that a zip can hold, and -rw-r--r--.
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_MODE: Final = 0o100644


@dataclass(frozen=True, slots=True)
class Target:
    """A Lambda runtime to choose wheels for.

    Attributes:
        architecture: Lambda's name of the architecture: `arm64` or `x86_64`.
        platform: The wheels' platform tag.
        python_version: The runtime's Python, e.g. `3.13`.
    """

    architecture: str
    platform: str
    python_version: str = PYTHON_VERSION


TARGETS: Final = (
    Target("arm64", "manylinux2014_aarch64"),
    Target("x86_64", "manylinux2014_x86_64"),
)


def download_wheels(target: Target, folder: Path) -> list[Path]:
    """Download the pinned wheels for a target into an empty folder, from pip's index.

    Raises:
        subprocess.CalledProcessError: pip failed; it has said why.
    """
    subprocess.run(  # noqa: S603 - every argument is ours
        [
            *(sys.executable, "-m", "pip", "download", "--quiet"),
            *("--dest", folder, "--requirement", _REQUIREMENTS, "--require-hashes"),
            *("--only-binary", ":all:", "--platform", target.platform),
            *("--implementation", "cp", "--python-version", target.python_version),
        ],
        check=True,
    )
    return sorted(folder.glob("*.whl"))


def package_files(wheels: Iterable[Path], package: Path) -> dict[str, bytes]:
    """Return a package's files by their paths: what the wheels install, and ours.

    Args:
        wheels: The wheels' files.
        package: The folder of the Python package to add.

    Raises:
        ValueError: A wheel is not simply unpacked, or two install the same file.
    """
    files: dict[str, bytes] = {}
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for name in archive.namelist():
                # Scripts would be put on a PATH, of which a function has none.
                if name.endswith("/") or ".data/scripts/" in name:
                    continue
                if name in files or ".data/" in name:
                    raise ValueError(f"{wheel.name}: cannot simply unpack {name}")
                files[name] = archive.read(name)
    for file in package.rglob("*"):
        name = file.relative_to(package).as_posix()
        if _is_packaged(file) and _NOT_PACKAGED.isdisjoint(_and_folders(name)):
            files[f"{package.name}/{name}"] = file.read_bytes()
    return files


def _is_packaged(file: Path) -> bool:
    return file.suffix in (".py", ".json") or (file.suffix, file.parent.name) == (".yml", "feeds")


def write_zip(files: Mapping[str, bytes], file: Path) -> None:
    """Write files into a zip whose bytes depend on nothing but them."""
    with zipfile.ZipFile(file, "w") as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, _TIME)
            entry.create_system = 3
            entry.external_attr = _MODE << 16
            archive.writestr(entry, files[name], zipfile.ZIP_DEFLATED, compresslevel=9)


def main(folder: Path = _PROJECT / "dist") -> None:
    """Build every target's package and say how large each is."""
    console = Console()
    folder.mkdir(parents=True, exist_ok=True)
    for target in TARGETS:
        file = folder / f"ingester-{target.architecture}.zip"
        console.print(f"{target.architecture}: downloading the pinned wheels")
        with tempfile.TemporaryDirectory() as downloads:
            wheels = download_wheels(target, Path(downloads))
            files = package_files(wheels, Path(__file__).parent)
        write_zip(files, file)
        unpacked = sum(map(len, files.values())) / 1e6
        console.print(
            f"{folder.name}/{file.name}: {file.stat().st_size / 1e6:.1f} MB, "
            f"{unpacked:.1f} MB unpacked, Python {target.python_version}, "
            f"sha256 {hashlib.sha256(file.read_bytes()).hexdigest()[:16]}",
            highlight=False,
            soft_wrap=True,
        )


def _and_folders(name: str) -> Iterator[str]:
    """Return a path and the folders that it lies in."""
    parts = name.split("/")
    return ("/".join(parts[: count + 1]) for count in range(len(parts)))


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
