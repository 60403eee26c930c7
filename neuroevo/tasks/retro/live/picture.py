"""The last picture in place: 16 bits per pixel, 5 of red, 6 of green, 5 of blue (RGB565)."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.live.core import FRAME, Core

UInt8Array = npt.NDArray[np.uint8]


class Words(NamedTuple):
    """A picture as the core made it.

    Attributes:
        lines: (height, words of a line) uint16, C-contiguous; a line may be longer than the
            picture is wide.
        width: of the picture.
    """

    lines: npt.NDArray[np.uint16]
    width: int


Picture = UInt8Array | Words
"""A screen, (height, width, 3) uint8 RGB, or as the core made it."""


def as_rgb(picture: Picture) -> UInt8Array:
    """Return (height, width, 3) uint8 RGB, C-contiguous, as stable-retro makes it."""
    if not isinstance(picture, Words):
        return picture
    from neuroevo.tasks.retro.live.rgb import expand

    lines, width = picture
    out = np.empty((len(lines), width, 3), np.uint8)
    expand(lines, out)
    return out


class LivePicture:
    """The last picture; it may not be used after the emulator is closed."""

    def __init__(self, note: bytearray, height: int, width: int) -> None:
        """Take where to find it.

        Args:
            note: what :meth:`Core.note_frames` returned; a frame must have been noted.
            height: of all pictures, as stable-retro shows them: whatever the game makes of its
                screen later, the size stays.
            width: of all pictures.
        """
        self._note, self._height, self._width = note, height, width
        self._seen = b""
        self._address = self._line_bytes = 0

    def words(self) -> Words:
        """Return the picture itself, which the next frame overwrites."""
        note = bytes(self._note)
        if note != self._seen:
            self._words = self._read(note)
            self._seen = note
        return self._words

    def _read(self, note: bytes) -> Words:
        address, _, _, line_bytes = FRAME.unpack(note)
        # A core that shows the same picture again gives 0 for its place.
        self._address = address or self._address
        self._line_bytes = line_bytes or self._line_bytes
        words = ctypes.c_uint16 * (self._height * self._line_bytes // 2)
        lines = np.ctypeslib.as_array(words.from_address(self._address))
        return Words(lines.reshape(self._height, -1), self._width)


def find_picture(
    core: Core, step: Callable[[], None], screen: Callable[[], UInt8Array]
) -> LivePicture | None:
    """Return the picture of a core; None if it cannot be shown to be what stable-retro shows.

    stable-retro hears of no frame from here on (:meth:`Core.note_frames`), found or not.

    Args:
        core: runs.
        step: runs a frame.
        screen: stable-retro's copy of the picture.
    """
    note = core.note_frames()
    step()
    height, width, _ = screen().shape
    if not FRAME.unpack(note)[0]:
        return None
    picture = LivePicture(note, height, width)
    lines, _ = picture.words()
    kept = lines[:, :width].copy()
    pattern = np.arange(kept.size, dtype=np.uint32) * 40503 % 65521  # every bit, no two lines alike
    lines[:, :width] = pattern.astype(np.uint16).reshape(kept.shape)
    is_shown = np.array_equal(screen(), _expanded(lines[:, :width]))
    lines[:, :width] = kept
    return picture if is_shown else None


def _expanded(words: npt.NDArray[np.uint16]) -> UInt8Array:
    """Return (height, width, 3) uint8 RGB: the slow twin of :func:`expand`."""
    red, green, blue = words >> 11 << 3, (words >> 5 & 63) << 2, (words & 31) << 3
    return np.stack([red, green, blue], axis=-1).astype(np.uint8)
