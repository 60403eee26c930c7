"""The reward and the end that scenario.json defines.

:class:`ScenarioRules` evaluates them on the variables alone, which spares stable-retro's copy of
the whole memory on every frame. Semantics: ``Scenario`` of stable-retro's ``src/data.cpp``
(documented under "scenario.json" in its integration guide). What the rules cannot express (Lua,
unknown operations) goes through :class:`NativeScenario`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.conditions import Condition, all_of, any_of
from neuroevo.tasks.retro.fitness.variables import Values, unknown_variable
from neuroevo.tasks.retro.games import read_json
from neuroevo.tasks.retro.games.native_files import has_script

if TYPE_CHECKING:
    from neuroevo.tasks.retro.emulator import Emulator

Reward = Callable[[Values, Values], float]

OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "": lambda value, _reference: value,
    "equal": operator.eq,
    "negative-equal": lambda value, reference: value == -reference,
    "not-equal": operator.ne,
    "less-than": operator.lt,
    "greater-than": operator.gt,
    "less-or-equal": operator.le,
    "greater-or-equal": operator.ge,
    "nonzero": lambda value, _reference: value != 0,
    "zero": lambda value, _reference: value == 0,
    "positive": lambda value, _reference: value > 0,
    "negative": lambda value, _reference: value < 0,
    "sign": lambda value, _reference: (value > 0) - (value < 0),
}


DELTA = "delta"


class Scenario(Protocol):
    """Reward and end of every frame."""

    @property
    def variables(self) -> frozenset[str]:
        """The names that it reads."""

    @property
    def ending_variables(self) -> frozenset[str]:
        """Those that the end depends on."""

    @property
    def is_of_variables(self) -> bool:
        """Whether it knows nothing but what :meth:`advance` is given."""

    @property
    def is_steady(self) -> bool:
        """Whether a frame in which no variable changes gives no reward and the end of before."""

    def begin(self, variables: Values) -> None:
        """Start an episode; ``variables`` are those right after the reset."""

    def advance(self, variables: Values) -> tuple[float, bool]:
        """Return the reward of the frame just run, and whether the game is done."""


class ScenarioRules:
    """scenario.json on the variables; rewards in float32, as stable-retro computes them.

    Attributes:
        variables: the names that it reads.
        ending_variables: those that the end depends on.
        is_steady: see :class:`Scenario`.
    """

    is_of_variables = True

    def __init__(
        self,
        document: Mapping[str, Any],
        variables: Collection[str],
        where: str,
        *,
        has_reward: bool = True,
    ) -> None:
        """Compile the rules.

        Args:
            document: the JSON object, for which :func:`needs_stable_retro` is False.
            variables: the names that data.json defines.
            where: the file, for messages.
            has_reward: somebody wants the reward; else it is 0 and costs nothing.

        Raises:
            TaskError: a rule names an unknown variable (stable-retro would stop the process).
        """
        self._where = where
        self._known = frozenset(variables)
        self.variables: frozenset[str] = frozenset()
        rewards = self._reward_terms(document)
        rewarded, self.variables = self.variables, frozenset()
        self._rewards = rewards if has_reward else []
        self.is_steady = not self._rewards
        self._is_done = self._condition(document.get("done") or {})
        self.ending_variables = self.variables
        if has_reward:
            self.variables |= rewarded
        self._has_done = "done" in document
        self._previous: Values = {}

    def begin(self, variables: Values) -> None:
        """Start an episode: changes are counted from here."""
        self._previous = variables

    def advance(self, variables: Values) -> tuple[float, bool]:
        """Return the frame's reward and whether the game is done."""
        previous, self._previous = self._previous, variables
        total = 0.0
        for reward in self._rewards:
            if (value := reward(variables, previous)) != 0.0:
                total = float(np.float32(total + value))
        return total, self._has_done and self._is_done(variables, previous)

    def _reward_terms(self, document: Mapping[str, Any]) -> list[Reward]:
        terms: list[Reward] = []
        seen: set[str] = set()
        first_of_many = (document.get("rewards") or [{}])[:1]
        sections = [section for section in [document.get("reward"), *first_of_many] if section]
        times = [section["time"] for section in sections if "time" in section]
        if times:  # a later section replaces the time's rule, but never a variable's
            terms.append(_reward(times[-1], _measure_one))
        for section in sections:
            for name, spec in (section.get("variables") or {}).items():
                if name not in seen:
                    seen.add(name)
                    terms.append(_reward(spec, self._measure(name, spec, "delta")))
        return terms

    def _condition(self, node: Mapping[str, Any]) -> Condition:
        specs = (node.get("variables") or {}).items()
        self.is_steady &= all(spec.get("measurement") != DELTA for _, spec in specs)
        tests = [_done(spec, name, self._measure(name, spec, "absolute")) for name, spec in specs]
        tests += [self._condition(child) for child in (node.get("nodes") or {}).values()]
        return all_of(tests) if node.get("condition") == "all" else any_of(tests)

    def _measure(
        self, name: str, spec: Mapping[str, Any], default: str
    ) -> Callable[[Values, Values], int]:
        if name not in self._known:
            raise unknown_variable(self._where, name, self._known)
        self.variables |= {name}
        measurement = spec.get("measurement")
        if (measurement if measurement in ("absolute", "delta") else default) == "delta":
            return lambda now, before: now[name] - before[name]
        return lambda now, _before: now[name]


class NativeScenario:
    """stable-retro's own evaluation, which copies the whole memory on every frame."""

    variables: frozenset[str] = frozenset()
    ending_variables: frozenset[str] = frozenset()
    is_of_variables = False
    is_steady = False

    def __init__(self, emulator: Emulator) -> None:
        """Use the scenario that ``emulator`` has loaded."""
        self._emulator = emulator

    def begin(self, variables: Values) -> None:  # noqa: ARG002 - the protocol's
        """Start an episode, as stable-retro's own reset does."""
        self._update()

    def advance(self, variables: Values) -> tuple[float, bool]:  # noqa: ARG002
        """Return the frame's reward and whether the game is done."""
        self._update()
        return self._emulator.scenario_reward(), self._emulator.scenario_done()

    def _update(self) -> None:
        try:
            self._emulator.update_ram()
        except (RuntimeError, ValueError) as error:  # of Lua; of a variable that is not there
            raise TaskError(
                f"{self._emulator.scenario}: stable-retro must be able to evaluate it; got "
                f"{error}. Mend the script, or the name of the variable."
            ) from error


def load_scenario(
    emulator: Emulator, variables: Collection[str], *, has_reward: bool = True
) -> Scenario | None:
    """Return the evaluator of the emulator's scenario; None if the game has no scenario.

    Args:
        emulator: a started game.
        variables: the names that data.json defines.
        has_reward: see :class:`ScenarioRules`.

    Raises:
        TaskError: the scenario is malformed.
    """
    path = emulator.scenario
    if path is None:
        return None
    document = read_json(path)
    if not needs_stable_retro(document):
        try:
            return ScenarioRules(document, variables, str(path), has_reward=has_reward)
        except (AttributeError, TypeError, ValueError) as error:
            raise TaskError(
                f"{path}: must follow stable-retro's layout of a scenario; got {error}. Mend it."
            ) from error
    return NativeScenario(emulator)


def needs_stable_retro(document: Mapping[str, Any]) -> bool:
    """Tell whether a scenario uses Lua or an operation that the rules do not know."""
    return bool(document.get("scripts")) or has_script(document) or _has_unknown_op(document)


def _has_unknown_op(value: Any) -> bool:
    if isinstance(value, dict):
        operation = value.get("op", "")
        unknown = isinstance(operation, str) and operation not in OPERATIONS
        return unknown or any(_has_unknown_op(child) for child in value.values())
    return isinstance(value, list) and any(_has_unknown_op(child) for child in value)


def _measure_one(_now: Values, _before: Values) -> int:
    return 1


def _reward(spec: Mapping[str, Any], measure: Callable[[Values, Values], int]) -> Reward:
    operation, reference = OPERATIONS[spec.get("op", "")], int(spec.get("reference", 0))
    gain = np.float32(spec.get("reward", 0.0))
    penalty = np.float32(spec.get("penalty", 0.0))

    def reward(now: Values, before: Values) -> float:
        measured = operation(measure(now, before), reference)
        if measured == 0:
            return 0.0
        return float(np.float32(measured) * (gain if measured > 0 else penalty))

    return reward


def _done(
    spec: Mapping[str, Any], name: str, measure: Callable[[Values, Values], int]
) -> Condition:
    operation, reference = OPERATIONS[spec.get("op", "")], int(spec.get("reference", 0))
    if spec.get("measurement") != DELTA:  # asked on every frame, so in as few calls as can be
        return lambda now, _before: operation(now[name], reference) > 0
    return lambda now, before: operation(measure(now, before), reference) > 0
