"""Start and stop MiniStack, Trino and the server, together."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Literal, Self, overload

import boto3
from botocore.config import Config

from local_athena.aws_environment import ACCOUNT_ID, REGION, SECRET_KEY, aws_environment
from local_athena.errors import LocalAthenaError
from local_athena.jars import locked, trino_jars
from local_athena.java import find_jdk
from local_athena.ministack_process import MiniStack, ministack_command, ministack_is_ready
from local_athena.ports import LOOPBACK, free_ports
from local_athena.processes import Command, Group, Running, start, stop
from local_athena.progress import Report
from local_athena.s3_requests import s3_requests
from local_athena.server_process import server_command, server_is_ready
from local_athena.state import State, forget_state, read_state, write_state
from local_athena.trino_process import trino_command, trino_is_ready
from local_athena.waiting import Awaited, wait_until_ready

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client

BUCKET: Final = "athena"
HEAP_GB: Final = 2
STATEMENT_LOG: Final = "statements.jsonl"


class RunsAlreadyError(LocalAthenaError):
    """A whole instance runs in the home."""

    def __init__(self, home: Path, state: State) -> None:
        """Refuse to start a second one."""
        super().__init__(f"A local Athena runs in {home} already.")
        self.state = state


def to_stderr(text: str) -> None:
    """Report to standard error."""
    print(text, file=sys.stderr, flush=True)  # noqa: T201


class LocalAthena:
    """An Athena of one's own, as long as the block.

    It ends with this process, even if that is killed. Several can run side by side, each in a home
    of its own.
    """

    def __init__(
        self,
        home: Path,
        *,
        report: Report = to_stderr,
        bucket: str = BUCKET,
        ministack: MiniStack | None = None,
        heap_gb: int = HEAP_GB,
    ) -> None:
        """Describe it; nothing is started.

        Args:
            home: Holds everything of it: logs, configuration, what runs.
            report: Told what is going on, at least every three seconds.
            bucket: Made, for tables and results.
            ministack: What is started for MiniStack, if not S3, Glue and STS alone.
            heap_gb: Trino's heap; a query may take all but 1 GB of it.
        """
        self.home = home.absolute()
        self._report = report
        self._bucket = bucket
        self._ministack = ministack or MiniStack()
        self._heap_gb = heap_gb
        self._group: Group | None = None
        self._state: State | None = None

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            LocalAthenaError: It cannot be started, or runs already; the sentence says what to do.
        """
        self._group = Group()
        try:
            self._state = start_all(
                self.home, self._report, self._bucket, self._group, self._ministack, self._heap_gb
            )
        except BaseException:
            self._group.kill()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Stop it."""
        self.stop()

    @property
    def environment(self) -> Mapping[str, str]:
        """What a client of AWS must have in its environment to come here.

        Raises:
            LocalAthenaError: It does not run.
        """
        return self._running.environment

    @property
    def statement_log(self) -> Path:
        """The log of what each Athena statement became on Trino: lines of JSON."""
        return self.home / STATEMENT_LOG

    def s3_requests(self) -> Mapping[str, int]:
        """Return how many requests Trino has sent to S3, by operation, such as `PutObject`.

        Raises:
            LocalAthenaError: It does not run.
        """
        return s3_requests(self._running.trino_port)

    @property
    def _running(self) -> State:
        if self._state is None:
            raise LocalAthenaError("LocalAthena does not run: use it in a `with` statement.")
        return self._state

    @overload
    def client(self, service: Literal["athena"]) -> AthenaClient: ...
    @overload
    def client(self, service: Literal["glue"]) -> GlueClient: ...
    @overload
    def client(self, service: Literal["s3"]) -> S3Client: ...
    def client(self, service: str) -> Any:
        """Return a client of a service."""
        return client(self.environment, service)

    def stop(self) -> None:
        """Stop what was started, and nothing else."""
        if self._state is not None:
            stop_all(self.home, self._state, self._report)
            self._state = None
        if self._group is not None:
            self._group.kill()
            self._group = None


def client(environment: Mapping[str, str], service: str) -> Any:
    """Return a client of a service, whatever this process's own environment says."""
    url = environment.get(f"AWS_ENDPOINT_URL_{service.upper()}", environment["AWS_ENDPOINT_URL"])
    make: Callable[..., Any] = boto3.session.Session().client
    return make(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=ACCOUNT_ID,
        aws_secret_access_key=SECRET_KEY,
        config=Config(proxies={}),
    )


def start_all(
    home: Path,
    report: Report,
    bucket: str,
    group: Group | None,
    ministack: MiniStack,
    heap_gb: int = HEAP_GB,
) -> State:
    """Start everything in a home and wait until it can be used.

    Args:
        home: Made if need be.
        report: Told what is going on.
        bucket: Made, for tables and results.
        group: What it ends with; None: it outlives this process.
        ministack: What is started for MiniStack.
        heap_gb: Trino's heap.

    Raises:
        RunsAlreadyError: It runs already; another process that starts it is waited for.
        LocalAthenaError: It cannot be started; the sentence says what to do.
    """
    with locked(home, report):
        _make_room(home, report)
        jdk = find_jdk()
        jars = trino_jars(jdk, report)

        aws_port, trino_port, server_port = free_ports(3)
        aws, trino, server = (
            f"http://{LOOPBACK}:{port}" for port in (aws_port, trino_port, server_port)
        )
        environment = aws_environment(ministack=aws, server=server)
        running: list[Running] = []

        def begin(command: Command) -> Running:
            """Start a process and write it down at once, should this one be killed."""
            running.append(start(command, group))
            write_state(home, State(running, environment))
            return running[-1]

        try:
            report("Starting MiniStack and Trino")
            ministack_process = begin(
                ministack_command(
                    home / "ministack", port=aws_port, athena=server, ministack=ministack
                )
            )
            trino_process = begin(
                trino_command(
                    home / "trino",
                    jdk,
                    jars,
                    port=trino_port,
                    aws=aws,
                    glue=server,
                    bucket=bucket,
                    heap_gb=heap_gb,
                )
            )
            wait_until_ready([Awaited(ministack_process, lambda: ministack_is_ready(aws))], report)
            client(environment, "s3").create_bucket(Bucket=bucket)
            (home / STATEMENT_LOG).unlink(missing_ok=True)
            server_process = begin(
                server_command(home / "server", port=server_port, trino=trino, aws=aws, home=home)
            )
            wait_until_ready(
                [
                    Awaited(server_process, lambda: server_is_ready(server)),
                    Awaited(trino_process, lambda: trino_is_ready(trino_port)),
                ],
                report,
            )
            state = State(running, environment, ready=True, trino_port=trino_port)
            write_state(home, state)
        except BaseException:
            stop(running, report)
            forget_state(home)
            raise
        return state


def stop_all(home: Path, state: State, report: Report) -> None:
    """Stop an instance, in any process."""
    stop(state.processes, report)
    forget_state(home)


def _make_room(home: Path, report: Report) -> None:
    """See to it that nothing runs in a home any more.

    Raises:
        RunsAlreadyError: A whole instance does.
    """
    state = read_state(home)
    if state is None:
        return
    if state.whole:
        raise RunsAlreadyError(home, state)
    if state.alive:
        names = " and ".join(process.name for process in state.alive)
        report(f"Stopping what is left of a local Athena in {home}: {names}")
    stop_all(home, state, report)
