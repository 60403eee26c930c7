"""What a play shows, frame by frame: the labels that a search for variables is judged by.

They come from the keys (right held: a position should rise), from a file of labels, or both; the
file prevails where it says something.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError

RISES, FALLS, STILL, UNKNOWN = 1, -1, 0, 2
WORDS = {
    "right": RISES, "rise": RISES, "left": FALLS, "fall": FALLS, "still": STILL, "unknown": UNKNOWN,
}  # fmt: skip
DIED = "died"
START_DELAY, STOP_DELAY = 12, 40
"""Frames that a body needs to get going or turn, and to come to rest: not judged."""

_SEGMENT = re.compile(r"(\d{1,9})-(\d{1,9})\s+(\w+)", re.ASCII)
_MARK = re.compile(rf"({DIED})\s+(\d{{1,9}})|(\d{{1,9}})\s+({DIED})", re.ASCII)
_KNOWN = re.compile(r"(\w+)=(\d{1,18})", re.ASCII)
_VALUE = re.compile(r"(\d{1,9})\s+(\w+)\s*=\s*(\d{1,18})", re.ASCII)

Int8Array = npt.NDArray[np.int8]
Known = tuple[tuple[int, str, str], ...]


@dataclass(frozen=True, slots=True)
class Labels:
    """Labels of one play.

    Attributes:
        motion: (num_frames,) int8: RISES, FALLS, STILL or UNKNOWN, of frame 0 on.
        deaths: frames at which, or soon after which, a life was lost.
        known: (frame, name, digits) of numbers read from the screen.
    """

    motion: Int8Array
    deaths: tuple[int, ...] = ()
    known: Known = ()


@dataclass(frozen=True, slots=True)
class LabelFile:
    """A file of labels: segments (first, last, code), deaths, and numbers known."""

    segments: tuple[tuple[int, int, int], ...] = ()
    deaths: tuple[int, ...] = ()
    known: Known = ()


def read_labels(path: Path) -> LabelFile:
    """Read a file of labels.

    One a line: ``0-120 still``, ``120-400 right`` (or rise), ``400-520 left`` (or fall),
    ``520-600 unknown``, ``died 900``, ``700 score=300``; ``#`` begins a comment. Written with the
    zeros that the screen shows, as in ``score=000300``, a number has that many digits.

    Raises:
        TaskError: the file cannot be read, or a line is none of these.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError) as error:
        raise TaskError(f"{path}: must be a readable text; got {error}. Check the path.") from error
    segments: list[tuple[int, int, int]] = []
    deaths: list[int] = []
    known: list[tuple[int, str, str]] = []
    for number, line in enumerate(lines, 1):
        text = line.partition("#")[0].strip()
        if not text:
            continue
        if (found := _SEGMENT.fullmatch(text)) and found[3] in WORDS and _rises(found):
            segments.append((int(found[1]), int(found[2]), WORDS[found[3]]))
        elif found := _MARK.fullmatch(text):
            deaths.append(int(found[2] or found[3]))
        elif found := _VALUE.fullmatch(text):
            known.append((int(found[1]), found[2], found[3]))
        else:
            raise TaskError(
                f"{path}:{number}: must be a label; got {text[:60]!r}. Write e.g. `120-400 right` "
                f"({', '.join(WORDS)}), `died 900` or `700 score=300`."
            )
    return LabelFile(tuple(segments), tuple(deaths), tuple(known))


def make_labels(
    buttons: Sequence[Sequence[str]],
    marks: Sequence[tuple[int, str]] = (),
    file: LabelFile | None = None,
) -> Labels:
    """Return the labels of a play.

    Args:
        buttons: held in frames 1 to the last.
        marks: (frame, word) that the player set: ``died``, or e.g. ``score=300``.
        file: prevails over the buttons.

    Raises:
        TaskError: the file speaks of frames that the play has not.
    """
    file = file or LabelFile()
    motion = motion_of_keys(buttons)
    for first, last, code in file.segments:
        motion[first : last + 1] = code
    deaths = sorted({*file.deaths, *(frame for frame, word in marks if word == DIED)})
    known = file.known + tuple(
        (frame, found[1], found[2]) for frame, word in marks if (found := _KNOWN.fullmatch(word))
    )
    frames = [last for _, last, _ in file.segments] + deaths + [frame for frame, *_ in known]
    if frames and max(frames) >= len(motion):
        raise TaskError(
            f"labels: must be of frames 0 to {len(motion) - 1}, which the play has; got "
            f"{max(frames)}. Correct the label, or give the labels in the order of the plays."
        )
    return Labels(motion, tuple(deaths), known)


def motion_of_keys(buttons: Sequence[Sequence[str]]) -> Int8Array:
    """Derive from the keys what a position should do, (len(buttons) + 1,) int8.

    A direction counts once it has been held for :data:`START_DELAY` frames, rest once no direction
    has been held for :data:`STOP_DELAY` frames.
    """
    motion = np.full(len(buttons) + 1, UNKNOWN, np.int8)
    last, held = STILL, STOP_DELAY  # before the first button nothing moves
    for frame, names in enumerate(buttons, 1):
        now = ("RIGHT" in names) - ("LEFT" in names)
        held = held + 1 if now == last else 1
        last = now
        if held > (START_DELAY if now else STOP_DELAY):
            motion[frame] = now
    return motion


def _rises(found: re.Match[str]) -> bool:
    return int(found[1]) <= int(found[2])
