"""What the kernels of this room work on: named groups of arrays, known to Python and to numba."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Slots = npt.NDArray[np.uint32]
Links = npt.NDArray[np.uint32]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.uint8]


class Genes(NamedTuple):
    """The genes of many genomes, genome after genome; arrays may be longer than what is used.

    Few arrays, since each costs compile time in every function that gets them.

    offsets: (2, num_genomes + 1) int64, where each genome's node and connection genes begin
    node_ids: (nodes,) int64, ascending within a genome
    node_floats: (3, nodes) float64, bias, response, time constant
    node_codes: (2, nodes) uint8, activation, aggregation
    link: (connections,) uint32, row of the innovation table and enabled flag in one number
        (``links.py``), ascending within a genome
    weight: (connections,) float64
    """

    offsets: Integers
    node_ids: Integers
    node_floats: Floats
    node_codes: Codes
    link: Links
    weight: Floats


NODES, CONNECTIONS = range(2)
"""Rows of :attr:`Genes.offsets`."""


class Draft(NamedTuple):
    """The genome that is being made, at the end of ``genes`` with room after it.

    at: (4,) int64, first node gene, number of them, first connection gene, number of them
    """

    genes: Genes
    at: Integers


NODE, NUM_NODES, CONNECTION, NUM_CONNECTIONS = range(4)
"""Places in :attr:`Draft.at`."""


class PairTable(NamedTuple):
    """Numbers by pairs of numbers: rows in order of arrival, found by open addressing.

    rows: (3, capacity) int64, first, second, value
    cells: (2 ** n,) int32, a row or -1
    """

    rows: Integers
    cells: npt.NDArray[np.int32]


FIRST, SECOND, VALUE = range(3)
"""Rows of :attr:`PairTable.rows`; of connections: source, target, innovation."""


class Marks(NamedTuple):
    """The innovation table.

    connections: (source id, target id) -> innovation number, rows by ascending number
    splits: (innovation number, how many splits of it came before) -> node id
    counters: (4,) int64: rows of connections, rows of splits, next innovation, next node id
    """

    connections: PairTable
    splits: PairTable
    counters: Integers


NUM_ROWS, NUM_SPLITS, NEXT_INNOVATION, NEXT_NODE = range(4)
"""Places in :attr:`Marks.counters`."""


class Rates(NamedTuple):
    """The settings of mutation as numbers.

    structure: (4,) float64, probability to add or delete a node, to add or delete a connection;
        with ``is_single`` their cumulative sums, at most 1
    floats: (4, 10) float64, rows bias, response, time constant, weight; columns below
    enabled: (4,) float64, default (1 true, 0 false, -1 random), rate, added to rate of false
        flags, of true flags
    codes: (2, 2) float64, rows activation, aggregation: default code (-1 random), rate
    options: (2, 256) uint8, rows alike: how many codes to choose from, the codes
    """

    num_inputs: int
    num_outputs: int
    is_feed_forward: bool
    is_single: bool
    is_surer: bool
    is_exclusive: bool
    inherit_disabled_prob: float
    structure: Floats
    floats: Floats
    enabled: Floats
    codes: Floats
    options: Codes


BIAS, RESPONSE, TIME_CONSTANT, WEIGHT = range(4)
"""Rows of :attr:`Rates.floats`; the first three those of :attr:`Genes.node_floats`, too."""

(
    MEAN, STDEV, STARTS_UNIFORM, REPLACE_RATE, MUTATE_RATE, POWER, HIGH, LOW, STEPS_UNIFORM,
    GENOME_PROB,
) = range(10)  # fmt: skip
"""Columns of :attr:`Rates.floats`."""


class Scratch(NamedTuple):
    """Room that kernels work in; holds nothing between calls.

    first: (n,) uint32, n at least the genes of one kind in a genome
    second: (n,) uint32
    place: (rows of the innovation table,) uint32, all 0 between calls
    """

    first: Slots
    second: Slots
    place: Slots


class Family(NamedTuple):
    """Who has how many children with whom.

    elites: (e,) int64, positions of the genomes that are copied
    parents: (p,) int64, positions of those that breed, species after species, fittest first
    offsets: (num_species + 1,) int64, where each species' parents begin
    fitness: (num_genomes,) float64, by position
    num_children: (num_species,) int64
    """

    elites: Integers
    parents: Integers
    offsets: Integers
    fitness: Floats
    num_children: Integers
    mutate_only_prob: float
    mate_only_prob: float
    interspecies_prob: float
