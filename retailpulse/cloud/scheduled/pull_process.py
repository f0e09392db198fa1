"""`pull <source>` of the entry point: a pull in this process, with its clients and its end told."""

from __future__ import annotations

import json
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from ingestion.ingester import Ingester
from ingestion.known_types import KNOWN_EVENT_TYPES
from ingestion.raw_zone import S3RawZone
from ingestion.sources.s3_state_store import S3StateStore
from retailpulse.cloud.scheduled.interruption import Interruption, StoppedError
from retailpulse.cloud.scheduled.listed_types import listed_types
from retailpulse.cloud.scheduled.outcome import ErrorName, Failure
from retailpulse.cloud.scheduled.pull_lines import PullLines
from retailpulse.cloud.scheduled.pulling import SourcePull, address_of, find_source
from retailpulse.cloud.scheduled.settings import read_pull_settings
from retailpulse.cloud.scheduled.transient import is_transient
from retailpulse.errors import RetailPulseError

_TIMEOUTS: Final = {"connect_timeout": 3, "read_timeout": 15}
# The ingester retries, and knows its own puts again.
_ONCE: Final = Config(retries={"total_max_attempts": 1}, **_TIMEOUTS)  # type: ignore[arg-type]
_RETRIED: Final = Config(retries={"mode": "standard", "total_max_attempts": 5}, **_TIMEOUTS)  # type: ignore[arg-type]


@dataclass(slots=True)
class PullProcess:
    """Pulls sources, one at a time, until it is stopped.

    Attributes:
        project: The project's folder.
        environment: All variables.
        log: Told each line, without its line break.
    """

    project: Path
    environment: Mapping[str, str]
    log: Callable[[str], None]
    _interruption: Interruption = field(default_factory=Interruption)

    def run(self, source: str) -> Failure | None:
        """Pull a source; return why that failed."""
        try:
            return self._interruption.run(lambda: self._pull(source))
        except StoppedError as error:
            # As of dbt: where there is one left to report to, somebody else stopped the container.
            return Failure(ErrorName.TRANSIENT, f"the pull was stopped: {error}")
        except RetailPulseError as error:
            return Failure(ErrorName.RUN_FAILED, str(error))
        except (ClientError, BotoCoreError) as error:
            name = ErrorName.TRANSIENT if is_transient(str(error)) else ErrorName.RUN_FAILED
            return Failure(name, f"{source}: AWS refuses what a pull needs: {error}")
        except Exception as error:
            # Not its text, which may hold a value of a row.
            kind, stack = type(error).__name__, traceback.format_tb(error.__traceback__)
            self.log(json.dumps({"event": "unexpected", "error": kind, "stack": stack}))
            told = f"{source}: {kind}, which is a fault of ours: the log has where"
            return Failure(ErrorName.RUN_FAILED, told)

    def stop(self, because: str) -> None:
        """Stop the pull, from any thread. It goes on where it was when it is next started."""
        self._interruption.stop(because)

    def handle(self, received: int, frame: object) -> None:
        """Stop the pull, as a signal's handler."""
        self._interruption.handle(received, frame)

    def _pull(self, name: str) -> Failure | None:
        settings = read_pull_settings(self.environment)
        source = find_source(self.project, name)
        address = address_of(source, self.environment)
        raw = settings.raw
        pull = SourcePull(
            source,
            self.project,
            Ingester(S3RawZone(boto3.client("s3", config=_ONCE), raw.bucket, raw.prefix)),
            S3StateStore(
                boto3.client("s3", config=_RETRIED), raw.bucket, f"{raw.prefix}pulled/{source.name}"
            ),
            # What this image does not know would land as unknown.
            listed_types(boto3.client("glue", config=_RETRIED), *settings.raw_table)
            & KNOWN_EVENT_TYPES.keys(),
            ".".join(settings.raw_table),
            PullLines(source.name, self.log),
        )
        return pull.run(address)
