"""The inner loop: one activation step, and many on cases, on arrays and scalars.

Knows no genome: nodes come as codes (:mod:`neuroevo.network.functions`) and rows of connections.

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

import numpy as np
import numpy.typing as npt

from neuroevo.compiling import called, entry, inner, pasted
from neuroevo.network.functions import SUM, aggregate, apply_activation, sum_terms

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.uint32]

HEADER = 4
"""Numbers at the beginning of a table: num_slots, num_inputs, num_nodes, kind."""

RECURRENT, FEED_FORWARD = 0, 1
"""Kinds of networks."""

_ONE = np.uint64(1)


@called
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
_advance_in_lines, _advance_in_a_call = pasted(_advance), inner(_advance)


@entry
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
