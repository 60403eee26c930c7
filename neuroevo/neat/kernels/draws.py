"""Random integers as ``numpy.random.Generator.integers`` draws them.

numba's own ``integers`` makes an array for every number and takes a second longer to compile.
"""

from __future__ import annotations

import numpy as np
from numba.np.random.random_methods import buffered_bounded_lemire_uint32 as bounded

from neuroevo.compiling import inner


@inner
def draw_below(generator: np.random.Generator, count: np.int64 | int) -> int:
    """Return ``generator.integers(0, count)`` for 1 <= count < 2 ** 32.

    By Lemire's method: Fast random integer generation in an interval, 2019, section 4.
    """
    if count == 1:
        return 0
    drawn = bounded(generator.bit_generator, np.uint32(count - 1))  # type: ignore[no-untyped-call]
    return int(np.int64(drawn))  # numba's int of an unsigned number is unsigned
