"""Short runs over many settings, each summed up in one digest: nothing may change a result."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from builders.neat_genomes import genome_settings

from neuroevo.neat.population import Population
from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
    NeatSettings,
    ReproductionSettings,
    SpeciesSettings,
    StagnationSettings,
)
from neuroevo.storage.digest import state_digest

_BASE = genome_settings(4, 2, num_hidden=1)
_STARTS = ("unconnected", "fs_neat", "fs_neat_hidden", "full", "full_direct", "partial_direct")
_GENOMES: dict[str, dict[str, Any]] = {
    "uniform": {
        "weight": FloatAttributeSettings(
            init_type="uniform", mutate_type="uniform", min_value=-2.0, max_value=2.0
        ),
        "bias": FloatAttributeSettings(mutate_type="uniform", genome_mutate_prob=0.5),
    },
    "time constant": {
        "time_constant": FloatAttributeSettings(
            1.0, 0.1, "uniform", 0.2, 0.3, 0.1, 10.0, 0.01
        )
    },
    "frozen": {
        "weight": FloatAttributeSettings(mutate_rate=0.0, replace_rate=0.0),
        "enabled": EnabledSettings(mutate_rate=0.0),
    },
    "enabled by value": {"enabled": EnabledSettings("random", 0.0, 0.2, 0.0)},
    "single": {"single_structural_mutation": True, "node_add_prob": 0.6, "conn_add_prob": 0.7},
    "surer": {"structural_mutation_surer": True, "initial_connection": "unconnected"},
    "exclusive": {"structural_mutation_exclusive": True, "node_add_prob": 0.1},
    "split": {"node_add_prob": 1.0, "conn_delete_prob": 0.0, "feed_forward": False},
    "coefficients": {
        "compatibility_excess_coefficient": 2.3, "compatibility_disjoint_coefficient": 1.7,
        "compatibility_enable_penalty": 0.3,
    },
    "mean": {"compatibility_weight_term": "mean", "compatibility_small_genome_size": 12},
    "no nodes": {"compatibility_include_node_genes": False},
    "codes": {
        "activation": ChoiceAttributeSettings("tanh", ("tanh", "sin", "gauss"), 0.9),
        "aggregation": ChoiceAttributeSettings("random", ("sum",), 0.5),
    },
}  # fmt: skip
_POPULATIONS: dict[str, dict[str, Any]] = {
    "paper": {
        "species": SpeciesSettings(2.0, representative="random", assignment="first"),
        "reproduction": ReproductionSettings(
            0, 5, 0.2, 1, "canonical", "proportional", 0.25, 0.2, 0.05
        ),
    },
    "random, nearest": {"species": SpeciesSettings(1.5, representative="random")},
    "nearest, first": {"species": SpeciesSettings(1.5, assignment="first")},
    "interspecies": {
        "reproduction": ReproductionSettings(
            elitism=2, interspecies_crossover_prob=0.4, mate_only_prob=0.3, mutate_only_prob=0.3
        )
    },
    "more elites than members": {
        "reproduction": ReproductionSettings(elitism=3, min_species_size=4),
        "species": SpeciesSettings(1e-9),
    },
    "stagnant": {"stagnation": StagnationSettings("max", 2, 2)},
    "extinct": {
        "stagnation": StagnationSettings("median", 2, 0), "reset_on_extinction": True,
    },
    "refocused": {
        "stagnation": StagnationSettings("min", 99, 0, 2), "species": SpeciesSettings(1.2),
    },
}  # fmt: skip


def cases() -> Iterator[tuple[str, NeatSettings]]:
    """Yield names and settings that together use every path of reproduction and speciation."""
    rest: dict[str, Any] = {"pop_size": 30, "species": SpeciesSettings(2.0)}
    for index, kind in enumerate(_STARTS):
        genome = genome_settings(
            3, 2, num_hidden=index % 3, feed_forward=index % 2 == 0, initial_connection=kind,
            connection_fraction=0.5,
        )  # fmt: skip
        yield kind, NeatSettings(genome, **rest)
    for name, changes in _GENOMES.items():
        yield name, NeatSettings(replace(_BASE, **changes), **rest)
    for name, changes in _POPULATIONS.items():
        yield name, NeatSettings(_BASE, **(rest | changes))


def run_digest(settings: NeatSettings, seed: int = 1, num_generations: int = 12) -> str:
    """Return a hash over every generation's digest and statistics; restored in the middle."""
    population = Population(settings, seed)
    digest = hashlib.sha256()
    for generation in range(num_generations):
        rng = np.random.default_rng([seed, generation])
        fitnesses = rng.normal(size=settings.pop_size).round(1)
        digest.update(state_digest(population.state(), fitnesses).encode())
        stats = population.tell(fitnesses)
        numbers = (
            stats.fitness_quartiles, stats.mean_num_nodes, stats.mean_num_connections,
            stats.champion.id, stats.species, stats.events,
        )  # fmt: skip
        digest.update(repr(numbers).encode())
        if generation == num_generations // 2:
            population = Population.from_state(settings, population.state())
    return digest.hexdigest()
