from __future__ import annotations

import sys
from pathlib import Path

import pytest

from benchmarks.command import BenchmarkError
from benchmarks.measure import Spread, alternate, number, repeat, run_child
from benchmarks.results import Row, Section, section_text, with_section


def section(name: str, *rows: Row) -> str:
    return section_text(Section(name, f"The {name}", f"make bench-{name}", rows, ["A note."]), "x")


def test_spread_tells_median_range_and_runs() -> None:
    assert Spread((4.4, 3.9, 4.1)).text("s") == "4.1 s (3.9–4.4, 3 runs)"
    assert Spread((4.0,)).text("s") == "4.0 s (1 run)"
    assert Spread((2.0, 4.0)).per(8) == Spread((4.0, 2.0))


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0.0"),
        (0.01234, "0.012"),
        (0.5, "0.5"),
        (4.06, "4.1"),
        (99.9, "99.9"),
        (1e6, "1,000,000"),
    ],
)
def test_numbers_are_short(value: float, text: str) -> None:
    assert number(value) == text


def test_a_section_says_what_was_met_and_what_missed() -> None:
    text = section(
        "build",
        Row.at_least("a", "1 s", "2 s", 2.0, 1.5),
        Row.at_most("b|c", "1 s", "1 s", 1.0, 0.25),
        Row("d", "3 s"),
    )
    assert "| a | 1 s | 2 s | 2.0 × | ≥ 1.5 × | met |" in text
    assert "| b\\|c | 1 s | 1 s | 1.0 × | ≤ 0.25 × | missed |" in text
    assert "| d | 3 s |  |  |  |  |" in text
    assert text.endswith("\n- A note.\n")


def test_a_section_is_replaced_and_the_others_stay_in_order() -> None:
    document = ""
    for name in ("live", "handler", "build"):
        document = with_section(document, name, section(name, Row(name, "old")))
    again = with_section(document, "build", section("build", Row("build", "new")))
    titles = [line for line in again.splitlines() if line.startswith("## ")]
    assert titles == ["## The handler", "## The build", "## The live"]
    assert again == document.replace("| build | old |", "| build | new |")


def test_a_section_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="ORDER"):
        with_section("", "elsewhere", "text")


def test_runs_alternate_and_warm_up_first() -> None:
    ran: list[str] = []
    spreads = alternate(
        {"ours": lambda: ran.append("ours"), "baseline": lambda: ran.append("baseline")},
        times=2,
        warm_up=1,
        prepare=lambda name: ran.append(f"for {name}"),
    )
    assert ran == ["for ours", "ours", "for baseline", "baseline"] * 3
    assert [len(spread.values) for spread in spreads.values()] == [2, 2]
    assert len(repeat(lambda: None, times=4).values) == 4


def test_a_child_is_measured(tmp_path: Path) -> None:
    hog = "print(len(bytearray(b'x' * 64 * 2**20)))"
    child = run_child([sys.executable, "-c", hog], tmp_path / "log")
    assert child.output == f"{64 * 2**20}\n"
    assert child.peak_rss_bytes > 64 * 2**20
    assert child.seconds > 0


def test_a_child_that_fails_says_why(tmp_path: Path) -> None:
    with pytest.raises(BenchmarkError, match=r"failed with 3.*no such thing"):
        run_child(
            [sys.executable, "-c", "print('no such thing'); raise SystemExit(3)"], tmp_path / "log"
        )
