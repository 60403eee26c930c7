"""Fitness and the end of an episode, from the variables of every frame.

Owns how terms, scenario, bonus and endings come together. Terms are in ``terms.py``, the stall rule
in ``endings.py``. Knows nothing of emulators.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.counters import Unwrapper
from neuroevo.tasks.retro.fitness.endings import Progress
from neuroevo.tasks.retro.fitness.expressions import (
    Compiled,
    Expression,
    Past,
    compile_expression,
)
from neuroevo.tasks.retro.fitness.scenario import Scenario
from neuroevo.tasks.retro.fitness.terms import Term, make_term
from neuroevo.tasks.retro.fitness.variables import Values
from neuroevo.tasks.retro.settings import FitnessSettings


@dataclass(frozen=True, slots=True)
class Score:
    """What an episode was worth.

    Attributes:
        fitness: the sum of all contributions.
        contributions: what each term, the scenario and the bonus gave.
    """

    fitness: float
    contributions: dict[str, float]


class EndingRule(NamedTuple):
    """When an episode can end before the rules of time say so.

    Attributes:
        variables: it can in a frame in which one of them is not what it was.
        looks_back: and in the frame after that one, too.
    """

    variables: frozenset[str]
    looks_back: bool


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
        _check_source(settings, scenario)
        uses_scenario = settings.use_scenario_reward or settings.use_scenario_done
        self._settings = settings
        self._scenario = scenario if uses_scenario else None
        self._unwrapper = Unwrapper(settings.unwrap, variables) if settings.unwrap else None
        self._terms = [make_term(term, variables, settings.max_jump) for term in settings.terms]
        self._progress_terms = [term for term in self._terms if term.is_progress]
        # Terms that only look at the end cost nothing before.
        followed = [t for t in self._terms if type(t).frame is not Term.frame]
        self._follow = [term.frame for term in followed]
        self._read: frozenset[str] = frozenset(name for name, _ in settings.unwrap)
        is_steady = self._scenario is None or self._scenario.is_steady
        self._is_steady = is_steady and not settings.unwrap and all(t.is_steady for t in followed)
        self._conditions: list[Expression] = []
        self._won = self._condition("won", settings.won, variables)
        self._died = self._condition("died", settings.died, variables)
        self._reached: Compiled = self._sum_of_terms
        if settings.stall_expression:
            stall = self._expression("stall_expression", settings.stall_expression, variables)
            self._reached = stall.evaluate
        self._progress = Progress(settings)
        has_rule = settings.stall_frames is not None or settings.rocking_turns is not None
        self._has_progress_rule = has_rule
        self._max_frames = settings.max_frames
        self._past = Past({})
        self._judged: Values | None = None
        self._reached_value = 0.0

    @property
    def variables(self) -> frozenset[str]:
        """The names that :meth:`frame` reads; it needs no others."""
        of_scenario = frozenset() if self._scenario is None else self._scenario.variables
        return self._read.union(of_scenario, *(term.variables for term in self._terms))

    @property
    def ending_rule(self) -> EndingRule | None:
        """When an episode can end before :meth:`frames_left` are over; None: in any frame."""
        scenario = self._scenario
        names = frozenset[str]().union(*(each.variables for each in self._conditions))
        looks_back = not all(each.is_steady for each in self._conditions)
        if any(each.counts_frames for each in self._conditions):
            return None
        if scenario is not None:
            if not scenario.is_of_variables:
                return None
            if self._settings.use_scenario_done:
                names, looks_back = names | scenario.ending_variables, True
        return EndingRule(names, looks_back)

    def frames_left(self) -> float:
        """Return in how many frames from now time might end the episode: 1 is the next one."""
        frames, earliest = self._past.frames, float(self._max_frames)
        if self._has_progress_rule:
            earliest = min(earliest, self._progress.earliest_ending(frames))
        return earliest - frames

    def begin(self, variables: Values) -> None:
        """Start an episode; ``variables`` are those of its first screen."""
        self._past = Past(variables)
        self._reward = 0.0
        self._has_won = False
        if self._unwrapper is not None:
            self._unwrapper.begin(variables)
        for term in self._terms:
            term.begin(self._past)
        if self._scenario is not None:
            self._scenario.begin(variables)
        self._judged = None
        self._progress.begin(self._reached(variables, self._past))

    def frame(self, variables: Values) -> str | None:
        """Count one frame; return the name of the ending, or None to go on.

        ``variables`` must hold those that :attr:`variables` names. Endings are checked in the
        order of :data:`~neuroevo.tasks.retro.fitness.endings.ENDINGS`.
        """
        self._past.frames += 1
        if variables is not self._judged and variables != self._judged:
            return self._judge(variables)
        ending = self._time_ending()
        if ending is not None:
            self._end(ending, variables)
        return ending

    def _judge(self, variables: Values) -> str | None:
        """Follow all terms, and return the name of the ending.

        Most frames of most games change no variable that counts. Where all terms and conditions
        are steady, such a frame adds nothing and ends nothing that the one before did not, but
        for the rules that count frames: :meth:`frame` asks only those.
        """
        past, is_done = self._past, False
        if self._scenario is not None:  # it sees the game's own values, as in stable-retro
            reward, is_done = self._scenario.advance(variables)
            self._reward += reward
        if self._unwrapper is not None:
            variables = self._unwrapper.frame(variables)
        for follow in self._follow:
            follow(variables, past)
        ending = None
        if self._won is not None and self._won(variables, past):
            ending = "won"
        elif self._died is not None and self._died(variables, past):
            ending = "died"
        elif is_done and self._settings.use_scenario_done:
            ending = "terminated"
        else:
            if self._has_progress_rule:
                self._reached_value = self._reached(variables, past)
            ending = self._time_ending()
        if ending is not None:
            self._end(ending, variables)
        past.before = variables
        self._judged = variables if self._is_steady and ending is None else None
        return ending

    def _time_ending(self) -> str | None:
        """Return the ending that frames without progress bring, or too many of them."""
        frames, ending = self._past.frames, None
        if self._has_progress_rule:
            ending = self._progress.frame(self._reached_value, frames)
        return "max_frames" if ending is None and frames >= self._max_frames else ending

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

    def contribution_names(self) -> list[str]:
        """Return the names of what a fitness is made of, as :meth:`score` gives them."""
        names = [term.metric for term in self._terms]
        names += ["scenario_reward"] if self._settings.use_scenario_reward else []
        return [*names, "won_bonus"] if self._settings.won_bonus else names

    def _end(self, ending: str, variables: Values) -> None:
        self._has_won = ending == "won"
        for term in self._terms:
            term.end(ending, variables, self._past)

    def _condition(self, key: str, text: str, variables: Collection[str]) -> Compiled | None:
        """Return what ends the episode, None if there is no such."""
        if not text:
            return None
        self._conditions.append(self._expression(key, text, variables))
        return self._conditions[-1].evaluate

    def _expression(self, key: str, text: str, variables: Collection[str]) -> Expression:
        expression = compile_expression(text, variables, f"[Fitness] {key}", has_past=True)
        self._read |= expression.variables
        self._is_steady &= expression.is_steady
        return expression

    def _sum_of_terms(self, _now: Values, _past: Values) -> float:
        """Return the fitness so far, but for terms that time alone feeds (per_frame)."""
        total = self._reward if self._settings.use_scenario_reward else 0.0
        for term in self._progress_terms:
            total += term.contribution()
        return total


def _check_source(settings: FitnessSettings, scenario: Scenario | None) -> None:
    if not settings.terms and not settings.use_scenario_reward:
        raise TaskError(
            "[Fitness]: must have a term or use the scenario's reward; got neither. Add e.g. "
            "`progress: new_max x x 1.0` to terms, or set use_scenario_reward = True."
        )
    if settings.use_scenario_reward and scenario is None:
        raise TaskError(
            "[Fitness] use_scenario_reward: the game must have a scenario.json; got none. "
            "Use terms instead."
        )
