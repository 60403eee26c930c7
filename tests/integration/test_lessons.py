"""What is said and shown of a run with lessons: fitness in each of them is another quantity."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.cli.main import main
from neuroevo.cli.running import report
from neuroevo.config import load
from neuroevo.finished import is_finished
from neuroevo.replay import evaluate_genome, film_genome
from neuroevo.session import Outcome
from neuroevo.shipped import find_config
from neuroevo.storage.genome_file import load_genome, save_genome
from neuroevo.storage.run_log import read_log

# Ten steps from the start of Practice and Level1 win, and the first one from that of Level1-a: so
# the fitness of a winner falls from lesson to lesson, by the frames that it no longer needs.
LESSONS = ("Practice", "Level1", "Level1-a")
SETTINGS = (
    *("Run.seed=3", "Run.workers=0", "Run.generations=6", "NEAT.pop_size=16"),
    *(f"Retro.states={','.join(LESSONS)}", "Retro.curriculum=1 of 2"),
    *("Fitness.max_frames=300", "Fitness.won=x > 60"),
)


def evolved(run: Path, *overrides: str) -> Outcome:
    config = load(find_config("wickling"), [*SETTINGS, *overrides])
    with ConsoleObserver(f"run {run}") as observer:
        return evolve.start(config, run, observer)


def command(*arguments: object) -> Result:
    ended = CliRunner().invoke(main, list(map(str, arguments)))
    assert ended.exit_code == 0, ended.output
    return ended


def column(run: Path, key: str) -> list[Any]:
    return [record.get(key) for record in read_log(run / "log.jsonl")]


@pytest.fixture(scope="module")
def lessons(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("lessons") / "run"
    evolved(run)
    return run


def test_the_lessons_of_these_tests_are_passed_and_fitness_falls(lessons: Path) -> None:
    assert list(dict.fromkeys(column(lessons, "stage"))) == list(LESSONS)
    assert column(lessons, "solved")[-1] is True
    best = column(lessons, "best_fitness")
    assert best[0] > best[-1]


def test_a_fitness_threshold_ends_a_run_in_its_last_lesson_only(tmp_path: Path) -> None:
    run = tmp_path / "run"
    outcome = evolved(run, "NEAT.fitness_threshold=500", "Run.stop_when_solved=false")
    best, reached = column(run, "best_fitness"), column(run, "reached_threshold")
    assert best[0] > 500
    assert outcome.reason == "fitness threshold"
    assert column(run, "stage")[-1] == "Level1-a"
    assert reached == [stage == "Level1-a" for stage in column(run, "stage")]
    assert reached.count(True) == 1
    config = load(run / "config.ini", ["Run.generations=99"])
    assert "reached its fitness threshold" in str(is_finished(config, run))


def test_a_run_may_go_on_where_a_fitness_threshold_was_reached_too_early(tmp_path: Path) -> None:
    run = tmp_path / "run"
    evolved(run, "NEAT.fitness_threshold=500", "Run.generations=1")
    config = load(run / "config.ini", ["Run.generations=6"])
    assert is_finished(config, run) is None


def test_every_genome_is_played_anew_when_a_lesson_begins(lessons: Path) -> None:
    stages, counts = column(lessons, "stage"), column(lessons, "num_evaluations")
    assert [counts[stages.index(lesson)] for lesson in LESSONS] == [16, 16, 16]


def test_within_a_lesson_what_is_known_is_not_played_again(tmp_path: Path) -> None:
    evolved(tmp_path / "run", "Fitness.won=none", "Run.generations=2")
    first, second = column(tmp_path / "run", "num_evaluations")
    assert second < first == 16  # or the test above would say nothing


def test_the_best_genome_knows_its_lesson(lessons: Path) -> None:
    _, card = load_genome(lessons / "best" / "best.npz")
    assert (card["stage"], card["fitness"]) == ("Level1-a", column(lessons, "best_fitness")[-1])
    _, card = load_genome(lessons / "best" / "generation-000000.npz")
    assert (card["stage"], card["fitness"]) == ("Practice", column(lessons, "best_fitness")[0])


def test_a_genome_of_a_run_without_lessons_says_nothing_of_them(tmp_path: Path) -> None:
    alone = ("Retro.states=Practice", "Retro.curriculum=none", "Run.generations=1")
    evolved(tmp_path / "run", *alone)
    assert "stage" not in load_genome(tmp_path / "run" / "best" / "best.npz")[1]
    assert "stage" not in json.loads(command("show", tmp_path / "run", "--json").stdout)


@pytest.mark.parametrize(
    ("file", "lesson"), [("best.npz", "Level1-a"), ("generation-000000.npz", "Practice")]
)
def test_a_film_shows_the_lesson_that_the_genome_belongs_to(
    lessons: Path, file: str, lesson: str, tmp_path: Path
) -> None:
    genome = lessons / "best" / file
    evaluation, states = film_genome(genome, tmp_path / "film.png")
    assert states == (lesson,)
    assert evaluation.fitness == load_genome(genome)[1]["fitness"]


def test_a_film_of_a_run_with_lessons_names_the_state_and_takes_another(lessons: Path) -> None:
    own = command("film", lessons).stdout
    assert own.rstrip().endswith("(won, 0 s of play) in Level1-a")
    other = command("film", lessons, "--set", "Retro.states=Level1").stdout
    assert other.rstrip().endswith("in Level1")
    both = film_genome(lessons, lessons / "f.png", overrides=["Retro.states=Level1, Practice"])
    assert both[1] == ("Level1", "Practice")
    assert sum(both[0].endings.values()) == 2


def test_a_champion_is_filmed_and_evaluated_in_a_state_that_was_held_out(tmp_path: Path) -> None:
    run, heldout = tmp_path / "run", ["Retro.states=heldout-Level1"]
    alone = ("Retro.states=Practice", "Retro.curriculum=none", "Run.generations=1")
    evolved(run, *alone, "Retro.heldout_states=heldout-Level1", "Retro.heldout_every=1")
    tested = column(run, "best_metrics")[0]["heldout_fitness"]
    assert film_genome(run, run / "film.png", overrides=heldout)[0].fitness == tested
    fitness = evaluate_genome(run, 1, num_workers=0, overrides=heldout)["fitness"]
    assert fitness["mean"] == tested


def test_a_genome_that_does_not_know_its_lesson_is_filmed_in_all(
    lessons: Path, tmp_path: Path
) -> None:
    genome, card = load_genome(lessons / "best" / "best.npz")
    for number, stage in enumerate((None, 7)):
        old = tmp_path / f"old-{number}.npz"
        save_genome(old, genome, {**card, "stage": stage})
        evaluation, states = film_genome(old, tmp_path / "film.png")
        assert (states, sum(evaluation.endings.values())) == (LESSONS, 3)


def test_pictures_of_what_is_seen_are_of_the_genomes_own_lesson(
    lessons: Path, tmp_path: Path
) -> None:
    def first(folder: str, *options: str) -> bytes:
        told = command("evaluate", lessons, "--dump-observation", tmp_path / folder, *options)
        assert " pictures) in " in told.stdout
        return (tmp_path / folder / "0001.png").read_bytes()

    own = first("own")
    assert own == first("named", "--set", "Retro.states=Level1-a")
    assert own != first("other", "--set", "Retro.states=Practice")


def test_show_tells_the_best_of_the_last_lesson(lessons: Path) -> None:
    shown = json.loads(command("show", lessons, "--json").stdout)
    _, card = load_genome(lessons / "best" / "best.npz")
    assert shown["stage"] == "Level1-a"
    assert shown["best"]["best_fitness"] == card["fitness"]
    assert shown["best"]["generation"] == card["generation"]
    assert "stage        Level1-a\n" in command("show", lessons).stdout


def test_a_run_that_ends_as_it_passes_a_lesson_tells_its_best_genome(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    outcome = evolved(run, "Run.generations=1")
    assert "Practice is passed" in capsys.readouterr().out
    assert outcome.best is not None
    genome, card = load_genome(run / "best" / "best.npz")
    assert (outcome.best.genome.id, outcome.best.fitness) == (genome.id, card["fitness"])
    report(run, outcome)
    said = capsys.readouterr().out
    assert f"best fitness {card['fitness']:g} in Practice, genome {genome.id} of gener" in said


@pytest.mark.parametrize("name", ["Practice.state", "Practice"])
def test_transfer_marks_what_was_trained_with_or_without_the_suffix(
    lessons: Path, name: str, tmp_path: Path
) -> None:
    result = json.loads(command("transfer", lessons, "--states", f"{name},Level2", "--json").stdout)
    assert result["states"] == ["Practice", "Level2"]
    assert result["is_trained"] == [[True, False]]
    alone = evaluate_genome(lessons, 1, num_workers=0, overrides=["Retro.states=Practice"])
    assert result["fitness"][0][0] == alone["fitness"]["mean"]


def test_transfer_marks_no_lesson_that_the_genome_did_not_come_to(lessons: Path) -> None:
    genomes = (lessons / "best" / "generation-000000.npz", lessons)
    result = json.loads(command("transfer", *genomes, "--json").stdout)
    assert result["states"] == list(LESSONS)
    assert result["is_trained"] == [[True, False, False], [True, True, True]]


def test_transfer_marks_a_run_trained_on_a_name_with_a_suffix(tmp_path: Path) -> None:
    run = tmp_path / "run"
    alone = ("Retro.states=Practice.state", "Retro.curriculum=none", "Run.generations=1")
    evolved(run, *alone)
    result = json.loads(command("transfer", run, "--states", "Practice,Level2", "--json").stdout)
    assert result["is_trained"] == [[True, False]]
