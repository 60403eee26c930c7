"""The library of the core that runs in this process, and the calls of it that are used.

Owns what libretro.h says of them, and for which cores they may be used.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

CORES = frozenset({"fceumm", "gambatte", "genesis_plus_gx", "snes9x"})
"""Those that were tried: they keep RAM and picture in one place, and have no threads of their own.
Stella would not do, which stable-retro loads anew with every state."""

STABLE_RETRO = "1.0.1"
"""The version that was tried. It shows all pictures of these cores in the size of the first; one
that lets the size follow the game's must be told of each frame."""

FRAME = Struct("@NIIN")
"""Arguments of retro_video_refresh_t: address, width, height, bytes from line to line."""

_SYSTEM_RAM = 2
"""RETRO_MEMORY_SYSTEM_RAM."""
_REFRESH = ctypes.CFUNCTYPE(None, ctypes.c_size_t, ctypes.c_uint, ctypes.c_uint, ctypes.c_size_t)
_FUNCTIONS = {
    "retro_get_memory_data": ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_uint),
    "retro_get_memory_size": ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_uint),
    "retro_set_video_refresh": ctypes.CFUNCTYPE(None, _REFRESH),
}

_in_use: list[Any] = []
"""What the running core calls: it must live as long, whoever is forgotten first."""


class Core:
    """A running core; nothing of it may be used after its emulator is closed."""

    def __init__(self, functions: Mapping[str, Any]) -> None:
        """Take the functions; see :func:`find_core`."""
        self._functions = functions

    def ram(self) -> npt.NDArray[np.uint8] | None:
        """Return its work RAM itself, (num_bytes,) uint8, in the core's own order; None if none."""
        size = self._functions["retro_get_memory_size"](_SYSTEM_RAM)
        address = self._functions["retro_get_memory_data"](_SYSTEM_RAM)
        if not size or not address:
            return None
        return np.ctypeslib.as_array((ctypes.c_uint8 * size).from_address(address))

    def note_frames(self) -> bytearray:
        """Have each frame noted from now on, and no longer told to stable-retro.

        Its ``get_screen`` goes on showing the place of the last frame that it heard of.

        Returns:
            The note, which every frame overwrites with its :data:`FRAME`.
        """
        note = bytearray(FRAME.size)
        # No line of Python runs in it, or an interrupt would be raised there, and lost.
        refresh = _REFRESH(partial(FRAME.pack_into, note, 0))
        self._functions["retro_set_video_refresh"](refresh)
        _in_use[:] = [refresh]
        return note


def find_core(path: Path) -> Core | None:
    """Return the core of a library that this process has loaded; None if there is no such.

    The library stays as long as stable-retro wants it, and no longer: a core that is started anew
    must be loaded anew.
    """
    try:
        system = ctypes.CDLL(None)
        dlopen, dlsym, dlclose = system.dlopen, system.dlsym, system.dlclose
    except (AttributeError, OSError, TypeError):  # a system that calls them otherwise
        return None
    dlopen.restype = dlsym.restype = ctypes.c_void_p
    dlopen.argtypes = [ctypes.c_char_p, ctypes.c_int]
    dlsym.argtypes, dlclose.argtypes = [ctypes.c_void_p, ctypes.c_char_p], [ctypes.c_void_p]
    library = dlopen(os.fsencode(path), os.RTLD_LAZY | os.RTLD_NOLOAD)
    if not library:
        return None
    addresses = {name: dlsym(library, name.encode()) for name in _FUNCTIONS}
    dlclose(library)
    if not all(addresses.values()):
        return None
    return Core({name: kind(addresses[name]) for name, kind in _FUNCTIONS.items()})
