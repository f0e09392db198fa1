"""Ask a server on this machine how it is."""

from __future__ import annotations

import json
from http.client import HTTPException
from typing import Any
from urllib.request import ProxyHandler, build_opener

# A proxy that the user's environment names is for the world outside.
_OPENER = build_opener(ProxyHandler({}))


def answers(url: str) -> bool:
    """Tell whether an address answers with success."""
    return _get(url) is not None


def answered_json(url: str) -> Any:
    """Return the JSON that an address answers with; None where it does not answer with any."""
    try:
        return json.loads(_get(url) or b"null")
    except ValueError:
        return None


def _get(url: str) -> bytes | None:
    try:
        with _OPENER.open(url, timeout=2) as response:
            body: bytes = response.read()
            return body
    except (OSError, HTTPException):
        return None
