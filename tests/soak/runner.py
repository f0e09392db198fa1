"""The scenarios by name, and the process that each of them runs in."""

from __future__ import annotations

import logging
import traceback
from importlib import import_module
from pathlib import Path
from random import Random
from typing import Final

from retailpulse.terminal import Terminal
from tests.soak.scenario import Outcome, Scenario, Soak

SCENARIOS: Final = {
    "kills-build": ("killed_builds",),
    "kills-road": ("killed_ingests", "killed_lives"),
    "kills-pull": ("killed_pulls",),
    "races": ("raced_pulls",),
    "files": ("killed_drops",),
    "storage": ("failing_storage",),
    "outage": ("storage_outage",),
    "readers": ("steady_readers",),
    "long-run": ("long_run",),
}


def run(name: str, seed: int, folder: Path) -> list[Outcome]:
    """Run a scenario until it ends or breaks; the same name and seed give the same randomness."""
    # Each failed put is a warning, and here most of them fail.
    logging.getLogger("ingestion.ingester").setLevel(logging.ERROR)
    soak = Soak(Terminal(), Random(f"{seed} {name}"), folder)
    outcomes: list[Outcome] = []
    for module in SCENARIOS[name]:
        with soak.terminal.step(f"{name}: starting {module}"):
            scenario: Scenario = import_module(f"tests.soak.{module}").scenario
        try:
            for outcome in scenario(soak):
                outcomes.append(outcome)
                verdict = "ok" if outcome.is_ok else "FAILED"
                soak.terminal.say(f"  {verdict}: {outcome.fault}: {outcome.seen}")
        except Exception as error:
            soak.terminal.say(traceback.format_exc())
            told = f"{type(error).__name__}: {error}"
            outcomes.append(Outcome(module, 0, "it runs to its end", told, is_ok=False))
    return outcomes
