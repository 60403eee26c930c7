"""Log records as columns: the one place that reads keys of the run log for the plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError

Record = Mapping[str, Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class RunSummary:
    """What a title says about a run.

    Attributes:
        num_generations: those in the log.
        num_evaluations: genomes evaluated, all generations together.
        num_frames: emulator frames or simulation steps, all generations together.
        seconds: spent in generations, pauses between sessions excluded.
        best_fitness: the highest of all generations, NaN when no generation has a finite one.
        best_generation: the first one that reached it, -1 when ``best_fitness`` is NaN.
    """

    num_generations: int
    num_evaluations: int
    num_frames: int
    seconds: float
    best_fitness: float
    best_generation: int


def generations(records: Sequence[Record]) -> Ints:
    """Return the generation numbers.

    Args:
        records: of one run, in the order of its log.

    Returns:
        (num_records,) int64, ascending; a missing generation is missing here too.

    Raises:
        StorageError: there is no record, or a number does not ascend.
    """
    if not records:
        raise StorageError(
            "run log: must hold at least one generation to plot; got none. "
            "Let the run finish a generation first."
        )
    numbers = np.array([int(value(record, "generation")) for record in records], dtype=np.int64)
    wrong = np.flatnonzero(np.diff(numbers) <= 0)
    if len(wrong):
        before, after = numbers[wrong[0]], numbers[wrong[0] + 1]
        raise StorageError(
            f"run log: generations must ascend; got {after} after {before}. "
            "Plot each run from its own, unedited log."
        )
    return numbers


def column(records: Sequence[Record], key: str) -> Floats:
    """Return one number per record.

    Returns:
        (num_records,) float64; NaN where the log has null or a number that is not finite.

    Raises:
        StorageError: a record lacks the key, or holds something that is no number there.
    """
    return np.array([_number(value(record, key), record, key) for record in records])


def value(record: Record, key: str) -> Any:
    """Return the value of a key.

    Raises:
        StorageError: the record lacks it.
    """
    if key not in record:
        raise StorageError(
            f"run log, generation {record.get('generation', '?')}: every record must hold "
            f"{key!r}; got {len(record)} other keys. Plot a log that neuroevo wrote."
        )
    return record[key]


def summary(records: Sequence[Record]) -> RunSummary:
    """Return the totals of a run.

    Raises:
        StorageError: as :func:`generations` and :func:`column`.
    """
    numbers, best = generations(records), column(records, "best_fitness")
    has_best = bool(np.isfinite(best).any())
    return RunSummary(
        num_generations=len(records),
        num_evaluations=int(np.nansum(column(records, "num_evaluations"))),
        num_frames=int(np.nansum(column(records, "num_frames"))),
        seconds=float(np.nansum(column(records, "generation_seconds"))),
        best_fitness=float(np.nanmax(best)) if has_best else float("nan"),
        best_generation=int(numbers[np.nanargmax(best)]) if has_best else -1,
    )


def _number(found: Any, record: Record, key: str) -> float:
    if found is None:
        return float("nan")
    if isinstance(found, bool) or not isinstance(found, (int, float)):
        raise StorageError(
            f"run log, generation {record.get('generation', '?')}: {key!r} must be a number; "
            f"got {found!r}. Plot a log that neuroevo wrote."
        )
    return float(found) if np.isfinite(found) else float("nan")
