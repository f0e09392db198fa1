"""Find the Java that Trino needs, and Maven."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_athena.errors import LocalAthenaError

# Trino 476 needs 24 or later; 25 is the one with long-term support, and what it was tried with.
MAJOR: Final = 25
_VERSION = re.compile(r'version "(\d+)[^"]*"')
_USUAL_PLACES: Final = (
    "/usr/lib/jvm/*",
    "/opt/java/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.asdf/installs/java/*",
    "~/.local/share/mise/installs/java/*",
)


@dataclass(frozen=True)
class Jdk:
    """A Java development kit."""

    home: Path
    # What `java -version` says, all lines.
    version: str

    @property
    def java(self) -> Path:
        """The virtual machine's command."""
        return self.home / "bin" / "java"

    @property
    def javac(self) -> Path:
        """The compiler's command."""
        return self.home / "bin" / "javac"


def find_jdk() -> Jdk:
    """Return the first JDK of the major version needed.

    Sought in $JAVA_HOME, on the PATH and in the places where installers put it.

    Raises:
        LocalAthenaError: There is none; the sentence says how to get it.
    """
    seen = []
    for home in _homes():
        version = _version(home)
        major = major_version(version)
        if major == MAJOR and os.access(home / "bin" / "javac", os.X_OK):
            return Jdk(home, version)
        if major is not None:
            seen.append(f"{major} in {home}")
    found = f" (found only: {', '.join(seen)})" if seen else ""
    raise LocalAthenaError(
        f"Trino needs a JDK {MAJOR}, and there is none{found}: {_how_to_get_jdk()}, "
        "or set JAVA_HOME to where it is."
    )


def find_maven() -> Path:
    """Return Maven's command.

    Raises:
        LocalAthenaError: It is not on the PATH; the sentence says how to get it.
    """
    maven = shutil.which("mvn")
    if maven is None:
        how = "brew install maven" if sys.platform == "darwin" else "sudo apt-get install maven"
        raise LocalAthenaError(
            f"Trino's jars come by Maven, and there is no mvn on the PATH: {how}."
        )
    return Path(maven)


def major_version(text: str) -> int | None:
    """Return the major version from what `java -version` printed: 25, or 1 for Java 8 and older."""
    match = _VERSION.search(text)
    return int(match[1]) if match else None


def _homes() -> Iterator[Path]:
    """Give each place where a Java may be once, the user's own choice first."""
    seen = set()
    for home in _candidates():
        real = home.resolve()
        if real not in seen and os.access(home / "bin" / "java", os.X_OK):
            seen.add(real)
            yield home


def _candidates() -> Iterator[Path]:
    if chosen := os.environ.get("JAVA_HOME"):
        yield Path(chosen)
    if command := shutil.which("java"):
        yield Path(command).resolve().parent.parent
    for place in _USUAL_PLACES:
        pattern = Path(place).expanduser()
        yield from sorted(Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor))))


def _version(home: Path) -> str:
    """Return what `java -version` prints, on standard error; empty where it does not run."""
    try:
        process = subprocess.run(  # noqa: S603
            [home / "bin" / "java", "-version"],
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return process.stderr


def _how_to_get_jdk() -> str:
    if sys.platform == "darwin":
        return f"brew install --cask temurin@{MAJOR}"
    return (
        f"sudo apt-get install openjdk-{MAJOR}-jdk-headless, or where the distribution has none, "
        f"temurin-{MAJOR}-jdk from adoptium.net"
    )
