"""One evolution from settings to champion: the loop, its stop rules and its records.

Builds the parts from the settings, runs generations, and writes what happened into the run
directory. Observing changes nothing: the same settings and seed give the same digests with any
number of workers, with or without observers, uninterrupted or resumed.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from neuroevo.config import Config, resolve_sizes, with_overrides
from neuroevo.errors import ConfigError, EvaluationError, ExtinctionError, StorageError
from neuroevo.evaluation.build import build_evaluator
from neuroevo.evaluation.evaluator import Evaluator
from neuroevo.neat import kernels
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.neat.state import BestGenome, GenerationStats
from neuroevo.storage.checkpoint import load_newest, save_checkpoint
from neuroevo.storage.digest import state_digest
from neuroevo.storage.genome_file import save_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import RunLog, read_log
from neuroevo.tasks.task import Evaluation, TaskDescription


class Observer(Protocol):
    """Somebody who watches a run; whatever it does, the run stays the same."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        """The workers are ready and ``generation`` is about to be evaluated."""

    def progress(self, num_done: int, num_genomes: int) -> None:
        """So many genomes of the running generation are evaluated."""

    def generation(self, record: Mapping[str, Any]) -> None:
        """A generation is over; ``record`` is its line of the run log."""

    def event(self, text: str) -> None:
        """Something happened that a person should know."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run ended.

    Attributes:
        reason: ``solved``, ``fitness threshold``, ``generations`` or ``time``.
        num_generations: finished ones, over all sessions of the run.
        best: the best genome of the run.
    """

    reason: str
    num_generations: int
    best: BestGenome | None


def start(
    config: Config,
    folder: Path,
    observer: Observer,
    *,
    time_limit_seconds: float | None = None,
    command_line: Sequence[str] = (),
) -> Outcome:
    """Evolve a new population; its records go to ``folder``, made when the task is ready.

    Args:
        config: complete settings with a seed (:func:`with_seed`).
        folder: of the run; missing or empty.
        observer: watches.
        time_limit_seconds: stop after the generation in which so many seconds have passed.
        command_line: for the manifest.

    Raises:
        ConfigError: the settings have no task, or sizes that do not fit it.
        TaskError, EvaluationError, ExtinctionError, StorageError: as their names say.
    """
    evaluator = make_evaluator(config, observer)
    try:
        description = evaluator.describe()
        config = resolve_sizes(config, description)
        population = Population(config.settings.neat, run_seed(config))
        with RunDirectory.create(
            folder,
            config.to_ini(),
            command_line=command_line,
            task_fingerprint=description.fingerprint,
        ) as run:
            session = _Session(config, run, evaluator, observer, description, population, {})
            session.save_checkpoint()
            return session.run(time_limit_seconds)
    finally:
        evaluator.close()


def resume(
    config: Config,
    folder: Path,
    observer: Observer,
    *,
    time_limit_seconds: float | None = None,
) -> Outcome:
    """Continue a run exactly where its newest checkpoint stands.

    Args:
        config: the run's own ``config.ini``, with ``generations`` and ``workers`` as wanted now.
        folder: of the run.
        observer: watches.
        time_limit_seconds: stop after the generation in which so many seconds have passed.

    Raises:
        StorageError: another process writes the run, no checkpoint is readable, or the game is
            not the one the run began with.
    """
    with RunDirectory.open(folder, writing=True) as run:
        state, extra, warnings = load_newest(run.checkpoints)
        for warning in warnings:
            observer.event(warning)
        evaluator = make_evaluator(config, observer)
        try:
            description = evaluator.describe()
            _check_fingerprint(run, extra["fingerprint"], description.fingerprint)
            population = Population.from_state(config.settings.neat, state)
            known = {int(i): Evaluation(**e) for i, e in extra["known"].items()}
            session = _Session(config, run, evaluator, observer, description, population, known)
            session.log.truncate(int(extra["log_offset"]))
            return session.run(time_limit_seconds)
        finally:
            evaluator.close()


def make_evaluator(config: Config, observer: Observer) -> Evaluator:
    """Build the evaluator the settings ask for.

    Raises:
        ConfigError: the settings name no task.
    """
    settings = config.settings
    if settings.task is None:
        raise ConfigError(
            [
                f"{config.name} [Task] name: must say what to evolve for; got no [Task] section. "
                "Add one, or pass e.g. --set Task.name=retro --set Retro.game=Airstriker-Genesis."
            ]
        )
    return build_evaluator(
        settings.task,
        run_seed(config),
        feed_forward=settings.neat.genome.feed_forward,
        num_workers=settings.run.num_workers,
        timeout_seconds=settings.run.evaluation_timeout,
        on_event=observer.event,
    )


def has_compiled_kernels() -> bool:
    """Tell whether an earlier run left compiled kernels beside the code.

    Where that folder cannot be written numba keeps them elsewhere, and this says False.
    """
    cache = Path(kernels.__file__).parent / "__pycache__"
    return any(cache.glob("kernels.*.nbc"))


def run_seed(config: Config) -> int:
    """Return the seed of the run.

    Raises:
        ConfigError: none is set yet; :func:`with_seed` draws one.
    """
    if config.settings.run.seed is None:
        raise ConfigError(["[Run] seed: must be set before a run starts; got none. Set a number."])
    return config.settings.run.seed


def with_seed(config: Config) -> Config:
    """Return settings that have a seed: the one they have, or one drawn from the system."""
    if config.settings.run.seed is not None:
        return config
    drawn = int(np.random.SeedSequence().generate_state(1)[0])
    return with_overrides(config, [f"Run.seed={drawn}"])


class _Session:
    """One process's share of a run: from a population to its next stop."""

    def __init__(
        self,
        config: Config,
        run: RunDirectory,
        evaluator: Evaluator,
        observer: Observer,
        description: TaskDescription,
        population: Population,
        known: dict[int, Evaluation],
    ) -> None:
        """Take the parts; ``known`` holds, by genome id, what need not be evaluated again."""
        self.config = config
        self.run_directory = run
        self.evaluator = evaluator
        self.observer = observer
        self.description = description
        self.population = population
        self.known = known
        self.log = RunLog(run.log)
        self.events = RunLog(run.events)

    def run(self, time_limit_seconds: float | None) -> Outcome:
        """Run generations until a stop rule holds."""
        run = self.config.settings.run
        self.observer.started(self.description, self.population.generation, run.generations)
        began = time.monotonic()
        reason = "generations"
        while self.population.generation < run.generations:
            reason = self._one_generation()
            if reason != "generations":
                break
            if time_limit_seconds is not None and time.monotonic() - began > time_limit_seconds:
                reason = "time"
                break
        self.save_checkpoint()
        self._event("stopped", f"stopped after generation {self.population.generation}: {reason}")
        return Outcome(reason, self.population.generation, self.population.best)

    def _one_generation(self) -> str:
        """Ask, evaluate, tell, record; return the reason to stop, or ``generations``."""
        began = time.perf_counter()
        genomes = self.population.ask()
        fresh = [genome for genome in genomes if genome.id not in self.known]
        results = self._evaluate(fresh)
        evaluations = [results[g.id] if g.id in results else self.known[g.id] for g in genomes]
        evaluation_seconds = time.perf_counter() - began
        fitnesses = self._usable(genomes, evaluations)
        champion = int(np.argmax(fitnesses))
        verdict = evaluations[champion]
        num_frames = sum(e.num_frames for e in results.values())
        if self.description.has_champion_test:
            tested = self.evaluator.test(genomes[champion])
            metrics = {**verdict.metrics, **tested.metrics}
            verdict = replace(verdict, metrics=metrics, solved=tested.solved)
            num_frames += tested.num_frames
        stats = self._tell(fitnesses)
        self._remember(results)
        record = _record(stats, evaluations, verdict)
        record |= {
            "generation_seconds": round(time.perf_counter() - began, 6),
            "evaluation_seconds": round(evaluation_seconds, 6),
            "num_evaluations": len(fresh),
            "num_frames": num_frames,
            "best_ever_fitness": self.population.best.fitness if self.population.best else None,
            "digest": state_digest(self.population.state(), fitnesses),
        }
        self._store(record)
        self.observer.generation(record)
        return self._stop_reason(stats, verdict)

    def _evaluate(self, fresh: Sequence[Genome]) -> dict[int, Evaluation]:
        evaluations = self.evaluator.evaluate(
            fresh, self.population.generation, self.observer.progress
        )
        return {genome.id: e for genome, e in zip(fresh, evaluations, strict=True)}

    def _usable(
        self, genomes: Sequence[Genome], evaluations: Sequence[Evaluation]
    ) -> npt.NDArray[np.float64]:
        """Return finite fitnesses: what is not finite is named and becomes the worst one."""
        fitnesses = np.array([e.fitness for e in evaluations], dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(fitnesses)).tolist()
        if len(bad) == len(fitnesses):
            raise EvaluationError(
                f"generation {self.population.generation}: at least one fitness must be finite; "
                f"got none of {len(fitnesses)}. See events.jsonl of the run."
            )
        if len(bad):
            names = ", ".join(str(genomes[i].id) for i in bad)
            self._event("fitness", f"fitness of genomes {names} is not finite; takes the worst")
            fitnesses[bad] = np.delete(fitnesses, bad).min()
        return fitnesses

    def _tell(self, fitnesses: npt.NDArray[np.float64]) -> GenerationStats:
        before = self.population.best
        try:
            stats = self.population.tell(fitnesses)
        except ExtinctionError as error:
            self._save_best(before)
            self._event("extinction", str(error))
            raise
        self._save_best(before)
        for text in stats.events:
            self._event("population", text)
        return stats

    def _save_best(self, before: BestGenome | None) -> None:
        """Write the best genome when it is a new one: once under its generation, once as best."""
        best = self.population.best
        if best is None or best is before:
            return
        meta = {
            "config": self.config.to_ini(),
            "generation": best.generation,
            "fitness": best.fitness,
        }
        folder = self.run_directory.best
        save_genome(folder / f"generation-{best.generation:06d}.npz", best.genome, meta)
        save_genome(folder / "best.npz", best.genome, meta)

    def _remember(self, results: Mapping[int, Evaluation]) -> None:
        """Keep the evaluations of genomes that live on, where they would come out the same."""
        if not self.description.is_deterministic:
            return
        alive = {genome.id for genome in self.population.ask()}
        self.known = {i: e for i, e in {**self.known, **results}.items() if i in alive}

    def _store(self, record: Mapping[str, Any]) -> None:
        self.log.append(record)
        if self.population.generation % self.config.settings.run.checkpoint_every == 0:
            self.save_checkpoint()

    def save_checkpoint(self) -> None:
        """Write the whole engine as it stands between two generations."""
        extra = {
            "log_offset": self.log.offset,
            "known": {str(i): asdict(e) for i, e in sorted(self.known.items())},
            "fingerprint": dict(self.description.fingerprint),
        }
        save_checkpoint(self.run_directory.checkpoints, self.population.state(), extra)

    def _stop_reason(self, stats: GenerationStats, verdict: Evaluation) -> str:
        if verdict.solved and self.config.settings.run.stop_when_solved:
            return "solved"
        return "fitness threshold" if stats.reached_threshold else "generations"

    def _event(self, kind: str, text: str) -> None:
        now = datetime.now(timezone.utc).isoformat(timespec="seconds")
        event = {"time": now, "generation": self.population.generation, "kind": kind, "text": text}
        self.events.append(event)
        self.observer.event(text)


def _record(
    stats: GenerationStats, evaluations: Sequence[Evaluation], verdict: Evaluation
) -> dict[str, Any]:
    """Return the log line of a generation, without what the clock and the counters add.

    ``verdict`` is the champion's evaluation, its champion test included.
    """
    endings: dict[str, int] = {}
    for evaluation in evaluations:
        for name, count in evaluation.endings.items():
            endings[name] = endings.get(name, 0) + count
    return {
        "generation": stats.generation,
        "best_fitness": stats.best_fitness,
        "mean_fitness": stats.mean_fitness,
        "median_fitness": stats.median_fitness,
        "min_fitness": stats.min_fitness,
        "fitness_stdev": stats.fitness_stdev,
        "fitness_quartiles": list(stats.fitness_quartiles),
        "num_species": len(stats.species),
        "best_genome_id": stats.champion.id,
        "best_num_nodes": stats.champion.num_nodes,
        "best_num_connections": stats.champion.num_enabled,
        "mean_num_nodes": stats.mean_num_nodes,
        "mean_num_connections": stats.mean_num_connections,
        "compatibility_threshold": stats.compatibility_threshold,
        "species": [asdict(s) for s in stats.species],
        "endings": dict(sorted(endings.items())),
        "best_metrics": dict(verdict.metrics),
        "solved": verdict.solved,
        "reached_threshold": stats.reached_threshold,
        "events": list(stats.events),
    }


def _check_fingerprint(
    run: RunDirectory, recorded: Mapping[str, str], now: Mapping[str, str]
) -> None:
    """Refuse to continue with another ROM, state or data file than the run began with."""
    changed = sorted(k for k in {**recorded, **now} if recorded.get(k) != now.get(k))
    if changed:
        named = ", ".join(f"{k}: {recorded.get(k)} became {now.get(k)}" for k in changed)
        raise StorageError(
            f"{run.path}: the task must be the one the run began with; got changes ({named}). "
            "Bring the old files back, or start a new run."
        )


def is_finished(config: Config, folder: Path) -> str | None:
    """Return why a run needs no further generation, or None when there is work left."""
    log = RunDirectory.open(folder).log
    records = read_log(log) if log.exists() else []
    if not records:
        return None
    last = records[-1]
    if last["solved"] and config.settings.run.stop_when_solved:
        return f"solved in generation {last['generation']}"
    if last["reached_threshold"]:
        return f"reached its fitness threshold in generation {last['generation']}"
    if last["generation"] + 1 >= config.settings.run.generations:
        return f"all {config.settings.run.generations} generations are done"
    return None
