"""Random numbers for kernels: a generator that costs nothing to hand over, and random integers as
``numpy.random.Generator.integers`` draws them.

numba's own ``integers`` makes an array for every number and takes a second longer to compile.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
from numba import typeof, types
from numba.core import cgutils, config
from numba.extending import intrinsic
from numba.np.random.random_methods import buffered_bounded_lemire_uint32 as bounded

from neuroevo.compiling import inner

Addresses = npt.NDArray[np.uintp]

_IS_PLAIN = bool(config.DISABLE_JIT)  # type: ignore[attr-defined]
_structure: Any = cgutils.create_struct_proxy
_type_of: Any = typeof

_FIELDS = ("state", "fnptr_next_uint64", "fnptr_next_uint32", "fnptr_next_double")
"""What numba knows of a bit generator that it draws from."""


def addresses_of(generator: np.random.Generator) -> Addresses:
    """Return where the state of a generator and its functions lie, for :func:`generator_at`.

    numba looks that up in Python whenever it is given a generator: of breeding and speciating 150
    genomes of XOR that was 8 %.

    Args:
        generator: must live as long as its addresses are used.

    Returns:
        (4,) uintp.
    """
    if _IS_PLAIN:
        return generator  # type: ignore[return-value]
    bits = generator.bit_generator
    return np.array([bits.ctypes.state_address, *_functions_of(type(bits))], np.uintp)


@cache
def _functions_of(kind: type[np.random.BitGenerator]) -> list[int]:
    """Return where the functions of a kind of bit generator lie, in the order of _FIELDS."""
    found: Any = kind().ctypes
    functions = (found.next_uint64, found.next_uint32, found.next_double)
    return [ctypes.cast(function, ctypes.c_void_p).value or 0 for function in functions]


_GENERATOR = _type_of(np.random.default_rng(0))


@intrinsic
def _generator_at(_: Any, addresses: Any) -> tuple[Any, Any]:
    """Build the structure that numba makes of a generator."""

    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        bits_type = types.NumPyRandomBitGeneratorType("bit_generator")
        bits = _structure(bits_type)(context, builder)
        for place, name in enumerate(_FIELDS):
            index = context.get_constant(types.intp, place)
            setattr(bits, name, builder.load(builder.gep(array.data, [index])))
        generator = _structure(_GENERATOR)(context, builder)
        generator.bit_generator = bits._getvalue()
        return generator._getvalue()

    return _GENERATOR(addresses), build


def _itself(generator: Any) -> Any:
    return generator


generator_at: Any = _itself if _IS_PLAIN else _generator_at
"""In kernels: the generator whose :func:`addresses_of` these are, without counting references."""


@inner
def draw_below(generator: np.random.Generator, count: np.int64 | int) -> int:
    """Return ``generator.integers(0, count)`` for 1 <= count < 2 ** 32.

    By Lemire's method: Fast random integer generation in an interval, 2019, section 4.
    """
    if count == 1:
        return 0
    drawn = bounded(generator.bit_generator, np.uint32(count - 1))  # type: ignore[no-untyped-call]
    return int(np.int64(drawn))  # numba's int of an unsigned number is unsigned
