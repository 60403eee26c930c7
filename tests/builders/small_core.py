"""A core that is nothing but an array of work RAM; its memory is told like a real one's."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.live.core import Core

_SYSTEM_RAM = 2


def core_of(ram: npt.NDArray[np.uint8]) -> Core:
    """Return a core with that work RAM, (num_bytes,) uint8."""
    return Core({
        "retro_get_memory_size": lambda number: len(ram) if number == _SYSTEM_RAM else 0,
        "retro_get_memory_data": lambda number: ram.ctypes.data if number == _SYSTEM_RAM else 0,
    })  # fmt: skip
