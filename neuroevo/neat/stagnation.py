"""Stagnation: which species improved, and which have gone without improvement for too long."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from neuroevo.neat.settings import StagnationSettings
from neuroevo.neat.state import BestGenome, SpeciesState


def mean(values: np.ndarray) -> float:
    """Return what ``np.mean`` does, to the last bit, in a third of its time.

    Where the sum of finite values is not finite, their mean is.
    """
    average = float(np.add.reduce(values)) / len(values)
    return average if math.isfinite(average) else float(np.add.reduce(values / len(values)))


_SPECIES_FITNESS: Mapping[str, Callable[[np.ndarray], float]] = {
    "mean": mean,
    "median": lambda f: float(np.sort(f)[len(f) // 2]),  # neat-python's: the upper middle
    "max": lambda f: float(np.maximum.reduce(f)),
    "min": lambda f: float(np.minimum.reduce(f)),
}


def species_fitness(fitnesses: np.ndarray, settings: StagnationSettings) -> float:
    """Return the fitness of a species from its members' (n,) fitnesses."""
    return _SPECIES_FITNESS[settings.species_fitness_func](fitnesses)


def with_improvement(species: SpeciesState, fitness: float, generation: int) -> SpeciesState:
    """Return the species with its best fitness and the generation of its last improvement."""
    if fitness > species.best_fitness:
        return replace(species, best_fitness=fitness, last_improved=generation)
    return species


def is_stagnant(
    species: Sequence[SpeciesState],
    fitnesses: Sequence[float],
    generation: int,
    settings: StagnationSettings,
) -> tuple[bool, ...]:
    """Tell for each species whether it is removed.

    A species is stagnant after ``max_stagnation`` generations without improvement. The
    ``species_elitism`` fittest are always kept, and the worst go first, as in neat-python.

    Args:
        species: by id, already updated by :func:`with_improvement`.
        fitnesses: species fitness, in the same order.
        generation: the one just evaluated.
        settings: of the stagnation.
    """
    limit = generation - settings.max_stagnation
    is_late = [s.last_improved <= limit for s in species]
    if True not in is_late:
        return tuple(is_late)
    order = sorted(range(len(species)), key=lambda i: (fitnesses[i], species[i].id))
    for i in order[max(0, len(order) - settings.species_elitism) :]:
        is_late[i] = False
    return tuple(is_late)


def long_stagnation(
    generation: int, best: BestGenome, every: int, settings: StagnationSettings
) -> str | None:
    """Return what to say of a run without a better genome for long; None if it is not the time.

    Said after ``every`` generations, then at each doubling of them.

    Args:
        generation: the one just told.
        best: of the run.
        every: generations; 0 never says anything.
        settings: of the stagnation.
    """
    times, rest = divmod(generation - best.generation, every) if every else (0, 0)
    if rest or times < 1 or times & (times - 1):  # not a power of two
        return None
    focus = "" if settings.population_max_stagnation else (
        "[DefaultStagnation] population_max_stagnation = 20 (only the two best species breed), "
    )  # fmt: skip
    return (
        f"stagnation: no better fitness than {best.fitness:g} for {times * every} generations, "
        f"since generation {best.generation}. What may help: a larger [NEAT] pop_size, {focus}"
        "higher [DefaultGenome] conn_add_prob, node_add_prob or weight_mutate_power, or a fitness "
        "that pays for smaller steps (plots/terms.png). [Run] stagnation_notice sets when this is "
        "said."
    )
