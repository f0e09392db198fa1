"""What a message of the queue of dropped files asks for. Pure."""

from __future__ import annotations

import json
from typing import Any, Final
from urllib.parse import unquote_plus

from ingestion.sources.files.drop_bucket import Version, is_file

LIST_BODY: Final = '{"list": true}'
"""The body that asks to look for files whose notification was lost."""


class NotAMessageError(Exception):
    """A message is neither S3's nor ours."""


def body_of(version: Version) -> str:
    """Return the body that asks to land a version, or to go on with it."""
    return json.dumps({"key": version.key, "version_id": version.version_id})


def asks_to_list(body: str) -> bool:
    """Say whether a body asks to look for files whose notification was lost."""
    return _object(body).get("list") is True


def versions_of(body: str) -> list[Version]:
    """Return the versions that a message tells of: S3's notification, or one of ours.

    The notification's form is that of
    docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html, whose key is
    URL-encoded.

    Raises:
        NotAMessageError: It is neither.
    """
    message = _object(body)
    if message.get("Event") == "s3:TestEvent":
        # S3 sends it once, when the notification is set up.
        return []
    try:
        if "Records" not in message:
            return [Version(_text(message["key"]), _text(message["version_id"]))]
        found = [_version(record) for record in message["Records"]]
    except (KeyError, TypeError) as error:
        raise NotAMessageError(f"the message lacks {error}") from error
    return [version for version in found if is_file(version.key)]


def _version(record: Any) -> Version:
    stored = record["s3"]["object"]
    # Of an object from before the bucket kept versions there is none, and it is called so.
    return Version(unquote_plus(_text(stored["key"])), _text(stored.get("versionId") or "null"))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"text where there is {type(value).__name__}")
    return value


def _object(body: str) -> dict[str, Any]:
    try:
        message = json.loads(body)
    except ValueError as error:
        raise NotAMessageError(f"the message is not JSON: {error}") from error
    if not isinstance(message, dict):
        raise NotAMessageError("the message is no JSON object")
    return message
