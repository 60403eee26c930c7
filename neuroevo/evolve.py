"""One evolution: builds the parts from the settings, and starts or resumes a session.

The same settings and seed give the same digests with any number of workers, uninterrupted or
resumed. The loop itself is in ``session.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.config import Config, Settings, loads, resolve_sizes, with_overrides
from neuroevo.curriculum import Curriculum
from neuroevo.errors import ConfigError, GenomeError, NetworkError, StorageError
from neuroevo.evaluation.build import build_evaluator
from neuroevo.evaluation.evaluator import Evaluator
from neuroevo.neat.genome import Genome
from neuroevo.neat.population import Population
from neuroevo.neat.settings import GenomeSettings, NeatSettings
from neuroevo.network.compile import compile_network
from neuroevo.network.kernels import step
from neuroevo.session import Events, Observer, Outcome, Session
from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.genome_file import load_genome
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.storage.run_log import read_generations
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.task import Evaluation

LONGEST_SHOWN = 60
"""Letters of a setting in a message."""


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
    events = Events(observer)
    evaluator = make_evaluator(config, events.worker)
    try:
        warm_up()
        description = evaluator.describe()
        config = resolve_sizes(config, description)
        population = Population(config.settings.neat, run_seed(config), _seed_genome(config))
        with RunDirectory.create(
            folder,
            config.to_ini(),
            command_line=command_line,
            task_fingerprint=description.fingerprint,
        ) as run:
            events.open(run)
            if config.settings.run.seed_genome is not None:
                events.note("seed genome", config.settings.run.seed_genome)
                for sentence in seed_differences(config):
                    events.write("seed genome", sentence)
            parts = (evaluator, description, population)
            session = Session(config, run, parts, observer, events, {}, Curriculum(description))
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
        events = Events(observer)
        events.open(run)
        state, extra, warnings = load_newest(run.checkpoints)
        for warning in warnings:
            events.write("checkpoint", warning)
        evaluator = make_evaluator(config, events.worker)
        try:
            warm_up()
            description = evaluator.describe()
            _check_fingerprint(run, extra["fingerprint"], description.fingerprint)
            population = Population.from_state(config.settings.neat, state)
            known = {int(i): Evaluation(**e) for i, e in extra["known"].items()}
            curriculum = Curriculum(description, extra.get("curriculum"))
            parts = (evaluator, description, population)
            session = Session(config, run, parts, observer, events, known, curriculum)
            session.log.truncate(int(extra["log_offset"]))
            return session.run(time_limit_seconds)
        finally:
            evaluator.close()


def _seed_genome(config: Config) -> Genome | None:
    """Return the genome that the run begins with, seen to fit the settings.

    Raises:
        StorageError: no such file, or no genome in it.
        ConfigError: it has other inputs or outputs, or cycles where none are allowed.
    """
    given = config.settings.run.seed_genome
    if given is None:
        return None
    genome, card = _load_seed(given)
    sizes = config.settings.neat.genome
    wanted = (sizes.num_inputs, sizes.num_outputs)
    carried = _settings_of(card, given)
    own = sizes if carried is None else carried.neat.genome
    try:
        if (own.num_inputs, own.num_outputs) != wanted:
            raise GenomeError(f"{own.num_inputs} inputs and {own.num_outputs} outputs")
        compile_network(genome, *wanted, feed_forward=sizes.feed_forward)
    except (GenomeError, NetworkError) as error:
        raise ConfigError(
            [
                f"[Run] seed_genome: must fit the run, {wanted[0]} inputs and {wanted[1]} outputs; "
                f"got {given} with {error}. Use the observation, buttons and network kind that it "
                "was evolved with."
            ]
        ) from error
    return genome


def seed_differences(config: Config) -> tuple[str, ...]:
    """Return what the seed genome of a game saw and pressed otherwise where it was evolved.

    Where only the number of inputs and outputs is the same, it begins with another game's eyes or
    fingers; that may be meant.
    """
    given, task = config.settings.run.seed_genome, config.settings.task
    if given is None or not isinstance(task, RetroSettings):
        return ()
    carried = _settings_of(_load_seed(given)[1], given)
    if carried is None or not isinstance(carried.task, RetroSettings):
        return ()
    pairs = (
        ("Observation", carried.task.observation, task.observation),
        ("Buttons", carried.task.buttons, task.buttons),
    )
    told = {section: _differences(old, new) for section, old, new in pairs}
    return tuple(
        f"[Run] seed_genome: should be evolved with the same [{section}]; got {given} with "
        f"{', '.join(differences)}. It may begin as if it had learned nothing."
        for section, differences in told.items()
        if differences
    )


def _differences(old: Any, new: Any) -> list[str]:
    """Return the fields that two settings have otherwise, with both values."""
    return [
        f"{item.name} = {_shown(getattr(old, item.name))} (here {_shown(getattr(new, item.name))})"
        for item in fields(new)
        if getattr(old, item.name) != getattr(new, item.name)
    ]


def _load_seed(given: str) -> tuple[Genome, dict[str, Any]]:
    path = Path(given)
    return load_genome(RunDirectory.open(path).best / "best.npz" if path.is_dir() else path)


def _settings_of(card: Mapping[str, Any], name: str) -> Settings | None:
    """Return the settings that a genome carries; None without any."""
    return loads(str(card["config"]), name).settings if "config" in card else None


def _shown(value: object) -> str:
    """Return a value of the settings for a message: short, combinations as in a file."""
    if isinstance(value, tuple):
        value = ", ".join(_part_shown(part) for part in value) or "none"
    text = str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}..."


def _part_shown(part: object) -> str:
    if isinstance(part, tuple) and all(isinstance(name, str) for name in part):
        return "+".join(part) or "NONE"
    return _shown(part)


def make_evaluator(config: Config, on_event: Callable[[str], None]) -> Evaluator:
    """Build the evaluator the settings ask for; ``on_event`` hears of workers that died.

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
        one_first=not has_compiled_kernels(),
        on_event=on_event,
    )


def has_compiled_kernels() -> bool:
    """Tell whether an earlier run left compiled kernels where numba looks for them."""
    folder = step.stats.cache_path if hasattr(step, "stats") else None
    if folder is None:  # nothing is compiled, or nothing is kept
        return True
    return any(Path(folder).glob("kernels.step-*.nbi"))


def warm_up() -> None:
    """Compile the kernels of evolution, or load them, by evolving ten genomes for a generation.

    Done while the workers set themselves up; the run itself has a generator of its own.
    """
    population = Population(NeatSettings(genome=GenomeSettings(3, 2), pop_size=10), seed=0)
    population.tell(np.arange(10.0))


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
    records = read_generations(log) if log.exists() else []
    if not records:
        return None
    last = records[-1]
    if last.get("solved") and config.settings.run.stop_when_solved:
        return f"solved in generation {last['generation']}"
    if last.get("reached_threshold"):
        return f"reached its fitness threshold in generation {last['generation']}"
    limit = config.settings.run.frames
    if limit is not None and sum(record["num_frames"] for record in records) >= limit:
        return f"all {limit:,} frames are run"
    if last["generation"] + 1 >= config.settings.run.generations:
        return f"all {config.settings.run.generations} generations are done"
    return None
