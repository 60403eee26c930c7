"""The tiles around the player, read from work RAM: what is solid, what hurts, what is air.

The idea is that of MarI/O (SethBling 2015): a few tiles say what thousands of pixels say, and
evolution finds its way among them sooner. The addresses are those of Super Mario Bros. on the NES,
whose map of RAM is public; a game that keeps the same things in the same places is read as well.

Pixels are counted from the top of the picture that the console makes, 240 high; the level begins 32
below it. A body counts where its middle is, so it belongs to one tile also between two.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.settings import CodeRanges, ObservationSettings

SOLID, ENEMY, AIR = 1, -1, 0
MAX_RADIUS = 15  # the game keeps 32 columns; a wider window would show some of them twice

NUM_BYTES = 0x800
TILES = 0x500  # two pages of 13 rows of 16 columns
PAGE_BYTES = 208
NUM_ROWS, PAGE_COLUMNS = 13, 16
TILE, HUD, HALF_BODY = 16, 32, 8
PLAYER_PAGE, PLAYER_X, PLAYER_HIGH_Y, PLAYER_Y = 0x6D, 0x86, 0xB5, 0xCE
NUM_OBJECTS = 5
OBJECT_ACTIVE, OBJECT_KIND = 0x0F, 0x16
OBJECT_PAGE, OBJECT_X, OBJECT_Y = 0x6E, 0x87, 0xCF
PLAYER_HEIGHT, OBJECT_HEIGHT = 32, 24  # from the y in RAM down to the feet
PLATFORM_TILES = 2  # its width; the y in RAM is its surface

UInt8Array = npt.NDArray[np.uint8]
Int8Array = npt.NDArray[np.int8]
Float64Array = npt.NDArray[np.float64]


@njit(cache=True)
def read_window(
    ram: npt.NDArray[np.uint8],
    tile_values: npt.NDArray[np.int8],
    kind_values: npt.NDArray[np.int8],
    out: npt.NDArray[np.float64],
) -> None:
    """Read the window of tiles around the player.

    Args:
        ram: (2048,) uint8, work RAM by address.
        tile_values: (256,) int8, what a tile of each code is to the player.
        kind_values: (256,) int8, ``SOLID`` for the kinds of platforms, ``ENEMY`` for the others.
        out: (size, size) float64, size odd, row by row from the top left; the middle is the
            player's own tile.
    """
    radius = out.shape[0] // 2
    x = 256 * np.int64(ram[PLAYER_PAGE]) + np.int64(ram[PLAYER_X])
    y = 256 * (np.int64(ram[PLAYER_HIGH_Y]) - 1) + np.int64(ram[PLAYER_Y])
    left = (x + HALF_BODY) // TILE - radius
    top = (y + PLAYER_HEIGHT - HALF_BODY - HUD) // TILE - radius
    _show_level(ram, tile_values, left, top, out)
    for slot in range(NUM_OBJECTS):
        if ram[OBJECT_ACTIVE + slot] != 0:
            _show_object(ram, slot, kind_values[ram[OBJECT_KIND + slot]], left, top, out)


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
            if column < 0 or row < 0 or row >= NUM_ROWS:
                out[i, j] = AIR
            else:
                start = TILES + column // PAGE_COLUMNS % 2 * PAGE_BYTES
                out[i, j] = tile_values[ram[start + row * PAGE_COLUMNS + column % PAGE_COLUMNS]]


@njit(cache=True)
def _show_object(
    ram: npt.NDArray[np.uint8],
    slot: int,
    value: int,
    left: int,
    top: int,
    out: npt.NDArray[np.float64],
) -> None:
    size = out.shape[0]
    x = 256 * np.int64(ram[OBJECT_PAGE + slot]) + np.int64(ram[OBJECT_X + slot])
    y = np.int64(ram[OBJECT_Y + slot])
    j = (x + HALF_BODY) // TILE - left
    if value == ENEMY:
        i = (y + OBJECT_HEIGHT - HALF_BODY - HUD) // TILE - top
        if 0 <= i < size and 0 <= j < size:
            out[i, j] = ENEMY
        return
    # A platform shows below the tile of a body that stands on it, wherever in a row that is.
    i = (y - HALF_BODY - HUD) // TILE + 1 - top
    for column in range(j, j + PLATFORM_TILES):
        # What hurts prevails over what carries, whichever slot comes first.
        if 0 <= i < size and 0 <= column < size and out[i, column] != ENEMY:
            out[i, column] = SOLID


class TileObserver:
    """Sees the tiles around the player of a game with the map of Super Mario Bros."""

    first_address = 0
    console = "Nes"

    def __init__(self, settings: ObservationSettings) -> None:
        """Make the tables of codes.

        Raises:
            TaskError: the radius or a code is out of range.
        """
        self.size = 2 * checked_radius(settings.radius) + 1
        solid = ((1, 255),) if settings.solid_tiles is None else settings.solid_tiles
        platforms = ((0x24, 0x2C),) if settings.platform_kinds is None else settings.platform_kinds
        self._tile_values = np.full(256, AIR, np.int8)
        mark(self._tile_values, "solid_tiles", solid, SOLID)
        mark(self._tile_values, "hazard_tiles", settings.hazard_tiles, ENEMY)
        self._kind_values = np.full(256, ENEMY, np.int8)
        mark(self._kind_values, "platform_kinds", platforms, SOLID)

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
            ram: (2048,) uint8, work RAM of the NES.
            out: (size, size) float64.
        """
        read_window(ram, self._tile_values, self._kind_values, out)


def warm_up() -> None:
    """Compile the kernel, or load it from the cache."""
    TileObserver(ObservationSettings(radius=1)).read(np.frombuffer(bytes(NUM_BYTES), np.uint8))


def checked_radius(radius: int) -> int:
    """Return the radius.

    Raises:
        TaskError: it is out of range.
    """
    if not 1 <= radius <= MAX_RADIUS:
        raise TaskError(
            f"[Observation] radius: must be from 1 to {MAX_RADIUS}, for the game keeps 32 columns "
            f"of its level; got {radius}. Use e.g. radius = 6."
        )
    return radius


def mark(values: Int8Array, key: str, ranges: CodeRanges, value: int) -> None:
    """Give ``value`` to the codes of some ranges.

    Raises:
        TaskError: a range leaves the table.
    """
    highest = len(values) - 1
    for first, last in ranges:
        if not 0 <= first <= last <= highest:
            raise TaskError(
                f"[Observation] {key}: a range must rise within 0 to {highest}; got "
                f"{first}-{last}. Use e.g. 0x10-0x1f."
            )
        values[first : last + 1] = value
