"""Curriculum, held-out states, seed genomes and the matrix, as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders.command_line import neuroevo

from neuroevo.storage.run_log import read_log

# Any step to the right wins, so that the lessons of a curriculum pass quickly.
QUICK = (
    *("wickling", "--seed", 3, "--set", "NEAT.pop_size=12", "--set", "Fitness.max_frames=100"),
    *("--set", "Fitness.won=x > start.x + 40", "--set", "Run.stop_when_solved=true"),
)
LESSONS = (
    *QUICK,
    *("--set", "Retro.states=Practice, Level1, Level2", "--set", "Retro.curriculum=2 of 3"),
)


def evolved(run: Path, *arguments: object) -> str:
    ended = neuroevo("evolve", *arguments, "--out", run)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def digests(run: Path) -> list[str]:
    return neuroevo("digest", run).stdout.splitlines()


def without_times(run: Path) -> list[dict[str, object]]:
    return [
        {k: v for k, v in record.items() if not k.endswith("_seconds")}
        for record in read_log(run / "log.jsonl")
    ]


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    run = tmp_path_factory.mktemp("lessons") / "run"
    return run, evolved(run, *LESSONS, "--generations", 30, "--workers", 1)


def test_a_curriculum_goes_from_state_to_state_and_ends_solved(lessons) -> None:
    run, said = lessons
    stages = [record["stage"] for record in read_log(run / "log.jsonl")]
    assert list(dict.fromkeys(stages)) == ["Practice", "Level1", "Level2"]
    assert all(stages.count(name) >= 2 for name in set(stages))  # two wins are needed
    assert "curriculum: Practice is passed; now Level1, stage 2 of 3" in said
    assert "solved" in said
    assert [record["solved"] for record in read_log(run / "log.jsonl")][-2:] == [False, True]


def test_a_resumed_curriculum_is_the_uninterrupted_one(lessons, tmp_path: Path) -> None:
    run, _ = lessons
    stages = [record["stage"] for record in read_log(run / "log.jsonl")]
    for cut in (stages.index("Level1"), stages.index("Level1") + 1):
        other = tmp_path / f"run-{cut}"
        evolved(other, *LESSONS, "--generations", cut, "--workers", 2)
        assert neuroevo("resume", other, "--generations", 30).returncode == 0
        assert digests(other) == digests(run)
        assert without_times(other) == without_times(run)


def test_held_out_states_are_shown_and_change_nothing(tmp_path: Path) -> None:
    plain, tested = tmp_path / "plain", tmp_path / "tested"
    free = (*QUICK, "--set", "Fitness.won=none", "--generations", 4)
    heldout = ("--set", "Retro.heldout_states=heldout-Level1", "--set", "Retro.heldout_every=2")
    evolved(plain, *free)
    said = evolved(tested, *free, *heldout)
    assert digests(plain) == digests(tested)
    assert said.count("held out: champion's fitness") == 2
    metrics = [record["best_metrics"] for record in read_log(tested / "log.jsonl")]
    assert ["heldout_fitness" in m for m in metrics] == [False, True, False, True]
    assert metrics[1]["heldout_fitness"] == metrics[1]["heldout_fitness:heldout-Level1"]


def test_a_run_begins_with_the_best_genome_of_another(lessons, tmp_path: Path) -> None:
    run, _ = lessons
    best = neuroevo("evaluate", run, "--set", "Retro.states=Level3", "--json")
    fitness = json.loads(best.stdout)["fitness"]["max"]
    onward = (*QUICK, "--set", "Retro.states=Level3", "--generations", 1)
    for name, given in (("a", run), ("b", run / "best" / "best.npz")):
        evolved(tmp_path / name, *onward, "--seed-genome", given)
        record = read_log(tmp_path / name / "log.jsonl")[0]
        assert record["best_fitness"] >= fitness
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert str(run) in (tmp_path / "a" / "events.jsonl").read_text()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--set", "Observation.radius=5"), "169 inputs and 3 outputs"),
        (("--set", "Buttons.buttons=RIGHT, A"), "169 inputs and 3 outputs"),
    ],
)
def test_a_seed_genome_that_does_not_fit_is_refused(lessons, arguments, words, tmp_path) -> None:
    given = ("--seed-genome", lessons[0], "--out", tmp_path / "run")
    ended = neuroevo("evolve", *QUICK, *arguments, *given)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert not (tmp_path / "run").exists()


def test_transfer_plays_every_champion_from_every_state(lessons, tmp_path: Path) -> None:
    run, _ = lessons
    picture = tmp_path / "matrix.png"
    states = ("--states", "Practice, Level4")
    shown = neuroevo("transfer", run, run / "best" / "best.npz", *states, "--picture", picture)
    assert shown.returncode == 0, shown.stderr
    assert picture.read_bytes().startswith(b"\x89PNG")
    result = json.loads(neuroevo("transfer", run, *states, "--json").stdout)
    assert result["states"] == ["Practice", "Level4"]
    assert result["is_trained"] == [[True, False]]
    alone = neuroevo(
        *("evaluate", run, "--set", "Retro.states=Level4", "--set", "Retro.curriculum=none"),
        "--json",
    )
    assert result["fitness"][0][1] == json.loads(alone.stdout)["fitness"]["mean"]
    assert result["won"] == [[1.0, 1.0]]
    assert f"[{result['fitness'][0][0]:.5g}*]" in shown.stdout
