"""How fast a user's own machine plays a user's own game, and where the time goes.

Measures the genomes of a first generation, each one in turns: as a run evaluates it, and (of a
game) the same frames on the bare emulator. Processor time, so that other work on the machine does
not count. Results of a run are none of its business: nothing is written.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field

import numpy as np

from neuroevo import evolve
from neuroevo.config import Config, resolve_sizes
from neuroevo.errors import ConfigError
from neuroevo.evaluation.evaluator import Scorer
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.network.compile import compile_network
from neuroevo.tasks.factory import make_task
from neuroevo.tasks.retro.profile import SHARES, Stopwatch, Tape
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.settings import TaskSettings
from neuroevo.tasks.task import EpisodeSeeds, Network, Task, TaskDescription


@dataclass(frozen=True, slots=True)
class Share:
    """What one part of an evaluation costs: microseconds per decision and per frame, and percent.

    Attributes:
        name: ``emulator``, ``observation``, ``network``, ``fitness``, ``buttons`` or ``rest``.
    """

    name: str
    per_decision: float
    per_frame: float
    percent: float


@dataclass(frozen=True, slots=True)
class Speed:
    """What was measured, in seconds of processor time.

    Attributes:
        task: its name.
        num_inputs: of the networks.
        num_outputs: of the networks.
        population: genomes of a generation.
        num_genomes: how many were measured.
        num_frames: their frames (or steps), once.
        seconds_per_genome: of an evaluation.
        frames_per_second: of evaluations.
        bare_frames_per_second: of the emulator alone on the same frames; None without an emulator.
        ratio: the first of both by the second; None without an emulator.
        shares: of an evaluation; empty without an emulator.
        breeding_seconds: of making the next generation.
        expected: (workers, seconds of a generation), from 1 to the number of cores, for workers
            that have a core each.
        longest_seconds: of a generation with a worker on each core in which every episode takes as
            long as it may; None where there is no limit.
    """

    task: str
    num_inputs: int
    num_outputs: int
    population: int
    num_genomes: int
    num_frames: int
    seconds_per_genome: float
    frames_per_second: float
    bare_frames_per_second: float | None
    ratio: float | None
    shares: list[Share]
    breeding_seconds: float
    expected: list[tuple[int, float]]
    longest_seconds: float | None

    def as_json(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


@dataclass(slots=True)
class _Laps:
    """Sums over the genomes that are measured."""

    num_genomes: int = 0
    num_frames: int = 0
    seconds: float = 0.0
    bare_frames: int = 0
    bare_seconds: float = 0.0
    watched_seconds: float = 0.0
    stopwatch: Stopwatch = field(default_factory=Stopwatch)


def measure_speed(config: Config, seconds: float) -> Speed:
    """Measure as many genomes as there is time for, one at least, and each in turns.

    Args:
        config: with a task.
        seconds: to spend, without the start of the emulator.

    Raises:
        ConfigError: the settings have no task, or sizes that do not fit it.
        TaskError: the task cannot be set up.
    """
    config = evolve.with_seed(config)
    task = make_task(_task_settings(config))
    try:
        description = task.describe()
        config = resolve_sizes(config, description)
        population = Population(config.settings.neat, evolve.run_seed(config))
        laps = _measure(config, task, population, seconds)
    finally:
        task.close()
    return _speed(description, population, laps)


def _task_settings(config: Config) -> TaskSettings:
    if config.settings.task is None:
        raise ConfigError(
            [f"{config.name} [Task] name: must name a task; got no [Task] section. Add one."]
        )
    return config.settings.task


def _measure(config: Config, task: Task, population: Population, seconds: float) -> _Laps:
    feed_forward = config.settings.neat.genome.feed_forward
    scorer = Scorer(task, evolve.run_seed(config), feed_forward=feed_forward)
    sizes = scorer.describe()
    genomes = population.ask()
    scorer.evaluate(genomes[0], 0)  # the first one loads and learns
    laps, limit = _Laps(), time.perf_counter() + seconds
    for genome in genomes:
        began = time.process_time()
        laps.num_frames += scorer.evaluate(genome, 0).num_frames
        laps.seconds += time.process_time() - began
        laps.num_genomes += 1
        if isinstance(task, RetroTask):
            network = compile_network(
                genome, sizes.num_inputs, sizes.num_outputs, feed_forward=feed_forward
            )
            seeds = EpisodeSeeds(evolve.run_seed(config), 0, genome.id)
            _play_bare(laps, task, network, seeds)
            _play_watched(laps, task, network, seeds)
        if time.perf_counter() > limit:
            break
    return laps


def _play_bare(laps: _Laps, task: RetroTask, network: Network, seeds: EpisodeSeeds) -> None:
    """Add the same frames on the emulator alone."""
    tape = Tape()
    task.evaluate(network, seeds, record=tape)
    laps.bare_seconds += _seconds(tape.play)
    laps.bare_frames += tape.num_frames


def _play_watched(laps: _Laps, task: RetroTask, network: Network, seeds: EpisodeSeeds) -> None:
    """Add the same episodes with the time of each part taken."""
    began = time.perf_counter()
    task.evaluate(network, seeds, stopwatch=laps.stopwatch)
    laps.watched_seconds += time.perf_counter() - began


def _seconds(action: Callable[[], object]) -> float:
    began = time.process_time()
    action()
    return time.process_time() - began


def _speed(description: TaskDescription, population: Population, laps: _Laps) -> Speed:
    genomes = population.ask()
    breeding = _breeding_seconds(population, genomes)
    per_genome = laps.seconds / laps.num_genomes
    work, cores = len(genomes) * per_genome, os.cpu_count() or 1
    per_frame = laps.seconds / max(laps.num_frames, 1)
    longest = None
    if description.max_frames is not None:
        longest = len(genomes) * description.max_frames * per_frame / cores + breeding
    has_emulator = laps.bare_frames > 0
    bare_rate = laps.bare_frames / laps.bare_seconds if has_emulator else None
    return Speed(
        task=description.name,
        num_inputs=description.num_inputs,
        num_outputs=description.num_outputs,
        population=len(genomes),
        num_genomes=laps.num_genomes,
        num_frames=laps.num_frames,
        seconds_per_genome=per_genome,
        frames_per_second=1.0 / per_frame,
        bare_frames_per_second=bare_rate,
        ratio=laps.bare_seconds / laps.seconds if has_emulator else None,
        shares=_shares(laps) if has_emulator else [],
        breeding_seconds=breeding,
        expected=[(n, work / n + breeding) for n in range(1, cores + 1)],
        longest_seconds=longest,
    )


def _breeding_seconds(population: Population, genomes: Sequence[Genome]) -> float:
    """Return what the second of two generations takes to be made; the first loads the kernels."""
    fitnesses = np.arange(float(len(genomes)))
    population.tell(fitnesses)
    return _seconds(lambda: population.tell(fitnesses))


def _shares(laps: _Laps) -> list[Share]:
    """Return the shares of the watched episodes, scaled to what the others took."""
    watch = laps.stopwatch
    parts = {name: watch.seconds[name] for name in SHARES}
    parts["rest"] = max(0.0, laps.watched_seconds - sum(parts.values()))
    whole = sum(parts.values())
    per_decision = 1e6 * laps.seconds / max(watch.num_decisions, 1)
    per_frame = 1e6 * laps.seconds / max(laps.num_frames, 1)
    return [
        Share(name, per_decision * part / whole, per_frame * part / whole, 100 * part / whole)
        for name, part in parts.items()
    ]
