"""A whole generation in one call: elites are copied, children bred, mutated and put one after
the other into new arrays. The rules are those of ``reproduction.py`` and ``crossover.py``.
"""

from __future__ import annotations

import numpy as np

from neuroevo.compiling import entry, inner
from neuroevo.neat.kernels.arrays import (
    CONNECTION,
    CONNECTIONS,
    MUTATE_RATE,
    NODE,
    NODES,
    NUM_CONNECTIONS,
    NUM_NODES,
    REPLACE_RATE,
    WEIGHT,
    Draft,
    Family,
    Genes,
    Marks,
    Rates,
    Scratch,
)
from neuroevo.neat.kernels.attributes import mutate_codes, mutate_flags, mutate_floats
from neuroevo.neat.kernels.draws import Addresses, draw_below, generator_at
from neuroevo.neat.kernels.links import flag_in, put_flag, row_in
from neuroevo.neat.kernels.structure import act, drawn_operators


@entry
def breed(
    old: Genes, family: Family, rates: Rates, marks: Marks, scratch: Scratch,
    addresses: Addresses, new: Genes,
) -> tuple[int, int]:  # fmt: skip
    """Write the next generation: the elites, then the children of species after species.

    Args:
        old: the generation that was evaluated.
        family: who has how many children with whom.
        rates: of mutation.
        marks: with room for three connections and one split per child.
        scratch: room.
        addresses: of the generator that draws, per child, the first parent, whether it is the only
            one, the second parent, the genes, whether the child stays as it is, and the mutations.
        new: written; with room for every child at the size of the largest parent it may have, and
            for one node and three connections more.

    Returns:
        The most nodes, and the most connections, that one of them has; 0, 0 without any.
    """
    generator = generator_at(addresses)
    draft = Draft(new, np.zeros(4, np.int64))
    for n in range(len(family.elites)):
        copy(old, family.elites[n], draft)
        _finish(draft, n + 1)
    num_species = len(family.num_children)
    made = len(family.elites)
    for species in range(num_species):
        begin, end = family.offsets[species], family.offsets[species + 1]
        for _ in range(family.num_children[species]):
            first = family.parents[begin + draw_below(generator, end - begin)]
            second = first
            is_single = generator.random() < family.mutate_only_prob
            if not is_single:
                partner = species
                if num_species > 1 and generator.random() < family.interspecies_prob:
                    partner = int(draw_below(generator, num_species - 1))
                    partner += 1 if partner >= species else 0
                there, until = family.offsets[partner], family.offsets[partner + 1]
                second = family.parents[there + draw_below(generator, until - there)]
            if family.fitness[second] > family.fitness[first]:
                first, second = second, first
            copy(old, first, draft)
            if second != first:
                cross(old, second, rates.inherit_disabled_prob, draft, scratch, generator)
            if is_single or generator.random() >= family.mate_only_prob:
                mutate(draft, rates, marks, scratch, generator)
            made += 1
            _finish(draft, made)
    most_nodes = most_connections = 0
    for n in range(made):
        most_nodes = max(most_nodes, new.offsets[NODES, n + 1] - new.offsets[NODES, n])
        size = new.offsets[CONNECTIONS, n + 1] - new.offsets[CONNECTIONS, n]
        most_connections = max(most_connections, size)
    return most_nodes, most_connections


@inner
def _finish(draft: Draft, made: int) -> None:
    """Let the next genome, number ``made``, begin behind the draft."""
    new, at = draft
    at[NODE] += at[NUM_NODES]
    at[CONNECTION] += at[NUM_CONNECTIONS]
    new.offsets[NODES, made], new.offsets[CONNECTIONS, made] = at[NODE], at[CONNECTION]


@inner
def copy(old: Genes, position: int, draft: Draft) -> None:
    """Make the draft equal to a genome."""
    new, at = draft
    start, place = old.offsets[NODES, position], at[NODE]
    at[NUM_NODES] = old.offsets[NODES, position + 1] - start
    for i in range(at[NUM_NODES]):
        new.node_ids[place + i] = old.node_ids[start + i]
        for kind in range(3):
            new.node_floats[kind, place + i] = old.node_floats[kind, start + i]
        for kind in range(2):
            new.node_codes[kind, place + i] = old.node_codes[kind, start + i]
    at[NUM_CONNECTIONS] = (
        old.offsets[CONNECTIONS, position + 1] - old.offsets[CONNECTIONS, position]
    )
    origin, target = np.uint64(old.offsets[CONNECTIONS, position]), np.uint64(at[CONNECTION])
    for k in range(np.uint64(at[NUM_CONNECTIONS])):
        new.link[target + k] = old.link[origin + k]
        new.weight[target + k] = old.weight[origin + k]


@inner
def cross(
    old: Genes, other: int, inherit_disabled_prob: float, draft: Draft,
    scratch: Scratch, generator: np.random.Generator,
) -> None:  # fmt: skip
    """Make the draft, a copy of the fitter parent, a child of two.

    Args:
        old: holds the other parent.
        other: position; gives half of the matching genes' attributes.
        inherit_disabled_prob: that a gene disabled in either is disabled in the child.
        draft: keeps its structure.
        scratch: room.
        generator: draws one number per matching node and attribute, then per matching connection
            for the weight, then for the flag.
    """
    new, at = draft
    first, second, place = scratch.first, scratch.second, scratch.place
    count = np.uint64(0)
    theirs, end = old.offsets[NODES, other], old.offsets[NODES, other + 1]
    for mine in range(at[NODE], at[NODE] + at[NUM_NODES]):
        while theirs < end and old.node_ids[theirs] < new.node_ids[mine]:
            theirs += 1
        if theirs < end and old.node_ids[theirs] == new.node_ids[mine]:
            first[count], second[count] = mine, theirs
            count += np.uint64(1)
    for kind in range(3):
        for k in range(count):
            if generator.random() >= 0.5:
                new.node_floats[kind, first[k]] = old.node_floats[kind, second[k]]
    for kind in range(2):
        for k in range(count):
            if generator.random() >= 0.5:
                new.node_codes[kind, first[k]] = old.node_codes[kind, second[k]]
    start = np.uint64(old.offsets[CONNECTIONS, other])
    stop = np.uint64(old.offsets[CONNECTIONS, other + 1])
    for i in range(start, stop):
        place[row_in(old.link[i])] = i - start + np.uint64(1)
    count = np.uint64(0)
    begin = np.uint64(at[CONNECTION])
    for own in range(begin, begin + np.uint64(at[NUM_CONNECTIONS])):
        found = np.uint64(place[row_in(new.link[own])])
        # Written always, counted when found: a branch would be guessed wrong.
        first[count] = own
        second[count] = start + found - np.uint64(found > 0)
        count += np.uint64(found > 0)
    for i in range(start, stop):
        place[row_in(old.link[i])] = 0
    for k in range(count):
        weight, theirs_weight = new.weight[first[k]], old.weight[second[k]]
        new.weight[first[k]] = weight if generator.random() < 0.5 else theirs_weight
    for k in range(count):
        is_free = generator.random() >= inherit_disabled_prob
        both = flag_in(new.link[first[k]] & old.link[second[k]])
        put_flag(new.link, first[k], both != 0 or is_free)


@inner
def mutate(
    draft: Draft, rates: Rates, marks: Marks, scratch: Scratch, generator: np.random.Generator
) -> None:
    """Mutate the structure of the draft, then its attributes."""
    chosen = drawn_operators(rates, generator)
    has_acted = act(chosen, draft, rates, marks, scratch, generator)
    if not (rates.is_exclusive and has_acted):
        mutate_attributes(draft, rates, scratch, generator)


@inner
def mutate_attributes(
    draft: Draft, rates: Rates, scratch: Scratch, generator: np.random.Generator
) -> None:
    """Mutate weights, enabled flags and node attributes, in this order."""
    genes, at = draft
    floats = rates.floats
    start, count = at[CONNECTION], at[NUM_CONNECTIONS]
    mutate_floats(genes.weight, start, count, floats[WEIGHT], scratch, generator)
    mutate_flags(genes.link, start, count, rates.enabled, scratch, generator)
    start, count = at[NODE], at[NUM_NODES]
    for kind in range(3):
        if floats[kind, MUTATE_RATE] + floats[kind, REPLACE_RATE] > 0:
            mutate_floats(genes.node_floats[kind], start, count, floats[kind], scratch, generator)
    for kind in range(2):
        rate = rates.codes[kind, 1]
        if rate > 0:
            options = rates.options[kind]
            mutate_codes(genes.node_codes[kind], start, count, options, rate, scratch, generator)
