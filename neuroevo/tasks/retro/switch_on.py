"""Switching a console on: the emulator of this process, begun with a ROM that its core survives."""

from __future__ import annotations

import contextlib
import gc
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games, trial

TRIAL_FRAMES = 30
"""Frames that a stranger's ROM or save state is tried for; a spoiled one shows in the first."""


def switch_on(rom: Path) -> Any:
    """Return stable-retro's emulator with a ROM in it.

    Raises:
        TaskError: another one runs, or the core does not take the ROM or does not survive it.
    """
    import stable_retro

    if not games.is_ours(rom):
        gc.collect()  # its trial must not find what waits for collection
        _try_rom(rom)
    with contextlib.suppress(RuntimeError):
        return stable_retro.RetroEmulator(str(rom))
    gc.collect()  # an emulator that waits for collection still counts as running
    try:
        return stable_retro.RetroEmulator(str(rom))
    except RuntimeError as error:
        raise TaskError(
            f"{rom}: a process must run at most one emulator, on a ROM its core accepts; got "
            f"{error}. Close the other task first, or use another process."
        ) from error


def _try_rom(rom: Path) -> None:
    """See that a core survives a stranger's ROM, in a copy of this process."""
    import stable_retro

    def play() -> None:
        emulator = stable_retro.RetroEmulator(str(rom))
        for _ in range(TRIAL_FRAMES):
            emulator.step()
            emulator.get_screen()

    death = trial.fails(play)
    if death is not None:
        raise TaskError(
            f"{rom}: the core must survive the ROM; a trial of it {death}. It is damaged, or for "
            f"another console: import your own copy of the game."
        )
