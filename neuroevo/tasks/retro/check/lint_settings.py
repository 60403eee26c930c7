"""The names in a settings file, held against the game's own files: no emulator is started.

Owns what ``[Observation]``, ``[Buttons]`` and ``[Fitness]`` name of a game: variables and buttons.
Knows nothing of INI files: where a key stands, the caller knows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.buttons.pad import Pad
from neuroevo.tasks.retro.fitness.counters import Unwrapper
from neuroevo.tasks.retro.fitness.expressions import compile_expression
from neuroevo.tasks.retro.games.folders import GameFolders, console_table, read_json
from neuroevo.tasks.retro.games.roms import console_of
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    ObservationSettings,
    RetroSettings,
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A name that the game does not have, or buttons that its console cannot press together.

    Attributes:
        section, key: where it stands.
        message: begins with both, then what must hold; got what. What to do.
    """

    section: str
    key: str
    message: str


def setting_mistakes(
    settings: RetroSettings,
    game: GameFolders,
    variables: Collection[str] | None,
    scenario: Path | None,
) -> Iterator[Mistake]:
    """Yield all of them, where playing would stop at the first.

    Args:
        settings: of the task.
        game: its folders.
        variables: the names that data.json defines; None where they are not known.
        scenario: the file in use, which may change the console's rules; None for none.
    """
    if variables is not None:
        yield from _observation(settings.observation, variables)
    yield from _buttons(settings.buttons, game, scenario)
    if variables is not None:
        yield from _fitness(settings.fitness, variables)


def _observation(seen: ObservationSettings, variables: Collection[str]) -> Iterator[Mistake]:
    where = "[Observation] variables"
    for text in seen.variables if "variables" in seen.source else ():
        yield from _try("variables", lambda: compile_expression(text, variables, where))  # noqa: B023


def _fitness(fitness: FitnessSettings, variables: Collection[str]) -> Iterator[Mistake]:
    texts = [("terms", f"[Fitness] terms {t.label}", t.expression) for t in fitness.terms]
    texts += [
        (key, f"[Fitness] {key}", getattr(fitness, key))
        for key in ("won", "died", "stall_expression")
    ]
    for key, where, text in texts:
        if text:
            yield from _try(
                key,
                lambda: compile_expression(text, variables, where, has_past=True),  # noqa: B023
            )
    for counter in fitness.unwrap:
        yield from _try("unwrap", lambda: Unwrapper([counter], variables))  # noqa: B023


def _buttons(
    buttons: ButtonSettings, game: GameFolders, scenario: Path | None
) -> Iterator[Mistake]:
    console = console_table().get(console_of(game))
    if console is None:
        return
    names = console["buttons"]
    groups = _groups(names, console.get("actions", ()), scenario)
    pad, found = Pad(names, groups), False
    for key, combination in _combinations(buttons):
        wrong = [
            mistake
            for name in combination
            for mistake in _try(key, lambda: pad.pattern(key, (name,)))  # noqa: B023
        ]
        if not wrong and key in ("combos", "groups"):
            wrong = list(_try(key, lambda: pad.combination(key, combination)))  # noqa: B023
        found = found or bool(wrong)
        yield from wrong
    if not found:
        yield from _try("", lambda: ButtonMapper(buttons, names, groups))


def _combinations(buttons: ButtonSettings) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield every combination of buttons that is named in the mode in use, with its key."""
    if buttons.mode == "combos":
        yield from (("combos", combination) for combination in buttons.combos)
    elif buttons.mode == "groups":
        yield from (("groups", one) for group in buttons.groups for one in group)
    else:
        yield "buttons", buttons.buttons
    yield "autofire", buttons.autofire


def _groups(
    names: list[str | None], actions: Collection[Collection[Collection[str]]], scenario: Path | None
) -> tuple[tuple[int, ...], ...]:
    """Return the legal patterns as the running game has them: the scenario's, or the console's."""
    bits = {name: 1 << i for i, name in enumerate(names) if name is not None}
    try:
        own = None if scenario is None else read_json(scenario).get("actions")
        chosen = actions if own is None else own
        return tuple(
            tuple(sorted({sum(bits[name] for name in one) for one in group})) for group in chosen
        )
    except (KeyError, TypeError, TaskError):  # the linter of the scenario tells of it
        return ()


def _try(key: str, action: Callable[[], object]) -> Iterator[Mistake]:
    """Yield what ``action`` raises; a message of ``[Buttons]`` names its own key."""
    try:
        action()
    except TaskError as error:
        message = str(error)
        section, _, rest = message.removeprefix("[").partition("]")
        word = rest.strip().partition(":")[0]
        yield Mistake(section, key or (word if word.isidentifier() else "mode"), message)
