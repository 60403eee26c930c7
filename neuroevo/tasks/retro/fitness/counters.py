"""Counters that wrap, and positions that jump: what their raw values hide.

Owns the two corrections a user can ask for, ``unwrap`` and ``max_jump``. Neither costs anything
when it is not asked for: then none of these objects is made.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.variables import Values, unknown_variable


class Unwrapper:
    """Counts on where a counter starts anew.

    A byte that goes from 250 to 4 has gone on by 10, not back by 246. A change of more than half
    the modulus within one frame is taken as a wrap. So this cannot work where a game moves a
    counter that far at once (a pipe, a respawn, the next level): there a game needs the byte that
    holds the page, as in ``256 * page + x``.
    """

    def __init__(self, moduli: Sequence[tuple[str, int]], variables: Collection[str]) -> None:
        """Take the counters.

        Args:
            moduli: (name of a variable, the number of values it has before it starts anew).
            variables: the names that data.json defines.

        Raises:
            TaskError: an unknown variable, or a modulus below 2.
        """
        for name, modulus in moduli:
            if name not in variables:
                raise unknown_variable("[Fitness] unwrap", name, variables)
            if modulus < 2:
                raise TaskError(
                    f"[Fitness] unwrap: {name} must have at least 2 values; got {modulus}. "
                    f"A byte has 256."
                )
        self._moduli = tuple(moduli)
        self._raw: dict[str, int] = {}
        self._added: dict[str, int] = {}

    def begin(self, variables: Values) -> None:
        """Start an episode: its first values are taken as they are."""
        self._raw = {name: variables[name] for name, _ in self._moduli}
        self._added = dict.fromkeys(self._raw, 0)

    def frame(self, variables: Values) -> Values:
        """Return the variables of the next frame with their counters unwrapped."""
        unwrapped = dict(variables)
        for name, modulus in self._moduli:
            raw = variables[name]
            change = raw - self._raw[name]
            if 2 * abs(change) > modulus:
                self._added[name] += modulus if change < 0 else -modulus
            self._raw[name] = raw
            unwrapped[name] = raw + self._added[name]
        return unwrapped


class Ground:
    """How far a position came on foot: every place above the start counts once, when walked over.

    A change of more than ``max_jump`` within one frame is a jump, such as a pipe or a respawn. It
    earns nothing, and walking goes on from where it ended: what it passed over can still be walked
    later, and what was walked before never counts again.
    """

    def __init__(self, max_jump: float) -> None:
        """Take the longest change of one frame that is still walking, in the expression's unit."""
        self._max_jump = max_jump

    def begin(self, value: float) -> None:
        """Start an episode at a position."""
        self._first = self._last = value
        self._walked: list[tuple[float, float]] = []
        self.covered = 0.0

    def frame(self, value: float) -> float:
        """Go on to the position of the next frame; return the length of what was walked over."""
        last, self._last = self._last, value
        if 0 < value - last <= self._max_jump and value > self._first:
            self._walk(max(last, self._first), value)
        return self.covered

    def _walk(self, low: float, high: float) -> None:
        """Add a stretch; stretches that touch become one."""
        if any(a <= low and high <= b for a, b in self._walked):
            return
        apart = []
        for a, b in self._walked:
            if b < low or a > high:
                apart.append((a, b))
            else:
                low, high = min(low, a), max(high, b)
        self._walked = [*apart, (low, high)]
        self.covered = sum(b - a for a, b in self._walked)
