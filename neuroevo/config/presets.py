"""Named sets of values: what a ``preset`` key stands for.

A preset fills the keys of its section that a file leaves out, so one line replaces many and a
single value can still be changed beside it. The run directory's ``config.ini`` holds the values.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from neuroevo.config.reading import Given

PRESETS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "Observation": {},
    "Buttons": {
        # The seven of OpenAI's Retro Contest on Sonic (Nichol et al. 2018, section 4.2).
        "sonic": {"combos": "LEFT, RIGHT, LEFT+DOWN, RIGHT+DOWN, DOWN, DOWN+B, B"},
    },
    "Fitness": {},
}
"""Texts by section, name of the preset and key, as they would stand in a file."""


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
    return {**filled, **given}
