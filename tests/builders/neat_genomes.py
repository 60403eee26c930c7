"""Genomes, settings and populations for the tests of the NEAT core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from naive.neat import Connection, Node, PlainGenome

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome, genome_to_bytes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import rates_of
from neuroevo.neat.pool import GenePool
from neuroevo.neat.population import Population
from neuroevo.neat.reproduction import next_generation, ranked
from neuroevo.neat.settings import (
    ChoiceAttributeSettings,
    EnabledSettings,
    FloatAttributeSettings,
    GenomeSettings,
    NeatSettings,
    ReproductionSettings,
    StagnationSettings,
)
from neuroevo.neat.state import PopulationState

FROZEN = FloatAttributeSettings(mutate_rate=0.0, replace_rate=0.0)
"""A float attribute that never mutates."""

ANY_ACTIVATION = ChoiceAttributeSettings("random", ACTIVATIONS, 0.3)
ANY_AGGREGATION = ChoiceAttributeSettings("random", AGGREGATIONS, 0.3)

NO_MUTATION: dict[str, Any] = {
    "weight": FROZEN,
    "bias": FROZEN,
    "response": FROZEN,
    "activation": ChoiceAttributeSettings("random", ACTIVATIONS, 0.0),
    "aggregation": ChoiceAttributeSettings("random", AGGREGATIONS, 0.0),
    "enabled": EnabledSettings(mutate_rate=0.0),
    "conn_add_prob": 0.0,
    "conn_delete_prob": 0.0,
    "node_add_prob": 0.0,
    "node_delete_prob": 0.0,
}
"""Genome settings under which mutation changes nothing."""


def make_genome(
    connections: Sequence[tuple[int, int, int, float, bool]],
    node_ids: Sequence[int] = (0,),
    genome_id: int = 1,
    **arrays: Any,
) -> Genome:
    """Build a genome from rows (innovation, source, target, weight, enabled)."""
    count = len(node_ids)
    columns = list(zip(*connections, strict=True)) or [()] * 5
    innovation, source, target, weight, enabled = columns
    values: dict[str, Any] = {
        "bias": np.zeros(count),
        "response": np.ones(count),
        "time_constant": np.ones(count),
        "activation": np.zeros(count, np.uint8),
        "aggregation": np.zeros(count, np.uint8),
    }
    return Genome(
        id=genome_id,
        node_ids=np.array(node_ids),
        **(values | arrays),
        innovation=np.array(innovation, np.int64),
        source=np.array(source, np.int64),
        target=np.array(target, np.int64),
        weight=np.array(weight, np.float64),
        enabled=np.array(enabled, np.bool_),
    )


def tangled_genome(
    rng: np.random.Generator,
    num_inputs: int = 3,
    num_outputs: int = 2,
    num_hidden: int = 4,
    num_connections: int = 10,
    genome_id: int = 1,
) -> Genome:
    """Draw a recurrent genome whose innovation numbers are a function of the joined pair.

    So two such genomes agree on the marks of the connections they share, and have different
    hidden nodes. At most ``num_connections``, fewer when there are not so many pairs.
    """
    hidden = num_outputs + rng.choice(2 * num_hidden + 1, num_hidden, replace=False)
    node_ids = np.concatenate([np.arange(num_outputs), np.sort(hidden)]).astype(np.int64)
    ends = np.concatenate([np.arange(-num_inputs, 0), node_ids])
    pairs = np.array([(s, t) for s in ends for t in node_ids])
    pairs = pairs[rng.permutation(len(pairs))[:num_connections]]
    innovation = (pairs[:, 0] * 31 + pairs[:, 1] * 17) % 101 * 10_000
    innovation += (pairs[:, 0] + num_inputs) * 100 + pairs[:, 1]
    order = np.argsort(innovation)
    count, size = len(node_ids), len(pairs)
    return Genome(
        id=genome_id,
        node_ids=node_ids,
        bias=rng.normal(size=count),
        response=rng.normal(size=count),
        time_constant=rng.uniform(0.01, 10, count),
        activation=rng.integers(len(ACTIVATIONS), size=count),
        aggregation=rng.integers(len(AGGREGATIONS), size=count),
        innovation=innovation[order],
        source=pairs[order, 0],
        target=pairs[order, 1],
        weight=rng.normal(size=size),
        enabled=rng.random(size) < 0.7,
    )


def plain(genome: Genome) -> PlainGenome:
    """Return the genome as the slow twins take it."""
    nodes = zip(
        genome.bias.tolist(), genome.response.tolist(), genome.time_constant.tolist(),
        genome.activation.tolist(), genome.aggregation.tolist(), strict=True,
    )  # fmt: skip
    connections = zip(
        genome.source.tolist(), genome.target.tolist(),
        genome.weight.tolist(), genome.enabled.tolist(), strict=True,
    )  # fmt: skip
    return PlainGenome(
        {i: Node(*n) for i, n in zip(genome.node_ids.tolist(), nodes, strict=True)},
        {i: Connection(*c) for i, c in zip(genome.innovation.tolist(), connections, strict=True)},
    )


def arrows(genome: Genome) -> list[tuple[int, int]]:
    """Return the (source, target) pairs of all connections, disabled ones included."""
    return list(zip(genome.source.tolist(), genome.target.tolist(), strict=True))


def genome_settings(num_inputs: int = 2, num_outputs: int = 1, **changes: Any) -> GenomeSettings:
    """Return genome settings with every attribute in motion unless told otherwise."""
    moving: dict[str, Any] = {
        "response": FloatAttributeSettings(mutate_rate=0.3),
        "activation": ANY_ACTIVATION,
        "aggregation": ANY_AGGREGATION,
        "enabled": EnabledSettings(mutate_rate=0.1),
    }
    return GenomeSettings(num_inputs, num_outputs, **(moving | changes))


def neat_settings(genome: GenomeSettings | None = None, **changes: Any) -> NeatSettings:
    """Return settings of a small population that does not stagnate unless told otherwise."""
    small: dict[str, Any] = {"pop_size": 20, "stagnation": StagnationSettings(max_stagnation=9999)}
    return NeatSettings(genome or genome_settings(), **(small | changes))


def bred(
    species: Sequence[tuple[Sequence[Genome], Sequence[float]]],
    counts: Sequence[int],
    settings: tuple[GenomeSettings, ReproductionSettings],
    rng: np.random.Generator,
    next_genome_id: int = 1000,
) -> tuple[Genome, ...]:
    """Return the next generation of species that are given as members and their fitnesses.

    Members come by ascending id, over all species.
    """
    genomes = [genome for members, _ in species for genome in members]
    pool = GenePool.of(genomes, InnovationTable.of_genomes(genomes, 5))
    fitnesses = np.concatenate([np.asarray(values, np.float64) for _, values in species])
    ends = np.cumsum([len(members) for members, _ in species])
    ranking = [
        ranked(np.arange(end - len(members), end), fitnesses)
        for end, (members, _) in zip(ends, species, strict=True)
    ]
    rules = rates_of(settings[0]), settings[1]
    new = next_generation(pool, fitnesses, ranking, counts, rules, next_genome_id, rng)
    return new.genomes()


def told(population: Population, num_generations: int, seed: int = 0) -> Population:
    """Tell the population fitnesses that depend only on seed, generation and genome id."""
    for _ in range(num_generations):
        population.tell(drawn_fitnesses(population, seed))
    return population


def drawn_fitnesses(population: Population, seed: int = 0) -> np.ndarray:
    """Return fitnesses for the present genomes, a pure function of seed, generation and id."""
    generation = population.generation
    return np.array(
        [np.random.default_rng([seed, generation, g.id]).normal() for g in population.ask()]
    )


def fingerprint(state: PopulationState) -> tuple[Any, ...]:
    """Return everything in a state as comparable values; equal only if every bit is equal."""
    species = tuple(
        (
            s.id, s.created, s.last_improved, s.best_fitness,
            genome_to_bytes(s.representative), s.member_ids,
        )
        for s in state.species
    )  # fmt: skip
    best = state.best
    marks = state.innovations
    return (
        state.generation,
        tuple(genome_to_bytes(g) for g in state.genomes),
        species,
        marks.connections.tolist(),
        marks.splits.tolist(),
        (marks.next_innovation, marks.next_node_id),
        (state.next_genome_id, state.next_species_id),
        state.compatibility_threshold,
        best and (genome_to_bytes(best.genome), best.fitness, best.generation),
        state.last_improved,
        repr(state.random_state),
    )
