"""Kernels that lay a genome's enabled connections out as rows, one row per live node.

Owns pruning, the order of evaluation, and how the two buffers of a compiled network are filled;
what stands where in them :mod:`neuroevo.network.kernels` says, which runs on them. Runs once per
genome.

Inside this module a *position* is a place in ``Genome.node_ids``, an *index* a place among the
values of the compiled network: inputs 0 to num_inputs - 1, then the nodes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.compiling import called, entry
from neuroevo.neat.genome import AGGREGATIONS
from neuroevo.network.kernels import HEADER

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]
Indices = npt.NDArray[np.uint32]

_MEDIAN = AGGREGATIONS.index("median")
_UNSEEN, _OPEN, _CLOSED = np.uint8(0), np.uint8(1), np.uint8(2)
_ONE = np.uint64(1)


@called
def _position(node_ids: Ints, node_id: int) -> np.uint64:
    """Return the position of a node id, or the number of nodes if there is no such node."""
    low, high = np.uint64(0), np.uint64(len(node_ids))
    while low < high:
        middle = (low + high) >> _ONE
        if node_ids[middle] < node_id:
            low = middle + _ONE
        else:
            high = middle
    if low < len(node_ids) and node_ids[low] == node_id:
        return low
    return np.uint64(len(node_ids))


@called
def _guesses(node_ids: Ints) -> Indices:
    """Return a table of positions by the last bits of the node id.

    A guess may be wrong, or be left from what was in memory before: compare ids before use.
    """
    size = np.uint64(8)
    while size < 4 * len(node_ids):
        size <<= _ONE
    table = np.empty(size, np.uint32)
    for position in range(np.uint64(len(node_ids))):
        table[np.uint64(node_ids[position]) & (size - _ONE)] = position
    return table


@called
def _find_ends(
    node_ids: Ints, link: Indices, marks: Ints, num_inputs: int, num_outputs: int,
    tails: Indices, heads: Indices, rows: Indices,
) -> np.int64:  # fmt: skip
    """Find source indices and target positions, and where the row of each position begins.

    Half of the connections of an evolved genome may be disabled, in no order that a processor
    could guess: they are not branched around but put into a last row that nobody reads.

    Args:
        node_ids: (num_nodes,) int64.
        link: (num_connections,) uint32.
        marks: (3, r) int64, source and target ids by slot.
        num_inputs: as in :func:`lay_out`.
        num_outputs: as in :func:`lay_out`.
        tails: (num_connections,) uint32, filled: index of the source.
        heads: (num_connections,) uint32, filled: position of the target; num_nodes if disabled.
        rows: (num_nodes + 2,) uint32, zeros; filled: where each row begins.

    Returns:
        The first enabled connection with a lost end, or -1.
    """
    nobody = np.uint64(len(node_ids))
    inputs, outputs = np.uint64(num_inputs), np.uint64(num_outputs)
    guesses = _guesses(node_ids)
    mask = np.uint64(len(guesses)) - _ONE
    for k in range(np.uint64(len(link))):
        slot = np.uint64(link[k]) >> _ONE
        source, target = marks[0, slot], marks[1, slot]
        head, tail = np.uint64(target), np.uint64(~source)  # of an input: huge, its index
        is_lost = False
        if head >= outputs:  # outputs stand at their own ids
            position = np.uint64(guesses[head & mask])
            if position >= nobody or node_ids[position] != target:
                position = _position(node_ids, target)
            head, is_lost = position, position == nobody
        if tail >= inputs:
            position = np.uint64(guesses[np.uint64(source) & mask])
            if position >= nobody or node_ids[position] != source:
                position = _position(node_ids, source)
            tail, is_lost = inputs + position, is_lost or position == nobody
        if not np.uint64(link[k]) & _ONE:
            head = nobody
        elif is_lost:
            return np.int64(k)
        tails[k], heads[k] = tail, head
        rows[head + _ONE] += np.uint32(1)
    for row in range(nobody):
        rows[row + _ONE] += rows[row]
    return np.int64(-1)


@called
def _fill_rows(
    tails: Indices, heads: Indices, weight: Floats, rows: Indices,
    sources: Indices, weights: Floats,
) -> None:  # fmt: skip
    """Sort connections by target, keeping the order of innovation numbers within a row."""
    free, places = rows.copy(), heads
    for k in range(np.uint64(len(heads))):
        row = np.uint64(heads[k])
        place = free[row]
        free[row] = place + np.uint32(1)
        places[k] = place  # writing at once to as many places as there are rows would take longer
    for k in range(np.uint64(len(places))):
        sources[places[k]] = tails[k]
        weights[places[k]] = weight[k]


@called
def _walk_back(
    pointers: Indices, sources: Indices, num_nodes: int, num_inputs: int, num_outputs: int
) -> tuple[Ints, bool]:
    """Walk from the outputs against the connections, depth first.

    Returns:
        order: (num_live,) int64, positions of the nodes met, each after its sources if no cycle.
        is_cyclic: whether a walk came back to a node it had not left yet.
    """
    status = np.zeros(num_nodes, np.uint8)
    next_row = pointers.copy()
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
            k, end = np.uint64(next_row[node]), np.uint64(pointers[node + 1])
            while k < end and sources[k] < num_inputs:  # most connections come from inputs
                k += _ONE
            if k == end:
                status[node] = _CLOSED
                order[num_done] = node
                num_done += 1
                depth -= 1
                continue
            next_row[node] = k + _ONE
            origin = np.int64(sources[k]) - num_inputs
            if status[origin] == _OPEN:
                is_cyclic = True
            elif status[origin] == _UNSEEN:
                status[origin] = _OPEN
                path[depth] = origin
                depth += 1
    return order[:num_done], is_cyclic


@called
def _keep_rows(
    pointers: Indices, sources: Indices, weights: Floats, moved: Ints, num_inputs: int
) -> None:
    """Close the gaps that dead nodes leave, with indices that count live nodes only.

    Rows only move towards the beginning, so they are moved where they are.

    Args:
        pointers: (num_nodes + 2,) uint32; the first num_live + 1 are right afterwards.
        sources: (num_slots,) uint32, changed.
        weights: (num_slots,) float64, changed.
        moved: (num_nodes,) int64, place of each live position among the live ones; -1 is dead.
        num_inputs: sources below are inputs.
    """
    end, row = np.uint64(0), np.uint64(0)
    for position in range(np.uint64(len(moved))):
        first, last = np.uint64(pointers[position]), np.uint64(pointers[position + _ONE])
        if moved[position] < 0:
            continue
        pointers[row] = end
        for k in range(first, last):
            source = np.int64(sources[k])
            if source >= num_inputs:
                source = num_inputs + moved[source - num_inputs]
            sources[end] = source
            weights[end] = weights[k]
            end += _ONE
        row += _ONE
    pointers[row] = end


@entry
def lay_out(
    all_node_ids: Ints, all_floats: Floats, all_codes: Codes, all_links: Indices,
    all_weights: Floats, marks: Ints, first: int, last: int, begin: int, end: int,
    num_inputs: int, num_outputs: int, kind: int,
) -> tuple[np.int64, bool, int, np.int64, Floats, Indices]:  # fmt: skip
    """Lay out the part of a genome that reaches an output.

    Args:
        all_node_ids: (n,) int64; the genome's ascend and begin with the outputs.
        all_floats: (3, n) float64, bias, response and a row that plays no part.
        all_codes: (2, n) uint8, activation, aggregation.
        all_links: (c,) uint32, slots, which are columns of ``marks``, and enabled flags in one
            number (:func:`~neuroevo.neat.genome.links_of`).
        all_weights: (c,) float64.
        marks: (3, r) int64, of each slot the source, an input's id or a node's, the target, a
            node's id, and a row that plays no part.
        first: of the genome's nodes in the arrays of all genomes.
        last: after its nodes.
        begin: of its connections.
        end: after its connections.
        num_inputs: ids -1 to -num_inputs are inputs.
        num_outputs: ids 0 to num_outputs - 1 are outputs; these always stay.
        kind: ``RECURRENT`` or ``FEED_FORWARD`` of :mod:`neuroevo.network.kernels`.

    Returns:
        lost: the first enabled connection that starts or ends nowhere, or -1; if it is not -1,
            the rest means nothing.
        is_cyclic: whether the live part has a cycle.
        num_live: nodes that are left.
        num_connections: enabled connections into these.
        numbers: the first buffer of :mod:`neuroevo.network.kernels`, its values 0.
        table: the second one; ``order`` is topological if there is no cycle.
    """
    node_ids, bias, response = all_node_ids[first:last], all_floats[0], all_floats[1]
    activation, aggregation = all_codes[0], all_codes[1]
    weight, link = all_weights[begin:end], all_links[begin:end]
    num_nodes, num_slots = last - first, end - begin
    tails, heads = np.empty(num_slots, np.uint32), np.empty(num_slots, np.uint32)
    rows = np.zeros(num_nodes + 2, np.uint32)
    lost = _find_ends(node_ids, link, marks, num_inputs, num_outputs, tails, heads, rows)
    longest = np.int64(0)
    for k in range(num_nodes):
        length = np.int64(rows[k + 1]) - np.int64(rows[k])
        if aggregation[first + k] == _MEDIAN and length > longest:
            longest = length
    numbers = np.empty(num_slots + 4 * num_nodes + num_inputs + longest, np.float64)
    table = np.empty(HEADER + num_slots + 4 * num_nodes + 1, np.uint32)
    if lost >= 0:
        return lost, False, 0, np.int64(0), numbers, table
    sources, weights = table[HEADER : HEADER + num_slots], numbers[:num_slots]
    _fill_rows(tails, heads, weight, rows, sources, weights)
    walk, is_cyclic = _walk_back(rows, sources, num_nodes, num_inputs, num_outputs)
    num_live = len(walk)
    moved = np.full(num_nodes, -1, np.int64)
    for k in range(num_live):
        moved[walk[k]] = 0
    place = 0
    for k in range(num_nodes):
        if moved[k] == 0:
            moved[k] = place
            place += 1
    if num_live < num_nodes:
        _keep_rows(rows, sources, weights, moved, num_inputs)
    table[0], table[1], table[2], table[3] = num_slots, num_inputs, num_live, kind
    gains, values = numbers[num_slots:], num_slots + 2 * num_live
    numbers[values : values + num_inputs + num_live] = 0.0
    pointers = table[HEADER + num_slots :]
    codes = pointers[num_live + 1 :]
    order = codes[2 * num_live :]
    for k in range(num_nodes):
        if moved[k] >= 0:
            place = 2 * moved[k]
            gains[place], gains[place + 1] = bias[first + k], response[first + k]
            codes[place], codes[place + 1] = aggregation[first + k], activation[first + k]
    for k in range(num_live):
        pointers[k], order[k] = rows[k], moved[walk[k]]
    pointers[num_live] = rows[num_live]
    return lost, is_cyclic, num_live, np.int64(rows[num_live]), numbers, table
