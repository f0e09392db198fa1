"""What can be wrong with a source, each told in one sentence that says what to do."""


class SourceError(Exception):
    """A source cannot be read as it is. Its text holds no value of a row and no password."""


class ConfigurationError(SourceError):
    """What the source's file says cannot be used."""


class TransientError(SourceError):
    """What may be gone at the next attempt, such as a lost connection or a table's lock."""
