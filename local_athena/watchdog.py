"""Kill a process group when the process that started it is gone, however it went.

Run as a script, as the leader of the group that it guards, with standard input a pipe whose other
end only its parent holds. The pipe closes when the parent closes it or dies, even of SIGKILL:
portable, unlike Linux's PR_SET_PDEATHSIG. As long as this process lives, nobody else can get the
group's number. A signal sent to the whole group does not end it before its time.
"""

from __future__ import annotations

import os
import signal
import sys


def main() -> None:
    """Wait for the end of standard input, then kill everything in this process's group."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    sys.stdin.buffer.read()
    os.killpg(os.getpgrp(), signal.SIGKILL)


if __name__ == "__main__":
    main()
