"""The way in from Python to mutation, for one genome at a time."""

from __future__ import annotations

import numpy as np

from neuroevo.neat.kernels.arrays import Draft, Marks, Rates, Scratch
from neuroevo.neat.kernels.breeding import mutate
from neuroevo.neat.kernels.compiling import entry
from neuroevo.neat.kernels.structure import (
    add_connection,
    add_node,
    delete_connection,
    delete_node,
    mutate_structure,
)

ALL, STRUCTURE, ADD_NODE, DELETE_NODE, ADD_CONNECTION, DELETE_CONNECTION = range(6)


@entry
def operate(
    operator: int, draft: Draft, rates: Rates, marks: Marks, scratch: Scratch,
    generator: np.random.Generator,
) -> bool:  # fmt: skip
    """Let one operator, named by the constants above, work on the draft; return whether it acted.

    One kernel for all of them, since each way in takes a second to compile.
    """
    if operator == STRUCTURE:
        return mutate_structure(draft, rates, marks, generator)
    if operator == ADD_NODE:
        return add_node(draft, rates, marks, generator)
    if operator == DELETE_NODE:
        return delete_node(draft, rates, marks, generator)
    if operator == ADD_CONNECTION:
        return add_connection(draft, rates, marks, generator)
    if operator == DELETE_CONNECTION:
        return delete_connection(draft, generator)
    mutate(draft, rates, marks, scratch, generator)
    return True
