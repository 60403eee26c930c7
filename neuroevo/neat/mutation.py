"""Mutation of one genome: structure first, then the attributes of every gene.

Each operator takes a genome and returns a genome. Rules and rates are neat-python's; the
innovation numbers are the run's (``innovation.py``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.attributes import (
    initial_enabled,
    initial_floats,
    mutated_codes,
    mutated_enabled,
    mutated_floats,
)
from neuroevo.neat.genome import (
    ACTIVATIONS,
    AGGREGATIONS,
    CONNECTION_FIELDS,
    NODE_FIELDS,
    Genome,
)
from neuroevo.neat.initial import initial_node_genes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels import is_reachable
from neuroevo.neat.settings import GenomeSettings


def mutate(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Return a mutated copy with the same id."""
    structured = mutate_structure(genome, settings, innovations, generator)
    if settings.structural_mutation_exclusive and structured is not genome:
        return structured
    return mutate_attributes(structured, settings, generator)


def mutate_structure(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Add a node, delete a node, add a connection, delete a connection, each with its probability.

    With ``single_structural_mutation`` at most one of them happens, chosen in proportion.
    """
    probs = (
        settings.node_add_prob,
        settings.node_delete_prob,
        settings.conn_add_prob,
        settings.conn_delete_prob,
    )
    if settings.single_structural_mutation:
        bounds = np.cumsum(probs) / max(1.0, sum(probs))
        wanted = np.arange(4) == np.searchsorted(bounds, generator.random(), side="right")
    else:
        wanted = generator.random(4) < probs
    if wanted[0]:
        genome = add_node(genome, settings, innovations, generator)
    if wanted[1]:
        genome = delete_node(genome, settings.num_outputs, generator)
    if wanted[2]:
        genome = add_connection(genome, settings, innovations, generator)
    if wanted[3]:
        genome = delete_connection(genome, generator)
    return genome


def mutate_attributes(
    genome: Genome, settings: GenomeSettings, generator: np.random.Generator
) -> Genome:
    """Mutate weights, enabled flags and node attributes."""
    return genome.changed(
        weight=mutated_floats(genome.weight, settings.weight, generator),
        enabled=mutated_enabled(genome.enabled, settings.enabled, generator),
        bias=mutated_floats(genome.bias, settings.bias, generator),
        response=mutated_floats(genome.response, settings.response, generator),
        time_constant=mutated_floats(genome.time_constant, settings.time_constant, generator),
        activation=mutated_codes(genome.activation, settings.activation, ACTIVATIONS, generator),
        aggregation=mutated_codes(
            genome.aggregation, settings.aggregation, AGGREGATIONS, generator
        ),
    )


def add_node(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Split a random connection: it is disabled and two connections lead through a new node.

    The new node has bias 0, the connection into it weight 1, the one out of it the old weight
    (Stanley & Miikkulainen 2002, section 3.1). A genome without connections gets a connection
    instead when ``structural_mutation_surer``.
    """
    if genome.num_connections == 0:
        if settings.structural_mutation_surer:
            return add_connection(genome, settings, innovations, generator)
        return genome
    position = int(generator.integers(genome.num_connections))
    node_id = innovations.split(int(genome.innovation[position]), set(genome.node_ids.tolist()))
    source, target = int(genome.source[position]), int(genome.target[position])
    weight = float(genome.weight[position])
    enabled = genome.enabled.copy()
    enabled[position] = False
    node = initial_node_genes(1, settings, generator) | {"bias": np.zeros(1)}
    genome = _with_node(genome.changed(enabled=enabled), node_id, node)
    genome = _with_connection(
        genome, innovations.connection(source, node_id), source, node_id, 1.0, True
    )
    return _with_connection(
        genome, innovations.connection(node_id, target), node_id, target, weight, True
    )


def delete_node(genome: Genome, num_outputs: int, generator: np.random.Generator) -> Genome:
    """Delete a random hidden node with all its connections; outputs always stay."""
    num_hidden = genome.num_nodes - num_outputs
    if num_hidden == 0:
        return genome
    position = num_outputs + int(generator.integers(num_hidden))
    node_id = genome.node_ids[position]
    keep = (genome.source != node_id) & (genome.target != node_id)
    nodes = {name: np.delete(getattr(genome, name), position) for name, _ in NODE_FIELDS}
    connections = {name: getattr(genome, name)[keep] for name, _ in CONNECTION_FIELDS}
    return genome.changed(**nodes, **connections)


def add_connection(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Join a random source (input or node) to a random node, if that is possible.

    Nothing happens when the pair is joined already (``structural_mutation_surer`` enables it),
    when both are outputs, or when a feed-forward genome would get a cycle. In a feed-forward
    genome an output is no source.
    """
    target = int(genome.node_ids[generator.integers(genome.num_nodes)])
    first = settings.num_outputs if settings.feed_forward else 0
    sources = genome.num_nodes - first + settings.num_inputs
    choice = int(generator.integers(sources)) - settings.num_inputs
    source = choice if choice < 0 else int(genome.node_ids[first + choice])
    existing = np.flatnonzero((genome.source == source) & (genome.target == target))
    if len(existing):
        return _enabled_at(genome, existing) if settings.structural_mutation_surer else genome
    if 0 <= source < settings.num_outputs and target < settings.num_outputs:
        return genome
    if settings.feed_forward and source >= 0 and _closes_cycle(genome, source, target):
        return genome
    weight = float(initial_floats(1, settings.weight, generator)[0])
    enabled = bool(initial_enabled(1, settings.enabled, generator)[0])
    number = innovations.connection(source, target)
    return _with_connection(genome, number, source, target, weight, enabled)


def delete_connection(genome: Genome, generator: np.random.Generator) -> Genome:
    """Delete a random connection gene."""
    if genome.num_connections == 0:
        return genome
    position = int(generator.integers(genome.num_connections))
    return genome.changed(
        **{name: np.delete(getattr(genome, name), position) for name, _ in CONNECTION_FIELDS}
    )


def _enabled_at(genome: Genome, positions: npt.NDArray[np.int64]) -> Genome:
    enabled = genome.enabled.copy()
    enabled[positions] = True
    return genome.changed(enabled=enabled)


def _closes_cycle(genome: Genome, source: int, target: int) -> bool:
    # Disabled connections count: they may be enabled again without another check.
    return bool(is_reachable(genome.source, genome.target, target, source))


def _with_node(genome: Genome, node_id: int, genes: dict[str, npt.NDArray[Any]]) -> Genome:
    at = int(np.searchsorted(genome.node_ids, node_id))
    arrays = {"node_ids": np.insert(genome.node_ids, at, node_id)}
    for name, value in genes.items():
        arrays[name] = np.insert(getattr(genome, name), at, value[0])
    return genome.changed(**arrays)


def _with_connection(
    genome: Genome, innovation: int, source: int, target: int, weight: float, enabled: bool
) -> Genome:
    at = int(np.searchsorted(genome.innovation, innovation))
    values = (innovation, source, target, weight, enabled)
    return genome.changed(
        **{
            name: np.insert(getattr(genome, name), at, value)
            for (name, _), value in zip(CONNECTION_FIELDS, values, strict=True)
        }
    )
