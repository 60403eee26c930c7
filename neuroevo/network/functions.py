"""What a node computes: activation functions, and aggregations of the terms of a row.

Nodes come as codes, indices into ``ACTIVATIONS`` and ``AGGREGATIONS``. Scalings, clamps and the
treatment of nan follow neat-python 2.0.0, with two differences: no activation ever raises (a
square, a cube or a sum too large for a float64 becomes inf), and sums have a fixed order of their
own (:func:`sum_terms`).

Unsigned indices spare the check for negative ones; explicit accumulators instead of ``fastmath``
keep the order of summation, and so the results, the same everywhere.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import config, types
from numba.extending import intrinsic, register_jitable

from neuroevo.compiling import entry, inner
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]

SIGMOID, TANH, SIN, GAUSS, RELU, ELU, LELU, SELU, SOFTPLUS = range(9)
IDENTITY, CLAMPED, INV, LOG, EXP, ABS, HAT, SQUARE, CUBE = range(9, 18)
SUM, PRODUCT, MAX, MIN, MAXABS, MEDIAN, MEAN = range(7)
assert len(ACTIVATIONS) == 18
assert len(AGGREGATIONS) == 7

_IS_PLAIN = bool(vars(config)["DISABLE_JIT"])

_NONE, _ONE, _TWO = np.uint64(0), np.uint64(1), np.uint64(2)
_THREE, _FOUR = np.uint64(3), np.uint64(4)
SELU_SCALE = 1.0507009873554805
SELU_ALPHA = 1.6732632423543772


@register_jitable
def _clamp(z: float, low: float, high: float) -> float:
    below = z if z < high else high  # nan becomes ``high``, as in neat-python
    return below if below > low else low


@entry
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


def _plain_sums(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> tuple[float, float, float, float]:
    """Return the partial sums of :func:`sum_terms`, of a row whose length four divides."""
    p0, p1, p2, p3 = 0.0, 0.0, 0.0, 0.0
    k = start
    while k < end:
        p0 += values[sources[k]] * weights[k]
        p1 += values[sources[k + _ONE]] * weights[k + _ONE]
        p2 += values[sources[k + _TWO]] * weights[k + _TWO]
        p3 += values[sources[k + _THREE]] * weights[k + _THREE]
        k += _FOUR
    return p0, p1, p2, p3


@intrinsic
def _vector_sums(
    _context: Any, values: Any, sources: Any, weights: Any, start: Any, end: Any
) -> Any:
    """Compile :func:`_plain_sums` with the four sums side by side in one vector.

    What Numba makes of that function loads each weight alone and multiplies number by number:
    twelve loads for four terms, where a large network's time goes. Here they are nine. Each sum
    adds the same products in the same order, so all results are the same to the last bit.
    """
    four_numbers: Any = types.UniTuple(types.float64, 4)  # type: ignore[no-untyped-call]
    signature = four_numbers(values, sources, weights, start, end)

    def generate(context: Any, builder: ir.IRBuilder, signature: Any, arguments: Any) -> Any:
        number, index = ir.DoubleType(), ir.IntType(64)
        four = ir.VectorType(number, 4)
        values, sources, weights = (
            context.make_array(kind)(context, builder, array).data
            for kind, array in zip(signature.args[:3], arguments[:3], strict=True)
        )
        start, end = arguments[3:]
        before = builder.block
        head = builder.append_basic_block("sums.head")
        body = builder.append_basic_block("sums.body")
        done = builder.append_basic_block("sums.done")
        builder.branch(head)

        builder.position_at_end(head)
        k, sums = builder.phi(index), builder.phi(four)
        k.add_incoming(start, before)
        sums.add_incoming(ir.Constant(four, [0.0] * 4), before)
        builder.cbranch(builder.icmp_unsigned("<", k, end), body, done)

        builder.position_at_end(body)
        terms = ir.Constant(four, ir.Undefined)
        for lane in range(4):
            place = builder.add(k, ir.Constant(index, lane))
            source = builder.zext(builder.load(builder.gep(sources, [place])), index)
            value = builder.load(builder.gep(values, [source]))
            terms = builder.insert_element(terms, value, ir.Constant(ir.IntType(32), lane))
        row = builder.bitcast(builder.gep(weights, [k]), four.as_pointer())
        terms = builder.fmul(terms, builder.load(row, align=8))  # as numbers are, not as vectors
        sums.add_incoming(builder.fadd(sums, terms), body)
        k.add_incoming(builder.add(k, ir.Constant(index, 4)), body)
        builder.branch(head)

        builder.position_at_end(done)
        lanes = [ir.Constant(ir.IntType(32), lane) for lane in range(4)]
        parts = [builder.extract_element(sums, lane) for lane in lanes]
        return context.make_tuple(builder, signature.return_type, parts)

    return signature, generate


_sums_of_four: Any = _plain_sums if _IS_PLAIN else _vector_sums


@inner
def sum_terms(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    """Return the sum of value times weight over a row, in four interleaved partial sums.

    Term k of the row (from 0) goes to partial sum k mod 4, in order; the result is
    (p0 + p1) + (p2 + p3). Four independent sums keep the processor's adders busy.
    """
    k = end - ((end - start) & _THREE)  # fewer than four are left then
    p0, p1, p2, p3 = _sums_of_four(values, sources, weights, start, k)
    if k < end:
        p0 += values[sources[k]] * weights[k]
    if k + _ONE < end:
        p1 += values[sources[k + _ONE]] * weights[k + _ONE]
    if k + _TWO < end:
        p2 += values[sources[k + _TWO]] * weights[k + _TWO]
    total: float = (p0 + p1) + (p2 + p3)
    return total


@inner
def _product_terms(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    product = 1.0
    for k in range(start, end):
        product *= values[sources[k]] * weights[k]
    return product


@inner
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


@inner
def _median_term(
    values: Floats, sources: Indices, weights: Floats,
    start: np.uint64, end: np.uint64, scratch: Floats,
) -> float:  # fmt: skip
    """Return the median of a non-empty row, the mean of both middle terms if it is even.

    A nan among the terms makes the median nan: it has no rank.
    """
    size = end - start
    for k in range(size):
        scratch[k] = values[sources[start + k]] * weights[start + k]
        if math.isnan(scratch[k]):
            return math.nan
    half = size >> _ONE
    middle = _select(scratch, half, size)
    if size & _ONE == _NONE:
        below = scratch[0]
        for k in range(_ONE, half):
            below = max(below, scratch[k])
        middle = (below + middle) / 2.0
    return middle + 0.0  # -0.0 becomes 0.0: ranks leave the order of zeros open


@inner
def _select(terms: Floats, rank: np.uint64, size: np.uint64) -> float:
    """Move the term of a rank to its place, none greater before it, none less after it; return it.

    Hoare's selection (Communications of the ACM 4(7), 1961, algorithm 65), in linear time on
    average where sorting takes size * log(size). ``terms[:size]`` must hold no nan.
    """
    low, high = np.int64(0), np.int64(size) - 1
    place = np.int64(rank)
    while low < high:
        pivot = terms[np.uint64(place)]
        left, right = low, high
        while left <= right:
            while terms[np.uint64(left)] < pivot:
                left += 1
            while pivot < terms[np.uint64(right)]:
                right -= 1
            if left <= right:
                kept = terms[np.uint64(left)]
                terms[np.uint64(left)] = terms[np.uint64(right)]
                terms[np.uint64(right)] = kept
                left += 1
                right -= 1
        if right < place:
            low = left
        if place < left:
            high = right
    term: float = terms[np.uint64(place)]
    return term


@entry
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
