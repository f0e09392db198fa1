"""What can be wrong with a database, besides what can be with any source."""

from ingestion.sources.errors import SourceError, TransientError


class PullerMovedError(TransientError):
    """Another puller has gone on with the table meanwhile; what was read here is not lost by it."""


class TooSlowError(SourceError):
    """A statement took longer than one may: less at once may do."""


class UnfitValueError(SourceError):
    """A value is none of its column's type: of a key that was read before, or of a row."""
