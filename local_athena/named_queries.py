"""Named queries: statements that a workgroup keeps for its users."""

from __future__ import annotations

import json
import threading
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from local_athena.errors import ApiError

# Names as the API has them: NamedQueryId, Name, Database, QueryString, WorkGroup, Description.
NamedQuery = dict[str, Any]


class NamedQueries:
    """Every named query, kept in a small JSON file."""

    def __init__(self, path: Path) -> None:
        """Read the file; if there is none, there are no queries."""
        self._path = path
        self._lock = threading.Lock()
        self._queries: dict[str, NamedQuery] = {}
        # The id that a request was given, so that sending it again makes no second query.
        self._ids_by_token: dict[str, str] = {}
        if path.exists():
            kept = json.loads(path.read_text())
            self._queries, self._ids_by_token = kept["queries"], kept["ids_by_token"]

    def create(self, query: Mapping[str, Any], token: str | None) -> str:
        """Keep a query and return its id.

        Args:
            query: A NamedQuery without its id.
            token: ClientRequestToken.

        Raises:
            ApiError: The token came with another query.
        """
        with self._lock:
            if token in self._ids_by_token:
                known_id = self._ids_by_token[token]
                if self._queries.get(known_id) != {**query, "NamedQueryId": known_id}:
                    raise _refusal("Idempotent parameters do not match")
                return known_id
            query_id = str(uuid.uuid4())
            self._queries[query_id] = {**query, "NamedQueryId": query_id}
            if token is not None:
                self._ids_by_token[token] = query_id
            self._save()
            return query_id

    def get(self, query_id: str) -> NamedQuery:
        """Find a query.

        Raises:
            ApiError: There is none.
        """
        with self._lock:
            return self._find(query_id)

    def ids(self, work_group: str) -> list[str]:
        """The ids of a workgroup's queries."""
        with self._lock:
            return self._ids(work_group)

    def delete(self, query_id: str) -> None:
        """Forget a query.

        Raises:
            ApiError: There is none.
        """
        with self._lock:
            self._find(query_id)
            self._forget(query_id)

    def delete_all(self, work_group: str) -> None:
        """Forget a workgroup's queries."""
        with self._lock:
            for query_id in self._ids(work_group):
                self._forget(query_id)

    def _find(self, query_id: str) -> NamedQuery:
        if query_id not in self._queries:
            # Terraform's provider knows by these words that it is gone.
            raise _refusal(f"NamedQuery {query_id} does not exist")
        return self._queries[query_id]

    def _ids(self, work_group: str) -> list[str]:
        return sorted(k for k, query in self._queries.items() if query["WorkGroup"] == work_group)

    def _forget(self, query_id: str) -> None:
        del self._queries[query_id]
        tokens = {k: known_id for k, known_id in self._ids_by_token.items() if known_id != query_id}
        self._ids_by_token = tokens
        self._save()

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.with_suffix(".new")
        kept = {"queries": self._queries, "ids_by_token": self._ids_by_token}
        written.write_text(json.dumps(kept, indent=1))
        written.replace(self._path)


def _refusal(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message, AthenaErrorCode="INVALID_INPUT")
