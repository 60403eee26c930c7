"""The inner loop: activations, aggregations and one activation step, on arrays and scalars.

Owns what a node computes. Knows no genome: nodes come as codes (indices into ``ACTIVATIONS`` and
``AGGREGATIONS``) and rows of connections. Scalings, clamps and the treatment of nan follow
neat-python 2.0.0, with two differences: no activation ever raises (a square, a cube or a sum too
large for a float64 becomes inf), and sums have a fixed order of their own (:func:`sum_terms`).

All of it stands in this one file on purpose: Numba's cache does not notice a change in a function
that another file defines, so a kernel split over files could run stale code.

Unsigned indices spare the check for negative ones; explicit accumulators instead of ``fastmath``
keep the order of summation, and so the results, the same everywhere.

Arrays that every kernel here shares:
    values: (num_inputs + num_nodes,) float64, the inputs, then the value of each node.
    sources: (num_connections,) uint32, index into ``values``, row after row.
    weights: (num_connections,) float64.
    pointers: (num_nodes + 1,) uint64, row of node k is ``pointers[k]`` to ``pointers[k + 1]``.
    gains: (num_nodes, 2) float64, bias and response.
    codes: (num_nodes, 2) uint8, aggregation and activation.
    scratch: (longest median row,) float64, room to sort in.
"""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt
from numba import njit
from numba.extending import register_jitable

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]
Pointers = npt.NDArray[np.uint64]
Codes = npt.NDArray[np.uint8]

SIGMOID, TANH, SIN, GAUSS, RELU, ELU, LELU, SELU, SOFTPLUS = range(9)
IDENTITY, CLAMPED, INV, LOG, EXP, ABS, HAT, SQUARE, CUBE = range(9, 18)
SUM, PRODUCT, MAX, MIN, MAXABS, MEDIAN, MEAN = range(7)
assert len(ACTIVATIONS) == 18
assert len(AGGREGATIONS) == 7

_ONE, _TWO, _THREE, _FOUR = np.uint64(1), np.uint64(2), np.uint64(3), np.uint64(4)
SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


@register_jitable
def _clamp(z: float, low: float, high: float) -> float:
    below = z if z < high else high  # nan becomes ``high``, as in neat-python
    return below if below > low else low


@njit(cache=True)
def apply_activation(code: int, z: float) -> float:
    """Return the activation function ``code`` at ``z``; never raises.

    Where neat-python raises OverflowError (``square`` and ``cube`` of huge numbers) the result
    is inf or -inf. ``inv`` of zero is 0, as in neat-python. nan gives what neat-python gives: the
    upper clamp's value where it clamps, 0 for ``relu`` and ``hat``, nan elsewhere.
    """
    if code == SIGMOID:
        return 1.0 / (1.0 + math.exp(-_clamp(5.0 * z, -60.0, 60.0)))
    if code == TANH:
        return math.tanh(_clamp(2.5 * z, -60.0, 60.0))
    if code == SIN:
        return math.sin(_clamp(5.0 * z, -60.0, 60.0))
    if code == GAUSS:
        inside = _clamp(z, -3.4, 3.4)
        return math.exp(-5.0 * (inside * inside))
    if code == RELU:
        return z if z > 0.0 else 0.0
    if code == ELU:
        return z if z > 0.0 else math.exp(z) - 1.0
    if code == LELU:
        return z if z > 0.0 else 0.005 * z
    if code == SELU:
        return SELU_SCALE * z if z > 0.0 else SELU_SCALE * SELU_ALPHA * (math.exp(z) - 1.0)
    if code == SOFTPLUS:
        return 0.2 * math.log(1.0 + math.exp(_clamp(5.0 * z, -60.0, 60.0)))
    if code == IDENTITY:
        return z
    if code == CLAMPED:
        return _clamp(z, -1.0, 1.0)
    if code == INV:
        return 1.0 / z if z != 0.0 else 0.0
    if code == LOG:
        return math.log(z if z > 1e-7 else 1e-7)
    if code == EXP:
        return math.exp(_clamp(z, -60.0, 60.0))
    if code == ABS:
        return abs(z)
    if code == HAT:
        height = 1.0 - abs(z)
        return height if height > 0.0 else 0.0
    if code == SQUARE:
        return z * z
    return z * z * z


@njit(cache=True)
def sum_terms(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    """Return the sum of value times weight over a row, in four interleaved partial sums.

    Term k of the row (from 0) goes to partial sum k mod 4, in order; the result is
    (p0 + p1) + (p2 + p3). Four independent sums keep the processor's adders busy.
    """
    p0, p1, p2, p3 = 0.0, 0.0, 0.0, 0.0
    k = start
    while k + _FOUR <= end:
        p0 += values[sources[k]] * weights[k]
        p1 += values[sources[k + _ONE]] * weights[k + _ONE]
        p2 += values[sources[k + _TWO]] * weights[k + _TWO]
        p3 += values[sources[k + _THREE]] * weights[k + _THREE]
        k += _FOUR
    if k < end:
        p0 += values[sources[k]] * weights[k]
    if k + _ONE < end:
        p1 += values[sources[k + _ONE]] * weights[k + _ONE]
    if k + _TWO < end:
        p2 += values[sources[k + _TWO]] * weights[k + _TWO]
    return (p0 + p1) + (p2 + p3)


@njit(cache=True)
def _product_terms(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    product = 1.0
    for k in range(start, end):
        product *= values[sources[k]] * weights[k]
    return product


@njit(cache=True)
def _extreme_term(
    code: int, values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    """Return the first greatest, least or (in absolute value) greatest term of a non-empty row."""
    best: float = values[sources[start]] * weights[start]
    for k in range(start + _ONE, end):
        term = values[sources[k]] * weights[k]
        if code == MAX:
            better = term > best
        elif code == MIN:
            better = term < best
        else:
            better = abs(term) > abs(best)
        if better:
            best = term
    return best


@njit(cache=True)
def _median_term(
    values: Floats, sources: Indices, weights: Floats,
    start: np.uint64, end: np.uint64, scratch: Floats,
) -> float:  # fmt: skip
    """Return the median of a non-empty row, the mean of both middle terms if it is even.

    A nan among the terms makes the median nan: it has no rank.
    """
    terms = scratch[: end - start]
    for k in range(start, end):
        terms[k - start] = values[sources[k]] * weights[k]
    terms.sort()  # nan sorts last
    if math.isnan(terms[-1]):
        return math.nan
    half = len(terms) // 2
    middle: float = terms[half]
    if len(terms) % 2 == 0:
        middle = (terms[half - 1] + middle) / 2.0
    return middle + 0.0  # -0.0 becomes 0.0: sorting leaves the order of zeros open


@njit(cache=True)
def aggregate(
    code: int, values: Floats, sources: Indices, weights: Floats,
    start: np.uint64, end: np.uint64, scratch: Floats,
) -> float:  # fmt: skip
    """Return the aggregation ``code`` of the terms value times weight of a row.

    Of an empty row: 1 for ``product``, otherwise 0.
    """
    if code == SUM:
        return sum_terms(values, sources, weights, start, end)
    if code == PRODUCT:
        return _product_terms(values, sources, weights, start, end)
    if start == end:
        return 0.0
    if code == MEAN:
        return sum_terms(values, sources, weights, start, end) / float(end - start)
    if code == MEDIAN:
        return _median_term(values, sources, weights, start, end, scratch)
    return _extreme_term(code, values, sources, weights, start, end)


@njit(cache=True)
def node_value(
    node: int, values: Floats, sources: Indices, weights: Floats, pointers: Pointers,
    gains: Floats, codes: Codes, scratch: Floats,
) -> float:  # fmt: skip
    """Return activation(bias + response * aggregation(value * weight)) of one node."""
    start, end = pointers[node], pointers[node + 1]
    total = aggregate(codes[node, 0], values, sources, weights, start, end, scratch)
    return apply_activation(codes[node, 1], gains[node, 0] + gains[node, 1] * total)


@njit(cache=True)
def step_recurrent(
    values: Floats, fresh: Floats, scratch: Floats, sources: Indices, weights: Floats,
    pointers: Pointers, gains: Floats, codes: Codes,
) -> None:  # fmt: skip
    """Do one synchronous step: every node reads its sources' values of the step before.

    Beside the arrays of the module: ``fresh``, (num_nodes,) float64, the second buffer, where
    new values wait until all are known.
    """
    num_nodes = len(fresh)
    for node in range(num_nodes):
        fresh[node] = node_value(node, values, sources, weights, pointers, gains, codes, scratch)
    first = len(values) - num_nodes
    for node in range(num_nodes):
        values[first + node] = fresh[node]


@njit(cache=True)
def pass_forward(
    values: Floats, order: Indices, scratch: Floats, sources: Indices, weights: Floats,
    pointers: Pointers, gains: Floats, codes: Codes,
) -> None:  # fmt: skip
    """Evaluate each node once, after all of its sources.

    Beside the arrays of the module: ``order``, (num_nodes,) uint32, the nodes in a topological
    order.
    """
    first = len(values) - len(order)
    for node in order:
        values[first + node] = node_value(
            node, values, sources, weights, pointers, gains, codes, scratch
        )
