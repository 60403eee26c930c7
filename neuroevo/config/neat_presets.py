"""What ``[NEAT] preset`` stands for: an evolution, all five sections of it."""

from __future__ import annotations

from collections.abc import Mapping

NEAT_PRESETS: Mapping[str, Mapping[str, str]] = {
    # What wickling.ini and the files for other platform games say; each says why beside the value.
    # neat-python's own defaults were not made for games: with them a whole population is often one
    # species, which loses its best network, stagnates after 15 generations and dies out.
    "games": {
        "pop_size": "100",
        "reset_on_extinction": "true",
        "DefaultGenome.feed_forward": "false",
        "DefaultGenome.initial_connection": "partial_direct 0.1",
        "DefaultGenome.conn_delete_prob": "0.2",
        "DefaultGenome.node_add_prob": "0.1",
        "DefaultGenome.node_delete_prob": "0.05",
        "DefaultGenome.activation_default": "tanh",
        "DefaultGenome.activation_options": "tanh",
        "DefaultGenome.aggregation_default": "sum",
        "DefaultGenome.bias_mutate_rate": "0.1",
        "DefaultGenome.bias_replace_rate": "0.05",
        "DefaultGenome.weight_mutate_rate": "0.1",
        "DefaultGenome.weight_replace_rate": "0.05",
        "DefaultSpeciesSet.compatibility_threshold": "2.5",
        "DefaultSpeciesSet.representative": "random",
        "DefaultSpeciesSet.assignment": "first",
        "DefaultSpeciesSet.target_num_species": "8",
        "DefaultStagnation.species_fitness_func": "max",
        "DefaultStagnation.species_elitism": "2",
        "DefaultReproduction.elitism": "1",
        "DefaultReproduction.survival_threshold": "0.3",
        "DefaultReproduction.min_species_size": "2",
    },
}
"""Texts by name of the preset and key; a key of another section has that before it."""

ABOUT_NEAT_PRESETS: Mapping[str, str] = {
    "games": (
        "The evolution of `wickling.ini` and the files for other platform games: 100 networks with"
        " a memory in about 8 species, the best of each copied, the best two species never removed."
    ),
}
"""One sentence per preset, for the reference page."""
