"""The blocks of "Drop files", in the order they are told."""

from __future__ import annotations

import os
import re
from pathlib import Path

from tests.support.databases.followed_page import told_by
from tests.support.progress import run
from tests.support.project.copies import install
from tests.support.project.followed import FEEDS, project_following
from tests.support.road.lakehouse import PROJECT, Lakehouse

PAGE, _, OF_THE_GROCERY = (
    (PROJECT / "docs/drop-files.md").read_text(encoding="utf-8").partition("## A grocery's files")
)

ROWS = re.compile(r"(100\d)\W+(?:(\S+)\W+)??([\d.]+00)\W+(?:EUR\W+)?(Ana|Bo|NULL)")


def never(statement: str) -> None:
    raise AssertionError(statement)


def test_its_blocks_do_what_it_says(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project")
    lakehouse = Lakehouse(tmp_path / "home", project)
    environment = os.environ | install(project) | lakehouse.environment

    sources, first, quarantined, corrected, again, rejected = told_by(
        PAGE, project, environment, never
    )

    receipts = "ingestion/contracts/till_receipts/till_receipts.json"
    assert f"till_receipts is {receipts} now" in sources
    assert "3 rows" not in first
    assert re.search(r"receipts_monday.csv: 4 rows, 1 line that cannot be read", first), first
    assert "till is in the file and not in ingestion/feeds/till_receipts.yml" in one_line(first)
    assert ROWS.findall(first) == [
        ("1001", "2026-01-12T08:15:00", "12.3000", "Ana"),
        ("1002", "2026-01-12T08:20:00", "1204.0000", "Bo"),
        ("1005", "2026-01-12T08:44:00", "8.5000", "Bo"),
    ]
    assert 'data.total: "twelve"' in quarantined
    assert '1004;"2026-01-12 09:40:00;5,00;Bo;1' in quarantined
    assert [(receipt, total, clerk) for receipt, _, total, clerk in ROWS.findall(corrected)] == [
        ("1001", "12.3000", "Ana"),
        ("1002", "204.0000", "NULL"),
        ("1003", "12.0000", "NULL"),
        ("1005", "8.5000", "Bo"),
    ]
    assert "receipts_monday.csv: as delivery 2, nothing landed" in again
    told = "receipts_tuesday.csv: the header has no column sold_at, but receipt, total."
    assert told in one_line(rejected)
    [report] = (lakehouse.home / "rejected").glob("*-receipts_tuesday.csv.report.txt")
    assert "give the column that alias" in report.read_text()
    archived = (lakehouse.home / "archive/till_receipts").glob("dt=*/*")
    assert {path.name for path in archived} == {
        "000001-receipts_monday.csv",
        "000001-receipts_monday.csv.manifest.json",
        "000002-receipts_monday.csv",
        "000002-receipts_monday.csv.manifest.json",
    }
    lakehouse.build("--selector", "hourly", command="test")


def test_what_drop_cannot_take_it_refuses_in_one_sentence(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project")
    environment = os.environ | install(project)
    environment |= Lakehouse(tmp_path / "home", project).environment

    def refused(*arguments: str) -> str:
        done = run(["retailpulse", "drop", *arguments], cwd=project, env=environment)
        assert done.returncode == 2, done.stdout
        assert "Traceback" not in done.stdout
        return one_line(done.stdout)

    told = refused()
    assert "there is no feed: describe files in ingestion/feeds/<name>.yml" in told
    assert ", grocery_products out of disabled_sources in dbt_project.yml" in told
    feeds = project / "ingestion/feeds"
    (feeds / "till.yml").write_text("files: '*.csv'\nkey: id\ncolumns: [{column: id, type: int}]")
    assert "ingestion/feeds/till.yml: columns: type must be one of identifier" in refused()
    (feeds / "till.yml").write_text(
        "files: '*.csv'\nkey: id\ncolumns: [{column: id, type: identifier}]"
    )
    assert "till has no contract: `make sources` writes it" in refused()
    assert "nothing.csv is no file that can be dropped" in refused("nothing.csv")
    (project / ".till.csv").write_text("id\n1\n")
    assert ".till.csv is no file that can be dropped" in refused(".till.csv")


def test_what_lies_in_the_folder_is_landed_or_told_of(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project", "grocery_products")
    home = tmp_path / "home"
    environment = os.environ | install(project) | Lakehouse(home, project).environment
    header = b"product_id,department_id,department,product_name\n"
    (home / "drop/from a partner").mkdir(parents=True)
    (home / "drop/from a partner/Products 1.csv").write_bytes(header + b"1,2,Tea,Assam\n")
    (home / "drop/.products.csv").write_bytes(header)
    (home / "drop/products\n.csv").write_bytes(header + b"2,2,Tea,Ceylon\n")
    # A name of a system that writes Latin-1.
    (home / os.fsdecode(b"drop/products_\xe9.csv")).write_bytes(header + b"3,2,Tea,Darjeeling\n")
    (home / os.fsdecode(b"drop/th\xe9.csv")).write_bytes(header)

    done = run(["retailpulse", "drop"], cwd=project, env=environment)

    assert done.returncode == 1
    assert "Traceback" not in done.stdout
    assert "th�.csv: no feed has files of this name" in done.stdout
    archived = {path.name for path in (home / "archive").rglob("*") if path.is_file()}
    assert len(archived) == 2 * 3
    assert {"000001-Products 1.csv", "000001-Products 1.csv.manifest.json"} <= archived
    left = {path.name for path in (home / "drop").iterdir() if path.is_file()}
    assert left == {".products.csv", ".lock"}
    again = run(["retailpulse", "drop"], cwd=project, env=environment)
    assert "Nothing waits in" in again.stdout


def one_line(text: str) -> str:
    return " ".join(text.split())


def test_a_grocerys_files_are_in_the_marts(tmp_path: Path) -> None:
    project = project_following(tmp_path / "project", *FEEDS)
    environment = os.environ | install(project)
    environment |= {"RETAILPULSE_HOME": str(tmp_path / "home")}

    [told] = told_by(OF_THE_GROCERY, project, environment, never)

    assert "cart_abandonment_data.csv: 1,0" in told
    departments, products = told.split("department_name")[-1].split("product_name")
    assert len(re.findall(r"^ .*\d+\.\d{4} *$", departments, re.MULTILINE)) == 3
    assert len(re.findall(r"^ .*\d+\.\d{4} *$", products, re.MULTILINE)) == 3
