"""The reward and the end that scenario.json defines.

:class:`ScenarioRules` evaluates them on the variables alone, which spares stable-retro's copy of
the whole memory on every frame. Semantics: ``Scenario`` of stable-retro's ``src/data.cpp``
(documented under "scenario.json" in its integration guide). What the rules cannot express (Lua,
unknown operations) goes through :class:`NativeScenario`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games import read_json

if TYPE_CHECKING:
    from neuroevo.tasks.retro.emulator import Emulator

Values = Mapping[str, int]
Test = Callable[[Values, Values], bool]
Reward = Callable[[Values, Values], float]

OPERATIONS: dict[str, Callable[[int, int], int]] = {
    "": lambda value, _reference: value,
    "equal": lambda value, reference: value == reference,
    "negative-equal": lambda value, reference: value == -reference,
    "not-equal": lambda value, reference: value != reference,
    "less-than": lambda value, reference: value < reference,
    "greater-than": lambda value, reference: value > reference,
    "less-or-equal": lambda value, reference: value <= reference,
    "greater-or-equal": lambda value, reference: value >= reference,
    "nonzero": lambda value, _reference: value != 0,
    "zero": lambda value, _reference: value == 0,
    "positive": lambda value, _reference: value > 0,
    "negative": lambda value, _reference: value < 0,
    "sign": lambda value, _reference: (value > 0) - (value < 0),
}


class Scenario(Protocol):
    """Reward and end of every frame."""

    def begin(self, variables: Values) -> None:
        """Start an episode; ``variables`` are those right after the reset."""

    def advance(self, variables: Values) -> tuple[float, bool]:
        """Return the reward of the frame just run, and whether the game is done."""


class ScenarioRules:
    """scenario.json on the variables; rewards in float32, as stable-retro computes them."""

    def __init__(self, document: Mapping[str, Any], variables: Collection[str], where: str) -> None:
        """Compile the rules.

        Args:
            document: the JSON object, for which :func:`needs_stable_retro` is False.
            variables: the names that data.json defines.
            where: the file, for messages.

        Raises:
            TaskError: a rule names an unknown variable (stable-retro would stop the process).
        """
        self._where = where
        self._known = frozenset(variables)
        self._rewards = self._reward_terms(document)
        self._is_done = self._condition(document.get("done") or {})
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

    def _condition(self, node: Mapping[str, Any]) -> Test:
        tests = [
            _done(spec, self._measure(name, spec, "absolute"))
            for name, spec in (node.get("variables") or {}).items()
        ]
        tests += [self._condition(child) for child in (node.get("nodes") or {}).values()]
        if node.get("condition") == "all":
            return lambda now, before: all(test(now, before) for test in tests)
        return lambda now, before: any(test(now, before) for test in tests)

    def _measure(
        self, name: str, spec: Mapping[str, Any], default: str
    ) -> Callable[[Values, Values], int]:
        if name not in self._known:
            raise TaskError(
                f"{self._where}: must use variables of data.json; got {name!r}. "
                f"The game has: {', '.join(sorted(self._known))}."
            )
        measurement = spec.get("measurement")
        if (measurement if measurement in ("absolute", "delta") else default) == "delta":
            return lambda now, before: now[name] - before[name]
        return lambda now, _before: now[name]


class NativeScenario:
    """stable-retro's own evaluation, which copies the whole memory on every frame."""

    def __init__(self, emulator: Emulator) -> None:
        """Use the scenario that ``emulator`` has loaded."""
        self._emulator = emulator

    def begin(self, variables: Values) -> None:  # noqa: ARG002 - the protocol's
        """Start an episode, as stable-retro's own reset does."""
        self._emulator.update_ram()

    def advance(self, variables: Values) -> tuple[float, bool]:  # noqa: ARG002
        """Return the frame's reward and whether the game is done."""
        self._emulator.update_ram()
        return self._emulator.scenario_reward(), self._emulator.scenario_done()


def load_scenario(emulator: Emulator, variables: Collection[str]) -> Scenario | None:
    """Return the evaluator of the emulator's scenario; None if the game has no scenario.

    Raises:
        TaskError: the scenario is malformed.
    """
    path = emulator.scenario
    if path is None:
        return None
    document = read_json(path)
    if not needs_stable_retro(document):
        try:
            return ScenarioRules(document, variables, str(path))
        except (AttributeError, TypeError, ValueError) as error:
            raise TaskError(
                f"{path}: must follow stable-retro's layout of a scenario; got {error}. Mend it."
            ) from error
    return NativeScenario(emulator)


def check_scripts(path: Path, *, allow_scripts: bool) -> None:
    """Refuse a scenario whose Lua did not come with stable-retro, before it is ever loaded.

    Raises:
        TaskError: Lua from outside the installed package, or a script without its file.
    """
    document = read_json(path)
    scripts = document.get("scripts")
    if _has_script(document) and not scripts:
        raise TaskError(
            f'{path}: a script must have its file listed under "scripts"; got none. '
            f"stable-retro would crash: add it."
        )
    if scripts and not allow_scripts and not _is_shipped(path):
        raise TaskError(
            f"{path}: Lua from outside stable-retro must be allowed explicitly; got {scripts}. "
            f"Read it, then set [Retro] allow_scripts = True."
        )


def needs_stable_retro(document: Mapping[str, Any]) -> bool:
    """Tell whether a scenario uses Lua or an operation that the rules do not know."""
    return bool(document.get("scripts")) or _has_script(document) or _has_unknown_op(document)


def _has_script(document: Mapping[str, Any]) -> bool:
    sections = [document.get("reward"), document.get("done"), *(document.get("rewards") or [])]
    return any(isinstance(section, dict) and "script" in section for section in sections)


def _has_unknown_op(value: Any) -> bool:
    if isinstance(value, dict):
        operation = value.get("op", "")
        unknown = isinstance(operation, str) and operation not in OPERATIONS
        return unknown or any(_has_unknown_op(child) for child in value.values())
    return isinstance(value, list) and any(_has_unknown_op(child) for child in value)


def _is_shipped(path: Path) -> bool:
    import stable_retro

    return Path(stable_retro.__file__).resolve().parent in path.resolve().parents


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


def _done(spec: Mapping[str, Any], measure: Callable[[Values, Values], int]) -> Test:
    operation, reference = OPERATIONS[spec.get("op", "")], int(spec.get("reference", 0))
    return lambda now, before: operation(measure(now, before), reference) > 0
