"""The screen as a small grey picture: exact area averaging in one compiled pass.

All sums are integers (grey = 299 R + 587 G + 114 B thousandths, ITU-R BT.601, weighted by the
overlap of areas), and each output pixel takes one division at the end. So a result is the correctly
rounded one, and does not depend on the order of summation or on the machine.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.emulator import Emulator, fit_crop
from neuroevo.tasks.retro.settings import ObservationSettings

RED, GREEN, BLUE = 299, 587, 114
FULL_SCALE = 255 * (RED + GREEN + BLUE)
MAX_BLOCK_ROWS = 257  # 257 * 255 is the largest sum of bytes that uint16 holds
UInt8Array = npt.NDArray[np.uint8]
Float64Array = npt.NDArray[np.float64]


@njit(cache=True)
def shrink_blocks(
    pixels: npt.NDArray[np.uint8],
    line_bytes: int,
    first_byte: int,
    block_height: int,
    block_width: int,
    num_columns: int,
    sums: npt.NDArray[np.uint16],
    out: npt.NDArray[np.float64],
) -> None:
    """Average whole blocks: for pictures whose size divides the screen's.

    Args:
        pixels: (height * width * 3,) uint8, the whole screen, RGB, row by row.
        line_bytes: bytes of a line of the screen.
        first_byte: where the crop begins.
        block_height: rows of a block, at most 257.
        block_width: columns of a block.
        num_columns: columns of the picture.
        sums: (num_columns * block_width * 3,) uint16, scratch.
        out: (num_rows * num_columns,) float64, 0 to 1, row by row.
    """
    num_rows = out.shape[0] // num_columns
    size = sums.shape[0]
    block_bytes = 3 * block_width
    area = block_height * block_width * FULL_SCALE
    for row in range(num_rows):
        sums[:] = 0
        for y in range(row * block_height, (row + 1) * block_height):
            start = first_byte + y * line_bytes
            line = pixels[start : start + size]
            for i in range(size):
                sums[i] += line[i]
        for column in range(num_columns):
            red, green, blue = 0, 0, 0
            block = sums[column * block_bytes : (column + 1) * block_bytes]
            for x in range(block_width):
                red += block[3 * x]
                green += block[3 * x + 1]
                blue += block[3 * x + 2]
            out[row * num_columns + column] = (RED * red + GREEN * green + BLUE * blue) / area


@njit(cache=True)
def shrink_any(
    screen: npt.NDArray[np.uint8],
    top: int,
    left: int,
    height: int,
    width: int,
    num_columns: int,
    out: npt.NDArray[np.float64],
) -> None:
    """Average areas with fractional edges: for pictures of any size.

    A source pixel is ``num_rows`` by ``num_columns`` units large and an output pixel ``height`` by
    ``width`` units, so every overlap is a whole number.

    Args:
        screen: (screen height, screen width, 3) uint8, RGB.
        top: first row of the crop.
        left: first column of the crop.
        height: rows of the crop.
        width: columns of the crop.
        num_columns: columns of the picture.
        out: (num_rows * num_columns,) float64, 0 to 1, row by row.
    """
    num_rows = out.shape[0] // num_columns
    area = height * width * FULL_SCALE
    for row in range(num_rows):
        y_from, y_to = row * height, (row + 1) * height
        for column in range(num_columns):
            x_from, x_to = column * width, (column + 1) * width
            total = 0
            for y in range(y_from // num_rows, (y_to - 1) // num_rows + 1):
                y_overlap = min(y_to, (y + 1) * num_rows) - max(y_from, y * num_rows)
                for x in range(x_from // num_columns, (x_to - 1) // num_columns + 1):
                    x_overlap = min(x_to, (x + 1) * num_columns) - max(x_from, x * num_columns)
                    red = np.int64(screen[top + y, left + x, 0])
                    green = np.int64(screen[top + y, left + x, 1])
                    blue = np.int64(screen[top + y, left + x, 2])
                    grey = RED * red + GREEN * green + BLUE * blue
                    total += y_overlap * x_overlap * grey
            out[row * num_columns + column] = total / area


class GreyObserver:
    """Sees the screen as a small grey picture.

    Attributes:
        num_rows: rows of the picture.
        num_columns: columns of the picture.
    """

    def __init__(
        self,
        settings: ObservationSettings,
        screen_shape: tuple[int, ...],
        crop: tuple[int, int, int, int] = (0, 0, 0, 0),
    ) -> None:
        """Fix the picture's size from a real frame.

        Args:
            settings: size or scale.
            screen_shape: (height, width, 3) of a frame of the game.
            crop: (x, y, width, height) of scenario.json; zeros reach to the edge.

        Raises:
            TaskError: the size is not positive.
        """
        self._crop = crop
        _, _, width, height = fit_crop(crop, screen_shape[0], screen_shape[1])
        self.num_rows = _size("height", settings.height, settings.scale, height)
        self.num_columns = _size("width", settings.width, settings.scale, width)
        self._buffer = np.zeros(self.num_rows * self.num_columns)
        self._shape: tuple[int, ...] = ()
        self._fit(screen_shape)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the picture."""
        return self.num_rows, self.num_columns

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self.num_rows * self.num_columns

    def observe(self, emulator: Emulator) -> Float64Array:
        """Return the picture of the present screen; see :meth:`shrink`."""
        return self.shrink(emulator.screen())

    def shrink(self, screen: UInt8Array) -> Float64Array:
        """Return the picture, (num_inputs,) float64 in 0 to 1, row by row.

        Args:
            screen: (height, width, 3) uint8, RGB, C-contiguous, uncropped. Its size may change
                in the middle of a game; the picture's does not.

        The array is reused by the next call.
        """
        if screen.shape != self._shape:
            self._fit(screen.shape)
        if self._is_whole:
            shrink_blocks(
                screen.reshape(-1),
                3 * self._shape[1],
                3 * (self._top * self._shape[1] + self._left),
                self._height // self.num_rows,
                self._width // self.num_columns,
                self.num_columns,
                self._sums,
                self._buffer,
            )
        else:
            shrink_any(
                screen,
                self._top,
                self._left,
                self._height,
                self._width,
                self.num_columns,
                self._buffer,
            )
        return self._buffer

    def _fit(self, shape: tuple[int, ...]) -> None:
        self._shape = shape
        crop = fit_crop(self._crop, shape[0], shape[1])
        self._left, self._top, self._width, self._height = crop
        self._is_whole = (
            self._height % self.num_rows == 0
            and self._width % self.num_columns == 0
            and self._height // self.num_rows <= MAX_BLOCK_ROWS
        )
        self._sums = np.zeros(3 * self._width, np.uint16)


def warm_up() -> None:
    """Compile both kernels, or load them from the cache."""
    frame = np.zeros((16, 16, 3), np.uint8)
    for size in (8, 5):
        GreyObserver(ObservationSettings(height=size, width=size), frame.shape).shrink(frame)


def _size(key: str, size: int | None, scale: int, pixels: int) -> int:
    if size is None and scale >= 1:
        return max(1, pixels // scale)
    if size is None or size < 1:
        raise TaskError(
            f"[Observation] {key}: size and scale must be at least 1; got {key} {size}, "
            f"scale {scale}. Use e.g. scale = 8."
        )
    return size
