"""The first generation: genomes with the topology that ``initial_connection`` names."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.attributes import initial_codes, initial_enabled, initial_floats
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.settings import GenomeSettings

Pairs = npt.NDArray[np.int64]


def initial_genomes(
    ids: range,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> tuple[Genome, ...]:
    """Create genomes with the given ids.

    All share the ids of their initial hidden nodes, and every connection that any of them could
    start with has its innovation number before the first genome is drawn, so that numbers do
    not depend on which connections a genome happens to get.
    """
    pairs = possible_connections(settings)
    numbers = innovations.connections(pairs)
    return tuple(
        _initial_genome(i, settings, pairs, numbers, _chosen(settings, pairs, generator), generator)
        for i in ids
    )


def possible_connections(settings: GenomeSettings) -> Pairs:
    """Return all (source id, target id) pairs the topology can start with, (n, 2) int64."""
    inputs = list(range(-1, -settings.num_inputs - 1, -1))
    outputs = list(range(settings.num_outputs))
    hidden = list(range(settings.num_outputs, settings.num_outputs + settings.num_hidden))
    kind = settings.initial_connection
    if kind == "unconnected":
        pairs: list[tuple[int, int]] = []
    elif kind.startswith("fs_neat"):
        targets = outputs + hidden if kind == "fs_neat_hidden" else outputs
        pairs = [(i, t) for i in inputs for t in targets]
    else:
        pairs = [(i, h) for i in inputs for h in hidden] + [(h, o) for h in hidden for o in outputs]
        if kind.endswith("_direct") or not hidden:
            pairs += [(i, o) for i in inputs for o in outputs]
        if not settings.feed_forward:
            pairs += [(n, n) for n in outputs + hidden]
    return np.array(pairs, dtype=np.int64).reshape(-1, 2)


def _chosen(
    settings: GenomeSettings, pairs: Pairs, generator: np.random.Generator
) -> npt.NDArray[np.int64]:
    """Return which of the possible connections one genome gets, as ascending positions."""
    kind = settings.initial_connection
    if kind.startswith("fs_neat"):  # one input, joined to every target (Whiteson et al. 2005)
        source = -1 - generator.integers(settings.num_inputs)
        return np.flatnonzero(pairs[:, 0] == source)
    if kind.startswith("partial"):
        count = round(len(pairs) * settings.connection_fraction)
        return np.sort(generator.choice(len(pairs), size=count, replace=False))
    return np.arange(len(pairs))


def _initial_genome(
    genome_id: int,
    settings: GenomeSettings,
    pairs: Pairs,
    numbers: npt.NDArray[np.int64],
    chosen: npt.NDArray[np.int64],
    generator: np.random.Generator,
) -> Genome:
    num_nodes = settings.num_outputs + settings.num_hidden
    # Innovations of a run that went extinct need not ascend with the position in ``pairs``.
    chosen = chosen[np.argsort(numbers[chosen])]
    return Genome(
        id=genome_id,
        node_ids=np.arange(num_nodes),
        **initial_node_genes(num_nodes, settings, generator),
        innovation=numbers[chosen],
        source=pairs[chosen, 0],
        target=pairs[chosen, 1],
        weight=initial_floats(len(chosen), settings.weight, generator),
        enabled=initial_enabled(len(chosen), settings.enabled, generator),
    )


def initial_node_genes(
    count: int, settings: GenomeSettings, generator: np.random.Generator
) -> dict[str, npt.NDArray[Any]]:
    """Draw the attributes of ``count`` new nodes; keys are the field names of :class:`Genome`."""
    return {
        "bias": initial_floats(count, settings.bias, generator),
        "response": initial_floats(count, settings.response, generator),
        "time_constant": initial_floats(count, settings.time_constant, generator),
        "activation": initial_codes(count, settings.activation, ACTIVATIONS, generator),
        "aggregation": initial_codes(count, settings.aggregation, AGGREGATIONS, generator),
    }
