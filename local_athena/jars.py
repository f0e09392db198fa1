"""Trino's jars: fetched once by Maven, kept in the user's cache folder."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from local_athena.aws_environment import without_aws
from local_athena.errors import LocalAthenaError
from local_athena.java import Jdk, find_maven
from local_athena.processes import Command, Group, Running, start
from local_athena.progress import Progress, Report
from local_athena.trino_process import TEMPLATES

# What the jars follow from, below TEMPLATES. `io.trino.spi.Plugin` names the connectors: the jars
# of Trino's archive that do so are not on Maven Central.
_SOURCES: Final = (
    "pom.xml",
    "server/pom.xml",
    "plugin/pom.xml",
    "Main.java",
    "io.trino.spi.Plugin",
)
_DOWNLOADED = re.compile(r"Downloaded from \S+: \S+\.jar \(([\d.]+) ([kM]?)B")
_MEGABYTES: Final = {"": 1e-6, "k": 1e-3, "M": 1.0}


def cache_folder() -> Path:
    """Return where jars are kept: $LOCAL_ATHENA_CACHE, or local-athena in the user's cache."""
    if chosen := os.environ.get("LOCAL_ATHENA_CACHE"):
        return Path(chosen).absolute()
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "local-athena"


def jars_key(templates: Path = TEMPLATES) -> str:
    """Return what tells these jars from any others: a hash of all that they follow from."""
    digest = hashlib.sha256()
    for source in _SOURCES:
        content = (templates / source).read_bytes()
        digest.update(f"{source} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:16]


def trino_jars(jdk: Jdk, report: Report) -> Path:
    """Return the folder with Trino's jars, in `lib` and `plugin`; fetch them the first time.

    A fetch that is killed leaves nothing that looks whole, and of two at once one waits.

    Args:
        jdk: What Maven runs on, and what compiles.
        report: Told how far it is.

    Raises:
        LocalAthenaError: There is no Maven, or it failed.
    """
    cache = cache_folder()
    jars = cache / f"trino-{jars_key()}"
    if jars.exists():
        return jars
    with locked(cache, report):
        if not jars.exists():
            _fetch(jars, jdk, report)
    return jars


@contextmanager
def locked(folder: Path, report: Report) -> Iterator[None]:
    """Be the only process in a folder, which is made if need be; wait for one that is."""
    folder.mkdir(parents=True, exist_ok=True)
    progress = Progress(report)
    with (folder / "lock").open("w") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                progress.say(f"Waiting for another process that is at work in {folder}")
                time.sleep(0.2)
        yield


def _fetch(jars: Path, jdk: Jdk, report: Report) -> None:
    """Put the jars in place, all or nothing."""
    maven = find_maven()
    report("Fetching Trino's jars with Maven, once: 200 MB")
    # Beside its place, so that it can be moved there; what a killed fetch left goes first.
    for left in jars.parent.glob("fetching-*"):
        shutil.rmtree(left)
    work = Path(tempfile.mkdtemp(prefix="fetching-", dir=jars.parent))
    sources = work / "source"
    shutil.copytree(TEMPLATES, sources)
    _run_maven(maven, jdk, sources, work / "jars", report)
    _compile_main(jdk, sources, work / "jars" / "lib" / "main.jar")
    with zipfile.ZipFile(work / "jars" / "plugin" / "iceberg" / "services.jar", "w") as jar:
        jar.write(sources / "io.trino.spi.Plugin", "META-INF/services/io.trino.spi.Plugin")
    (work / "jars").rename(jars)
    shutil.rmtree(work)


def _run_maven(maven: Path, jdk: Jdk, sources: Path, jars: Path, report: Report) -> None:
    arguments: list[str | Path] = [
        maven,
        "--batch-mode",
        "--strict-checksums",
        "--file",
        sources / "pom.xml",
    ]
    arguments += ["dependency:copy-dependencies", f"-Djars={jars}"]
    environment = {**without_aws(os.environ), "JAVA_HOME": str(jdk.home)}
    # Not where the fetch is: the log is to outlive it.
    folder = jars.parent.parent / "maven"
    group = Group()
    try:
        running = start(Command("Maven", arguments, environment, folder), group)
        progress = Progress(report)
        while running.is_alive():
            downloads = Downloads.read(running.log.read_text(errors="replace"))
            progress.say(
                f"Fetching Trino's jars: {downloads.count} of them, {downloads.megabytes:.0f} MB"
            )
            time.sleep(0.2)
    finally:
        group.kill()
    if running.child is None or running.child.returncode != 0:
        raise LocalAthenaError(
            f"Maven could not fetch Trino's jars: {maven_cause(running)} Its log is {running.log}."
        )


@dataclass(frozen=True)
class Downloads:
    """How much Maven has downloaded, by its log."""

    count: int
    megabytes: float

    @classmethod
    def read(cls, log: str) -> Downloads:
        """Count the jars in what Maven has printed."""
        sizes = [float(number) * _MEGABYTES[unit] for number, unit in _DOWNLOADED.findall(log)]
        return cls(len(sizes), sum(sizes))


def maven_cause(running: Running) -> str:
    """Return Maven's first error as one sentence."""
    for line in running.log.read_text(errors="replace").splitlines():
        if line.startswith("[ERROR] ") and (text := line.removeprefix("[ERROR] ").strip()):
            return text.partition(" -> [Help")[0].rstrip(".:") + "."
    return f"it ended with {running.child.returncode if running.child else 'an error'}."


def _compile_main(jdk: Jdk, sources: Path, target: Path) -> None:
    """Compile Main.java into a jar: with a folder on the class path the JVM archives no classes."""
    classes = sources / "classes"
    process = subprocess.run(  # noqa: S603
        [jdk.javac, "-cp", target.parent / "*", "-d", classes, sources / "Main.java"],
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode != 0:
        raise LocalAthenaError(f"{jdk.javac} could not compile Main.java: {process.stderr.strip()}")
    with zipfile.ZipFile(target, "w") as jar:
        jar.write(classes / "Main.class", "Main.class")
