"""What a checkpoint holds beside the population: checked once, before anybody uses it.

The sums of a file find damage, not forgery: whatever a stranger wrote is refused here in one line.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from neuroevo.errors import StorageError
from neuroevo.tasks.task import Evaluation

JSON = Any
_MOST = 1 << 63
_NUM_SHOWN = 40
"""Letters of a wrong value in a message."""


@dataclass(frozen=True, slots=True)
class Extra:
    """What a resumed run needs beside the population.

    Attributes:
        where: the file, for messages.
        log_offset: bytes of the run log up to this checkpoint.
        known: by genome id, what need not be evaluated again; every fitness is finite.
        fingerprint: of the task; printable texts by name.
        stage: of the curriculum, from 0; 0 where there is none.
        wins: of the stage's last champions.
        fitnesses: of the generation before, by genome id; {} where none are kept.
        settings: the text of the settings it was bred with; None where none are kept.
    """

    where: str
    log_offset: int
    known: Mapping[int, Evaluation]
    fingerprint: Mapping[str, str]
    stage: int
    wins: tuple[bool, ...]
    fitnesses: Mapping[str, float]
    settings: str | None

    def curriculum(self, num_stages: int) -> dict[str, JSON]:
        """Return what :class:`~neuroevo.curriculum.Curriculum` goes on from.

        Args:
            num_stages: of the task; 0 without a curriculum.

        Raises:
            StorageError: the task has no such stage.
        """
        _require(
            self.stage < max(1, num_stages), self.where,
            f"curriculum with a stage below {max(1, num_stages)}", self.stage,
        )  # fmt: skip
        return {"stage": self.stage, "wins": list(self.wins)}


def read_extra(where: str, extra: Mapping[str, JSON]) -> Extra:
    """Check what was saved beside a population.

    Args:
        where: of the file, for messages.
        extra: as it was saved. Versions before curricula, or before fitnesses were kept, have no
            ``curriculum``, no ``fitnesses`` and no ``settings``.

    Raises:
        StorageError: something is missing, or of another kind than it must be.
    """
    offset = _count(where, extra, "log_offset")
    known = _table(where, extra, "known", _is_evaluation, "evaluations")
    fingerprint = _table(where, extra, "fingerprint", is_text, "texts", is_text)
    stage, wins = _lesson(where, extra.get("curriculum", {"stage": 0, "wins": []}))
    fitnesses = _table(where, {"fitnesses": {}, **extra}, "fitnesses", _is_number, "numbers")
    settings = extra.get("settings")
    _require(settings is None or isinstance(settings, str), where, "settings as a text", settings)
    evaluations = {int(number): Evaluation(**values) for number, values in known.items()}
    return Extra(where, offset, evaluations, fingerprint, stage, wins, fitnesses, settings)


def is_text(value: JSON) -> bool:
    """Tell whether a value can be shown in a line, on any terminal."""
    return isinstance(value, str) and value.isprintable() and len(value) < 1000


def _table(
    where: str,
    extra: Mapping[str, JSON],
    name: str,
    is_value: Callable[[JSON], bool],
    what: str,
    is_key: Callable[[str], bool] | None = None,
) -> dict[str, Any]:
    """Return a dictionary of ``extra``, by genome id unless ``is_key`` says what its keys are."""
    found = extra.get(name)
    if not isinstance(found, dict):
        raise _damaged(where, f"{name} as a table", found)
    by = "genome id" if is_key is None else "name"
    for key, value in found.items():
        _require((is_key or _is_id)(key), where, f"{name} by {by}", key)
        _require(is_value(value), where, f"{name} as {what}", value)
    return found


def _lesson(where: str, curriculum: JSON) -> tuple[int, tuple[bool, ...]]:
    if not isinstance(curriculum, dict):
        raise _damaged(where, "curriculum as a table", curriculum)
    wins = curriculum.get("wins")
    if not isinstance(wins, list) or not all(isinstance(won, bool) for won in wins):
        raise _damaged(where, "curriculum with a list of wins", wins)
    return _count(where, curriculum, "stage"), tuple(wins)


def _count(where: str, table: Mapping[str, JSON], name: str) -> int:
    value = table.get(name)
    if value is None or not _is_count(value):
        raise _damaged(where, f"{name} as a count", value)
    return int(value)


def _is_evaluation(value: JSON) -> bool:
    if not isinstance(value, dict) or set(value) != {field.name for field in fields(Evaluation)}:
        return False
    metrics, endings = value["metrics"], value["endings"]
    return (
        _is_number(value["fitness"])
        and isinstance(metrics, dict) and all(map(_is_number, metrics.values()))
        and isinstance(endings, dict) and all(map(_is_count, endings.values()))
        and _is_count(value["num_frames"]) and isinstance(value["solved"], bool)
    )  # fmt: skip


def _is_count(value: JSON) -> bool:
    return type(value) is int and 0 <= value < _MOST


def _is_number(value: JSON) -> bool:
    """Tell whether a value is a finite number that an array can hold."""
    if isinstance(value, float):
        return math.isfinite(value)
    return isinstance(value, int) and abs(value) < _MOST


def _is_id(key: str) -> bool:
    return key.isascii() and key.isdigit() and len(key) < 20 and str(int(key)) == key


def _require(holds: bool, where: str, rule: str, got: JSON) -> None:
    if not holds:
        raise _damaged(where, rule, got)


def _damaged(where: str, rule: str, got: JSON) -> StorageError:
    return StorageError(
        f"{where}: expected {rule}; got {repr(got)[:_NUM_SHOWN]}. "
        "The file is damaged: take an earlier checkpoint or a copy."
    )
