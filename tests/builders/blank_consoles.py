"""Cartridges that do nothing, made here byte by byte: memory stays as a test writes it."""

from __future__ import annotations

import json
from pathlib import Path

_SNES_HEADER, _SNES_CHECKSUM, _SNES_RESET = 0x7FC0, 0x7FDC, 0x7FFC


def blank_snes() -> bytes:
    """Return 32 KB of LoROM: switch interrupts off, then stay in place for ever."""
    rom = bytearray(0x8000)
    rom[0:3] = bytes([0x78, 0x80, 0xFE])  # SEI; here: BRA here
    rom[_SNES_HEADER : _SNES_HEADER + 21] = b"BLANK".ljust(21)
    rom[_SNES_HEADER + 21 : _SNES_HEADER + 24] = bytes([0x20, 0, 5])  # LoROM, no more chips, 32 KB
    rom[_SNES_RESET : _SNES_RESET + 2] = (0x8000).to_bytes(2, "little")
    rom[_SNES_CHECKSUM : _SNES_CHECKSUM + 4] = b"\xff\xff\0\0"
    total = sum(rom) & 0xFFFF
    sums = (total ^ 0xFFFF).to_bytes(2, "little") + total.to_bytes(2, "little")
    rom[_SNES_CHECKSUM : _SNES_CHECKSUM + 4] = sums
    return bytes(rom)


def blank_game_boy() -> bytes:
    """Return 32 KB: stay in place for ever."""
    rom = bytearray(0x8000)
    rom[0x100:0x102] = bytes([0x18, 0xFE])  # here: JR here
    return bytes(rom)


def blank_z80() -> bytes:
    """Return 32 KB for the Master System or the Game Gear: stay in place for ever."""
    rom = bytearray(0x8000)
    rom[0:2] = bytes([0x18, 0xFE])  # here: JR here
    return bytes(rom)


def blank_genesis() -> bytes:
    """Return 128 KB: stay in place for ever."""
    rom = bytearray(0x20000)
    rom[0:8] = bytes([0, 0xFF, 0xFE, 0, 0, 0, 2, 0])  # the stack, and where to begin
    rom[0x200:0x202] = bytes([0x60, 0xFE])  # here: BRA here
    return bytes(rom)


def blank_atari() -> bytes:
    """Return 4 KB: stay in place for ever."""
    rom = bytearray(0x1000)
    rom[0:3] = bytes([0x4C, 0x00, 0xF0])  # here: JMP here
    rom[0xFFC:0x1000] = bytes([0x00, 0xF0, 0x00, 0xF0])  # where to begin
    return bytes(rom)


_ROMS = {
    "Snes": ("rom.sfc", blank_snes),
    "GameBoy": ("rom.gb", blank_game_boy),
    "Sms": ("rom.sms", blank_z80),
    "GameGear": ("rom.gg", blank_z80),
    "Genesis": ("rom.md", blank_genesis),
    "Atari2600": ("rom.a26", blank_atari),
}


def make_blank_game(root: Path, console: str = "Snes", **variables: int | tuple[int, str]) -> str:
    """Write the game's folder below ``root``; return its name.

    Args:
        root: a folder of integrations.
        console: as stable-retro calls it.
        variables: by name, the address of a 16-bit number, or (address, type).
    """
    name = f"Blank-{console}-v0"
    folder = root / name
    folder.mkdir(parents=True)
    file, make_rom = _ROMS[console]
    (folder / file).write_bytes(make_rom())
    info = {}
    for key, where in variables.items():
        address, kind = where if isinstance(where, tuple) else (where, "<u2")
        info[key] = {"address": address, "type": kind}
    (folder / "data.json").write_text(json.dumps({"info": info}))
    (folder / "metadata.json").write_text("{}")
    return name
