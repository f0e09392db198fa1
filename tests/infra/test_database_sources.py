"""infra/main reads the files of ingestion/sources and ingestion/feeds, as the others do."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from ingestion.sources.databases.settings import read_sources
from tests.support.infra.terraform import terraform

PROJECT = Path(__file__).parents[2]
SOURCES = Path(__file__).parent / "sources"
TESTS = "sources.tftest.hcl"


def test_sources_are_what_their_files_say(tmp_path: Path) -> None:
    for name in ("infra", "ingestion"):
        ignored = shutil.ignore_patterns(".terraform*", "__pycache__")
        shutil.copytree(PROJECT / name, tmp_path / name, ignore=ignored)
    folder = tmp_path / "ingestion/sources"
    for file in folder.glob("*.yml"):
        file.unlink()
    for file in SOURCES.glob("*.yml"):
        shutil.copy(file, folder)
    (tmp_path / "dbt_project.yml").write_text("vars: {disabled_sources: [grocery_products]}")
    main = tmp_path / "infra/main"
    shutil.copy(SOURCES / TESTS, main / "tests")

    terraform(main, "init", "-backend=false")
    said = terraform(main, "test", f"-filter=tests/{TESTS}")

    assert re.search("^Success! [1-9][0-9]* passed, 0 failed", said, re.MULTILINE)


def test_the_event_types_of_terraforms_test_are_the_pullers() -> None:
    expected = (SOURCES / TESTS).read_text(encoding="utf-8")
    for source in read_sources(SOURCES):
        types = " ".join(sorted(table.event_type for table in source.tables))
        assert f'{source.name} = "{types}"' in expected
