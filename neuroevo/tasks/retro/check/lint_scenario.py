"""Rules for scenario.json: rewards, ends, scripts, crop, actions.

What stable-retro makes of a scenario: "scenario.json" and "Appendix: Operations" of its integration
guide, and ``Scenario`` in its src/data.cpp. What it does not know it ignores without a word, which
is what most of these rules are about.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroevo.tasks.retro.check.findings import Finding, Place
from neuroevo.tasks.retro.check.json_lines import Node
from neuroevo.tasks.retro.check.lint_data import LintedVariable, unknown_keys
from neuroevo.tasks.retro.check.lint_done import lint_done
from neuroevo.tasks.retro.fitness.scenario import OPERATIONS

TOP_KEYS = ("reward", "rewards", "done", "scripts", "crop", "crops", "actions")
REWARD_KEYS = ("variables", "time", "script")
SPEC_KEYS = ("reward", "penalty", "op", "reference", "measurement")
MEASUREMENTS = ("absolute", "delta")

_POSITION = re.compile(
    r"(^|_)(x|y|[xy]_?pos|pos_?[xy]|[a-z]*scroll[a-z]*|screen_?[xy]|h_?pos|distance"
    r"|pos|position|progress|camera|camera_?[xy])(_|$)|(^|_)[xy]low?$|^low?$"
)
_COUNTED = re.compile(r"(^|_)(lives|life|health|hp|energy|hearts?|kills|level|stage|round)(_|$)")
"""Small counts that no game lets run through all values of a byte."""
_SCORE = re.compile(r"score|points|bonus|money|gold|cash")


@dataclass(frozen=True, slots=True)
class ScenarioContext:
    """What a scenario is read against.

    Attributes:
        variables: of data.json; None when there is none to compare with.
        buttons: of the console; () when it is not known.
        folder: where the scenario's scripts lie.
    """

    variables: Mapping[str, LintedVariable] | None
    buttons: Collection[str]
    folder: Path


def lint_scenario(document: Node, context: ScenarioContext, place: Place) -> Iterator[Finding]:
    """Yield the findings of one scenario."""
    yield from unknown_keys(document, TOP_KEYS, place)
    yield from _lint_rewards(document, context, place)
    yield from _lint_end(document, context, place)
    yield from _lint_scripts(document, context.folder, place)
    yield from _lint_crop(document, place)
    yield from _lint_actions(document, context.buttons, place)


def used_variables(document: Node) -> set[str]:
    """Return the names that the rewards and the end of a scenario use."""
    names: set[str] = set()
    for section in [*reward_sections(document), document.members.get("done")]:
        if section is not None:
            names |= _names_in(section)
    return names


def has_scripts(document: Node) -> bool:
    """Tell whether a scenario runs Lua, which may use any variable."""
    return bool(document.get("scripts"))


def reward_sections(document: Node) -> list[Node]:
    """Return the objects that define rewards, one per player."""
    single = [document.members["reward"]] if "reward" in document.members else []
    many = document.members.get("rewards")
    return [*single, *(many.items if many else [])]


def _names_in(section: Node) -> set[str]:
    names = set(_member(section, "variables"))
    for node in _member(section, "nodes").values():
        names |= _names_in(node)
    return names


def _member(node: Node, name: str) -> dict[str, Node]:
    member = node.members.get(name)
    return member.members if member else {}


def _lint_rewards(document: Node, context: ScenarioContext, place: Place) -> Iterator[Finding]:
    sections = reward_sections(document)
    if not sections:
        message = "should define a reward; got none. A fitness of your own terms needs no reward."
        yield place.info(document.line, "no-reward", message)
    if "reward" in document.members and "rewards" in document.members:
        message = "must define reward or rewards; got both, so the players' one is lost. Drop one."
        yield place.warning(document.members["rewards"].line, "two-rewards", message)
    for section in sections:
        yield from unknown_keys(section, REWARD_KEYS, place)
        specs = _member(section, "variables")
        if specs and "script" in section.members:
            message = "must give variables or a script; got both, and the script wins. Drop one."
            yield place.warning(section.line, "two-rewards", message)
        for name, spec in specs.items():
            yield from _lint_spec(name, spec, SPEC_KEYS, place)
            yield from _lint_reward(name, spec, context, place)
        yield from _score_only(section, specs, place)


def _lint_spec(name: str, spec: Node, keys: Collection[str], place: Place) -> Iterator[Finding]:
    """Rules that a reward and a condition share."""
    if not isinstance(spec.value, dict):
        message = f"{name}: must be an object; got {spec.kind}. See stable-retro's guide."
        yield place.error(spec.line, "layout", message)
        return
    yield from unknown_keys(spec, keys, place)
    yield from _known_word(name, spec, "op", [op for op in OPERATIONS if op], place)
    yield from _known_word(name, spec, "measurement", MEASUREMENTS, place)
    reference = spec.members.get("reference")
    if reference is not None and not reference.is_integer():
        message = (
            f"{name}: the reference must be a whole number; got {reference.plain()!r}. "
            f"stable-retro compares with another one."
        )
        yield place.error(reference.line, "reference", message)


def _known_word(
    name: str, spec: Node, key: str, words: Collection[str], place: Place
) -> Iterator[Finding]:
    node = spec.members.get(key)
    if node is not None and node.value not in words:
        message = (
            f"{name}: {key} must be one of {', '.join(words)}; got {node.plain()!r}. stable-retro "
            f"ignores it silently: correct it."
        )
        yield place.error(node.line, f"unknown-{key}", message)


def _lint_reward(
    name: str, spec: Node, context: ScenarioContext, place: Place
) -> Iterator[Finding]:
    yield from unknown_variable(name, spec, context.variables, place)
    gains = {key: spec.get(key, 0) for key in ("reward", "penalty")}
    wrong = [k for k in gains if k in spec.members and not spec.members[k].is_number()]
    for key in wrong:
        message = f"{name}: {key} must be a number; got {gains[key]!r}. It would count as 0."
        yield place.error(spec.members[key].line, "reward-number", message)
    if not wrong and not any(gains.values()):
        message = f"{name}: must give a reward or a penalty; got none, so it pays nothing. Add one."
        yield place.warning(spec.line, "pays-nothing", message)
    if not wrong:
        yield from _wraps(name, spec, context, place)


def unknown_variable(
    name: str, node: Node, variables: Mapping[str, LintedVariable] | None, place: Place
) -> Iterator[Finding]:
    """Yield an error for a name that data.json lacks."""
    if variables is not None and name not in variables:
        message = (
            f"{name}: must be a variable of data.json; got one that it lacks. stable-retro would "
            f"stop the process: add it, or correct the name. data.json has: "
            f"{', '.join(sorted(variables)) or 'none'}."
        )
        yield place.error(node.line, "unknown-variable", message)


def _wraps(name: str, spec: Node, context: ScenarioContext, place: Place) -> Iterator[Finding]:
    variable = (context.variables or {}).get(name)
    kind = variable.type if variable else None
    if not kind or not pays_for_change(spec.plain()) or kind.size > 1 or kind.format not in "iu":
        return
    if _POSITION.search(_words(name)):
        message = (
            f"{name}: a position that pays for its change must not wrap; got one byte, which jumps "
            f"by 255 every 256 steps. Add the byte of the page, such as 256 * page + {name}."
        )
        yield place.warning(spec.line, "wraps", message)
    elif not _COUNTED.search(_words(name)):
        message = (
            f"{name}: what pays for its change should not wrap; got one byte, which jumps by 255 "
            f"if it ever runs through all 256 values. `neuroevo games check` looks whether it does."
        )
        yield place.info(spec.line, "wraps", message)


def pays_for_change(spec: Any) -> bool:
    """Tell whether a reward in a scenario, as JSON gives it, pays for each change."""
    if not isinstance(spec, dict):
        return False
    return spec.get("measurement", "delta") != "absolute" and not spec.get("op")


def _words(name: str) -> str:
    """Return a name in lower case, its words and numbers apart: ``xLo2`` becomes ``x_lo``."""
    snake = re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", name).lower()
    return re.sub(r"\d+", "", snake)


def _score_only(section: Node, specs: Mapping[str, Node], place: Place) -> Iterator[Finding]:
    gains = [name for name, spec in specs.items() if spec.get("reward") or spec.get("penalty")]
    if gains and "script" not in section.members and all(_SCORE.search(n.lower()) for n in gains):
        message = (
            f"a reward should pay for progress; got {', '.join(sorted(gains))} only. A player may "
            f"learn to stay where points come back: think of a term for the way."
        )
        yield place.info(section.line, "score-only", message)


def _lint_end(document: Node, context: ScenarioContext, place: Place) -> Iterator[Finding]:
    done = document.members.get("done")
    if done is None:
        message = "should say when an episode is done; got no done. It ends by your settings only."
        yield place.info(document.line, "no-done", message)
        return
    for name, spec in _conditions(done):
        yield from _lint_spec(name, spec, SPEC_KEYS[2:], place)
        yield from unknown_variable(name, spec, context.variables, place)
    yield from lint_done(done, context.variables or {}, place)


def _conditions(node: Node) -> Iterator[tuple[str, Node]]:
    yield from _member(node, "variables").items()
    for child in _member(node, "nodes").values():
        yield from _conditions(child)


def _lint_scripts(document: Node, folder: Path, place: Place) -> Iterator[Finding]:
    calls = [
        section.members["script"]
        for section in [*reward_sections(document), document.members.get("done")]
        if section is not None and "script" in section.members
    ]
    scripts = document.members.get("scripts")
    files = list(scripts.items) if scripts else []
    if calls and not files:
        message = 'a script must have its file listed under "scripts"; got none. It would crash.'
        yield place.error(calls[0].line, "script-without-file", message)
    texts = []
    for item in files:
        path = folder / item.value if isinstance(item.value, str) else None
        if path is None or not path.is_file():
            message = f"the files of scripts must exist; got {item.plain()!r}. Add the file."
            yield place.error(item.line, "missing-script", message)
        else:
            texts.append(path.read_text(encoding="utf-8", errors="replace"))
    for call in calls if files and len(texts) == len(files) else ():
        function = str(call.value).rpartition(":")[2]
        if not re.search(rf"\b{re.escape(function)}\b", "\n".join(texts)):
            message = (
                f"a script must name a function of its files; got {function!r}, which none of them "
                f"mentions. Correct the name."
            )
            yield place.error(call.line, "script-function", message)


def _lint_crop(document: Node, place: Place) -> Iterator[Finding]:
    crop = document.members.get("crop")
    if crop is None:
        return
    numbers = crop.items
    if len(numbers) != 4 or any(not n.is_integer() or n.value < 0 for n in numbers):
        message = f"crop must be x, y, width, height, 0 or more; got {crop.plain()!r}. Correct it."
        yield place.error(crop.line, "crop", message)


def _lint_actions(document: Node, buttons: Collection[str], place: Place) -> Iterator[Finding]:
    actions = document.members.get("actions")
    for group in actions.items if actions else ():
        for combination in group.items:
            for button in combination.items:
                if buttons and button.value not in buttons:
                    message = (
                        f"actions must name buttons of the console; got {button.plain()!r}. "
                        f"It has: {', '.join(buttons)}."
                    )
                    yield place.error(button.line, "unknown-button", message)
