"""Mutation: structure first, then the attributes of every gene.

Rates are neat-python's; the innovation numbers are the run's (``innovation.py``). A generation is
mutated child by child inside one kernel (``kernels/breeding.py``); the operators here are the same
kernels for a genome at a time, each with a genome in and a genome out.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from neuroevo.neat.attributes import default_code, enabled_rule, float_rule, option_codes
from neuroevo.neat.gene_block import empty_genes
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.kernels import operators, structure
from neuroevo.neat.kernels.arrays import NUM_CONNECTIONS, NUM_NODES, Draft, Rates
from neuroevo.neat.pool import GenePool, scratch_for
from neuroevo.neat.settings import GenomeSettings

NODES_PER_CHILD, CONNECTIONS_PER_CHILD = 1, 3
"""By how much one mutation can lengthen a genome: a split, and a connection."""


def mutate(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Return a mutated copy with the same id.

    With ``structural_mutation_exclusive`` a genome whose structure changed keeps its attributes.
    """
    return _operated(operators.ALL, genome, settings, innovations, generator)


def mutate_structure(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Add a node, delete a node, add a connection, delete a connection, each with its probability.

    With ``single_structural_mutation`` at most one of them happens, chosen in proportion.
    """
    return _operated(operators.STRUCTURE, genome, settings, innovations, generator)


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
    return _operated(structure.ADD_NODE, genome, settings, innovations, generator)


def delete_node(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Delete a random hidden node with all its connections; outputs always stay."""
    return _operated(structure.DELETE_NODE, genome, settings, innovations, generator)


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
    return _operated(structure.ADD_CONNECTION, genome, settings, innovations, generator)


def delete_connection(
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Delete a random connection gene."""
    return _operated(structure.DELETE_CONNECTION, genome, settings, innovations, generator)


@lru_cache(maxsize=32)
def rates_of(settings: GenomeSettings) -> Rates:
    """Return the settings of mutation as the kernels take them."""
    probs = np.array(
        [
            settings.node_add_prob, settings.node_delete_prob,
            settings.conn_add_prob, settings.conn_delete_prob,
        ],
        dtype=np.float64,
    )  # fmt: skip
    if settings.single_structural_mutation:
        probs = np.cumsum(probs) / max(1.0, sum(probs.tolist()))
    floats = (settings.bias, settings.response, settings.time_constant, settings.weight)
    choices = ((settings.activation, ACTIVATIONS), (settings.aggregation, AGGREGATIONS))
    return Rates(
        num_inputs=settings.num_inputs,
        num_outputs=settings.num_outputs,
        is_feed_forward=settings.feed_forward,
        is_single=settings.single_structural_mutation,
        is_surer=settings.structural_mutation_surer,
        is_exclusive=settings.structural_mutation_exclusive,
        inherit_disabled_prob=float(settings.inherit_disabled_prob),
        structure=probs,
        floats=np.stack([float_rule(each) for each in floats]),
        enabled=enabled_rule(settings.enabled),
        options=np.stack([option_codes(*each) for each in choices]),
        codes=np.array([[default_code(*each), each[0].mutate_rate] for each in choices]),
    )


def _operated(
    operator: int,
    genome: Genome,
    settings: GenomeSettings,
    innovations: InnovationTable,
    generator: np.random.Generator,
) -> Genome:
    """Return what an operator makes of a copy; the genome itself if it does nothing."""
    draft = _draft(genome, innovations)
    scratch = scratch_for(max(genome.num_nodes, genome.num_connections), innovations)
    has_acted = operators.operate(
        operator, draft, rates_of(settings), innovations.marks, scratch, generator
    )
    if not has_acted:
        return genome
    return _finished(draft, genome.id, innovations)


def _draft(genome: Genome, innovations: InnovationTable) -> Draft:
    """Return a copy of a genome with room after it, and make room in the table."""
    innovations.reserve(CONNECTIONS_PER_CHILD, NODES_PER_CHILD)
    sizes = (genome.num_nodes, genome.num_connections)
    genes = empty_genes(1, sizes[0] + NODES_PER_CHILD, sizes[1] + CONNECTIONS_PER_CHILD)
    draft = Draft(genes, np.zeros(4, dtype=np.int64))
    genes.offsets[:, 1] = sizes
    operators.copy(GenePool.of([genome], innovations).genes, 0, draft)
    return draft


def _finished(draft: Draft, genome_id: int, innovations: InnovationTable) -> Genome:
    genes, at = draft
    genes.offsets[:, 1] = at[NUM_NODES], at[NUM_CONNECTIONS]
    return GenePool(np.array([genome_id]), genes, innovations).genomes()[0]
