"""Extinctions and long stagnations reach a person; a run goes on from its hall of fame, exactly."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders.command_line import neuroevo

from neuroevo.storage.run_log import read_log

DYING = (
    *("xor", "--seed", 5, "--workers", 0, "--set", "NEAT.pop_size=20"),
    *("--set", "Run.stop_when_solved=false", "--set", "Run.stagnation_notice=3"),
    *(
        "--set",
        "DefaultStagnation.max_stagnation=2",
        "--set",
        "DefaultStagnation.species_elitism=0",
    ),
)
HALL = (*DYING, "--set", "NEAT.on_extinction=hall_of_fame")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of twelve generations that dies out and goes on; and what was printed."""
    run = tmp_path_factory.mktemp("milestones") / "run"
    ended = neuroevo("evolve", *HALL, "--out", run, "--generations", 12)
    assert ended.returncode == 0, ended.stderr
    return run, ended.stdout


def events(run: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]


def test_an_extinction_and_a_long_stagnation_stand_out_in_the_console(
    finished: tuple[Path, str],
) -> None:
    lines = [line for line in finished[1].splitlines() if line.startswith("*** ")]
    assert any("extinction: all" in line and "hall of fame" in line for line in lines)
    assert any("stagnation: no better fitness" in line and "pop_size" in line for line in lines)


def test_events_jsonl_names_kind_generation_and_text(finished: tuple[Path, str]) -> None:
    run, _ = finished
    found = {e["kind"]: e for e in events(run)}
    assert {"extinction", "stagnation", "population"} <= set(found)
    logged = [
        (record["generation"], text)
        for record in read_log(run / "log.jsonl")
        for text in (*record["events"], *record.get("notices", ()))
    ]
    for kind in ("extinction", "stagnation"):
        assert (found[kind]["generation"], found[kind]["text"]) in logged


def test_a_run_that_stops_at_an_extinction_says_so_in_its_events(tmp_path: Path) -> None:
    options = ("--set", "NEAT.on_extinction=stop", "--generations", 12)
    ended = neuroevo("evolve", *DYING, *options, "--out", tmp_path / "run")
    assert ended.returncode == 2
    assert "on_extinction = hall_of_fame" in ended.stderr
    (event,) = (e for e in events(tmp_path / "run") if e["kind"] == "extinction")
    assert str(event["text"]).startswith("extinction: generation")


def test_a_run_with_a_hall_of_fame_resumes_exactly_through_its_extinction(
    finished: tuple[Path, str], tmp_path: Path
) -> None:
    straight = read_log(finished[0] / "log.jsonl")
    died = next(
        r["generation"] for r in straight if any(t.startswith("extinction") for t in r["events"])
    )
    run = tmp_path / "run"
    assert neuroevo("evolve", *HALL, "--out", run, "--generations", died).returncode == 0
    assert neuroevo("resume", run, "--generations", 12).returncode == 0
    assert [r["digest"] for r in read_log(run / "log.jsonl")] == [r["digest"] for r in straight]
