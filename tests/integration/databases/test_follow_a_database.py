"""Each block of "Follow a database", in the order it is told, against a real PostgreSQL."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import sys
from pathlib import Path

import psycopg

from tests.support.databases.postgresql_server import Database
from tests.support.progress import run
from tests.support.project.copies import copy_project
from tests.support.road.lakehouse import PROJECT

BINARIES = Path(sys.executable).parent
INSTALLED = ("Makefile", "pyproject.toml", "requirements.txt", "requirements-uv.txt")
STEPS = re.compile(r"(?:`([^`\n]+)`:\n\n)?^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)


def test_its_blocks_do_what_it_says(tmp_path: Path, database: Database) -> None:
    project = tmp_path / "project"
    copy_project(project)
    for name in INSTALLED:
        shutil.copy2(PROJECT / name, project / name)
    (project / ".venv").symlink_to(BINARIES.parent)
    role = str(psycopg.conninfo.conninfo_to_dict(database.reader)["user"])
    environment = {
        # Before the checkout, whose contracts are others.
        "PYTHONPATH": str(project),
        "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
        "RETAILPULSE_HOME": str(tmp_path / "lakehouse"),
        "SHOP_DATABASE_URL": database.reader,
    }

    told = []
    page = (PROJECT / "docs/follow-a-database.md").read_text(encoding="utf-8")
    for path, language, content in STEPS.findall(page):
        if language == "sql":
            # The role is the test's: others of the server are other tests'.
            content = re.sub("create role [^;]+;", "", content)
            database.execute(content.replace("retailpulse_reader", f'"{role}"'))
        elif path:
            (project / path).write_text(content, encoding="utf-8")
        else:
            done = run(
                ["bash", "-euo", "pipefail", "-c", content],
                cwd=project,
                env=os.environ | environment,
            )
            assert done.returncode == 0, (content, done.stdout)
            told.append(done.stdout)

    sources, first, later, compared = told
    assert "shop: public.users is ingestion/contracts/shop/shop_users.json now" in sources
    assert "2 rows of 1 table landed" in re.sub(r"[4-9] rows", "2 rows", first)
    assert re.search(r"1\W+Ana\W+Lisbon\W+12\.300000000", first), first
    assert "the column newsletter (boolean) came: `make sources` takes it up" in later
    assert re.findall(r"(\d)\W+(Lisbon|Porto|Faro|Braga)\W+(true|false)", later) == [
        ("1", "Lisbon", "false"),
        ("1", "Faro", "true"),
        ("2", "Porto", "true"),
        ("3", "Braga", "true"),
    ]
    # Rows that were written just now are read again by polling, whatever their cursor says.
    assert re.search("2 rows, [01] of them changed unseen, 1 deleted", compared), compared
    assert re.findall(r"(\d)\W+(Lisbon|Porto|Faro|Braga|Lagos)\b", compared) == [
        ("1", "Faro"),
        ("3", "Lagos"),
    ]

    with (tmp_path / "lakehouse/pulled/shop.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        refused = run(["retailpulse", "pull"], cwd=project, env=os.environ | environment)
    assert refused.returncode == 1
    assert "another `retailpulse pull` is reading it: let that end" in refused.stdout
