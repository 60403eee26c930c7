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
from neuroevo.tasks.retro.observation.observer import Watcher
from neuroevo.tasks.retro.pictures.dump import ObservationDump
from neuroevo.tasks.retro.pictures.film import Film
from neuroevo.tasks.retro.pictures.saving import save_film
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
    genome, config = load_player(path, overrides)
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
    genome, config = load_player(path, overrides)
    settings, film = _game_of(config), Film()
    evaluation = _play_watched(genome, config, settings, EpisodeSeeds(0, 0, genome.id), film)
    save_film(film_path, film, frame_skip=settings.frame_skip)
    return evaluation


def dump_genome_observation(
    path: Path, folder: Path, *, noops: int = 0, seed: int = 0, overrides: Sequence[str] = ()
) -> str:
    """Play the first episode of :func:`evaluate_genome` again and write what its network sees.

    Args:
        path: a genome file or a run directory.
        folder: a new or empty one, for a picture per decision.
        noops: as for :func:`evaluate_genome`.
        seed: as for :func:`evaluate_genome`.
        overrides: as for :func:`evaluate_genome`.

    Returns:
        A line that says what was written.

    Raises:
        ConfigError: the task is no game.
        TaskError: the folder cannot be used.
    """
    genome, config = load_player(path, overrides)
    settings, dump = _game_of(config), ObservationDump(folder)
    settings = replace(settings, noops=noops or settings.noops, same_starts=False)
    _play_watched(genome, config, settings, EpisodeSeeds(seed, 0, 0), dump)
    return dump.summary()


def _play_watched(
    genome: Genome, config: Config, settings: RetroSettings, seeds: EpisodeSeeds, watch: Watcher
) -> Evaluation:
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
        return task.evaluate(network, seeds, watch=watch)
    finally:
        task.close()


def evaluate_random(
    config: Config, episodes: int, seed: int = 0, watch: Watcher | None = None
) -> dict[str, Any]:
    """Play episodes with uniformly random outputs, drawn anew for every decision.

    They lie in [0, 1), or in [0, 2) where only outputs of 1 and more press a button.

    Args:
        config: of any task; of a game, if somebody watches.
        episodes: how many.
        seed: of the episodes and the outputs.
        watch: is shown every decision of the first episode.

    Returns:
        What :func:`scores` returns.
    """
    settings = fresh_episodes(_task_of(config) if watch is None else _game_of(config), 0)
    is_saturated = isinstance(settings, RetroSettings) and settings.buttons.mode == "saturated"
    highest = 2.0 if is_saturated else 1.0
    task = make_task(settings)
    try:
        num_outputs = task.describe().num_outputs
        evaluations = []
        for episode in range(episodes):
            seeds = EpisodeSeeds(seed, 0, episode)
            stream = np.random.SeedSequence(seed, spawn_key=(episode,))
            player = RandomPolicy(num_outputs, np.random.default_rng(stream), highest)
            if isinstance(task, RetroTask) and watch is not None and episode == 0:
                evaluations.append(task.evaluate(player, seeds, watch))
            else:
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
        noops = noops or task.noops
        return replace(task, noops=noops, same_starts=False, episodes=1, curriculum=None)
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


def load_player(path: Path, overrides: Sequence[str] = ()) -> tuple[Genome, Config]:
    """Return the genome of a file or of a run directory, and the settings it carries.

    Raises:
        StorageError: no genome there, or one without settings.
    """
    file = path if path.is_file() else RunDirectory.open(path).best / "best.npz"
    genome, meta = load_genome(file)
    if "config" not in meta:
        raise StorageError(f"{file}: must carry its settings; got none. Use a file from best/.")
    return genome, loads(str(meta["config"]), f"settings in {file.name}", overrides)


def _game_of(config: Config) -> RetroSettings:
    task = _task_of(config)
    if not isinstance(task, RetroSettings):
        raise ConfigError(
            [f"{config.name} [Task] name: must be retro to be looked at; got another task. Use a "
             f"game."]
        )  # fmt: skip
    return task


def _task_of(config: Config) -> TaskSettings:
    if config.settings.task is None:
        raise ConfigError([f"{config.name} [Task] name: must name a task; got no [Task] section."])
    return config.settings.task
