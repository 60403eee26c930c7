"""Settings of the NEAT core: frozen dataclasses, one per concern.

Names follow neat-python's INI keys where it has the key. Values arrive checked (``config.py``);
nobody mutates them. Where a default departs from neat-python, ``docs/decisions/`` says why.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class FloatAttributeSettings:
    """How one float gene attribute (weight, bias, response, time constant) starts and mutates.

    Attributes:
        init_type: ``gaussian`` or ``uniform`` (mean +- 2 stdev, cut at the bounds).
        mutate_rate: probability that the value is perturbed.
        replace_rate: probability that it is drawn anew.
        mutate_power: standard deviation (gaussian) or half width (uniform) of a perturbation.
        mutate_type: ``gaussian`` (neat-python) or ``uniform`` (Stanley & Miikkulainen 2002).
        genome_mutate_prob: probability that a child has this attribute mutated at all
            (the paper's 80 % of genomes; neat-python has 1).
    """

    init_mean: float = 0.0
    init_stdev: float = 1.0
    init_type: str = "gaussian"
    replace_rate: float = 0.1
    mutate_rate: float = 0.8
    mutate_power: float = 0.5
    max_value: float = 30.0
    min_value: float = -30.0
    mutate_type: str = "gaussian"
    genome_mutate_prob: float = 1.0


@dataclass(frozen=True, slots=True)
class ChoiceAttributeSettings:
    """How a choice gene attribute (activation, aggregation) starts and mutates.

    Attributes:
        default: a name from ``options``, or ``random``.
        options: names to choose from.
    """

    default: str
    options: tuple[str, ...]
    mutate_rate: float = 0.0


@dataclass(frozen=True, slots=True)
class EnabledSettings:
    """How the enabled flag starts and mutates; ``default`` is ``true``, ``false`` or ``random``."""

    default: str = "true"
    mutate_rate: float = 0.01
    rate_to_true_add: float = 0.0
    rate_to_false_add: float = 0.0


@dataclass(frozen=True, slots=True)
class GenomeSettings:
    """``[DefaultGenome]``: sizes, attributes, structural mutation, compatibility distance.

    Attributes:
        initial_connection: unconnected, fs_neat_nohidden, fs_neat, fs_neat_hidden, full_nodirect,
            full, full_direct, partial_nodirect, partial or partial_direct.
        connection_fraction: fraction of the connections a ``partial*`` genome starts with.
        single_structural_mutation: at most one structural mutation per child.
        structural_mutation_surer: whether a structural mutation that cannot happen tries the
            next best thing (enable the existing connection; add a connection instead of a node).
        structural_mutation_exclusive: a child whose structure mutated keeps its weights and other
            attributes in that generation (as Stanley's own NEAT program does).
        inherit_disabled_prob: a gene disabled in either parent is disabled in the child with
            this probability, else enabled (paper: 0.75).
        compatibility_excess_coefficient: None takes the disjoint coefficient.
        compatibility_weight_term: ``sum`` over matching genes divided by the longer genome
            (neat-python) or ``mean`` over matching genes (paper, eq. 1).
        compatibility_small_genome_size: excess and disjoint counts are not divided by the genome
            length when both genomes have fewer connections (paper: 20; 0 always divides).
    """

    num_inputs: int
    num_outputs: int
    num_hidden: int = 0
    feed_forward: bool = True
    initial_connection: str = "full_direct"
    connection_fraction: float = 1.0
    weight: FloatAttributeSettings = field(default_factory=FloatAttributeSettings)
    bias: FloatAttributeSettings = field(
        default_factory=lambda: FloatAttributeSettings(mutate_rate=0.7)
    )
    response: FloatAttributeSettings = field(
        default_factory=lambda: FloatAttributeSettings(1.0, 0.0, "gaussian", 0.0, 0.0, 0.0)
    )
    time_constant: FloatAttributeSettings = field(
        default_factory=lambda: FloatAttributeSettings(
            1.0, 0.0, "gaussian", 0.0, 0.0, 0.0, 10.0, 0.01
        )
    )
    activation: ChoiceAttributeSettings = field(
        default_factory=lambda: ChoiceAttributeSettings("sigmoid", ("sigmoid",))
    )
    aggregation: ChoiceAttributeSettings = field(
        default_factory=lambda: ChoiceAttributeSettings("sum", ("sum",))
    )
    enabled: EnabledSettings = field(default_factory=EnabledSettings)
    conn_add_prob: float = 0.5
    conn_delete_prob: float = 0.5
    node_add_prob: float = 0.2
    node_delete_prob: float = 0.2
    single_structural_mutation: bool = False
    structural_mutation_surer: bool = False
    structural_mutation_exclusive: bool = False
    inherit_disabled_prob: float = 0.75
    compatibility_disjoint_coefficient: float = 1.0
    compatibility_weight_coefficient: float = 0.5
    compatibility_excess_coefficient: float | None = None
    compatibility_include_node_genes: bool = True
    compatibility_enable_penalty: float = 1.0
    compatibility_weight_term: str = "sum"
    compatibility_small_genome_size: int = 0

    @property
    def excess_coefficient(self) -> float:
        """The excess coefficient in force."""
        explicit = self.compatibility_excess_coefficient
        return self.compatibility_disjoint_coefficient if explicit is None else explicit


@dataclass(frozen=True, slots=True)
class SpeciesSettings:
    """``[DefaultSpeciesSet]``: the threshold, fixed or steered, and how genomes are placed.

    Attributes:
        target_num_species: None for a fixed threshold.
        representative: ``nearest`` to the old one (neat-python) or ``random`` member of the
            previous generation (paper).
        assignment: to the ``nearest`` compatible species (neat-python) or the ``first`` (paper).
    """

    compatibility_threshold: float = 3.0
    target_num_species: int | None = None
    threshold_adjust_rate: float = 0.1
    threshold_min: float = 0.1
    threshold_max: float = 100.0
    representative: str = "nearest"
    assignment: str = "nearest"


@dataclass(frozen=True, slots=True)
class StagnationSettings:
    """``[DefaultStagnation]``: when a species, or the whole population, stops improving.

    Attributes:
        species_fitness_func: mean, median, max or min over the members.
        population_max_stagnation: after more than this many generations without a better
            champion only the top two species breed (paper: 20); None never.
    """

    species_fitness_func: str = "mean"
    max_stagnation: int = 15
    species_elitism: int = 0
    population_max_stagnation: int | None = None


@dataclass(frozen=True, slots=True)
class ReproductionSettings:
    """``[DefaultReproduction]``: who breeds, how much and how.

    Attributes:
        elitism: members of each species copied unchanged.
        champion_min_species_size: the champion of a species larger than this is copied, whatever
            ``elitism`` says (paper: 5); None never.
        fitness_sharing: ``normalized`` (neat-python) or ``canonical`` (paper, section 3.3).
        spawn_method: ``smoothed`` (neat-python) or ``proportional`` (paper).
        mutate_only_prob: probability that a child has one parent (paper: 0.25).
        mate_only_prob: probability that a child of two parents is not mutated.
        interspecies_crossover_prob: probability that the second parent comes from another species.
    """

    elitism: int = 0
    champion_min_species_size: int | None = None
    survival_threshold: float = 0.2
    min_species_size: int = 1
    fitness_sharing: str = "normalized"
    spawn_method: str = "smoothed"
    mutate_only_prob: float = 0.0
    mate_only_prob: float = 0.0
    interspecies_crossover_prob: float = 0.0


@dataclass(frozen=True, slots=True)
class NeatSettings:
    """Everything the population needs; ``[NEAT]`` plus the four sections above.

    Attributes:
        fitness_criterion: max, min or mean over the population, compared with the threshold.
        fitness_threshold: None runs until the generations are used up.
        no_fitness_termination: never stop at the threshold.
        reset_on_extinction: neat-python's: start anew when all species have died out.
        on_extinction: ``stop``, ``restart`` or ``hall_of_fame`` (go on from the best champions of
            the run, which are part of its state then); ``auto`` follows ``reset_on_extinction``.
    """

    genome: GenomeSettings
    species: SpeciesSettings = field(default_factory=SpeciesSettings)
    stagnation: StagnationSettings = field(default_factory=StagnationSettings)
    reproduction: ReproductionSettings = field(default_factory=ReproductionSettings)
    pop_size: int = 150
    fitness_criterion: str = "max"
    fitness_threshold: float | None = None
    no_fitness_termination: bool = False
    reset_on_extinction: bool = False
    on_extinction: str = "auto"

    @property
    def extinction_rule(self) -> str:
        """What happens when all species have died out; see ``on_extinction``, without ``auto``."""
        if self.on_extinction != "auto":
            return self.on_extinction
        return "restart" if self.reset_on_extinction else "stop"
