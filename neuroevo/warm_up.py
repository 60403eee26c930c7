"""The kernels of evolution: compiled once after installation, loaded ever after.

What breeds a generation takes as long to compile as all the others together, so a process of its
own does it meanwhile. That one only fills numba's cache: if it fails, the kernels are compiled
where they are needed. When a command is killed meanwhile, that process ends some seconds later, and
what it compiled is there for the next.
"""

from __future__ import annotations

import contextlib
import gc
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.breeding import breed
from neuroevo.neat.mutation import rates_of
from neuroevo.neat.population import Population
from neuroevo.neat.reproduction import next_generation
from neuroevo.neat.settings import GenomeSettings, NeatSettings
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.network.kernels import step
from neuroevo.storage.digest import state_digest

_SETTINGS = NeatSettings(genome=GenomeSettings(3, 2), pop_size=10)


def has_compiled_kernels() -> bool:
    """Tell whether an earlier run left compiled kernels where numba looks for them."""
    return _is_kept(step)


def warm_up() -> None:
    """Compile the kernels of evolution, or load them, by evolving ten genomes for a generation.

    With the digest and the search for twins that go with it. Done while the workers set themselves
    up; the run itself has a generator of its own.
    """
    fitnesses = np.arange(10.0)
    with contextlib.nullcontext() if _is_kept(breed) else _breeding_compiled_beside():
        population = Population(_SETTINGS, seed=0)
        first_of_same_genes(population.ask())
        state_digest(population.state(), fitnesses)
    population.tell(fitnesses)
    if hasattr(breed, "stats") and breed.stats.cache_misses:
        gc.collect()  # what compiling left, also where nothing is collected by itself


def compile_breeding() -> None:
    """Compile what breeds a generation, for numba's cache."""
    generator = np.random.default_rng(0)
    pool = initial_genomes(range(10), _SETTINGS.genome, InnovationTable(2), generator)
    settings = rates_of(_SETTINGS.genome), _SETTINGS.reproduction
    next_generation(pool, np.arange(10.0), [np.arange(10)], [10], settings, 10, generator)


def _is_kept(kernel: Any) -> bool:
    """Tell whether numba's cache has a kernel; it may be one of an older version."""
    folder = kernel.stats.cache_path if hasattr(kernel, "stats") else None
    if folder is None:  # nothing is compiled, or nothing is kept
        return True
    function = kernel.py_func
    file = Path(function.__code__.co_filename).stem
    return any(Path(folder).glob(f"{file}.{function.__name__}-*.nbi"))


@contextlib.contextmanager
def _breeding_compiled_beside() -> Iterator[None]:
    """Let another process compile what breeds; wait for it in the end."""
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "neuroevo.warm_up"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
    except OSError:
        yield
        return
    try:
        yield
        process.wait()
    finally:
        process.kill()
        process.wait()


if __name__ == "__main__":
    compile_breeding()
