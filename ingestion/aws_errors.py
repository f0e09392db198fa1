"""What AWS says is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botocore.exceptions import ClientError


def error_code(error: ClientError) -> str:
    """Return AWS's name of an error, such as `NoSuchKey`; empty where it gives none."""
    return error.response.get("Error", {}).get("Code", "")
