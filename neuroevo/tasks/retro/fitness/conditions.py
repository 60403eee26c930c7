"""Conditions on a game's variables, joined: all of them hold, or one does.

Asked on every frame of every episode, so each is a loop that stops at the first answer: ``all()``
and ``any()`` of a generator take three times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from neuroevo.tasks.retro.fitness.variables import Values

Condition = Callable[[Values, Values], bool]
"""Called with the variables now, and with those it compares them with."""


def all_of(parts: Sequence[Callable[[Values, Values], float]]) -> Condition:
    """Return the condition that every part is true, that is not 0; of no part it is true."""

    def all_hold(now: Values, then: Values) -> bool:
        for part in parts:  # noqa: SIM110 - as said above
            if not part(now, then):
                return False
        return True

    return all_hold


def any_of(parts: Sequence[Callable[[Values, Values], float]]) -> Condition:
    """Return the condition that one part is true, that is not 0; of no part it is false."""

    def one_holds(now: Values, then: Values) -> bool:
        for part in parts:  # noqa: SIM110 - as said above
            if part(now, then):
                return True
        return False

    return one_holds
