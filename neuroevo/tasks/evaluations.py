"""The evaluations of many genomes, by columns.

What is done with all genomes of a generation takes a few operations on arrays then; of small
networks, Python's objects would take longer than the networks.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, overload

import numpy as np
import numpy.typing as npt

from neuroevo.tasks.task import Evaluation

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


class Evaluations(Sequence[Evaluation]):
    """Evaluations of n genomes; each is made when it is asked for. Nobody changes the arrays.

    What happened to no genome, and a metric that is not finite, is as if nobody had named it.

    Attributes:
        fitness: (n,) float64.
        metrics: (n,) float64 by name, nan where a genome has none of it.
        endings: (n,) int64 by name.
        num_frames: (n,) int64.
        solved: (n,) bool.
    """

    __slots__ = ("endings", "fitness", "metrics", "num_frames", "solved")

    def __init__(
        self,
        fitness: Floats,
        metrics: Mapping[str, Floats],
        endings: Mapping[str, Integers],
        num_frames: Integers,
        solved: npt.NDArray[np.bool_],
    ) -> None:
        """Take the columns."""
        self.fitness, self.metrics, self.endings = fitness, metrics, endings
        self.num_frames, self.solved = num_frames, solved

    @classmethod
    def of(cls, evaluations: Sequence[Evaluation]) -> Evaluations:
        """Return evaluations as columns; those that are, as they are."""
        if isinstance(evaluations, Evaluations):
            return evaluations
        metrics = [evaluation.metrics for evaluation in evaluations]
        endings = [evaluation.endings for evaluation in evaluations]
        return cls(
            np.array([e.fitness for e in evaluations], np.float64),
            {n: np.array([m.get(n, np.nan) for m in metrics], np.float64) for n in _names(metrics)},
            {n: np.array([e.get(n, 0) for e in endings], np.int64) for n in _names(endings)},
            np.array([e.num_frames for e in evaluations], np.int64),
            np.array([e.solved for e in evaluations], np.bool_),
        )

    def __len__(self) -> int:
        return len(self.fitness)

    @overload
    def __getitem__(self, index: int) -> Evaluation: ...

    @overload
    def __getitem__(self, index: slice) -> Evaluations: ...

    def __getitem__(self, index: int | slice) -> Evaluation | Evaluations:
        """Return the evaluation of one genome, or those of some."""
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        metrics = {name: column.item(index) for name, column in self.metrics.items()}
        endings = {name: column.item(index) for name, column in self.endings.items()}
        return Evaluation(
            self.fitness.item(index),
            {name: value for name, value in metrics.items() if math.isfinite(value)},
            {name: count for name, count in endings.items() if count},
            self.num_frames.item(index),
            self.solved.item(index),
        )

    def __eq__(self, other: object) -> bool:
        """Tell whether another sequence holds equal evaluations."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    __hash__ = None  # type: ignore[assignment]

    def take(self, places: Integers) -> Evaluations:
        """Return those at some places, in their order."""
        return Evaluations(
            self.fitness[places],
            {name: column[places] for name, column in self.metrics.items()},
            {name: column[places] for name, column in self.endings.items()},
            self.num_frames[places],
            self.solved[places],
        )

    def and_then(self, others: Evaluations) -> Evaluations:
        """Return these, and others behind them."""
        if not len(self):
            return others
        sizes = len(self), len(others)
        return Evaluations(
            np.concatenate([self.fitness, others.fitness]),
            _joined(self.metrics, others.metrics, sizes, np.nan),
            _joined(self.endings, others.endings, sizes, 0),
            np.concatenate([self.num_frames, others.num_frames]),
            np.concatenate([self.solved, others.solved]),
        )

    def mean_metrics(self) -> dict[str, float]:
        """Return the mean of each metric, over those genomes that have one.

        A mean of numbers too large to be added is left out, as a metric that is not finite.
        """
        means = {}
        for name, column in self.metrics.items():
            found = column.tolist()
            if not math.isfinite(sum(found)):
                found = [value for value in found if math.isfinite(value)]
            if found:
                means[name] = sum(found) / len(found)
        return {name: value for name, value in means.items() if math.isfinite(value)}

    def num_endings(self) -> dict[str, int]:
        """Return how often each ending closed an episode, by name."""
        counts = {name: int(column.sum()) for name, column in sorted(self.endings.items())}
        return {name: count for name, count in counts.items() if count}


def _names(tables: Iterable[Mapping[str, Any]]) -> Iterable[str]:
    """Return all names, in the order in which they first occur."""
    return dict.fromkeys(name for table in tables for name in table)


def _joined(
    first: Mapping[str, Any], second: Mapping[str, Any], sizes: tuple[int, int], nothing: float
) -> dict[str, Any]:
    """Return columns, one behind the other, with ``nothing`` where one of them is not there."""

    def column(table: Mapping[str, Any], name: str, size: int) -> npt.NDArray[Any]:
        found: npt.NDArray[Any] | None = table.get(name)
        return np.full(size, nothing) if found is None else found

    return {
        name: np.concatenate([column(first, name, sizes[0]), column(second, name, sizes[1])])
        for name in _names([first, second])
    }
