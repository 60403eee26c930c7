"""The records of a small evolution whose fitness is drawn from nothing but the genomes."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from builders.golden_run import SETTINGS, fitness

from neuroevo.config import load
from neuroevo.known import Known
from neuroevo.neat.population import Population
from neuroevo.records import Events, Moment, Records
from neuroevo.storage.checkpoint import load_newest
from neuroevo.storage.digest import state_digest
from neuroevo.storage.run_directory import RunDirectory

ROOT = Path(__file__).parents[2]


@dataclass
class SmallRun:
    """A run of 20 genomes with real files; ``told`` holds what a person would have read."""

    path: Path
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.population = Population(SETTINGS, seed=7)
        config = load(ROOT / "neat-configs" / "xor.ini", ["Run.seed=7"])
        self.run = RunDirectory.create(self.path, config.to_ini())
        self.events = Events(self.told.append)
        self.events.open(self.run)
        self.records = Records(self.run, config, {}, self.events)
        self.records.begin(self.moment())

    def moment(self) -> Moment:
        return Moment(
            self.population.state(),
            Known.of({}),
            {"stage": 0, "wins": []},
            np.empty(0, np.int64),
            np.empty(0),
        )

    def tell(self) -> dict[str, object]:
        """Compute a generation; return its line of the log."""
        self.events.generation = self.population.generation
        fitnesses = np.array([fitness(genome) for genome in self.population.ask()])
        before = self.population.best
        self.population.tell(fitnesses)
        best = self.population.best
        if best is not None and best is not before:
            self.records.best(best, {})
        digest = state_digest(self.population.state(), fitnesses)
        return {"generation": self.population.generation - 1, "digest": digest}

    def generation(self) -> None:
        """Compute a generation and record it."""
        record = self.tell()
        self.records.generation(record, self.moment())


@contextlib.contextmanager
def files_of_at_most(num_bytes: int) -> Iterator[None]:
    """Let the system refuse to make any file longer: what a full disk does, without a disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (num_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def whole_run(path: Path, num_generations: int) -> SmallRun:
    """Return a run that nothing disturbed."""
    run = SmallRun(path)
    for _ in range(num_generations):
        run.generation()
    run.records.finish("generations")
    run.run.close()
    return run


def contents(path: Path) -> dict[str, bytes]:
    """Return what a run left, but for clocks: events, manifest and lock."""
    kept = (p for p in path.rglob("*") if p.is_file())
    names = ("events.jsonl", "manifest.json", "lock")
    return {str(p.relative_to(path)): p.read_bytes() for p in kept if p.name not in names}


def newest_generation(run: RunDirectory) -> int:
    """Return the generation of the newest checkpoint, seen to be good."""
    state, _, warnings = load_newest(run.checkpoints)
    assert warnings == []
    return state.generation
