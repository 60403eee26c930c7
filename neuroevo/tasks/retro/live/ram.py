"""Work RAM in place, and variables that are read anew only when a byte of them has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.retro.live.core import Core

Values = dict[str, int]
Glance = tuple[int, ...]
"""Bytes of memory in one frame."""
UInt8Array = npt.NDArray[np.uint8]


class Number(NamedTuple):
    """A whole number in memory.

    Attributes:
        address: of its first byte.
        num_bytes: 1 to 4.
        is_signed: a number of two's complement.
        is_big_endian: the first byte is the most significant one.
    """

    address: int
    num_bytes: int
    is_signed: bool
    is_big_endian: bool


class Watch(NamedTuple):
    """What sees some numbers in the least time.

    Attributes:
        glance: returns their bytes as they are now.
        values: returns the numbers of a glance, by name.
        places: where in a glance the bytes of each number are, by name.
    """

    glance: Callable[[], Glance]
    values: Callable[[Glance], Values]
    places: Mapping[str, Sequence[int]]


class LiveRam:
    """Work RAM as it is now; it may not be used after the emulator is closed."""

    def __init__(self, ram: UInt8Array, blocks: Mapping[int, range], word_size: int) -> None:
        """Take the RAM itself; see :func:`find_ram`.

        Args:
            ram: (num_bytes,) uint8.
            blocks: where in it the blocks of memory lie, by their first address.
            word_size: how many bytes the core keeps in another order than that of the addresses.
        """
        self._bytes, self._blocks, self._word_size = ram.view(), blocks, word_size
        self._bytes.flags.writeable = False
        self._memory = self._bytes.data

    def copy_from(self, address: int) -> UInt8Array | None:
        """Return a copy of the blocks from an address on, as far as they follow one another.

        Read-only, in the core's own order; None if no block that is here begins there.
        """
        if address not in self._blocks:
            return None
        first = place = self._blocks[address].start
        while (block := self._blocks.get(address + place - first)) and block.start == place:
            place = block.stop
        copy = self._bytes[first:place].copy()
        copy.flags.writeable = False
        return copy

    def when_changed(
        self, spans: Iterable[tuple[int, int]], read: Callable[[], Values]
    ) -> Callable[[], Values] | None:
        """Return what calls ``read`` when a byte is not what it was, and else gives the same again.

        Args:
            spans: (address, number of bytes) of what the values are made of, at least one.
            read: returns the values.

        Returns:
            None if one of the bytes is not here.
        """
        places = [self._place(address) for span in spans for address in self._words(*span)]
        if None in places:
            return None
        glance, memory = itemgetter(*places), self._memory
        seen: object = None
        values: Values = {}

        def read_if_changed() -> Values:
            nonlocal seen, values
            now = glance(memory)
            if now != seen:
                seen, values = now, read()
            return values

        return read_if_changed

    def watch(self, numbers: Mapping[str, Number]) -> Watch | None:
        """Return what sees these numbers, at least one; None if one of them is not here."""
        bytes_at: list[int | None] = []
        places, decoders = {}, []
        for name, number in numbers.items():
            own = range(number.address, number.address + number.num_bytes)
            first = len(bytes_at)
            bytes_at += [self._place(address ^ (self._word_size - 1)) for address in own]
            places[name] = range(first, len(bytes_at))
            order = places[name] if number.is_big_endian else places[name][::-1]
            decoders.append((name, _decoder(order, is_signed=number.is_signed)))
        if None in bytes_at:
            return None

        def values(glance: Glance) -> Values:
            return {name: decode(glance) for name, decode in decoders}

        bytes_at.append(bytes_at[0])  # of one alone no tuple would be made
        return Watch(partial(itemgetter(*bytes_at), self._memory), values, places)

    def _words(self, address: int, num_bytes: int) -> range:
        """Return the addresses of all words that hold one of these bytes, whole."""
        size = self._word_size
        return range(address // size * size, -(-(address + num_bytes) // size) * size)

    def _place(self, address: int) -> int | None:
        for base, block in self._blocks.items():
            if base <= address < base + len(block):
                return block.start + address - base
        return None


def _decoder(places: Sequence[int], *, is_signed: bool) -> Callable[[Glance], int]:
    """Return what makes a number of its bytes in a glance, the most significant one first."""
    if len(places) == 1 and not is_signed:
        return itemgetter(places[0])
    sign = 1 << (8 * len(places) - 1) if is_signed else 0

    def decode(glance: Glance) -> int:
        number = 0
        for place in places:
            number = number << 8 | glance[place]
        return (number ^ sign) - sign

    return decode


def find_ram(
    core: Core, blocks: Callable[[], Mapping[int, bytes]], word_size: int
) -> LiveRam | None:
    """Return the work RAM of a core; None if it cannot be shown to be what stable-retro shows.

    Args:
        core: runs; every bit of its RAM is turned over for a moment.
        blocks: stable-retro's copies of all memory, by the address of the first byte.
        word_size: see :class:`LiveRam`.
    """
    ram = core.ram()
    if ram is None:
        return None
    before = blocks()
    ram ^= 0xFF
    turned, after = ram.tobytes(), blocks()
    ram ^= 0xFF
    found, origin = {}, 0
    for base in sorted(after):
        place = base - origin
        if turned[place : place + len(after[base])] != after[base]:
            origin, place = base, 0  # or the RAM begins here once more, as in a mirror
        block = range(place, place + len(after[base]))
        if turned[block.start : block.stop] == after[base] != before[base]:
            found[base] = block
    return LiveRam(ram, found, word_size) if found else None
