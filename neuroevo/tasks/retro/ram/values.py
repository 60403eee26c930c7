"""Numbers in work RAM: candidates for a variable, their bytes, types and values.

Types are stable-retro's (the page "Game Integration" of its documentation): ``u`` unsigned, ``i``
signed, ``d`` two decimal digits in a byte, ``n`` one; ``>`` the most significant byte first, ``<``
last, ``|`` a single byte.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from neuroevo.tasks.retro.ram.scene import Int64Array, Scene, UInt8Array


@dataclass(frozen=True, slots=True)
class Part:
    """A variable of data.json: where and of which type; ``suffix`` goes behind its name."""

    address: int
    type: str
    suffix: str = ""


@dataclass(frozen=True, slots=True)
class Candidate:
    """What a variable might be.

    Attributes:
        parts: one, or the high and the low byte of a number that lies in two places.
        score: 0 to 1.
        why: what it did in the plays.
    """

    parts: tuple[Part, ...]
    score: float
    why: str


def byte_or_word(scene: Scene, column: int, kind: str) -> Part:
    """Return a byte; on a 68000 with the zero above it, for small numbers lie in words there."""
    address, byte = scene.address(column), int(scene.columns[column])
    if scene.is_big_endian and address % 2 and scene.constant(byte - 1) == 0:
        return Part(address - 1, f">{kind}2")
    return Part(address, f"|{kind}1")


BASES = {"u": 256, "d": 100, "n": 10}
MOST_ZEROS = 3
MANY_VALUES = 12
"""A byte that takes so many values, and never one of a hexadecimal digit, holds two decimals."""


@dataclass(frozen=True, slots=True)
class Number:
    """Neighbouring bytes that count as one number.

    Attributes:
        scene: what it is part of.
        columns: the bytes that change, the most significant first.
        direction: 1: the address rises toward the least significant byte, -1: it falls.
        type: ``u``, ``d`` or ``n``.
        leading: bytes before them that never change, the most significant first.
        num_zeros: digits behind them that are always 0.
    """

    scene: Scene
    columns: tuple[int, ...]
    direction: int
    type: str = "u"
    leading: tuple[int, ...] = ()
    num_zeros: int = 0

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.leading) + len(self.columns) + self.num_zeros

    def values(self) -> Int64Array:
        """Return (num_frames,) int64."""
        base = BASES[self.type]
        total = np.zeros(self.scene.num_frames, np.int64)
        for byte in self.leading:
            total = total * base + _digits(byte, base)
        for column in self.columns:
            total = total * base + _digits(self.scene.values[:, column].astype(np.int64), base)
        total *= base**self.num_zeros
        return total

    def matches(self, known: Sequence[tuple[int, int]]) -> bool:
        """Tell whether it has the values known, (frame, value) each."""
        values = self.values()
        return all(values[frame] == value for frame, value in known)

    def part(self) -> Part:
        """Return where it lies, and its type."""
        first = self.columns[0] if self.direction > 0 else self.columns[-1]
        before = len(self.leading) if self.direction > 0 else self.num_zeros
        order = "|" if self.size == 1 else ">" if self.direction > 0 else "<"
        return Part(self.scene.address(first) - before, f"{order}{self.type}{self.size}")

    def outer(self, count: int) -> int | None:
        """Return the value of the ``count``-th byte above it, if that never changes."""
        byte = int(self.scene.columns[self.columns[0]]) - self.direction * count
        return self.scene.constant(byte)

    def with_zeros(self, count: int) -> Number | None:
        """Return it with constant zeros behind it; None when there are not so many."""
        last = int(self.scene.columns[self.columns[-1]])
        behind = (last + self.direction * i for i in range(1, count + 1))
        if any(self.scene.constant(byte) != 0 for byte in behind):
            return None
        return replace(self, num_zeros=count)

    def with_leading(self) -> Number:
        """Return it with the bytes above it that belong to it, as far as one can tell.

        A digit that is not 0 belongs to the digits below; and a 68000 keeps numbers in two or four
        bytes, so that zeros above a number on a console of that family are its own.
        """
        leading: tuple[int, ...] = ()
        while self.type == "n" and 1 <= (self.outer(len(leading) + 1) or 0) <= 9:
            leading = (self.outer(len(leading) + 1) or 0, *leading)
        if self.type == "u" and self.direction > 0 and self.scene.is_big_endian:
            leading = self._leading_zeros()
        return replace(self, leading=leading)

    def with_digits(self, count: int) -> Number | None:
        """Return it as ``count`` digits, the first of them 0; None when they are not there."""
        zeros = count - len(self.columns) - self.num_zeros
        if self.type != "n" or zeros < 0 or any(self.outer(i) != 0 for i in range(1, zeros + 1)):
            return None
        return replace(self, leading=(0,) * zeros)

    def _leading_zeros(self) -> tuple[int, ...]:
        address = self.scene.address(self.columns[0])
        for size in (2, 4):
            count = size - len(self.columns)
            zeros = all(self.outer(i) == 0 for i in range(1, count + 1))
            if count >= 0 and (address - count) % 2 == 0 and zeros:
                return (0,) * count
        return ()


def readings(number: Number, known: Sequence[tuple[int, int]], num_digits: int = 0) -> list[Number]:
    """Return the ways to read a number that give the values known, the likeliest first.

    Args:
        number: its bytes that change.
        known: (frame, value).
        num_digits: how many the screen shows, 0 if nobody said.
    """
    if not known:
        return [replace(number, type=_kinds(number)[0]).with_leading()]
    return [reading for reading in all_readings(number, num_digits) if reading.matches(known)]


def all_readings(number: Number, num_digits: int = 0) -> Iterator[Number]:
    """Yield every way to read a number, the likeliest first; the same one may come again."""
    values = number.scene.values[:, list(number.columns)]
    for count in range(MOST_ZEROS + 1):
        for kind in ("n", *_kinds(number)):
            longer = replace(number, type=kind).with_zeros(count)
            if longer is not None and _fits(kind, values):
                wholes = (longer.with_digits(num_digits), longer.with_leading(), longer)
                yield from (whole for whole in wholes if whole is not None)


def _kinds(number: Number) -> list[str]:
    values = number.scene.values[:, list(number.columns)]
    return [kind for kind in "ndu" if _can_be(kind, values)]


def _fits(kind: str, values: UInt8Array) -> bool:
    limits = {"n": (values <= 9), "d": (values >> 4 <= 9) & (values & 15 <= 9), "u": values >= 0}
    return bool(limits[kind].all())


def _can_be(kind: str, values: UInt8Array) -> bool:
    """Tell whether a number may be of a kind where nothing but its bytes is known of it."""
    if kind == "u":
        return True
    if kind == "n":
        return values.shape[1] > 1 and _fits(kind, values)
    return len(np.unique(values[:, -1])) >= MANY_VALUES and _fits(kind, values)


def _digits(byte: Any, base: int) -> Any:
    return byte // 16 * 10 + byte % 16 if base == 100 else byte
