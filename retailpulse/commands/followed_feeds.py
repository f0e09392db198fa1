"""The feeds of a project that are followed."""

from __future__ import annotations

from pathlib import Path

from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.sources.errors import ConfigurationError
from ingestion.sources.files.feeds import Feed, read_feeds
from retailpulse.dbt_project import disabled_sources
from retailpulse.errors import SetupError


def followed_feeds(project: Path) -> tuple[Feed, ...]:
    """Return the feeds of a project that are followed.

    Raises:
        SetupError: There is none, or one cannot be used.
    """
    try:
        feeds = read_feeds(project / "ingestion" / "feeds")
    except ConfigurationError as error:
        raise SetupError(f"ingestion/feeds/{error}") from error
    if unknown := [feed.name for feed in feeds if feed.event_type not in KNOWN_EVENT_TYPES]:
        raise SetupError(f"{', '.join(unknown)} has no contract: `make sources` writes it")
    disabled = disabled_sources(project)
    followed = tuple(feed for feed in feeds if feed.name not in disabled)
    if not followed:
        told = "there is no feed: describe files in ingestion/feeds/<name>.yml"
        if feeds:
            left_out = ", ".join(feed.name for feed in feeds)
            told += f", or take one of {left_out} out of disabled_sources in dbt_project.yml"
        raise SetupError(told)
    return followed
