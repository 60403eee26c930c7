"""Files with pictures for people: the screen of a game beside what a network sees of it.

Training never comes here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.observation.observer import make_observer
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.retro.opencv import load_opencv
from neuroevo.tasks.retro.pictures.drawing import draw_moment, fit
from neuroevo.tasks.retro.pictures.film import Film
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
        observer = make_observer(ObservationSettings(scale=scale), emulator)
        released = np.zeros(len(emulator.buttons), np.uint8)
        moment = Moment(emulator, emulator.variables(), 0, released)
        (seen,) = observer.views(observer.observe(moment))
        write_picture(path, draw_moment(emulator.screen(), [seen]))
    _, rows, columns = seen.values.shape
    return rows, columns


def save_film(path: Path, film: Film, *, frame_skip: int, frame_rate: float = 60.0) -> None:
    """Write a film as an animated picture (APNG), the screen beside what the network saw.

    Lossless, and for the few colours of an old console smaller than a GIF.

    Args:
        path: a file ending in ``.png``, which every browser plays.
        film: at least one picture.
        frame_skip: frames per decision.
        frame_rate: frames per second of the console.

    Raises:
        TaskError: nothing was filmed, or the file cannot be written.
    """
    cv2 = load_opencv()
    if path.suffix != ".png" or not film.screens:
        raise TaskError(
            f"{path}: must be a .png file of at least one picture; got {len(film.screens)} "
            f"pictures. Name it e.g. champion.png."
        )
    animation = cv2.Animation()
    # OpenCV keeps no reference of its own to the pictures of a list: name them.
    frames: list[Picture] = []
    for screen, views in film.moments():
        picture = draw_moment(screen, views)
        height, width = frames[0].shape[:2] if frames else picture.shape[:2]
        # A game may change the size of its screen; a film cannot.
        frames.append(fit(picture, height, width)[:, :, ::-1].copy())
    animation.frames = frames
    animation.durations = [round(1000 * frame_skip * film.stride / frame_rate)] * len(frames)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        is_written = cv2.imwriteanimation(str(path), animation)
    except cv2.error as problem:
        raise TaskError(f"{path}: must be writable; got {str(problem).strip()}.") from problem
    if not is_written:
        raise TaskError(f"{path}: must be writable; OpenCV could not. Choose another folder.")


def write_picture(path: Path, picture: Picture) -> None:
    """Write a picture, (height, width, 3) uint8 red green blue.

    Raises:
        TaskError: the ending is unknown, or the file cannot be written.
    """
    cv2 = load_opencv()
    try:
        is_encoded, data = cv2.imencode(path.suffix, picture[:, :, ::-1])
        if not is_encoded:
            raise TaskError(f"{path}: must end as a picture does; got {path.suffix!r}. Use .png.")
        path.write_bytes(data.tobytes())
    except (cv2.error, OSError) as problem:
        raise TaskError(
            f"{path}: must be a writable picture; got {str(problem).strip()}. Use e.g. see.png."
        ) from problem
