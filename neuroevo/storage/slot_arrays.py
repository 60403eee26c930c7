"""Many genomes as the arrays of a checkpoint, which holds the table of innovations beside them.

In place of innovation number, source and target a connection has its slot, the row of that table:
13 bytes instead of 33 (docs/decisions/0016-slots-in-checkpoints.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError
from neuroevo.neat.genome import Genome, flags_of
from neuroevo.neat.state import InnovationState
from neuroevo.storage.genome_arrays import take

if TYPE_CHECKING:  # Numba only where a population has loaded it before
    from neuroevo.neat.innovation import InnovationTable

_MARKS = {"innovation", "source", "target"}

_CHUNK = 1 << 14

Arrays = Mapping[str, npt.NDArray[Any]]
Integers = npt.NDArray[np.int64]


def pack_slots(
    genomes: Sequence[Genome], innovations: InnovationState
) -> dict[str, npt.NDArray[Any]]:
    """Return the genomes' fields concatenated.

    Args:
        genomes: of one run.
        innovations: of that run.

    Returns:
        As :func:`~neuroevo.storage.genome_arrays.pack_genomes`, but for ``innovation``, ``source``
        and ``target``: ``innovation_connections``, (n, 3) int64, the connections of the
        innovations, by number; ``slot``, (num_connections,) uint32, rows of it.

    Raises:
        PopulationError: the innovations do not know a connection of a genome.
    """
    from neuroevo.neat.kernels.arrays import CONNECTIONS, NODES
    from neuroevo.neat.pool import GenePool

    table = _table_of(genomes, innovations)
    pool = GenePool.of(genomes, table)
    genes = pool.genes
    bias, response, time_constant = genes.node_floats
    activation, aggregation = genes.node_codes
    return {
        "genome_ids": pool.ids,
        "node_offsets": genes.offsets[NODES],
        "node_ids": genes.node_ids,
        "bias": bias,
        "response": response,
        "time_constant": time_constant,
        "activation": activation,
        "aggregation": aggregation,
        "connection_offsets": genes.offsets[CONNECTIONS],
        "slot": genes.link >> np.uint32(1),
        "weight": genes.weight,
        "enabled": flags_of(genes.link),
        "innovation_connections": table.state().connections,
    }


def with_marks(where: str, arrays: Arrays) -> Arrays:
    """Return the arrays of a checkpoint with innovation, source and target in place of slots.

    Args:
        where: of the file, for messages.
        arrays: with ``slot`` and ``innovation_connections``; those of format version 1, which have
            no slots, come back as they are.

    Raises:
        StorageError: there are slots and what they stand for, too; a slot leads nowhere; or the
            innovations are of another type or shape, or do not ascend by number.
    """
    if "slot" not in arrays:
        return arrays
    both = sorted(_MARKS & set(arrays))
    _require(not both, where, "slot in place of innovation, source and target", f"{both}, too")
    slots = take(where, arrays, "slot", "<u4")
    table = take(where, arrays, "innovation_connections", "<i8", 2)
    _require(table.shape[1] == 3, where, "innovation_connections of 3 columns", f"{table.shape}")
    source, target, innovation = np.ascontiguousarray(table.T)
    # Else the rows of a restored population's table, which ascend, would be others.
    is_ordered = bool(np.all(innovation[:-1] < innovation[1:]))
    _require(is_ordered, where, "innovation_connections that ascend by number", "others")
    top = int(slots.max()) if len(slots) else -1
    _require(top < len(table), where, f"slots below {len(table)}", f"{top}")
    columns = {"innovation": innovation, "source": source, "target": target}
    return {**arrays, **{name: _looked_up(column, slots) for name, column in columns.items()}}


def _looked_up(column: Integers, slots: npt.NDArray[np.uint32]) -> Integers:
    """Return what a column of the table says of each slot, all of which exist; read-only."""
    found = np.empty(len(slots), np.int64)
    # Some at a time: NumPy widens the slots, and new memory costs more than looking them up.
    for first in range(0, len(slots), _CHUNK):
        part = slice(first, first + _CHUNK)
        np.take(column, slots[part], out=found[part], mode="clip")
    found.flags.writeable = False  # as arrays of version 1 are, which are views of a file
    return found


def _table_of(genomes: Sequence[Genome], innovations: InnovationState) -> InnovationTable:
    """Return a table with these rows: that of the genomes' pool, unless it has other ones."""
    from neuroevo.neat.innovation import InnovationTable
    from neuroevo.neat.pool import GenePool

    home = genomes[0].pool if genomes else None
    if isinstance(home, GenePool):
        num_rows, rows = home.table.num_rows, home.table.marks.connections.rows
        if np.array_equal(rows[:, :num_rows].T, innovations.connections):
            return home.table
    return InnovationTable.from_state(innovations)


def _require(holds: bool, where: str, rule: str, got: str) -> None:
    if not holds:
        raise StorageError(
            f"{where}: expected {rule}; got {got}. "
            "The file is damaged: take an earlier checkpoint or a copy."
        )
