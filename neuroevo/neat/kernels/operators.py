"""The ways in from Python for one genome at a time.

Apart from the kernels themselves, which a run calls from ``breed`` alone: a way in takes half a
second to compile, here only when it is used.
"""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import entry
from neuroevo.neat.kernels import attributes, breeding, draws, marks, structure
from neuroevo.neat.kernels.arrays import (
    Codes,
    Draft,
    Floats,
    Genes,
    Integers,
    Links,
    Marks,
    Rates,
    Scratch,
    Slots,
)
from neuroevo.neat.kernels.breeding import mutate
from neuroevo.neat.kernels.structure import act, drawn_operators

STRUCTURE, ALL = 4, 5
"""Beside the operators of ``structure.py``: all four with their chances; attributes, too."""


@entry
def operate(
    operator: int, draft: Draft, rates: Rates, table: Marks, scratch: Scratch,
    generator: np.random.Generator,
) -> bool:  # fmt: skip
    """Let one operator, of ``structure.py`` or above, work on the draft; return whether it acted.

    One kernel for all of them, since each way in takes a second to compile.
    """
    if operator == ALL:
        mutate(draft, rates, table, scratch, generator)
        return True
    chosen = 1 << operator
    if operator == STRUCTURE:
        chosen = drawn_operators(rates, generator)
    return act(chosen, draft, rates, table, scratch, generator)


@entry
def copy(old: Genes, position: int, draft: Draft) -> None:
    """See ``breeding.py``."""
    breeding.copy(old, position, draft)


@entry
def cross(
    old: Genes, fitter: int, other: int, inherit_disabled_prob: float, draft: Draft,
    scratch: Scratch, generator: np.random.Generator,
) -> None:  # fmt: skip
    """Make the draft a child with the structure of ``fitter``; see ``breeding.py``."""
    breeding.copy(old, fitter, draft)
    breeding.cross(old, other, inherit_disabled_prob, draft, scratch, generator)


@entry
def mutate_floats(
    values: Floats, rule: Floats, scratch: Scratch, generator: np.random.Generator
) -> None:
    """Mutate all values; see ``attributes.py``."""
    attributes.mutate_floats(values, 0, len(values), rule, scratch, generator)


@entry
def mutate_codes(
    codes: Codes, options: Codes, rate: float, scratch: Scratch, generator: np.random.Generator
) -> None:
    """Mutate all codes; see ``attributes.py``."""
    attributes.mutate_codes(codes, 0, len(codes), options, rate, scratch, generator)


@entry
def mutate_flags(
    links: Links, rule: Floats, scratch: Scratch, generator: np.random.Generator
) -> None:
    """Mutate the flags of all links; see ``attributes.py``."""
    attributes.mutate_flags(links, 0, len(links), rule, scratch, generator)


@entry
def is_reachable(
    rows: Integers, links: Links, node_ids: Integers, start: int, goal: int, is_reached: Slots
) -> bool:
    """See ``structure.py``."""
    return structure.is_reachable(rows, links, node_ids, start, goal, is_reached)


@entry
def split_node(table: Marks, innovation: int, ids: Integers) -> int:
    """See ``marks.py``; ``ids`` are all nodes of the genome."""
    return marks.split_node(table, innovation, ids, 0, len(ids))


@entry
def draw_below(generator: np.random.Generator, count: int) -> int:
    """See ``draws.py``."""
    return draws.draw_below(generator, count)
