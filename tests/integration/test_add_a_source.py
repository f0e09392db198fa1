"""Each block of "Add a source", in the order it is told, in a copy of the project."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.support.progress import run
from tests.support.project.copies import copy_project, install
from tests.support.road.add_a_source import STEPS


def test_its_blocks_do_what_it_says(tmp_path: Path) -> None:
    project = tmp_path / "project"
    copy_project(project)
    environment = install(project) | {"RETAILPULSE_HOME": str(tmp_path / "lakehouse")}

    told = []
    for step in STEPS:
        if step["path"]:
            (project / step["path"]).parent.mkdir(exist_ok=True)
            (project / step["path"]).write_text(step["content"], encoding="utf-8")
            continue
        done = run(
            ["bash", "-euo", "pipefail", "-c", step["commands"]],
            cwd=project,
            env=os.environ | environment,
        )
        assert done.returncode == 0, (step["commands"], done.stdout)
        told.append(done.stdout)

    _, returns, points, suppliers = told
    assert re.search(r"order_returned\W+o1\W+too small", returns), returns
    assert re.search(r"r2\W+missing_field\W+order_id", returns), returns
    assert re.search(r"k1\W+170\b", points), points
    assert re.search(r"landed_count\W.*\n.*\b2\W+2\W+0\W+0\b", points, re.DOTALL), points
    assert re.search(r"s2\W+Linen Mill\W+IE", suppliers), suppliers
    assert not re.search(r"s1\W+Porcelain", suppliers), suppliers
    states = r"(s[12])\W+(\w*)\W+(\d{4}-\d\d-\d\d)[T0-9:]+\W+(\d{4}-\d\d-\d\d)"
    assert re.findall(states, suppliers) == [
        ("s1", "false", "1970-01-01", "2026-01-11"),
        ("s1", "true", "2026-01-11", "2026-01-12"),
        ("s2", "NULL", "1970-01-01", "9999-12-31"),
    ]
