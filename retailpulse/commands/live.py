"""`retailpulse live`: simulator, ingester and dbt in one steady loop."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

import typer
from rich.live import Live

from ingestion.envelope import Message
from ingestion.ingester import Ingester, utc_now
from ingestion.raw_zone import FolderRawZone
from retailpulse.commands.live_panel import line, panel
from retailpulse.commands.live_state import Gold, LiveState, read_gold
from retailpulse.commands.simulate import refused
from retailpulse.commands.webshop import Opening, RunningWebshop, is_simulated, running_webshop
from retailpulse.local.dbt_runs import TABLES, Dbt
from retailpulse.local.home import Home, find_home, require_writable
from retailpulse.local.lakehouse import has_table, open_lakehouse
from retailpulse.local.landing import Landing
from retailpulse.terminal import PLAIN_LINE_EVERY_SECONDS, Terminal
from simulator.deliveries import Delivery, stream
from simulator.messages import SOURCE
from simulator.settings import LiveSettings, SettingsError

_LAND_EVERY_SECONDS: Final = 0.5
# For each business event so many things happen in the web shop's database.
_WEBSHOP_SHARE: Final = 0.1
# What a new one has sold, and for how long.
_WEBSHOP_SALES: Final = 1_000
_WEBSHOP_PAST: Final = timedelta(days=7)


def live(
    rate: Annotated[float, typer.Option(help="Business events a second.")] = 20.0,
    every: Annotated[float, typer.Option(min=0.1, help="Seconds from build to build.")] = 5.0,
    duration: Annotated[
        float | None, typer.Option(min=0, help="Seconds; without it, until Ctrl-C.")
    ] = None,
) -> None:
    """Run a business that never ends, and watch its events reach gold. Ctrl-C stops it."""
    try:
        settings = LiveSettings(start=utc_now(), events_per_second=rate)
    except SettingsError as error:
        raise refused(error, events_per_second="rate") from error
    home = find_home()
    require_writable(home)
    terminal = Terminal()
    dbt = Dbt(home)
    if not _has_gold(home):
        with terminal.step("There is no gold yet: building all of it once") as step:
            dbt.run(TABLES, progress=step.update)
    with _webshop(home, terminal) as webshop:
        session = Session(home, dbt, every, webshop)
        deliveries = stream(replace(settings, start=utc_now()))
        with _stop_signals(session.stop):
            session.run(deliveries, duration, terminal)
    terminal.say(line(session.state))
    if session.state.lag:
        terminal.say("`dbt build` brings the rest to gold")


@contextmanager
def _webshop(home: Home, terminal: Terminal) -> Iterator[RunningWebshop | None]:
    """Run the simulated web shop, unless the source is a database of the user's."""
    if not is_simulated(home):
        yield None
        return
    now = utc_now()
    opening = Opening(_WEBSHOP_SALES, now - _WEBSHOP_PAST, now)
    with ExitStack() as stack:
        with terminal.step("Opening the simulated web shop") as step:
            webshop = stack.enter_context(running_webshop(home, opening, step.update))
        yield webshop


class Session:
    """Lands in the calling thread, builds in another."""

    def __init__(
        self, home: Home, dbt: Dbt, every: float, webshop: RunningWebshop | None = None
    ) -> None:
        """Use a lakehouse that has gold.

        Args:
            home: The lakehouse.
            dbt: What builds.
            every: Seconds from build to build.
            webshop: A web shop that sells as events arrive, and is pulled before each build.
        """
        self.state = LiveState(started=_naive(utc_now()))
        self.stop = threading.Event()
        self._home = home
        self._dbt = dbt
        self._every = every
        self._webshop = webshop
        self._unsold = 0.0
        self._started = _naive(utc_now())
        self._error: BaseException | None = None

    def run(
        self, deliveries: Iterator[Delivery], duration: float | None, terminal: Terminal
    ) -> None:
        """Land and build until told to stop; the running build is finished.

        Args:
            deliveries: What arrives, each at its time.
            duration: Seconds; None until `stop` is set.
            terminal: Where it is shown.

        Raises:
            WorkError: Landing or building failed.
        """
        due = _Due(deliveries)
        deadline = None if duration is None else time.monotonic() + duration
        builder = threading.Thread(target=self._build, name="builder")
        with _shown(terminal, self.state) as show:
            builder.start()
            try:
                while not self.stop.wait(_LAND_EVERY_SECONDS):
                    self._land(due.until(utc_now()))
                    show("Ctrl-C stops")
                    if deadline is not None and time.monotonic() >= deadline:
                        break
            finally:
                self.stop.set()
                while builder.is_alive():
                    builder.join(_LAND_EVERY_SECONDS)
                    show("finishing the running build")
        if self._error is not None:
            raise self._error

    def _land(self, deliveries: list[Delivery]) -> None:
        if not deliveries:
            return
        received_at = utc_now()
        landing = Landing(Ingester(FolderRawZone(self._home.raw), clock=lambda: received_at))
        landing.land(
            [Message(each.body, f"live#{each.ordinal + 1:012d}", SOURCE) for each in deliveries]
        )
        self.state.batches.append((_naive(received_at), landing.totals.landed))
        if self._webshop:
            self._unsold += len(deliveries) * _WEBSHOP_SHARE
            changes = int(self._unsold)
            self._unsold -= changes
            self._webshop.sell(changes)

    def _pull(self) -> None:
        if self._webshop and (rows := self._webshop.pull()):
            self.state.batches.append((_naive(utc_now()), rows))

    def _build(self) -> None:
        try:
            since = self._gold(None).processed_at
            while not self.stop.is_set():
                began = time.monotonic()
                self._pull()
                self._dbt.run(["build", "--selector", "fast"], progress=self._say_building)
                ended, seconds = _naive(utc_now()), time.monotonic() - began
                gold = self._gold(since)
                since = gold.processed_at
                self.state.built(gold, ended, seconds)
                self.stop.wait(max(0.0, self._every - seconds))
        except BaseException as error:
            self._error = error
            self.stop.set()

    def _say_building(self, detail: str) -> None:
        self.state.building = detail

    def _gold(self, since: datetime | None) -> Gold:
        with open_lakehouse(self._home) as lakehouse:
            return read_gold(lakehouse, self._started, since)


class _Due:
    """Hands out deliveries when their time has come."""

    def __init__(self, deliveries: Iterator[Delivery]) -> None:
        self._deliveries = deliveries
        self._next = next(deliveries)

    def until(self, now: datetime) -> list[Delivery]:
        """Return what has arrived since the last call."""
        arrived = []
        while self._next.arrives_at <= now:
            arrived.append(self._next)
            self._next = next(self._deliveries)
        return arrived


def _has_gold(home: Home) -> bool:
    if not home.catalog.is_file():
        return False
    with open_lakehouse(home) as lakehouse:
        return has_table(lakehouse, "retailpulse", "agg_daily_revenue") and has_table(
            lakehouse, "retailpulse", "agg_order_status"
        )


@contextmanager
def _shown(terminal: Terminal, state: LiveState) -> Iterator[Callable[[str], None]]:
    """Give what shows the session: a panel that moves, or a line every 2 seconds."""
    if terminal.console.is_terminal:
        with Live(console=terminal.console, refresh_per_second=4, transient=True) as view:
            yield lambda note: view.update(panel(state, note))
        return
    said_at = time.monotonic()

    def show(note: str) -> None:
        nonlocal said_at
        if time.monotonic() - said_at >= PLAIN_LINE_EVERY_SECONDS - _LAND_EVERY_SECONDS:
            said_at = time.monotonic()
            terminal.say(f"{line(state)} ({note})")

    terminal.say("RetailPulse live")
    yield show


@contextmanager
def _stop_signals(stop: threading.Event) -> Iterator[None]:
    """Let Ctrl-C and SIGTERM ask for the end instead of forcing it."""
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _naive(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)
