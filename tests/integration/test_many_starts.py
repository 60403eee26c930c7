"""Curriculum, held-out states, seed genomes and the matrix, as a user runs them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from builders.command_line import neuroevo
from click.testing import CliRunner, Result

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.cli.main import main
from neuroevo.config import load
from neuroevo.replay import evaluate_genome
from neuroevo.shipped import find_config
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_log

# Any step to the right wins, so that the lessons of a curriculum pass quickly.
QUICK = (
    *("Run.seed=3", "NEAT.pop_size=12", "Fitness.max_frames=100", "Fitness.won=x > start.x + 40"),
    "Run.stop_when_solved=true",
)
LESSONS = (*QUICK, "Retro.states=Practice, Level1, Level2", "Retro.curriculum=2 of 3")


def as_options(overrides: Sequence[str]) -> list[str]:
    return [word for override in overrides for word in ("--set", override)]


def evolved(run: Path, *overrides: str) -> None:
    """Evolve as the command does, in this process and without its charts: most of its time."""
    config = load(find_config("wickling"), ["Run.workers=0", *overrides])
    with ConsoleObserver(f"run {run}") as observer:
        evolve.start(config, run, observer)


def resumed(run: Path, num_generations: int) -> None:
    config = load(RunDirectory.open(run).config, [f"Run.generations={num_generations}"])
    with ConsoleObserver(f"run {run}") as observer:
        evolve.resume(config, run, observer)


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def digests(run: Path) -> list[str]:
    said = command("digest", run).stdout.splitlines()
    assert len(said) == len(read_log(run / "log.jsonl"))
    return said


def without_times(run: Path) -> list[dict[str, object]]:
    return [
        {k: v for k, v in record.items() if not k.endswith("_seconds")}
        for record in read_log(run / "log.jsonl")
    ]


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A run of the real command, in a process of its own with a worker of its own."""
    run = tmp_path_factory.mktemp("lessons") / "run"
    limits = ("--generations", 30, "--workers", 1, "--out", run)
    ended = neuroevo("evolve", "wickling", *as_options(LESSONS), *limits)
    assert ended.returncode == 0, ended.stderr
    return run, ended.stdout


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
    first = stages.index("Level1")
    for cut, workers in ((first, 2), (first + 1, 0)):
        other = tmp_path / f"run-{cut}"
        evolved(other, *LESSONS, f"Run.generations={cut}", f"Run.workers={workers}")
        resumed(other, 30)
        assert digests(other) == digests(run)
        assert without_times(other) == without_times(run)


def test_held_out_states_are_shown_and_change_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain, tested = tmp_path / "plain", tmp_path / "tested"
    free = (*QUICK, "Fitness.won=none", "Run.generations=4")
    evolved(plain, *free)
    assert "held out" not in capsys.readouterr().out
    evolved(tested, *free, "Retro.heldout_states=heldout-Level1", "Retro.heldout_every=2")
    said = capsys.readouterr().out
    assert digests(plain) == digests(tested)
    assert said.count("held out: champion's fitness") == 2
    metrics = [record["best_metrics"] for record in read_log(tested / "log.jsonl")]
    assert ["heldout_fitness" in m for m in metrics] == [False, True, False, True]
    assert metrics[1]["heldout_fitness"] == metrics[1]["heldout_fitness:heldout-Level1"]


def test_a_run_begins_with_the_best_genome_of_another(lessons, tmp_path: Path) -> None:
    run, _ = lessons
    best = evaluate_genome(run, 1, num_workers=0, overrides=["Retro.states=Level3"])
    onward = (*QUICK, "Retro.states=Level3", "Run.generations=1")
    for name, given in (("a", run), ("b", run / "best" / "best.npz")):
        evolved(tmp_path / name, *onward, f"Run.seed_genome={given}")
        record = read_log(tmp_path / name / "log.jsonl")[0]
        assert record["best_fitness"] >= best["fitness"]["max"]
    assert digests(tmp_path / "a") == digests(tmp_path / "b")
    assert str(run) in (tmp_path / "a" / "events.jsonl").read_text()


@pytest.mark.parametrize("other", ["Observation.radius=5", "Buttons.buttons=RIGHT, A"])
def test_a_seed_genome_that_does_not_fit_is_refused(lessons, other: str, tmp_path: Path) -> None:
    given = ("--seed-genome", lessons[0], "--workers", 0, "--out", tmp_path / "run")
    ended = command("evolve", "wickling", *as_options((*QUICK, other)), *given)
    assert ended.exit_code == 2
    assert "169 inputs and 3 outputs" in ended.stderr
    assert not (tmp_path / "run").exists()


def test_transfer_plays_every_champion_from_every_state(lessons, tmp_path: Path) -> None:
    run, _ = lessons
    picture = tmp_path / "matrix.png"
    states = ("--states", "Practice, Level4")
    shown = command("transfer", run, run / "best" / "best.npz", *states, "--picture", picture)
    assert shown.exit_code == 0, shown.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    result = json.loads(command("transfer", run, *states, "--json").stdout)
    assert result["states"] == ["Practice", "Level4"]
    assert result["is_trained"] == [[True, False]]
    level = ["Retro.states=Level4", "Retro.curriculum=none"]
    alone = evaluate_genome(run, 1, num_workers=0, overrides=level)
    assert result["fitness"][0][1] == alone["fitness"]["mean"]
    assert result["won"] == [[1.0, 1.0]]
    assert f"[{result['fitness'][0][0]:.5g}*]" in shown.stdout
