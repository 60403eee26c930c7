"""Pictures of what a network sees, one file per decision: ``--dump-observation``."""

from __future__ import annotations

from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.observation.observer import Observer
from neuroevo.tasks.retro.observation.parts import Float64Array, Moment
from neuroevo.tasks.retro.pictures.drawing import draw_moment
from neuroevo.tasks.retro.pictures.saving import write_picture

MOST_PICTURES = 200
INPUTS = "inputs.txt"


class ObservationDump:
    """Writes what the first decisions saw: give it to :meth:`RetroTask.evaluate` as ``watch``.

    ``0001.png`` and so on show the game beside all that was seen of it; ``inputs.txt`` says which
    inputs are what.

    Attributes:
        num_pictures: written so far, at most 200.
    """

    def __init__(self, folder: Path) -> None:
        """Make the folder.

        Raises:
            TaskError: it cannot be made, or something is in it already.
        """
        self._folder, self.num_pictures = folder, 0
        try:
            folder.mkdir(parents=True, exist_ok=True)
            is_empty = next(folder.iterdir(), None) is None
        except OSError as problem:
            raise TaskError(
                f"{folder}: must be a folder that can be written to; got {problem}. Name another."
            ) from problem
        if not is_empty:
            raise TaskError(
                f"{folder}: must be new or empty, so that pictures of two players are not mixed; "
                f"got a folder with files. Name another."
            )

    def __call__(self, moment: Moment, inputs: Float64Array, observer: Observer) -> None:
        """Write this decision, if it is one of the first."""
        if self.num_pictures >= MOST_PICTURES:
            return
        if self.num_pictures == 0:
            self._write_labels(observer)
        self.num_pictures += 1
        picture = draw_moment(moment.emulator.screen(), observer.views(inputs))
        write_picture(self._folder / f"{self.num_pictures:04}.png", picture)

    def summary(self) -> str:
        """Return a line for a person."""
        limit = f", the first {MOST_PICTURES} decisions" if self._is_full else ""
        return f"observation {self._folder} ({self.num_pictures} pictures{limit})"

    @property
    def _is_full(self) -> bool:
        return self.num_pictures >= MOST_PICTURES

    def _write_labels(self, observer: Observer) -> None:
        lines, first = ["inputs, counted from 0"], 0
        for label, count in observer.labels():
            last = first + count - 1
            lines.append(f"{first if count == 1 else f'{first}-{last}'}: {label}")
            first += count
        (self._folder / INPUTS).write_text("\n".join([*lines, ""]), encoding="utf-8")
