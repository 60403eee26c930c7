"""The slow twin of the buttons: names and sets, every possible part tried.

Written from the description of the modes in docs/config.md. A console is given as the list of its
groups, each the list of the combinations (sets of names) that the console lets through.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan

OPPOSITES = ({"UP", "DOWN"}, {"LEFT", "RIGHT"})

Groups = Sequence[Sequence[set[str]]]


def press_levels(
    outputs: Sequence[float],
    names: Sequence[str | None],
    levels: Sequence[float],
    groups: Groups,
    *,
    reaching: bool = False,
) -> tuple[set[str], set[str]]:
    """Return (what was asked for, what is pressed) with one output per button.

    ``reaching``: an output presses at its level too, not only above it.
    """
    heights = {}
    for output, name, level in zip(outputs, names, levels, strict=True):
        asks = output > level or (reaching and output == level)
        if name is not None and asks:
            heights[name] = output - level
    asked = set(heights)
    pressed = set(asked)
    for allowed in groups:
        of_group = set().union(*allowed)
        if asked & of_group not in allowed:
            pressed -= of_group
            pressed |= best_part(asked & of_group, allowed, heights)
    return asked, pressed


def best_part(asked: set[str], allowed: Sequence[set[str]], heights: dict[str, float]) -> set[str]:
    """Return the allowed part with the greatest height, then most buttons, then listed first."""
    parts = [part for part in allowed if part and part <= asked]
    if not parts:
        return set()
    scores = [(sum(heights[name] for name in part), len(part)) for part in parts]
    best = max(scores)
    if asked in OPPOSITES and scores.count(best) == 2:
        return set()
    return parts[scores.index(best)]


def press_highest(outputs: Sequence[float], groups: Sequence[Sequence[set[str]]]) -> set[str]:
    """Return what is pressed with one output per combination of all groups."""
    pressed: set[str] = set()
    rest = list(outputs)
    for combos in groups:
        mine, rest = rest[: len(combos)], rest[len(combos) :]
        real = [output for output in mine if not isnan(output)]
        if real:
            pressed |= combos[mine.index(max(real))]
    return pressed


def fraction_saturated(decisions: Sequence[Sequence[float]]) -> float:
    """Return how many of all outputs lie at or beyond 1 or -1."""
    outputs = [output for decision in decisions for output in decision]
    return sum(abs(output) >= 1 for output in outputs) / len(outputs)
