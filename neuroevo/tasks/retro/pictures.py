"""Pictures for people: the screen of a game beside what a network sees of it.

The only importer of OpenCV. Training never comes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.film import Film
from neuroevo.tasks.retro.grey import GreyObserver
from neuroevo.tasks.retro.settings import ObservationSettings

Picture = npt.NDArray[np.uint8]


def save_observation_picture(
    game: str, path: Path, *, scale: int, frames: int, integrations: Sequence[str] = ()
) -> tuple[int, int]:
    """Write a picture of the screen and, enlarged beside it, the grey picture a network gets.

    Args:
        game: with or without the version suffix.
        path: a file whose ending OpenCV knows, e.g. ``.png``.
        scale: of the observation.
        frames: frames without buttons before the picture is taken.
        integrations: further folders of games.

    Returns:
        (rows, columns) of the observation.

    Raises:
        TaskError: the game cannot be played, or the picture not be written.
    """
    found = games.resolve_game(game, integrations)
    with Emulator.open(found) as emulator:
        emulator.reset(emulator.start_state(games.default_state(found)))
        for _ in range(frames):
            emulator.step_frame()
        screen = emulator.screen().copy()
        observer = GreyObserver(
            ObservationSettings(scale=scale), screen.shape, emulator.crop_info()
        )
        seen = observer.shrink(screen).reshape(observer.num_rows, observer.num_columns)
    _write(path, side_by_side(screen, seen))
    return seen.shape[0], seen.shape[1]


def save_film(
    path: Path, film: Film, *, is_signed: bool, frame_skip: int, frame_rate: float = 60.0
) -> None:
    """Write a film as an animated picture (APNG), the screen beside what the network saw.

    Lossless, and for the few colours of an old console smaller than a GIF.

    Args:
        path: a file ending in ``.png``, which every browser plays.
        film: at least one picture.
        is_signed: what the network saw lies in -1 to 1 (tiles), not in 0 to 1.
        frame_skip: frames per decision.
        frame_rate: frames per second of the console.

    Raises:
        TaskError: nothing was filmed, or the file cannot be written.
    """
    cv2 = _opencv()
    if path.suffix != ".png" or not film.screens:
        raise TaskError(
            f"{path}: must be a .png file of at least one picture; got {len(film.screens)} "
            f"pictures. Name it e.g. champion.png."
        )
    moments = zip(film.screens, film.views, strict=True)
    animation = cv2.Animation()
    # OpenCV keeps no reference of its own to the pictures of a list: name them.
    frames = []
    for screen, view in moments:
        seen = (view + 1.0) / 2.0 if is_signed else view
        frames.append(side_by_side(screen, seen)[:, :, ::-1].copy())
    animation.frames = frames
    animation.durations = [round(1000 * frame_skip * film.stride / frame_rate)] * len(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        is_written = cv2.imwriteanimation(str(path), animation)
    except cv2.error as problem:
        raise TaskError(f"{path}: must be writable; got {str(problem).strip()}.") from problem
    if not is_written:
        raise TaskError(f"{path}: must be writable; OpenCV could not. Choose another folder.")


def side_by_side(screen: Picture, seen: npt.NDArray[np.float64]) -> Picture:
    """Return both as one picture.

    Args:
        screen: (height, width, 3) uint8, red green blue.
        seen: (rows, columns) float64, 0 to 1.

    Returns:
        (height, 2 * width, 3) uint8, red green blue; ``seen`` in squares, not smoothed.
    """
    cv2 = _opencv()
    height, width = screen.shape[:2]
    grey = np.rint(seen * 255).astype(np.uint8)
    large = cv2.resize(grey, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.concatenate([screen, np.repeat(large[:, :, None], 3, axis=2)], axis=1)


def _write(path: Path, picture: Picture) -> None:
    cv2 = _opencv()
    try:
        is_encoded, data = cv2.imencode(path.suffix, picture[:, :, ::-1])
        if not is_encoded:
            raise TaskError(f"{path}: must end as a picture does; got {path.suffix!r}. Use .png.")
        path.write_bytes(data.tobytes())
    except (cv2.error, OSError) as problem:
        raise TaskError(
            f"{path}: must be a writable picture; got {str(problem).strip()}. Use e.g. see.png."
        ) from problem


def _opencv() -> Any:
    try:
        import cv2
    except ImportError as problem:
        raise TaskError(
            f"opencv-python: must find its system libraries; got {problem}. "
            "On Debian and Ubuntu: apt install libgl1 libglib2.0-0"
        ) from problem
    return cv2
