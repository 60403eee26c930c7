"""Whatever stops a run, the last finished generation is on the disk and the message says how to go
on; and a genome that no worker survives is put away, not the run."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from builders.command_line import neuroevo
from builders.poisoned import poison
from builders.small_records import ROOT, newest_generation

from neuroevo import evolve
from neuroevo.config import Config, load, resolve_sizes
from neuroevo.curriculum import Curriculum
from neuroevo.errors import EvaluationError, NeuroevoError
from neuroevo.evaluation.evaluator import SerialEvaluator
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.finished import is_finished
from neuroevo.known import Known
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.records import Events, Records
from neuroevo.session import Session
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.factory import make_task
from neuroevo.tasks.task import Evaluation, TaskDescription
from neuroevo.verify import verify


class Nobody:
    """Watches, and says nothing."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        pass

    def progress(self, num_done: int, num_genomes: int) -> None:
        pass

    def generation(self, record: Mapping[str, Any]) -> None:
        pass

    def event(self, text: str) -> None:
        pass


def settings_of(name: str, *overrides: str) -> Config:
    return load(ROOT / "neat-configs" / f"{name}.ini", ["Run.seed=5", *overrides])


class StopsInGeneration(SerialEvaluator):
    """Evaluates XOR until a generation, in the middle of which something happens."""

    def __init__(self, config: Config, generation: int, problem: BaseException) -> None:
        assert config.settings.task is not None
        super().__init__(make_task(config.settings.task), 5, feed_forward=True)
        self._generation, self._problem = generation, problem

    def evaluate(
        self, genomes: Sequence[Genome], generation: int, *more: Any, **options: Any
    ) -> Sequence[Evaluation]:
        if generation == self._generation:
            super().evaluate(genomes[:3], generation, *more, **options)
            raise self._problem
        return super().evaluate(genomes, generation, *more, **options)


TEN = ("Run.checkpoint_every=10", "Run.workers=0", "Run.stop_when_solved=false")
PROBLEMS = {
    "workers": (EvaluationError("worker 1: must set its task up; got none."), EvaluationError),
    "memory": (MemoryError(), EvaluationError),
    "a bug": (ZeroDivisionError("by zero"), ZeroDivisionError),
    "Ctrl-C": (KeyboardInterrupt(), KeyboardInterrupt),
}


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("undisturbed") / "run"
    evolve.start(settings_of("xor", *TEN, "Run.generations=9"), folder, Nobody())
    return [str(record["digest"]) for record in read_log(folder / "log.jsonl")]


@pytest.mark.parametrize("name", PROBLEMS)
def test_what_stops_a_run_between_checkpoints_loses_the_running_generation_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, undisturbed: list[str], name: str
) -> None:
    problem, expected = PROBLEMS[name]
    config = settings_of("xor", *TEN, "Run.generations=20")
    folder = tmp_path / "run"
    evaluator = StopsInGeneration(config, 6, problem)
    with monkeypatch.context() as patched:
        patched.setattr(evolve, "make_evaluator", lambda *_: evaluator)
        with pytest.raises(expected) as raised:
            evolve.start(config, folder, Nobody())
    run = RunDirectory.open(folder, writing=True)  # free at once
    assert newest_generation(run) == 6
    assert len(read_log(run.log)) == 6
    run.close()
    if isinstance(raised.value, NeuroevoError):
        assert "6 finished generations are saved" in str(raised.value)
        assert f"`neuroevo resume {folder}`" in str(raised.value)
        last = read_log(run.events)[-1]
        assert (last["kind"], last["generation"]) == ("stopped", 5), "the last in the log"
    evolve.resume(load(run.config, ["Run.generations=9"]), folder, Nobody())
    assert [record["digest"] for record in read_log(run.log)] == undisturbed


def test_an_extinction_is_told_with_what_is_saved_and_how_to_go_on(tmp_path: Path) -> None:
    run = tmp_path / "run"
    changes = [
        "Run.checkpoint_every=50", "Run.stop_when_solved=false", "NEAT.reset_on_extinction=false",
        "DefaultStagnation.max_stagnation=2", "DefaultStagnation.species_elitism=0",
        "NEAT.pop_size=10",
    ]  # fmt: skip
    options = [word for change in changes for word in ("--set", change)]
    ended = neuroevo("evolve", "xor", "--seed", 1, "--workers", 0, "--out", run, *options)
    assert ended.returncode == 2, ended.stdout
    opened = RunDirectory.open(run)
    count = newest_generation(opened)
    # The generation that died out has a line, and is no state to go on from.
    assert count == len(read_log(opened.log)) - 1 > 0
    how = f"change that in {opened.config}, then `neuroevo resume {run}` goes on from there."
    assert f"{count} finished generations are saved: {how}" in ended.stderr
    kinds = [event["kind"] for event in read_log(opened.events)]
    assert "extinction" in kinds


def test_a_genome_that_no_worker_survives_is_put_away_with_all_that_is_needed_to_look_at_it(
    tmp_path: Path,
) -> None:
    """All others do equally badly: it is not taken for their champion, though it is the first."""
    config = settings_of(
        "cartpole", "Run.generations=2", "Run.workers=2", "NEAT.pop_size=8",
        "Task.id=MountainCar-v0",
    )  # fmt: skip
    events = Events(lambda _: None)
    evaluator = evolve.make_evaluator(config, events.worker)
    assert isinstance(evaluator, ProcessEvaluator)
    try:
        description = evaluator.describe()
        config = resolve_sizes(config, description)
        population = Population(config.settings.neat, 5)
        victim = population.ask()[0].id
        poison(evaluator, victim)
        with RunDirectory.create(tmp_path / "run", config.to_ini()) as run:
            events.open(run)
            records = Records(run, config, description.fingerprint, events)
            parts = (evaluator, description, population)
            session = Session(
                config, records, parts, Nobody(), Known.of({}), Curriculum(description)
            )
            records.begin(session.moment())
            session.run(None)
    finally:
        evaluator.close()
    (path,) = run.quarantine.iterdir()
    assert path.name == f"generation-000000-genome-{victim}.npz"
    genome, card = load_genome(path)
    assert (genome.id, card["generation"]) == (victim, 0)
    assert "worker" in card["reason"]
    logged = read_log(run.log)
    assert logged[0]["given_up"] == [victim]
    assert logged[0]["best_fitness"] == logged[0]["median_fitness"]
    assert logged[0]["best_genome_id"] != victim
    assert logged[0]["best_metrics"]["return"] == logged[0]["best_fitness"]
    assert load_genome(run.best / "best.npz")[0].id != victim
    assert "given_up" not in logged[1], "nobody kept it"
    told = {event["kind"]: event["text"] for event in read_log(run.events)}
    assert f"neuroevo evaluate {path} --workers 0" in told["quarantine"]
    assert "generation" in told["inexact"]
    assert verify(run.path, 0, num_workers=0).given_up == (victim,)
    played = neuroevo("evaluate", path, "--workers", 0, "--episodes", 1, "--json")
    assert played.returncode == 0, played.stderr
    assert json.loads(played.stdout)["num_episodes"] == 1


def test_a_last_generation_whose_checkpoint_was_not_written_is_computed_again(
    tmp_path: Path, undisturbed: list[str]
) -> None:
    folder = tmp_path / "run"
    evolve.start(settings_of("xor", *TEN[1:], "Run.generations=9"), folder, Nobody())
    run = RunDirectory.open(folder)
    config = load(run.config)
    assert is_finished(config, folder) is not None
    (run.checkpoints / "generation-000009.npz").unlink()  # as on a disk that took the line only
    assert is_finished(config, folder) is None
    evolve.resume(config, folder, Nobody())
    assert newest_generation(run) == 9
    assert [record["digest"] for record in read_log(run.log)] == undisturbed
