"""Settings that were edited between two sessions of a run: what changed, and what must not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from neuroevo.config.loading import Config, loads
from neuroevo.config.settings import Settings
from neuroevo.config.table import find_key
from neuroevo.config.values import read_value
from neuroevo.errors import ConfigError
from neuroevo.tasks.task import TaskDescription

_STOPS = ("fitness_criterion", "fitness_threshold", "no_fitness_termination")
"""Keys of ``[NEAT]`` that say when a run ends, like most of ``[Run]``, not how it goes."""
_ELSEWHERE = ("preset", "scenario", "integrations")
"""What presets stand for is written beside them; what files hold is in the task's fingerprint."""
_EVOLUTION = (
    "Run", "NEAT", "DefaultGenome", "DefaultSpeciesSet", "DefaultStagnation", "DefaultReproduction",
)  # fmt: skip
_LONGEST_SHOWN = 60
"""Letters of a value in a sentence."""


@dataclass(frozen=True, slots=True)
class Change:
    """A key that decides how a run goes, and its two values as they stand in the files."""

    section: str
    key: str
    before: str
    now: str

    @property
    def is_of_task(self) -> bool:
        """Tell whether it changes what genomes are scored on."""
        return self.section not in _EVOLUTION

    def __str__(self) -> str:
        name = f"[{self.section}] {self.key}"
        values = (self.before, self.now)
        if any("\n" in value or len(value) > _LONGEST_SHOWN for value in values):
            return name
        return f"{name} {self.before} -> {self.now}"


def changes(before: Config, now: Config) -> tuple[Change, ...]:
    """Return what makes a run go otherwise than it would have gone; () if it stays exact.

    When it ends, how many workers it has and what it says are no such things.

    Args:
        before: what its last generations were computed with, sizes filled in.
        now: what the next ones are computed with, sizes filled in.
    """
    if _what_decides(before.settings) == _what_decides(now.settings):
        return ()
    old = {(entry.section, entry.key): entry.value for entry in before.entries}
    new = {(entry.section, entry.key): entry.value for entry in now.entries}
    return tuple(
        Change(*place, old.get(place, "none"), new.get(place, "none"))
        for place in {**new, **old}
        if _decides(*place) and _value(place, old) != _value(place, new)
    )


def not_exact(generation: int, changed: Sequence[Change]) -> str:
    """Return what to say of a run that goes on with other settings from ``generation`` on."""
    return f"not exact from generation {generation} on: {', '.join(map(str, changed))}"


def settings_before(text: str | None, where: str) -> Config | None:
    """Return the settings that a checkpoint says it was bred with.

    Args:
        text: of a settings file; None in a checkpoint of an earlier version.
        where: the checkpoint, for messages.

    Raises:
        ConfigError: it holds no settings.
    """
    return None if text is None else loads(text, f"{where}: settings")


def check_own(config: Config, own: Config) -> None:
    """Refuse to continue with settings that would make another run of it, in silence.

    Args:
        config: what the caller would go on with, sizes filled in.
        own: the run's own file, sizes filled in.

    Raises:
        ConfigError: names what differs.
    """
    changed = ", ".join(f"[{c.section}] {c.key} = {c.now}" for c in changes(own, config))
    if changed:
        raise ConfigError(
            [
                f"{config.name}: a run must be continued with its own settings; got {changed}. "
                f"Load {own.name}; what is to change, change there."
            ]
        )


def _what_decides(settings: Settings) -> tuple[object, ...]:
    """Return the settings that decide how a run goes, not when it ends."""
    neat = replace(
        settings.neat, fitness_criterion="", fitness_threshold=None, no_fitness_termination=False
    )
    return neat, settings.task, settings.run.seed


def check_networks(before: Config, now: Config, description: TaskDescription) -> None:
    """Refuse to go on where the genomes of a run would not fit the networks it needs now.

    Args:
        before: what its last generations were computed with; sizes may be ``auto``.
        now: what the next ones are to be computed with; sizes may be ``auto``.
        description: of the task as it is now.

    Raises:
        ConfigError: names what changed.
    """
    genome, old = now.settings.neat.genome, before.settings.neat.genome
    sizes = {"num_inputs": description.num_inputs, "num_outputs": description.num_outputs}
    wanted = {**sizes, "num_hidden": genome.num_hidden, "feed_forward": genome.feed_forward}
    changed = [
        f"{key} {str(getattr(old, key)).lower()} -> {str(value).lower()}"
        for key, value in wanted.items()
        if getattr(old, key) != value and (key not in sizes or getattr(old, key))  # 0: auto
    ]
    if changed:
        others = ", ".join(str(change) for change in changes(before, now) if change.is_of_task)
        raise ConfigError(
            [
                f"{now.name} [DefaultGenome]: a run must keep the inputs, outputs and kind of its "
                f"networks; got {', '.join(changed)}{f', after {others}' if others else ''}. Undo "
                "this in the file, or start a new run."
            ]
        )


def _decides(section: str, key: str) -> bool:
    if section == "Run":
        return key == "seed"
    # The seed stands in both sections, and is told once.
    return key not in _ELSEWHERE and not (section == "NEAT" and key in (*_STOPS, "seed"))


def _value(place: tuple[str, str], texts: dict[tuple[str, str], str]) -> Any:
    """Return what a text stands for: 0.5 is 0.50."""
    key, text = find_key(*place), texts.get(place)
    if key is None or text is None:
        return text
    try:
        return read_value(key, text)
    except ValueError:  # no value today: told as it stands
        return text
