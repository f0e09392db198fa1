"""Ctrl-C while DuckDB works."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import duckdb

_AGAIN_AFTER_SECONDS: Final = 0.05


@contextmanager
def interruptible(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Let Ctrl-C end the connection's query, where signals come: in the main thread.

    Python learns of a signal when DuckDB returns, which for a scan that finds nothing may be in
    minutes. So a thread is told of it at once, and has DuckDB stop.

    Raises:
        KeyboardInterrupt: Ctrl-C was pressed.
    """
    with _watched(connection):
        try:
            yield
        except BaseException as error:
            # Where DuckDB 1.5.5 looks for signals itself, its other threads go on all the same, and
            # closing the connection waits for them.
            connection.interrupt()
            if isinstance(error, duckdb.InterruptException) or isinstance(
                error.__cause__, KeyboardInterrupt
            ):
                raise KeyboardInterrupt from error
            raise


@contextmanager
def _watched(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    ended = threading.Event()
    told, teller = socket.socketpair()
    teller.setblocking(False)

    def watch() -> None:
        # The connection may be closed while the main thread unwinds.
        with suppress(duckdb.ConnectionException):
            while number := told.recv(1):
                if number[0] == signal.SIGINT:
                    # What comes between two queries is forgotten by the next.
                    while not ended.wait(_AGAIN_AFTER_SECONDS):
                        connection.interrupt()

    watcher = threading.Thread(target=watch, daemon=True)
    before = signal.set_wakeup_fd(teller.fileno(), warn_on_full_buffer=False)
    watcher.start()
    try:
        yield
    finally:
        signal.set_wakeup_fd(before)
        ended.set()
        teller.close()
        watcher.join()
        told.close()
