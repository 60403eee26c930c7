"""Compatibility distances of some genomes to many; the formula is in ``distance.py``.

Genes of the few lie side by side in a table, one row per innovation that any of them has. Every
one of the many is read once and compared with a whole row at a time, each of the few with a sum of
its own: these sums run side by side, and each in the order of the genes.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba.extending import register_jitable

from neuroevo.compiling import called, entry, inner, pasted
from neuroevo.neat.kernels.arrays import (
    CONNECTIONS,
    NODES,
    Codes,
    Floats,
    Genes,
    Integers,
    Slots,
)
from neuroevo.neat.kernels.links import flag_in, row_in

BLOCK = 32
"""So many are compared at a time: more fill cache and memory, fewer do not fill the processor."""

LANES = 8
"""Tables are as wide as a multiple of this: a processor adds up so many numbers side by side, and
what is left over of a row one by one, at three times the price."""


class Room(NamedTuple):
    """What a block is compared with: the table, and sums for each of the others.

    The width is that of the block, filled up to a multiple of 8 with genomes that have no genes.

    weights: (rows, width) float64, nan where a genome of the block lacks the gene; row 0 is that of
        innovations which nobody in the block has
    flags: (rows, width) uint8, 1 for a disabled gene and 2 for an enabled one; 0 where a genome of
        the block lacks the gene
    sums: (k, width) float64, |difference of weights|, then the penalty, gene by gene
    matching: (k, width) float64, how many genes match
    """

    weights: Floats
    flags: Codes
    sums: Floats
    matching: Floats


def room_size(block_size: int, num_rows: int, num_others: int) -> int:
    """Return how many numbers :func:`measure` needs room for.

    Args:
        block_size: that are compared at a time.
        num_rows: at least one more than there are different innovations in the block.
        num_others: that it is compared with.
    """
    table = num_rows * _width(block_size)
    return table + table // 8 + 2 * num_others * _width(block_size)


@register_jitable
def _width(block_size: int) -> int:
    return -(-block_size // LANES) * LANES


@pasted
def _room_in(memory: Floats, block_size: int, num_rows: int, num_others: int) -> Room:
    """Return the room that lies in memory, (room_size or more,) float64."""
    width = _width(block_size)
    table, sums = num_rows * width, num_others * width
    behind = memory[table + 2 * sums :]
    return Room(
        memory[:table].reshape(num_rows, width),
        behind[: table // 8].view(np.uint8).reshape(num_rows, width),
        memory[table : table + sums].reshape(num_others, width),
        memory[table + sums : table + 2 * sums].reshape(num_others, width),
    )


@entry
def distances(
    few: Genes, block: Integers, many: Genes, others: Integers, place: Slots, memory: Floats,
    coefficients: Floats, include_nodes: bool, is_weight_mean: bool, small_size: int, out: Floats,
) -> None:  # fmt: skip
    """Write the distance of every chosen genome of ``few`` to every chosen one of ``many``.

    :func:`measure` from Python.
    """
    measure(
        few, block, many, others, place, memory, coefficients, include_nodes, is_weight_mean,
        small_size, out,
    )  # fmt: skip


@called
def measure(
    few: Genes, block: Integers, many: Genes, others: Integers, place: Slots, memory: Floats,
    coefficients: Floats, include_nodes: bool, is_weight_mean: bool, small_size: int, out: Floats,
) -> None:  # fmt: skip
    """Write the distance of every chosen genome of ``few`` to every chosen one of ``many``.

    Args:
        few: holds the representatives.
        block: (b,) int64, positions in ``few``; best no more than ``BLOCK``.
        many: holds the others.
        others: (k,) int64, positions in ``many``.
        place: (rows of the innovation table,) uint32, all 0; is so again in the end.
        memory: (room_size or more,) float64, for as many rows as ``place`` has; written.
        coefficients: (4,) float64, disjoint, excess, weight, enable penalty.
        include_nodes: whether node genes count.
        is_weight_mean: whether the weight term is the mean over matching genes.
        small_size: counts are not divided when both genomes have fewer connections.
        out: (b or more, k or more) float64, written.
    """
    room = _room_in(memory, len(block), len(place), len(others))
    _lay_out(few, block, place, room)
    _compare(many, others, place, coefficients[3], room)
    _divide(few, block, many, others, room, coefficients, is_weight_mean, small_size, out)
    if include_nodes:
        _add_nodes(few, block, many, others, coefficients, out)
    for position in block:
        for i in range(few.offsets[CONNECTIONS, position], few.offsets[CONNECTIONS, position + 1]):
            place[row_in(few.link[i])] = 0


@inner
def _lay_out(few: Genes, block: Integers, place: Slots, room: Room) -> None:
    """Write the table; ``place`` leads from slot to row then."""
    num_rows = 1
    for position in block:
        for i in range(few.offsets[CONNECTIONS, position], few.offsets[CONNECTIONS, position + 1]):
            if place[row_in(few.link[i])] == 0:
                place[row_in(few.link[i])] = num_rows
                num_rows += 1
    weights, flags = room.weights, room.flags
    for row in range(num_rows):
        for r in range(weights.shape[1]):
            weights[row, r] = np.nan
            flags[row, r] = 0
    for r in range(len(block)):
        position = block[r]
        for i in range(few.offsets[CONNECTIONS, position], few.offsets[CONNECTIONS, position + 1]):
            row = place[row_in(few.link[i])]
            weights[row, r] = few.weight[i]
            flags[row, r] = np.uint64(1) + flag_in(few.link[i])


@inner
def _compare(
    many: Genes, others: Integers, place: Slots, enable_penalty: float, room: Room
) -> None:
    """Sum the differences of each one's matching genes to each of the block, and count them."""
    weights, flags = room.weights, room.flags
    width = np.uint64(weights.shape[1])
    for k in range(len(others)):
        own_sums, own_matching = room.sums[k], room.matching[k]
        for r in range(width):
            own_sums[r] = own_matching[r] = 0.0
        start = np.uint64(many.offsets[CONNECTIONS, others[k]])
        end = np.uint64(many.offsets[CONNECTIONS, others[k] + 1])
        for i in range(start, end):
            row = place[row_in(many.link[i])]
            weight = many.weight[i]
            theirs, their_flags = weights[row], flags[row]
            opposite = np.uint8(np.uint64(2) - flag_in(many.link[i]))
            for r in range(width):
                difference = abs(weight - theirs[r])
                is_matching = difference == difference  # not nan
                penalty = enable_penalty if their_flags[r] == opposite else 0.0
                own_sums[r] = (own_sums[r] + (difference if is_matching else 0.0)) + penalty
                own_matching[r] += 1.0 if is_matching else 0.0


@inner
def _divide(
    few: Genes, block: Integers, many: Genes, others: Integers, room: Room, coefficients: Floats,
    is_weight_mean: bool, small_size: int, out: Floats,
) -> None:  # fmt: skip
    """Write the connections' part of the distances, (len(block), k) float64, from what was counted.

    One function for all pairs: a call per pair would cost more than its arithmetic.
    """
    sums, matching = room.sums, room.matching
    for r in range(len(block)):
        start_a, end_a = few.offsets[CONNECTIONS, block[r]], few.offsets[CONNECTIONS, block[r] + 1]
        size_a = end_a - start_a
        last_a = _row_at(few, end_a - 1) if size_a > 0 else -1
        for k in range(len(others)):
            start_b = many.offsets[CONNECTIONS, others[k]]
            end_b = many.offsets[CONNECTIONS, others[k] + 1]
            size_b = end_b - start_b
            longest = max(size_a, size_b)
            if longest == 0:
                out[r, k] = 0.0
                continue
            last_b = _row_at(many, end_b - 1) if size_b > 0 else -1
            num_excess = 0
            while num_excess < size_a and _row_at(few, end_a - 1 - num_excess) > last_b:
                num_excess += 1
            if num_excess == 0:
                while num_excess < size_b and _row_at(many, end_b - 1 - num_excess) > last_a:
                    num_excess += 1
            num_matching = np.int64(matching[k, r])
            num_disjoint = size_a + size_b - 2 * num_matching - num_excess
            size = 1.0 if longest < small_size else float(longest)
            unmatched = coefficients[0] * num_disjoint + coefficients[1] * num_excess
            if is_weight_mean:
                mean = sums[k, r] / num_matching if num_matching > 0 else 0.0
                out[r, k] = unmatched / size + coefficients[2] * mean
            else:
                out[r, k] = unmatched / size + coefficients[2] * sums[k, r] / longest


@inner
def _row_at(genes: Genes, place: int) -> int:
    """Return the row of a connection, signed, to be compared with none at all: -1."""
    return int(np.int64(row_in(genes.link[place])))


@inner
def _add_nodes(
    few: Genes, block: Integers, many: Genes, others: Integers, coefficients: Floats, out: Floats
) -> None:
    """Add the nodes' part to the distances, (len(block), k) float64."""
    for r in range(len(block)):
        start_a, end_a = few.offsets[NODES, block[r]], few.offsets[NODES, block[r] + 1]
        for k in range(len(others)):
            start_b, end_b = many.offsets[NODES, others[k]], many.offsets[NODES, others[k] + 1]
            longest = max(end_a - start_a, end_b - start_b)
            num_matching = 0
            difference = 0.0
            i, j = start_a, start_b
            while i < end_a and j < end_b:
                if few.node_ids[i] < many.node_ids[j]:
                    i += 1
                elif few.node_ids[i] > many.node_ids[j]:
                    j += 1
                else:
                    for kind in range(3):
                        difference += abs(few.node_floats[kind, i] - many.node_floats[kind, j])
                    for kind in range(2):
                        if few.node_codes[kind, i] != many.node_codes[kind, j]:
                            difference += 1.0
                    num_matching += 1
                    i += 1
                    j += 1
            num_disjoint = (end_a - start_a) + (end_b - start_b) - 2 * num_matching
            nodes = coefficients[0] * num_disjoint + coefficients[2] * difference
            if longest > 0:
                out[r, k] = nodes / longest + out[r, k]
