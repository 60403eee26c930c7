"""Single numbers as parts of an observation: variables, timer, last action, bytes of memory."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.fitness.expressions import compile_expression
from neuroevo.tasks.retro.live.picture import Picture
from neuroevo.tasks.retro.observation.parts import (
    Bars,
    Bounds,
    Float64Array,
    Moment,
    equal_bounds,
)
from neuroevo.tasks.retro.settings import CodeRanges

NES_RAM_BYTES = 0x800
MAX_RAM_INPUTS = 65536
IntArray = npt.NDArray[np.int64]


class _Numbers:
    """What these parts have in common."""

    sees_screen = False

    def __init__(self, label: str, names: Sequence[str], lowest: float = 0.0) -> None:
        self.label, self._names, self._lowest = label, tuple(names), lowest
        self._out = np.zeros(len(self._names))

    @property
    def num_inputs(self) -> int:
        """How many numbers."""
        return len(self._names)

    def place(self, out: Float64Array) -> None:
        """Take where to write."""
        self._out = out

    def begin(self) -> None:
        """Nothing to forget."""

    def bounds(self) -> Bounds:
        """Return the range."""
        return equal_bounds(self.num_inputs, self._lowest, 1.0)

    def view(self, values: Float64Array) -> Bars:
        """Return them by name."""
        return Bars(self.label, self._names, values.copy(), (self._lowest, 1.0))


class VariablePart(_Numbers):
    """Sees expressions over the game's variables.

    Whoever writes them chooses the scale; for pictures and for noise, 0 to 1 is taken as meant.
    """

    def __init__(self, texts: Sequence[str], variables: Collection[str]) -> None:
        """Compile the expressions.

        Raises:
            TaskError: there is none, or one cannot be used.
        """
        if not texts:
            raise TaskError(
                "[Observation] variables: must hold at least one expression where source has "
                "variables; got none. Write e.g. variables = x / 3000, lives / start.lives."
            )
        super().__init__("variables", texts)
        where = "[Observation] variables"
        self._evaluate = [compile_expression(t, variables, where).evaluate for t in texts]

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write their values in the order of the settings; True is 1."""
        now, start = moment.variables, moment.start
        for index, evaluate in enumerate(self._evaluate):
            self._out[index] = evaluate(now, start)


class TimerPart(_Numbers):
    """Sees which share of the most frames of an episode is played."""

    def __init__(self, max_frames: int) -> None:
        """Take the most frames."""
        super().__init__("timer", ("frames",))
        self._max_frames = max_frames

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write it, from 0 to below 1."""
        self._out[0] = moment.num_frames / self._max_frames


class LastActionPart(_Numbers):
    """Sees what the last decision pressed: 1 for each button that was, in the console's order."""

    def __init__(self, buttons: ButtonMapper, names: Sequence[str | None]) -> None:
        """Find the buttons that any output can press.

        Args:
            buttons: of the task.
            names: the console's buttons in its own order.
        """
        self._places = np.flatnonzero(buttons.usable)
        super().__init__("last action", [str(names[place]) for place in self._places.tolist()])

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write 0 and 1."""
        self._out[:] = moment.pressed[self._places]


class RamPart(_Numbers):
    """Sees bytes of memory by address, divided by 255."""

    def __init__(self, ranges: CodeRanges, emulator: Emulator) -> None:
        """Find the bytes in the memory that the core shows.

        Args:
            ranges: addresses as data.json has them, (first, last) each.
            emulator: a started game.

        Raises:
            TaskError: there is none, or no memory at an address.
        """
        size = sum(last - first + 1 for first, last in ranges)
        if not 1 <= size <= MAX_RAM_INPUTS:
            raise TaskError(
                f"[Observation] ram: must name 1 to {MAX_RAM_INPUTS} bytes where source has ram; "
                f"got {size}. Write e.g. ram = 0x0-0x1f, 0x7d."
            )
        addresses = [a for first, last in ranges for a in range(first, last + 1)]
        super().__init__("ram", [f"{address:#06x}" for address in addresses])
        self._offsets = _find(addresses, emulator)

    def see(self, moment: Moment, screen: Picture) -> None:  # noqa: ARG002 - the protocol's
        """Write the bytes in the order of the settings."""
        memory = moment.emulator.memory()
        for base, places, offsets in self._offsets:
            self._out[places] = np.frombuffer(memory[base], np.uint8)[offsets]
        self._out /= 255.0


def make_last_action(buttons: ButtonMapper | None, emulator: Emulator) -> LastActionPart:
    """Return the part ``last_action`` for a started game.

    Raises:
        TaskError: nobody plays, so there are no buttons.
    """
    if buttons is None:
        raise TaskError(
            "[Observation] source: last_action must come with a player; got a game without "
            "[Buttons]. Leave it away."
        )
    return LastActionPart(buttons, emulator.buttons)


def _find(addresses: Sequence[int], emulator: Emulator) -> list[tuple[int, IntArray, IntArray]]:
    """Return (address of a block, places in ``addresses``, offsets in the block) per block."""
    blocks = {base: len(data) for base, data in emulator.memory().items()}
    if emulator.console == "Nes":
        blocks = {base: size for base, size in blocks.items() if base < NES_RAM_BYTES}
    swap = int(emulator.has_swapped_bytes)
    found: dict[int, list[tuple[int, int]]] = {}
    for place, address in enumerate(addresses):
        base = next((b for b, size in blocks.items() if b <= address < b + size), None)
        if base is None:
            raise _no_memory(address, blocks, emulator)
        found.setdefault(base, []).append((place, (address - base) ^ swap))
    return [
        (base, np.array([p for p, _ in pairs]), np.array([o for _, o in pairs]))
        for base, pairs in found.items()
    ]


def _no_memory(address: int, blocks: dict[int, int], emulator: Emulator) -> TaskError:
    there = ", ".join(f"{b:#x}-{b + size - 1:#x}" for b, size in sorted(blocks.items()))
    why = (
        "The NES has 0x800 bytes of RAM; what a cartridge adds from 0x6000 on begins with "
        "accidental values, so a run could not be repeated. "
        if emulator.console == "Nes"
        else ""
    )
    return TaskError(
        f"[Observation] ram: must name addresses that the {emulator.console} has, {there}; got "
        f"{address:#x}. {why}Write addresses as data.json has them."
    )
