"""The one key table, and looking things up in it."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from neuroevo.config.key import Key
from neuroevo.config.neat_keys import (
    GENOME_KEYS,
    NEAT_KEYS,
    REPRODUCTION_KEYS,
    SPECIES_KEYS,
    STAGNATION_KEYS,
)
from neuroevo.config.retro_keys import RETRO_KEYS
from neuroevo.config.run_keys import RUN_KEYS, TASK_KEYS

KEYS: tuple[Key, ...] = (
    *TASK_KEYS,
    *RETRO_KEYS,
    *RUN_KEYS,
    *NEAT_KEYS,
    *GENOME_KEYS,
    *SPECIES_KEYS,
    *STAGNATION_KEYS,
    *REPRODUCTION_KEYS,
)
"""Every key of every section, in the order of a resolved file."""

SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in KEYS))
RETRO_SECTIONS: tuple[str, ...] = tuple(dict.fromkeys(key.section for key in RETRO_KEYS))

_BY_NAME = {(key.section, key.name): key for key in KEYS}
_LONGEST_COMPARED = 64  # near matches of longer names cost time and help nobody


def find_key(section: str, name: str) -> Key | None:
    """Return the key, or None."""
    return _BY_NAME.get((section, name))


def keys_of(section: str, task: str | None) -> tuple[Key, ...]:
    """Return the keys that ``section`` has for a task, in order."""
    return tuple(
        key for key in KEYS if key.section == section and (not key.tasks or task in key.tasks)
    )


def sections_with(name: str) -> list[str]:
    """Return the sections that have a key of this name, in order."""
    return [key.section for key in KEYS if key.name == name]


def near_match(word: str, known: Iterable[str]) -> str | None:
    """Return the known word most like ``word``, capitals ignored, or None."""
    if len(word) > _LONGEST_COMPARED:
        return None
    lowered = {item.lower(): item for item in known}
    found = get_close_matches(word.lower(), lowered, n=1, cutoff=0.6)
    return lowered[found[0]] if found else None
