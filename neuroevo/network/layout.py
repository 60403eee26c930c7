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
_UNSEEN, _OPEN, _CLOSED = np.uint32(0), np.uint32(1), np.uint32(2)
_DEAD = np.uint32(0xFFFFFFFF)
_ONE, _TWO = np.uint64(1), np.uint64(2)
_SOURCES = np.uint64(HEADER)
"""Where sources begin in a table."""


@called
def _position(node_ids: Ints, first: np.uint64, last: np.uint64, node_id: int) -> np.uint64:
    """Return the position of a node id, or the number of nodes if there is no such node."""
    low, high = first, last
    while low < high:
        middle = (low + high) >> _ONE
        if node_ids[middle] < node_id:
            low = middle + _ONE
        else:
            high = middle
    if low < last and node_ids[low] == node_id:
        return low - first
    return last - first


@called
def _find_ends(
    node_ids: Ints, first: np.uint64, last: np.uint64, link: Indices, begin: np.uint64,
    end: np.uint64, marks: Ints, inputs: np.uint64, outputs: np.uint64, room: Indices,
    guesses: np.uint64, mask: np.uint64, tails: np.uint64, heads: np.uint64, rows: np.uint64,
) -> np.int64:  # fmt: skip
    """Find source indices and target positions, and where the row of each position begins.

    Half of the connections of an evolved genome may be disabled, in no order that a processor
    could guess: they are not branched around but put into a last row that nobody reads. Positions
    are guessed by the last bits of the node id; a guess may be wrong, or be left from what was in
    memory before, so ids are compared.

    Args:
        node_ids: as in :func:`lay_out`, as all up to ``marks``.
        first: as above.
        last: as above.
        link: as above.
        begin: as above.
        end: as above.
        marks: as above.
        inputs: how many.
        outputs: how many.
        room: where the following lie.
        guesses: mask + 1 numbers, filled: positions.
        mask: a power of two, less one.
        tails: num_connections, filled: index of the source.
        heads: num_connections, filled: position of the target; num_nodes if disabled.
        rows: num_nodes + 2, zeros; filled: where each row begins.

    Returns:
        The first enabled connection with a lost end, or -1.
    """
    nobody = last - first
    for node in range(nobody):
        room[guesses + (np.uint64(node_ids[first + node]) & mask)] = node
    for k in range(end - begin):
        slot = np.uint64(link[begin + k]) >> _ONE
        source, target = marks[0, slot], marks[1, slot]
        head, tail = np.uint64(target), np.uint64(~source)  # of an input: huge, its index
        is_lost = False
        if head >= outputs:  # outputs stand at their own ids
            position = np.uint64(room[guesses + (head & mask)])
            if position >= nobody or node_ids[first + position] != target:
                position = _position(node_ids, first, last, target)
            head, is_lost = position, position == nobody
        if tail >= inputs:
            position = np.uint64(room[guesses + (np.uint64(source) & mask)])
            if position >= nobody or node_ids[first + position] != source:
                position = _position(node_ids, first, last, source)
            tail, is_lost = inputs + position, is_lost or position == nobody
        if not np.uint64(link[begin + k]) & _ONE:
            head = nobody
        elif is_lost:
            return np.int64(k)
        room[tails + k], room[heads + k] = tail, head
        room[rows + head + _ONE] += np.uint32(1)
    for row in range(nobody):
        room[rows + row + _ONE] += room[rows + row]
    return np.int64(-1)


@called
def _fill_rows(
    weight: Floats, begin: np.uint64, num_slots: np.uint64, num_nodes: np.uint64,
    room: Indices, tails: np.uint64, heads: np.uint64, rows: np.uint64, free: np.uint64,
    numbers: Floats, table: Indices,
) -> None:  # fmt: skip
    """Sort connections by target, keeping the order of innovation numbers within a row.

    Args:
        weight: as in :func:`lay_out`, as the next one.
        begin: as above.
        num_slots: connections.
        num_nodes: nodes.
        room: where the following lie.
        tails: as in :func:`_find_ends`.
        heads: as there; changed.
        rows: as there.
        free: num_nodes + 1, room.
        numbers: its weights are filled.
        table: its sources are filled.
    """
    for row in range(num_nodes + _ONE):
        room[free + row] = room[rows + row]
    for k in range(num_slots):
        next_free = free + np.uint64(room[heads + k])
        place = room[next_free]
        room[next_free] = place + np.uint32(1)
        room[heads + k] = place  # writing at once to as many places as rows would take longer
    for k in range(num_slots):
        slot = np.uint64(room[heads + k])
        table[_SOURCES + slot] = room[tails + k]
        numbers[slot] = weight[begin + k]


@called
def _walk_back(
    table: Indices, num_nodes: np.uint64, inputs: np.uint64, outputs: np.uint64, room: Indices,
    rows: np.uint64, status: np.uint64, next_row: np.uint64, path: np.uint64, order: np.uint64,
) -> tuple[np.uint64, bool]:  # fmt: skip
    """Walk from the outputs against the connections, depth first.

    Args:
        table: its sources are there.
        num_nodes: nodes.
        inputs: how many; sources below are inputs.
        outputs: how many.
        room: where the following lie.
        rows: as in :func:`_find_ends`.
        status: num_nodes, zeros; then ``_UNSEEN`` is left of those that were not met.
        next_row: num_nodes, room.
        path: num_nodes, room.
        order: num_nodes, filled: positions of the nodes met, each after its sources if no cycle.

    Returns:
        num_live: how many were met.
        is_cyclic: whether a walk came back to a node it had not left yet.
    """
    for row in range(num_nodes):
        room[next_row + row] = room[rows + row]
    num_done, is_cyclic = np.uint64(0), False
    for output in range(outputs):
        if room[status + output] != _UNSEEN:
            continue
        room[path], depth = output, _ONE
        room[status + output] = _OPEN
        while depth > 0:
            node = np.uint64(room[path + depth - _ONE])
            k, end = np.uint64(room[next_row + node]), np.uint64(room[rows + node + _ONE])
            while k < end and table[_SOURCES + k] < inputs:  # most connections come from inputs
                k += _ONE
            if k == end:
                room[status + node] = _CLOSED
                room[order + num_done] = node
                num_done += _ONE
                depth -= _ONE
                continue
            room[next_row + node] = k + _ONE
            origin = np.uint64(table[_SOURCES + k]) - inputs
            if room[status + origin] == _OPEN:
                is_cyclic = True
            elif room[status + origin] == _UNSEEN:
                room[status + origin] = _OPEN
                room[path + depth] = origin
                depth += _ONE
    return num_done, is_cyclic


@called
def _keep_rows(
    numbers: Floats, table: Indices, num_nodes: np.uint64, inputs: np.uint64, room: Indices,
    rows: np.uint64, moved: np.uint64,
) -> None:  # fmt: skip
    """Close the gaps that dead nodes leave, with indices that count live nodes only.

    Rows only move towards the beginning, so they are moved where they are.

    Args:
        numbers: its weights are changed.
        table: its sources are changed.
        num_nodes: dead ones, too.
        inputs: how many; sources below are inputs.
        room: where the following lie.
        rows: num_nodes + 2; the first num_live + 1 are right afterwards.
        moved: num_nodes, place of each live position among the live ones, or ``_DEAD``.
    """
    end, row = np.uint64(0), rows
    for position in range(num_nodes):
        if room[moved + position] == _DEAD:
            continue
        first = np.uint64(room[rows + position])
        last = np.uint64(room[rows + position + _ONE])
        room[row] = end
        for k in range(first, last):
            source = np.uint64(table[_SOURCES + k])
            if source >= inputs:
                source = inputs + np.uint64(room[moved + source - inputs])
            table[_SOURCES + end] = source
            numbers[end] = numbers[k]
            end += _ONE
        row += _ONE
    room[row] = end


@entry
def lay_out(
    all_node_ids: Ints, all_floats: Floats, all_codes: Codes, all_links: Indices,
    all_weights: Floats, marks: Ints, first: int, last: int, begin: int, end: int,
    num_inputs: int, num_outputs: int, kind: int,
) -> tuple[np.int64, bool, np.int64, np.int64, Floats, Indices]:  # fmt: skip
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
    # Neither views nor more arrays than these three: of a small genome, making one takes as long as
    # what is done with it.
    start, stop = np.uint64(begin), np.uint64(end)
    low, high = np.uint64(first), np.uint64(last)
    num_nodes, num_slots = high - low, stop - start
    inputs, outputs = np.uint64(num_inputs), np.uint64(num_outputs)
    num_guesses = np.uint64(8)
    while num_guesses < np.uint64(4) * num_nodes:
        num_guesses <<= _ONE
    heads = num_slots
    rows = heads + num_slots
    status = rows + num_nodes + _TWO
    free = status + num_nodes
    path = free + num_nodes + _ONE
    walk = path + num_nodes
    moved = walk + num_nodes
    guesses = moved + num_nodes
    room = np.empty(guesses + num_guesses, np.uint32)
    for k in range(rows, free):
        room[k] = 0
    lost = _find_ends(
        all_node_ids, low, high, all_links, start, stop, marks, inputs, outputs,
        room, guesses, num_guesses - _ONE, np.uint64(0), heads, rows,
    )  # fmt: skip
    longest = np.uint64(0)
    for k in range(num_nodes if lost < 0 else np.uint64(0)):
        length = np.uint64(room[rows + k + _ONE] - room[rows + k])
        if all_codes[1, low + k] == _MEDIAN and length > longest:
            longest = length
    four = np.uint64(4) * num_nodes
    numbers = np.empty(num_slots + four + inputs + longest, np.float64)
    table = np.empty(_SOURCES + num_slots + four + _ONE, np.uint32)
    if lost >= 0:
        return lost, False, np.int64(0), np.int64(0), numbers, table
    _fill_rows(
        all_weights, start, num_slots, num_nodes, room, np.uint64(0), heads, rows, free,
        numbers, table,
    )  # fmt: skip
    num_live, is_cyclic = _walk_back(
        table, num_nodes, inputs, outputs, room, rows, status, free, path, walk
    )
    live = np.uint32(0)
    for k in range(num_nodes):
        room[moved + k] = _DEAD
        if room[status + k] != _UNSEEN:
            room[moved + k] = live
            live += np.uint32(1)
    if num_live < num_nodes:
        _keep_rows(numbers, table, num_nodes, inputs, room, rows, moved)
    table[0], table[1], table[2], table[3] = num_slots, num_inputs, num_live, kind
    values = num_slots + _TWO * num_live
    for k in range(values, values + inputs + num_live):
        numbers[k] = 0.0
    pointers = _SOURCES + num_slots
    codes = pointers + num_live + _ONE
    order = codes + _TWO * num_live
    for k in range(num_nodes):
        if room[moved + k] != _DEAD:
            pair = _TWO * np.uint64(room[moved + k])
            gain, code = num_slots + pair, codes + pair
            numbers[gain], numbers[gain + _ONE] = all_floats[0, low + k], all_floats[1, low + k]
            table[code], table[code + _ONE] = all_codes[1, low + k], all_codes[0, low + k]
    for k in range(num_live):
        table[pointers + k] = room[rows + k]
        table[order + k] = room[moved + np.uint64(room[walk + k])]
    num_connections = room[rows + num_live]
    table[pointers + num_live] = num_connections
    return lost, is_cyclic, np.int64(num_live), np.int64(num_connections), numbers, table
