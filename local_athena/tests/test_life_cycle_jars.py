from __future__ import annotations

import shutil
import time
from pathlib import Path
from threading import Thread

import pytest

from local_athena import jars
from local_athena.errors import LocalAthenaError
from local_athena.jars import Downloads, cache_folder, jars_key, locked, trino_jars
from local_athena.java import Jdk
from local_athena.trino_process import TEMPLATES

LOG = """\
[INFO] Downloading from central: https://example.org/io/trino/trino-main/476/trino-main-476.jar
[INFO] Downloaded from central: https://example.org/trino-main-476.pom (12 kB at 3.0 MB/s)
[INFO] Downloaded from central: https://example.org/trino-main-476.jar (9.1 MB at 3.0 MB/s)
[INFO] Downloaded from central: https://example.org/aopalliance-1.0.jar (500 kB at 1 MB/s)
[INFO] Downloaded from central: https://example.org/empty-1.jar (430 B at 1 kB/s)
"""


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LOCAL_ATHENA_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def jdk(tmp_path: Path) -> Jdk:
    """A JDK whose compiler makes a class of anything."""
    script(tmp_path / "jdk" / "bin" / "javac", 'mkdir -p "$4" && touch "$4/Main.class"')
    return Jdk(tmp_path / "jdk", "25")


def script(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)


def use_maven(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, text: str) -> None:
    script(tmp_path / "mvn", text)
    monkeypatch.setattr(jars, "find_maven", lambda: tmp_path / "mvn")


# As Maven does, it puts jars where -Djars says.
GOOD_MAVEN = (
    "for a; do case $a in -Djars=*) d=${a#-Djars=};; esac; done\n"
    'echo run >> "$0.runs"; mkdir -p "$d/lib" "$d/plugin/iceberg"; touch "$d/lib/trino.jar"'
)


def ignore(text: str) -> None:
    pass


def test_the_key_follows_every_source_and_nothing_else(tmp_path: Path) -> None:
    copy = tmp_path / "trino"
    shutil.copytree(TEMPLATES, copy)
    key = jars_key(copy)
    assert key == jars_key(TEMPLATES)

    (copy / "config.properties").write_text("other")
    assert jars_key(copy) == key

    keys = {key}
    for source in ("pom.xml", "server/pom.xml", "plugin/pom.xml", "Main.java"):
        (copy / source).write_text((copy / source).read_text() + "\n")
        keys.add(jars_key(copy))
    assert len(keys) == 5


def test_the_cache_is_the_users_own_and_can_be_moved(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("LOCAL_ATHENA_CACHE", raising=False)
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert cache_folder() == Path.home() / ".cache" / "local-athena"
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache_folder() == tmp_path / "local-athena"
    monkeypatch.setenv("LOCAL_ATHENA_CACHE", str(tmp_path / "own"))
    assert cache_folder() == tmp_path / "own"


def test_downloads_are_counted_by_jars() -> None:
    downloads = Downloads.read(LOG)

    assert downloads.count == 3
    assert downloads.megabytes == pytest.approx(9.6, abs=0.01)


def test_two_at_once_fetch_once(
    cache: Path, jdk: Jdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_maven(monkeypatch, tmp_path, GOOD_MAVEN)
    threads = [Thread(target=trino_jars, args=(jdk, ignore)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    folder = trino_jars(jdk, ignore)
    assert (tmp_path / "mvn.runs").read_text() == "run\n"
    assert sorted(path.name for path in (folder / "lib").iterdir()) == ["main.jar", "trino.jar"]
    assert [path.name for path in (folder / "plugin" / "iceberg").iterdir()] == ["services.jar"]


def test_a_failed_fetch_says_why_and_leaves_nothing_that_looks_whole(
    cache: Path, jdk: Jdk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cause = "Failed to collect dependencies: Unknown host repo.maven.apache.org"
    use_maven(monkeypatch, tmp_path, f"{GOOD_MAVEN}; echo '[ERROR] {cause} -> [Help 1]'; exit 1")
    with pytest.raises(LocalAthenaError) as caught:
        trino_jars(jdk, ignore)
    assert str(caught.value) == (
        f"Maven could not fetch Trino's jars: {cause}. Its log is {cache / 'maven' / 'log'}."
    )
    assert not list(cache.glob("trino-*"))

    use_maven(monkeypatch, tmp_path, GOOD_MAVEN)
    assert trino_jars(jdk, ignore).exists()
    assert not list(cache.glob("fetching-*"))


def test_who_waits_for_a_lock_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("local_athena.progress.REPORT_SECONDS", 0.1)
    told: list[str] = []

    def second() -> None:
        with locked(tmp_path, told.append):
            told.append("in")

    with locked(tmp_path, ignore):
        thread = Thread(target=second)
        thread.start()
        time.sleep(0.6)
        assert told[0].startswith(f"Waiting for another process that is at work in {tmp_path}")
        assert "in" not in told
    thread.join()
    assert told[-1] == "in"
