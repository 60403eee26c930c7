"""Loading: from a file and ``--set`` to settings that know where each value came from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuroevo.config.checking import check_between, check_section
from neuroevo.config.complaints import (
    MAX_PROBLEMS,
    missing_keys,
    task_name,
    unknown_keys,
    unknown_sections,
)
from neuroevo.config.overrides import join_seeds, make_paths_absolute, read_overrides
from neuroevo.config.presets import fill_from_presets
from neuroevo.config.reading import Given, Ini, Problem, read_file, read_ini
from neuroevo.config.settings import Settings, build_settings
from neuroevo.config.table import RETRO_SECTIONS, SECTIONS, find_key, keys_of
from neuroevo.errors import ConfigError

DEFAULT = "default"
NEAT_DEFAULT = "default (neat-python)"


@dataclass(frozen=True, slots=True)
class Entry:
    """One resolved key: ``source`` is ``FILE:LINE``, ``--set``, or one of the two defaults."""

    section: str
    key: str
    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Config:
    """Settings, and where every value of them came from.

    Attributes:
        name: the file, as messages name it.
        settings: what the program runs on.
        entries: every key that the settings' task has, in the order of the table.
    """

    name: str
    settings: Settings
    entries: tuple[Entry, ...]

    def to_ini(self, *, comments: bool = True) -> str:
        """Return a complete file; loading it gives equal settings."""
        lines = []
        for section in dict.fromkeys(entry.section for entry in self.entries):
            lines.append(f"[{section}]")
            for entry in self.entries:
                if entry.section == section:
                    lines += _ini_lines(entry, comments)
            lines.append("")
        return "\n".join(lines)


def load(path: Path, overrides: Sequence[str] = ()) -> Config:
    """Load a settings file.

    Args:
        path: of the file; relative paths in it start from its folder.
        overrides: ``SECTION.KEY=VALUE``, or ``KEY=VALUE`` where only one section has the key.
            They replace what the file says; relative paths start from the working directory.

    Raises:
        ConfigError: with every mistake of the file and the overrides, in their order.
    """
    ini = read_ini(read_file(path), str(path))
    return _resolve(ini, overrides, base=path.resolve().parent)


def loads(text: str, name: str = "settings", overrides: Sequence[str] = ()) -> Config:
    """Load settings from text; ``name`` stands for the file in messages."""
    return _resolve(read_ini(text, name), overrides)


def with_overrides(config: Config, overrides: Sequence[str]) -> Config:
    """Return ``config`` with further overrides; the sources of the other values stay."""
    ini = Ini(config.name, {entry.section: 0 for entry in config.entries})
    for line, entry in enumerate(config.entries):
        if entry.source not in (DEFAULT, NEAT_DEFAULT):
            given = Given(entry.section, entry.key, entry.value, line, entry.source)
            ini.values[entry.section, entry.key] = given
    return _resolve(ini, overrides)


def _ini_lines(entry: Entry, comments: bool) -> list[str]:
    key = find_key(entry.section, entry.key)
    lines = [f"# {key.meaning}"] if comments and key else []
    first, *more = entry.value.split("\n")
    if more:
        return [*lines, f"{entry.key} =", *(f"    {line}" for line in (first, *more))]
    return [*lines, f"{entry.key} = {first}"]


def _resolve(ini: Ini, overrides: Sequence[str], base: Path | None = None) -> Config:
    """Check everything that was given, and build the settings."""
    problems = list(ini.problems)
    problems += unknown_sections(ini)
    given = {place: value for place, value in ini.values.items() if place[0] in SECTIONS}
    make_paths_absolute(given, base, problems)
    chosen = read_overrides(overrides, problems)
    make_paths_absolute(chosen, Path.cwd(), problems)
    given = fill_from_presets(join_seeds(given, problems) | join_seeds(chosen, problems))
    task = task_name(ini, given, problems)
    problems += unknown_keys(given, task)

    values = {}
    for section in _sections_of(task):
        names = {key.name for key in keys_of(section, task)}
        of_section = {key: value for (at, key), value in given.items()
                      if at == section and key in names}  # fmt: skip
        values[section], found = check_section(section, task, of_section)
        problems += found + missing_keys(ini, section, task, of_section)
    problems += check_between(values, given)
    if problems:
        raise ConfigError(_in_order(ini.name, problems))
    return Config(ini.name, build_settings(values, task), _entries(given, task))


def _in_order(name: str, problems: Sequence[Problem]) -> list[str]:
    ordered = [problem.message for problem in sorted(problems, key=lambda item: item.line)]
    if len(ordered) <= MAX_PROBLEMS:
        return ordered
    rest = len(ordered) - MAX_PROBLEMS
    return [*ordered[:MAX_PROBLEMS], f"{name}: {rest} more mistakes. Mend these first."]


def _sections_of(task: str | None) -> list[str]:
    """Return the sections that a file for this task is complete with."""
    left_out: set[str] = set() if task == "retro" else set(RETRO_SECTIONS)
    if task is None:
        left_out.add("Task")
    return [section for section in SECTIONS if section not in left_out]


def _entries(given: Mapping[tuple[str, str], Given], task: str | None) -> tuple[Entry, ...]:
    entries = []
    for section in _sections_of(task):
        for key in keys_of(section, task):
            value = given.get((section, key.name))
            if value is not None:
                entries.append(Entry(section, key.name, value.text, value.where))
            else:
                source = NEAT_DEFAULT if key.neat_default else DEFAULT
                entries.append(Entry(section, key.name, key.default or "", source))
    return tuple(entries)
