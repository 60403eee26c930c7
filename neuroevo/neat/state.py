"""The values that cross the rooms: the whole state of an evolution, and what a generation showed.

Everything here is immutable data. ``population.py`` produces and restores it; ``storage`` writes
it; nothing else needs to know how a population works.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import Genome


@dataclass(frozen=True, slots=True)
class SpeciesState:
    """One species as it stands between two generations.

    Attributes:
        id: unique within a run.
        created: generation in which it appeared.
        last_improved: generation of its last improvement.
        best_fitness: highest species fitness so far, -inf before the first ``tell``.
        representative: the genome others are compared with (may have died out since).
        member_ids: ids of its genomes in ``PopulationState.genomes``, ascending.
    """

    id: int
    created: int
    last_improved: int
    best_fitness: float
    representative: Genome
    member_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class BestGenome:
    """The best genome of the run, with the generation and the fitness it was best with."""

    genome: Genome
    fitness: float
    generation: int


@dataclass(frozen=True, slots=True)
class InnovationState:
    """The historical marks of the run.

    Attributes:
        connections: (n, 3) int64, rows (source id, target id, innovation), by innovation.
        splits: (m, 2) int64, rows (innovation of the split connection, node id), by node id.
        next_innovation: the next free innovation number.
        next_node_id: the next free node id.
    """

    connections: npt.NDArray[np.int64]
    splits: npt.NDArray[np.int64]
    next_innovation: int
    next_node_id: int


@dataclass(frozen=True, slots=True)
class PopulationState:
    """The whole evolution between two generations: all that a resumed run needs to be exact.

    Attributes:
        generation: the generation that ``ask`` offers, counted from 0.
        genomes: in the order of ``ask``, ids ascending.
        species: by id; every genome belongs to exactly one.
        compatibility_threshold: in force now (a dynamic threshold moves).
        best: None before the first ``tell``.
        last_improved: generation in which the champion of the population last improved.
        random_state: ``bit_generator.state`` of the evolution's generator; plain ints and strings.
        hall_of_fame: the best champions of the run, best first, no two with the same genes; empty
            unless an extinction is to go on from them.
    """

    generation: int
    genomes: Sequence[Genome]
    species: tuple[SpeciesState, ...]
    innovations: InnovationState
    next_genome_id: int
    next_species_id: int
    compatibility_threshold: float
    best: BestGenome | None
    last_improved: int
    random_state: Mapping[str, Any]
    hall_of_fame: tuple[BestGenome, ...] = ()


class SpeciesStats(NamedTuple):
    """One species in one generation, as people see it in a table."""

    id: int
    age: int
    size: int
    fitness: float
    best_fitness: float
    stagnation: int
    num_offspring: int


@dataclass(frozen=True, slots=True)
class GenerationStats:
    """What one ``tell`` saw and did.

    Attributes:
        generation: the generation that was told.
        best_fitness: of this generation; mean, median, min, stdev (population) and quartiles too.
        criterion_fitness: ``fitness_criterion`` over the population.
        reached_threshold: the criterion reached ``fitness_threshold`` (and may end the run).
        mean_num_connections: enabled ones.
        champion: the best genome of this generation (lowest id among equals).
        species: by id, as they were when told.
        events: what a person should know: stagnant species removed, extinction, ...; how a text
            begins tells its kind (:func:`milestone`).
    """

    generation: int
    best_fitness: float
    mean_fitness: float
    median_fitness: float
    min_fitness: float
    fitness_stdev: float
    fitness_quartiles: tuple[float, float]
    criterion_fitness: float
    reached_threshold: bool
    champion: Genome
    mean_num_nodes: float
    mean_num_connections: float
    compatibility_threshold: float
    species: tuple[SpeciesStats, ...]
    events: tuple[str, ...]


_MILESTONES = {
    "extinction": "extinction",
    "stagnation": "stagnation",
    "population stagnant": "stagnation",
}


def milestone(text: str) -> str | None:
    """Return ``extinction`` or ``stagnation`` if an event is one that a person must see, or None.

    Args:
        text: of the event, from ``GenerationStats.events`` or a run log.
    """
    kinds = (kind for start, kind in _MILESTONES.items() if text.startswith(start))
    return next(kinds, None)
