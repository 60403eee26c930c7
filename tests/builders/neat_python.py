"""Bridges to neat-python 2.0.0, the reference where it is right."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import neat
from neat.genes import DefaultConnectionGene, DefaultNodeGene
from neat.innovation import InnovationTracker
from neat.species import DefaultSpeciesSet

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome
from neuroevo.neat.settings import GenomeSettings


def as_neat_python(genome: Genome) -> neat.DefaultGenome:
    """Return the genome as neat-python holds it."""
    twin = neat.DefaultGenome(genome.id)
    for i, node_id in enumerate(genome.node_ids.tolist()):
        node = DefaultNodeGene(node_id)
        node.bias = float(genome.bias[i])
        node.response = float(genome.response[i])
        node.time_constant = float(genome.time_constant[i])
        node.activation = ACTIVATIONS[genome.activation[i]]
        node.aggregation = AGGREGATIONS[genome.aggregation[i]]
        twin.nodes[node_id] = node
    for i, key in enumerate(zip(genome.source.tolist(), genome.target.tolist(), strict=True)):
        connection = DefaultConnectionGene(key, innovation=int(genome.innovation[i]))
        connection.weight = float(genome.weight[i])
        connection.enabled = bool(genome.enabled[i])
        twin.connections[key] = connection
    return twin


def distance_config(settings: GenomeSettings) -> Any:
    """Return what neat-python's distance reads."""
    return SimpleNamespace(
        compatibility_disjoint_coefficient=settings.compatibility_disjoint_coefficient,
        compatibility_weight_coefficient=settings.compatibility_weight_coefficient,
    )


def species_set(threshold: float) -> DefaultSpeciesSet:
    """Return neat-python's speciation with the given threshold, reporting to nobody."""
    silent = SimpleNamespace(info=lambda _: None)
    return DefaultSpeciesSet(SimpleNamespace(compatibility_threshold=threshold), silent)


def new_genome(settings: GenomeSettings) -> neat.DefaultGenome:
    """Let neat-python create a genome of the first generation (it draws from ``random``)."""
    kind = settings.initial_connection
    if kind.startswith("partial"):
        kind = f"{kind} {settings.connection_fraction}"
    params = {
        "num_inputs": settings.num_inputs,
        "num_outputs": settings.num_outputs,
        "num_hidden": settings.num_hidden,
        "feed_forward": settings.feed_forward,
        "initial_connection": kind,
        "compatibility_disjoint_coefficient": 1.0,
        "compatibility_weight_coefficient": 0.5,
        "conn_add_prob": 0.5,
        "conn_delete_prob": 0.5,
        "node_add_prob": 0.5,
        "node_delete_prob": 0.5,
        "single_structural_mutation": False,
        "structural_mutation_surer": "default",
        "enabled_default": "True",
        "enabled_mutate_rate": 0.0,
        "enabled_rate_to_true_add": 0.0,
        "enabled_rate_to_false_add": 0.0,
    }
    for name in ("bias", "response", "time_constant", "weight"):
        values = {
            "init_mean": 0.0, "init_stdev": 1.0, "replace_rate": 0.1, "mutate_rate": 0.1,
            "mutate_power": 0.1, "max_value": 30.0, "min_value": -30.0,
        }  # fmt: skip
        params |= {f"{name}_{key}": value for key, value in values.items()}
        params[f"{name}_init_type"] = "gaussian"
    for name, option in (("activation", "sigmoid"), ("aggregation", "sum")):
        params |= {f"{name}_default": option, f"{name}_options": option}
        params[f"{name}_mutate_rate"] = 0.0
    config = neat.DefaultGenome.parse_config({key: str(value) for key, value in params.items()})
    config.innovation_tracker = InnovationTracker()
    genome = neat.DefaultGenome(1)
    genome.configure_new(config)
    return genome


def config_of(settings: Path, pop_size: int, folder: Path) -> neat.Config:
    """Return neat-python's reading of a settings file of an earlier version, with another size.

    Args:
        settings: e.g. ``tests/data/seed-2021.cfg``.
        pop_size: number of genomes.
        folder: to write the changed file to.
    """
    own = f"pop_size = {pop_size}\nno_fitness_termination = False"  # demanded since 1.0
    text = re.sub(r"(?m)^pop_size.*$", own, settings.read_text())
    path = folder / f"{settings.stem}-{pop_size}.cfg"
    path.write_text(text)
    genome, reproduction = neat.DefaultGenome, neat.DefaultReproduction
    species_set, stagnation = neat.DefaultSpeciesSet, neat.DefaultStagnation
    return neat.Config(genome, reproduction, species_set, stagnation, str(path))
