"""What random play makes one suspect: variables that never move, rewards that never come."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.check.checkup_play import Played
from neuroevo.tasks.retro.check.findings import Finding, Place
from neuroevo.tasks.retro.check.lint_scenario import pays_for_change
from neuroevo.tasks.retro.check.variable_types import VariableType, parse_type
from neuroevo.tasks.retro.games.folders import GameFolders, read_json
from neuroevo.tasks.retro.games.info import read_variables


@dataclass(frozen=True, slots=True)
class VariableCheck:
    """The values of one variable over all states that were played.

    Attributes:
        low, high: smallest and largest value.
        num_moved: in how many of the played states it changed.
    """

    name: str
    low: int
    high: int
    num_moved: int


def variable_checks(played: Sequence[Played]) -> tuple[VariableCheck, ...]:
    """Return the range of every variable over all play, sorted by name."""
    names = sorted({name for one in played for name in one.lows})
    return tuple(
        VariableCheck(
            name,
            min(one.lows[name] for one in played if name in one.lows),
            max(one.highs[name] for one in played if name in one.highs),
            sum(one.lows.get(name) != one.highs.get(name) for one in played),
        )
        for name in names
    )


def suspicions(
    game: GameFolders,
    played: Sequence[Played],
    variables: Sequence[VariableCheck],
    scenario: Path | None,
) -> Iterator[Finding]:
    """Yield what random play makes one suspect.

    Args:
        game: whose data.json the variables come from.
        played: from every state that was played.
        variables: their ranges.
        scenario: the file it was played with; None for none.
    """
    if not played:
        return
    place = Place(str(game.find("data.json") or game.name))
    missing = sorted(_known(game) - {variable.name for variable in variables})
    if missing:
        message = (
            f"variables must be readable; got nothing for {', '.join(missing)}. Correct their "
            f"address or type."
        )
        yield place.error(0, "unreadable", message)
    constant = [v.name for v in variables if v.low == v.high]
    if constant:
        message = (
            f"{len(constant)} of {len(variables)} variables never moved: {', '.join(constant)}. "
            f"Normal for what random play does not reach, else a wrong address."
        )
        yield place.info(0, "constant", message)
    for one in played:
        if not one.has_picture_moved and one.lows == one.highs:
            message = (
                "a state must lead into the game; got a picture and variables that stood still. "
                "It may be a menu or a pause, or the ROM another one."
            )
            yield Place(f"{game.name} {one.state}").warning(0, "stands-still", message)
    if scenario is not None:
        yield from _look_at_scenario(game, scenario, played)


def _look_at_scenario(
    game: GameFolders, scenario: Path, played: Sequence[Played]
) -> Iterator[Finding]:
    place = Place(str(scenario))
    problems = {one.scenario_problem for one in played if one.scenario_problem}
    for problem in sorted(problems):
        yield place.error(0, "scenario", problem.removeprefix(f"{scenario}: "))
    at_once = [one.state for one in played if one.first_done == 1]
    if at_once:
        message = (
            f"done must not hold at the start; got it in the first frame of {', '.join(at_once)}. "
            f"Correct the condition."
        )
        yield place.error(0, "done-at-once", message)
    yield from _wraps(game, scenario, played)
    document = read_json(scenario)
    pays = any(key in document for key in ("reward", "rewards"))
    if pays and not problems and not any(one.num_rewarded for one in played):
        message = (
            "a reward should come now and then; got none in all of the random play. Correct the "
            "variable, or give a reward for less."
        )
        yield place.warning(0, "no-reward", message)


def _wraps(game: GameFolders, scenario: Path, played: Sequence[Played]) -> Iterator[Finding]:
    """Yield a warning for each variable that pays for its change and was seen to start anew."""
    types = _types(game)
    for name in sorted(_paid_for_change(read_json(scenario))):
        kind = types.get(name)
        if kind is None:
            continue
        low, high = kind.bounds()
        jump = max((one.jumps.get(name, 0) for one in played), default=0)
        if 2 * jump > high - low + 1:
            message = (
                f"{name}: what pays for its change must not wrap; got a change of {jump:,} within "
                f"one frame of the random play, of {high - low + 1:,} values. It starts anew, or "
                f"something sets it: use a term with unwrap or max_jump in [Fitness] instead, or "
                f"add the byte above it."
            )
            yield Place(str(scenario)).warning(0, "wraps", message)


def _paid_for_change(document: Mapping[str, Any]) -> set[str]:
    many = document.get("rewards")
    sections = [document.get("reward"), *(many if isinstance(many, list) else [])]
    rewards = [section.get("variables") for section in sections if isinstance(section, dict)]
    specs = [item for reward in rewards if isinstance(reward, dict) for item in reward.items()]
    return {name for name, spec in specs if pays_for_change(spec)}


def _types(game: GameFolders) -> dict[str, VariableType]:
    """Return the types of all variables that can be read as numbers of a known size."""
    try:
        variables = read_variables(game)
    except TaskError:  # the linter tells of it
        return {}
    parsed = {variable.name: parse_type(variable.type) for variable in variables}
    return {name: kind for name, kind in parsed.items() if kind is not None}


def _known(game: GameFolders) -> set[str]:
    try:
        return set(read_json(game.need("data.json")).get("info", {}))
    except TaskError:  # the linter tells of it
        return set()
