"""dbt in this process: parsed once, run often, quiet, its failures told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from retailpulse.errors import WorkError
from retailpulse.local.home import Home

if TYPE_CHECKING:
    from dbt.contracts.graph.manifest import Manifest

# Every table, and no test.
TABLES: Final = ("build", "--resource-type", "model", "--resource-type", "seed")

_FAILED: Final = frozenset({"error", "fail", "runtime error", "partial success"})
_SHOWN_FAILURES: Final = 3

# What SQLite says when the catalog has another writer; waiting for it does not help a transaction
# that began before.
_LOCKED: Final = "database is locked"

# What DuckDB says before the text of its function `error`.
_RAISED: Final = "Invalid Input Error: "

# An ephemeral model that does not compile is in no result: only these events tell of it.
_EXCEPTIONS: Final = frozenset({"CatchableExceptionOnRun", "GenericExceptionOnRun"})


class DbtError(WorkError):
    """dbt failed; the sentence names what failed and why."""


class Dbt:
    """The project's dbt for one lakehouse.

    dbt reads RETAILPULSE_HOME while it parses: an instance is good for the home it was made for.
    """

    def __init__(self, home: Home) -> None:
        """Use a lakehouse.

        Args:
            home: As `find_home` returned it: RETAILPULSE_HOME is set to its root.
        """
        self._home = home
        self._packed_manifest: bytes | None = None

    def run(
        self,
        command: Sequence[str],
        *,
        variables: Mapping[str, Any] | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        """Run a command such as `build --selector fast`.

        Args:
            command: The command and its own arguments.
            variables: What `--vars` gives.
            progress: Told, by a text, each node that starts; at the end, by an empty one.

        Raises:
            DbtError: A node failed, or dbt could not run.
            KeyboardInterrupt: The user stopped it; what had been finished stays.
        """
        # Importing dbt takes 1.5 s, which other commands need not wait for.
        from dbt.contracts.graph.manifest import Manifest

        if self._packed_manifest is None:
            progress("reading the dbt project")
            self._packed_manifest = self._invoke(["parse"]).to_msgpack()
        arguments = list(command)
        if variables:
            arguments += ["--vars", dumps(variables)]
        # A run leaves its compiled code in the manifest, and the next would take the models that
        # refer to ephemeral ones for done: each run gets a fresh one, as dbt does with the one it
        # saves. Unpacking took 0.02 s, parsing 1.6 to 3.5 s.
        self._invoke(arguments, Manifest.from_msgpack(self._packed_manifest), progress)
        progress("")

    def _invoke(
        self,
        arguments: Sequence[str],
        manifest: Manifest | None = None,
        progress: Callable[[str], None] = lambda _: None,
    ) -> Any:
        """Return the result of a dbt command that succeeded."""
        from dbt.adapters.duckdb.connections import DuckDBConnectionManager
        from dbt.cli.main import dbtRunner

        exceptions: list[str] = []

        def tell(event: Any) -> None:
            if event.info.name == "LogStartLine":
                progress(f"{event.data.index} of {event.data.total}, {event.data.description}")
            elif event.info.name in _EXCEPTIONS:
                exceptions.append(_one_line(event.info.msg))

        working_folder = Path.cwd()
        try:
            outcome = dbtRunner(manifest=manifest, callbacks=[tell]).invoke(
                [*arguments, *self._flags()]
            )
        finally:
            # DuckLake keeps each schema version it has seen for as long as it is attached: 200 runs
            # on one connection took a process from 300 MB to 600.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
            # dbt leaves the process in the project's folder.
            os.chdir(working_folder)
        if isinstance(outcome.exception, KeyboardInterrupt):
            raise outcome.exception
        if outcome.exception is not None:
            raise DbtError(self._told([_one_line(_text(outcome.exception))]))
        if not outcome.success:
            raise DbtError(self._told(_failures(outcome.result) or exceptions))
        return outcome.result

    def _flags(self) -> list[str]:
        project, root = str(self._home.project), self._home.root
        return [
            *("--project-dir", project, "--profiles-dir", project, "--target", "duckdb"),
            *("--target-path", str(root / "target"), "--log-path", str(root / "logs")),
            *("--log-level", "none", "--log-level-file", "debug", "--no-print"),
        ]

    def _told(self, failures: Sequence[str]) -> str:
        shown = "; ".join(failures[:_SHOWN_FAILURES]) or "no node says why"
        more = f"; and {len(failures) - _SHOWN_FAILURES} more"
        if _LOCKED in shown:
            shown = "another dbt run is writing to this lakehouse: let it end, then run this again"
        return (
            f"dbt failed: {shown}{more if len(failures) > _SHOWN_FAILURES else ''} "
            f"(all of it: {self._home.root / 'logs' / 'dbt.log'})"
        )


def _text(exception: BaseException) -> str:
    """Return what an exception says; of one that a hook raises, its sentence without its place."""
    of_hook = getattr(getattr(exception, "node", None), "resource_type", None) == "operation"
    return str(getattr(exception, "msg", exception) if of_hook else exception)


def _failures(result: Any) -> list[str]:
    failed = [node for node in getattr(result, "results", ()) if node.status in _FAILED]
    # The hook at the end names the file that is damaged, which is behind all other failures.
    hooks = [node for node in failed if node.node.resource_type == "operation"]
    return [
        *(_one_line(node.message.partition(_RAISED)[2] or node.message) for node in hooks),
        *(
            f"{node.node.name}: {_one_line(node.message or str(node.status))}"
            for node in failed
            if node not in hooks
        ),
    ]


def _one_line(text: str) -> str:
    return " ".join(text.split())
