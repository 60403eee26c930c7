"""A SNES cartridge that does nothing, made here byte by byte: memory stays as a test writes it."""

from __future__ import annotations

import json
from pathlib import Path

NAME = "Blank-Snes-v0"
SIZE = 0x8000  # one bank of LoROM, seen from 0x8000 on
HEADER, CHECKSUM, RESET = 0x7FC0, 0x7FDC, 0x7FFC


def blank_rom() -> bytes:
    """Return the cartridge: switch interrupts off, then stay in place for ever."""
    rom = bytearray(SIZE)
    rom[0:3] = bytes([0x78, 0x80, 0xFE])  # SEI; here: BRA here
    rom[HEADER : HEADER + 21] = b"BLANK".ljust(21)
    rom[HEADER + 21 : HEADER + 24] = bytes([0x20, 0, 5])  # LoROM, no more chips, 32 KB
    rom[RESET : RESET + 2] = (0x8000).to_bytes(2, "little")
    rom[CHECKSUM : CHECKSUM + 4] = b"\xff\xff\0\0"
    total = sum(rom) & 0xFFFF
    rom[CHECKSUM : CHECKSUM + 4] = (total ^ 0xFFFF).to_bytes(2, "little") + total.to_bytes(
        2, "little"
    )
    return bytes(rom)


def make_blank_game(root: Path, **variables: int) -> str:
    """Write the game's folder below ``root``; return its name.

    Args:
        root: a folder of integrations.
        variables: addresses of 16-bit variables by name.
    """
    folder = root / NAME
    folder.mkdir(parents=True)
    (folder / "rom.sfc").write_bytes(blank_rom())
    info = {name: {"address": address, "type": "<u2"} for name, address in variables.items()}
    (folder / "data.json").write_text(json.dumps({"info": info}))
    (folder / "metadata.json").write_text("{}")
    return NAME
