"""The tiles around the player of Super Mario World, read from the work RAM of the SNES.

Not run on the real game: no copy may be had here. The addresses are those of the RAM map of SMW
Central (smwcentral.net) and of MarI/O (SethBling 2015), which reads the same ones: the tests run on
made-up memory, and a user's own cartridge settles it.

A level that goes to the side keeps its tiles ("Map16") screen by screen, 27 rows of 16 columns
each: the low bytes of their numbers from 0x7EC800 on, the high bytes from 0x7FC800 on. Tiles from
0x100 on are what one stands on; those below are air, water, coins and scenery. Levels that go
upward are laid out otherwise and are not read rightly. Pixels are counted from the top of the
level; a body counts where its middle is. Every sprite is an enemy unless the settings say
otherwise, as for MarI/O, also the player's own fireballs and what gives power.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from neuroevo.tasks.retro.observation.tiles import AIR, ENEMY, SOLID, checked_radius, mark
from neuroevo.tasks.retro.settings import ObservationSettings

FIRST_ADDRESS, NUM_BYTES = 0x7E0000, 0x20000
LOW_BYTES, HIGH_BYTES = 0xC800, 0x1C800  # 0x7EC800 and 0x7FC800
SCREEN_BYTES, NUM_ROWS, SCREEN_COLUMNS, NUM_SCREENS = 0x1B0, 27, 16, 32
NUM_CODES = 0x200
TILE = 16
PLAYER_X, PLAYER_Y = 0x94, 0x96  # two bytes each, low byte first; y is 32 above the feet
PLAYER_MIDDLE_X, PLAYER_MIDDLE_Y = 8, 24  # of the lower of its two tiles
NUM_SPRITES = 12
SPRITE_STATUS, SPRITE_NUMBER = 0x14C8, 0x9E
SPRITE_X, SPRITE_HIGH_X, SPRITE_Y, SPRITE_HIGH_Y = 0xE4, 0x14E0, 0xD8, 0x14D4
NUM_EXTENDED = 10
EXTENDED_NUMBER = 0x170B
EXTENDED_X, EXTENDED_HIGH_X, EXTENDED_Y, EXTENDED_HIGH_Y = 0x171F, 0x1733, 0x1715, 0x1729
SPRITE_MIDDLE, EXTENDED_MIDDLE = 8, 4  # they are 16 and 8 pixels large

UInt8Array = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]


@njit(cache=True)
def read_window(
    ram: npt.NDArray[np.uint8],
    tile_values: npt.NDArray[np.int8],
    number_values: npt.NDArray[np.int8],
    out: npt.NDArray[np.float64],
) -> None:
    """Read the window of tiles around the player.

    Args:
        ram: (131072,) uint8, work RAM from 0x7E0000 on.
        tile_values: (512,) int8, what a tile of each number is to the player.
        number_values: (256,) int8, ``SOLID`` for the sprites that carry, ``ENEMY`` for the others.
        out: (size, size) float64, size odd, row by row from the top left; the middle is the
            player's own tile.
    """
    radius = out.shape[0] // 2
    left = (_word(ram, PLAYER_X, PLAYER_X + 1) + PLAYER_MIDDLE_X) // TILE - radius
    top = (_word(ram, PLAYER_Y, PLAYER_Y + 1) + PLAYER_MIDDLE_Y) // TILE - radius
    _show_level(ram, tile_values, left, top, out)
    for slot in range(NUM_SPRITES):
        if ram[SPRITE_STATUS + slot] != 0:
            x = _word(ram, SPRITE_X + slot, SPRITE_HIGH_X + slot) + SPRITE_MIDDLE
            y = _word(ram, SPRITE_Y + slot, SPRITE_HIGH_Y + slot) + SPRITE_MIDDLE
            value = number_values[ram[SPRITE_NUMBER + slot]]
            _show_body(x // TILE - left, y // TILE - top, value, out)
    for slot in range(NUM_EXTENDED):
        if ram[EXTENDED_NUMBER + slot] != 0:
            x = _word(ram, EXTENDED_X + slot, EXTENDED_HIGH_X + slot) + EXTENDED_MIDDLE
            y = _word(ram, EXTENDED_Y + slot, EXTENDED_HIGH_Y + slot) + EXTENDED_MIDDLE
            _show_body(x // TILE - left, y // TILE - top, ENEMY, out)


@njit(cache=True)
def _word(ram: npt.NDArray[np.uint8], low: int, high: int) -> int:
    """Return a signed number of two bytes."""
    value = np.int64(ram[low]) + 256 * np.int64(ram[high])
    return int(value - 65536 if value >= 32768 else value)


@njit(cache=True)
def _show_level(
    ram: npt.NDArray[np.uint8],
    tile_values: npt.NDArray[np.int8],
    left: int,
    top: int,
    out: npt.NDArray[np.float64],
) -> None:
    size = out.shape[0]
    for i in range(size):
        row = top + i
        for j in range(size):
            column = left + j
            screen = column // SCREEN_COLUMNS
            if screen < 0 or screen >= NUM_SCREENS or row < 0 or row >= NUM_ROWS:
                out[i, j] = AIR
            else:
                at = screen * SCREEN_BYTES + row * SCREEN_COLUMNS + column % SCREEN_COLUMNS
                number = np.int64(ram[LOW_BYTES + at]) + 256 * np.int64(ram[HIGH_BYTES + at])
                out[i, j] = tile_values[number] if number < NUM_CODES else AIR


@njit(cache=True)
def _show_body(j: int, i: int, value: int, out: npt.NDArray[np.float64]) -> None:
    size = out.shape[0]
    # What hurts prevails over what carries, whichever slot comes first.
    if 0 <= i < size and 0 <= j < size and (value == ENEMY or out[i, j] != ENEMY):
        out[i, j] = value


class WorldTileObserver:
    """Sees the tiles around the player of Super Mario World."""

    first_address = FIRST_ADDRESS
    console = "Snes"

    def __init__(self, settings: ObservationSettings) -> None:
        """Make the tables of codes.

        Raises:
            TaskError: the radius or a code is out of range.
        """
        self.size = 2 * checked_radius(settings.radius) + 1
        solid = ((0x100, 0x1FF),) if settings.solid_tiles is None else settings.solid_tiles
        self._tile_values = np.full(NUM_CODES, AIR, np.int8)
        mark(self._tile_values, "solid_tiles", solid, SOLID)
        mark(self._tile_values, "hazard_tiles", settings.hazard_tiles, ENEMY)
        self._number_values = np.full(256, ENEMY, np.int8)
        mark(self._number_values, "platform_kinds", settings.platform_kinds or (), SOLID)

    @property
    def num_inputs(self) -> int:
        """How many tiles are seen."""
        return self.size * self.size

    def read(self, ram: UInt8Array) -> Float64Array:
        """Return the tiles, (num_inputs,) float64, as :meth:`read_into` writes them."""
        out = np.zeros((self.size, self.size))
        self.read_into(ram, out)
        return out.reshape(-1)

    def read_into(self, ram: UInt8Array, out: Float64Array) -> None:
        """Write the tiles: -1, 0 and 1, from the top left.

        Args:
            ram: (131072,) uint8, work RAM of the SNES.
            out: (size, size) float64.
        """
        read_window(ram, self._tile_values, self._number_values, out)


def warm_up() -> None:
    """Compile the kernel, or load it from the cache."""
    ram = np.frombuffer(bytes(NUM_BYTES), np.uint8)
    WorldTileObserver(ObservationSettings(radius=1)).read(ram)
