"""One lesson after the other: which stage of a task a run plays, and when the next one begins.

Owns the rule and its memory, which a checkpoint keeps. A task without a curriculum has one stage
and is done at its first win.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neuroevo.tasks.task import TaskDescription


class Curriculum:
    """Counts the wins of the champions of a stage.

    Attributes:
        stage: the one to play, from 0.
        is_done: the last generation told passed the last stage.
    """

    def __init__(
        self, description: TaskDescription, state: Mapping[str, Any] | None = None
    ) -> None:
        """Begin with the first stage, or where :meth:`state` was taken."""
        self._names = description.stage_names
        self._wins_needed = description.stage_wins
        self._window = description.stage_window
        self.stage = int(state["stage"]) if state else 0
        self._wins = [bool(won) for won in state["wins"]] if state else []
        self.is_done = False

    @property
    def is_last(self) -> bool:
        """No stage follows the one to play; so it is where there is no curriculum."""
        return self.stage + 1 >= len(self._names)

    def tell(self, *, has_won: bool) -> str | None:
        """Take whether the champion of a generation has won.

        Returns:
            What a person should know if a new stage begins with the next generation, else None.
        """
        self.is_done = False
        self._wins = [*self._wins, has_won][-self._window :]
        if sum(self._wins) < self._wins_needed:
            return None
        if self.is_last:
            self.is_done = True
            return None
        passed = self._names[self.stage]
        self.stage += 1
        self._wins = []
        return (
            f"curriculum: {passed} is passed; now {self._names[self.stage]}, stage "
            f"{self.stage + 1} of {len(self._names)}"
        )

    def state(self) -> dict[str, Any]:
        """Return what a checkpoint keeps, as JSON values."""
        return {"stage": self.stage, "wins": self._wins}
