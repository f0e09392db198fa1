from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from local_athena.__main__ import main
from local_athena.aws_environment import aws_environment, shell_lines, without_aws
from local_athena.errors import LocalAthenaError
from local_athena.java import Jdk
from local_athena.life_cycle import client
from local_athena.ports import LOOPBACK, free_ports
from local_athena.processes import Command, Group, Running, start, start_time, stop
from local_athena.server_process import server_command
from local_athena.state import State, forget_state, read_state, write_state
from local_athena.tests.support.serving import served
from local_athena.tests.support.waiting import until
from local_athena.trino_process import class_archive, filled, query_trino, trino_command
from local_athena.waiting import Awaited, wait_until_ready

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment


def ignore(text: str) -> None:
    pass


def shell(folder: Path, text: str) -> Command:
    return Command("Sleeper", ["/bin/sh", "-c", text], dict(os.environ), folder)


@pytest.fixture
def group() -> Iterator[Group]:
    group = Group()
    yield group
    group.kill()


def test_free_ports_differ_and_avoid_one_that_is_taken() -> None:

    with socket.socket() as taken:
        taken.bind((LOOPBACK, 0))
        taken.listen()
        ports = free_ports(50)
        assert len(set(ports)) == 50
        assert taken.getsockname()[1] not in ports


def test_a_child_that_dies_while_it_starts_ends_the_wait_with_its_last_lines(
    tmp_path: Path, group: Group
) -> None:
    running = start(shell(tmp_path, "echo first; echo the disk is full; exit 3"), group)

    with pytest.raises(LocalAthenaError) as caught:
        wait_until_ready([Awaited(running, lambda: False)], ignore)

    assert str(caught.value) == (
        f"Sleeper ended while it was starting; its log, {tmp_path / 'log'}, ends with:\n"
        "first\nthe disk is full"
    )


def test_a_child_that_is_never_ready_is_not_waited_for_without_end(
    tmp_path: Path, group: Group
) -> None:
    running = start(shell(tmp_path, "echo thinking; sleep 60"), group)

    with pytest.raises(LocalAthenaError, match=r"(?s)not ready within 0 s; .*thinking"):
        wait_until_ready([Awaited(running, lambda: False)], ignore, seconds=0.3)


def test_a_slow_probe_does_not_silence_the_report(
    tmp_path: Path, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_athena.progress.REPORT_SECONDS", 0.2)
    running = start(shell(tmp_path, "sleep 60"), group)
    told: list[str] = []

    def slow_probe() -> bool:
        time.sleep(1)
        return True

    wait_until_ready([Awaited(running, slow_probe)], told.append)

    assert sum(text.startswith("Waiting for Sleeper (") for text in told) >= 3
    assert told[-1].startswith("Sleeper is ready after 1.")


def test_stop_asks_first_and_kills_what_does_not_listen(tmp_path: Path, group: Group) -> None:
    polite = start(
        shell(tmp_path / "a", "trap 'echo bye; exit' TERM; echo up; while :; do sleep 0.05; done"),
        group,
    )
    deaf = start(
        shell(tmp_path / "b", "trap '' TERM; echo up; while :; do sleep 0.05; done"), group
    )
    assert until(lambda: all("up" in each.last_lines() for each in (polite, deaf)))

    stop([polite, deaf], ignore, seconds=1)

    assert not polite.is_alive()
    assert polite.last_lines() == "up\nbye"
    assert not deaf.is_alive()


def test_children_do_not_outlive_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = f"""
import os, sys, time
from pathlib import Path
from local_athena.processes import Command, Group, start
group = Group()
command = Command("x", ["/bin/sh", "-c", "sleep 60 & wait"], {{}}, Path({str(tmp_path)!r}))
running = start(command, group)
print(running.pid, group.id, flush=True)
time.sleep(60)
"""
    with subprocess.Popen(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pids = [int(pid) for pid in parent.stdout.readline().split()]
        assert all(start_time(pid) for pid in pids)
        parent.kill()

    assert until(lambda: not any(start_time(pid) for pid in pids))


def test_without_a_group_a_process_outlives_its_parent(tmp_path: Path) -> None:
    program = f"""
from pathlib import Path
from local_athena.processes import Command, start
print(start(Command("x", ["/bin/sleep", "60"], {{}}, Path({str(tmp_path)!r})), None).pid)
"""
    parent = subprocess.run(
        [sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True
    )
    pid = int(parent.stdout)
    assert start_time(pid)
    os.kill(pid, signal.SIGKILL)


def test_a_state_that_was_written_down_is_found_again(tmp_path: Path, group: Group) -> None:
    running = start(shell(tmp_path / "x", "sleep 60"), group)
    write_state(tmp_path, State([running], {"AWS_REGION": "x"}, ready=True))

    state = read_state(tmp_path)
    assert state is not None
    assert list(state.alive) == [running]
    assert state.environment == {"AWS_REGION": "x"}
    assert state.whole

    stop([running], ignore)
    assert list(state.dead) == [running]
    assert not state.whole
    forget_state(tmp_path)
    assert read_state(tmp_path) is None


def test_a_start_that_was_cut_short_is_no_instance_and_the_next_one_replaces_it(
    tmp_path: Path,
    group: Group,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def no_jdk() -> Jdk:
        raise LocalAthenaError("There is no JDK.")

    # So far the next start goes here: to where there is room for it.
    monkeypatch.setattr("local_athena.life_cycle.find_jdk", no_jdk)
    left = start(shell(tmp_path / "x", "sleep 60"), group)
    environment = aws_environment(ministack="http://127.0.0.1:1", server="http://127.0.0.1:2")
    write_state(tmp_path, State([left], environment))

    assert main(["status", "--home", str(tmp_path)]) == 1
    assert "still starting, or its start was cut short" in capsys.readouterr().out
    assert main(["up", "--home", str(tmp_path)]) == 1

    told = capsys.readouterr()
    assert "runs already" not in told.out
    assert "There is no JDK." in told.err
    assert not left.is_alive()
    assert read_state(tmp_path) is None


def test_a_state_file_of_before_it_said_so_is_not_ready(tmp_path: Path) -> None:
    (tmp_path / "state.json").write_text('{"processes": [], "environment": {}}')

    state = read_state(tmp_path)

    assert state is not None
    assert not state.whole


def test_a_pid_that_belongs_to_something_else_is_neither_alive_nor_stopped(
    tmp_path: Path, group: Group
) -> None:
    other = start(shell(tmp_path, "sleep 60"), group)
    stale = Running("Trino", other.pid, other.started + "0", tmp_path / "log")

    assert not stale.is_alive()
    stop([stale], ignore, seconds=0.1)
    assert replace(other, child=None).is_alive()


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"processes": [{}], "environment": {}}'])
def test_a_state_file_that_cannot_be_made_out_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "state.json").write_text(text)

    assert read_state(tmp_path) is None


@pytest.mark.parametrize(
    ("content", "stays"), [(b"", False), (bytes(9), False), (b"\xb8\xba\x0f\xf0", True)]
)
def test_an_archive_of_classes_that_was_never_finished_goes(
    tmp_path: Path, content: bytes, stays: bool
) -> None:
    (tmp_path / "classes.jsa").write_bytes(content)

    assert class_archive(tmp_path).exists() == stays


VALUES = {
    "port": "18080",
    "plugins": "/jars/plugin",
    "catalogs": "/home/catalog",
    "aws": "http://127.0.0.1:4566",
    "glue": "http://127.0.0.1:4567",
    "bucket": "lake",
    "query_memory": "1GB",
    "region": "us-east-1",
    "access_key": "123456789012",
    "secret_key": "secret",
}


def properties(template: str) -> dict[str, str]:
    lines = filled(template, **VALUES).splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_trino_is_told_its_port_and_to_keep_to_the_loopback_interface() -> None:
    config = properties("config.properties")

    assert config["http-server.http.port"] == "18080"
    assert config["discovery.uri"] == "http://127.0.0.1:18080"
    assert config["node.bind-ip"] == "127.0.0.1"
    assert config["task.max-writer-count"] == "1"


@pytest.mark.parametrize("catalog", ["awsdatacatalog.properties", "hive.properties"])
def test_a_catalog_goes_to_the_emulated_aws_only(catalog: str) -> None:
    config = properties(catalog)

    assert config["s3.endpoint"] == VALUES["aws"]
    assert config["hive.metastore.glue.endpoint-url"] == VALUES["glue"]
    assert config["hive.metastore.glue.default-warehouse-dir"] == "s3://lake/warehouse/"
    assert not [value for value in config.values() if "$" in value]


def test_a_template_without_a_value_is_refused() -> None:
    with pytest.raises(KeyError):
        filled("config.properties", port="1")


def test_what_a_shell_sources_replaces_what_was_there() -> None:
    environment = aws_environment(ministack="http://127.0.0.1:1", server="http://127.0.0.1:2")
    script = shell_lines(environment) + "env"

    result = subprocess.run(
        ["/bin/sh", "-ec", script],
        env={"AWS_PROFILE": "production", "AWS_ENDPOINT_URL_S3": "x", "AWS_REGION": "eu-west-1"},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )

    told = dict(line.split("=", 1) for line in result.stdout.splitlines())
    assert environment == {
        name: value
        for name, value in told.items()
        if name.startswith("AWS_") or name in ("NO_PROXY", "no_proxy")
    }


def test_what_is_started_knows_nothing_of_the_users_aws() -> None:
    assert without_aws({"AWS_PROFILE": "production", "PATH": "/bin"}) == {"PATH": "/bin"}


@pytest.mark.parametrize(
    ("given", "past"),
    [
        ({}, "127.0.0.1"),
        ({"NO_PROXY": "corp.example"}, "corp.example,127.0.0.1"),
        ({"NO_PROXY": "other", "no_proxy": "corp.example"}, "corp.example,127.0.0.1"),
        ({"no_proxy": "127.0.0.1,corp.example"}, "127.0.0.1,corp.example"),
        ({"no_proxy": "*"}, "*"),
    ],
)
def test_clients_and_what_is_started_are_told_to_go_past_a_proxy(
    given: dict[str, str], past: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    url, jdk = "http://127.0.0.1:1", Jdk(tmp_path, "25")
    trino = trino_command(
        tmp_path, jdk, tmp_path, port=1, aws=url, glue=url, bucket="lake", heap_gb=2
    )
    server = server_command(tmp_path, port=1, trino=url, aws=url, home=tmp_path)

    told = [aws_environment(ministack=url, server=url), trino.environment, server.environment]

    assert [each["NO_PROXY"] for each in told] == [past] * 3
    assert [each["no_proxy"] for each in told] == [past] * 3


def answer_as_trino_and_glue(
    environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    start_response("200 OK", [("Content-Type", "application/json")])
    column = {"name": "n", "type": "bigint", "typeSignature": {"rawType": "bigint"}}
    trino = {"id": "q", "infoUri": "", "stats": {"state": "FINISHED"}}
    glue = {"DatabaseList": [{"Name": "sales"}]}
    return [json.dumps({**trino, **glue, "columns": [column], "data": [[1]]}).encode()]


def test_what_asks_this_machine_asks_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)

    with served(answer_as_trino_and_glue) as url:
        glue = client({"AWS_ENDPOINT_URL": url}, "glue")
        assert glue.get_databases()["DatabaseList"] == [{"Name": "sales"}]
        assert query_trino(int(url.rpartition(":")[2]), "select 1") == [[1]]
