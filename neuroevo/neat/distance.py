"""Compatibility distance (Stanley & Miikkulainen 2002, eq. 1, and neat-python's form of it)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome
from neuroevo.neat.kernels import distances_to_many
from neuroevo.neat.settings import GenomeSettings


class FlatPopulation:
    """The genes of many genomes in one set of arrays, ready for :meth:`distances`."""

    def __init__(self, genomes: Sequence[Genome], settings: GenomeSettings) -> None:
        """Concatenate the genes; genomes must not be empty."""
        self._settings = settings
        self._coefficients = np.array(
            [
                settings.compatibility_disjoint_coefficient,
                settings.excess_coefficient,
                settings.compatibility_weight_coefficient,
                settings.compatibility_enable_penalty,
            ]
        )
        self._connections = (
            np.concatenate([g.innovation for g in genomes]),
            np.concatenate([g.weight for g in genomes]),
            np.concatenate([g.enabled for g in genomes]),
            _offsets([g.num_connections for g in genomes]),
        )
        self._nodes = (
            np.concatenate([g.node_ids for g in genomes]),
            np.concatenate([_node_floats(g) for g in genomes], axis=1),
            np.concatenate([_node_codes(g) for g in genomes], axis=1),
            _offsets([g.num_nodes for g in genomes]),
        )

    def distances(self, genome: Genome, which: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the distance of ``genome`` to the chosen genomes.

        Args:
            genome: any genome, of this population or not.
            which: (k,) int64 positions in the population.

        Returns:
            (k,) float64.
        """
        out = np.empty(len(which))
        distances_to_many(
            genome.innovation, genome.weight, genome.enabled,
            genome.node_ids, _node_floats(genome), _node_codes(genome),
            *self._connections, *self._nodes, which, self._coefficients,
            self._settings.compatibility_include_node_genes,
            self._settings.compatibility_weight_term == "mean",
            self._settings.compatibility_small_genome_size, out,
        )  # fmt: skip
        return out


def distance(first: Genome, second: Genome, settings: GenomeSettings) -> float:
    """Return the compatibility distance of two genomes; symmetric, 0 for equal genes."""
    return float(FlatPopulation([second], settings).distances(first, np.zeros(1, np.int64))[0])


def _offsets(counts: Sequence[int]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts, dtype=np.int64)])


def _node_floats(genome: Genome) -> npt.NDArray[np.float64]:
    return np.stack([genome.bias, genome.response, genome.time_constant])


def _node_codes(genome: Genome) -> npt.NDArray[np.uint8]:
    return np.stack([genome.activation, genome.aggregation])
