from __future__ import annotations

from pathlib import Path

import pytest

from local_athena import java
from local_athena.errors import LocalAthenaError
from local_athena.java import find_jdk, find_maven, major_version


@pytest.fixture(autouse=True)
def _no_java_of_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("JAVA_HOME", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(java, "_USUAL_PLACES", (str(tmp_path / "jvm" / "*"),))


def fake_java(home: Path, version: str, *, compiler: bool = True) -> Path:
    """Make a JDK that says of itself what `java -version` says."""
    bin_folder = home / "bin"
    bin_folder.mkdir(parents=True)
    (bin_folder / "java").write_text(f"#!/bin/sh\necho 'openjdk version \"{version}\"' >&2\n")
    (bin_folder / "java").chmod(0o755)
    if compiler:
        (bin_folder / "javac").write_text("#!/bin/sh\n")
        (bin_folder / "javac").chmod(0o755)
    return home


@pytest.mark.parametrize(
    ("text", "major"),
    [
        ('openjdk version "25.0.3" 2026-04-15 LTS', 25),
        ('openjdk version "25" 2025-09-16', 25),
        ('java version "1.8.0_452"', 1),
        ('openjdk version "25-ea" 2025-09-16', 25),
        ("command not found", None),
    ],
)
def test_the_major_version_is_read_from_what_java_says(text: str, major: int | None) -> None:
    assert major_version(text) == major


def test_no_jdk_is_one_sentence_with_the_command_to_get_it() -> None:
    with pytest.raises(LocalAthenaError) as caught:
        find_jdk()

    sentence = str(caught.value)
    assert "needs a JDK 25, and there is none" in sentence
    assert "install" in sentence
    assert "JAVA_HOME" in sentence
    assert "\n" not in sentence


def test_a_jdk_of_another_version_is_named_and_not_taken(tmp_path: Path) -> None:
    home = fake_java(tmp_path / "jvm" / "jdk-17", "17.0.15")

    with pytest.raises(LocalAthenaError, match=f"found only: 17 in {home}"):
        find_jdk()


def test_a_java_without_a_compiler_is_not_taken(tmp_path: Path) -> None:
    fake_java(tmp_path / "jvm" / "jre-25", "25.0.1", compiler=False)

    with pytest.raises(LocalAthenaError, match="needs a JDK 25"):
        find_jdk()


def test_a_jdk_in_the_usual_places_is_found_behind_a_wrong_java_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", str(fake_java(tmp_path / "old", "17.0.15")))
    fake_java(tmp_path / "jvm" / "jdk-21", "21.0.2")
    right = fake_java(tmp_path / "jvm" / "jdk-25", "25.0.3")

    assert find_jdk().home == right


def test_java_home_comes_before_the_usual_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_java(tmp_path / "jvm" / "jdk-25", "25.0.3")
    chosen = fake_java(tmp_path / "chosen", "25.0.1")
    monkeypatch.setenv("JAVA_HOME", str(chosen))

    assert find_jdk().home == chosen


def test_the_java_of_the_path_is_found_through_its_link(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = fake_java(tmp_path / "somewhere", "25.0.3")
    path = tmp_path / "path"
    path.mkdir()
    (path / "java").symlink_to(home / "bin" / "java")
    monkeypatch.setenv("PATH", str(path))

    assert find_jdk().home == home


def test_no_maven_is_one_sentence_with_the_command_to_get_it() -> None:
    with pytest.raises(LocalAthenaError, match=r"no mvn on the PATH: .*install maven\.$"):
        find_maven()
