"""Playing without evolving: a genome, or a random player, on fresh episodes.

Owns what an honest score is: episodes with their own seeds, starts perturbed on request, mean and
spread beside the best.
"""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

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
from neuroevo.tasks.retro.starts import ALL
from neuroevo.tasks.retro.task import Recorder, RetroTask
from neuroevo.tasks.settings import GymnasiumSettings, TaskSettings
from neuroevo.tasks.task import EpisodeSeeds, Evaluation

Settings = TypeVar("Settings", bound=TaskSettings)


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
    task = fresh_episodes(_open_to_all(_task_of(config)), noops)
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


def film_genome(
    path: Path,
    film_path: Path,
    *,
    overrides: Sequence[str] = (),
    record: Recorder | None = None,
) -> tuple[Evaluation, tuple[str, ...]]:
    """Play a genome once and write a film of it: the game beside what the network sees.

    Args:
        path: a genome file or a run directory, as for :func:`evaluate_genome`.
        film_path: a ``.png`` file, which a browser plays.
        overrides: ``SECTION.KEY=VALUE``, such as another state.
        record: records the same game as movies, such as
            :class:`~neuroevo.tasks.retro.human.episode_movies.EpisodeMovies`.

    Returns:
        What it scored; and the states it played if its run has a curriculum, else ().

    Raises:
        ConfigError: the task is no game.
    """
    genome, config, settings = _load_watched(path, overrides)
    film = Film()
    seeds = EpisodeSeeds(0, 0, genome.id)
    evaluation = _play_watched(genome, config, settings, seeds, film, record)
    save_film(film_path, film, frame_skip=settings.frame_skip)
    return evaluation, _chosen_states(config, settings)


def dump_genome_observation(
    path: Path, folder: Path, *, noops: int = 0, seed: int = 0, overrides: Sequence[str] = ()
) -> str:
    """Play the first episode of :func:`evaluate_genome` again and write what its network sees.

    After a curriculum it is played in the stage that the genome belongs to.

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
    genome, config, settings = _load_watched(path, overrides)
    dump = ObservationDump(folder)
    settings = replace(settings, noops=noops or settings.noops, same_starts=False)
    _play_watched(genome, config, settings, EpisodeSeeds(seed, 0, 0), dump)
    states = ", ".join(_chosen_states(config, settings))
    return f"{dump.summary()} in {states}" if states else dump.summary()


def dump_random_observation(
    config: Config, folder: Path, episodes: int, seed: int = 0
) -> tuple[dict[str, Any], str]:
    """Play as :func:`evaluate_random` and write what the first episode shows a network.

    Args:
        config: of a game.
        folder: a new or empty one, for a picture per decision.
        episodes: how many.
        seed: of the episodes and the outputs.

    Returns:
        What :func:`scores` returns, and a line that says what was written.

    Raises:
        ConfigError: the task is no game; then no folder is made.
        TaskError: the folder cannot be used.
    """
    _game_of(config)
    dump = ObservationDump(folder)
    return evaluate_random(config, episodes, seed, dump), dump.summary()


def _play_watched(
    genome: Genome,
    config: Config,
    settings: RetroSettings,
    seeds: EpisodeSeeds,
    watch: Watcher,
    record: Recorder | None = None,
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
        return task.evaluate(network, seeds, watch=watch, record=record)
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
    width = max(18, *(len(name) + 1 for name in rows))
    lines.append(f"{'':{width}}{'mean':>12}{'sd':>12}{'min':>12}{'max':>12}")
    lines += [
        f"{name:{width}}" + "".join(f"{row[key]:12.6g}" for key in ("mean", "sd", "min", "max"))
        for name, row in rows.items()
    ]
    endings = ", ".join(f"{name} {count}" for name, count in result["endings"].items())
    return "\n".join([*lines, f"{'endings':{width}}{endings or 'none'}"])


def _spread(values: Sequence[float]) -> dict[str, float]:
    """Return them summed up; what is beyond the numbers of a float is inf or nan, no error."""
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(np.mean(values))
        sd = float(np.std(values, ddof=1)) if len(values) > 1 else 0.0
    if math.isfinite(mean) and math.isfinite(sd):  # exact where it can be
        mean, sd = statistics.fmean(values), statistics.stdev(values) if len(values) > 1 else 0.0
    return {
        "mean": mean,
        "sd": sd,
        "min": min(values),
        "max": max(values),
    }


def load_player(path: Path, overrides: Sequence[str] = ()) -> tuple[Genome, Config]:
    """Return the genome of a file or of a run directory, and the settings it carries.

    Raises:
        StorageError: no genome there, or one without settings.
    """
    file = _genome_file(path)
    genome, meta = load_genome(file)
    if "config" not in meta:
        raise StorageError(f"{file}: must carry its settings; got none. Use a file from best/.")
    return genome, loads(str(meta["config"]), f"settings in {file.name}", overrides)


def genome_stage(path: Path) -> str | None:
    """Return the stage of a curriculum that a genome was the best in; None if it knows none."""
    stage = load_genome(_genome_file(path))[1].get("stage")
    return stage if isinstance(stage, str) else None


def _genome_file(path: Path) -> Path:
    return path if path.is_file() else RunDirectory.open(path).best / "best.npz"


def _load_watched(path: Path, overrides: Sequence[str]) -> tuple[Genome, Config, RetroSettings]:
    """Return as :func:`load_player`, and what to play for people to see: no curriculum.

    In its place come the states that ``overrides`` name, or else the one stage that the genome
    belongs to; a genome of an older version does not know it, and plays all.

    Raises:
        ConfigError: the task is no game.
    """
    genome, config = load_player(path, overrides)
    settings = _open_to_all(_game_of(config))
    if settings.curriculum is None:
        return genome, config, settings
    own, stage = _game_of(load_player(path)[1]), genome_stage(path)
    if stage is not None and settings.states == own.states:
        settings = replace(settings, states=(stage,))
    return genome, config, replace(settings, curriculum=None)


def _open_to_all(task: Settings) -> Settings:
    """Return settings that may play a held-out state, too: here nothing is trained."""
    if isinstance(task, RetroSettings) and task.states != ALL:
        return replace(task, heldout_states=())
    return task


def _chosen_states(config: Config, settings: RetroSettings) -> tuple[str, ...]:
    """Return the states in ``settings`` where :func:`_load_watched` put them, else ()."""
    return settings.states if _game_of(config).curriculum is not None else ()


def _game_of(config: Config) -> RetroSettings:
    task = _task_of(config)
    if not isinstance(task, RetroSettings):
        raise ConfigError(
            [f"{config.name} [Task] name: must be retro, for other tasks have no pictures; got "
             f"{config.settings.task_name}. Use a game."]
        )  # fmt: skip
    return task


def _task_of(config: Config) -> TaskSettings:
    if config.settings.task is None:
        raise ConfigError([f"{config.name} [Task] name: must name a task; got no [Task] section."])
    return config.settings.task
