"""Ways through a level as text: how long which buttons are held, from the level's start on.

``120 RIGHT+B`` holds RIGHT and B for 120 frames, ``-`` is no button. A way begins after
``env.reset``, hence one frame after the state named in its head.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import memory_map as at
from machine import LEVEL_TEXTS, SOLUTIONS, STATE_NAMES, Machine, rom_sha

Run = tuple[int, str]
"""Number of frames, buttons."""


@dataclass(frozen=True)
class Way:
    """A way to the beacon.

    Attributes:
        start: name of the save state that it begins with.
        level: its number.
        rom: sha1 of the ROM (without header) that it was last replayed on.
        runs: how long which buttons are held.
    """

    start: str
    level: int
    rom: str
    runs: tuple[Run, ...]

    @property
    def frames(self) -> list[str]:
        """The buttons of every frame."""
        return [buttons for count, buttons in self.runs for _ in range(count)]


def way_path(start: str) -> Path:
    """Return the file of the way from a save state."""
    return SOLUTIONS / f"{start}.txt"


def level_name(level: int) -> str:
    """Return the name that the level's text gives it, else that of its state."""
    for path in LEVEL_TEXTS.glob(f"{level}-*.txt"):
        first = path.read_text(encoding="utf-8").splitlines()[0]
        return first.removeprefix("name:").strip()
    return STATE_NAMES[level]


def runs_of(frames: Iterable[str]) -> tuple[Run, ...]:
    """Join equal neighbours."""
    return tuple((len(list(group)), buttons) for buttons, group in groupby(frames))


def way_text(start: str, level: int, frames: list[str]) -> str:
    """Return a way from a save state as text, for the ROM at hand."""
    head = (
        f"level: {level} {level_name(level)}",
        f"rom: {rom_sha()}",
        f"start: {start}",
        f"frames: {len(frames)}",
    )
    lines = [f"{count:4d} {buttons or '-'}" for count, buttons in runs_of(frames)]
    return "\n".join((*head, "", *lines)) + "\n"


def read_way(start: str, path: Path | None = None) -> Way:
    """Read the way from a save state.

    Raises:
        FileNotFoundError: no way is stored.
        ValueError: the file is none of :func:`way_text`.
    """
    path = path or way_path(start)
    head, _, body = path.read_text(encoding="utf-8").partition("\n\n")
    try:
        fields = dict(line.split(": ", 1) for line in head.splitlines())
        runs = tuple(_run(line) for line in body.splitlines())
        if sum(count for count, _ in runs) != int(fields["frames"]):
            raise ValueError("runs that do not add up to the frames of the head")
        if fields["start"] != start:
            raise ValueError(f"a way from {fields['start']}")
        return Way(start, int(fields["level"].split()[0]), fields["rom"], runs)
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"{path}: must be a way from {start} as tools/find_way.py writes it; got {error}. "
            f"Find it again."
        ) from error


def replay(machine: Machine, start: bytes, frames: Iterable[str]) -> Iterator[bytes]:
    """Play from a reset on ``start`` and yield the RAM of every frame, to goal or death."""
    machine.reset(start)
    for buttons in frames:
        machine.step(buttons)
        ram = machine.ram()
        yield ram
        if ram[at.GOAL] or at.is_dead(ram):
            return


def reaches_goal(machine: Machine, start: bytes, frames: Iterable[str]) -> bool:
    """Return whether that play ends at the beacon."""
    goal = False
    for ram in replay(machine, start, frames):
        goal = ram[at.GOAL] == 1
    return goal


def _run(line: str) -> Run:
    count, buttons = line.split()
    return int(count), "" if buttons == "-" else buttons
