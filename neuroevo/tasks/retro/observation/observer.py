"""What a network sees: the parts joined to one array, and the control that sees nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.live.picture import Picture
from neuroevo.tasks.retro.observation import pixels, scalars, tile_part
from neuroevo.tasks.retro.observation.parts import (
    Bounds,
    Float64Array,
    Moment,
    Part,
    View,
)
from neuroevo.tasks.retro.settings import ObservationSettings

SOURCES = ("grey", "rgb", "tiles", "variables", "timer", "last_action", "ram")
_NO_SCREEN = np.zeros((0, 0, 3), np.uint8)


class Observer(Protocol):
    """Turns the present moment of a game into the inputs of a network."""

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""

    @property
    def sees_two_frames(self) -> bool:
        """Whether a moment must hold the frame before the present one, too."""

    def begin(self) -> None:
        """Forget the last episode; called before its first decision."""

    def observe(self, moment: Moment) -> Float64Array:
        """Return (num_inputs,) float64; the next call reuses the array: do not write to it."""

    def views(self, inputs: Float64Array) -> list[View]:
        """Return inputs, (num_inputs,) float64, as people can look at them."""

    def labels(self) -> list[tuple[str, int]]:
        """Return what the inputs are, in their order: (label, number of inputs)."""


class JoinedObserver:
    """Sees one part or several, one after the other in one array."""

    def __init__(self, parts: Sequence[Part], *, takes_max_of_two: bool = False) -> None:
        """Give each part its place.

        Args:
            parts: at least one.
            takes_max_of_two: show the parts the brighter one of the last two frames.
        """
        self._parts = tuple(parts)
        self._inputs = np.zeros(sum(part.num_inputs for part in parts))
        self._slices: list[slice] = []
        start = 0
        for part in parts:
            self._slices.append(slice(start, start + part.num_inputs))
            part.place(self._inputs[self._slices[-1]])
            start += part.num_inputs
        self._sees_screen = any(part.sees_screen for part in parts)
        self.sees_two_frames = takes_max_of_two and self._sees_screen

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self._inputs.size

    def begin(self) -> None:
        """Forget the last episode."""
        for part in self._parts:
            part.begin()

    def observe(self, moment: Moment) -> Float64Array:
        """Return (num_inputs,) float64, what all parts see."""
        screen = self._screen(moment) if self._sees_screen else _NO_SCREEN
        for part in self._parts:
            part.see(moment, screen)
        return self._inputs

    def views(self, inputs: Float64Array) -> list[View]:
        """Return one view per part."""
        return [
            part.view(inputs[place]) for part, place in zip(self._parts, self._slices, strict=True)
        ]

    def labels(self) -> list[tuple[str, int]]:
        """Return the parts and how many inputs each has."""
        return [(part.label, part.num_inputs) for part in self._parts]

    def bounds(self) -> Bounds:
        """Return the lowest and the highest value of each input, two (num_inputs,) float64."""
        lowest, highest = zip(*(part.bounds() for part in self._parts), strict=True)
        return np.concatenate(lowest), np.concatenate(highest)

    def _screen(self, moment: Moment) -> Picture:
        earlier = moment.earlier_screen
        if not self.sees_two_frames or earlier is None:
            return moment.emulator.picture()
        screen = moment.emulator.screen()
        # A game may change the size of its screen between two frames: then only one can be seen.
        if earlier.shape != screen.shape:
            return screen
        return np.maximum(screen, earlier)


class NoiseObserver:
    """Sees nothing: fresh random numbers for every decision, whatever happens in the game.

    A network that plays as well with it as with its eyes has learned the level by heart.
    """

    sees_two_frames = False

    def __init__(self, replaced: JoinedObserver, generator: np.random.Generator) -> None:
        """Take what it stands for, whose size and ranges it has, and where to draw from."""
        self._replaced, self._generator = replaced, generator
        self._lowest, self._highest = replaced.bounds()

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self._replaced.num_inputs

    def begin(self) -> None:
        """Go on drawing."""

    def observe(self, moment: Moment) -> Float64Array:  # noqa: ARG002 - it does not look
        """Return (num_inputs,) float64, drawn anew, uniform within the range of each input."""
        return self._generator.uniform(self._lowest, self._highest)

    def views(self, inputs: Float64Array) -> list[View]:
        """Return the noise as if it had been seen."""
        return self._replaced.views(inputs)

    def labels(self) -> list[tuple[str, int]]:
        """Return what it stands for."""
        return [(f"noise for {label}", count) for label, count in self._replaced.labels()]


Watcher = Callable[[Moment, Float64Array, Observer], None]
"""Is shown every decision: the moment, the inputs, and who sees them; for their views."""


class WatchedObserver:
    """Another observer, with somebody who looks over its shoulder and changes nothing."""

    def __init__(self, observer: Observer, watch: Watcher) -> None:
        """Take the observer, and whom to call with what it sees."""
        self._observer, self._watch = observer, watch
        self.sees_two_frames = observer.sees_two_frames

    @property
    def num_inputs(self) -> int:
        """How many inputs the network gets."""
        return self._observer.num_inputs

    def begin(self) -> None:
        """Forget the last episode."""
        self._observer.begin()

    def observe(self, moment: Moment) -> Float64Array:
        """Return what the observer sees."""
        inputs = self._observer.observe(moment)
        self._watch(moment, inputs, self._observer)
        return inputs

    def views(self, inputs: Float64Array) -> list[View]:
        """Return the observer's."""
        return self._observer.views(inputs)

    def labels(self) -> list[tuple[str, int]]:
        """Return the observer's."""
        return self._observer.labels()


def make_observer(
    settings: ObservationSettings,
    emulator: Emulator,
    buttons: ButtonMapper | None = None,
    max_frames: int = 1,
) -> JoinedObserver:
    """Return the observer of a started game.

    Args:
        settings: what to see.
        emulator: the game, at the start of an episode.
        buttons: of the task; for ``last_action`` only.
        max_frames: the most frames of an episode; for ``timer`` only.

    Raises:
        TaskError: a setting cannot be used with this game.
    """
    _check_sources(settings)
    makers: dict[str, Callable[[], Part]] = {
        "grey": lambda: pixels.make_pixels("grey", settings, emulator),
        "rgb": lambda: pixels.make_pixels("rgb", settings, emulator),
        "tiles": lambda: tile_part.make_tiles(settings, emulator),
        "variables": lambda: scalars.VariablePart(settings.variables, emulator.variables()),
        "timer": lambda: scalars.TimerPart(max_frames),
        "last_action": lambda: scalars.make_last_action(buttons, emulator),
        "ram": lambda: scalars.RamPart(settings.ram, emulator),
    }
    parts = [makers[source]() for source in settings.source]
    return JoinedObserver(parts, takes_max_of_two=settings.max_of_two)


def warm_up(settings: ObservationSettings) -> None:
    """Compile the kernels in use, or load them from the cache, before the first episode."""
    if {"grey", "rgb"} & set(settings.source):
        pixels.warm_up()
    if "tiles" in settings.source:
        tile_part.warm_up(settings)


def _check_sources(settings: ObservationSettings) -> None:
    source = settings.source
    unknown = [name for name in source if name not in SOURCES]
    if unknown or not source:
        raise TaskError(
            f"[Observation] source: must be some of {', '.join(SOURCES)}; got "
            f"{', '.join(map(repr, unknown)) or 'none'}. Choose among them."
        )
    if len(set(source)) < len(source):
        raise TaskError(
            f"[Observation] source: must name each once; got {', '.join(source)}. "
            f"Remove the repeated one."
        )
