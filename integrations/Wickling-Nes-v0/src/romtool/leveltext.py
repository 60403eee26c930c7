"""Levels as text: a head of three lines, an empty line, 13 rows of characters.

Knows the level files alone; how their bytes reach the assembler is :mod:`romtool.assembly`'s.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from romtool.contract import (
    BEACON_DARK,
    BEACON_HEIGHT,
    BEACON_POST,
    NUM_ROWS,
    OBJECT_CHARACTERS,
    OBJECT_NAMES,
)
from romtool.levelgrid import Rows, Thing
from romtool.levelrules import check_objects, check_shape, find_ends
from romtool.problems import Problems, SourceError, place_of, read_source

HEAD_KEYS = ("name", "time", "theme")
FILE_NAME = re.compile(r"(0|[1-9][0-9]*)-[a-z0-9-]+\.txt")


@dataclass(frozen=True)
class Level:
    """One level, checked and converted.

    Attributes:
        name: what people call it.
        time: seconds on its clock, 1 to 999.
        theme: number of its palette set.
        columns: 16 bytes per column: 13 tile codes from the top, object kind, object row, zero.
        start: column and row of the player's body.
        goal: column of the beacon.
    """

    name: str
    time: int
    theme: int
    columns: tuple[bytes, ...]
    start: tuple[int, int]
    goal: int


def read_levels(folder: Path, num_themes: int) -> tuple[Level, ...]:
    """Read all levels of a folder, in the order of their numbers.

    Args:
        folder: holds ``0-<name>.txt``, ``1-<name>.txt`` and so on, without a gap.
        num_themes: number of palette sets that a level may choose from.

    Raises:
        SourceError: with the mistakes of all files.
    """
    levels: list[Level] = []
    problems: list[str] = []
    for path in _level_files(folder):
        try:
            levels.append(parse_level(read_source(path), place_of(path), num_themes))
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return tuple(levels)


def _level_files(folder: Path) -> list[Path]:
    """Return the level files by number; every text file must be one."""
    problems = Problems(folder.name)
    numbered: dict[int, Path] = {}
    for path in sorted(folder.glob("*.txt")):
        match = FILE_NAME.fullmatch(path.name)
        number = int(match[1]) if match else -1
        if number < 0:
            problems.add(
                0, "a level's file is called like 5-windy-ridge.txt", path.name, "Rename the file."
            )
        elif number in numbered:
            both = f"{numbered[number].name} and {path.name}"
            problems.add(0, "every level has its own number", both, "Rename one of them.")
        else:
            numbered[number] = path
    if sorted(numbered) != list(range(len(numbered))) or not numbered:
        got = ", ".join(map(str, sorted(numbered))) or "no level"
        problems.add(0, "levels are numbered 0, 1, 2, ...", got, "Close the gap.")
    problems.raise_if_any()
    return [numbered[number] for number in sorted(numbered)]


def parse_level(text: str, where: str, num_themes: int) -> Level:
    """Check and convert the text of one level.

    Args:
        text: the file.
        where: its name in messages.
        num_themes: number of palette sets.

    Raises:
        SourceError: with every mistake that was found.
    """
    problems = Problems(where)
    head, rows = _split(text, problems)
    time = _number(head, "time", 1, 999, problems)
    theme = _number(head, "theme", 0, num_themes - 1, problems)
    check_shape(rows, problems)
    if len(rows.texts) != NUM_ROWS:
        problems.raise_if_any()  # nobody knows which row stands where
    rows = rows.squared()
    start, goal = find_ends(rows, problems)
    objects = rows.things("".join(OBJECT_CHARACTERS))
    check_objects(rows, objects, problems)
    problems.raise_if_any()
    assert start is not None
    assert goal is not None
    return Level(
        name=head["name"][1],
        time=time,
        theme=theme,
        columns=_columns(rows, objects, goal),
        start=(start.column, start.row),
        goal=goal.column,
    )


def _split(text: str, problems: Problems) -> tuple[dict[str, tuple[int, str]], Rows]:
    """Return the head (key to line and value) and the rows; note what is wrong in the head."""
    lines = text.rstrip("\n").split("\n")
    head: dict[str, tuple[int, str]] = {}
    body = len(lines)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            body = number
            break
        if ":" not in line:  # a row already
            body = number - 1
            got = repr(line[:20])
            problems.add(number, "an empty line stands before the rows", got, "Insert it.")
            break
        key, _, value = (part.strip() for part in line.partition(":"))
        if key not in HEAD_KEYS or key in head or not value:
            problems.add(
                number,
                f"the head holds each of {', '.join(HEAD_KEYS)} once, as 'time: 300'",
                repr(line),
                "Mend the line; an empty line ends the head.",
            )
        head.setdefault(key, (number, value))
    for key in HEAD_KEYS:
        if key not in head:
            problems.add(1, f"the head holds {key}", "none", f"Add a line '{key}: ...'.")
    return head, Rows(tuple(lines[body:]), body + 1)


def _number(
    head: dict[str, tuple[int, str]], key: str, low: int, high: int, problems: Problems
) -> int:
    """Return a whole number of the head; ``low`` when it is missing or wrong."""
    if key not in head:
        return low
    line, value = head[key]
    if re.fullmatch(r"[0-9]{1,9}", value) and low <= int(value) <= high:
        return int(value)
    problems.add(
        line, f"{key} is a whole number from {low} to {high}", repr(value), "Change the number."
    )
    return low


def _columns(rows: Rows, objects: Sequence[Thing], goal: Thing) -> tuple[bytes, ...]:
    """Return the 16 bytes of every column."""
    table = [
        bytearray([*(rows.tile(column, row) for row in range(NUM_ROWS)), 0, 0, 0])
        for column in range(rows.width)
    ]
    top = goal.row - BEACON_HEIGHT + 1
    table[goal.column][top] = BEACON_DARK
    table[goal.column][top + 1 : goal.row + 1] = bytes([BEACON_POST]) * (BEACON_HEIGHT - 1)
    for thing in objects:
        table[thing.column][NUM_ROWS] = OBJECT_CHARACTERS[thing.character]
        table[thing.column][NUM_ROWS + 1] = thing.row
    return tuple(bytes(column) for column in table)


def describe(level: Level) -> str:
    """Return one line about a level: name, width, objects."""
    kinds = [column[NUM_ROWS] for column in level.columns if column[NUM_ROWS]]
    counts = [f"{kinds.count(kind)} {OBJECT_NAMES[kind]}" for kind in sorted(set(kinds))]
    return f"{level.name}: {len(level.columns)} columns, {', '.join(counts) or 'no objects'}"
