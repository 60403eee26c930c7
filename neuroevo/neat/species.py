"""Speciation: which genome belongs to which species, and the threshold that decides it.

The default follows neat-python: each old species keeps the genome nearest to its representative,
the others join the nearest species within the threshold. The paper's way (section 3.3: a random
member of the last generation represents, the first compatible species takes) is a setting.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from neuroevo.neat.distance import FlatPopulation
from neuroevo.neat.genome import Genome
from neuroevo.neat.settings import GenomeSettings, SpeciesSettings
from neuroevo.neat.state import SpeciesState


def speciate(
    genomes: Sequence[Genome],
    old_species: Sequence[SpeciesState],
    threshold: float,
    generation: int,
    next_species_id: int,
    settings: tuple[GenomeSettings, SpeciesSettings],
    generator: np.random.Generator,
) -> tuple[SpeciesState, ...]:
    """Place every genome into exactly one species.

    Args:
        genomes: in ascending order of id.
        old_species: those that may continue, by id; one that finds no member dies out.
        threshold: a genome is compatible below this distance.
        generation: in which the genomes will be evaluated; new species are created in it.
        next_species_id: id of the first new species; further ones count up.
        settings: of the distance and of the species.
        generator: draws the representatives when they are random.

    Returns:
        Species by id, none empty.
    """
    genome_settings, species_settings = settings
    placement = _Placement(genomes, genome_settings)
    if species_settings.representative == "nearest":
        for old in old_species:
            placement.continue_with_nearest(old)
    else:
        for old in old_species:
            placement.continue_with(old)
    is_first = species_settings.assignment == "first"
    placement.place_rest(threshold, generation, next_species_id, is_first=is_first)
    return placement.species(generator, is_random=species_settings.representative == "random")


def adjusted_threshold(threshold: float, num_species: int, settings: SpeciesSettings) -> float:
    """Return the threshold for the next speciation, one step nearer to the target number."""
    if settings.target_num_species is None or num_species == settings.target_num_species:
        return threshold
    is_more = num_species > settings.target_num_species
    step = settings.threshold_adjust_rate if is_more else -settings.threshold_adjust_rate
    return min(max(threshold + step, settings.threshold_min), settings.threshold_max)


class _Placement:
    """Genomes on their way into species; positions index ``genomes``."""

    def __init__(self, genomes: Sequence[Genome], settings: GenomeSettings) -> None:
        self._genomes = genomes
        self._flat = FlatPopulation(genomes, settings)
        self._is_free = np.ones(len(genomes), dtype=bool)
        self._species: list[SpeciesState] = []
        self._members: list[list[int]] = []
        # Row s: distance of every genome to the representative of species s.
        self._rows: list[np.ndarray] = []
        self._everyone = np.arange(len(genomes))

    def continue_with_nearest(self, old: SpeciesState) -> None:
        """Let the free genome nearest to the representative represent the species from now on."""
        free = np.flatnonzero(self._is_free)
        if not len(free):
            return
        nearest = int(free[np.argmin(self._flat.distances(old.representative, free))])
        self._is_free[nearest] = False
        self._open(replace(old, representative=self._genomes[nearest]), [nearest])

    def continue_with(self, old: SpeciesState) -> None:
        """Keep the representative, which need not be alive."""
        self._open(old, [])

    def _open(self, species: SpeciesState, members: list[int]) -> None:
        self._species.append(species)
        self._members.append(members)
        self._rows.append(self._flat.distances(species.representative, self._everyone))

    def place_rest(
        self, threshold: float, generation: int, next_species_id: int, *, is_first: bool
    ) -> None:
        for position in np.flatnonzero(self._is_free).tolist():
            chosen = self._compatible(position, threshold, is_first=is_first)
            if chosen is None:
                genome = self._genomes[position]
                new = SpeciesState(
                    next_species_id, generation, generation, float("-inf"), genome, ()
                )
                self._open(new, [position])
                next_species_id += 1
            else:
                self._members[chosen].append(position)

    def _compatible(self, position: int, threshold: float, *, is_first: bool) -> int | None:
        distances = [row[position] for row in self._rows]
        inside = [s for s, d in enumerate(distances) if d < threshold]
        if not inside:
            return None
        return inside[0] if is_first else min(inside, key=lambda s: distances[s])

    def species(
        self, generator: np.random.Generator, *, is_random: bool
    ) -> tuple[SpeciesState, ...]:
        result = []
        for species, positions in zip(self._species, self._members, strict=True):
            if not positions:
                continue
            positions = sorted(positions)
            if is_random:
                drawn = positions[int(generator.integers(len(positions)))]
                species = replace(species, representative=self._genomes[drawn])
            ids = tuple(self._genomes[p].id for p in positions)
            result.append(replace(species, member_ids=ids))
        return tuple(result)
