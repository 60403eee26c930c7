"""Named sets of values: what a ``preset`` key stands for.

A preset fills the keys of its section that a file leaves out, so one line replaces many and a
single value can still be changed beside it. A preset chosen by ``--set`` replaces what the file
says of its keys, as every ``--set`` does. The run directory's ``config.ini`` holds the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from neuroevo.config.button_presets import ABOUT_BUTTON_PRESETS, BUTTON_PRESETS
from neuroevo.config.fitness_presets import ABOUT_FITNESS_PRESETS, FITNESS_PRESETS
from neuroevo.config.observation_presets import (
    ABOUT_OBSERVATION_PRESETS,
    OBSERVATION_PRESETS,
)
from neuroevo.config.reading import LAST_LINE, Given

PRESETS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Observation": OBSERVATION_PRESETS,
    "Buttons": BUTTON_PRESETS,
    "Fitness": FITNESS_PRESETS,
}
"""Texts by section, name of the preset and key, as they would stand in a file."""

ABOUT_PRESETS: Mapping[str, Mapping[str, str]] = {
    "Observation": ABOUT_OBSERVATION_PRESETS,
    "Buttons": ABOUT_BUTTON_PRESETS,
    "Fitness": ABOUT_FITNESS_PRESETS,
}
"""One sentence per section and name, for the reference page; a preset may go without."""


def fill_from_presets(given: Mapping[tuple[str, str], Given]) -> dict[tuple[str, str], Given]:
    """Return what was given and, below it, what its presets give.

    A preset that does not exist fills nothing: its key says so when it is checked.
    """
    filled: dict[tuple[str, str], Given] = {}
    for section, presets in PRESETS.items():
        chosen = given.get((section, "preset"))
        values = presets.get(chosen.text.lower(), {}) if chosen else {}
        for key, text in values.items():
            assert chosen is not None
            where = f"{chosen.where} preset {chosen.text}"
            filled[section, key] = replace(chosen, key=key, text=text, where=where)
    return {**filled, **{place: value for place, value in given.items()
                         if place not in filled or not _yields(value, filled[place])}}  # fmt: skip


def _yields(written: Given, preset: Given) -> bool:
    """Say whether a value gives way to that of a preset: one of the file to one of ``--set``."""
    return written.line < LAST_LINE <= preset.line
