"""What a file names that does not exist, and what it leaves out though it must be there."""

from __future__ import annotations

from collections.abc import Mapping

from neuroevo.config.key import Key
from neuroevo.config.overrides import SET, Givens
from neuroevo.config.reading import LAST_LINE, Given, Ini, Problem, shown
from neuroevo.config.run_keys import TASK_NAMES
from neuroevo.config.table import KEYS, SECTIONS, find_key, keys_of, near_match, sections_with

MAX_PROBLEMS = 50
UNKNOWN_TASK = "?"
"""The task's name is itself a mistake, so no key can be called out of place."""


def unknown_sections(ini: Ini) -> list[Problem]:
    """Complain of sections that the table does not have."""
    problems: list[Problem] = []
    for section, line in ini.sections.items():
        if section not in SECTIONS:
            guess = near_match(section, SECTIONS) if len(problems) < MAX_PROBLEMS else None
            advice = f"Did you mean [{guess}]?" if guess else f"Sections are {', '.join(SECTIONS)}."
            message = f"{ini.name}:{line} [{shown(section)}]: unknown section. {advice}"
            problems.append(Problem(line, message))
    return problems


def unknown_keys(given: Givens, task: str | None) -> list[Problem]:
    """Complain of keys that no section, another section or another task has."""
    problems: list[Problem] = []
    for (section, name), value in given.items():
        key = find_key(section, name)
        if key is None:
            advice = _near_key(section, name) if len(problems) < MAX_PROBLEMS else ""
            problems.append(Problem(value.line, f"{value.place}: unknown key. {advice}"))
        elif key.tasks and task not in key.tasks and task != UNKNOWN_TASK:
            got = f"[Task] name = {task}" if task else "no [Task] section"
            wanted = " or ".join(key.tasks)
            message = (
                f"{value.place}: must stand in a file for the task {wanted}; got {got}."
                f" Remove it, or set [Task] name = {key.tasks[0]}."
            )
            problems.append(Problem(value.line, message))
    return problems


def _near_key(section: str, name: str) -> str:
    elsewhere = sections_with(name)
    if elsewhere:
        return f"It belongs in [{elsewhere[0]}]."
    guess = near_match(name, [key.name for key in KEYS if key.section == section])
    if guess:
        return f"Did you mean {guess}?"
    guess = near_match(name, [key.name for key in KEYS])
    if guess:
        return f"Did you mean {guess} of [{sections_with(guess)[0]}]?"
    return "Remove it; `neuroevo config explain` lists the keys."


def task_name(ini: Ini, given: Givens, problems: list[Problem]) -> str | None:
    """Return the task of a file, None without ``[Task]``, or :data:`UNKNOWN_TASK`."""
    name = given.get(("Task", "name"))
    if name is not None:
        return name.text.lower() if name.text.lower() in TASK_NAMES else UNKNOWN_TASK
    of_task = [value for (section, _), value in given.items() if section == "Task"]
    if "Task" not in ini.sections and not of_task:
        return None
    line = ini.sections.get("Task", LAST_LINE)
    where = f"{ini.name}:{line}" if line < LAST_LINE else SET
    problems.append(Problem(line, (
        f"{where} [Task] name: must be given; got nothing."
        f" Add name = one of {', '.join(TASK_NAMES)}."
    )))  # fmt: skip
    return UNKNOWN_TASK


def missing_keys(
    ini: Ini, section: str, task: str | None, given: Mapping[str, Given]
) -> list[Problem]:
    """Complain of the keys of a section that must be given and are not."""
    line = ini.sections.get(section, LAST_LINE)
    where = f"{ini.name}:{line}" if 0 < line < LAST_LINE else ini.name
    return [
        Problem(line, (
            f"{where} [{section}] {key.name}: must be given; got nothing."
            f" Add for example {key.name} = {key.example}."
        ))
        for key in keys_of(section, task)
        if _is_needed(key, task) and key.name not in given
    ]  # fmt: skip


def _is_needed(key: Key, task: str | None) -> bool:
    """Tell whether a key has no default; without a task there is none to ask for the sizes."""
    if task is None and key.name in ("num_inputs", "num_outputs"):
        return True
    return key.default is None and (key.section, key.name) != ("Task", "name")
