"""What a line of the run log must hold before anything is made of it: logs of strangers, too."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from neuroevo.errors import StorageError

ALWAYS = (
    "generation", "digest", "best_fitness", "mean_fitness", "num_frames", "num_species",
)  # fmt: skip
"""Keys that every command reads: without them a line is no generation."""

_MOST = 1 << 63


def check_record(where: str, record: Mapping[str, Any], keys: Iterable[str] | None = None) -> None:
    """Check that values of a record are of their kinds.

    Args:
        where: file and line.
        record: a line of the log.
        keys: to check; None checks all that a summary shows.

    Raises:
        StorageError: names the first key that is missing or of another kind.
    """
    for key in _SHAPE if keys is None else keys:
        holds, what = _SHAPE[key]
        if not holds(record.get(key)):
            raise StorageError(
                f"{where}: must be the record of a generation, with {key} as {what}; got "
                f"{str(record.get(key))[:60]!r}. Restore the log from a copy."
            )


def is_whole(value: Any) -> bool:
    """Tell whether a value is a whole number that an array can hold."""
    return type(value) is int and abs(value) < _MOST


def is_number(value: Any) -> bool:
    """Tell whether a value is a number; true and false are none."""
    return isinstance(value, float) or is_whole(value)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_numbers(value: Any) -> bool:
    return isinstance(value, dict) and all(map(is_number, value.values()))


def _are_means(value: Any) -> bool:  # logs of older versions have none
    return value is None or _are_numbers(value)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _are_texts_or_none(value: Any) -> bool:
    return value is None or _are_texts(value)


def _are_species(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(row, dict)
        and all(is_whole(row.get(key)) for key in ("id", "age", "size", "stagnation"))
        and is_number(row.get("fitness"))
        for row in value
    )


_SHAPE: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    **dict.fromkeys(
        ("generation", "num_species", "best_genome_id", "best_num_nodes", "best_num_connections",
         "num_evaluations", "num_frames"), (is_whole, "a whole number")),
    **dict.fromkeys(
        ("best_fitness", "mean_fitness", "generation_seconds"), (is_number, "a number")),
    "digest": (_is_text, "text"),
    "solved": (_is_flag, "true or false"),
    "best_metrics": (_are_numbers, "numbers by name"),
    "mean_metrics": (_are_means, "numbers by name"),
    "endings": (_are_numbers, "counts by name"),
    "species": (_are_species, "a list of species"),
    "events": (_are_texts, "a list of texts"),
    "notices": (_are_texts_or_none, "a list of texts"),
    "terms": (_are_texts_or_none, "a list of names"),
}  # fmt: skip
