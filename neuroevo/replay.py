"""Playing without evolving: a genome, or a random player, on fresh episodes.

Owns what an honest score is: episodes with their own seeds, starts perturbed on request, mean and
spread beside the best.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.config import Config, loads, resolve_sizes
from neuroevo.errors import ConfigError, StorageError
from neuroevo.evaluation.build import build_evaluator
from neuroevo.neat.genome import Genome
from neuroevo.network.compile import compile_network
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.tasks.factory import make_task
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro.film import Film
from neuroevo.tasks.retro.pictures import save_film
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.settings import GymnasiumSettings, TaskSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation


def evaluate_genome(
    path: Path,
    episodes: int,
    *,
    noops: int = 0,
    seed: int = 0,
    num_workers: int | None = None,
    overrides: Sequence[str] = (),
) -> dict[str, Any]:
    """Play fresh episodes with a genome file, or with the best genome of a run directory.

    Args:
        path: a genome file (it carries its settings) or a run directory.
        episodes: how many; a deterministic task from one start is played once.
        noops: every episode of a game starts after 0 to this many idle frames.
        seed: of the episodes.
        num_workers: None takes the number in the settings.
        overrides: ``SECTION.KEY=VALUE`` to play under other rules than it was evolved with.

    Returns:
        What :func:`scores` returns.
    """
    genome, config = _load(path, overrides)
    task = fresh_episodes(_task_of(config), noops)
    workers = config.settings.run.num_workers if num_workers is None else num_workers
    evaluator = build_evaluator(
        task, seed, feed_forward=config.settings.neat.genome.feed_forward, num_workers=workers
    )
    try:
        description = evaluator.describe()
        resolve_sizes(config, description)
        count = 1 if description.is_deterministic else episodes
        # The id selects the seeds of an episode, so each copy plays another one.
        copies = [genome.changed(id=episode) for episode in range(count)]
        return scores(evaluator.evaluate(copies, 0))
    finally:
        evaluator.close()


def film_genome(path: Path, film_path: Path, *, overrides: Sequence[str] = ()) -> Evaluation:
    """Play a genome once and write a film of it: the game beside what the network sees.

    Args:
        path: a genome file or a run directory, as for :func:`evaluate_genome`.
        film_path: a ``.png`` file, which a browser plays.
        overrides: ``SECTION.KEY=VALUE``, such as another state.

    Returns:
        What it scored.

    Raises:
        ConfigError: the task is no game.
    """
    genome, config = _load(path, overrides)
    settings = _task_of(config)
    if not isinstance(settings, RetroSettings):
        raise ConfigError([f"{path}: a film needs a game; got another task. Film a retro run."])
    film = Film()
    task = RetroTask(settings)
    try:
        sizes = task.describe()
        resolve_sizes(config, sizes)
        network = compile_network(
            genome,
            sizes.num_inputs,
            sizes.num_outputs,
            feed_forward=config.settings.neat.genome.feed_forward,
        )
        evaluation = task.evaluate(network, EpisodeSeeds(0, 0, genome.id), watch=film)
    finally:
        task.close()
    is_signed = settings.observation.source == "tiles"
    save_film(film_path, film, is_signed=is_signed, frame_skip=settings.frame_skip)
    return evaluation


def evaluate_random(config: Config, episodes: int, seed: int = 0) -> dict[str, Any]:
    """Play episodes with uniformly random outputs, drawn anew for every decision."""
    task = make_task(fresh_episodes(_task_of(config), 0))
    try:
        num_outputs = task.describe().num_outputs
        evaluations = []
        for episode in range(episodes):
            seeds = EpisodeSeeds(seed, 0, episode)
            stream = np.random.SeedSequence(seed, spawn_key=(episode,))
            player = RandomPolicy(num_outputs, np.random.default_rng(stream))
            evaluations.append(task.evaluate(player, seeds))
        return scores(evaluations)
    finally:
        task.close()


def fresh_episodes(task: TaskSettings, noops: int) -> TaskSettings:
    """Return task settings that play one episode per evaluation, each with seeds of its own.

    Raises:
        ConfigError: idle frames were asked of a task that is no game.
    """
    if isinstance(task, RetroSettings):
        return replace(task, noops=noops or task.noops, same_starts=False)
    if noops:
        raise ConfigError(
            ["--noops: idle frames need a game; got another task. Leave --noops away."]
        )
    if isinstance(task, GymnasiumSettings):
        return replace(task, episodes=1, same_episodes=False)
    return task


def scores(evaluations: Sequence[Evaluation]) -> dict[str, Any]:
    """Return fitness (mean, sd, min, max), mean metrics, endings, and every episode's fitness."""
    fitnesses = [e.fitness for e in evaluations]
    names = sorted({name for e in evaluations for name in e.metrics})
    endings: Counter[str] = Counter()
    for evaluation in evaluations:
        endings.update(evaluation.endings)
    return {
        "num_episodes": len(evaluations),
        "fitness": _spread(fitnesses),
        "metrics": {
            name: _spread([e.metrics[name] for e in evaluations if name in e.metrics])
            for name in names
        },
        "endings": dict(sorted(endings.items())),
        "solved": sum(e.solved for e in evaluations),
        "num_frames": sum(e.num_frames for e in evaluations),
        "fitnesses": fitnesses,
    }


def scores_text(result: dict[str, Any]) -> str:
    """Return the scores as a few lines for a person."""
    lines = [f"episodes {result['num_episodes']}, solved {result['solved']}"]
    rows = {"fitness": result["fitness"], **result["metrics"]}
    lines.append(f"{'':18}{'mean':>12}{'sd':>12}{'min':>12}{'max':>12}")
    lines += [
        f"{name:18}" + "".join(f"{row[key]:12.6g}" for key in ("mean", "sd", "min", "max"))
        for name, row in rows.items()
    ]
    endings = ", ".join(f"{name} {count}" for name, count in result["endings"].items())
    return "\n".join([*lines, f"endings           {endings or 'none'}"])


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {
        "mean": statistics.fmean(values),
        "sd": statistics.stdev(values) if len(values) > 1 else 0.0,
        "min": min(values),
        "max": max(values),
    }


def _load(path: Path, overrides: Sequence[str]) -> tuple[Genome, Config]:
    """Return the genome of a file or of a run directory, and the settings it carries."""
    file = path if path.is_file() else RunDirectory.open(path).best / "best.npz"
    genome, meta = load_genome(file)
    if "config" not in meta:
        raise StorageError(f"{file}: must carry its settings; got none. Use a file from best/.")
    return genome, loads(str(meta["config"]), f"settings in {file.name}", overrides)


def _task_of(config: Config) -> TaskSettings:
    if config.settings.task is None:
        raise ConfigError([f"{config.name} [Task] name: must name a task; got no [Task] section."])
    return config.settings.task
