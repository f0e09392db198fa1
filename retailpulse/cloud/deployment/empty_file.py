"""A file of a feed that has no rows: it shows that files land, and is in no table. Pure."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import NamedTuple

from ingestion.sources.files.feeds import Feed, feeds_of


class EmptyFile(NamedTuple):
    """A file, as it is dropped.

    Attributes:
        name: Its name, which is of one feed.
        body: Its bytes: the header alone.
    """

    name: str
    body: bytes


def empty_file(feeds: Iterable[Feed], word: str) -> EmptyFile | None:
    """Return a file of one of the feeds whose name has a word in it; None if no name can.

    Args:
        feeds: Those that are followed.
        word: Letters, digits and hyphens.
    """
    followed = tuple(feeds)
    for feed in followed:
        name = feed.files.replace("*", f"-{word}-", 1).replace("*", "")
        # A pattern with `[…]` gives none, and one may give a name that another feed has, too.
        if feeds_of(followed, name) == [feed]:
            return EmptyFile(name, _header(feed))
    return None


def _header(feed: Feed) -> bytes:
    text = io.StringIO()
    if feed.has_header:
        names = [column.name for column in feed.columns]
        csv.writer(text, delimiter=feed.delimiter, lineterminator="\n").writerow(names)
    return text.getvalue().encode(feed.encoding)
