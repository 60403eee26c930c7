"""Random genomes for tests: any shape, all kinds of nodes, loops, gaps and dead ends."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from neuroevo.neat.genome import ACTIVATIONS, AGGREGATIONS, Genome


def random_genome(
    rng: np.random.Generator,
    num_inputs: int,
    num_outputs: int,
    num_hidden: int,
    num_connections: int,
    feed_forward: bool = False,
    *,
    genome_id: int = 1,
    enabled_fraction: float = 0.8,
    weight_stdev: float = 1.0,
    activations: Sequence[str] = ACTIVATIONS,
    aggregations: Sequence[str] = AGGREGATIONS,
    every_node_fed: bool = False,
) -> Genome:
    """Return a genome that passes ``check_genome``.

    Hidden ids and innovation numbers have gaps, as they do in a run.

    Args:
        num_connections: fewer are made when fewer pairs of nodes exist.
        feed_forward: without cycles, disabled connections included.
        enabled_fraction: probability of a connection to be enabled.
        activations, aggregations: names to draw each node's from.
        every_node_fed: give nodes without an enabled incoming connection one, from an input.
    """
    hidden = num_outputs + np.sort(rng.choice(4 * num_hidden + 1, num_hidden, replace=False))
    node_ids = np.concatenate([np.arange(num_outputs), hidden]).astype(np.int64)
    ids = np.concatenate([-1 - np.arange(num_inputs), node_ids])
    rank = np.concatenate([np.full(num_inputs, -1), rng.permutation(len(node_ids))])

    tail, head = np.divmod(np.arange(len(ids) * len(node_ids)), len(node_ids))
    if feed_forward:
        forward = rank[tail] < rank[num_inputs + head]
        tail, head = tail[forward], head[forward]
    chosen = rng.choice(len(tail), min(num_connections, len(tail)), replace=False)
    source, target = ids[tail[chosen]], node_ids[head[chosen]]
    enabled = rng.random(len(chosen)) < enabled_fraction
    if every_node_fed:
        source, target, enabled = _feed_all(rng, node_ids, num_inputs, source, target, enabled)

    def draw_codes(names: Sequence[str], table: Sequence[str]) -> np.ndarray:
        return rng.choice([table.index(name) for name in names], len(node_ids)).astype(np.uint8)

    return Genome(
        id=genome_id,
        node_ids=node_ids,
        bias=rng.normal(size=len(node_ids)),
        response=rng.normal(1.0, 0.3, size=len(node_ids)),
        time_constant=np.ones(len(node_ids)),
        activation=draw_codes(activations, ACTIVATIONS),
        aggregation=draw_codes(aggregations, AGGREGATIONS),
        innovation=np.sort(rng.choice(3 * len(source) + 1, len(source), replace=False)),
        source=source,
        target=target,
        weight=rng.normal(0.0, weight_stdev, size=len(source)),
        enabled=enabled,
    )


def _feed_all(
    rng: np.random.Generator,
    node_ids: np.ndarray,
    num_inputs: int,
    source: np.ndarray,
    target: np.ndarray,
    enabled: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give each bare node an enabled connection: an input's new one, or its disabled one."""
    bare = np.setdiff1d(node_ids, target[enabled])
    new_sources = -1 - rng.integers(num_inputs, size=len(bare))
    clash = np.isin(target, bare)
    clash[clash] = [
        source[k] == new_sources[np.searchsorted(bare, target[k])] for k in np.flatnonzero(clash)
    ]
    source, target, enabled = source[~clash], target[~clash], enabled[~clash]
    return (
        np.concatenate([source, new_sources]),
        np.concatenate([target, bare]),
        np.concatenate([enabled, np.ones(len(bare), np.bool_)]),
    )
