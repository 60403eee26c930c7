"""Fitness and the end of an episode, from the variables of every frame.

Owns the terms, the stall rule and the names of the endings. Sums run in the order of the settings,
so a fitness is the same on every machine. Knows nothing of emulators.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.expressions import Compiled, compile_expression
from neuroevo.tasks.retro.scenario import Scenario
from neuroevo.tasks.retro.settings import FitnessSettings, FitnessTerm

Values = Mapping[str, int]
KINDS = ("new_max", "gain", "loss", "value", "change", "per_frame")
RESERVED = frozenset({"frames", "score", "won_bonus", "scenario_reward"})


@dataclass(frozen=True, slots=True)
class Score:
    """What an episode was worth.

    Attributes:
        fitness: the sum of all contributions.
        contributions: what each term, the scenario and the bonus gave.
    """

    fitness: float
    contributions: dict[str, float]


class Scorer:
    """Follows one episode at a time: :meth:`begin`, :meth:`frame` until it ends, :meth:`score`."""

    def __init__(
        self,
        settings: FitnessSettings,
        variables: Collection[str],
        scenario: Scenario | None = None,
    ) -> None:
        """Compile all expressions.

        Args:
            settings: terms and endings.
            variables: the names that data.json defines.
            scenario: reward and end of scenario.json, when the settings use them.

        Raises:
            TaskError: an expression or a term cannot be used, or no fitness is defined.
        """
        if not settings.terms and not settings.use_scenario_reward:
            raise TaskError(
                "[Fitness]: must have a term or use the scenario's reward; got neither. Add e.g. "
                "progress = new_max(x), or set use_scenario_reward = True."
            )
        if settings.use_scenario_reward and scenario is None:
            raise TaskError(
                "[Fitness] use_scenario_reward: the game must have a scenario.json; got none. "
                "Use terms instead."
            )
        uses_scenario = settings.use_scenario_reward or settings.use_scenario_done
        self._settings = settings
        self._scenario = scenario if uses_scenario else None
        self._terms = [_Term(term, variables) for term in settings.terms]
        self._progress_terms = [t for t in self._terms if t.kind != "per_frame"]
        self._won = _condition("won", settings.won, variables)
        self._died = _condition("died", settings.died, variables)
        self._stall = _condition("stall_expression", settings.stall_expression, variables)
        self._start: Values = {}

    def begin(self, variables: Values) -> None:
        """Start an episode; ``variables`` are those of its first screen."""
        self._start = variables
        self._frames = 0
        self._reward = 0.0
        self._has_won = False
        for term in self._terms:
            term.begin(variables)
        if self._scenario is not None:
            self._scenario.begin(variables)
        self._best_progress = self._progress(variables)
        self._best_frame = 0

    def frame(self, variables: Values) -> str | None:
        """Count one frame; return the name of the ending, or None to go on.

        Checked in this order: won, died, terminated, stalled, max_frames.
        """
        self._frames += 1
        is_done = self._advance_scenario(variables)
        for term in self._terms:
            term.frame(variables, self._start)
        if self._won is not None and self._won(variables, self._start):
            self._has_won = True
            return "won"
        if self._died is not None and self._died(variables, self._start):
            return "died"
        if is_done:
            return "terminated"
        if self._is_stalled(variables):
            return "stalled"
        return "max_frames" if self._frames >= self._settings.max_frames else None

    def score(self) -> Score:
        """Return the fitness and what it is made of."""
        contributions = {term.metric: term.contribution() for term in self._terms}
        if self._settings.use_scenario_reward:
            contributions["scenario_reward"] = self._reward
        if self._settings.won_bonus:
            contributions["won_bonus"] = self._settings.won_bonus if self._has_won else 0.0
        fitness = 0.0
        for value in contributions.values():
            fitness += value
        return Score(fitness, contributions)

    def _advance_scenario(self, variables: Values) -> bool:
        if self._scenario is None:
            return False
        reward, is_done = self._scenario.advance(variables)
        self._reward += reward
        return is_done and self._settings.use_scenario_done

    def _is_stalled(self, variables: Values) -> bool:
        limit = self._settings.stall_frames
        if limit is None:
            return False
        progress = self._progress(variables)
        if progress > self._best_progress:
            self._best_progress, self._best_frame = progress, self._frames
        return self._frames - self._best_frame >= limit

    def _progress(self, variables: Values) -> float:
        """The quantity whose rise counts; time alone (per_frame terms) is no progress."""
        if self._stall is not None:
            return self._stall(variables, self._start)
        total = self._reward if self._settings.use_scenario_reward else 0.0
        for term in self._progress_terms:
            total += term.contribution()
        return total


class _Term:
    """One term's running measure."""

    def __init__(self, term: FitnessTerm, variables: Collection[str]) -> None:
        where = f"[Fitness] {term.label}"
        if term.kind not in KINDS:
            raise TaskError(
                f"{where}: the kind must be one of {', '.join(KINDS)}; got {term.kind!r}. "
                f"Choose one."
            )
        if not math.isfinite(term.weight):
            raise TaskError(f"{where}: the weight must be finite; got {term.weight}. Change it.")
        text = term.expression or ("1" if term.kind == "per_frame" else "")
        self.kind = term.kind
        self.metric = f"{term.label}_fitness" if term.label in RESERVED else term.label
        self._weight = term.weight
        self._evaluate = compile_expression(text, variables, where).evaluate

    def begin(self, start: Values) -> None:
        first = float(self._evaluate(start, start))
        self._first = self._last = self._highest = first
        self._total = 0.0

    def frame(self, now: Values, start: Values) -> None:
        value = self._evaluate(now, start)
        if self.kind == "per_frame":
            self._total += value
        elif value != self._last:
            self._changed(value)

    def contribution(self) -> float:
        return self._weight * self._measured()

    def _changed(self, value: float) -> None:
        change = value - self._last
        self._last = value
        self._highest = max(self._highest, value)
        if self.kind == "gain" and change > 0:
            self._total += change
        elif self.kind == "loss" and change < 0:
            self._total -= change

    def _measured(self) -> float:
        if self.kind == "new_max":
            return self._highest - self._first
        if self.kind == "value":
            return float(self._last)
        if self.kind == "change":
            return self._last - self._first
        return self._total


def _condition(key: str, text: str, variables: Collection[str]) -> Compiled | None:
    return compile_expression(text, variables, f"[Fitness] {key}").evaluate if text else None
