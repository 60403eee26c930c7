"""How the functions of this room are compiled: ``entry`` from Python, ``inner`` from kernels."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from numba import njit, types
from numba.extending import intrinsic, overload

Function = TypeVar("Function", bound=Callable[..., Any])
Value = TypeVar("Value")

_SOURCE = hashlib.sha256(
    b"".join(path.read_bytes() for path in sorted(Path(__file__).parent.glob("*.py")))
).hexdigest()


def entry(function: Function) -> Function:
    """Compile a kernel that Python calls, and keep its machine code for the next process.

    numba would compile again when the file of the kernel has changed, but not when one that it
    calls lies in another file, and would then run old code on new arrays. So the hash of all files
    of this room joins the stamp that the kept code must bear.
    """
    dispatcher: Any = njit(cache=True, error_model="numpy")(function)
    with contextlib.suppress(AttributeError):  # nothing is kept with NUMBA_DISABLE_JIT
        file = dispatcher._cache._cache_file
        file._source_stamp = (file._source_stamp, _SOURCE)
    kernel: Function = dispatcher
    return kernel


def inner(function: Function) -> Function:
    """Compile a function into its callers alone; Python must not call it.

    A way in from Python would cost half a second of compilation. It becomes part of its callers:
    handing the arrays of a generation over, word by word, costs as much as what is done with them.
    """
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "forceinline": True}
    kernel: Function = njit(error_model="numpy", **options)(function)
    return kernel


def uncounted(value: Value) -> Value:
    """Return arrays, or named tuples of arrays, without their counters of references.

    For the first lines of an ``entry``, whose caller keeps its arguments alive. Every array that is
    handed to another function is counted there and back otherwise: atomic operations that cost
    more than breeding a small genome.
    """
    return value


@overload(uncounted, jit_options={"forceinline": True})
def _compiled_uncounted(value):  # type: ignore[no-untyped-def]  # noqa: ARG001
    # numba wants the same names, and annotations in neither or both.
    return lambda value: _strip(value)  # type: ignore[call-arg]


@intrinsic
def _strip(typing_context: Any, value: Any) -> Any:  # noqa: ARG001 - what numba hands over
    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        return _stripped(context, builder, signature.args[0], arguments[0])

    return value(value), generate


def _stripped(context: Any, builder: Any, kind: Any, value: Any) -> Any:
    """Return an array with no one to count, or a tuple of such, for LLVM."""
    if isinstance(kind, types.Array):
        array = context.make_array(kind)(context, builder, value)
        array.meminfo = array.meminfo.type(None)
        array.parent = array.parent.type(None)
        return array._getvalue()
    if isinstance(kind, types.BaseTuple):
        kinds: Any = kind
        for place, each in enumerate(kinds.types):
            part = _stripped(context, builder, each, builder.extract_value(value, place))
            value = builder.insert_value(value, part, place)
    return value
