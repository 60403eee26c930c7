"""What holds for any genomes, any settings and any seed in the NEAT core."""

import numpy as np
from builders.neat_genomes import (
    arrows,
    genome_settings,
    neat_settings,
    plain,
    tangled_genome,
    told,
)
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from naive import neat as naive

from neuroevo.neat.crossover import crossover
from neuroevo.neat.distance import distance
from neuroevo.neat.genome import (
    CONNECTION_FIELDS,
    NODE_FIELDS,
    Genome,
    check_genome,
    genome_from_bytes,
    genome_to_bytes,
    same_genes,
)
from neuroevo.neat.initial import initial_genomes
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.mutation import add_node, delete_node, mutate
from neuroevo.neat.population import Population
from neuroevo.neat.reproduction import adjusted_fitnesses, offspring_counts
from neuroevo.neat.settings import (
    EnabledSettings,
    GenomeSettings,
    ReproductionSettings,
    SpeciesSettings,
)

KINDS = (
    "unconnected", "fs_neat", "fs_neat_hidden", "full", "full_direct", "partial", "partial_direct",
)  # fmt: skip

seeds = st.integers(0, 2**32 - 1)
probs = st.sampled_from([0.0, 0.3, 0.8, 1.0])


@st.composite
def evolving_settings(draw: st.DrawFn) -> GenomeSettings:
    return genome_settings(
        draw(st.integers(1, 4)),
        draw(st.integers(1, 3)),
        num_hidden=draw(st.integers(0, 2)),
        feed_forward=draw(st.booleans()),
        initial_connection=draw(st.sampled_from(KINDS)),
        connection_fraction=0.5,
        enabled=EnabledSettings(draw(st.sampled_from(["true", "false", "random"])), 0.2),
        node_add_prob=draw(probs),
        node_delete_prob=draw(probs),
        conn_add_prob=draw(probs),
        conn_delete_prob=draw(probs),
        single_structural_mutation=draw(st.booleans()),
        structural_mutation_surer=draw(st.booleans()),
    )


@st.composite
def genomes(draw: st.DrawFn) -> Genome:
    rng = np.random.default_rng(draw(seeds))
    num_hidden, num_connections = draw(st.integers(0, 6)), draw(st.integers(0, 25))
    return tangled_genome(rng, 3, 2, num_hidden, num_connections, draw(st.integers(0, 2**62)))


@settings(max_examples=60, deadline=None)
@given(evolving_settings(), seeds)
def test_any_chain_of_mutations_and_matings_keeps_every_invariant(rules, seed):
    rng = np.random.default_rng(seed)
    table = InnovationTable(rules.num_outputs + rules.num_hidden)
    pool = list(initial_genomes(range(4), rules, table, rng).genomes())
    marks: dict[int, tuple[int, int]] = {}
    for step in range(25):
        first, second = rng.integers(4, size=2)
        child = crossover(step, pool[first], pool[second], 0.75, rng)
        child = mutate(child, rules, table, rng)
        check_genome(child, rules.num_inputs, rules.num_outputs)
        if rules.feed_forward:
            assert not naive.has_cycle(arrows(child))
        for number, pair in zip(child.innovation.tolist(), arrows(child), strict=True):
            assert marks.setdefault(number, pair) == pair
        pool[rng.integers(4)] = child
    assert len(set(marks.values())) == len(marks)


@settings(max_examples=60, deadline=None)
@given(genomes(), seeds)
def test_add_node_adds_one_node_and_two_connections_and_disables_one(genome, seed):
    assume(genome.num_connections)
    table = InnovationTable.of_genome(genome, 1000)
    child = add_node(genome, genome_settings(3, 2), table, np.random.default_rng(seed))
    check_genome(child, 3, 2)
    assert child.num_nodes == genome.num_nodes + 1
    assert child.num_connections == genome.num_connections + 2
    old = slice(0, genome.num_connections)
    assert child.innovation[old].tolist() == genome.innovation.tolist()
    assert child.weight[old].tolist() == genome.weight.tolist()
    into, out = arrows(child)[-2:]
    split = arrows(genome).index((into[0], out[1]))
    expected = genome.enabled.tolist()
    expected[split] = False
    assert child.enabled.tolist() == [*expected, True, True]
    assert into[1] == out[0] == 1000
    assert child.weight[-2:].tolist() == [1.0, genome.weight[split]]
    assert child.bias[child.node_ids == 1000].tolist() == [0.0]


@settings(max_examples=60, deadline=None)
@given(genomes(), seeds)
def test_delete_node_never_removes_outputs_and_leaves_no_loose_ends(genome, seed):
    table = InnovationTable.of_genome(genome, 1000)
    rest = (genome_settings(3, 2), table, np.random.default_rng(seed))
    for num_left in range(genome.num_nodes - 1, 1, -1):
        genome = delete_node(genome, *rest)
        check_genome(genome, 3, 2)
        assert genome.num_nodes == num_left
    assert delete_node(genome, *rest).node_ids.tolist() == [0, 1]


@settings(max_examples=60, deadline=None)
@given(genomes(), seeds)
def test_a_genome_crossed_with_itself_is_itself(genome, seed):
    rng = np.random.default_rng(seed)
    assert same_genes(crossover(1, genome, genome, 1.0, rng), genome)
    enabled = genome.changed(enabled=np.ones(genome.num_connections, bool))
    assert same_genes(crossover(1, enabled, enabled, 0.75, rng), enabled)


@settings(max_examples=60, deadline=None)
@given(genomes(), genomes(), seeds)
def test_a_childs_genes_are_a_subset_of_its_parents_genes(fitter, other, seed):
    child = crossover(1, fitter, other, 0.75, np.random.default_rng(seed))
    mine, theirs, made = plain(fitter), plain(other), plain(child)
    assert made.nodes.keys() == mine.nodes.keys()
    assert made.connections.keys() == mine.connections.keys()
    for node_id, node in made.nodes.items():
        options = zip(
            mine.nodes[node_id], theirs.nodes.get(node_id, mine.nodes[node_id]), strict=True
        )
        assert all(value in pair for value, pair in zip(node, options, strict=True))
    for number, gene in made.connections.items():
        first = mine.connections[number]
        second = theirs.connections.get(number, first)
        assert (gene.source, gene.target) == (first.source, first.target)
        assert gene.weight in (first.weight, second.weight)
        if number not in theirs.connections:
            assert gene == first
        if first.enabled and second.enabled:
            assert gene.enabled


distance_rules = st.builds(
    naive.DistanceRule,
    disjoint=st.sampled_from([0.0, 1.0, 1.7]),
    excess=st.sampled_from([0.0, 1.0, 2.3]),
    weight=st.sampled_from([0.0, 0.4, 3.0]),
    enable_penalty=st.sampled_from([0.0, 1.0, 0.3]),
    include_nodes=st.booleans(),
    weight_term=st.sampled_from(["sum", "mean"]),
    small_size=st.sampled_from([0, 5, 20]),
)


def settings_for(rule: naive.DistanceRule) -> GenomeSettings:
    return genome_settings(
        compatibility_disjoint_coefficient=rule.disjoint,
        compatibility_excess_coefficient=rule.excess,
        compatibility_weight_coefficient=rule.weight,
        compatibility_enable_penalty=rule.enable_penalty,
        compatibility_include_node_genes=rule.include_nodes,
        compatibility_weight_term=rule.weight_term,
        compatibility_small_genome_size=rule.small_size,
    )


@settings(max_examples=80, deadline=None)
@given(genomes(), genomes(), distance_rules)
def test_distance_is_that_of_the_twin_to_the_last_bit_symmetric_and_zero_on_equal(
    first, second, rule
):
    rules = settings_for(rule)
    value = distance(first, second, rules)
    assert value == naive.distance(plain(first), plain(second), rule)
    assert distance(second, first, rules) == value
    assert distance(first, first.changed(id=0), rules) == 0.0
    assert value >= 0.0


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), min_size=1, max_size=30),
    st.integers(1, 60),
    st.integers(0, 6),
    st.integers(0, 3),
    st.sampled_from(["normalized", "canonical"]),
    st.sampled_from(["smoothed", "proportional"]),
)
def test_offspring_counts_sum_to_the_population_size_and_keep_the_minimum_that_fits(
    species, pop_size, minimum, elitism, sharing, method
):
    rules = ReproductionSettings(
        elitism, min_species_size=minimum, fitness_sharing=sharing, spawn_method=method
    )
    adjusted = adjusted_fitnesses([np.array(sorted(s, reverse=True)) for s in species], sharing)
    counts = offspring_counts(adjusted, [len(s) for s in species], pop_size, rules)
    assert len(counts) == len(species)
    assert sum(counts) == pop_size
    assert min(counts) >= min(max(minimum, elitism), pop_size // len(species))


@settings(max_examples=60, deadline=None)
@given(genomes())
def test_genome_bytes_round_trip(genome):
    data = genome_to_bytes(genome)
    again = genome_from_bytes(data)
    assert again.id == genome.id
    assert same_genes(again, genome)
    assert genome_to_bytes(again) == data
    for name, dtype in NODE_FIELDS + CONNECTION_FIELDS:
        assert getattr(again, name).dtype == np.dtype(dtype)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("join"), st.integers(-3, 4), st.integers(0, 4)),
        st.tuples(st.just("split"), st.integers(0, 5), st.frozensets(st.integers(50, 55))),
    ),
    max_size=30,
)


@settings(max_examples=80, deadline=None)
@given(steps, st.integers(0, 30))
def test_marks_are_one_to_one_with_changes_and_survive_a_round_trip_anywhere(changes, cut):
    table, restored = InnovationTable(50), InnovationTable(50)
    numbers: dict[tuple[int, int], int] = {}
    nodes: dict[int, int] = {}
    for position, (kind, first, second) in enumerate(changes):
        if position == cut:
            restored = InnovationTable.from_state(restored.state())
        if kind == "join":
            number = table.connection(first, second)
            assert restored.connection(first, second) == number
            assert numbers.setdefault((first, second), number) == number
        else:
            present = second & nodes.keys()  # a genome has only ids that were handed out
            node_id = table.split(first, present)
            assert restored.split(first, present) == node_id
            assert node_id not in present
            assert nodes.setdefault(node_id, first) == first
    assert sorted(numbers.values()) == list(range(len(numbers)))
    assert sorted(nodes) == list(range(50, 50 + len(nodes)))


@settings(max_examples=15, deadline=None)
@given(
    evolving_settings(),
    seeds,
    st.sampled_from([1e-9, 0.5, 3.0]),
    st.sampled_from(["nearest", "random"]),
    st.sampled_from(["nearest", "first"]),
)
def test_any_population_keeps_its_size_its_ids_and_its_species(
    rules, seed, threshold, representative, assignment
):
    species = SpeciesSettings(threshold, representative=representative, assignment=assignment)
    population = Population(neat_settings(rules, species=species, pop_size=9), seed)
    for _ in range(5):
        told(population, 1, seed)
        ids = [genome.id for genome in population.ask()]
        assert len(set(ids)) == 9
        assert ids == sorted(ids)
        members = [i for s in population.state().species for i in s.member_ids]
        assert sorted(members) == ids
