"""The table of innovations: one number for one structural change, for the whole run.

Stanley & Miikkulainen 2002, section 3.2, keep the list for one generation; keeping it for the
run gives the same structure the same marks whenever it appears (docs/decisions/0003).

Rows of the table are the *slots* by which a population holds its connection genes: four bytes
stand for source, target and innovation number. Rows are only ever appended.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.errors import PopulationError
from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels.arrays import (
    FIRST,
    NEXT_INNOVATION,
    NEXT_NODE,
    NUM_ROWS,
    NUM_SPLITS,
    VALUE,
    Marks,
    PairTable,
)
from neuroevo.neat.kernels.marks import connection_rows, enter
from neuroevo.neat.kernels.operators import split_node
from neuroevo.neat.state import InnovationState

Integers = npt.NDArray[np.int64]

_MAX_ROWS = 1 << 31  # a link has no place for more (kernels/links.py)


class InnovationTable:
    """Hands out innovation numbers (from 0) and ids of hidden nodes; asked again, the same ones.

    Attributes:
        marks: the arrays, for kernels; ask :meth:`reserve` for room before they write.
    """

    def __init__(self, next_node_id: int) -> None:
        """Start an empty table; ``next_node_id`` is the first id after all initial nodes."""
        none = np.empty((0, 3), dtype=np.int64)
        self.marks = Marks(_table(none), _table(none), np.array([0, 0, 0, next_node_id]))

    @classmethod
    def of_genome(cls, genome: Genome, next_node_id: int) -> InnovationTable:
        """Start a table that knows the connections of a genome from another run, by their numbers.

        Args:
            genome: keeps its innovation numbers and node ids.
            next_node_id: the first id that may be new, if the genome has no higher one.
        """
        return cls.of_genomes([genome], next_node_id)

    @classmethod
    def of_genomes(cls, genomes: Sequence[Genome], next_node_id: int = 0) -> InnovationTable:
        """Start a table that knows the connections of genomes that agree on their numbers."""
        rows = [np.stack([g.source, g.target, g.innovation], axis=1) for g in genomes]
        connections = np.concatenate([np.empty((0, 3), np.int64), *rows])
        _, first_places = np.unique(connections[:, 2], return_index=True)
        ids = np.concatenate([[next_node_id - 1], *(g.node_ids for g in genomes)])
        next_innovation = int(connections[:, 2].max(initial=-1)) + 1
        splits = np.empty((0, 2), np.int64)
        state = InnovationState(
            connections[first_places], splits, next_innovation, int(ids.max()) + 1
        )
        return cls.from_state(state)

    @property
    def num_rows(self) -> int:
        """Number of connections that have a number."""
        return int(self.marks.counters[NUM_ROWS])

    def reserve(self, num_connections: int, num_splits: int) -> None:
        """Make room for so many new ones.

        Raises:
            PopulationError: the run has had more innovations than can be counted.
        """
        connections, splits, counters = self.marks
        if self.num_rows + num_connections > _MAX_ROWS:
            raise PopulationError(
                f"innovations: at most {_MAX_ROWS}; got more. Delete genes at a higher rate."
            )
        self.marks = Marks(
            _with_room(connections, self.num_rows, num_connections),
            _with_room(splits, int(counters[NUM_SPLITS]), num_splits),
            counters,
        )

    def connection(self, source: int, target: int) -> int:
        """Return the innovation number of the connection from ``source`` to ``target``."""
        return int(self.connections(np.array([[source, target]], dtype=np.int64))[0])

    def connections(self, pairs: Integers) -> Integers:
        """Return the innovation numbers of (n, 2) pairs (source id, target id), as (n,) int64."""
        slots = self.slots_of_pairs(pairs)  # may move the arrays
        numbers: Integers = self.marks.connections.rows[VALUE, slots]
        return numbers

    def slots_of_pairs(self, pairs: Integers) -> Integers:
        """Return the rows of (n, 2) pairs (source id, target id), as (n,) int64."""
        self.reserve(len(pairs), 0)
        rows = np.empty(len(pairs), dtype=np.int64)
        connection_rows(self.marks, np.ascontiguousarray(pairs), rows)
        return rows

    def slots_of(self, genome: Genome) -> npt.NDArray[np.uint32]:
        """Return the rows of a genome's connections, (num_connections,) uint32.

        Raises:
            PopulationError: the table does not know them by these numbers.
        """
        numbers = self.marks.connections.rows[VALUE, : self.num_rows]
        wanted = genome.innovation
        if len(numbers) and numbers[-1] == len(numbers) - 1:
            slots = wanted  # no number is missing
        else:
            slots = np.searchsorted(numbers, wanted)
        is_known = (slots >= 0) & (slots < len(numbers))
        found = self.marks.connections.rows[:, slots[is_known]]
        own = np.stack([genome.source, genome.target, wanted])[:, is_known]
        is_known[is_known] = (found == own).all(axis=0)
        if not is_known.all():
            raise PopulationError(
                f"genome {genome.id}: the innovation table must know every connection; got "
                f"innovation {int(wanted[~is_known][0])}, unknown or between other nodes. The "
                "state is damaged: take an earlier checkpoint."
            )
        return slots.astype(np.uint32)

    def split(self, innovation: int, present: Collection[int]) -> int:
        """Return the node id of splitting a connection.

        Args:
            innovation: of the connection that is split.
            present: node ids the genome has already. A genome that splits the same connection
                a second time gets the second id of that connection, and so on.
        """
        self.reserve(0, 1)
        ids = np.array(sorted(present), dtype=np.int64)
        return int(split_node(self.marks, innovation, ids))

    def state(self) -> InnovationState:
        """Return the whole table as arrays."""
        connections, splits, counters = self.marks
        num_splits = int(counters[NUM_SPLITS])
        return InnovationState(
            connections=np.ascontiguousarray(connections.rows[:, : self.num_rows].T),
            splits=np.ascontiguousarray(splits.rows[[FIRST, VALUE], :num_splits].T),
            next_innovation=int(counters[NEXT_INNOVATION]),
            next_node_id=int(counters[NEXT_NODE]),
        )

    @classmethod
    def from_state(cls, state: InnovationState) -> InnovationTable:
        """Restore a table that continues exactly where ``state`` was taken."""
        self = cls(state.next_node_id)
        by_number = np.argsort(state.connections[:, 2], kind="stable")
        splits = np.empty((len(state.splits), 3), dtype=np.int64)
        splits[:, 0], splits[:, 2] = state.splits[:, 0], state.splits[:, 1]
        splits[:, 1] = _ranks(splits[:, 0])
        counters = np.array(
            [len(state.connections), len(splits), state.next_innovation, state.next_node_id]
        )
        self.marks = Marks(_table(state.connections[by_number]), _table(splits), counters)
        return self


def _table(rows: Integers) -> PairTable:
    """Return a table of (n, 3) rows (first, second, value), without room for more."""
    own = np.array(rows.T, dtype=np.int64, order="C")
    table = PairTable(own, np.full(_num_cells(len(rows)), -1, np.int32))
    enter(table, len(rows))
    return table


def _with_room(table: PairTable, num_rows: int, num_more: int) -> PairTable:
    wanted = num_rows + num_more
    if wanted <= table.rows.shape[1] and 2 * wanted <= len(table.cells):
        return table
    capacity = 2 * wanted  # or it would be too small again after every generation
    rows = np.zeros((3, capacity), dtype=np.int64)
    rows[:, :num_rows] = table.rows[:, :num_rows]
    grown = PairTable(rows, np.full(_num_cells(capacity), -1, np.int32))
    enter(grown, num_rows)
    return grown


def _num_cells(capacity: int) -> int:
    """Return a power of two that is at least twice the capacity."""
    return 1 << max(4, (2 * capacity - 1).bit_length())


def _ranks(values: Integers) -> Integers:
    """Return for each value how many equal ones come before it, (n,) int64."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_first = np.ones(len(values), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    places = np.arange(len(values))
    ranks = np.empty(len(values), dtype=np.int64)
    ranks[order] = places - np.maximum.accumulate(np.where(is_first, places, 0))
    return ranks
