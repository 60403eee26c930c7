"""How kernels are compiled: ``entry`` from Python, ``inner`` and others from kernels."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numba import njit

Function = TypeVar("Function", bound=Callable[..., Any])

ZERO = cast(int, np.int64(0))
TRUE, FALSE = cast(bool, np.bool_(True)), cast(bool, np.bool_(False))
"""As arguments in place of literals, for which numba would compile a function once more."""


@cache
def source_of(room: Path) -> str:
    """Return the sha256 (hex) of all that the kernels of a room are compiled from."""
    files = [Path(__file__), *sorted(room.glob("*.py"))]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()


def entry(function: Function) -> Function:
    """Compile a kernel that Python calls, and keep its machine code for the next process.

    numba would compile again when the file of the kernel has changed, but not when one that it
    calls lies in another file, and would then run old code on new arrays. So the hash of all files
    of its room (:func:`source_of`) joins the stamp that the kept code must bear. It must call no
    kernel of another room.
    """
    dispatcher: Any = njit(cache=True, error_model="numpy")(function)
    with contextlib.suppress(AttributeError):  # nothing is kept with NUMBA_DISABLE_JIT
        file = dispatcher._cache._cache_file
        room = Path(function.__code__.co_filename).parent
        file._source_stamp = (file._source_stamp, source_of(room))
    kernel: Function = dispatcher
    return kernel


def inner(function: Function) -> Function:
    """Compile a function into its callers alone; Python must not call it.

    A way in from Python would cost half a second of compilation. It becomes part of its callers:
    handing the arrays of a generation over, word by word, costs as much as what is done with them.
    No references are counted in it (``_nrt``): what an ``entry`` was given lives longer than the
    call, and to count it costs more than breeding a small genome, and a quarter of the compile
    time. So it can make no arrays, which numba refuses, and must return none, which numba does not:
    who gets one would give up a reference that nobody took. An ``entry`` counts once, or it would
    never let a generator go.
    """
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    kernel: Function = njit(error_model="numpy", forceinline=True, **options)(function)
    return kernel


def called(function: Function) -> Function:
    """Compile a long function that kernels call in several places, once; Python must not call it.

    It may make views of its arrays, unlike an ``inner``.
    """
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True}
    kernel: Function = njit(error_model="numpy", **options)(function)
    return kernel


def pasted(function: Function) -> Function:
    """Put the lines of a function where it is called, before anything is compiled.

    An ``inner`` is optimized on its own, and then once more within each caller, and within their
    callers. So this is for what lies high up, is long with all that it calls, and is called in one
    place.
    """
    dispatcher: Any = njit(error_model="numpy", inline="always")(function)
    kernel: Function = dispatcher
    return kernel
