"""Slow twins of the NEAT core, from Stanley & Miikkulainen 2002 and the stated rules.

Plain Python on plain values: a genome is a :class:`PlainGenome`. Imports nothing of the package.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple


class Node(NamedTuple):
    bias: float
    response: float
    time_constant: float
    activation: int
    aggregation: int


class Connection(NamedTuple):
    source: int
    target: int
    weight: float
    enabled: bool


@dataclass
class PlainGenome:
    """Node genes by node id, connection genes by innovation number."""

    nodes: dict[int, Node] = field(default_factory=dict)
    connections: dict[int, Connection] = field(default_factory=dict)


@dataclass(frozen=True)
class DistanceRule:
    """Coefficients c1 (excess), c2 (disjoint), c3 (weight) and the variants of the distance."""

    disjoint: float = 1.0
    excess: float = 1.0
    weight: float = 0.5
    enable_penalty: float = 1.0
    include_nodes: bool = True
    weight_term: str = "sum"
    small_size: int = 0


def distance(first: PlainGenome, second: PlainGenome, rule: DistanceRule) -> float:
    """Compatibility distance: eq. 1 of the paper, or neat-python's form, plus the node genes."""
    total = _connection_distance(first.connections, second.connections, rule)
    if rule.include_nodes:
        total += _node_distance(first.nodes, second.nodes, rule)
    return total


def _connection_distance(
    first: Mapping[int, Connection], second: Mapping[int, Connection], rule: DistanceRule
) -> float:
    longest = max(len(first), len(second))
    if longest == 0:
        return 0.0
    num_disjoint = num_excess = 0
    for mine, theirs in ((first, second), (second, first)):
        for innovation in mine.keys() - theirs.keys():
            if theirs and innovation <= max(theirs):
                num_disjoint += 1
            else:
                num_excess += 1
    matching = sorted(first.keys() & second.keys())
    difference = 0.0
    for innovation in matching:
        difference += abs(first[innovation].weight - second[innovation].weight)
        difference += rule.enable_penalty * (
            first[innovation].enabled != second[innovation].enabled
        )
    unmatched = rule.disjoint * num_disjoint + rule.excess * num_excess
    if longest >= rule.small_size:
        unmatched /= longest
    if rule.weight_term == "sum":
        return unmatched + rule.weight * difference / longest
    return unmatched + (rule.weight * (difference / len(matching)) if matching else 0.0)


def _node_distance(
    first: Mapping[int, Node], second: Mapping[int, Node], rule: DistanceRule
) -> float:
    longest = max(len(first), len(second))
    if longest == 0:
        return 0.0
    difference = 0.0
    for node_id in sorted(first.keys() & second.keys()):
        mine, theirs = first[node_id], second[node_id]
        for a, b in zip(mine[:3], theirs[:3], strict=True):  # one by one: the order of sums counts
            difference += abs(a - b)
        for a, b in zip(mine[3:], theirs[3:], strict=True):
            difference += a != b
    num_disjoint = len(first.keys() ^ second.keys())
    return (rule.disjoint * num_disjoint + rule.weight * difference) / longest


def crossover(
    fitter: PlainGenome,
    other: PlainGenome,
    attributes_of_fitter: Iterator[bool],
    stay_disabled: Iterator[bool],
) -> PlainGenome:
    """The child, given the coin flips.

    Args:
        fitter: gives the structure: all disjoint and excess genes.
        other: gives attributes of matching genes.
        attributes_of_fitter: for each node attribute in turn, for each matching node by id, then
            for each matching connection's weight by innovation: whether the fitter's is taken.
        stay_disabled: for each matching connection, by innovation: whether a gene that is
            disabled in either parent is disabled in the child.
    """
    nodes = {node_id: list(node) for node_id, node in fitter.nodes.items()}
    for attribute in range(5):
        for node_id in sorted(fitter.nodes.keys() & other.nodes.keys()):
            if not next(attributes_of_fitter):
                nodes[node_id][attribute] = other.nodes[node_id][attribute]
    connections = dict(fitter.connections)
    for innovation in sorted(fitter.connections.keys() & other.connections.keys()):
        mine, theirs = fitter.connections[innovation], other.connections[innovation]
        weight = mine.weight if next(attributes_of_fitter) else theirs.weight
        is_disabled = next(stay_disabled) and not (mine.enabled and theirs.enabled)
        connections[innovation] = Connection(mine.source, mine.target, weight, not is_disabled)
    return PlainGenome({i: Node(*values) for i, values in nodes.items()}, connections)


def adjusted_fitnesses(species: Sequence[Sequence[float]], sharing: str) -> list[float]:
    """What each species weighs: explicit fitness sharing (section 3.3) or the normalised form."""
    everyone = [f for members in species for f in members]
    low, high = min(everyone), max(everyone)
    if sharing == "canonical":
        lift = -min(low, 0.0)
        return [sum((f + lift) / len(members) for f in members) for members in species]
    if high == low:
        return [1.0 for _ in species]
    return [sum((f - low) / (high - low) for f in m) / len(m) for m in species]


def wanted_offspring(
    adjusted: Sequence[float], sizes: Sequence[int], pop_size: int, minimum: int, method: str
) -> list[float]:
    """How many offspring each species would get if halves of genomes could be born."""
    total = sum(adjusted)
    weights = list(adjusted) if total > 0 else [float(size) for size in sizes]
    wanted = [max(w / sum(weights) * pop_size, minimum) for w in weights]
    if method == "smoothed":
        wanted = [max((s + w) / 2, minimum) for s, w in zip(sizes, wanted, strict=True)]
    return [w * pop_size / sum(wanted) for w in wanted]


def rounding_cost(counts: Sequence[int], wanted: Sequence[float]) -> float:
    """How far whole counts are from the wanted ones: the sum of squares."""
    return sum((c - w) ** 2 for c, w in zip(counts, wanted, strict=True))


def best_rounding_cost(wanted: Sequence[float], minimum: int, total: int) -> float:
    """The lowest cost of whole numbers >= minimum that sum to the total, trying all of them."""
    choices = itertools.product(range(minimum, total + 1), repeat=len(wanted))
    return min(rounding_cost(c, wanted) for c in choices if sum(c) == total)


def is_reachable(pairs: Iterable[tuple[int, int]], start: int, goal: int) -> bool:
    """Whether the arrows lead from start to goal; no arrow is needed when they are the same."""
    arrows = list(pairs)
    seen = {start}
    frontier = [start]
    while frontier:
        here = frontier.pop()
        for source, target in arrows:
            if source == here and target not in seen:
                seen.add(target)
                frontier.append(target)
    return goal in seen


def has_cycle(pairs: Iterable[tuple[int, int]]) -> bool:
    """Whether some node leads back to itself: take away nodes without arrows out, until stuck."""
    arrows = set(pairs)
    while True:
        sources = {source for source, _ in arrows}
        rest = {(source, target) for source, target in arrows if target in sources}
        if rest == arrows:
            return bool(rest)
        arrows = rest


def speciate(
    genomes: Mapping[int, PlainGenome],
    old: Mapping[int, PlainGenome],
    threshold: float,
    rule: DistanceRule,
    *,
    representative: str,
    assignment: str,
) -> list[tuple[Hashable, list[int]]]:
    """Return (species, ids of members), the new species named ``("new", first member)``.

    Args:
        genomes: by id.
        old: representative by species id.
        threshold: compatible below it.
        rule: of the distance.
        representative: ``nearest``: the free genome nearest to the old representative takes its
            place; ``random``: the old representative stays for this time.
        assignment: ``nearest`` or ``first`` compatible species.
    """
    measure: Callable[[PlainGenome, PlainGenome], float] = lambda a, b: distance(a, b, rule)  # noqa: E731
    free = sorted(genomes)
    species: list[tuple[Hashable, PlainGenome, list[int]]] = []
    for species_id in sorted(old):
        if representative == "random":
            species.append((species_id, old[species_id], []))
        elif free:
            nearest = min(free, key=lambda i: (measure(old[species_id], genomes[i]), i))
            free.remove(nearest)
            species.append((species_id, genomes[nearest], [nearest]))
    for genome_id in free:
        places = [(measure(rep, genomes[genome_id]), members) for _, rep, members in species]
        compatible = [(d, members) for d, members in places if d < threshold]
        if not compatible:
            species.append((("new", genome_id), genomes[genome_id], [genome_id]))
        elif assignment == "first":
            compatible[0][1].append(genome_id)
        else:
            min(compatible, key=lambda c: c[0])[1].append(genome_id)
    return [(name, sorted(members)) for name, _, members in species if members]
