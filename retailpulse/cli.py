"""The entry point: the commands, and how they end."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import typer
from typer.core import TyperGroup

from retailpulse.backfill import backfill
from retailpulse.demo import demo
from retailpulse.deployment.commands import app as cloud
from retailpulse.errors import RetailPulseError
from retailpulse.ingest import ingest
from retailpulse.live import live
from retailpulse.quarantine import quarantine
from retailpulse.raw import app as raw
from retailpulse.rebuild import rebuild
from retailpulse.redrive import redrive
from retailpulse.simulate import simulate
from retailpulse.sql import sql

INTERRUPTED: Final = 130


class _Commands(TyperGroup):
    """Ends a command that cannot work with a sentence and an exit code."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except RetailPulseError as error:
            typer.echo(f"retailpulse: {error}", err=True)
            raise typer.Exit(error.exit_code) from error
        except KeyboardInterrupt:
            typer.echo("stopped", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            # Whoever read the output has seen enough; Python would complain when it exits.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise typer.Exit(1) from None


app = typer.Typer(
    name="retailpulse",
    cls=_Commands,
    help=(
        "A retail lakehouse on this machine. All state is in one folder, RETAILPULSE_HOME "
        "(default: lakehouse in the project)."
    ),
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for _command in (demo, simulate, ingest, live, sql, quarantine, backfill, rebuild, redrive):
    app.command()(_command)
app.add_typer(raw)
app.add_typer(cloud)


def main() -> None:
    """Run the command line."""
    app()
