"""The project's Jinja, rendered for a target without touching a warehouse."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dbt.adapters.duckdb.connections import DuckDBConnectionManager
from dbt.cli.main import dbtRunner
from dbt.contracts.graph.manifest import Manifest

from tests.support.project.followed import EVERYTHING_FOLLOWED

PROJECT = Path(__file__).parents[3]

_MARK = "-- ==== "


class Rendering:
    """The project parsed once, which takes seconds, to render any number of snippets.

    All of it: no source is disabled.
    """

    def __init__(self, home: Path, target: str, project: Path = PROJECT) -> None:
        """Render for `target`, with RETAILPULSE_HOME, dbt's target and logs in `home`."""
        self.home = home
        self._project = project
        self._environment = {
            "RETAILPULSE_HOME": str(home),
            "RETAILPULSE_TARGET": target,
            "DBT_TARGET_PATH": str(home / f"target-{target}"),
            "DBT_LOG_PATH": str(home / "logs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
            "AWS_ACCESS_KEY_ID": "nobody",
            "AWS_SECRET_ACCESS_KEY": "nothing",
            "AWS_EC2_METADATA_DISABLED": "true",
            # Whoever calls AWS all the same finds no one there.
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        }
        parsed = self._invoke("parse", *_vars({}))
        assert isinstance(parsed, Manifest)
        self._parsed = parsed.to_msgpack()

    def compile(self, sql: str, variables: Mapping[str, object] | None = None) -> str:
        """Return what `dbt compile --inline` makes of `sql`, with its ephemeral models.

        Raises:
            RenderingError: dbt could not compile it.
        """
        result = self._invoke(
            *("compile", "--no-introspect", "--no-populate-cache"),
            *_vars(variables or {}),
            *("--inline", sql),
            # A fresh copy: compiling leaves its code in the manifest.
            manifest=Manifest.from_msgpack(self._parsed),
        )
        compiled: str = result.results[0].node.compiled_code
        return compiled

    def compile_all(self, variables: Mapping[str, object]) -> list[Any]:
        """Return every model and test, as nodes with their `compiled_code`.

        Raises:
            RenderingError: dbt could not compile them.
        """
        result = self._invoke(
            *("compile", "--no-introspect", "--no-populate-cache"),
            *_vars(variables),
            manifest=Manifest.from_msgpack(self._parsed),
        )
        return [each.node for each in result.results]

    def render(
        self, snippets: Mapping[str, str], variables: Mapping[str, object] | None = None
    ) -> dict[str, str]:
        """Return the SQL of each named snippet, of any number in one call of dbt.

        Raises:
            RenderingError: dbt could not compile them.
        """
        marked = (f"{_MARK}{name}\n{text}\n" for name, text in snippets.items())
        parts = self.compile("".join(marked), variables).split(_MARK)[1:]
        return {name: sql.strip() for name, _, sql in (part.partition("\n") for part in parts)}

    def _invoke(self, *arguments: str, manifest: Manifest | None = None) -> Any:
        before = os.environ.copy()
        os.environ.update(self._environment)
        in_project = ["--project-dir", str(self._project), "--profiles-dir", str(self._project)]
        # The exception itself only says that the inline query could not be parsed.
        told: list[str] = []

        def tell(event: Any) -> None:
            if event.info.level == "error":
                told.append(event.info.msg)

        try:
            runner = dbtRunner(manifest=manifest, callbacks=[tell])
            outcome = runner.invoke(["--quiet", *arguments, *in_project])
        finally:
            # Else whoever comes next goes on with this connection, even to files that are gone.
            DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
            os.environ.clear()
            os.environ.update(before)
        if outcome.exception is not None:
            raise RenderingError("\n".join(told)) from outcome.exception
        return outcome.result


def _vars(variables: Mapping[str, object]) -> tuple[str, str]:
    return "--vars", json.dumps({**EVERYTHING_FOLLOWED, **variables})


class RenderingError(Exception):
    """dbt refused to parse or compile."""
