"""Log records as columns: the one place that reads keys of the run log for the plots."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError
from neuroevo.neat.state import milestone
from neuroevo.storage.record_shape import check_record, is_number

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
        StorageError: there is no record, a number does not ascend, or a record holds lists and
            tables of another kind than neuroevo writes.
    """
    if not records:
        raise StorageError(
            "run log: must hold at least one generation to plot; got none. "
            "Let the run finish a generation first."
        )
    for record in records:
        _check(record)
    numbers = np.array([value(record, "generation") for record in records], dtype=np.int64)
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


def event_texts(record: Record) -> list[str]:
    """Return the events and notices of a generation; logs of older versions have no notices.

    Raises:
        StorageError: they are no texts.
    """
    check_record("run log", record, ["events", "notices"])
    return [*value(record, "events"), *(record.get("notices") or ())]


def milestones(records: Sequence[Record]) -> tuple[tuple[int, str], ...]:
    """Return the events that a person must see: (generation, extinction or stagnation) each.

    Raises:
        StorageError: the events of a record are no texts.
    """
    found: dict[tuple[int, str], None] = {}
    for record in records:
        kinds = (milestone(text) for text in event_texts(record))
        found |= {(int(value(record, "generation")), kind): None for kind in kinds if kind}
    return tuple(found)


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


_TABLES = ("generation", "endings", "events")


def _check(record: Record) -> None:
    where = f"run log, generation {str(record.get('generation', '?'))[:20]}"
    check_record(where, record, [key for key in _TABLES if key in record])


def _number(found: Any, record: Record, key: str) -> float:
    if found is None:
        return float("nan")
    if not is_number(found):
        raise StorageError(
            f"run log, generation {record.get('generation', '?')}: {key!r} must be a number; "
            f"got {str(found)[:60]!r}. Plot a log that neuroevo wrote."
        )
    return float(found) if np.isfinite(found) else float("nan")
