"""Wickling on stable-retro's emulator: buttons in, work RAM out, save states in between.

All tools and the game's own tests drive the game through this module. It needs stable-retro and
numpy only, knows the RAM map (see the game's page in docs/), how many levels there are and what
their states are called, and nothing of searches.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any

import memory_map as at
import numpy as np
import numpy.typing as npt

FOLDER = Path(__file__).resolve().parents[1]
ROM = FOLDER / "rom.nes"
SOLUTIONS = FOLDER / "solutions"
NES_HEADER_BYTES = 16
LEVEL_TEXTS = FOLDER / "src" / "levels"
NUM_LEVELS = next(number for number in count() if not any(LEVEL_TEXTS.glob(f"{number}-*.txt")))
"""The build refuses a gap in the numbers, so the first one without a text is the end."""
STATE_NAMES = tuple(f"Level{number}" if number else "Practice" for number in range(NUM_LEVELS))
"""The save state of every level's start."""

BUTTONS = ("B", None, "SELECT", "START", "UP", "DOWN", "LEFT", "RIGHT", "A")
LOAD_FRAMES = 30
"""The picture of a level is drawn in fewer frames than this."""
BOOT_FRAMES = 600
"""No start, pause or change of level takes longer than this."""


class GameError(Exception):
    """The game did not do what its RAM contract promises."""


class Machine:
    """A NES with Wickling in it; a process can hold only one emulator."""

    def __init__(self, rom: Path = ROM) -> None:
        """Switch on.

        Raises:
            GameError: the ROM is missing.
        """
        import stable_retro

        if not rom.is_file():
            raise GameError(f"{rom}: the ROM must exist; got no file. Build it with `make roms`.")
        self._em: Any = stable_retro.RetroEmulator(str(rom))
        self._data: Any = stable_retro.data.GameData()
        self._em.configure_data(self._data)
        self._em.step()  # memory exists only after a first frame
        self._data.load(str(FOLDER / "data.json"))
        self._power_on: bytes = self._em.get_state()
        self._levels: dict[int, bytes] = {}

    def __enter__(self) -> Machine:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Switch off."""
        self.close()

    def close(self) -> None:
        """Let another emulator start in this process; may be called twice."""
        # Reading the data of a closed emulator is a segmentation fault: forget both.
        self.__dict__.pop("_data", None)
        self.__dict__.pop("_em", None)

    def step(self, buttons: str = "", frames: int = 1) -> None:
        """Hold buttons such as ``RIGHT+B`` for some frames."""
        self._em.set_button_mask(mask_of(buttons), 0)
        for _ in range(frames):
            self._em.step()

    def ram(self) -> bytes:
        """Return a copy of the 2,048 bytes of work RAM."""
        blocks: dict[int, bytes] = self._data.memory.blocks  # fceumm's pages are 1,024 bytes
        return blocks[0] + blocks[0x400]

    def poke(self, address: int, value: int) -> None:
        """Write one byte of work RAM (for tests that need a special place)."""
        self._data.memory.assign(address, "|u1", value)

    def screen(self) -> npt.NDArray[np.uint8]:
        """Return a copy of the screen, (height, width, 3) uint8."""
        return np.array(self._em.get_screen())

    def variables(self) -> dict[str, int]:
        """Return the variables of data.json."""
        values: dict[str, int] = self._data.lookup_all()
        return values

    def save(self) -> bytes:
        """Return a save state; equal moments may differ in bytes that mean nothing."""
        state: bytes = self._em.get_state()
        return state

    def load(self, state: bytes) -> None:
        """Load a save state; the screen is old until the next frame."""
        if self._em.set_state(state) is not True:
            raise GameError(
                f"save state: must be one of this ROM and core; got {len(state)} bytes that the "
                f"core refuses. Make it again with tools/make_states.py."
            )

    def reset(self, state: bytes) -> None:
        """Begin an episode as stable-retro's ``env.reset`` does: one frame without buttons."""
        self.load(state)
        self.step()

    def power_on(self) -> None:
        """Return to the first frame after switching on."""
        self.load(self._power_on)

    def level_start(self, level: int) -> bytes:
        """Drive the game from power-on to the start of a level and return a save state of it.

        Raises:
            GameError: the game did not get there.
        """
        if level not in self._levels:
            self.power_on()
            self._wait_for_start(0)
            for number in range(1, level + 1):
                self._next_level(number)
            self._levels[level] = self.save()
        return self._levels[level]

    def _next_level(self, number: int) -> None:
        self._press("START")
        self._wait(lambda ram: ram[at.PAUSED] == 1, "START must pause the game")
        self._press("SELECT")
        self._wait(lambda ram: ram[at.LEVEL] == number, f"SELECT must lead to level {number}")
        self.step("", LOAD_FRAMES)
        if self.ram()[at.PAUSED]:
            self._press("START")
        self._wait_for_start(number)

    def _press(self, button: str) -> None:
        self.step(button, 3)
        self.step("", 3)

    def _wait_for_start(self, level: int) -> None:
        self._wait(lambda ram: at.is_playing(ram, level), f"level {level} must start")
        before = self.ram()[at.FRAME_COUNTER]  # memory is ready long before the first frame
        self._wait(lambda ram: ram[at.FRAME_COUNTER] != before, f"level {level} must run")
        self.step("", 2)

    def _wait(self, reached: Any, what: str) -> None:
        for _ in range(BOOT_FRAMES):
            if reached(self.ram()):
                return
            self.step()
        ram = self.ram()
        raise GameError(
            f"{ROM.name}: {what}; got state {ram[at.STATE]}, level {ram[at.LEVEL]}, paused "
            f"{ram[at.PAUSED]}, on ground {ram[at.ON_GROUND]} after {BOOT_FRAMES} frames. "
            f"Build the ROM of these sources with `make roms`; if that does not help, check the "
            f"engine against its RAM map."
        )


@lru_cache(maxsize=256)
def mask_of(buttons: str) -> npt.NDArray[np.uint8]:
    """Return the button mask of names joined by ``+``; '' and '-' are no button."""
    names = {name for name in buttons.split("+") if name not in ("", "-")}
    if unknown := names - set(BUTTONS):
        raise ValueError(f"buttons: must be of {BUTTONS}; got {unknown}. Check the spelling.")
    return np.array([name in names for name in BUTTONS], np.uint8)


@lru_cache(maxsize=1)
def rom_sha(rom: Path = ROM) -> str:
    """Return the sha1 that rom.sha holds: of the file without its header."""
    return hashlib.sha1(rom.read_bytes()[NES_HEADER_BYTES:]).hexdigest()
