"""The two engines of a comparison: what is asked of both, and how each does it."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from ingestion.ingester import Landed
from tests.support.athena.athena_lakehouse import AthenaLakehouse
from tests.support.athena.contents import Contents, duckdb_contents
from tests.support.athena.project_copies import Changes, change
from tests.support.road.lakehouse import DbtRuns, Lakehouse, vars_flag


class Engine(Protocol):
    """A lakehouse that a history is told to, by its project."""

    project: Path

    def land(
        self, bodies: Iterable[bytes], at: datetime, batch: str, source: str = "shop"
    ) -> Landed:
        """Land bodies as one batch."""

    def build(
        self,
        *arguments: str,
        at: datetime | None = None,
        command: str = "build",
        variables: Mapping[str, object] | None = None,
    ) -> None:
        """Run dbt and expect that all of it succeeds."""

    def die_in_a_build(
        self, *arguments: str, at: datetime, variables: Mapping[str, object]
    ) -> None:
        """Be killed in the middle of a build. What nothing disturbs does nothing."""

    def upkeep(self) -> None:
        """Take the daily care of the tables."""

    def change_project(self, changes: Changes) -> None:
        """Change the models, as an update does."""

    def everything(self) -> Contents:
        """Read every table and view of silver and gold."""


class _Project(DbtRuns):
    """What both do alike."""

    def upkeep(self) -> None:
        self.run_operation("upkeep", keep_hours=0)

    def change_project(self, changes: Changes) -> None:
        change(self.project, changes)
        self.parse_again()


class EmbeddedEngine(_Project, Lakehouse):
    """DuckDB, which nothing disturbs: what Athena is compared with."""

    def die_in_a_build(
        self, *arguments: str, at: datetime, variables: Mapping[str, object]
    ) -> None:
        """Do nothing: the run after it must come to the same."""

    def everything(self) -> Contents:
        return duckdb_contents(self)


class AthenaEngine(_Project, AthenaLakehouse):
    """Athena, after each of whose steps the same must be there."""

    def build(
        self,
        *arguments: str,
        at: datetime | None = None,
        command: str = "build",
        variables: Mapping[str, object] | None = None,
    ) -> None:
        self.upload()
        super().build(*arguments, at=at, command=command, variables=variables)

    def die_in_a_build(
        self, *arguments: str, at: datetime, variables: Mapping[str, object]
    ) -> None:
        """Be killed when a model has begun that others wait for."""
        self.upload()
        build = self.start_dbt("build", *arguments, *vars_flag(at, variables))
        kill_when(build, "START sql incremental model retailpulse_silver.orders", 0.5)

    def everything(self) -> Contents:
        return self.contents()


def kill_when(build: subprocess.Popen[str], said: str, seconds: float) -> None:
    """Kill a build and all its processes, so long after it has said something."""
    assert build.stdout is not None
    output = []
    try:
        for line in build.stdout:
            output.append(line)
            if said in line:
                break
        else:
            raise AssertionError(f"never said {said!r}: {''.join(output)}")
        time.sleep(seconds)
    finally:
        os.killpg(build.pid, signal.SIGKILL)
        build.wait()
        build.stdout.close()
