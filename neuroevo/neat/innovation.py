"""The table of innovations: one number for one structural change, for the whole run.

Stanley & Miikkulainen 2002, section 3.2, keep the list for one generation; keeping it for the
run gives the same structure the same marks whenever it appears (docs/decisions/0003).
"""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome
from neuroevo.neat.state import InnovationState


class InnovationTable:
    """Hands out innovation numbers (from 0) and ids of hidden nodes; asked again, the same ones."""

    def __init__(self, next_node_id: int) -> None:
        """Start an empty table; ``next_node_id`` is the first id after all initial nodes."""
        self._connections: dict[tuple[int, int], int] = {}
        self._splits: dict[int, list[int]] = {}
        self._next_innovation = 0
        self._next_node_id = next_node_id

    @classmethod
    def of_genome(cls, genome: Genome, next_node_id: int) -> InnovationTable:
        """Start a table that knows the connections of a genome from another run, by their numbers.

        Args:
            genome: keeps its innovation numbers and node ids.
            next_node_id: the first id that may be new, if the genome has no higher one.
        """
        table = cls(max(next_node_id, int(genome.node_ids.max()) + 1))
        places = zip(genome.source.tolist(), genome.target.tolist(), strict=True)
        table._connections = dict(zip(places, genome.innovation.tolist(), strict=True))
        table._next_innovation = int(genome.innovation.max(initial=-1)) + 1
        return table

    def connection(self, source: int, target: int) -> int:
        """Return the innovation number of the connection from ``source`` to ``target``."""
        number = self._connections.setdefault((source, target), self._next_innovation)
        if number == self._next_innovation:
            self._next_innovation += 1
        return number

    def connections(self, pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Return the innovation numbers of (n, 2) pairs (source id, target id), as (n,) int64."""
        return np.array([self.connection(int(s), int(t)) for s, t in pairs], dtype=np.int64)

    def split(self, innovation: int, present: Collection[int]) -> int:
        """Return the node id of splitting a connection.

        Args:
            innovation: of the connection that is split.
            present: node ids the genome has already. A genome that splits the same connection
                a second time gets the second id of that connection, and so on.
        """
        nodes = self._splits.setdefault(innovation, [])
        for node_id in nodes:
            if node_id not in present:
                return node_id
        nodes.append(self._next_node_id)
        self._next_node_id += 1
        return nodes[-1]

    def state(self) -> InnovationState:
        """Return the whole table as arrays."""
        connections = [(s, t, n) for (s, t), n in self._connections.items()]
        splits = sorted(
            ((n, node) for n, nodes in self._splits.items() for node in nodes), key=lambda s: s[1]
        )
        return InnovationState(
            connections=np.array(connections, dtype=np.int64).reshape(-1, 3),
            splits=np.array(splits, dtype=np.int64).reshape(-1, 2),
            next_innovation=self._next_innovation,
            next_node_id=self._next_node_id,
        )

    @classmethod
    def from_state(cls, state: InnovationState) -> InnovationTable:
        """Restore a table that continues exactly where ``state`` was taken."""
        table = cls(state.next_node_id)
        table._connections = {(s, t): n for s, t, n in state.connections.tolist()}
        for innovation, node_id in state.splits.tolist():
            table._splits.setdefault(innovation, []).append(node_id)
        table._next_innovation = state.next_innovation
        return table
