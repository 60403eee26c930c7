"""Logs of ill will are refused by the plots in one line; the soak found what breaks them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from neuroevo.errors import StorageError
from neuroevo.plots.endings import endings_data
from neuroevo.plots.fitness import fitness_data
from neuroevo.plots.species import species_data
from neuroevo.plots.terms import terms_data

READERS = (endings_data, fitness_data, species_data, terms_data)
VALUES = ("x", 10**400, 2**63, [3], {"a": "b"}, [{}])
KEYS = ("generation", "endings", "species", "events", "terms", "best_fitness")


@pytest.mark.parametrize(
    "value", ["x", 10**400, 2**63, [3], {"a": "b"}, [{}]], ids=lambda v: str(v)[:9]
)
@pytest.mark.parametrize("key", KEYS)
def test_a_value_of_another_kind_is_one_line(
    make_log: Callable[..., list[dict[str, Any]]], key: str, value: Any
) -> None:
    log = make_log(3)
    log[1][key] = value
    told = [refusal(read, log) for read in READERS]
    assert any(f"{key}" in text for text in told), told
    assert all(len(text) < 300 and "\n" not in text for text in told)


def refusal(read: Callable[..., Any], log: list[dict[str, Any]]) -> str:
    """Return what is said of a log, '' if it is read; anything but our own error fails."""
    try:
        read(log)
    except StorageError as error:
        return str(error)
    return ""
