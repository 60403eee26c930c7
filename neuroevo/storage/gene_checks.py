"""A kernel that sees whether many genomes are sound, in the time that NumPy takes for one.

It decides by the rules of :func:`neuroevo.neat.genome.check_genome` and only says yes or no: that
function says of what is not sound what is wrong with it.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.int32]
Codes = npt.NDArray[np.uint8]

_ONE = np.uint64(1)
_MIX = np.uint64(0x9E3779B97F4A7C15)  # 2 ** 64 by the golden ratio, as Fibonacci hashing has it
_HALF = np.uint64(32)


@njit(cache=True)
def _has_node(node_ids: Ints, first: int, last: int, node_id: int) -> bool:
    """Tell whether a node id is in ``node_ids[first:last]``, which ascends."""
    low, high = np.uint64(first), np.uint64(last)
    while low < high:
        middle = (low + high) >> _ONE
        if node_ids[middle] < node_id:
            low = middle + _ONE
        else:
            high = middle
    return bool(low < np.uint64(last) and node_ids[low] == node_id)


@njit(cache=True)
def _are_nodes_sound(
    node_ids: Ints, bias: Floats, response: Floats, time_constant: Floats,
    activation: Codes, aggregation: Codes, num_activations: int, num_aggregations: int,
    first: int, last: int,
) -> bool:  # fmt: skip
    """Tell whether the node genes ``first`` to ``last`` (exclusive) are those of a genome."""
    is_sound = True
    for k in range(np.uint64(first), np.uint64(last)):
        is_sound &= math.isfinite(bias[k]) and math.isfinite(response[k])
        is_sound &= math.isfinite(time_constant[k])
        is_sound &= activation[k] < num_activations and aggregation[k] < num_aggregations
    for k in range(np.uint64(first) + _ONE, np.uint64(last)):
        is_sound &= node_ids[k - _ONE] < node_ids[k]
    return is_sound


@njit(cache=True)
def _do_ends_exist(
    source: Ints, target: Ints, node_ids: Ints, num_inputs: int,
    node_first: int, node_last: int, first: int, last: int,
) -> bool:  # fmt: skip
    """Tell whether connections join what exists.

    Args:
        source: (num_connections,) int64, of all genomes.
        target: (num_connections,) int64, of all genomes.
        node_ids: (num_nodes,) int64, of all genomes.
        num_inputs: sources from -1 to -num_inputs are inputs.
        node_first: of this genome.
        node_last: of this genome, exclusive.
        first: connection of this genome.
        last: connection of this genome, exclusive.
    """
    begin, size = np.uint64(node_first), np.uint64(node_last - node_first)
    for k in range(np.uint64(first), np.uint64(last)):
        tail, head = source[k], target[k]
        # Most ends are inputs and outputs, which stand at their own ids; a call takes 30 ns, since
        # numba counts the references of what it hands over.
        place = np.uint64(head)
        is_output = place < size and node_ids[begin + place] == head
        if not is_output and not _has_node(node_ids, node_first, node_last, head):
            return False
        if tail < -num_inputs:
            return False
        if tail >= 0 and not _has_node(node_ids, node_first, node_last, tail):
            return False
    return True


@njit(cache=True)
def _are_pairs_distinct(source: Ints, target: Ints, first: int, last: int, seen: Places) -> bool:
    """Tell whether no two connections join the same pair.

    Args:
        source: (num_connections,) int64.
        target: (num_connections,) int64.
        first: connection to begin with.
        last: connection to end before.
        seen: (a power of 2, at least twice the connections,) int32, written: a hash table of
            connections, with the next free place after a collision.
    """
    mask = np.uint64(len(seen)) - _ONE
    seen[:] = -1
    for k in range(np.uint64(first), np.uint64(last)):
        tail, head = source[k], target[k]
        slot = (((np.uint64(tail) * _MIX) ^ np.uint64(head)) * _MIX) >> _HALF & mask
        while seen[slot] >= 0:
            other = np.uint64(first) + np.uint64(seen[slot])
            if source[other] == tail and target[other] == head:
                return False
            slot = (slot + _ONE) & mask
        seen[slot] = k - np.uint64(first)
    return True


@njit(cache=True)
def _room_for(num_connections: int) -> Places:
    """Return a hash table for so many connections."""
    size = np.int64(8)
    while size < 2 * num_connections:
        size *= 2
    return np.empty(size, np.int32)


@njit(cache=True)
def are_distinct(source: Ints, target: Ints) -> bool:
    """Tell whether no two connections of a table join the same pair.

    Args:
        source: (num_connections,) int64.
        target: (num_connections,) int64.
    """
    return _are_pairs_distinct(source, target, 0, len(source), _room_for(len(source)))


@njit(cache=True)
def are_sound(
    node_offsets: Ints, node_ids: Ints, bias: Floats, response: Floats, time_constant: Floats,
    activation: Codes, aggregation: Codes, connection_offsets: Ints, innovation: Ints,
    source: Ints, target: Ints, weight: Floats, num_inputs: int, num_activations: int,
    num_aggregations: int, has_distinct_marks: bool,
) -> bool:  # fmt: skip
    """Tell whether every genome of a table keeps the rules of ``check_genome``.

    Args:
        node_offsets: (num_genomes + 1,) int64, genes of genome i are [i] to [i + 1]; ascending.
        node_ids: (num_nodes,) int64, of all genomes, one after the other.
        bias: (num_nodes,) float64.
        response: (num_nodes,) float64.
        time_constant: (num_nodes,) float64.
        activation: (num_nodes,) uint8.
        aggregation: (num_nodes,) uint8.
        connection_offsets: (num_genomes + 1,) int64; ascending.
        innovation: (num_connections,) int64.
        source: (num_connections,) int64.
        target: (num_connections,) int64.
        weight: (num_connections,) float64.
        num_inputs: ids -1 to -num_inputs are inputs.
        num_activations: codes below are activations.
        num_aggregations: codes below are aggregations.
        has_distinct_marks: connections of different innovation numbers are known to join different
            pairs, over all genomes: most of the time goes into seeing it genome by genome.
    """
    longest = np.int64(0)
    for genome in range(len(connection_offsets) - 1):
        longest = max(longest, connection_offsets[genome + 1] - connection_offsets[genome])
    seen = _room_for(int(longest))
    for genome in range(len(node_offsets) - 1):
        node_first, node_last = node_offsets[genome], node_offsets[genome + 1]
        first, last = connection_offsets[genome], connection_offsets[genome + 1]
        if not _are_nodes_sound(
            node_ids, bias, response, time_constant, activation, aggregation,
            num_activations, num_aggregations, node_first, node_last,
        ):  # fmt: skip
            return False
        is_sound = True
        for k in range(np.uint64(first), np.uint64(last)):
            is_sound &= math.isfinite(weight[k])
        for k in range(np.uint64(first) + _ONE, np.uint64(last)):
            is_sound &= innovation[k - _ONE] < innovation[k]
        if not is_sound or not _do_ends_exist(
            source, target, node_ids, num_inputs, node_first, node_last, first, last
        ):
            return False
        if not has_distinct_marks and not _are_pairs_distinct(source, target, first, last, seen):
            return False
    return True
