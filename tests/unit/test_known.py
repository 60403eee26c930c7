"""Who is evaluated, and whose evaluation counts for the others."""

from __future__ import annotations

import math

import numpy as np

from neuroevo.known import Known, kept
from neuroevo.tasks.evaluations import Evaluations
from neuroevo.tasks.task import Evaluation

NOBODY = Known.of({})


def told(fitnesses: list[float]) -> Evaluations:
    return Evaluations.of([Evaluation(fitness) for fitness in fitnesses])


def scored(known: Known, ids: list[int], firsts: list[int] | None) -> tuple[list[int], list[float]]:
    """Return who was evaluated, and everybody's fitness: their own ids, but for the known ones."""
    ranks = None if firsts is None else np.array(firsts)
    plan = known.plan(np.array(ids), ranks)
    fresh = [ids[place] for place in plan.fresh]
    results = told([float(number) for number in fresh])
    return fresh, known.evaluations.and_then(results).take(plan.rows).fitness.tolist()


def test_at_first_everybody_is_evaluated_but_twins() -> None:
    assert scored(NOBODY, [4, 5, 6, 7], [0, 1, 0, 1]) == ([4, 5], [4.0, 5.0, 4.0, 5.0])


def test_what_is_known_is_not_evaluated_and_counts_for_twins() -> None:
    known = Known.of({9: Evaluation(-9.0), 3: Evaluation(-3.0), 5: Evaluation(-5.0)})
    assert scored(known, [3, 5, 6, 7, 8], [0, 1, 1, 3, 3]) == (
        [7],
        [-3.0, -5.0, -5.0, 7.0, 7.0],
    )
    assert scored(known, [5, 9], [0, 0]) == ([], [-5.0, -9.0])


def test_a_known_genome_behind_its_twin_keeps_its_own() -> None:
    known = Known.of({5: Evaluation(-5.0)})
    assert scored(known, [4, 5, 6], [0, 0, 0]) == ([4], [4.0, -5.0, 4.0])


def test_where_more_than_genes_decides_everybody_is_evaluated() -> None:
    known = Known.of({5: Evaluation(-5.0)})
    assert scored(known, [4, 5, 6], None) == ([4, 5, 6], [4.0, 5.0, 6.0])


def test_those_that_live_on_are_known_if_their_fitness_is_a_number() -> None:
    ids, next_ids = np.array([1, 2, 3, 4]), np.array([2, 3, 4, 8, 9])
    found = kept(ids, told([1.0, 2.0, math.nan, 4.0]), next_ids)
    assert list(found.items()) == [(2, Evaluation(2.0)), (4, Evaluation(4.0))]
    assert list(kept(ids, told([0.0] * 4), np.array([7])).items()) == []
    assert list(kept(ids, told([0.0] * 4), np.array([0])).items()) == []
