"""A game's variables, as everything in this room is given them, and the name that is none."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from neuroevo.errors import TaskError

Values = Mapping[str, int]
"""The variables that data.json defines, by name, in one frame."""


def unknown_variable(
    where: str, name: str, known: Collection[str], text: str | None = None
) -> TaskError:
    """Return the error to raise for a name that the game does not have.

    Args:
        where: what the message begins with, e.g. ``[Fitness] died``.
        name: as written.
        known: the names that data.json defines.
        text: what the name stands in, where that is more than a name.
    """
    names = sorted(known)
    close = difflib.get_close_matches(name, names, 1)
    return TaskError(
        f"{where}: must use variables of data.json; got {name!r}"
        f"{f' in {text!r}' if text is not None else ''}. "
        f"{f'Did you mean {close[0]}? ' if close else ''}"
        f"The game has: {', '.join(names) or 'none'}."
    )
