"""The arithmetic behind the tables of speed: rounds, ratios, goals, growth."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"


@pytest.fixture
def measuring(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from speed import measuring

    yield measuring
    for name in [name for name in sys.modules if name.split(".")[0] in ("speed", "bench_speed")]:
        del sys.modules[name]


def told(*seconds: float) -> Any:
    """A side that says what it took: the first one is of the turn that does not count."""
    answers = iter((seconds[0], *seconds))
    return lambda: next(answers)


def test_a_ratio_is_the_median_of_the_rounds_and_not_of_the_sides(measuring: Any) -> None:
    # A machine that is twice as slow in the second round, and in the third, does not matter.
    row = measuring.side_by_side(
        "it", told(1.0, 2.0, 2.0), "other", told(10.0, 20.0, 24.0), rounds=3
    )
    assert row.ratio.median == 10.0
    assert row.ours.median == 2.0
    assert row.theirs.median == 20.0


def test_a_share_is_ours_by_the_others(measuring: Any) -> None:
    row = measuring.side_by_side("it", told(9.0), "other", told(10.0), rounds=1, is_share=True)
    assert row.ratio.median == 0.9


def test_the_sides_take_turns(measuring: Any) -> None:
    order: list[str] = []
    measuring.side_by_side(
        "it", lambda: order.append("a") or 1.0, "b", lambda: order.append("b") or 1.0, rounds=3
    )
    assert "".join(order) == "ababbaab"


@pytest.mark.parametrize(
    ("goal", "is_limit", "is_met"),
    [(10.0, False, True), (11.0, False, False), (10.0, True, True), (9.0, True, False)],
)
def test_a_goal_is_reached_or_not(
    measuring: Any, goal: float, is_limit: bool, is_met: bool
) -> None:
    row = measuring.side_by_side(
        "it", told(1.0), "other", told(10.0), rounds=1, goal=goal, is_limit=is_limit
    )
    assert row.is_met is is_met


def test_repeats_are_divided_by(measuring: Any) -> None:
    calls: list[int] = []
    seconds = measuring.timed(lambda: calls.append(1), 10, "wall")
    assert len(calls) == 10
    assert 0 <= seconds < 1


def test_growth_finds_the_exponent(measuring: Any) -> None:
    assert measuring.growth([10, 100, 1000], [3e-3, 0.3, 30.0]) == pytest.approx(2.0)


def test_a_row_survives_its_file(measuring: Any) -> None:
    from dataclasses import asdict

    import bench_speed

    row = measuring.side_by_side("it", told(1.0), "other", told(10.0), rounds=1, goal=3, size=7)
    assert bench_speed.read_row(json.loads(json.dumps(asdict(row)))) == row


def test_a_group_measured_alone_leaves_the_tables_of_the_others(
    measuring: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bench_speed

    page = tmp_path / "README.md"
    page.write_text(f"before\n{bench_speed.BEGIN}\n{bench_speed.END}\nafter\n")
    monkeypatch.setattr(bench_speed, "README", page)
    row = measuring.side_by_side("it", told(2e-3), "other", told(10e-3), rounds=1)
    for group in ("network", "frames", "network"):
        bench_speed.update_readme({group: [row]}, Path("speed-today.json"))
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert [line for line in text.splitlines() if line.startswith("### ")] == [
        "### Frames", "### Networks",
    ]  # fmt: skip
    assert text.count("| it | 2 ms | other | 10 ms | 5 (5 to 5) |  |  |") == 2


def test_a_group_that_fails_takes_nothing_from_those_before_and_after_it(
    measuring: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import bench_speed

    page = tmp_path / "README.md"
    page.write_text(f"{bench_speed.BEGIN}\n{bench_speed.END}\n")
    monkeypatch.setattr(bench_speed, "README", page)
    monkeypatch.setattr(bench_speed, "ROOT", tmp_path)
    monkeypatch.setattr(measuring, "RESULTS", tmp_path)

    def run_group(group: str, *, is_quick: bool) -> tuple[list[Any], bool]:
        row = measuring.side_by_side(group, told(2e-3), "other", told(10e-3), rounds=1)
        return [row], group != "network"

    monkeypatch.setattr(bench_speed, "run_group", run_group)
    words = ["bench_speed.py", "--only", "frames", "network", "storage"]
    monkeypatch.setattr(sys, "argv", words)
    assert bench_speed.main() == 1
    (path,) = tmp_path.glob("speed-*.json")
    document = json.loads(path.read_text())
    assert [row["what"] for row in document["rows"]] == ["frames", "storage"]
    assert document["command"].endswith("--only frames storage")
    assert "### Networks" not in page.read_text()
    assert page.read_text().count(path.name) == 4


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(2.5, "2.5 s"), (0.0123, "12.3 ms"), (4.2e-6, "4.2 us"), (1e-8, "0.01 us")],
)
def test_an_amount_has_a_readable_unit(measuring: Any, seconds: float, text: str) -> None:
    import bench_speed

    assert bench_speed.amount(seconds, "s") == text
