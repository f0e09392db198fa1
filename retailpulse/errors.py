"""Failures that a user can do something about: told in one sentence, without a stack trace."""


class RetailPulseError(Exception):
    """What is wrong and what puts it right, in one sentence. Ends a command with `exit_code`."""

    exit_code = 1


class SetupError(RetailPulseError):
    """The command was called wrongly, or something it needs is not there."""

    exit_code = 2


class WorkError(RetailPulseError):
    """The command was called rightly, and its work failed."""
