"""Compiled loops of the NEAT core: distances of one genome to many, and reachability.

Arrays and scalars only; numba lives in no other module of this room. Sums run in the order of
the genes, so results do not depend on the machine's vector width or on threads.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from numba import njit

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


@njit(cache=True)
def _connection_distance(
    innovation_a: Integers, weight_a: Floats, enabled_a: Flags,
    innovation_b: Integers, weight_b: Floats, enabled_b: Flags,
    disjoint_coefficient: float, excess_coefficient: float, weight_coefficient: float,
    enable_penalty: float, is_weight_mean: bool, small_size: int,
) -> float:  # fmt: skip
    """Connection part of the compatibility distance by one merge of two ascending lists."""
    size_a, size_b = len(innovation_a), len(innovation_b)
    longest = max(size_a, size_b)
    if longest == 0:
        return 0.0
    last_a = innovation_a[size_a - 1] if size_a > 0 else -1
    last_b = innovation_b[size_b - 1] if size_b > 0 else -1
    num_disjoint = 0
    num_excess = 0
    num_matching = 0
    difference = 0.0
    i = 0
    j = 0
    while i < size_a or j < size_b:
        if j >= size_b or (i < size_a and innovation_a[i] < innovation_b[j]):
            if innovation_a[i] > last_b:
                num_excess += 1
            else:
                num_disjoint += 1
            i += 1
        elif i >= size_a or innovation_b[j] < innovation_a[i]:
            if innovation_b[j] > last_a:
                num_excess += 1
            else:
                num_disjoint += 1
            j += 1
        else:
            difference += abs(weight_a[i] - weight_b[j])
            if enabled_a[i] != enabled_b[j]:
                difference += enable_penalty
            num_matching += 1
            i += 1
            j += 1
    size = 1.0 if longest < small_size else float(longest)
    unmatched = disjoint_coefficient * num_disjoint + excess_coefficient * num_excess
    if is_weight_mean:
        mean = difference / num_matching if num_matching > 0 else 0.0
        return unmatched / size + weight_coefficient * mean
    return unmatched / size + weight_coefficient * difference / longest


@njit(cache=True)
def _node_distance(
    ids_a: Integers, floats_a: Floats, codes_a: Codes,
    ids_b: Integers, floats_b: Floats, codes_b: Codes,
    disjoint_coefficient: float, weight_coefficient: float,
) -> float:  # fmt: skip
    """Node part of neat-python's distance; floats are (3, n), codes (2, n)."""
    size_a, size_b = len(ids_a), len(ids_b)
    longest = max(size_a, size_b)
    if longest == 0:
        return 0.0
    num_disjoint = 0
    difference = 0.0
    i = 0
    j = 0
    while i < size_a or j < size_b:
        if j >= size_b or (i < size_a and ids_a[i] < ids_b[j]):
            num_disjoint += 1
            i += 1
        elif i >= size_a or ids_b[j] < ids_a[i]:
            num_disjoint += 1
            j += 1
        else:
            for k in range(3):
                difference += abs(floats_a[k, i] - floats_b[k, j])
            for k in range(2):
                if codes_a[k, i] != codes_b[k, j]:
                    difference += 1.0
            i += 1
            j += 1
    return (disjoint_coefficient * num_disjoint + weight_coefficient * difference) / longest


@njit(cache=True)
def distances_to_many(
    innovation: Integers, weight: Floats, enabled: Flags,
    node_ids: Integers, node_floats: Floats, node_codes: Codes,
    all_innovation: Integers, all_weight: Floats, all_enabled: Flags, connection_offsets: Integers,
    all_node_ids: Integers, all_node_floats: Floats, all_node_codes: Codes, node_offsets: Integers,
    which: Integers, coefficients: Floats, include_nodes: bool, is_weight_mean: bool,
    small_size: int, out: Floats,
) -> None:  # fmt: skip
    """Write the distance of one genome to chosen genomes of a flat population.

    Args:
        innovation: (c,) int64, of the one genome, ascending.
        weight: (c,) float64.
        enabled: (c,) bool.
        node_ids: (n,) int64, ascending.
        node_floats: (3, n) float64, bias, response, time constant.
        node_codes: (2, n) uint8, activation, aggregation.
        all_innovation: (all c,) int64, the population's, genome after genome; so are the next.
        all_weight: (all c,) float64.
        all_enabled: (all c,) bool.
        connection_offsets: (num_genomes + 1,) int64, where each genome's connections begin.
        all_node_ids: (all n,) int64.
        all_node_floats: (3, all n) float64.
        all_node_codes: (2, all n) uint8.
        node_offsets: (num_genomes + 1,) int64, where each genome's nodes begin.
        which: (k,) int64, positions of the genomes wanted.
        coefficients: (4,) float64, disjoint, excess, weight, enable penalty.
        include_nodes: whether node genes count.
        is_weight_mean: whether the weight term is the mean over matching genes.
        small_size: counts are not divided when both genomes have fewer connections.
        out: (k,) float64, written.
    """
    for k in range(len(which)):
        genome = which[k]
        first, last = connection_offsets[genome], connection_offsets[genome + 1]
        distance = _connection_distance(
            innovation, weight, enabled,
            all_innovation[first:last], all_weight[first:last], all_enabled[first:last],
            coefficients[0], coefficients[1], coefficients[2], coefficients[3],
            is_weight_mean, small_size,
        )  # fmt: skip
        if include_nodes:
            first, last = node_offsets[genome], node_offsets[genome + 1]
            distance = (
                _node_distance(
                    node_ids, node_floats, node_codes,
                    all_node_ids[first:last], all_node_floats[:, first:last],
                    all_node_codes[:, first:last], coefficients[0], coefficients[2],
                )
                + distance
            )  # fmt: skip
        out[k] = distance


@njit(cache=True)
def is_reachable(source: Integers, target: Integers, start: int, goal: int) -> bool:
    """Tell whether connections (source[i], target[i]) lead from node ``start`` to ``goal``.

    Args:
        source: (c,) int64, ids of inputs and nodes.
        target: (c,) int64, node ids.
        start: id of an input or a node.
        goal: node id.
    """
    if start == goal:
        return True
    is_reached = np.zeros(len(source), dtype=np.bool_)  # connection i starts at a reached node
    has_grown = True
    for i in range(len(source)):
        is_reached[i] = source[i] == start
    while has_grown:
        has_grown = False
        for i in range(len(source)):
            if not is_reached[i]:
                continue
            if target[i] == goal:
                return True
            for j in range(len(source)):
                if source[j] == target[i] and not is_reached[j]:
                    is_reached[j] = True
                    has_grown = True
    return False
