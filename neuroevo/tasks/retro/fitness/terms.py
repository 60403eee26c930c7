"""The terms of a fitness: each follows one expression through an episode and measures it.

Owns the kinds. Sums run in the order of the settings, so a fitness is the same on every machine.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.counters import Ground
from neuroevo.tasks.retro.fitness.expressions import Expression, Past, compile_expression
from neuroevo.tasks.retro.fitness.variables import Values
from neuroevo.tasks.retro.settings import WITHOUT_EXPRESSION, FitnessTerm

RESERVED = frozenset({
    "frames", "score", "won_bonus", "scenario_reward", "presses_dropped", "outputs_saturated",
    "num_presses_dropped", "num_outputs_saturated", "heldout_fitness", "heldout_won",
})  # fmt: skip
"""Metrics of an evaluation that are none of the terms'; a term of that name is called _fitness."""


class Term:
    """One term's running measure.

    Attributes:
        metric: its name among the metrics of an evaluation.
        is_progress: its rise counts as progress for the stall rule.
        variables: the names that its expression reads.
        is_steady: a frame in which no variable changes leaves it as it is.
    """

    is_progress = True
    _measure: float

    def __init__(self, metric: str, weight: float, expression: Expression) -> None:
        """Take what to measure, and how much of it counts."""
        self.metric, self.variables = metric, expression.variables
        self.is_steady = expression.is_steady and self.is_progress
        self._weight, self._evaluate = weight, expression.evaluate

    def begin(self, past: Past) -> None:
        """Start an episode."""
        self._first = self._last = float(self._evaluate(past, past))
        self._measure = 0.0

    def frame(self, now: Values, past: Past) -> None:
        """Follow the expression by one frame."""

    def end(self, ending: str, now: Values, past: Past) -> None:
        """Take note of how the episode ended."""

    def contribution(self) -> float:
        """Return what the term gives to the fitness."""
        return self._weight * self._measure


class _NewMax(Term):
    """How far the maximum rose above the start."""

    def begin(self, past: Past) -> None:
        super().begin(past)
        self._highest = self._first

    def frame(self, now: Values, past: Past) -> None:
        value = self._evaluate(now, past)
        if value > self._highest:
            self._highest = value
            self._measure = value - self._first


class _NewGround(Term):
    """The same, but for what was jumped over."""

    def __init__(self, metric: str, weight: float, expression: Expression, max_jump: float) -> None:
        super().__init__(metric, weight, expression)
        self._ground = Ground(max_jump)

    def begin(self, past: Past) -> None:
        super().begin(past)
        self._ground.begin(self._first)

    def frame(self, now: Values, past: Past) -> None:
        self._measure = self._ground.frame(self._evaluate(now, past))


class _Milestones(_NewMax):
    """How many whole numbers above the start were reached."""

    def frame(self, now: Values, past: Past) -> None:
        value = self._evaluate(now, past)
        if self._highest < value < math.inf:
            self._highest = value
            self._measure = float(math.floor(value) - math.floor(self._first))


class _Gain(Term):
    """The sum of increases."""

    def frame(self, now: Values, past: Past) -> None:
        value = self._evaluate(now, past)
        if value > self._last:
            self._measure += value - self._last
        self._last = value


class _Loss(Term):
    """The sum of decreases, as a positive number."""

    def frame(self, now: Values, past: Past) -> None:
        value = self._evaluate(now, past)
        if value < self._last:
            self._measure -= value - self._last
        self._last = value


class _Value(Term):
    """The value at the end."""

    def begin(self, past: Past) -> None:
        super().begin(past)
        self._measure = self._first

    def frame(self, now: Values, past: Past) -> None:
        self._measure = float(self._evaluate(now, past))


class _Change(Term):
    """The value at the end minus that at the start."""

    def frame(self, now: Values, past: Past) -> None:
        self._measure = self._evaluate(now, past) - self._first


class _PerFrame(Term):
    """The sum over all frames; time that passes is no progress."""

    is_progress = False

    def frame(self, now: Values, past: Past) -> None:
        self._measure += self._evaluate(now, past)


class _Frames(Term):
    """The number of frames: what ``per_frame`` sums without an expression, with nothing to do."""

    is_progress = False

    def begin(self, past: Past) -> None:
        self._past = past

    def contribution(self) -> float:
        return self._weight * float(self._past.frames)


class _OnWin(Term):
    """The value in the frame of the win, 0 without one."""

    is_progress = False
    _ending = "won"

    def end(self, ending: str, now: Values, past: Past) -> None:
        if ending == self._ending:
            self._measure = float(self._evaluate(now, past))


class _OnDeath(_OnWin):
    """The value in the frame of the death, 0 without one."""

    _ending = "died"


KINDS: dict[str, type[Term]] = {
    "new_max": _NewMax,
    "gain": _Gain,
    "loss": _Loss,
    "value": _Value,
    "change": _Change,
    "per_frame": _PerFrame,
    "milestones": _Milestones,
    "on_win": _OnWin,
    "on_death": _OnDeath,
}


def make_term(term: FitnessTerm, variables: Collection[str], max_jump: float | None) -> Term:
    """Compile a term.

    Args:
        term: from the settings.
        variables: the names that data.json defines.
        max_jump: for ``new_max``: a greater change within one frame is a jump, None never.

    Raises:
        TaskError: the kind, the weight or the expression cannot be used.
    """
    where = f"[Fitness] {term.label}"
    if term.kind not in KINDS:
        raise TaskError(
            f"{where}: the kind must be one of {', '.join(KINDS)}; got {term.kind!r}. Choose one."
        )
    if not math.isfinite(term.weight):
        raise TaskError(f"{where}: the weight must be finite; got {term.weight}. _Change it.")
    text = term.expression or ("1" if term.kind in WITHOUT_EXPRESSION else "")
    expression = compile_expression(text, variables, where, has_past=True)
    metric = f"{term.label}_fitness" if term.label in RESERVED else term.label
    if term.kind == "new_max" and max_jump is not None:
        return _NewGround(metric, term.weight, expression, max_jump)
    kind = _Frames if (term.kind, text) == ("per_frame", "1") else KINDS[term.kind]
    return kind(metric, term.weight, expression)
