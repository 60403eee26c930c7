"""Named sets of values: what a ``preset`` key stands for.

A preset fills the keys of its section that a file leaves out (that of ``[NEAT]``: of all sections
of the evolution), so one line replaces many and a single value can still be changed beside it. A
preset chosen by ``--set`` replaces what the file says of its keys, as every ``--set`` does, and of
the keys that belong with them: nothing of a rival is left. The run directory's ``config.ini`` holds
the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from neuroevo.config.button_presets import ABOUT_BUTTON_PRESETS, BUTTON_PRESETS
from neuroevo.config.fitness_presets import ABOUT_FITNESS_PRESETS, FITNESS_PRESETS
from neuroevo.config.neat_presets import ABOUT_NEAT_PRESETS, NEAT_PRESETS
from neuroevo.config.observation_presets import (
    ABOUT_OBSERVATION_PRESETS,
    OBSERVATION_PRESETS,
)
from neuroevo.config.reading import LAST_LINE, Given

PRESETS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Observation": OBSERVATION_PRESETS,
    "Buttons": BUTTON_PRESETS,
    "Fitness": FITNESS_PRESETS,
    "NEAT": NEAT_PRESETS,
}
"""Texts by section, name of the preset and key, as they would stand in a file.

A key of another section is written ``SECTION.KEY``; :func:`place_of` takes both apart.
"""

ABOUT_PRESETS: Mapping[str, Mapping[str, str]] = {
    "Observation": ABOUT_OBSERVATION_PRESETS,
    "Buttons": ABOUT_BUTTON_PRESETS,
    "Fitness": ABOUT_FITNESS_PRESETS,
    "NEAT": ABOUT_NEAT_PRESETS,
}
"""One sentence per section and name, for the reference page; a preset may go without."""


FAMILIES: Mapping[str, frozenset[str]] = {
    "Observation": frozenset({"variables", "ram"}),
    "Buttons": frozenset({"mode", "threshold", "buttons", "outputs", "combos", "groups"}),
    "Fitness": frozenset({
        "terms", "use_scenario_reward", "use_scenario_done", "won", "died", "won_bonus", "unwrap",
        "max_jump", "stall_expression", "stall_frames", "stall_growth", "rocking_turns",
        "max_frames",
    }),
    "NEAT": frozenset(),
}  # fmt: skip
"""Keys that mean something only together, by section; those of its presets belong to them as well.

What is true of a game whoever scores it (``layout``) or of an experiment (``noise``, ``autofire``)
is in no family.
"""


def fill_from_presets(given: Mapping[tuple[str, str], Given]) -> dict[tuple[str, str], Given]:
    """Return what was given and, below it, what its presets give.

    A preset that does not exist fills nothing: its key says so when it is checked.
    """
    filled: dict[tuple[str, str], Given] = {}
    for section, presets in PRESETS.items():
        chosen = given.get((section, "preset"))
        values = presets.get(chosen.text.lower(), {}) if chosen else {}
        for name, text in values.items():
            assert chosen is not None
            place = place_of(section, name)
            where = f"{chosen.where} preset {chosen.text}"
            filled[place] = replace(chosen, section=place[0], key=place[1], text=text, where=where)
    kept = {place: value for place, value in given.items() if not _yields(value, given)}
    return {**filled, **kept}


def place_of(section: str, name: str) -> tuple[str, str]:
    """Return section and key of a name in a preset of ``section``."""
    other, dot, key = name.rpartition(".")
    return (other, key) if dot else (section, name)


def _yields(written: Given, given: Mapping[tuple[str, str], Given]) -> bool:
    """Say whether a value gives way to a preset: one of the file to one of ``--set``."""
    for section, presets in PRESETS.items():
        chosen = given.get((section, "preset"))
        if chosen is None or chosen.text.lower() not in presets:
            continue
        if (written.section, written.key) in _family(section):
            return written.line < LAST_LINE <= chosen.line
    return False


@cache
def _family(section: str) -> frozenset[tuple[str, str]]:
    """Return the places of all keys that a preset of ``section`` decides."""
    names = FAMILIES[section].union(*PRESETS[section].values())
    return frozenset(place_of(section, name) for name in names)
