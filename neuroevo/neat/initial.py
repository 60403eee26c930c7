"""The first generation: genomes with the topology that ``initial_connection`` names."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from neuroevo.neat.attributes import from_normals, initial_codes, initial_enabled, initial_floats
from neuroevo.neat.gene_block import empty_genes
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, links_of
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels.arrays import Genes
from neuroevo.neat.pool import GenePool
from neuroevo.neat.settings import ChoiceAttributeSettings, GenomeSettings

Pairs = npt.NDArray[np.int64]

_CHUNK = 1 << 14
"""About so many numbers are drawn at a time, so that a large population is never there twice."""


def initial_genomes(
    ids: range,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> GenePool:
    """Create genomes with the given ids.

    All share the ids of their initial hidden nodes, and every connection that any of them could
    start with has its innovation number before the first genome is drawn, so that numbers do
    not depend on which connections a genome happens to get.
    """
    pairs = possible_connections(settings)
    slots = innovations.slots_of_pairs(pairs)
    num_nodes = settings.num_outputs + settings.num_hidden
    genes = empty_genes(len(ids), len(ids) * num_nodes, len(ids) * len(pairs))
    genes.node_ids.reshape(len(ids), num_nodes)[:] = np.arange(num_nodes)
    for kind, choice in enumerate(_choices(settings)):
        if choice[0].default != "random":  # then nothing is drawn, so that all are made at once
            genes.node_codes[kind] = initial_codes(len(ids) * num_nodes, *choice, generator)
    if _draws_normals_alone(settings):
        _draw_at_once(genes, len(ids), np.sort(slots), settings, generator)
    else:
        _draw_one_by_one(genes, len(ids), slots, settings, generator)
    return GenePool(np.arange(ids.start, ids.stop), genes, innovations)


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


def _choices(
    settings: GenomeSettings,
) -> tuple[tuple[ChoiceAttributeSettings, tuple[str, ...]], ...]:
    """Return the rules and the names of activations and aggregations."""
    return (settings.activation, ACTIVATIONS), (settings.aggregation, AGGREGATIONS)


def _draws_normals_alone(settings: GenomeSettings) -> bool:
    """Tell whether a genome takes nothing but standard normal numbers, as many as every other."""
    floats = (settings.bias, settings.response, settings.time_constant, settings.weight)
    others = (settings.activation, settings.aggregation, settings.enabled)
    return (
        all(attribute.init_type != "uniform" for attribute in floats)
        and all(attribute.default != "random" for attribute in others)
        and not settings.initial_connection.startswith(("fs_neat", "partial"))
    )


def _draw_at_once(
    genes: Genes,
    num_genomes: int,
    slots: npt.NDArray[np.int64],
    settings: GenomeSettings,
    generator: np.random.Generator,
) -> None:
    """Draw what :func:`_draw_one_by_one` draws, to the last bit, where that is normals alone."""
    num_nodes, num_links = settings.num_outputs + settings.num_hidden, len(slots)
    genes.offsets[:] = np.outer([num_nodes, num_links], np.arange(num_genomes + 1))
    enabled = initial_enabled(num_links, settings.enabled, generator)
    genes.link.reshape(num_genomes, num_links)[:] = links_of(slots, enabled)
    of_nodes = genes.node_floats.reshape(3, num_genomes, num_nodes)
    weights = genes.weight.reshape(num_genomes, num_links)
    first, size = 3 * num_nodes, 3 * num_nodes + num_links
    some = max(_CHUNK // size, 1)
    for begin in range(0, num_genomes, some):
        here = slice(begin, min(begin + some, num_genomes))
        normals = generator.standard_normal((here.stop - begin, size))
        floats = (settings.bias, settings.response, settings.time_constant)
        for kind, attribute in enumerate(floats):
            drawn = normals[:, kind * num_nodes : (kind + 1) * num_nodes]
            of_nodes[kind, here] = from_normals(drawn, attribute)
        weights[here] = from_normals(normals[:, first:], settings.weight)


def _draw_one_by_one(
    genes: Genes,
    num_genomes: int,
    slots: npt.NDArray[np.int64],
    settings: GenomeSettings,
    generator: np.random.Generator,
) -> None:
    """Draw genome after genome; ``slots`` are those of all possible connections."""
    pairs = possible_connections(settings)
    for place in range(num_genomes):
        chosen = _chosen(settings, pairs, generator)
        # Innovations of a run that went extinct need not ascend with the position in ``pairs``.
        _draw_genome(genes, place, np.sort(slots[chosen]), settings, generator)


def _draw_genome(
    genes: Genes,
    place: int,
    slots: npt.NDArray[np.int64],
    settings: GenomeSettings,
    generator: np.random.Generator,
) -> None:
    """Draw what is random of the genome at a place, whose connections have these slots."""
    num_nodes = settings.num_outputs + settings.num_hidden
    nodes, connections = genes.offsets[:, place].tolist()
    genes.offsets[:, place + 1] = nodes + num_nodes, connections + len(slots)
    rows = slice(nodes, nodes + num_nodes)
    floats = (settings.bias, settings.response, settings.time_constant)
    for kind, attribute in enumerate(floats):
        genes.node_floats[kind, rows] = initial_floats(num_nodes, attribute, generator)
    for kind, choice in enumerate(_choices(settings)):
        if choice[0].default == "random":
            genes.node_codes[kind, rows] = initial_codes(num_nodes, *choice, generator)
    rows = slice(connections, connections + len(slots))
    genes.weight[rows] = initial_floats(len(slots), settings.weight, generator)
    genes.link[rows] = links_of(slots, initial_enabled(len(slots), settings.enabled, generator))
