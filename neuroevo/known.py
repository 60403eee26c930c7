"""Who of a generation must be evaluated, and whose evaluation counts for each of the others.

An elite of a task that always says the same is not evaluated again, and of genomes with the same
genes one is enough.
"""

from __future__ import annotations

from collections.abc import ItemsView, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import Evaluation

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Plan:
    """How the genomes of a generation come to their evaluations.

    Attributes:
        fresh: (k,) int64, places of those that are evaluated.
        rows: (n,) int64, by place: whose evaluation counts, of those that are known and then the
            fresh ones.
    """

    fresh: Integers
    rows: Integers


@dataclass(frozen=True, slots=True)
class Known:
    """Evaluations that hold for generations to come.

    Attributes:
        ids: (k,) int64, ascending, of the genomes.
        evaluations: theirs; every fitness is finite.
    """

    ids: Integers
    evaluations: Evaluations

    @classmethod
    def of(cls, by_id: Mapping[int, Evaluation]) -> Known:
        """Take evaluations by genome id."""
        ids = sorted(by_id)
        return cls(np.array(ids, np.int64), Evaluations.of([by_id[i] for i in ids]))

    def items(self) -> ItemsView[int, Evaluation]:
        """Return genome ids and evaluations, by ascending id."""
        return dict(zip(self.ids.tolist(), self.evaluations, strict=True)).items()

    def plan(self, ids: Integers, firsts: Integers | None) -> Plan:
        """Return who must be evaluated.

        Args:
            ids: (n,) int64, ascending, of the generation.
            firsts: (n,) int64, by place, that of the first genome with the same genes; None where
                evaluations depend on more than the genes: then everybody gets one of their own.
        """
        if firsts is None:
            places = np.arange(len(ids))
            return Plan(places, places + len(self.ids))
        rows, is_known = _found(ids, self.ids)
        fresh = np.flatnonzero((firsts == np.arange(len(ids))) > is_known)
        num_known = len(self.ids)
        rows[fresh] = np.arange(num_known, num_known + len(fresh))
        # A known genome keeps its own; it is the first one, or as good.
        return Plan(fresh, np.where(is_known, rows, rows[firsts]))


def kept(ids: Integers, evaluations: Evaluations, next_ids: Integers) -> Known:
    """Return what is known of a generation's genomes that live on.

    Args:
        ids: (n,) int64, ascending, of the generation.
        evaluations: of its genomes.
        next_ids: (m,) int64, ascending, of the next one.
    """
    _, lives_on = _found(ids, next_ids)
    places = np.flatnonzero(lives_on & np.isfinite(evaluations.fitness))
    return Known(ids[places], evaluations.take(places))


def _found(wanted: Integers, ids: Integers) -> tuple[Integers, npt.NDArray[np.bool_]]:
    """Return where ids stand among others, all ascending, and whether they are there."""
    if not len(ids):
        return np.zeros(len(wanted), np.int64), np.zeros(len(wanted), np.bool_)
    at = ids.searchsorted(wanted)
    return at, ids.take(at, mode="clip") == wanted
