"""The commands, and what they have in common."""

from __future__ import annotations

from importlib.metadata import version
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from retailpulse.commands.backfill import backfill
from retailpulse.commands.cloud import app as cloud
from retailpulse.commands.contracts import app as contracts
from retailpulse.commands.demo import demo
from retailpulse.commands.drop import drop
from retailpulse.commands.export import export
from retailpulse.commands.failures import ended_by_a_sentence
from retailpulse.commands.ingest import ingest
from retailpulse.commands.live import live
from retailpulse.commands.pull import pull
from retailpulse.commands.quarantine import quarantine
from retailpulse.commands.raw import app as raw
from retailpulse.commands.rebuild import rebuild
from retailpulse.commands.redrive import redrive
from retailpulse.commands.simulate import simulate
from retailpulse.commands.simulate_database import simulate_database
from retailpulse.commands.sql import SqlCommand, sql
from retailpulse.commands.status import status


class _Commands(TyperGroup):
    """Ends a command that cannot work with a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        with ended_by_a_sentence():
            return super().invoke(ctx)


app = typer.Typer(
    name="retailpulse",
    cls=_Commands,
    help=(
        "A retail lakehouse on this machine. All state is in one folder, RETAILPULSE_HOME "
        "(default: lakehouse in the project)."
    ),
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
)
app.command(cls=SqlCommand)(sql)
for _command in (
    *(demo, simulate, simulate_database, ingest, pull, drop, live, status, export),
    *(quarantine, backfill, rebuild, redrive),
):
    app.command()(_command)
app.add_typer(raw)
app.add_typer(contracts)
app.add_typer(cloud)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"retailpulse {version('retailpulse')}")
        raise typer.Exit


@app.callback()
def _root(
    _: Annotated[
        bool,
        typer.Option("--version", callback=_show_version, is_eager=True, help="Show the version."),
    ] = False,
) -> None:
    # Replaced in the help by the text above.
    pass


def main() -> None:
    """Run the command line."""
    app()
