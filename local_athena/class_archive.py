"""An archive of the classes that Trino loads, which halves the time that it takes to start."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from local_athena.jars import locked
from local_athena.java import Jdk
from local_athena.ports import LOOPBACK, free_ports
from local_athena.processes import Group, start
from local_athena.trino_process import TEMPLATES, query_trino, trino_command, trino_is_ready
from local_athena.waiting import Awaited, Progress, Report, wait_until_ready

# What most statements need of the planner; the connectors' own classes cannot be archived.
_TRAINING = """
    select a.k, count(*), sum(a.v), row_number() over (order by a.k)
    from (values ('x', decimal '1.0'), ('y', decimal '2.0')) a (k, v)
    join (values 'x', 'z') b (k) on a.k = b.k
    where a.v > 0 group by a.k order by 1 limit 5
"""


def class_archive_options(jars: Path, jdk: Jdk, report: Report) -> Sequence[str]:
    """Return the JVM's option for the archive; make the archive the first time, in half a minute.

    It belongs to one JVM and its options; the JVM ignores one that does not fit.

    Args:
        jars: Trino's.
        jdk: What Trino runs on.
        report: Told how far it is.

    Raises:
        LocalAthenaError: Trino does not start.
    """
    options = (TEMPLATES / "jvm.config").read_text()
    key = hashlib.sha256(f"{jdk.home}\n{jdk.version}\n{options}".encode()).hexdigest()[:16]
    archive = jars.with_name(f"{jars.name}-{key}.aot")
    if not archive.exists():
        with locked(jars.parent, report):
            if not archive.exists():
                _make(archive, jars, jdk, report)
    return [f"-XX:AOTCache={archive}"] if archive.exists() else []


def _make(archive: Path, jars: Path, jdk: Jdk, report: Report) -> None:
    """Start Trino once, by itself, and let the JVM write down at its end what it has loaded."""
    report("Preparing Trino to start fast, once")
    for left in jars.parent.glob("training-*"):
        shutil.rmtree(left)
    work = Path(tempfile.mkdtemp(prefix="training-", dir=jars.parent))
    written = work / "classes.aot"
    (port,) = free_ports(1)
    command = trino_command(
        work / "trino",
        jdk,
        jars,
        port=port,
        # It is not asked for anything before a table is.
        aws=f"http://{LOOPBACK}:9",
        bucket="training",
        jvm_options=[f"-XX:AOTCacheOutput={written}"],
    )
    group = Group()
    try:
        running = start(command, group)
        wait_until_ready([Awaited(running, lambda: trino_is_ready(port))], report)
        query_trino(port, _TRAINING)
        if running.child is not None:
            running.child.terminate()
        progress = Progress(report)
        while running.is_alive():
            progress.say("Writing the archive of Trino's classes")
            time.sleep(0.1)
    finally:
        group.kill()
    if written.exists():
        written.rename(archive)
        shutil.rmtree(work)
    else:
        report(f"This JVM made no archive of classes, so that Trino starts slowly: {running.log}")
