"""Types of the variables in data.json, and the memory of consoles, as stable-retro knows them.

Types: "Appendix: Types" of stable-retro's integration guide (docs/integration.md) and ``DataType``
in its src/memory.cpp. Memory: measured with ``data.memory.blocks`` of stable-retro 1.0.1, every
core started on a program of our own; a console that is not listed was not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

from neuroevo.tasks.retro.games.native_files import TYPE

Range = tuple[int, int]

MEMORY: dict[str, tuple[Range, ...]] = {
    "Nes": ((0x0, 0x7FF), (0x6000, 0x7FFF)),
    "Snes": ((0x0, 0x1FFF), (0x700000, 0x77FFFF), (0x7E0000, 0x7FFFFF)),
    "Genesis": ((0xFF0000, 0xFFFFFF),),
    "GameBoy": ((0x8000, 0xDFFF), (0xFE00, 0xFE9F), (0xFF80, 0xFFFF)),
    "GbColor": ((0x8000, 0xDFFF), (0xFE00, 0xFE9F), (0xFF80, 0xFFFF)),
    "GbAdvance": ((0x2000000, 0x203FFFF), (0x3000000, 0x3007FFF), (0x4000000, 0x40003FF),
                  (0x5000000, 0x50003FF), (0x6000000, 0x6017FFF), (0x7000000, 0x70003FF),
                  (0xE000000, 0xE01FFFF)),
    "Sms": ((0xC000, 0x1BFFF),),
    "GameGear": ((0xC000, 0x1BFFF),),
    "PCEngine": ((0xF80000, 0xF87FFF),),
    "Atari2600": ((0x80, 0xFF),),
    "32x": ((0x0, 0xFFFF),),
}  # fmt: skip
"""First and last address of each mapped block, per console."""

CARTRIDGE_RAM: dict[str, Range] = {"Nes": (0x6000, 0x7FFF), "Snes": (0x700000, 0x77FFFF)}
"""Memory that only some cartridges have, and that holds anything after power-on."""

BYTE_ORDER = {
    **dict.fromkeys(("Genesis", "SCD", "32x", "Saturn", "N64"), ">"),
    **dict.fromkeys(("Nes", "Snes", "GameBoy", "GbColor", "GbAdvance", "Sms", "GameGear",
                     "PCEngine", "Atari2600", "NintendoDs"), "<"),
}  # fmt: skip
"""How the processor of a console stores numbers of several bytes."""


@dataclass(frozen=True, slots=True)
class VariableType:
    """A type in its three parts: ``order`` (``<``, ``>``, ``|``, ...), ``format``, ``size``."""

    order: str
    format: str
    size: int

    def bounds(self, mask: int | None = None) -> Range:
        """Return the smallest and the largest value it can take, a mask of bits applied."""
        if mask is not None and mask >= 0:
            return 0, mask
        if self.format == "d":
            return 0, 100**self.size - 1
        if self.format == "n":
            return 0, 10**self.size - 1
        bits = 8 * self.size
        if self.format == "i" or bits == 64:  # stable-retro keeps every value in 64 signed bits
            return -(1 << (bits - 1)), (1 << (bits - 1)) - 1
        return 0, (1 << bits) - 1


def parse_type(text: str) -> VariableType | None:
    """Return the parts of a type, or None when stable-retro's guide knows no such type."""
    match = TYPE.fullmatch(text)
    if match is None:
        return None
    order, size = match[1], int(match[3])
    if len(order) == 2 and size not in (4, 8):  # middle orders need two halves of whole numbers
        return None
    return VariableType(order, match[2], size)


def is_mapped(console: str, first: int, last: int) -> bool:
    """Tell whether both addresses lie in one block of the console's memory; True if unknown."""
    blocks = MEMORY.get(console)
    return blocks is None or any(low <= first and last <= high for low, high in blocks)


def memory_text(console: str) -> str:
    """Return the mapped blocks for a message."""
    return ", ".join(f"{low:#x} to {high:#x}" for low, high in MEMORY.get(console, ()))
