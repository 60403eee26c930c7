"""One evolution: builds the parts from the settings, and starts or resumes a session.

The same settings and seed give the same digests with any number of workers, uninterrupted or
resumed. The loop itself is in ``session.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from neuroevo.config import (
    Change,
    Config,
    changes,
    check_networks,
    check_own,
    load,
    not_exact,
    resolve_sizes,
    settings_before,
    with_overrides,
)
from neuroevo.curriculum import Curriculum
from neuroevo.errors import (
    ConfigError,
    EvaluationError,
    ExtinctionError,
    NeuroevoError,
    StorageError,
    UnwritableError,
)
from neuroevo.evaluation.build import build_evaluator
from neuroevo.evaluation.evaluator import Evaluator
from neuroevo.evaluation.process import Starter
from neuroevo.known import Known
from neuroevo.neat.population import Population
from neuroevo.neat.state import PopulationState
from neuroevo.records import Events, Records
from neuroevo.seed_genome import seed_differences, seed_genome
from neuroevo.session import Observer, Outcome, Session
from neuroevo.storage.checkpoint import take_newest
from neuroevo.storage.checkpoint_extra import Extra
from neuroevo.storage.run_directory import RunDirectory
from neuroevo.tasks.task import TaskDescription
from neuroevo.warm_up import has_compiled_kernels, told_if_full, warm_up


def start(
    config: Config,
    folder: Path,
    observer: Observer,
    *,
    starter: Starter | None = None,
    time_limit_seconds: float | None = None,
    command_line: Sequence[str] = (),
) -> Outcome:
    """Evolve a new population; its records go to ``folder``, made when the task is ready.

    Args:
        config: complete settings with a seed (:func:`with_seed`).
        folder: of the run; missing or empty.
        observer: watches.
        starter: of the workers, where it has begun to load already.
        time_limit_seconds: stop after the generation in which so many seconds have passed.
        command_line: for the manifest.

    Raises:
        ConfigError: the settings have no task, or sizes that do not fit it.
        TaskError, EvaluationError, ExtinctionError, StorageError: as their names say.
    """
    events = Events(observer.event)
    evaluator = make_evaluator(config, events.worker, starter)
    try:
        description = _ready(evaluator)
        config = resolve_sizes(config, description)
        parts = (evaluator, description, _first_population(config))
        with RunDirectory.create(
            folder,
            config.to_ini(),
            command_line=command_line,
            task_fingerprint=description.fingerprint,
        ) as run:
            try:
                events.open(run)
                session = _new_session(config, run, parts, observer, events)
            except UnwritableError:  # there is no run, and its folder can be taken again
                run.discard()
                raise
            return _run(session, time_limit_seconds)
    finally:
        evaluator.close()


def resume(
    config: Config,
    folder: Path,
    observer: Observer,
    *,
    starter: Starter | None = None,
    time_limit_seconds: float | None = None,
) -> Outcome:
    """Continue a run exactly where its newest checkpoint stands.

    One that was killed before its first checkpoint begins, as :func:`start` would have begun it.

    Args:
        config: the run's own settings: its ``config.ini``, or what it was started with. When
            the run ends, its workers and what it says may be others. What was edited in
            ``config.ini`` is taken, and told (:func:`neuroevo.config.changes`).
        folder: of the run.
        observer: watches.
        starter: of the workers, where it has begun to load already.
        time_limit_seconds: stop after the generation in which so many seconds have passed.

    Raises:
        ConfigError: the settings are not those of the run's ``config.ini``, or that file was
            edited so that the genomes do not fit.
        StorageError: another process writes the run, no checkpoint is readable, or the game is
            not the one the run began with.
    """
    with RunDirectory.open(folder, writing=True) as run:
        events = Events(observer.event)
        events.open(run)
        newest = _take_newest(run, events) if run.has_begun else None
        evaluator = make_evaluator(config, events.worker, starter)
        try:
            if newest is None:
                session = _late_session(config, run, evaluator, observer, events)
            else:
                session = _next_session(config, run, evaluator, observer, events, newest)
            return _run(session, time_limit_seconds)
        finally:
            evaluator.close()


def _restored(config: Config, state: PopulationState, changed: Sequence[Change]) -> Population:
    """Return the population of a state; what changed settings make void is forgotten."""
    neat = config.settings.neat
    if any(change.key == "compatibility_threshold" for change in changed):
        threshold = neat.species.compatibility_threshold
        state = replace(state, compatibility_threshold=threshold)
    population = Population.from_state(neat, state)
    if any(change.is_of_task for change in changed):
        population.forget_fitness()
    return population


def _ready(evaluator: Evaluator) -> TaskDescription:
    """Compile what is not compiled yet, but for what breeds, and wait for the task.

    Raises:
        UnwritableError: compiled kernels find no space on the disk.
    """
    with told_if_full():
        warm_up()
        return evaluator.describe()


def _first_population(config: Config) -> Population:
    return Population(config.settings.neat, run_seed(config), seed_genome(config))


def _take_newest(run: RunDirectory, events: Events) -> tuple[PopulationState, Extra]:
    """Return what to go on from; say what had to be passed over."""
    state, extra, warnings = take_newest(run.checkpoints)
    events.generation = state.generation
    for warning in warnings:
        events.write("checkpoint", warning)
    return state, extra


def _next_session(
    config: Config,
    run: RunDirectory,
    evaluator: Evaluator,
    observer: Observer,
    events: Events,
    saved: tuple[PopulationState, Extra],
) -> Session:
    """Go on from a checkpoint, with settings that may have been edited since."""
    state, extra = saved
    description = _ready(evaluator)
    _check_fingerprint(run, extra.fingerprint, description.fingerprint)
    before = settings_before(extra.settings, extra.where) or config
    check_networks(before, config, description)
    config = resolve_sizes(config, description)
    check_own(config, resolve_sizes(load(run.config), description))
    changed = changes(resolve_sizes(before, description), config)
    population, known = _restored(config, state, changed), Known.of(extra.known)
    if changed:
        events.write("settings", not_exact(state.generation, changed))
    if any(change.is_of_task for change in changed):
        known = Known.of({})  # scored on something else
    curriculum = Curriculum(description, extra.curriculum(len(description.stage_names)))
    parts = (evaluator, description, population)
    records = Records(run, config, description.fingerprint, events)
    session = Session(config, records, parts, observer, known, curriculum)
    records.go_on(session.moment(), extra.log_offset)
    return session


def _late_session(
    config: Config, run: RunDirectory, evaluator: Evaluator, observer: Observer, events: Events
) -> Session:
    """Begin a run that was killed before its first checkpoint: its settings and seed are there."""
    description = _ready(evaluator)
    _check_fingerprint(run, run.task_fingerprint(), description.fingerprint)
    config = resolve_sizes(config, description)
    parts = (evaluator, description, _first_population(config))
    events.write("checkpoint", "nothing was saved of this run: it begins with generation 0")
    return _new_session(config, run, parts, observer, events)


def _new_session(
    config: Config,
    run: RunDirectory,
    parts: tuple[Evaluator, TaskDescription, Population],
    observer: Observer,
    events: Events,
) -> Session:
    """Write where a run begins.

    Raises:
        UnwritableError: the disk refuses.
    """
    description = parts[1]
    records = Records(run, config, description.fingerprint, events)
    session = Session(config, records, parts, observer, Known.of({}), Curriculum(description))
    records.begin(session.moment())
    if config.settings.run.seed_genome is not None:
        events.note("seed genome", config.settings.run.seed_genome)
        for sentence in seed_differences(config):
            events.write("seed genome", sentence)
    return session


def _run(session: Session, time_limit_seconds: float | None) -> Outcome:
    """Run a session; an error that stops it says how to go on."""
    try:
        return session.run(time_limit_seconds)
    except UnwritableError:  # says it already
        raise
    except MemoryError as problem:
        raise EvaluationError(
            f"generation {session.population.generation}: must fit into memory; got none left. "
            f"Use fewer workers or a smaller population. {session.records.how_to_go_on()}"
        ) from problem
    except NeuroevoError as problem:
        is_in_the_way = isinstance(problem, ExtinctionError)
        problem.args = (f"{problem} {session.records.how_to_go_on(is_in_the_way=is_in_the_way)}",)
        raise


def make_evaluator(
    config: Config, on_event: Callable[[str], None], starter: Starter | None = None
) -> Evaluator:
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
        worker_memory=settings.run.worker_memory,
        one_first=not has_compiled_kernels(),
        starter=starter,
        on_event=on_event,
    )


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
