"""Kernels that lay a genome's enabled connections out as rows, one row per live node.

Owns pruning and the order of evaluation. Runs once per genome; :mod:`neuroevo.network.kernels`
runs on what it returns. In one file for the same reason as there: Numba's cache.

Inside this module a *position* is a place in ``Genome.node_ids``, an *index* a place among the
values of the compiled network: inputs 0 to num_inputs - 1, then the nodes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Indices = npt.NDArray[np.uint32]
Pointers = npt.NDArray[np.uint64]

_UNSEEN, _OPEN, _CLOSED = np.uint8(0), np.uint8(1), np.uint8(2)


@njit(cache=True)
def _position(node_ids: Ints, node_id: int) -> int:
    """Return the position of a node id, or -1."""
    low, high = 0, len(node_ids)
    while low < high:
        middle = (low + high) // 2
        if node_ids[middle] < node_id:
            low = middle + 1
        else:
            high = middle
    return low if low < len(node_ids) and node_ids[low] == node_id else -1


@njit(cache=True)
def _find_ends(
    node_ids: Ints, source: Ints, target: Ints, enabled: Bools, num_inputs: int, num_outputs: int
) -> tuple[Ints, Ints, int]:
    """Return source indices, target positions, and the first connection with a lost end (or -1).

    The target position of a disabled connection is -1.
    """
    tails = np.empty(len(source), np.int64)
    heads = np.full(len(source), -1, np.int64)
    for k in range(len(source)):
        if not enabled[k]:
            continue
        head, tail = target[k], -1 - source[k]
        if head < 0 or head >= num_outputs:  # outputs stand at their own ids
            head = _position(node_ids, head)
        if tail < 0:
            place = _position(node_ids, source[k])
            tail = num_inputs + place if place >= 0 else -1
        elif tail >= num_inputs:
            tail = -1
        if head < 0 or tail < 0:
            return tails, heads, k
        tails[k], heads[k] = tail, head
    return tails, heads, -1


@njit(cache=True)
def _gather_rows(
    tails: Ints, heads: Ints, weight: Floats, num_nodes: int
) -> tuple[Ints, Ints, Floats]:
    """Sort connections by target, keeping the order of innovation numbers within a row."""
    pointers = np.zeros(num_nodes + 1, np.int64)
    for k in range(len(heads)):
        pointers[heads[k] + 1] += 1  # disabled ones count at 0 for a moment
    pointers[0] = 0
    for node in range(num_nodes):
        pointers[node + 1] += pointers[node]
    free = pointers[:-1].copy()
    sources = np.empty(pointers[-1], np.int64)
    weights = np.empty(pointers[-1], np.float64)
    for k in range(len(heads)):
        if heads[k] >= 0:
            place = free[heads[k]]
            free[heads[k]] = place + 1
            sources[place] = tails[k]
            weights[place] = weight[k]
    return pointers, sources, weights


@njit(cache=True)
def _walk_back(
    pointers: Ints, sources: Ints, num_inputs: int, num_outputs: int
) -> tuple[Ints, bool]:
    """Walk from the outputs against the connections, depth first.

    Returns:
        order: (num_live,) int64, positions of the nodes met, each after its sources if no cycle.
        is_cyclic: whether a walk came back to a node it had not left yet.
    """
    num_nodes = len(pointers) - 1
    status = np.zeros(num_nodes, np.uint8)
    next_row = pointers[:-1].copy()
    path = np.empty(num_nodes, np.int64)
    order = np.empty(num_nodes, np.int64)
    num_done, is_cyclic = 0, False
    for output in range(num_outputs):
        if status[output] != _UNSEEN:
            continue
        path[0], depth = output, 1
        status[output] = _OPEN
        while depth > 0:
            node = path[depth - 1]
            k, end = next_row[node], pointers[node + 1]
            while k < end and sources[k] < num_inputs:  # most connections come from inputs
                k += 1
            if k == end:
                status[node] = _CLOSED
                order[num_done] = node
                num_done += 1
                depth -= 1
                continue
            next_row[node] = k + 1
            origin = sources[k] - num_inputs
            if status[origin] == _OPEN:
                is_cyclic = True
            elif status[origin] == _UNSEEN:
                status[origin] = _OPEN
                path[depth] = origin
                depth += 1
    return order[:num_done], is_cyclic


@njit(cache=True)
def _keep_rows(
    pointers: Ints, sources: Ints, weights: Floats, kept: Ints, num_inputs: int
) -> tuple[Pointers, Indices, Floats]:
    """Copy the rows of the kept nodes, with indices that count kept nodes only."""
    moved = np.zeros(len(pointers) - 1, np.int64)
    size = 0
    for place in range(len(kept)):
        moved[kept[place]] = place
        size += pointers[kept[place] + 1] - pointers[kept[place]]
    new_pointers = np.zeros(len(kept) + 1, np.uint64)
    new_sources = np.empty(size, np.uint32)
    new_weights = np.empty(size, np.float64)
    end = 0
    for place in range(len(kept)):
        for k in range(pointers[kept[place]], pointers[kept[place] + 1]):
            index = sources[k]
            if index >= num_inputs:
                index = num_inputs + moved[index - num_inputs]
            new_sources[end] = index
            new_weights[end] = weights[k]
            end += 1
        new_pointers[place + 1] = end
    return new_pointers, new_sources, new_weights


@njit(cache=True)
def lay_out(
    node_ids: Ints, source: Ints, target: Ints, weight: Floats, enabled: Bools,
    num_inputs: int, num_outputs: int,
) -> tuple[int, bool, Ints, Indices, Pointers, Indices, Floats]:  # fmt: skip
    """Lay out the part of a genome that reaches an output.

    Args:
        node_ids: (num_nodes,) int64, ascending, beginning with the outputs.
        source: (num_connections,) int64, an input's id or a node's.
        target: (num_connections,) int64, a node's id.
        weight: (num_connections,) float64.
        enabled: (num_connections,) bool.
        num_inputs: ids -1 to -num_inputs are inputs.
        num_outputs: ids 0 to num_outputs - 1 are outputs; these always stay.

    Returns:
        lost: the first enabled connection that starts or ends nowhere, or -1; if it is not -1,
            the rest is empty.
        is_cyclic: whether the live part has a cycle.
        kept: (num_live,) int64, positions of the live nodes, ascending, outputs first.
        order: (num_live,) uint32, places in ``kept``, a topological order if there is no cycle.
        pointers, sources, weights: rows of the live nodes, as the kernels read them.
    """
    tails, heads, lost = _find_ends(node_ids, source, target, enabled, num_inputs, num_outputs)
    if lost >= 0:
        heads[:] = -1
    all_pointers, all_sources, all_weights = _gather_rows(tails, heads, weight, len(node_ids))
    walk, is_cyclic = _walk_back(all_pointers, all_sources, num_inputs, num_outputs)
    kept = np.sort(walk)
    order = np.searchsorted(kept, walk).astype(np.uint32)
    pointers, sources, weights = _keep_rows(
        all_pointers, all_sources, all_weights, kept, num_inputs
    )
    return lost, is_cyclic, kept, order, pointers, sources, weights
