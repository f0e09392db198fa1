"""The ingester's job as it is usually written: parse, perhaps validate, build, dump, compress.

It fills the same envelope, groups by event type and writes the same objects. What it does not do:
keep the payload as it was sent, refuse what other engines cannot read, bound a line's length.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import secrets
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from jsonschema import Draft202012Validator

Put = Callable[[str, bytes], None]


class HandwrittenHandler:
    """Lands SQS batches with the standard library, and jsonschema if it is to validate."""

    def __init__(
        self,
        contracts: Mapping[str, Mapping[str, Any]],
        *,
        validates: bool = False,
        gzip_level: int = 6,
    ) -> None:
        """Know the event types.

        Args:
            contracts: The JSON Schema of each known event type.
            validates: Whether an event that breaks its contract is put aside as `invalid`.
            gzip_level: From 1 to 9; 6 is what the gzip program and most writers take.
        """
        self._gzip_level = gzip_level
        self._known = frozenset(contracts)
        self._validators = {
            name: Draft202012Validator(contract)
            for name, contract in contracts.items()
            if validates
        }

    def land(self, records: Iterable[Mapping[str, Any]], put: Put) -> int:
        """Land a batch as one object per partition; return the number of lines."""
        received_at = datetime.now(UTC)
        batch_id = f"{received_at:%Y%m%dT%H%M%S.%fZ}-{secrets.token_hex(8)}"
        lines = defaultdict(list)
        for record in records:
            envelope = self.envelope(record, received_at)
            lines[envelope["event_type"]].append(json.dumps(envelope))
        for event_type, partition in lines.items():
            key = (
                f"events/event_type={event_type}/{received_at:dt=%Y-%m-%d/hour=%H}/"
                f"{batch_id}.ndjson.gz"
            )
            put(
                key,
                gzip.compress(
                    ("\n".join(partition) + "\n").encode(), compresslevel=self._gzip_level
                ),
            )
        return sum(map(len, lines.values()))

    def envelope(self, record: Mapping[str, Any], received_at: datetime) -> dict[str, Any]:
        """Return the envelope of an SQS record."""
        body = record["body"]
        try:
            event = json.loads(body)
        except (ValueError, RecursionError):
            event = None
        encoding = "json" if isinstance(event, dict) else "text"
        fields = event if isinstance(event, dict) else {}
        source = None
        if "detail" in fields and "detail-type" in fields:
            source = fields.get("source")
            event = fields["detail"]
            fields = event if isinstance(event, dict) else {}
        if isinstance(fields.get("specversion"), str):
            event_id, name, event_ts = fields.get("id"), fields.get("type"), fields.get("time")
            source = fields.get("source") or source
        else:
            event_id, name = fields.get("event_id"), fields.get("event_type")
            event_ts = fields.get("event_ts")
        if event_id is None:
            event_id = hashlib.sha256(body.encode()).hexdigest()
        event_type = name if isinstance(name, str) and name in self._known else "unknown"
        envelope = {
            "envelope_version": 1,
            "event_id": event_id,
            "event_type": event_type,
            "event_name": name,
            "event_ts": event_ts,
            "source": source or "direct",
            "received_at": received_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "message_id": record["messageId"],
            "replayed_from": None,
            "payload_encoding": encoding,
            "payload": body if encoding == "text" else event,
        }
        validator = self._validators.get(event_type)
        if validator is not None:
            error = next(validator.iter_errors(event), None)
            if error is not None:
                envelope["event_type"] = "invalid"
                envelope["error"] = error.message
        return envelope
