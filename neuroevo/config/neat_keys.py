"""The keys of neat-python's five sections, 0.92 to 2.1, and neuroevo's own keys among them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from neuroevo.config.key import NEUROEVO, Key
from neuroevo.config.neat_presets import NEAT_PRESETS
from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS

V092 = "neat-python 0.92"
V20 = "neat-python 2.0"
V21 = "neat-python 2.1"
BIG = 1_000_000

_neat = partial(Key, "NEAT")
_genome = partial(Key, "DefaultGenome")
_species = partial(Key, "DefaultSpeciesSet")
_stagnation = partial(Key, "DefaultStagnation")
_reproduction = partial(Key, "DefaultReproduction")


def _float_attribute(
    name: str, owner: str, defaults: dict[str, str], origin: str = V092
) -> Iterator[Key]:
    """Yield the keys of one float attribute; ``defaults`` are those that differ from the usual."""
    usual = {
        "init_mean": "0.0", "init_stdev": "1.0", "replace_rate": "0.1", "mutate_rate": "0.8",
        "mutate_power": "0.5", "max_value": "30.0", "min_value": "-30.0",
    }  # fmt: skip
    text = {**usual, **defaults}
    add = partial(_genome, origin=origin, neat_default=origin == V20)
    yield add(f"{name}_init_mean", "float", text["init_mean"], f"Mean of a new {owner}'s {name}.")
    yield add(
        f"{name}_init_stdev", "float", text["init_stdev"],
        f"Standard deviation of a new {owner}'s {name}.", low=0.0,
    )  # fmt: skip
    yield _genome(
        f"{name}_init_type", "choice", "gaussian",
        f"Distribution of a new {name}; uniform means mean plus or minus two deviations.",
        origin, choices=("gaussian", "uniform"),
        aliases={"gauss": "gaussian", "normal": "gaussian"}, neat_default=True,
    )  # fmt: skip
    yield add(
        f"{name}_replace_rate", "float", text["replace_rate"],
        f"Probability that a mutation draws the {name} anew.", low=0.0, high=1.0,
    )  # fmt: skip
    yield add(
        f"{name}_mutate_rate", "float", text["mutate_rate"],
        f"Probability that a mutation perturbs the {name}.", low=0.0, high=1.0,
    )  # fmt: skip
    yield add(
        f"{name}_mutate_power", "float", text["mutate_power"],
        f"Size of a perturbation of the {name}: its deviation, or half width if uniform.", low=0.0,
    )  # fmt: skip
    yield add(f"{name}_max_value", "float", text["max_value"], f"Largest {name}.")
    yield add(f"{name}_min_value", "float", text["min_value"], f"Smallest {name}.")
    yield _genome(
        f"{name}_mutate_type", "choice", "gaussian",
        f"Distribution of a perturbation of the {name} (the paper of 2002: uniform).",
        choices=("gaussian", "uniform"), aliases={"gauss": "gaussian", "normal": "gaussian"},
    )  # fmt: skip
    yield _genome(
        f"{name}_genome_mutate_prob", "float", "1.0",
        f"Probability that a child has its {name} values mutated at all (paper, weights: 0.8).",
        low=0.0, high=1.0,
    )  # fmt: skip


def _choice_attribute(name: str, names: tuple[str, ...], usual: str) -> Iterator[Key]:
    """Yield the keys of one choice attribute of the nodes."""
    yield _genome(
        f"{name}_default", "choice", "random",
        f"{name.capitalize()} function of a new node; random draws it from the options.", V092,
        choices=(*names, "random"), aliases={"none": "random"}, neat_default=True,
    )  # fmt: skip
    yield _genome(
        f"{name}_mutate_rate", "float", "0.0",
        f"Probability that a mutation draws a node's {name} function anew.", V092, 0.0, 1.0,
    )  # fmt: skip
    yield _genome(
        f"{name}_options", "choices", usual,
        f"The {name} functions a node may have; one named twice is drawn twice as often.", V092,
        choices=names,
    )  # fmt: skip


_NO_MUTATION = {"replace_rate": "0.0", "mutate_rate": "0.0", "mutate_power": "0.0"}
_ENABLED_ALIASES = {
    "1": "true", "yes": "true", "on": "true", "0": "false", "no": "false", "off": "false",
    "none": "random",
}  # fmt: skip

NEAT_KEYS: tuple[Key, ...] = (
    _neat("preset", "choice", "none",
        "A named set of values for keys of this section and the four after it that the file leaves"
        " out.", choices=tuple(NEAT_PRESETS), words=("none",)),
    _neat("fitness_criterion", "choice", "max",
        "Fitness of the population that is compared with the threshold.", V092,
        choices=("max", "min", "mean")),
    _neat("fitness_threshold", "float", "none",
        "The run ends as solved once the criterion reaches it.", V092, words=("none",)),
    _neat("no_fitness_termination", "bool", "false",
        "Never end at the fitness threshold.", V092, neat_default=True),
    _neat("pop_size", "int", None, "Genomes per generation.", V092, 2, BIG, example="150"),
    _neat("reset_on_extinction", "bool", "false",
        "Start again with new genomes when all species have died out; else the run ends.", V092),
    _neat("on_extinction", "choice", "auto",
        "What happens when all species have died out: stop; restart with new genomes; hall_of_fame"
        " goes on from the ten best champions of the run and mutated copies of them; auto follows"
        " reset_on_extinction.", choices=("auto", "stop", "restart", "hall_of_fame")),
    _neat("seed", "int", "none",
        "Seed of all random numbers; the same as [Run] seed.", V20, 0, 2**63 - 1,
        words=("none",), neat_default=True),
)  # fmt: skip

GENOME_KEYS: tuple[Key, ...] = (
    _genome("num_inputs", "int", "auto",
        "Length of the vector a network receives; auto asks the task, so a file without one must"
        " give it.", V092, 1, BIG,
        words=("auto",), example="auto"),
    _genome("num_outputs", "int", "auto",
        "Length of the vector a network gives; auto asks the task, so a file without one must"
        " give it.", V092, 1, 10_000,
        words=("auto",), example="auto"),
    _genome("num_hidden", "int", "0", "Hidden nodes of a first genome.", V092, 0, 100_000),
    _genome("feed_forward", "bool", "true",
        "Forbid cycles; else networks are recurrent and have a memory.", V092),
    _genome("initial_connection", "connection", "unconnected",
        "How a first genome is wired.", V092, neat_default=True),
    _genome("conn_add_prob", "float", "0.5",
        "Probability that a child gets a new connection.", V092, 0.0, 1.0),
    _genome("conn_delete_prob", "float", "0.5",
        "Probability that a child loses a connection.", V092, 0.0, 1.0),
    _genome("node_add_prob", "float", "0.2",
        "Probability that a connection of a child is split by a new node.", V092, 0.0, 1.0),
    _genome("node_delete_prob", "float", "0.2",
        "Probability that a child loses a hidden node.", V092, 0.0, 1.0),
    _genome("single_structural_mutation", "bool", "false",
        "At most one structural mutation per child.", V092, neat_default=True),
    _genome("structural_mutation_surer", "bool", "default",
        "A structural mutation that cannot happen tries the next best thing; default follows"
        " single_structural_mutation.", V092, words=("default",), neat_default=True),
    _genome("structural_mutation_exclusive", "bool", "false",
        "A child whose structure mutated keeps its weights and other attributes in that"
        " generation."),
    _genome("compatibility_disjoint_coefficient", "float", "1.0",
        "Weight of disjoint genes in the compatibility distance.", V092, 0.0),
    _genome("compatibility_weight_coefficient", "float", "0.5",
        "Weight of the differences of matching genes in the compatibility distance.", V092, 0.0),
    _genome("compatibility_excess_coefficient", "float", "auto",
        "Weight of excess genes; auto takes the disjoint coefficient.", V21, 0.0,
        words=("auto",), neat_default=True),
    _genome("compatibility_include_node_genes", "bool", "true",
        "Count node genes in the distance (the paper: false).", V21, neat_default=True),
    _genome("compatibility_enable_penalty", "float", "1.0",
        "Difference of a gene enabled in one genome only (the paper: 0).", V21, 0.0,
        neat_default=True),
    _genome("compatibility_weight_term", "choice", "sum",
        "Matching genes: sum over the longer genome, or mean (the paper, equation 1).",
        choices=("sum", "mean")),
    _genome("compatibility_small_genome_size", "int", "0",
        "Do not divide by the genome's length below so many connections (the paper: 20).",
        low=0, high=BIG),
    _genome("inherit_disabled_prob", "float", "0.75",
        "Probability that a gene disabled in a parent is disabled in the child.",
        low=0.0, high=1.0),
    *_float_attribute("weight", "connection", {}),
    *_float_attribute("bias", "node", {"mutate_rate": "0.7"}),
    *_float_attribute("response", "node", {"init_mean": "1.0", "init_stdev": "0.0"} | _NO_MUTATION),
    *_float_attribute("time_constant", "node",
        {"init_mean": "1.0", "init_stdev": "0.0", "max_value": "10.0", "min_value": "0.01"}
        | _NO_MUTATION, V20),
    *_choice_attribute("activation", ACTIVATIONS, "sigmoid"),
    *_choice_attribute("aggregation", AGGREGATIONS, "sum"),
    _genome("enabled_default", "choice", "true",
        "Whether a new connection is enabled.", V092, choices=("true", "false", "random"),
        aliases=_ENABLED_ALIASES),
    _genome("enabled_mutate_rate", "float", "0.01",
        "Probability that a mutation draws a connection's enabled flag anew.", V092, 0.0, 1.0),
    _genome("enabled_rate_to_true_add", "float", "0.0",
        "Added to enabled_mutate_rate for a disabled connection.", V092, 0.0, 1.0,
        neat_default=True),
    _genome("enabled_rate_to_false_add", "float", "0.0",
        "Added to enabled_mutate_rate for an enabled connection.", V092, 0.0, 1.0,
        neat_default=True),
)  # fmt: skip

SPECIES_KEYS: tuple[Key, ...] = (
    _species("compatibility_threshold", "float", "3.0",
        "Genomes nearer than this to a representative belong to its species.", V092, 0.0),
    _species("target_num_species", "int", "none",
        "Steer the threshold towards so many species; none keeps it fixed.", V21, 1, BIG,
        words=("none",), neat_default=True),
    _species("threshold_adjust_rate", "float", "0.1",
        "Step by which the threshold is steered per generation.", V21, 0.0, neat_default=True),
    _species("threshold_min", "float", "0.1",
        "Smallest threshold that steering may reach.", V21, 0.0, neat_default=True),
    _species("threshold_max", "float", "100.0",
        "Largest threshold that steering may reach.", V21, 0.0, neat_default=True),
    _species("representative", "choice", "nearest",
        "The member nearest to the old representative, or a random one (the paper).",
        choices=("nearest", "random")),
    _species("assignment", "choice", "nearest",
        "A genome joins the nearest compatible species, or the first (the paper).",
        choices=("nearest", "first")),
)  # fmt: skip

STAGNATION_KEYS: tuple[Key, ...] = (
    _stagnation("species_fitness_func", "choice", "mean",
        "Fitness of a species, from its members.", V092,
        choices=("mean", "median", "max", "min"), aliases={"median2": "median"},
        neat_default=True),
    _stagnation("max_stagnation", "int", "15",
        "Generations without improvement after which a species is removed.", V092, 1, BIG,
        neat_default=True),
    _stagnation("species_elitism", "int", "0",
        "So many best species are never removed.", V092, 0, BIG, neat_default=True),
    _stagnation("population_max_stagnation", "int", "none",
        "After so many generations without a better champion only the top two species breed"
        " (the paper: 20).", NEUROEVO, 1, BIG, words=("none",)),
)  # fmt: skip

REPRODUCTION_KEYS: tuple[Key, ...] = (
    _reproduction("elitism", "int", "0",
        "Best members of each species copied unchanged.", V092, 0, BIG, neat_default=True),
    _reproduction("survival_threshold", "float", "0.2",
        "Fraction of each species that may breed.", V092, 0.0, 1.0, neat_default=True),
    _reproduction("min_species_size", "int", "1",
        "Fewest genomes of a species after reproduction (0.92 filled in 2).", V092, 1, BIG,
        neat_default=True),
    _reproduction("fitness_sharing", "choice", "normalized",
        "How species share the offspring: normalized (neat-python) or canonical (the paper).",
        V21, choices=("normalized", "canonical"), neat_default=True),
    _reproduction("spawn_method", "choice", "smoothed",
        "Sizes of species move half way to their share (smoothed) or at once (proportional).",
        V21, choices=("smoothed", "proportional"), neat_default=True),
    _reproduction("interspecies_crossover_prob", "float", "0.0",
        "Probability that the second parent comes from another species (the paper: 0.001).",
        V21, 0.0, 1.0, neat_default=True),
    _reproduction("champion_min_species_size", "int", "none",
        "Copy the champion of every species larger than this, whatever elitism says"
        " (the paper: 5).", NEUROEVO, 0, BIG, words=("none",)),
    _reproduction("mutate_only_prob", "float", "0.0",
        "Probability that a child has one parent (the paper: 0.25).", low=0.0, high=1.0),
    _reproduction("mate_only_prob", "float", "0.0",
        "Probability that a child of two parents is not mutated.", low=0.0, high=1.0),
)  # fmt: skip
