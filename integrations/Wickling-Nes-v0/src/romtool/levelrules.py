"""What must hold of the rows of a level: their shape, its start, its beacon, its objects.

Every function notes what is wrong and goes on, so that one build tells all.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from romtool.contract import (
    BEACON_HEIGHT,
    GOAL,
    MAX_COLUMNS,
    MIN_COLUMNS,
    NUM_ROWS,
    OBJECT_CHARACTERS,
    OBJECT_SLOTS,
    SLOT_COLUMNS,
    SOLID_BIT,
    START,
    TILE_CHARACTERS,
)
from romtool.levelgrid import Rows, Thing
from romtool.problems import Problems

KNOWN_CHARACTERS = {*TILE_CHARACTERS, *OBJECT_CHARACTERS, START, GOAL}


def check_shape(rows: Rows, problems: Problems) -> None:
    """Note a wrong number of rows or columns, unequal rows and unknown characters."""
    if len(rows.texts) != NUM_ROWS:
        problems.add(
            rows.first_line,
            f"a level has {NUM_ROWS} rows after the empty line",
            f"{len(rows.texts)}",
            "Add or remove rows; the last one is at the bottom of the screen.",
        )
    if rows.texts and not MIN_COLUMNS <= rows.width <= MAX_COLUMNS:
        problems.add(
            rows.first_line,
            f"a level has {MIN_COLUMNS} to {MAX_COLUMNS} columns",
            f"{rows.width}",
            "Lengthen or shorten every row.",
        )
    for row, text in enumerate(rows.texts):
        _check_row(rows, row, text, problems)


def _check_row(rows: Rows, row: int, text: str, problems: Problems) -> None:
    """Note a row that is longer or shorter than most, and characters that mean nothing."""
    if len(text) != rows.width:
        problems.add(
            rows.line(row),
            f"all rows are equally long, here {rows.width} characters as most are",
            f"{len(text)}",
            "Lengthen or shorten the row.",
        )
    unknown = sorted(set(text) - KNOWN_CHARACTERS)
    if unknown:
        places = ", ".join(f"{c!r} in column {text.index(c)}" for c in unknown)
        problems.add(
            rows.line(row),
            f"only {' '.join(sorted(KNOWN_CHARACTERS))} stand in a row",
            places,
            "Use '.' for air.",
        )


def find_ends(rows: Rows, problems: Problems) -> tuple[Thing | None, Thing | None]:
    """Return the start and the beacon, None where there is not exactly one; note what is wrong."""
    start = _only(rows, START, "the player's start", problems)
    goal = _only(rows, GOAL, "the foot of the beacon", problems)
    if start:
        _check_standing(rows, start, "start", problems)
    if goal:
        _check_standing(rows, goal, "beacon", problems)
        _check_beacon(rows, goal, problems)
    if start and goal and goal.column <= start.column:
        problems.add(
            rows.line(goal.row),
            f"the beacon {GOAL} stands right of the start {START}",
            f"columns {goal.column} and {start.column}",
            "The game scrolls to the right only; swap them.",
        )
    return start, goal


def _only(rows: Rows, character: str, meaning: str, problems: Problems) -> Thing | None:
    """Return the only thing with a character; note it when there is none or a second one."""
    found = rows.things(character)
    if len(found) != 1:
        line = rows.line(found[-1].row) if found else rows.first_line
        places = ", ".join(f"line {rows.line(t.row)} column {t.column}" for t in found)
        problems.add(
            line,
            f"a level has exactly one {character} ({meaning})",
            f"{len(found)}{f' ({places})' if found else ''}",
            f"{'Remove all but one' if found else 'Add it'}.",
        )
        return None
    return found[0]


def _check_standing(rows: Rows, thing: Thing, what: str, problems: Problems) -> None:
    """Note a start or a beacon without something solid right below it."""
    if not rows.tile(thing.column, thing.row + 1) & SOLID_BIT:
        below = thing.row + 1
        got = repr(rows.texts[below][thing.column]) if below < NUM_ROWS else "the end of the level"
        problems.add(
            rows.line(thing.row),
            f"the {what} {thing.character} stands on ground",
            f"{got} below column {thing.column}",
            "Put # below it or move it down.",
        )


def _check_beacon(rows: Rows, goal: Thing, problems: Problems) -> None:
    """Note a beacon for whose post and lamp there is no room."""
    above = [
        rows.texts[row][goal.column] if row >= 0 else "the top of the level"
        for row in range(goal.row - 1, goal.row - BEACON_HEIGHT, -1)
    ]
    blocked = [character for character in above if character != "."]
    if blocked:
        problems.add(
            rows.line(goal.row),
            f"the beacon {GOAL} has {BEACON_HEIGHT - 1} tiles of air above its foot",
            f"{blocked[0]!r} above column {goal.column}",
            "Clear the column or move the beacon.",
        )


def check_objects(rows: Rows, objects: Sequence[Thing], problems: Problems) -> None:
    """Note two objects in one column, and more objects in a stretch than the game has slots."""
    for first, second in pairwise(objects):
        if first.column == second.column:
            problems.add(
                rows.line(second.row),
                "a column has at most one object",
                f"{first.character!r} and {second.character!r} in column {first.column}",
                "Move one of them sideways.",
            )
    last_told = -SLOT_COLUMNS
    for first, sixth in zip(objects, objects[OBJECT_SLOTS:], strict=False):
        crowded = sixth.column - first.column < SLOT_COLUMNS
        if crowded and first.column - last_told >= SLOT_COLUMNS:  # once per crowd
            last_told = first.column
            end = first.column + SLOT_COLUMNS - 1
            count = sum(first.column <= thing.column <= end for thing in objects)
            problems.add(
                rows.line(sixth.row),
                f"any {SLOT_COLUMNS} neighbouring columns have at most {OBJECT_SLOTS} objects",
                f"{count} in columns {first.column} to {end}",
                "Remove some or spread them.",
            )
