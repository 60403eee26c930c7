"""The build tool of Wickling for tests: its modules, and small texts that it accepts."""

from __future__ import annotations

import importlib.util
import re
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

GAME = Path(__file__).resolve().parents[2] / "integrations" / "Wickling-Nes-v0"
SOURCE = GAME / "src"

sys.path.insert(0, str(SOURCE))  # a script with its modules beside it, not an installed package
_keep_bytecode = sys.dont_write_bytecode
sys.dont_write_bytecode = True  # the folder is shipped as it is
try:
    _spec = importlib.util.spec_from_file_location("wickling_build", SOURCE / "build.py")
    assert _spec is not None
    assert _spec.loader is not None
    build = importlib.util.module_from_spec(_spec)
    _spec.loader.exec_module(build)
    from romtool import arttext, assembly, contract, leveltext, palettetext, patterns, problems
finally:
    sys.dont_write_bytecode = _keep_bytecode

__all__ = [
    "GAME",
    "SOURCE",
    "arttext",
    "assembly",
    "contract",
    "leveltext",
    "palettetext",
    "patterns",
    "problems",
    "build",
    "complaints",
    "copy_of_sources",
    "level_text",
    "needs_cc65",
    "shipped_levels",
]

needs_cc65 = pytest.mark.skipif(
    not (shutil.which("ca65") and shutil.which("ld65")),
    reason="cc65 is not installed (apt-get install cc65, brew install cc65)",
)

WIDTH = 40
HEAD = "name: Test\ntime: 250\ntheme: 1\n\n"


def level_text(changes: Mapping[tuple[int, int], str] | None = None, head: str = HEAD) -> str:
    """Return a flat level of 40 columns: start in column 3, beacon in column 36, ground below.

    Args:
        changes: characters to write over it, from (column, row) to the right.
        head: what stands above the rows.
    """
    rows = [["."] * WIDTH for _ in range(11)] + [["#"] * WIDTH for _ in range(2)]
    rows[10][3], rows[10][36] = "P", "F"
    for (column, row), characters in (changes or {}).items():
        rows[row][column : column + len(characters)] = characters
    return head + "\n".join("".join(row) for row in rows) + "\n"


def complaints(error: pytest.ExceptionInfo[problems.SourceError]) -> list[tuple[int, str]]:
    """Return line and text of every problem of an error; line 0 where the whole file is meant.

    Each has to follow the pattern "where: what must hold; got what. What to do."
    """
    found = []
    for problem in error.value.problems:
        match = re.fullmatch(r"[^ :]+(?::(\d+))?: (.+; got .+\. [A-Z'].+\.)", problem)
        assert match, problem
        found.append((int(match[1] or 0), match[2]))
    return found


def copy_of_sources(target: Path) -> Path:
    """Return a copy of the game's sources that a test may change."""
    shutil.copytree(SOURCE, target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def shipped_levels() -> tuple[leveltext.Level, ...]:
    """Return the levels of the game as the texts have them."""
    return leveltext.read_levels(SOURCE / "levels", len(arttext.read_art(SOURCE / "art").themes))
