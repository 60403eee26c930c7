"""Values as columns of text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroevo.config import ExplainedKey
    from neuroevo.tasks.retro.games import GameInfo, GameSummary


def games_table(games: Iterable[GameSummary]) -> str:
    """Return one line per game: name, console, ROM, number of states."""
    lines = [f"{'game':50}{'console':14}{'ROM':5}states"]
    for game in games:
        rom = "yes" if game.has_rom else "no"
        lines.append(f"{game.name:50}{game.console:14}{rom:5}{len(game.states)}")
    return "\n".join(lines)


def game_text(game: GameInfo) -> str:
    """Return all that is known of a game."""
    lines = [
        f"game       {game.name}",
        f"console    {game.console}",
        f"buttons    {' '.join(game.buttons)}",
        f"states     {_wrapped(', '.join(game.states) or 'none')}",
        f"default    {game.default_state or 'power-on'}",
        f"scenarios  {_wrapped(', '.join(game.scenarios) or 'none')}",
    ]
    if game.screen is not None:
        height, width = game.screen
        counts = ", ".join(f"{count} at scale {s}" for s, count in game.input_counts.items())
        lines += [f"screen     {height} x {width} (height x width)", f"inputs     {counts}"]
    if game.rom_problem:
        lines.append(f"problem    {_wrapped(game.rom_problem)}")
    lines.append("variables")
    lines += [f"  {v.name:20} {v.address:#010x}  {v.type}" for v in game.variables]
    return "\n".join(lines)


def explain_table(rows: Sequence[ExplainedKey]) -> str:
    """Return every setting, by section: key, value, where it comes from, what it means."""
    lines: list[str] = []
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f"\n[{section}]" if lines else f"[{section}]")
        value = " / ".join(row.value.split("\n"))
        lines.append(f"{row.key:36} {value:22} {row.source}")
        lines.append(textwrap.indent(_filled(row.meaning), " " * 6))
    return "\n".join(lines)


def _filled(text: str) -> str:
    return textwrap.fill(text, width=94)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width=90, subsequent_indent=" " * 11)
