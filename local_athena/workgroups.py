"""Workgroups: where results go, what a statement may read, who may start one."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from local_athena.errors import ApiError
from local_athena.result_files import split_location

PRIMARY: Final = "primary"
ENGINE: Final = "Athena engine version 3"
# What a workgroup may select, the default first; either is the one engine that there is.
ENGINE_VERSIONS: Final = [
    {"SelectedEngineVersion": selected, "EffectiveEngineVersion": ENGINE}
    for selected in ("AUTO", ENGINE)
]
ENGINE_VERSION: Final = ENGINE_VERSIONS[0]

# Names as the API has them; the shapes are Athena's, so that Get answers what Create was given.
WorkGroup = dict[str, Any]


@dataclass(frozen=True)
class Limits:
    """What a workgroup says of one statement."""

    # Bucket, and prefix that is empty or ends with a slash.
    output: tuple[str, str]
    # Bytes; None for no limit.
    scan_limit: int | None


def _refusal(message: str) -> ApiError:
    return ApiError("InvalidRequestException", message, AthenaErrorCode="INVALID_INPUT")


class WorkGroups:
    """Every workgroup, kept in a small JSON file."""

    def __init__(self, path: Path) -> None:
        """Read the file; if there is none, there is only `primary`."""
        self._path = path
        self._lock = threading.Lock()
        self._work_groups: dict[str, WorkGroup] = {}
        self._tags: dict[str, dict[str, str]] = {}
        if path.exists():
            kept = json.loads(path.read_text())
            self._work_groups, self._tags = kept["work_groups"], kept["tags"]
        else:
            self._work_groups[PRIMARY] = _new_work_group(
                PRIMARY, {"EnforceWorkGroupConfiguration": False}
            )

    def get(self, name: str) -> WorkGroup:
        """Find a workgroup.

        Raises:
            ApiError: There is none.
        """
        with self._lock:
            return self._find(name)

    def list(self) -> list[WorkGroup]:
        """All of them, by name."""
        with self._lock:
            return [self._work_groups[name] for name in sorted(self._work_groups)]

    def create(
        self,
        name: str,
        configuration: Mapping[str, Any],
        description: str | None,
        tags: Mapping[str, str],
    ) -> None:
        """Create a workgroup.

        Raises:
            ApiError: There is one, its output location is none, or its engine is not there.
        """
        _check_location(configuration.get("ResultConfiguration", {}))
        with self._lock:
            if name in self._work_groups:
                raise _refusal("WorkGroup is already created")
            self._work_groups[name] = _new_work_group(name, configuration)
            if description is not None:
                self._work_groups[name]["Description"] = description
            self._tags[name] = dict(tags)
            self._save()

    def update(
        self,
        name: str,
        *,
        updates: Mapping[str, Any],
        description: str | None = None,
        state: str | None = None,
    ) -> None:
        """Change what is given of a workgroup.

        Args:
            name: Which.
            updates: WorkGroupConfigurationUpdates.
            description: None leaves it.
            state: ENABLED or DISABLED; None leaves it.

        Raises:
            ApiError: There is none, or what is given of it cannot be.
        """
        _check_location(updates.get("ResultConfigurationUpdates", {}))
        with self._lock:
            found = self._find(name)
            changed = {**found, "Configuration": _updated(found["Configuration"], updates)}
            if description is not None:
                changed["Description"] = description
            if state is not None:
                changed["State"] = state
            self._work_groups[name] = changed
            self._save()

    def delete(self, name: str) -> None:
        """Delete a workgroup; one that is not there is no error in Athena either.

        Raises:
            ApiError: It is `primary`.
        """
        if name == PRIMARY:
            raise _refusal("The primary workgroup cannot be deleted")
        with self._lock:
            self._work_groups.pop(name, None)
            self._tags.pop(name, None)
            self._save()

    def tags(self, name: str) -> dict[str, str]:
        """A workgroup's tags.

        Raises:
            ApiError: There is no such workgroup.
        """
        with self._lock:
            self._find(name)
            return dict(self._tags.get(name, {}))

    def set_tags(self, name: str, tags: Mapping[str, str]) -> None:
        """Replace a workgroup's tags.

        Raises:
            ApiError: There is no such workgroup.
        """
        with self._lock:
            self._find(name)
            self._tags[name] = dict(tags)
            self._save()

    def limits(self, name: str, client_location: str | None) -> Limits:
        """What holds for a statement that a client starts.

        Args:
            name: The workgroup it is started in.
            client_location: The output location that the client gave, if any. A workgroup that
                enforces its configuration overrides it.

        Raises:
            ApiError: There is no such workgroup, it is disabled, or no location is left.
        """
        work_group = self.get(name)
        if work_group["State"] != "ENABLED":
            raise _refusal(f"WorkGroup {name} is disabled.")
        configuration = work_group["Configuration"]
        location = configuration.get("ResultConfiguration", {}).get("OutputLocation")
        if not configuration["EnforceWorkGroupConfiguration"]:
            location = client_location or location
        if not location:
            raise _refusal(
                "No output location provided. An output location is required either through the "
                "Workgroup result configuration setting or as an API input."
            )
        return Limits(split_location(location), configuration.get("BytesScannedCutoffPerQuery"))

    def _find(self, name: str) -> WorkGroup:
        if name not in self._work_groups:
            raise _refusal("WorkGroup is not found.")
        return self._work_groups[name]

    def _save(self) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        written = self._path.with_suffix(".new")
        kept = {"work_groups": self._work_groups, "tags": self._tags}
        written.write_text(json.dumps(kept, indent=1))
        written.replace(self._path)


def _new_work_group(name: str, configuration: Mapping[str, Any]) -> WorkGroup:
    return {
        "Name": name,
        "State": "ENABLED",
        "Configuration": {
            # Athena's defaults.
            "EnforceWorkGroupConfiguration": True,
            "PublishCloudWatchMetricsEnabled": True,
            "RequesterPaysEnabled": False,
            **configuration,
            "EngineVersion": _engine_version(configuration.get("EngineVersion", {})),
        },
        "CreationTime": time.time(),
    }


def _updated(configuration: Mapping[str, Any], updates: Mapping[str, Any]) -> dict[str, Any]:
    """Apply updates, in which `Remove…` takes a member away and `…Updates` changes an inner one."""
    updated = dict(configuration)
    for key, value in updates.items():
        if key.startswith("Remove"):
            if value:
                updated.pop(key.removeprefix("Remove"), None)
        elif key.endswith("Updates"):
            inner = key.removesuffix("Updates")
            updated[inner] = _updated(configuration.get(inner, {}), value)
        elif key == "EngineVersion":
            updated[key] = _engine_version(value)
        else:
            updated[key] = value
    return updated


def _engine_version(wanted: Mapping[str, str]) -> dict[str, str]:
    """The engine that a workgroup gets which wants this one.

    Raises:
        ApiError: It is not there.
    """
    selected = wanted.get("SelectedEngineVersion", "AUTO")
    for version in ENGINE_VERSIONS:
        if version["SelectedEngineVersion"] == selected:
            return version
    raise _refusal(f"{selected} is not an engine version of this local Athena.")


def _check_location(result_configuration: Mapping[str, Any]) -> None:
    if location := result_configuration.get("OutputLocation"):
        split_location(location)
