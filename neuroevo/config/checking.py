"""Checks of the values: a pydantic model per section, and rules between keys.

Both come to problems in the words of the key table: where, what must hold, what came, what to do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache, partial
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, create_model

from neuroevo.config.key import Key
from neuroevo.config.presets import PRESETS, place_of
from neuroevo.config.reading import LAST_LINE, Given, Problem, shown
from neuroevo.config.settings import Values
from neuroevo.config.table import find_key, keys_of
from neuroevo.config.values import read_value

_TYPES: Mapping[str, Any] = {"int": int, "float": float, "bool": bool}


@cache
def section_model(section: str, task: str | None) -> type[BaseModel]:
    """Return the model of a section: every key required, no other allowed, frozen."""
    members: dict[str, Any] = {key.name: (_annotation(key), ...) for key in keys_of(section, task)}
    settings = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    return create_model(section, __config__=settings, **members)


def _annotation(key: Key) -> Any:
    kind = _TYPES.get(key.kind, Any)
    if key.low is not None or key.high is not None:
        kind = Annotated[kind, Field(ge=key.low, le=key.high)]
    if key.words:
        kind = kind | None
    return Annotated[kind, BeforeValidator(partial(read_value, key))]


def check_section(
    section: str, task: str | None, given: Mapping[str, Given]
) -> tuple[dict[str, Any], list[Problem]]:
    """Read the values of one section, defaults filled in.

    Args:
        section: one of the table's.
        task: decides which keys the section has.
        given: values by key; all of them keys that the section has.

    Returns:
        The values that are right, by key, and one problem per value that is not.
    """
    texts = {key.name: key.default for key in keys_of(section, task) if key.default is not None}
    texts |= {name: value.text for name, value in given.items()}
    model = section_model(section, task)
    try:
        return dict(model(**texts)), []
    except ValidationError as error:
        wrong = {str(item["loc"][0]): item for item in error.errors(include_url=False)}
    keys = {key.name: key for key in keys_of(section, task)}
    problems = [_problem(keys[name], given[name], item) for name, item in wrong.items()
                if name in given]  # fmt: skip
    right = {name: read_value(keys[name], texts[name]) for name in texts if name not in wrong}
    return right, problems


def _problem(key: Key, given: Given, error: Any) -> Problem:
    reason = str(error["ctx"].get("error", "")) if error["type"] == "value_error" else ""
    message = complaint(given, key.requirement, shown(given.text) or "nothing", reason)
    return Problem(given.line, message + _advice(key, reason))


def complaint(given: Given, requirement: str, got: str, reason: str = "") -> str:
    """Return ``where: must be ...; got ....`` with a reason, if there is one."""
    detail = f" ({reason})" if reason and not reason.startswith("Did you mean") else ""
    return f"{given.place}: must be {requirement}; got {got}{detail}."


def _advice(key: Key, reason: str) -> str:
    if reason.startswith("Did you mean"):
        return f" {reason}"
    if key.default is None:
        return f" Write for example {key.example}."
    return f" Write for example {key.default}, the default."


Rule = Callable[[Values], Iterable[tuple[str, str, str, str]]]


def check_between(values: Values, given: Mapping[tuple[str, str], Given]) -> list[Problem]:
    """Apply the rules that hold between keys.

    Args:
        values: right values by section and key; a rule whose values are not all there is left
            out, for their own problems come first.
        given: what was written, for the places in messages.
    """
    problems = []
    for rule in _RULES:
        try:
            broken = list(rule(values))
        except KeyError:  # a value that the rule needs is itself wrong, or of another task
            continue
        for section, key, requirement, advice in broken:
            source = given.get((section, key)) or _other_of(requirement, section, key, given)
            message = f"{source.place}: must {requirement} {advice}"
            problems.append(Problem(source.line, message))
    return problems


def _other_of(
    requirement: str, section: str, key: str, given: Mapping[tuple[str, str], Given]
) -> Given:
    """Return the place of the other key of a broken rule: this one has its default."""
    words = requirement.split()
    others = [value for value in given.values() if value.key in words]
    line, where = (others[0].line, others[0].where) if others else (LAST_LINE, "settings")
    return Given(section, key, "", line, where)


def _bounds(attribute: str, values: Values) -> Iterator[tuple[str, str, str, str]]:
    genome = values["DefaultGenome"]
    low, high = genome[f"{attribute}_min_value"], genome[f"{attribute}_max_value"]
    if low > high:
        yield ("DefaultGenome", f"{attribute}_min_value",
               f"not exceed {attribute}_max_value = {high:g}; got {low:g}.",
               f"Lower it, or raise {attribute}_max_value.")  # fmt: skip


def _default_among_options(attribute: str, values: Values) -> Iterator[tuple[str, str, str, str]]:
    genome = values["DefaultGenome"]
    default, options = genome[f"{attribute}_default"], genome[f"{attribute}_options"]
    if default not in (*options, "random"):
        yield ("DefaultGenome", f"{attribute}_default",
               f"be random or one of {attribute}_options = {' '.join(options)}; got {default}.",
               f"Add {default} to {attribute}_options.")  # fmt: skip


def _threshold_bounds(values: Values) -> Iterator[tuple[str, str, str, str]]:
    species = values["DefaultSpeciesSet"]
    low, high = species["threshold_min"], species["threshold_max"]
    if low > high:
        yield ("DefaultSpeciesSet", "threshold_min",
               f"not exceed threshold_max = {high:g}; got {low:g}.",
               "Lower it, or raise threshold_max.")  # fmt: skip


def _population_holds(key: str, values: Values) -> Iterator[tuple[str, str, str, str]]:
    size, needed = values["NEAT"]["pop_size"], values["DefaultReproduction"][key]
    if needed > size:
        yield ("DefaultReproduction", key, f"not exceed pop_size = {size}; got {needed}.",
               "Lower it, or raise pop_size.")  # fmt: skip


def _picture_size(values: Values) -> Iterator[tuple[str, str, str, str]]:
    picture = values["Observation"]
    for key, other in (("height", "width"), ("width", "height")):
        if picture[key] is not None and picture[other] is None:
            yield ("Observation", key, f"come with {other}; got it alone.",
                   f"Give {other} too, or use scale.")  # fmt: skip


def _sources(values: Values) -> Iterator[tuple[str, str, str, str]]:
    seen = values["Observation"]
    source = seen["source"]
    if len(set(source)) < len(source):
        yield ("Observation", "source", f"name each once; got {' '.join(source)}.",
               "Remove the repeated one.")  # fmt: skip
    for key in ("variables", "ram"):
        if seen[key] and key not in source:
            yield ("Observation", key, f"come with source = {key}; got source = "
                   f"{', '.join(source)}.", f"Add {key} to source.")  # fmt: skip
        if key in source and not seen[key]:
            yield ("Observation", "source", f"come with {key}; got none.",
                   f"Add for example {key} = {_EXAMPLES[key]}.")  # fmt: skip
    for key in ("solid_tiles", "hazard_tiles", "platform_kinds"):
        highest = max((last for _, last in seen[key] or ()), default=0)
        if highest > 255 and (seen["layout"] == "smb" or key == "platform_kinds"):
            yield ("Observation", key, f"not exceed 255 with layout = {seen['layout']}; got "
                   f"{highest}.", "Lower it.")  # fmt: skip


_EXAMPLES: Mapping[str, str] = {"variables": "x / 3000", "ram": "0x0-0x1f"}


def _preset_is_used(section: str, values: Values) -> Iterator[tuple[str, str, str, str]]:
    name = values[section]["preset"]
    texts = PRESETS[section][name] if name is not None else {}
    places = {place_of(section, name): text for name, text in texts.items()}
    if texts and all(_differs(*place, text, values) for place, text in places.items()):
        keys = " and ".join(texts)
        yield (section, "preset", f"give at least one value; got {name}, beside which {keys} is "
               "given otherwise.", f"Remove {keys}, or the preset.")  # fmt: skip


def _differs(section: str, name: str, text: str, values: Values) -> bool:
    key = find_key(section, name)
    assert key is not None, f"a preset of [{section}] fills {name}, which is no key"
    return bool(values[section][name] != read_value(key, text))


def _button_mode(values: Values) -> Iterator[tuple[str, str, str, str]]:
    buttons = values["Buttons"]
    given = [key for key in _COMBINATIONS if buttons[key]]
    mode = buttons["mode"] or (given[0] if given else "threshold")
    if mode in _COMBINATIONS and not given:
        yield ("Buttons", "mode", f"come with {mode}; got none.",
               f"Add for example {mode} = {_COMBINATIONS[mode]}.")  # fmt: skip
    for key in given:
        if key != mode:
            yield ("Buttons", key, f"come with mode = {key}; got mode = {mode}.",
                   f"Set mode = {key}, or {key} = none.")  # fmt: skip
    yield from _thresholds(buttons, mode)


_COMBINATIONS: Mapping[str, str] = {
    "combos": "LEFT, RIGHT, RIGHT+B, NONE",
    "groups": "LEFT, RIGHT, NONE and, indented on the next line, A, B, NONE",
}
"""Modes of one output per combination, whose key has their name, and an example of each."""


def _thresholds(buttons: Mapping[str, Any], mode: str) -> Iterator[tuple[str, str, str, str]]:
    count, named = len(buttons["threshold"]), buttons["buttons"]
    if count > 1 and mode != "threshold":
        yield ("Buttons", "threshold", f"be one number unless mode = threshold; got {count} in "
               f"mode = {mode}.", "Leave it out: that mode has no threshold.")  # fmt: skip
    elif count > 1 and named and buttons["outputs"] == "buttons" and count != len(named):
        yield ("Buttons", "threshold", f"be one number, or one per entry of buttons; got {count} "
               f"for {len(named)} buttons.", f"Give one, or {len(named)}.")  # fmt: skip


def _fitness_source(values: Values) -> Iterator[tuple[str, str, str, str]]:
    fitness = values["Fitness"]
    if not fitness["terms"] and fitness["use_scenario_reward"] is False:
        yield ("Fitness", "use_scenario_reward", "be true or auto where there are no terms;"
               " got false.", "Add terms such as `score: gain score x 1.0`.")  # fmt: skip


def _endings(values: Values) -> Iterator[tuple[str, str, str, str]]:
    fitness = values["Fitness"]
    if fitness["rocking_turns"] is not None and fitness["stall_expression"] is None:
        yield ("Fitness", "rocking_turns", "come with stall_expression, whose turns it counts;"
               " got none.", "Add for example stall_expression = x.")  # fmt: skip
    if fitness["stall_growth"] and fitness["stall_frames"] is None:
        yield ("Fitness", "stall_growth", "come with stall_frames; got none.",
               "Give stall_frames a number, or remove stall_growth.")  # fmt: skip


_RULES: tuple[Rule, ...] = (
    *(partial(_bounds, name) for name in ("weight", "bias", "response", "time_constant")),
    *(partial(_default_among_options, name) for name in ("activation", "aggregation")),
    _threshold_bounds,
    *(partial(_population_holds, name) for name in ("elitism", "min_species_size")),
    *(partial(_preset_is_used, section) for section in PRESETS),
    _picture_size,
    _sources,
    _button_mode,
    _fitness_source,
    _endings,
)
