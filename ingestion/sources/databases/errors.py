"""What can be wrong with a source, each told in one sentence that says what to do."""


class SourceError(Exception):
    """A source cannot be pulled as it is. Its text holds no value of a row and no password."""


class ConfigurationError(SourceError):
    """What ingestion/sources/<name>.yml says cannot be used."""


class TransientError(SourceError):
    """What may be gone at the next attempt, such as a lost connection or a table's lock."""


class PullerMovedError(TransientError):
    """Another puller has gone on with the table meanwhile; what was read here is not lost by it."""


class TooSlowError(SourceError):
    """A statement took longer than one may: less at once may do."""


class UnfitValueError(SourceError):
    """A value is none of its column's type: of a key that was read before, or of a row."""
