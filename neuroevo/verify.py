"""A recorded generation computed again: is every fitness, and all that followed, the same?

Goes the way of a resumed run, from the checkpoint before the generation, in a folder of its own;
what the run left is only read. Genomes whose fitness was known from earlier generations are played
again, too.
"""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from neuroevo.config import Config, load, resolve_sizes, with_overrides
from neuroevo.curriculum import Curriculum
from neuroevo.errors import ExtinctionError, StorageError
from neuroevo.evaluation.evaluator import Evaluator
from neuroevo.evolve import make_evaluator
from neuroevo.known import Known
from neuroevo.neat.population import Population
from neuroevo.neat.state import PopulationState
from neuroevo.records import Events, Records
from neuroevo.session import Session
from neuroevo.storage.checkpoint import (
    checkpoint_generation,
    list_checkpoints,
    load_newest,
    read_checkpoint,
)
from neuroevo.storage.checkpoint_extra import Extra
from neuroevo.storage.record_shape import is_whole
from neuroevo.storage.run_directory import RunDirectory, describe_machine
from neuroevo.storage.run_log import read_generations
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import TaskDescription

MACHINE_KEYS = ("project_version", "python", "platform", "machine")
VERSION_PRINTS = ("core", "stable_retro")
"""Parts of a task's fingerprint that name programs; all others name what is played."""
_CLOCK = "_seconds"
_EFFORT = ("num_evaluations", "num_frames")
"""What a generation cost. The versions that kept no fitnesses evaluated twins twice."""

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that came out otherwise."""

    what: str
    then: Any
    now: Any


@dataclass(frozen=True, slots=True)
class Verification:
    """What computing a generation again gave.

    Attributes:
        generation: the one that was computed.
        num_genomes: its size.
        num_compared: genomes whose own fitness was recorded, so that they are compared one by
            one; for the others the digest answers, which covers the fitness of all.
        num_replayed: of these, genomes known from earlier generations that were played again.
        digest: of the generation, as computed now.
        machine: versions that are not those the run began with.
        genomes: fitnesses that differ, by genome.
        record: values of the line of the log that differ, the digest among them.
        given_up: genomes that no worker survived, then or now. Whether a worker dies does not
            follow from the seed, so that such a generation may differ.
    """

    generation: int
    num_genomes: int
    num_compared: int
    num_replayed: int
    digest: str
    machine: tuple[Difference, ...]
    genomes: tuple[Difference, ...]
    record: tuple[Difference, ...]
    given_up: tuple[int, ...]

    @property
    def is_same(self) -> bool:
        """Tell whether everything came out as recorded."""
        return not self.genomes and not self.record

    def as_json(self) -> dict[str, Any]:
        """Return all of it in plain lists, texts and numbers."""
        return {**asdict(self), "is_same": self.is_same}


class _Nobody:
    """Watches, and says nothing."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        """See :class:`~neuroevo.session.Observer`."""

    def progress(self, num_done: int, num_genomes: int) -> None:
        """See :class:`~neuroevo.session.Observer`."""

    def generation(self, record: Mapping[str, Any]) -> None:
        """See :class:`~neuroevo.session.Observer`."""

    def event(self, text: str) -> None:
        """See :class:`~neuroevo.session.Observer`."""


def verify(
    folder: Path,
    generation: int | None = None,
    *,
    num_workers: int | None = None,
    on_event: Callable[[str], None] | None = None,
) -> Verification:
    """Compute a recorded generation again.

    Args:
        folder: of the run; it may be going on.
        generation: None takes the newest that has a checkpoint and a line of the log.
        num_workers: None takes the run's own number; the result does not depend on it.
        on_event: told of workers that died.

    Raises:
        StorageError: the generation cannot be computed again (its checkpoint is gone or damaged,
            ROM, state or data are other files), or the folder is no run.
        TaskError: the task cannot be set up here.
    """
    run = RunDirectory.open(folder)
    records = {int(record["generation"]): record for record in read_generations(run.log)}
    number, path = _choose(run, records, generation)
    overrides = [f"Run.generations={number + 1}"]
    overrides += [] if num_workers is None else [f"Run.workers={num_workers}"]
    config = with_overrides(load(run.config), overrides)
    state, extra = read_checkpoint(path)
    evaluator = make_evaluator(config, on_event or _Nobody().event)
    try:
        description = evaluator.describe()
        config = resolve_sizes(config, description)
        prints = _compare_prints(run, extra.fingerprint, description.fingerprint)
        machine = [*_compare_machine(run), *prints]
        now, fitnesses = _compute(config, evaluator, state, extra)
        replayed = _replay_known(evaluator, state, extra)
    finally:
        evaluator.close()
    recorded = _recorded_fitnesses(run, number)
    return Verification(
        generation=number,
        num_genomes=len(state.genomes),
        num_compared=len(recorded),
        num_replayed=len(replayed),
        digest=str(now.get("digest", "none")),
        machine=tuple(machine),
        genomes=(*_compare_genomes(recorded, fitnesses), *(d for d in replayed if d is not None)),
        record=tuple(_compare_records(records[number], now, has_costs=bool(recorded))),
        given_up=tuple(sorted(_given_up(records[number]) | _given_up(now))),
    )


def _choose(
    run: RunDirectory, records: Mapping[int, Record], generation: int | None
) -> tuple[int, Path]:
    """Return the generation to compute, and the checkpoint that it begins from."""
    paths = {checkpoint_generation(path): path for path in list_checkpoints(run.checkpoints)}
    possible = sorted(set(paths) & set(records))
    if generation is None and possible:
        generation = possible[-1]
    if generation not in possible:
        wanted = "a generation" if generation is None else f"generation {generation}"
        raise StorageError(
            f"{run.path}: {wanted} must have a checkpoint before it and a line of the log; got "
            f"them for {', '.join(map(str, possible)) or 'none'}. A run keeps its last three "
            f"checkpoints and every fiftieth: choose one of these generations."
        )
    assert generation is not None
    return generation, paths[generation]


def _compute(
    config: Config, evaluator: Evaluator, state: PopulationState, extra: Extra
) -> tuple[Record, dict[str, float]]:
    """Run the generation in a folder of its own; return its line of the log and the fitnesses."""
    description = evaluator.describe()
    population = Population.from_state(config.settings.neat, state)
    curriculum = Curriculum(description, extra.curriculum(len(description.stage_names)))
    with tempfile.TemporaryDirectory(prefix="neuroevo-verify-") as scratch:
        with RunDirectory.create(Path(scratch) / "run", config.to_ini()) as run:
            nobody = _Nobody()
            parts = (evaluator, description, population)
            records = Records(run, config, description.fingerprint, Events(nobody.event))
            session = Session(config, records, parts, nobody, Known.of(extra.known), curriculum)
            records.begin(session.moment())
            with contextlib.suppress(ExtinctionError):  # its line is in the log, as it was then
                session.run(None)
            _, after, _ = load_newest(run.checkpoints)
        return read_generations(run.log)[-1], dict(after.fitnesses)


def _replay_known(
    evaluator: Evaluator, state: PopulationState, extra: Extra
) -> list[Difference | None]:
    """Play the genomes again whose evaluation was taken from an earlier generation."""
    known = extra.known
    genomes = [genome for genome in state.genomes if genome.id in known]
    if not genomes:
        return []
    # As a checkpoint keeps them.
    played = Evaluations.of(evaluator.evaluate(genomes, state.generation, stage=extra.stage))
    return [
        _difference(f"genome {genome.id}, known before", known[genome.id].fitness, now.fitness)
        if now != known[genome.id]
        else None
        for genome, now in zip(genomes, played, strict=True)
    ]


def _recorded_fitnesses(run: RunDirectory, generation: int) -> dict[str, float]:
    """Return the fitnesses of a generation by genome id, {} where no checkpoint keeps them."""
    for path in list_checkpoints(run.checkpoints):
        if checkpoint_generation(path) == generation + 1:
            return dict(read_checkpoint(path)[1].fitnesses)
    return {}


def _compare_genomes(then: Mapping[str, float], now: Mapping[str, float]) -> list[Difference]:
    return [
        _difference(f"genome {i}", fitness, now.get(i))
        for i, fitness in then.items()
        if now.get(i) != fitness
    ]


def _compare_records(then: Record, now: Record, *, has_costs: bool) -> list[Difference]:
    """Compare two lines of the log but for what a clock says; keys of other versions are left."""
    left = () if has_costs else _EFFORT
    keys = [key for key in then if not key.endswith(_CLOCK) and key not in left]
    keys = [key for key in keys if key in now or len(now) == 1]
    keys.sort(key=lambda key: key != "digest")  # it sums up all others
    return [_difference(key, then[key], now.get(key)) for key in keys if then[key] != now.get(key)]


def _given_up(record: Record) -> set[int]:
    """Return the genomes that were given up in a generation; a stranger's log may say anything."""
    found = record.get("given_up")
    return {i for i in found if is_whole(i)} if isinstance(found, list) else set()


def _compare_machine(run: RunDirectory) -> list[Difference]:
    then, now = run.read_manifest(), describe_machine((), {})
    pairs = [(key, then.get(key), now[key]) for key in MACHINE_KEYS]
    packages = then.get("packages")
    packages = packages if isinstance(packages, dict) else {}
    pairs += [(name, packages.get(name), version) for name, version in now["packages"].items()]
    return [_difference(what, old, new) for what, old, new in pairs if old != new]


def _compare_prints(
    run: RunDirectory, then: Mapping[str, str], now: Mapping[str, str]
) -> list[Difference]:
    """Return programs that differ; refuse where another ROM, state or data file lies here."""
    changed = [
        _difference(key, then.get(key), now.get(key))
        for key in sorted({**then, **now})
        if then.get(key) != now.get(key)
    ]
    files = [difference for difference in changed if difference.what not in VERSION_PRINTS]
    if files:
        named = ", ".join(f"{item.what}: {item.then} became {item.now}" for item in files)
        raise StorageError(
            f"{run.path}: what is played must be what the run was recorded on; got changes "
            f"({named}). Bring the old files back."
        )
    return changed


def _difference(what: str, then: Any, now: Any) -> Difference:
    return Difference(what, then, now)
