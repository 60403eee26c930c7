"""One genome as the networks that tests compare: the slow twin's and neat-python's."""

from __future__ import annotations

from types import SimpleNamespace

import neat
from builders.neat_python import as_neat_python
from naive.network import NaiveNetwork
from neat.activations import ActivationFunctionSet
from neat.aggregations import AggregationFunctionSet

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome


def naive_network(
    genome: Genome, num_inputs: int, num_outputs: int, feed_forward: bool
) -> NaiveNetwork:
    """Return the slow twin of the genome's network."""
    nodes = [
        {
            "id": int(genome.node_ids[k]),
            "bias": float(genome.bias[k]),
            "response": float(genome.response[k]),
            "activation": ACTIVATIONS[genome.activation[k]],
            "aggregation": AGGREGATIONS[genome.aggregation[k]],
        }
        for k in range(genome.num_nodes)
    ]
    connections = zip(
        genome.source.tolist(),
        genome.target.tolist(),
        genome.weight.tolist(),
        genome.enabled.tolist(),
        strict=True,
    )
    return NaiveNetwork(nodes, connections, num_inputs, num_outputs, feed_forward)


def neat_python_network(
    genome: Genome, num_inputs: int, num_outputs: int, feed_forward: bool
) -> neat.nn.RecurrentNetwork | neat.nn.FeedForwardNetwork:
    """Return neat-python's own network of the same genes, in the same order."""
    kind = neat.nn.FeedForwardNetwork if feed_forward else neat.nn.RecurrentNetwork
    return kind.create(as_neat_python(genome), network_config(num_inputs, num_outputs))


def network_config(num_inputs: int, num_outputs: int) -> SimpleNamespace:
    """Return what neat-python reads to create a network."""
    genome_config = SimpleNamespace(
        input_keys=[-1 - k for k in range(num_inputs)],
        output_keys=list(range(num_outputs)),
        activation_defs=ActivationFunctionSet(),
        aggregation_function_defs=AggregationFunctionSet(),
    )
    return SimpleNamespace(genome_config=genome_config)
