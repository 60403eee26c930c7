"""Who reads a spoiled file of settings or of a run, and the sound files that spoiling begins with.

``load`` raises what the program raises. Files that native code reads are in ``game_loaders.py``:
there the real command does it in a fork, and what became of that is raised as an error from here.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from builders.command_line import neuroevo
from soak import mutations
from soak.reporting import ROOT

Spoil = Callable[[random.Random, bytes, Sequence[bytes]], bytes]
SECONDS = 10.0
"""Of processor time, which other work on the machine does not stretch."""

MORE_BYTES = 500 << 20


class RefusedError(Exception):
    """The command ended with 2 and one line."""


class BadEndError(Exception):
    """The command ended in another way than it may."""


class Loader:
    """One kind of file.

    Attributes:
        corpus: sound files.
        spoil: one of them.
    """

    corpus: list[bytes]
    spoil: Spoil = staticmethod(mutations.spoil)

    def __init__(self, folder: Path) -> None:
        """Prepare in ``folder`` what reading needs."""
        self.folder = folder

    def load(self, data: bytes) -> None:
        """Read the file; return if it is accepted."""
        raise NotImplementedError

    def close(self) -> None:
        """End what was started."""

    def put(self, name: str, data: bytes) -> Path:
        """Write a file of the folder."""
        path = self.folder / name
        path.write_bytes(data)
        return path


class Ini(Loader):
    """Settings: read, checked, written again."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        paths = [*sorted((ROOT / "neat-configs").glob("*.ini")), ROOT / "tests/data/seed-2021.cfg"]
        self.corpus = [path.read_bytes() for path in paths]

    def load(self, data: bytes) -> None:
        from neuroevo.config import advice, load, loads

        config = load(self.put("spoiled.ini", data))
        advice(config)
        loads(config.to_ini())


class OfRun(Loader):
    """A file of a run directory; the run is a small one of XOR."""

    name = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.run = folder / "run"
        options = ("--seed", 3, "--generations", 4, "--set", "NEAT.pop_size=20")
        ended = neuroevo("evolve", "xor", "--out", self.run, *options)
        assert ended.returncode == 0, ended.stderr
        self.corpus = [path.read_bytes() for path in sorted(self.run.glob(self.name))]
        self.file = sorted(self.run.glob(self.name))[-1]
        self.scratch = folder / "scratch"
        self.scratch.mkdir()

    def put_back(self, data: bytes) -> None:
        """Spoil the run's file."""
        self.file.write_bytes(data)


class Checkpoint(OfRun):
    """A checkpoint: the population goes on from it for a generation."""

    name = "checkpoints/*.npz"

    def load(self, data: bytes) -> None:
        from neuroevo.config import load
        from neuroevo.neat.population import Population
        from neuroevo.storage.checkpoint import read_checkpoint

        self.put_back(data)
        state, extra = read_checkpoint(self.file)
        extra.curriculum(0)
        population = Population.from_state(load(self.run / "config.ini").settings.neat, state)
        population.tell(np.arange(float(len(population.ask()))))


class ForgedCheckpoint(Checkpoint):
    """A checkpoint with other numbers inside whose sums are right again."""

    kind = "checkpoint"

    def spoil(  # type: ignore[override]
        self, generator: random.Random, data: bytes, others: Sequence[bytes]
    ) -> bytes:
        from neuroevo.errors import StorageError
        from neuroevo.storage.container import read_container, write_container

        path = self.scratch / "sound.npz"
        path.write_bytes(data)
        arrays, content = read_container(path, self.kind)
        for _ in range(generator.choice((1, 1, 2, 4))):
            if generator.random() < 0.3:
                content = mutations.change_value(generator, content)
            else:
                name = generator.choice(sorted(arrays))
                arrays[name] = _changed(generator, arrays[name])
        try:
            write_container(path, self.kind, arrays, content)
        except (StorageError, TypeError, ValueError, AttributeError):  # nothing to write: no JSON
            return data
        return path.read_bytes()


class Genome(OfRun):
    """A genome file: compiled and activated with the settings it carries."""

    name = "best/*.npz"

    def load(self, data: bytes) -> None:
        from neuroevo.network.compile import compile_network
        from neuroevo.replay import load_player

        self.put_back(data)
        genome, config = load_player(self.file)
        sizes = config.settings.neat.genome
        network = compile_network(
            genome, sizes.num_inputs, sizes.num_outputs, feed_forward=sizes.feed_forward
        )
        network.activate(np.zeros(sizes.num_inputs))


class ForgedGenome(Genome):
    """A genome file with other numbers inside whose sums are right again."""

    kind = "genome"
    spoil = ForgedCheckpoint.spoil  # type: ignore[assignment]


class Log(OfRun):
    """The run log: summed up, drawn."""

    name = "log.jsonl"
    spoil = staticmethod(mutations.spoil_lines)

    def load(self, data: bytes) -> None:
        from neuroevo.plots.figures import plot_run_directories
        from neuroevo.report.summary import summarise, summary_text
        from neuroevo.storage.run_log import RunLog, read_generations

        self.put_back(data)
        read_generations(self.file)
        summary_text(summarise(self.run))
        RunLog(self.file).close()
        if len(data) % 8 == 0:  # drawing takes long
            plot_run_directories([self.run], self.scratch, ("svg",))


class Manifest(OfRun):
    """The manifest: the run is opened, looked at and verified."""

    name = "manifest.json"
    spoil = staticmethod(mutations.spoil_json)

    def load(self, data: bytes) -> None:
        from neuroevo.report.summary import summarise, summary_text
        from neuroevo.storage.run_directory import RunDirectory
        from neuroevo.verify import verify

        self.put_back(data)
        RunDirectory.open(self.run)
        summary_text(summarise(self.run))
        if len(data) % 8 == 0:  # evaluates a generation
            verify(self.run, 0)


def _changed(generator: random.Random, array: Any) -> Any:
    """Return an array with other values, another length or another shape."""
    array = array.copy()
    if array.size and generator.random() < 0.7:
        flat = array.reshape(-1)
        for _ in range(generator.choice((1, 3, 20))):
            flat[generator.randrange(flat.size)] = _value(generator, array.dtype)
        return array
    choice = generator.randrange(4)
    if choice == 0:
        return array[: generator.randrange(len(array) + 1)] if array.ndim else array
    if choice == 1:
        return np.concatenate([array, array]) if array.ndim else array
    return array.reshape(-1, 1) if choice == 2 else array[::-1]


def _value(generator: random.Random, dtype: Any) -> Any:
    if dtype.kind == "f":
        return generator.choice((np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-320, 0.0, 5.0))
    if dtype.kind == "b":
        return generator.random() < 0.5
    if dtype.kind == "u":
        return generator.choice((generator.randrange(256), np.iinfo(dtype).max))
    return generator.choice((-1, 0, 1, 2, 99, 10**6, 2**31, 2**62, 2**63 - 1, -(2**63), -2))
