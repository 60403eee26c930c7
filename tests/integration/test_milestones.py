"""Extinctions and long stagnations reach a person; a run goes on from its hall of fame, exactly."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest
from builders.command_line import neuroevo

from neuroevo.plots.fitness import fitness_data
from neuroevo.plots.species import species_data
from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.run_log import read_log

Completed = subprocess.CompletedProcess[str]

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


STOP = (*DYING, "--set", "NEAT.on_extinction=stop", "--generations", 12)


@pytest.fixture(scope="module")
def stopped(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Completed]:
    """A run that an extinction stops; and what was printed."""
    run = tmp_path_factory.mktemp("stopped") / "run"
    return run, neuroevo("evolve", *STOP, "--out", run)


def test_an_extinction_that_stops_a_run_is_told_logged_and_drawn(
    stopped: tuple[Path, Completed],
) -> None:
    run, ended = stopped
    assert ended.returncode == 2
    assert "on_extinction = hall_of_fame" in ended.stderr
    (event,) = (e for e in events(run) if e["kind"] == "extinction")
    assert str(event["text"]).startswith("extinction: generation")
    assert f"*** {event['text']}" in ended.stdout.splitlines()
    records = read_log(run / "log.jsonl")
    assert [r["generation"] for r in records] == list(range(int(str(event["generation"])) + 1))
    assert records[-1]["events"][-1] == event["text"]
    assert (event["generation"], "extinction") in fitness_data(records).milestones
    assert species_data(records).extinctions.tolist() == [event["generation"]]
    assert (run / "plots" / "species.png").exists()
    assert f"charts       {run / 'plots'}" in ended.stdout


def test_the_generation_of_an_extinction_is_that_of_a_run_that_goes_on_but_for_its_end(
    stopped: tuple[Path, Completed], finished: tuple[Path, str]
) -> None:
    last = read_log(stopped[0] / "log.jsonl")[-1]
    same = read_log(finished[0] / "log.jsonl")[last["generation"]]
    for key in ("best_fitness", "mean_fitness", "species", "best_genome_id", "num_evaluations"):
        assert last[key] == same[key], key
    removed = [text for text in last["events"] if "removed" in text]
    assert removed
    assert removed == [text for text in same["events"] if "removed" in text]


@pytest.mark.parametrize("checkpoint_every", [1, 50])
def test_a_run_that_died_out_says_the_same_when_it_is_resumed(
    stopped: tuple[Path, Completed], tmp_path: Path, checkpoint_every: int
) -> None:
    run, rare = tmp_path / "run", ("--set", f"Run.checkpoint_every={checkpoint_every}")
    assert neuroevo("evolve", *STOP, *rare, "--out", run).returncode == 2
    whole = [record["digest"] for record in read_log(stopped[0] / "log.jsonl")]
    for _ in range(2):
        assert [record["digest"] for record in read_log(run / "log.jsonl")] == whole
        last = load_newest(run / "checkpoints")[0].generation
        assert last == len(whole) - 1
        ended = neuroevo("resume", run)
        assert ended.returncode == 2
        assert ended.stderr.replace(str(run), "RUN") == stopped[1].stderr.replace(
            str(stopped[0]), "RUN"
        )
        assert "*** extinction" in ended.stdout


def test_a_run_that_died_out_goes_on_with_settings_that_say_how(
    stopped: tuple[Path, Completed], finished: tuple[Path, str], tmp_path: Path
) -> None:
    run = Path(shutil.copytree(stopped[0], tmp_path / "run"))
    text = (run / "config.ini").read_text()
    (run / "config.ini").write_text(text.replace("on_extinction = stop", "on_extinction = restart"))
    ended = neuroevo("resume", run)
    assert ended.returncode == 0, ended.stderr
    records = read_log(run / "log.jsonl")
    assert [record["generation"] for record in records] == list(range(12))
    died = len(read_log(stopped[0] / "log.jsonl")) - 1
    assert records[died]["events"][-1].endswith("started anew")


def test_the_generation_of_an_extinction_can_be_verified(stopped: tuple[Path, Completed]) -> None:
    last = len(read_log(stopped[0] / "log.jsonl")) - 1
    ended = neuroevo("verify", stopped[0], "--generation", last)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "verdict      the same" in ended.stdout


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
