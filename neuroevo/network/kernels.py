"""The inner loop: activations, aggregations and one activation step, on arrays and scalars.

Owns what a node computes. Knows no genome: nodes come as codes (indices into ``ACTIVATIONS`` and
``AGGREGATIONS``) and rows of connections. Scalings, clamps and the treatment of nan follow
neat-python 2.0.0, with two differences: no activation ever raises (a square, a cube or a sum too
large for a float64 becomes inf), and sums have a fixed order of their own (:func:`sum_terms`).

All of it stands in this one file on purpose: Numba's cache does not notice a change in a function
that another file defines, so a kernel split over files could run stale code.

Unsigned indices spare the check for negative ones; explicit accumulators instead of ``fastmath``
keep the order of summation, and so the results, the same everywhere.

A compiled network is two buffers, because every array that Python hands over costs 0.07 us a call:
    numbers: float64, one after the other:
        weights: (num_slots,), of the connections, row after row; slots at the end may be unused.
        gains: (num_nodes, 2), bias and response of each node.
        values: (num_inputs + num_nodes,), the inputs, then the value of each node.
        fresh: (num_nodes,), where new values wait until all are known (recurrent networks).
        scratch: (longest median row,), room to sort in.
    table: uint32, one after the other:
        num_slots, num_inputs, num_nodes, kind (``HEADER`` numbers).
        sources: (num_slots,), index into ``values`` of the connection with the weight there.
        pointers: (num_nodes + 1,), row of node k is ``pointers[k]`` to ``pointers[k + 1]``.
        codes: (num_nodes, 2), aggregation and activation of each node.
        order: (num_nodes,), the nodes in a topological order if there is one.
:mod:`neuroevo.network.layout` fills them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import config, njit, types
from numba.extending import intrinsic, register_jitable

from neuroevo.compiling import called, pasted
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS

Function = TypeVar("Function", bound=Callable[..., Any])
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]

HEADER = 4
"""Numbers at the beginning of a table: num_slots, num_inputs, num_nodes, kind."""

RECURRENT, FEED_FORWARD = 0, 1
"""Kinds of networks."""

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


def _inner(function: Function) -> Function:
    """Compile a function into its callers: no way in from Python, and no references are counted.

    Counting would take a quarter of a small network's step. So it can make no arrays and must
    return none.
    """
    options: Any = {"no_cpython_wrapper": True, "no_cfunc_wrapper": True, "_nrt": False}
    kernel: Function = njit(forceinline=True, **options)(function)
    return kernel


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


@_inner
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


@_inner
def _product_terms(
    values: Floats, sources: Indices, weights: Floats, start: np.uint64, end: np.uint64
) -> float:
    product = 1.0
    for k in range(start, end):
        product *= values[sources[k]] * weights[k]
    return product


@_inner
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


@_inner
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


@_inner
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
def _parts(
    numbers: Floats, table: Indices
) -> tuple[Floats, Floats, Floats, Floats, Floats, Indices, Indices, Indices, Indices]:
    """Return the arrays that two buffers hold, as views: those of the module's docstring.

    Returns:
        weights, gains (flat), values, fresh, scratch, sources, pointers, codes (flat), order.
    """
    num_slots, num_inputs, num_nodes = np.uint64(table[0]), np.uint64(table[1]), np.uint64(table[2])
    gains = num_slots
    values = gains + num_nodes + num_nodes
    fresh = values + num_inputs + num_nodes
    scratch = fresh + num_nodes
    sources = np.uint64(HEADER)
    pointers = sources + num_slots
    codes = pointers + num_nodes + _ONE
    order = codes + num_nodes + num_nodes
    return (
        numbers[:gains], numbers[gains:values], numbers[values:fresh], numbers[fresh:scratch],
        numbers[scratch:], table[sources:pointers], table[pointers:codes], table[codes:order],
        table[order : order + num_nodes],
    )  # fmt: skip


def _advance(
    results: Floats, weights: Floats, gains: Floats, values: Floats, fresh: Floats,
    scratch: Floats, sources: Indices, pointers: Indices, codes: Indices, order: Indices,
    is_recurrent: bool,
) -> None:  # fmt: skip
    """Do one activation step on the inputs that stand in ``values``; see :func:`step`.

    Args:
        results: where new values go: ``fresh``, or, feed-forward, the nodes' part of ``values``.
        weights: as the next eight, of :func:`_parts`.
        gains: as above.
        values: as above.
        fresh: as above.
        scratch: as above.
        sources: as above.
        pointers: as above.
        codes: as above.
        order: as above.
        is_recurrent: the kind of network.
    """
    for place in range(np.uint64(len(order))):
        node = np.uint64(order[place])
        start, end, pair = np.uint64(pointers[node]), np.uint64(pointers[node + _ONE]), node + node
        if codes[pair] == SUM:  # nearly every node; a call with so many arrays takes 50 ns
            total = sum_terms(values, sources, weights, start, end)
        else:
            total = aggregate(codes[pair], values, sources, weights, start, end, scratch)
        inside = gains[pair] + gains[pair + _ONE] * total
        results[node] = apply_activation(codes[pair + _ONE], inside)
    if is_recurrent:
        num_inputs = np.uint64(len(values)) - np.uint64(len(fresh))
        for k in range(np.uint64(len(fresh))):
            values[num_inputs + k] = fresh[k]


# In the step that every run compiles, lines are sooner compiled than a function. Where many steps
# are done in a row, lines would count references to arrays, which takes half as long as the steps.
_advance_in_lines, _advance_in_a_call = pasted(_advance), _inner(_advance)


@njit(cache=True)
def step(inputs: Floats, numbers: Floats, table: Indices) -> bool:
    """Do one activation step: each node becomes activation(bias + response * aggregation(terms)).

    Recurrent: every node reads its sources' values of the step before. Feed-forward: nodes are
    evaluated in topological order and read the values of this step.

    Args:
        inputs: (num_inputs,) float64, of this step.
        numbers: (size,) float64, of the module's docstring; its values change.
        table: (size,) uint32, of the module's docstring.

    Returns:
        Whether there are as many inputs as the network has; nothing is done if not.
    """
    if len(inputs) != table[1]:
        return False
    weights, gains, values, fresh, scratch, sources, pointers, codes, order = _parts(numbers, table)
    num_inputs, is_recurrent = np.uint64(len(inputs)), table[3] == RECURRENT
    for k in range(num_inputs):
        values[k] = inputs[k]
    results = fresh if is_recurrent else values[num_inputs:]
    _advance_in_lines(
        results, weights, gains, values, fresh, scratch, sources, pointers, codes, order,
        is_recurrent,
    )  # fmt: skip
    return True


@called
def show(cases: Floats, num_steps: int, numbers: Floats, table: Indices, outputs: Floats) -> None:
    """Do so many activation steps on each case, every time beginning with all values 0.

    Args:
        cases: (num_cases, num_inputs) float64; as many inputs as the network has.
        num_steps: at least 1.
        numbers: as in :func:`step`.
        table: as in :func:`step`.
        outputs: (num_cases, num_outputs) float64, written: after the last step.
    """
    weights, gains, values, fresh, scratch, sources, pointers, codes, order = _parts(numbers, table)
    num_inputs, is_recurrent = np.uint64(cases.shape[1]), table[3] == RECURRENT
    results = fresh if is_recurrent else values[num_inputs:]
    for case in range(np.uint64(len(cases))):
        for k in range(num_inputs):
            values[k] = cases[case, k]
        for k in range(num_inputs, np.uint64(len(values))):
            values[k] = 0.0
        for _ in range(num_steps):
            _advance_in_a_call(
                results, weights, gains, values, fresh, scratch, sources, pointers, codes, order,
                is_recurrent,
            )  # fmt: skip
        for k in range(np.uint64(outputs.shape[1])):
            outputs[case, k] = values[num_inputs + k]
