"""The screen as a part of an observation: sizes, crop, range, the last pictures, the difference."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.emulator import Emulator, fit_crop
from neuroevo.tasks.retro.live.picture import Picture, Words, as_rgb
from neuroevo.tasks.retro.observation import grey
from neuroevo.tasks.retro.observation.parts import (
    Bounds,
    Float64Array,
    Moment,
    Pictures,
)
from neuroevo.tasks.retro.settings import ObservationSettings

RANGES = {"unit": (0.0, 1.0), "signed": (-1.0, 1.0), "raw": (0.0, 255.0)}
SHRINKS = ("area", "seed2021")
Crop = tuple[int, int, int, int]


class Shrinker(Protocol):
    """Makes small pictures of one size out of screens of any size."""

    @property
    def picture_shape(self) -> tuple[int, ...]:
        """(rows, columns), or (3, rows, columns) of red, green and blue."""

    def shrink(self, screen: Picture, out: Float64Array) -> None:
        """Write the picture of a screen.

        Args:
            screen: uncropped, RGB or as the core made it. Its size may change in the middle of a
                game; the picture's does not.
            out: (size of the picture,) float64.
        """


class AreaShrinker:
    """Averages exactly.

    Attributes:
        num_rows: rows of the picture.
        num_columns: columns of the picture.
    """

    def __init__(
        self,
        settings: ObservationSettings,
        screen_shape: tuple[int, ...],
        crop: Crop = (0, 0, 0, 0),
        *,
        is_coloured: bool = False,
    ) -> None:
        """Fix the picture's size from a real frame.

        Args:
            settings: size or scale, and range.
            screen_shape: (height, width, 3) of a frame of the game.
            crop: (x, y, width, height); zeros reach to the edge.
            is_coloured: three pictures, red, green and blue, and not one in grey.

        Raises:
            TaskError: the size is not positive.
        """
        self._crop, self._is_coloured = crop, is_coloured
        self._is_raw = settings.range == "raw"
        self._white = grey.FULL_SCALE // 255 if self._is_raw else grey.FULL_SCALE
        self.num_rows, self.num_columns = picture_size(settings, screen_shape, crop)
        self._colour_sums = np.zeros((self.num_columns, 3), np.int64)
        self._shape: tuple[int, ...]
        self._words: Words | None  # the picture that all is ready for
        self._fit(screen_shape)

    @property
    def picture_shape(self) -> tuple[int, ...]:
        """(rows, columns), or (3, rows, columns) of red, green and blue."""
        size = self.num_rows, self.num_columns
        return (3, *size) if self._is_coloured else size

    def shrink(self, screen: Picture, out: Float64Array) -> None:
        """Write the picture, 0 to 1 or 0 to 255 if raw; see :meth:`Shrinker.shrink`."""
        if isinstance(screen, Words):
            if screen is not self._words:
                self._fit_words(screen)
            if self._is_whole and not self._is_coloured:
                grey.shrink_words(*self._word_blocks, self._white, self._word_sums, out)
                return
            screen = as_rgb(screen)
        if screen.shape != self._shape:
            self._fit(screen.shape)
        if self._is_coloured:
            white = 1 if self._is_raw else 255
            grey.shrink_colours(screen, *self._area, white, self._line, self._colour_sums, out)
            return
        if self._is_whole:
            pixels = screen.reshape(-1)
            grey.shrink_blocks(
                pixels, *self._blocks, self.num_columns, self._white, self._sums, out
            )
        else:
            grey.shrink_any(screen, *self._area, self._white, self._line, self._colour_sums, out)

    def _fit(self, shape: tuple[int, ...]) -> None:
        self._shape, self._words = shape, None
        left, top, width, height = fit_crop(self._crop, shape[0], shape[1])
        rows, columns = height // self.num_rows, width // self.num_columns
        self._area = top, left, height, width
        self._blocks = 3 * shape[1], 3 * (top * shape[1] + left), rows, columns
        self._is_whole = (
            height % self.num_rows == 0
            and width % self.num_columns == 0
            and rows <= grey.MAX_BLOCK_ROWS
        )
        self._sums = np.zeros(3 * width, np.uint16)
        self._line = np.zeros(3 * width, np.int32)

    def _fit_words(self, screen: Words) -> None:
        lines, width = screen
        shape = (len(lines), width, 3)
        if shape != self._shape:
            self._fit(shape)
        top, left, _, width = self._area
        _, _, rows, columns = self._blocks
        first = top * lines.shape[1] + left
        blocks = rows, columns, self.num_columns
        self._word_blocks = lines.reshape(-1), lines.shape[1], first, *blocks
        self._word_sums = np.zeros((3, width), np.uint16)
        self._words = screen


class PixelPart:
    """Sees the screen as one small picture or several."""

    sees_screen = True

    def __init__(self, name: str, settings: ObservationSettings, shrinker: Shrinker) -> None:
        """Take how to shrink; see :func:`make_pixels`.

        Raises:
            TaskError: a stack that is no positive number.
        """
        self._name, self._shrinker = name, shrinker
        self._range, self._stack = settings.range, settings.stack
        self._has_difference = settings.difference
        self._size = int(np.prod(shrinker.picture_shape))
        self._is_plain = self._stack == 1 and not self._has_difference
        self._is_first = True
        self.place(np.zeros(self.num_inputs))

    @property
    def label(self) -> str:
        """E.g. ``grey 28 x 40, last 4 and difference``."""
        rows, columns = self._shrinker.picture_shape[-2:]
        last = f", last {self._stack}" if self._stack > 1 else ""
        difference = " and difference" if self._has_difference else ""
        return f"{self._name} {rows} x {columns}{last}{difference}"

    @property
    def num_inputs(self) -> int:
        """Pixels of all pictures, the difference among them."""
        return (self._stack + self._has_difference) * self._size

    def place(self, out: Float64Array) -> None:
        """Take where to write."""
        past = self._stack * self._size
        self._pictures = out[:past].reshape(self._stack, self._size)
        self._newest = self._pictures[-1]
        self._difference = out[past:]

    def begin(self) -> None:
        """Forget the pictures of the last episode."""
        self._is_first = True

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write the pictures, the oldest first, then the difference."""
        if self._is_plain:
            self._shrink(screen)
            return
        if self._has_difference:
            self._difference[:] = self._newest
        if self._stack > 1:
            self._pictures[:-1] = self._pictures[1:]
        self._shrink(screen)
        if self._is_first:
            self._is_first = False
            self._pictures[:-1] = self._newest
            self._difference[:] = 0.0
        elif self._has_difference:
            np.subtract(self._newest, self._difference, out=self._difference)
            if self._range == "signed":
                self._difference *= 0.5  # from -1 to 1, as of the range unit

    def bounds(self) -> Bounds:
        """Return the range of the pictures, and that of the difference."""
        lowest, highest = RANGES[self._range]
        low, high = np.full(self.num_inputs, lowest), np.full(self.num_inputs, highest)
        if self._has_difference:
            low[-self._size :] = -highest
        return low, high

    def view(self, values: Float64Array) -> Pictures:
        """Return all pictures from black to white; no difference is grey."""
        low, high = self.bounds()
        bright = ((values - low) / (high - low)).reshape(-1, *self._shrinker.picture_shape)
        if bright.ndim == 4:  # three planes of colour
            bright = bright.transpose(0, 2, 3, 1)
        return Pictures(self.label, bright)

    def _shrink(self, screen: Picture) -> None:
        self._shrinker.shrink(screen, self._newest)
        if self._range == "signed":
            self._newest *= 2.0
            self._newest -= 1.0


def make_pixels(name: str, settings: ObservationSettings, emulator: Emulator) -> PixelPart:
    """Return the part ``grey`` or ``rgb`` for a started game.

    Raises:
        TaskError: a setting is out of range, or the crop lies beside the screen.
    """
    _check(settings)
    shape = emulator.screen().shape
    crop = _crop_of(settings, emulator.crop_info(), shape)
    if settings.shrink == "seed2021" and name == "grey":
        from neuroevo.tasks.retro.observation.seed2021 import SeedShrinker  # it loads OpenCV

        return PixelPart(name, settings, SeedShrinker(settings, shape, crop))
    is_coloured = name == "rgb"
    return PixelPart(name, settings, AreaShrinker(settings, shape, crop, is_coloured=is_coloured))


def picture_size(
    settings: ObservationSettings, screen_shape: tuple[int, ...], crop: Crop
) -> tuple[int, int]:
    """Return (rows, columns) of the picture of a screen.

    Raises:
        TaskError: the size is not positive.
    """
    _, _, width, height = fit_crop(crop, screen_shape[0], screen_shape[1])
    return (
        _size("height", settings.height, settings.scale, height),
        _size("width", settings.width, settings.scale, width),
    )


def warm_up() -> None:
    """Compile the kernels, or load them from the cache."""
    frame = np.zeros((16, 16, 3), np.uint8)
    for size, is_coloured in ((8, False), (5, False), (8, True)):
        settings = ObservationSettings(height=size, width=size)
        shrinker = AreaShrinker(settings, frame.shape, is_coloured=is_coloured)
        for screen in (frame, Words(np.zeros((16, 16), np.uint16), 16)):
            shrinker.shrink(screen, np.zeros(int(np.prod(shrinker.picture_shape))))


def _check(settings: ObservationSettings) -> None:
    for key, value, known in (
        ("range", settings.range, tuple(RANGES)),
        ("shrink", settings.shrink, SHRINKS),
    ):
        if value not in known:
            raise TaskError(
                f"[Observation] {key}: must be one of {', '.join(known)}; got {value!r}. "
                f"Choose one."
            )
    if settings.stack < 1:
        raise TaskError(
            f"[Observation] stack: must be at least 1, the present picture; got "
            f"{settings.stack}. Raise it."
        )


def _crop_of(settings: ObservationSettings, of_scenario: Crop, shape: tuple[int, ...]) -> Crop:
    if settings.crop is None:
        return of_scenario
    x, y, width, height = settings.crop or (0, 0, 0, 0)
    fits = x + width <= shape[1] and y + height <= shape[0] and x < shape[1] and y < shape[0]
    if min(x, y, width, height) < 0 or not fits:
        raise TaskError(
            f"[Observation] crop: x, y, width, height must lie on the screen, {shape[1]} wide and "
            f"{shape[0]} high; got {x}, {y}, {width}, {height}. A size of 0 reaches to the edge."
        )
    return x, y, width, height


def _size(key: str, size: int | None, scale: int, pixels: int) -> int:
    if size is None and scale >= 1:
        return max(1, pixels // scale)
    if size is None or size < 1:
        raise TaskError(
            f"[Observation] {key}: size and scale must be at least 1; got {key} {size}, "
            f"scale {scale}. Use e.g. scale = 8."
        )
    return size
