"""Crossover: the child has the structure of the fitter parent, matching genes from either.

Stanley & Miikkulainen 2002, section 3.2; attributes of a matching gene are chosen one by one, as
neat-python does.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.neat.genome import CONNECTION_FIELDS, NODE_FIELDS, Genome

_NODE_ATTRIBUTES = tuple(name for name, _ in NODE_FIELDS if name != "node_ids")


def crossover(
    child_id: int,
    fitter: Genome,
    other: Genome,
    inherit_disabled_prob: float,
    generator: np.random.Generator,
) -> Genome:
    """Return a child with the fitter parent's structure.

    Disjoint and excess genes come from ``fitter`` (a caller that finds both equally fit passes
    the first it drew). A matching gene disabled in either parent is disabled in the child with
    ``inherit_disabled_prob``, else enabled.
    """
    mine, theirs = _matching(fitter.node_ids, other.node_ids)
    arrays: dict[str, npt.NDArray[Any]] = {
        name: _mixed(getattr(fitter, name), getattr(other, name), mine, theirs, generator)
        for name in _NODE_ATTRIBUTES
    }
    mine, theirs = _matching(fitter.innovation, other.innovation)
    arrays["weight"] = _mixed(fitter.weight, other.weight, mine, theirs, generator)
    both = fitter.enabled[mine] & other.enabled[theirs]
    enabled = fitter.enabled.copy()
    enabled[mine] = both | (generator.random(len(mine)) >= inherit_disabled_prob)
    structure = {
        name: getattr(fitter, name)
        for name, _ in (*NODE_FIELDS, *CONNECTION_FIELDS)
        if name in ("node_ids", "innovation", "source", "target")
    }
    return Genome(id=child_id, **structure, **arrays, enabled=enabled)


def _matching(
    first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Return the positions of equal marks in two strictly ascending arrays."""
    at = np.searchsorted(second, first)
    is_inside = at < len(second)
    is_equal = np.zeros(len(first), dtype=bool)
    is_equal[is_inside] = second[at[is_inside]] == first[is_inside]
    mine = np.flatnonzero(is_equal)
    return mine, at[mine]


def _mixed(
    first: npt.NDArray[Any],
    second: npt.NDArray[Any],
    mine: npt.NDArray[np.int64],
    theirs: npt.NDArray[np.int64],
    generator: np.random.Generator,
) -> npt.NDArray[Any]:
    result = first.copy()
    from_first = generator.random(len(mine)) < 0.5
    result[mine] = np.where(from_first, first[mine], second[theirs])
    return result
