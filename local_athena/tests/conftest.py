"""What holds for every test."""

from __future__ import annotations

from hypothesis import settings

# Nothing is asserted by time, and a busy machine is no fault of what is tested.
settings.register_profile("without deadlines", deadline=None)
settings.load_profile("without deadlines")
