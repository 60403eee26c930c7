"""The population: ``ask`` for genomes, ``tell`` their fitnesses, and the next generation is there.

Owns the order of a generation's steps. ``ask`` is pure; only ``tell`` advances. Knows no task, no
file and no clock.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, chain, pairwise

import numpy as np
import numpy.typing as npt

from neuroevo.errors import ExtinctionError, PopulationError
from neuroevo.neat.genome import Genome, PoolGenomes, check_genome
from neuroevo.neat.hall import with_champion
from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import mutate, rates_of
from neuroevo.neat.pool import GenePool
from neuroevo.neat.reproduction import (
    adjusted_fitnesses,
    next_generation,
    offspring_counts,
    ranked,
)
from neuroevo.neat.settings import NeatSettings
from neuroevo.neat.species import adjusted_threshold, speciate
from neuroevo.neat.stagnation import is_stagnant, species_fitness, with_improvement
from neuroevo.neat.state import BestGenome, GenerationStats, PopulationState, SpeciesState
from neuroevo.neat.statistics import generation_stats, species_table


class Population:
    """An evolving population; one generator drives everything it does."""

    def __init__(
        self, settings: NeatSettings, seed: int, seed_genome: Genome | None = None
    ) -> None:
        """Create and speciate generation 0.

        Args:
            settings: of the evolution.
            seed: of the run.
            seed_genome: generation 0 is this genome and mutated copies of it; None draws genomes
                as the settings say. After an extinction genomes are drawn in both cases.

        Raises:
            GenomeError: the seed genome does not fit the sizes in the settings.
        """
        self._settings, self._rates = settings, rates_of(settings.genome)
        self._generator = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed)))
        first_free = settings.genome.num_outputs + settings.genome.num_hidden
        if seed_genome is None:
            self._innovations = InnovationTable(first_free)
        else:
            check_genome(seed_genome, settings.genome.num_inputs, settings.genome.num_outputs)
            self._innovations = InnovationTable.of_genome(seed_genome, first_free)
        self._next_genome_id = 1
        self._next_species_id = 1
        self._generation = 0
        self._last_improved = 0
        self._threshold = settings.species.compatibility_threshold
        self._best: BestGenome | None = None
        self._hall: tuple[BestGenome, ...] = ()
        self._asked: PoolGenomes | None = None
        if seed_genome is None:
            self._pool = self._initial_pool()
        else:
            self._pool = self._copies_of([seed_genome])
        self._species: tuple[SpeciesState, ...] = ()
        self._members: list[npt.NDArray[np.int64]] = []  # where each species' members stand
        self._speciate(())

    @classmethod
    def from_state(cls, settings: NeatSettings, state: PopulationState) -> Population:
        """Restore a population that continues bit by bit where ``state`` was taken.

        Raises:
            PopulationError: the genomes have other inputs or outputs than the settings say.
        """
        _check_sizes(settings, state.genomes)
        self = cls.__new__(cls)
        self._settings, self._rates = settings, rates_of(settings.genome)
        self._innovations = InnovationTable.from_state(state.innovations)
        self._next_genome_id = state.next_genome_id
        self._next_species_id = state.next_species_id
        self._generation = state.generation
        self._last_improved = state.last_improved
        self._threshold = state.compatibility_threshold
        self._best = state.best
        self._hall = state.hall_of_fame
        self._asked = None
        self._pool = GenePool.of(state.genomes, self._innovations)
        self._species = state.species
        self._members = _places(self._pool.ids, state.species)
        self._generator = np.random.Generator(np.random.PCG64())
        self._generator.bit_generator.state = dict(state.random_state)  # last: nothing draws before
        return self

    def state(self) -> PopulationState:
        """Return the whole evolution as one immutable value."""
        return PopulationState(
            generation=self._generation,
            genomes=self.ask(),
            species=self._species,
            innovations=self._innovations.state(),
            next_genome_id=self._next_genome_id,
            next_species_id=self._next_species_id,
            compatibility_threshold=self._threshold,
            best=self._best,
            last_improved=self._last_improved,
            random_state=self._generator.bit_generator.state,
            hall_of_fame=self._hall,
        )

    @property
    def generation(self) -> int:
        """The generation that ``ask`` offers, counted from 0."""
        return self._generation

    @property
    def ids(self) -> npt.NDArray[np.int64]:
        """(num_genomes,) int64, ascending, of the genomes that ``ask`` offers."""
        return self._pool.ids

    @property
    def best(self) -> BestGenome | None:
        """The best genome of the run; survives everything, extinction included."""
        return self._best

    def ask(self) -> PoolGenomes:
        """Return the genomes to evaluate, by ascending id; the same sequence until ``tell``."""
        if self._asked is None:
            self._asked = self._pool.genomes()
        return self._asked

    def tell(self, fitnesses: npt.ArrayLike) -> GenerationStats:
        """Take the fitnesses and make the next generation.

        Args:
            fitnesses: (num_genomes,) float64, finite, in the order of ``ask``.

        Returns:
            What this generation was and what became of its species.

        Raises:
            PopulationError: wrong shape, or a value that is not finite; nothing has changed then.
            ExtinctionError: every species was stagnant and the settings say stop; the
                population stays as it was told, so that its state can still be saved. The
                error carries what would have been returned.
        """
        values = self._checked(fitnesses)
        told = self._pool
        champion = told.detached(int(values.argmax()))
        self._keep_best(champion, float(np.maximum.reduce(values)))
        members = self._members
        scores = [species_fitness(values[m], self._settings.stagnation) for m in members]
        species = tuple(
            with_improvement(s, f, self._generation)
            for s, f in zip(self._species, scores, strict=True)
        )
        removed = is_stagnant(species, scores, self._generation, self._settings.stagnation)
        events = [
            f"species {s.id} removed: no improvement since generation {s.last_improved}"
            for s, gone in zip(species, removed, strict=True)
            if gone
        ]
        breeding = [i for i, gone in enumerate(removed) if not gone]
        breeding = self._refocused(breeding, scores, events)
        end = None if breeding else self._end(events)
        counts = [0] * len(species)
        if end is None:
            counts = self._breed(species, breeding, members, values, events)
        table = species_table(species, scores, counts, self._generation)
        stats = generation_stats(
            self._generation,
            (told, champion),
            values,
            table,
            self._threshold,
            self._settings,
            events,
        )
        if end is not None:
            raise ExtinctionError(end, stats)
        self._generation += 1
        self._asked = None
        self._speciate(tuple(species[i] for i in breeding if counts[i] > 0))
        return stats

    def forget_fitness(self) -> None:
        """Let fitness begin anew, because from now on genomes are scored on something else.

        The best genome is forgotten, and no species counts as stagnant for what it did before.
        """
        self._best = None
        self._hall = ()
        self._last_improved = self._generation
        self._species = tuple(
            replace(s, best_fitness=-math.inf, last_improved=self._generation)
            for s in self._species
        )

    def _checked(self, fitnesses: npt.ArrayLike) -> npt.NDArray[np.float64]:
        expected = (len(self._pool),)
        try:
            values = np.asarray(fitnesses)
        except ValueError as error:  # nested lists of different lengths
            raise PopulationError(
                f"fitnesses: expected shape {expected} (num_genomes,); got values of different "
                "shapes. Pass one number per genome of ask(), in its order."
            ) from error
        if values.shape != expected:
            raise PopulationError(
                f"fitnesses: expected shape {expected} (num_genomes,); got {values.shape}. "
                "Pass one fitness per genome of ask(), in its order."
            )
        if values.dtype.kind not in "fiu":
            raise PopulationError(
                f"fitnesses: expected numbers; got dtype {values.dtype}. Pass float64 values."
            )
        values = values.astype(np.float64)
        is_finite = np.isfinite(values)
        if not is_finite.all():
            bad = np.flatnonzero(~is_finite)
            named = ", ".join(f"genome {self._pool.ids[i]}: {values[i]}" for i in bad[:5])
            raise PopulationError(
                f"fitnesses: must be finite; got {len(bad)} that are not ({named}). "
                "Give failed genomes the worst finite fitness."
            )
        return values

    def _keep_best(self, champion: Genome, fitness: float) -> None:
        if self._best is None or fitness > self._best.fitness:
            self._best = BestGenome(champion, fitness, self._generation)
            self._last_improved = self._generation
        if self._settings.extinction_rule == "hall_of_fame":
            self._hall = with_champion(self._hall, champion, fitness, self._generation)

    def _refocused(
        self, breeding: list[int], scores: Sequence[float], events: list[str]
    ) -> list[int]:
        """Let only the two fittest species breed when the whole population stagnates.

        Stanley & Miikkulainen 2002, section 4.1: after more than 20 generations.
        """
        limit = self._settings.stagnation.population_max_stagnation
        if limit is None or self._generation - self._last_improved <= limit or len(breeding) <= 2:
            return breeding
        self._last_improved = self._generation  # the two get as long before the next cut
        top = sorted(breeding, key=lambda i: (-scores[i], i))[:2]
        names = " and ".join(str(self._species[i].id) for i in sorted(top))
        events.append(f"population stagnant for {limit} generations: only species {names} breed")
        return sorted(top)

    def _breed(
        self,
        species: Sequence[SpeciesState],
        breeding: Sequence[int],
        members: Sequence[npt.NDArray[np.int64]],
        values: npt.NDArray[np.float64],
        events: list[str],
    ) -> list[int]:
        """Replace the genomes by the next generation; return each species' offspring count."""
        counts = [0] * len(species)
        if not breeding:
            events.append(self._begin_again(len(species)))
            return counts
        settings = self._settings
        parts = [ranked(members[i], values) for i in breeding]
        shares = adjusted_fitnesses(
            [values[p] for p in parts], settings.reproduction.fitness_sharing
        )
        sizes = [len(part) for part in parts]
        allotted = offspring_counts(shares, sizes, settings.pop_size, settings.reproduction)
        self._pool = next_generation(
            self._pool,
            values,
            parts,
            allotted,
            (self._rates, settings.reproduction),
            self._next_genome_id,
            self._generator,
        )
        self._next_genome_id = max(self._next_genome_id, int(self._pool.ids[-1]) + 1)
        for i, count in zip(breeding, allotted, strict=True):
            counts[i] = count
        return counts

    def _end(self, events: list[str]) -> str | None:
        """Return what to say if an extinction is the end, None if the genomes are replaced."""
        if self._settings.extinction_rule != "stop":
            return None
        text = (
            f"generation {self._generation}: all {len(self._species)} species are stagnant. "
            "Set [NEAT] reset_on_extinction = True or on_extinction = hall_of_fame, or "
            "[DefaultStagnation] species_elitism = 1 or more, or raise max_stagnation."
        )
        events.append(f"extinction: {text}")
        return text

    def _begin_again(self, num_species: int) -> str:
        """Replace the genomes after an extinction; return what to say of it."""
        self._last_improved = self._generation  # the new ones get their own time to improve
        if self._settings.extinction_rule == "hall_of_fame":
            self._pool = self._copies_of([kept.genome for kept in self._hall])
            how = f"goes on from the hall of fame ({len(self._hall)} champions)"
        else:
            self._pool = self._initial_pool()
            how = "started anew"
        return f"extinction: all {num_species} species were stagnant; {how}"

    def _copies_of(self, genomes: Sequence[Genome]) -> GenePool:
        """Return a generation that begins with genomes as they are; then copies mutated once."""
        ids = range(self._next_genome_id, self._next_genome_id + self._settings.pop_size)
        self._next_genome_id = ids.stop
        copies = [genomes[n % len(genomes)].changed(id=i) for n, i in enumerate(ids)]
        settings, table = self._settings.genome, self._innovations
        num_plain = len(genomes)
        mutants = [mutate(copy, settings, table, self._generator) for copy in copies[num_plain:]]
        return GenePool.of([*copies[:num_plain], *mutants], table)

    def _initial_pool(self) -> GenePool:
        ids = range(self._next_genome_id, self._next_genome_id + self._settings.pop_size)
        self._next_genome_id = ids.stop
        return initial_genomes(ids, self._settings.genome, self._innovations, self._generator)

    def _speciate(self, old_species: tuple[SpeciesState, ...]) -> None:
        self._species, self._members = speciate(
            self._pool,
            old_species,
            self._threshold,
            self._generation,
            self._next_species_id,
            (self._settings.genome, self._settings.species),
            self._generator,
        )
        self._next_species_id = max(self._next_species_id, self._species[-1].id + 1)
        self._threshold = adjusted_threshold(
            self._threshold, len(self._species), self._settings.species
        )


def _places(
    ids: npt.NDArray[np.int64], species: Sequence[SpeciesState]
) -> list[npt.NDArray[np.int64]]:
    """Return where the members of each species stand among all ids, which ascend."""
    ends = accumulate(len(s.member_ids) for s in species)
    wanted = np.fromiter(chain.from_iterable(s.member_ids for s in species), np.int64)
    places = np.searchsorted(ids, wanted)
    return [places[start:end] for start, end in pairwise([0, *ends])]


def _check_sizes(settings: NeatSettings, genomes: Sequence[Genome]) -> None:
    """Refuse sizes that are too small for the genomes: kernels would leave their arrays."""
    num_inputs, num_outputs = settings.genome.num_inputs, settings.genome.num_outputs
    most = max(-int(genome.source.min(initial=0)) for genome in genomes)
    if most > num_inputs or num_outputs < 1:
        raise PopulationError(
            f"state: its genomes must fit the sizes in the settings; got {most} inputs or more, "
            f"with num_inputs = {num_inputs} and num_outputs = {num_outputs}. Fill sizes that are "
            "auto from the task (neuroevo.config.resolve_sizes)."
        )
