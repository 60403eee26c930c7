"""The kernels of evolution: compiled once after installation, loaded ever after.

What breeds a generation takes as long to compile as all the others together, and is not needed
before one was evaluated. So a process of its own does it while the first generation plays. That one
only fills numba's cache: if it fails, the kernels are compiled where they are needed. It ends with
the command that started it, however that ends.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import subprocess
import sys
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.breeding import breed
from neuroevo.neat.kernels.placement import place_genomes
from neuroevo.neat.mutation import rates_of
from neuroevo.neat.population import Population
from neuroevo.neat.reproduction import next_generation
from neuroevo.neat.settings import GenomeSettings, NeatSettings
from neuroevo.neat.twins import first_of_same_genes
from neuroevo.network.kernels import step
from neuroevo.storage.atomic import unwritable
from neuroevo.storage.digest import state_digest

DISK_ERRORS = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
_SETTINGS = NeatSettings(genome=GenomeSettings(3, 2), pop_size=10)

# It steps back for what begins the run, but little: on a busy machine somebody waits for it in the
# end. Its standard input closes with the master; a thread waits for that before anything is loaded.
_BESIDE = """
import os, threading
os.nice(4)
threading.Thread(target=lambda: (os.read(0, 1), os._exit(1)), daemon=True).start()
from neuroevo.warm_up import compile_breeding
compile_breeding()
"""


def has_compiled_kernels() -> bool:
    """Tell whether an earlier run left compiled kernels where numba looks for them."""
    return _is_kept(step)


@cache
def warm_up() -> None:
    """Compile the kernels of evolution, or load them, by evolving ten genomes for a generation.

    With the digest and the search for twins that go with it; what breeds may be compiled still when
    this returns (:func:`wait_for_breeding`). Done while the workers set themselves up; the run
    itself has a generator of its own.
    """
    fitnesses = np.arange(10.0)
    is_kept = _is_kept(breed)
    if not is_kept:
        _begin_beside()
    population = Population(_SETTINGS, seed=0)
    first_of_same_genes(population.ask())
    state_digest(population.state(), fitnesses)
    if is_kept:
        population.tell(fitnesses)
        population.ask()[0].arrays()
    if _has_compiled(place_genomes) or _has_compiled(breed):
        gc.collect()  # what compiling left, also where nothing is collected by itself


def wait_for_breeding(tell: Callable[[str], None]) -> None:
    """Have what breeds a generation ready: wait for it, or compile it here, if it is not.

    Args:
        tell: is told what a person waits for, if it is not there yet.

    Raises:
        UnwritableError: it finds no space on the disk.
    """
    if not _Beside.is_due:
        return
    process = _Beside.process
    if process is None or process.poll() is None:
        tell("compiling the last kernels, once after installation")
    if process is not None:
        process.wait()
        assert process.stdin is not None
        process.stdin.close()
    with told_if_full(breed):
        compile_breeding()  # from the cache, unless that process failed
    _Beside.is_due, _Beside.process = False, None
    if _has_compiled(breed):
        gc.collect()


@contextlib.contextmanager
def told_if_full(kernel: Any = step) -> Iterator[None]:
    """Say in one line that compiled kernels find no space on the disk.

    Args:
        kernel: one of them, to name its folder.

    Raises:
        UnwritableError: so it is.
    """
    try:
        yield
    except OSError as problem:
        if problem.errno not in DISK_ERRORS:
            raise
        folder = kernel.stats.cache_path if hasattr(kernel, "stats") else None
        raise unwritable(Path(folder or ""), problem, "a folder for compiled kernels") from problem


def _has_compiled(kernel: Any) -> bool:
    return hasattr(kernel, "stats") and bool(kernel.stats.cache_misses)


def compile_breeding() -> None:
    """Compile what breeds a generation and looks at its best genome, for numba's cache."""
    generator = np.random.default_rng(0)
    pool = initial_genomes(range(10), _SETTINGS.genome, InnovationTable(2), generator)
    settings = rates_of(_SETTINGS.genome), _SETTINGS.reproduction
    pool = next_generation(pool, np.arange(10.0), [np.arange(10)], [10], settings, 10, generator)
    pool.genomes()[0].arrays()


def _is_kept(kernel: Any) -> bool:
    """Tell whether numba's cache has a kernel; it may be one of an older version."""
    folder = kernel.stats.cache_path if hasattr(kernel, "stats") else None
    if folder is None:  # nothing is compiled, or nothing is kept
        return True
    function = kernel.py_func
    beginning = f"{Path(function.__code__.co_filename).stem}.{function.__name__}-"
    with contextlib.suppress(OSError):
        names = (path.name for path in Path(folder).iterdir())
        return any(name.startswith(beginning) and name.endswith(".nbi") for name in names)
    return False


class _Beside:
    """What is compiled meanwhile: one for this process, as its kernels are.

    Attributes:
        is_due: nobody has waited for it yet.
        process: that compiles; None if it could not be started.
    """

    is_due = False
    process: subprocess.Popen[bytes] | None = None


def _begin_beside() -> None:
    """Let another process compile what breeds, once; nothing is lost if it cannot."""
    if _Beside.is_due:
        return
    _Beside.is_due = True
    with contextlib.suppress(OSError):
        _Beside.process = subprocess.Popen(
            [sys.executable, "-c", _BESIDE],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
