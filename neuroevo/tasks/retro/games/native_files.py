"""What must hold for a game's files before native code reads them.

stable-retro reads data.json and scenario.json in C++ that trusts them: nesting of some thousand
levels, an empty ``crop`` or a script of another language is a segmentation fault, a text in place
of a number counts as nothing. So they are checked here first. What is merely unwise is the
linter's to say (:mod:`neuroevo.tasks.retro.check.lint`).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro.games.folders import read_json

MAX_VARIABLES = 4096
MAX_NAME = 128
HIGHEST_ADDRESS = 0xFFFFFFFF
TYPE = re.compile(r"(><|<>|>=|<=|[<>=|])([dinu])([1-8])")
"""A type of data.json: order, format, size in bytes; "Appendix: Types" of the integration guide."""

_SCRIPT = re.compile(r"(lua:)?[A-Za-z_]\w{0,127}")
_FLOAT32_MAX = 3.4028235e38
_Mistake = tuple[str, str, str]
"""Where in the file, what must hold there, what came."""


def check_data(path: Path) -> None:
    """Refuse a data.json that native code would stumble over.

    Raises:
        TaskError: the first mistake, with its place in the file.
    """
    _refuse_first(path, _data_mistakes(read_json(path)))


def check_scenario(path: Path, *, allow_scripts: bool = False) -> None:
    """Refuse a scenario.json that native code would stumble over, and Lua of strangers.

    Raises:
        TaskError: the first mistake, with its place; Lua from outside the installed stable-retro
            that is not allowed, or a script without its file.
    """
    document = read_json(path)
    _refuse_first(path, _scenario_mistakes(document))
    check_scripts(path, allow_scripts=allow_scripts)


def check_scripts(path: Path, *, allow_scripts: bool) -> None:
    """Refuse a scenario whose Lua did not come with stable-retro, before it is ever loaded.

    Raises:
        TaskError: Lua from outside the installed package, or a script without its file.
    """
    document = read_json(path)
    scripts = document.get("scripts")
    if has_script(document) and not scripts:
        raise TaskError(
            f'{path}: a script must have its file listed under "scripts"; got none. '
            f"stable-retro would crash: add it."
        )
    if scripts and not allow_scripts and not comes_with_stable_retro(path):
        raise TaskError(
            f"{path}: Lua from outside stable-retro must be allowed explicitly; got "
            f"{_shown(scripts)}. Read it, then set [Retro] allow_scripts = True; to play only, "
            f"move the file away."
        )


def has_script(document: Mapping[str, Any]) -> bool:
    """Tell whether a scenario takes a reward or its end from Lua."""
    return any("script" in section for _, section in _sections(document))


def comes_with_stable_retro(path: Path) -> bool:
    """Tell whether a file belongs to the installed stable-retro."""
    import stable_retro

    return Path(stable_retro.__file__).resolve().parent in path.resolve().parents


def is_ours(path: Path) -> bool:
    """Tell whether a file came with stable-retro or with neuroevo: nobody else wrote it."""
    return comes_with_stable_retro(path) or (
        integrations_folder().resolve() in path.resolve().parents
    )


def _refuse_first(path: Path, mistakes: Iterator[_Mistake]) -> None:
    for place, rule, got in mistakes:
        raise TaskError(
            f"{path}: {place} must be {rule}; got {got}. `neuroevo games lint` shows the line."
        )


def _data_mistakes(document: Mapping[str, Any]) -> Iterator[_Mistake]:
    info = document.get("info")
    if not isinstance(info, dict):
        yield "info", "an object of variables", _shown(info)
        return
    if len(info) > MAX_VARIABLES:
        yield "info", f"at most {MAX_VARIABLES:,} variables", f"{len(info):,}"
        return
    for name, variable in info.items():
        place = f"info.{_shown(name)}"
        if not 0 < len(name) <= MAX_NAME or not name.isprintable():
            yield place, f"a printable name of at most {MAX_NAME} characters", _shown(name)
        yield from _variable_mistakes(place, variable)


def _variable_mistakes(place: str, variable: Any) -> Iterator[_Mistake]:
    if not isinstance(variable, dict):
        yield place, "an object with address and type", _shown(variable)
        return
    if not _is_whole(variable.get("address"), 0, HIGHEST_ADDRESS):
        rule = f"a whole number from 0 to {HIGHEST_ADDRESS:#x}"
        yield f"{place}.address", rule, _shown(variable.get("address"))
    kind = variable.get("type")
    if not isinstance(kind, str) or not _is_known_type(kind):
        yield f"{place}.type", "a type such as |u1, >i2 or >d4", _shown(kind)
    if not _is_whole(variable.get("mask", 0), 0, 2**63 - 1):
        yield f"{place}.mask", "a whole number from 0", _shown(variable["mask"])


def _is_known_type(kind: str) -> bool:
    # `<s2` reads as if it were unsigned, and in silence: it is no type of the guide.
    return TYPE.fullmatch(kind) is not None


def _scenario_mistakes(document: Mapping[str, Any]) -> Iterator[_Mistake]:
    for key in ("reward", "done"):
        if not isinstance(document.get(key, {}), dict):
            yield key, "an object", _shown(document[key])
    rewards = document.get("rewards", [])
    if not isinstance(rewards, list) or not all(isinstance(item, dict) for item in rewards):
        yield "rewards", "a list of objects", _shown(rewards)
    scripts = document.get("scripts", [])
    if not isinstance(scripts, list) or not all(isinstance(item, str) for item in scripts):
        yield "scripts", "a list of file names", _shown(scripts)
    yield from _crop_mistakes(document)
    yield from _action_mistakes(document)
    for place, section in _sections(document):
        yield from _section_mistakes(place, section)


def _sections(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the objects of a scenario that may hold rules or a script, with their names."""
    rewards = document.get("rewards")
    named = [("reward", document.get("reward")), ("done", document.get("done"))]
    if isinstance(rewards, list):
        named += [(f"rewards[{index}]", section) for index, section in enumerate(rewards)]
    yield from ((name, section) for name, section in named if isinstance(section, dict))


def _crop_mistakes(document: Mapping[str, Any]) -> Iterator[_Mistake]:
    crop = document.get("crop", [0, 0, 0, 0])
    # The crops of several players come as objects of them in `rewards`; this is the first one's.
    if (
        not isinstance(crop, list)
        or len(crop) != 4
        or not all(_is_whole(size, 0, 65_535) for size in crop)
    ):
        yield "crop", "four whole numbers, [x, y, width, height]", _shown(crop)
    if "crops" in document:
        yield "crops", "left out, for one player has one crop", _shown(document["crops"])


def _action_mistakes(document: Mapping[str, Any]) -> Iterator[_Mistake]:
    groups = document.get("actions", [])
    if not _is_nested_list_of_text(groups, 3):
        yield "actions", "a list of groups, each a list of lists of buttons", _shown(groups)


def _is_nested_list_of_text(value: Any, depth: int) -> bool:
    if depth == 0:
        return isinstance(value, str)
    return isinstance(value, list) and all(_is_nested_list_of_text(v, depth - 1) for v in value)


def _section_mistakes(place: str, section: Mapping[str, Any]) -> Iterator[_Mistake]:
    script = section.get("script", "lua:f")
    if not isinstance(script, str) or not _SCRIPT.fullmatch(script):
        yield f"{place}.script", "a function of Lua such as lua:reward", _shown(script)
    if not isinstance(section.get("condition", ""), str):
        yield f"{place}.condition", "any or all", _shown(section["condition"])
    for key in ("variables", "nodes"):
        members = section.get(key) or {}
        if not isinstance(members, dict):
            yield f"{place}.{key}", "an object", _shown(members)
            continue
        for name, member in members.items():
            inside = f"{place}.{key}.{_shown(name)}"
            if not isinstance(member, dict):
                yield inside, "an object", _shown(member)
            elif key == "nodes":
                yield from _section_mistakes(inside, member)
            else:
                yield from _rule_mistakes(inside, member)
    if "time" in section:
        time = section["time"]
        if isinstance(time, dict):
            yield from _rule_mistakes(f"{place}.time", time)
        else:
            yield f"{place}.time", "an object", _shown(time)


def _rule_mistakes(place: str, rule: Mapping[str, Any]) -> Iterator[_Mistake]:
    for key in ("reward", "penalty"):
        value = rule.get(key, 0)
        if not _is_number(value) or abs(value) > _FLOAT32_MAX:
            yield f"{place}.{key}", "a number", _shown(value)
    if not _is_whole(rule.get("reference", 0), -(2**63), 2**63 - 1):
        yield f"{place}.reference", "a whole number", _shown(rule["reference"])
    for key in ("op", "measurement"):
        if not isinstance(rule.get(key, ""), str):
            yield f"{place}.{key}", "a word", _shown(rule[key])


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and (type(value) is int or math.isfinite(value))


def _is_whole(value: Any, low: int, high: int) -> bool:
    return type(value) is int and low <= value <= high


def _shown(value: object, longest: int = 60) -> str:
    """Return a foreign value fit for one line; huge ones are not written out whole."""
    if isinstance(value, (Mapping, Sequence)) and not isinstance(value, str) and len(value) > 9:
        return f"{type(value).__name__} of {len(value):,}"
    if type(value) is int and value.bit_length() > 128:
        return f"a number of {value.bit_length():,} bits"
    text = value if isinstance(value, str) else repr(value)
    visible = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return visible if len(text) <= longest else f"{visible[:longest]}..."
