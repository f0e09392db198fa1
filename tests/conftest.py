"""What holds for every test."""

from __future__ import annotations

import signal

from hypothesis import settings

# A shell without job control starts what runs in the background deaf to Ctrl-C, and so would be the
# commands that tests start from here and press it on.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Nothing is asserted by time, and a busy machine is no fault of what is tested.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
