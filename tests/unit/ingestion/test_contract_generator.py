"""What follows from the contracts: each file, and how `make contracts` keeps them fresh."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from jinja2 import Environment

from ingestion.contract_generator.__main__ import main
from ingestion.contract_generator.contract_reader import read_contracts
from ingestion.contract_generator.known_types import known_types_macro
from ingestion.contract_generator.marker import MARKER
from tests.support.dbt.fixture_project import FIXTURES

PROJECT = Path(__file__).parents[3]
MACRO = "macros/generated/known_event_types.sql"
HAPPENED = "models/staging/things/stg_things__thing_happened"
CHANGED = "models/staging/things/stg_things__thing_changed"
# What follows for the tables of the domain: each file, and the call that it is.
DOMAIN = {
    "models/staging/things/stg_things__arrivals": "judged_arrivals('things')",
    "models/staging/things/stg_things__things_arrivals": "judged_versions('things')",
    "models/silver/things/things_events": "accepted_events('things')",
    "models/silver/things/things_versions": "accepted_versions('things')",
    "models/silver/things/things": "latest_state('things')",
    "models/silver/things/things_history": "history('things')",
    "models/silver/things/things_quarantined": "quarantined_lines('things')",
    "models/silver/things/things_versions_quarantined": "quarantined_versions('things')",
}


def test_what_is_in_the_repository_is_fresh() -> None:
    assert main(["--check"]) == 0


def test_each_contract_gives_each_of_its_files(project: Path) -> None:
    generated = {
        path.relative_to(project).as_posix()
        for folder in ("macros", "models", "docs")
        for path in (project / folder).rglob("*")
        if path.is_file()
    }
    assert json.loads((project / "ingestion/known_types.json").read_text()) == {
        "thing_changed": "things",
        "thing_happened": "things",
    }
    assert generated == {
        *(MACRO, "docs/contracts/README.md"),
        *(
            f"{model}.{suffix}"
            for model in (HAPPENED, CHANGED, *DOMAIN)
            for suffix in ("sql", "yml")
        ),
        *(f"docs/contracts/things/{name}.json" for name in ("thing_happened", "thing_changed")),
    }
    assert all(MARKER in (project / path).read_text() for path in generated)


def test_the_macro_lists_what_the_contracts_say(project: Path) -> None:
    returned: list[list[dict[str, Any]]] = []
    text = known_types_macro(read_contracts(project / "ingestion/contracts"))
    assert text == (project / MACRO).read_text()
    template = Environment(autoescape=True).from_string(text)
    template.make_module({"return": returned.append}).known_event_types()  # type: ignore[attr-defined]
    changed, happened = returned[0]
    columns = changed.pop("columns")
    assert changed == {
        "event_type": "thing_changed",
        "domain": "things",
        "kind": "row",
        "cadence": "fast",
        "entity": "things",
        "source": None,
        "system": None,
        "key": ["thing_id", "made_on"],
        "staging_model": "stg_things__thing_changed",
        "accepted_model": "things_versions",
    }
    assert (happened["kind"], happened["entity"]) == ("event", None)
    assert happened["accepted_model"] == "things_events"
    written = json.loads((FIXTURES / "things/thing_changed.json").read_text())
    assert [column["name"] for column in columns] == list(written["properties"])
    assert columns[0] == {
        "name": "thing_id",
        "type": "identifier",
        "data_type": "varchar",
        "required": True,
        "personal": False,
        "past": False,
        "values": None,
    }
    [colour] = [column for column in columns if column["name"] == "maybe_colour"]
    assert (colour["values"], colour["required"]) == (["RED", "DARK BLUE"], False)


@pytest.mark.parametrize(
    ("model", "call"), [(HAPPENED, "staged_events('thing_happened')"), *DOMAIN.items()]
)
def test_a_generated_model_is_one_call(project: Path, model: str, call: str) -> None:
    sql = re.sub(r"{#.*?#}", "", (project / f"{model}.sql").read_text(), flags=re.DOTALL)
    assert sql.strip() == f"{{{{ {call} }}}}"


def test_an_accepted_table_has_the_columns_of_its_own_types(project: Path) -> None:
    def columns(table: str) -> list[str]:
        text = (project / f"models/silver/things/{table}.yml").read_text()
        return [column["name"] for column in yaml.safe_load(text)["models"][0]["columns"]]

    key = ["source", "event_id", "event_type", "system"]
    lineage = [
        *("event_at", "event_utc_date", "timeliness", "received_at", "message_id"),
        *("replayed_from", "processed_at"),
    ]
    for table, position, contract in (
        ("things_events", [], "thing_happened"),
        ("things_versions", ["op", "sequence"], "thing_changed"),
    ):
        written = json.loads((FIXTURES / f"things/{contract}.json").read_text())["properties"]
        assert columns(table) == [*key, *position, *written, *lineage]


def test_a_key_of_several_fields_is_unique_by_all_of_them(project: Path) -> None:
    def unique(table: str) -> list[str]:
        [model] = yaml.safe_load((project / f"models/silver/things/{table}.yml").read_text())[
            "models"
        ]
        [test] = [test for test in model["data_tests"] if "unique_key" in test]
        columns: list[str] = test["unique_key"]["arguments"]["columns"]
        return columns

    assert unique("things") == ["system", "thing_id", "made_on"]
    assert unique("things_history") == ["system", "thing_id", "made_on", "valid_from"]


def test_the_yaml_describes_every_column(project: Path) -> None:
    [model] = yaml.safe_load((project / f"{CHANGED}.yml").read_text())["models"]
    columns = [column["name"] for column in model["columns"]]
    written = json.loads((FIXTURES / "things/thing_changed.json").read_text())
    assert columns == [
        *("source", "event_id", "event_type", "event_name", "event_ts", "payload_encoding"),
        *("received_at", "message_id", "replayed_from", "dt", "hour", "line", "event_at"),
        *("op", "sequence", *written["properties"]),
        *("reject_reason", "reject_field", "reject_value"),
    ]
    assert all(column["description"] and column["data_type"] for column in model["columns"])
    documented = re.findall(
        r"{% docs (\w+) %}", (PROJECT / "models/staging/_staging.md").read_text()
    )
    named = re.findall(r'doc\("(\w+)"\)', (project / f"{CHANGED}.yml").read_text())
    assert set(named) == set(documented)


def test_personal_fields_are_marked() -> None:
    file = PROJECT / "models/staging/orders/stg_orders__order_created.yml"
    [model] = yaml.safe_load(file.read_text())["models"]
    marked = [column["name"] for column in model["columns"] if "config" in column]
    assert marked == ["line", "customer_id", "reject_value"]


def test_the_page_lists_every_field(project: Path) -> None:
    page = (project / "docs/contracts/README.md").read_text()
    assert "[`thing_changed`](things/thing_changed.json)" in page
    assert "| `price` | `amount` | yes | A required amount. |" in page
    assert "| `maybe_colour` | `RED`, `DARK BLUE` |  | One of some texts, or none. |" in page


@pytest.mark.parametrize(
    ("path", "text", "told"),
    [
        (MACRO, f"-- {MARKER} By hand all the same.", f"{MACRO} is stale"),
        (f"{HAPPENED}.yml", None, f"{HAPPENED}.yml is missing"),
        (
            "models/staging/things/stg_things__gone.sql",
            f"-- {MARKER}",
            "stg_things__gone.sql is left over from a contract that is gone",
        ),
    ],
)
def test_what_is_not_fresh_is_named_and_made_fresh(
    project: Path, capsys: pytest.CaptureFixture[str], path: str, text: str | None, told: str
) -> None:
    file = project / path
    if text is None:
        file.unlink()
    else:
        file.write_text(text)
    assert main(["--check"], project) == 1
    error = capsys.readouterr().err
    assert told in error
    assert "Run `make contracts`" in error
    assert main([], project) == 0
    assert main(["--check"], project) == 0


def test_a_contract_that_goes_takes_its_files_along(project: Path) -> None:
    (project / "ingestion/contracts/things/thing_happened.json").unlink()
    assert main(["--check"], project) == 1
    assert main([], project) == 0
    assert not (project / f"{HAPPENED}.sql").exists()
    assert not (project / "docs/contracts/things/thing_happened.json").exists()
    assert (project / f"{CHANGED}.sql").exists()


def test_a_model_without_the_marker_is_left_alone_and_so_is_its_yaml(project: Path) -> None:
    sql, properties = project / f"{HAPPENED}.sql", project / f"{HAPPENED}.yml"
    sql.write_text("select 1 as mine")
    changed = properties.read_text().replace("version: 2", "# Mine too.\nversion: 2")
    properties.write_text(changed)
    assert main(["--check"], project) == 0
    assert main([], project) == 0
    assert (sql.read_text(), properties.read_text()) == ("select 1 as mine", changed)


def test_a_contract_that_cannot_be_used_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / "ingestion/contracts/things/thing_changed.json").write_text("{}")
    assert main([], project) == 1
    assert "ingestion/contracts/things/thing_changed.json: " in capsys.readouterr().err


def test_two_contracts_that_ask_for_one_model_are_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    contracts = project / "ingestion/contracts"
    (contracts / "things_versions").mkdir()
    fact = (contracts / "things/thing_happened.json").read_text()
    (contracts / "things_versions/version_happened.json").write_text(fact)
    assert main([], project) == 1
    assert "ask for a model things_versions_quarantined: call" in capsys.readouterr().err


def test_an_example_that_its_contract_refuses_is_told(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = project / "ingestion/contracts/things/thing_changed.json"
    contract = json.loads(file.read_text())
    contract["examples"][0]["piece_count"] = "three"
    file.write_text(json.dumps(contract))

    assert main([], project) == 1

    told = capsys.readouterr().err
    assert "things/thing_changed.json: its example 1 is refused by the contract" in told
    assert "'three' is not" in told


def test_wrong_arguments_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--nonsense"]) == 2
    assert "usage" in capsys.readouterr().err
