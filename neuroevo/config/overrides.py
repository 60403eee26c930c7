"""Values from elsewhere than their own line: ``--set``, the second seed, relative paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from neuroevo.config.reading import LAST_LINE, Given, Problem, shown, without_comment
from neuroevo.config.table import KEYS, SECTIONS, find_key, near_match, sections_with
from neuroevo.config.values import read_value

SET = "--set"
_PATHS = ("path", "paths", "file")

Givens = dict[tuple[str, str], Given]
"""What was written, by section and key."""


def read_overrides(overrides: Sequence[str], problems: list[Problem]) -> Givens:
    """Read what ``--set`` was given; broken ones become problems."""
    chosen: Givens = {}
    for line, override in enumerate(overrides, start=LAST_LINE):
        left, equals, text = override.partition("=")
        if not equals:
            problems.append(Problem(line, (
                f"{SET} {shown(override)}: must be SECTION.KEY=VALUE; got no = sign."
                " Write for example --set NEAT.pop_size=60."
            )))  # fmt: skip
            continue
        place = _override_place(left.strip(), line, problems)
        if place is not None:
            parts = (without_comment(part) for part in text.splitlines())
            value = "\n".join(part for part in parts if part)
            chosen[place] = Given(*place, value, line, SET)
    return chosen


def _override_place(left: str, line: int, problems: list[Problem]) -> tuple[str, str] | None:
    """Find section and key of ``SECTION.KEY`` or ``KEY``; None, and a problem, if there is none."""
    section, dot, name = left.rpartition(".")
    name = name.strip().lower()
    if not dot:
        found = sections_with(name)
        if len(found) == 1:
            return found[0], name
        what = f"stands in {' and '.join(f'[{item}]' for item in found)}" if found else "is no key"
        guess = near_match(name, [key.name for key in KEYS])
        advice = (
            f"Write {found[0]}.{name}." if found
            else f"Did you mean {guess}?" if guess
            else "Write SECTION.KEY=VALUE."
        )  # fmt: skip
        message = f"{SET} {shown(left)}: must name one key; got a name that {what}. {advice}"
        problems.append(Problem(line, message))
        return None
    for known in SECTIONS:
        if known.lower() == section.strip().lower():
            return known, name
    guess = near_match(section, SECTIONS)
    advice = f"Did you mean {guess}?" if guess else f"Sections are {', '.join(SECTIONS)}."
    problems.append(Problem(line, f"{SET} [{shown(section)}]: unknown section. {advice}"))
    return None


def join_seeds(given: Givens, problems: list[Problem]) -> Givens:
    """Make the two places of the seed agree; different ones in one source are a mistake."""
    places = (("NEAT", "seed"), ("Run", "seed"))
    found = [given[place] for place in places if place in given]
    chosen = [value for value in found if value.text.lower() != "none"] or found
    if not chosen:
        return given
    texts = {value.text for value in chosen}
    if len(texts) > 1:
        first, second = sorted(chosen, key=lambda value: value.line)
        problems.append(Problem(second.line, (
            f"{second.place}: must agree with [{first.section}] seed = {shown(first.text)};"
            f" got {shown(second.text)}. Remove one of the two."
        )))  # fmt: skip
        return given
    if not _is_seed(chosen[0].text):
        return given  # complained of at its own place, and there only
    both = {place: given.get(place, replace(chosen[0], section=place[0])) for place in places}
    return given | {place: replace(value, text=chosen[0].text) for place, value in both.items()}


def _is_seed(text: str) -> bool:
    key = find_key("Run", "seed")
    assert key is not None
    try:
        read_value(key, text)
    except ValueError:
        return False
    return True


def make_paths_absolute(given: Givens, base: Path | None, problems: list[Problem]) -> None:
    """Make relative paths absolute, so that a run directory can hold the resolved file."""
    if base is None:
        return
    for place, value in given.items():
        key = find_key(*place)
        if key is None or key.kind not in _PATHS or value.text.lower() in key.words:
            continue
        parts = value.text.split(",") if key.kind == "paths" else [value.text]
        found = [_absolute(part.strip(), base, bare=key.kind == "path") for part in parts]
        if any(without_comment(path) != path or "," in path for path in found):
            problems.append(Problem(value.line, (
                f"{value.place}: must be a path without commas, and without # or ; after a space;"
                f" got {shown(', '.join(found))}. Rename the folder."
            )))  # fmt: skip
        given[place] = replace(value, text=", ".join(path for path in found if path))


def _absolute(path: str, base: Path, *, bare: bool) -> str:
    """Return an absolute path; a bare name stays, where names are allowed."""
    if not path or "\0" in path or (bare and "/" not in path and not path.endswith(".json")):
        return path
    if path.startswith("~/"):
        return str(Path.home() / path[2:])
    return str(base / path)
