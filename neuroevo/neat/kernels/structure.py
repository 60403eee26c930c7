"""Structural mutation of the draft, in place; the rules are those of ``mutation.py``.

Each operator returns whether it acted (a flag that was on and is put on again counts).
"""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import FALSE, TRUE, ZERO, inner, pasted
from neuroevo.neat.kernels.arrays import (
    BIAS,
    CONNECTION,
    FIRST,
    NODE,
    NUM_CONNECTIONS,
    NUM_NODES,
    SECOND,
    VALUE,
    WEIGHT,
    Draft,
    Integers,
    Links,
    Marks,
    Rates,
    Scratch,
    Slots,
)
from neuroevo.neat.kernels.attributes import fresh_code, fresh_flag, fresh_float
from neuroevo.neat.kernels.draws import draw_below
from neuroevo.neat.kernels.links import place_of_row, put_flag, put_link, row_in
from neuroevo.neat.kernels.marks import connection_row, place_of, row_of, split_node

ADD_NODE, DELETE_NODE, ADD_CONNECTION, DELETE_CONNECTION = range(4)


@inner
def drawn_operators(rates: Rates, generator: np.random.Generator) -> int:
    """Return which operators are to act: bit k for the one that k names, each with its chance."""
    probs = rates.structure
    chosen = ZERO
    draw, below = generator.random(), 0.0
    for operator in range(4):
        if rates.is_single:
            is_chosen = below <= draw < probs[operator]
            below = probs[operator]
        else:
            is_chosen = draw < probs[operator]
            if operator < DELETE_CONNECTION:
                draw = generator.random()
        chosen |= is_chosen << operator
    return chosen


@pasted
def act(
    chosen: int, draft: Draft, rates: Rates, marks: Marks, scratch: Scratch,
    generator: np.random.Generator,
) -> bool:  # fmt: skip
    """Let the operators act whose bits are set, in their order; return whether one did.

    Where there is nothing to split, a connection is added instead if ``rates.is_surer``.
    """
    has_acted = False
    # One place for each operator, since its code is written out where it is called.
    for operator in range(4):
        if not (chosen >> operator) & 1:
            continue
        is_lost = operator == ADD_NODE and draft.at[NUM_CONNECTIONS] == 0
        has_done = False
        if operator == ADD_CONNECTION or (is_lost and rates.is_surer):
            has_done = add_connection(draft, rates, marks, scratch, generator)
        elif operator == ADD_NODE and not is_lost:
            has_done = add_node(draft, rates, marks, generator)
        elif operator == DELETE_NODE:
            has_done = delete_node(draft, rates, marks, generator)
        elif operator == DELETE_CONNECTION:
            has_done = delete_connection(draft, generator)
        has_acted = has_acted or has_done
    return has_acted


@inner
def add_node(draft: Draft, rates: Rates, marks: Marks, generator: np.random.Generator) -> bool:
    """Split a random connection by a new node; there must be one."""
    genes, at = draft
    split = at[CONNECTION] + draw_below(generator, at[NUM_CONNECTIONS])
    row = row_in(genes.link[split])
    known = marks.connections.rows
    source, target, innovation = known[FIRST, row], known[SECOND, row], known[VALUE, row]
    node_id = split_node(marks, innovation, genes.node_ids, at[NODE], at[NUM_NODES])
    weight = genes.weight[split]
    put_flag(genes.link, split, FALSE)
    _insert_node(draft, rates, node_id, generator)
    for half in range(2):
        begin, end = (node_id, target) if half else (source, node_id)
        added = connection_row(marks, begin, end)
        _insert_connection(draft, added, weight if half else 1.0, TRUE)
    return True


@inner
def _insert_node(draft: Draft, rates: Rates, node_id: int, generator: np.random.Generator) -> None:
    genes, at = draft
    place = at[NODE] + at[NUM_NODES]
    while place > at[NODE] and genes.node_ids[place - 1] > node_id:
        _move_node(draft, place - 1, place)
        place -= 1
    at[NUM_NODES] += 1
    genes.node_ids[place] = node_id
    for kind in range(3):
        genes.node_floats[kind, place] = fresh_float(rates.floats[kind], generator)
    genes.node_floats[BIAS, place] = 0.0  # drawn like the others all the same
    for kind in range(2):
        default = rates.codes[kind, 0]
        genes.node_codes[kind, place] = fresh_code(rates.options[kind], default, generator)


@inner
def _move_node(draft: Draft, origin: int, place: int) -> None:
    genes = draft.genes
    genes.node_ids[place] = genes.node_ids[origin]
    for kind in range(3):
        genes.node_floats[kind, place] = genes.node_floats[kind, origin]
    for kind in range(2):
        genes.node_codes[kind, place] = genes.node_codes[kind, origin]


@inner
def _insert_connection(draft: Draft, row: int, weight: float, is_enabled: bool) -> None:
    genes, at = draft
    place = at[CONNECTION] + at[NUM_CONNECTIONS]
    while place > at[CONNECTION] and np.int64(row_in(genes.link[place - 1])) > row:
        _move_connection(draft, place - 1, place)
        place -= 1
    at[NUM_CONNECTIONS] += 1
    put_link(genes.link, place, row, is_enabled)
    genes.weight[place] = weight


@inner
def delete_node(draft: Draft, rates: Rates, marks: Marks, generator: np.random.Generator) -> bool:
    """Delete a random hidden node with all its connections."""
    genes, at = draft
    num_hidden = at[NUM_NODES] - rates.num_outputs
    if num_hidden == 0:
        return False
    gone = at[NODE] + rates.num_outputs + draw_below(generator, num_hidden)
    node_id = genes.node_ids[gone]
    at[NUM_NODES] -= 1
    for i in range(gone, at[NODE] + at[NUM_NODES]):
        _move_node(draft, i + 1, i)
    known = marks.connections.rows
    kept = at[CONNECTION]
    for i in range(at[CONNECTION], at[CONNECTION] + at[NUM_CONNECTIONS]):
        row = row_in(genes.link[i])
        if known[FIRST, row] == node_id or known[SECOND, row] == node_id:
            continue
        _move_connection(draft, i, kept)
        kept += 1
    at[NUM_CONNECTIONS] = kept - at[CONNECTION]
    return True


@inner
def _move_connection(draft: Draft, origin: int, place: int) -> None:
    genes = draft.genes
    genes.link[place] = genes.link[origin]
    genes.weight[place] = genes.weight[origin]


@inner
def add_connection(
    draft: Draft, rates: Rates, marks: Marks, scratch: Scratch, generator: np.random.Generator
) -> bool:
    """Join a random source to a random node, if that is possible."""
    genes, at = draft
    target = genes.node_ids[at[NODE] + draw_below(generator, at[NUM_NODES])]
    first = rates.num_outputs if rates.is_feed_forward else 0
    num_sources = at[NUM_NODES] - first + rates.num_inputs
    source = draw_below(generator, num_sources) - rates.num_inputs
    if source >= 0:
        source = genes.node_ids[at[NODE] + first + source]
    row = row_of(marks.connections, source, target)
    start, count = at[CONNECTION], at[NUM_CONNECTIONS]
    place = place_of_row(genes.link, start, count, row) if row >= 0 else -1
    if place >= 0:
        if rates.is_surer:
            put_flag(genes.link, start + place, TRUE)
        return rates.is_surer
    if 0 <= source < rates.num_outputs and target < rates.num_outputs:
        return False
    if (
        rates.is_feed_forward
        and source >= 0
        and _closes_cycle(draft, marks, scratch, source, target)
    ):
        return False
    weight = fresh_float(rates.floats[WEIGHT], generator)
    is_enabled = fresh_flag(rates.enabled, generator)
    _insert_connection(draft, connection_row(marks, source, target), weight, is_enabled)
    return True


@inner
def _closes_cycle(draft: Draft, marks: Marks, scratch: Scratch, source: int, target: int) -> bool:
    # Disabled connections count: they may be enabled again without another check.
    genes, at = draft
    links = genes.link[at[CONNECTION] : at[CONNECTION] + at[NUM_CONNECTIONS]]
    node_ids = genes.node_ids[at[NODE] : at[NODE] + at[NUM_NODES]]
    return is_reachable(marks.connections.rows, links, node_ids, target, source, scratch.first)


@inner
def is_reachable(
    rows: Integers, links: Links, node_ids: Integers, start: int, goal: int, is_reached: Slots
) -> bool:
    """Tell whether connections lead from node ``start`` to node ``goal``.

    Every pass goes through all connections once; there are at most as many passes as connections
    on the way, so the cost is linear for a given depth.

    Args:
        rows: (3, r) int64, source ids, target ids, innovations.
        links: (c,) uint32, of the connections, enabled or not.
        node_ids: (n,) int64, ascending, all nodes.
        start: node id.
        goal: node id.
        is_reached: (n or more,) uint32, room.
    """
    if start == goal:
        return True
    num_nodes = len(node_ids)
    for i in range(num_nodes):
        is_reached[i] = 0
    is_reached[place_of(node_ids, ZERO, num_nodes, start)] = 1
    has_grown = True
    while has_grown:
        has_grown = False
        for link in links:
            source = rows[FIRST, row_in(link)]
            if source < 0 or not is_reached[place_of(node_ids, ZERO, num_nodes, source)]:
                continue
            place = place_of(node_ids, ZERO, num_nodes, rows[SECOND, row_in(link)])
            if not is_reached[place]:
                is_reached[place] = 1
                has_grown = True
    found: bool = is_reached[place_of(node_ids, ZERO, num_nodes, goal)] != 0
    return found


@inner
def delete_connection(draft: Draft, generator: np.random.Generator) -> bool:
    """Delete a random connection gene."""
    at = draft.at
    if at[NUM_CONNECTIONS] == 0:
        return False
    gone = at[CONNECTION] + draw_below(generator, at[NUM_CONNECTIONS])
    at[NUM_CONNECTIONS] -= 1
    for i in range(gone, at[CONNECTION] + at[NUM_CONNECTIONS]):
        _move_connection(draft, i + 1, i)
    return True
