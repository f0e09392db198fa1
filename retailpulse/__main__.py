"""The process: what it needs before anything else of it is imported."""

from __future__ import annotations

import signal

# While the commands are imported there is nothing to put in order: Ctrl-C just ends the process.
if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

import os
import sys


def main() -> None:
    """Run the command line."""
    _open_standard_streams()
    from retailpulse import cli

    cli.main()


def _open_standard_streams() -> None:
    """Stand in for the streams that the caller has closed: Python has None for them."""
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)
            if opened != number:
                os.dup2(opened, number)
                os.close(opened)
            setattr(sys, name, open(number, mode, closefd=False))  # noqa: SIM115


if __name__ == "__main__":
    main()
