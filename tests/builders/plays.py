"""Plays of a person, made by a script that looks at the game: it marks a death when it sees one."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from builders.wickling import read_way

from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.playing import Play, PlayFiles, start_of

Moves = Callable[[Play], None]


def record(game: str, folder: Path, moves: Moves, name: str = "play") -> Path:
    """Play ``moves`` from the game's default state; return the log, a movie lies beside it."""
    found = games.resolve_game(game)
    files = PlayFiles(folder / f"{name}.bk2", folder / f"{name}.csv", folder)
    with Emulator.open(found) as emulator, Play(emulator, start_of(found, None), files) as play:
        moves(play)
    return folder / f"{name}.csv"


def hold(play: Play, frames: int, *buttons: str) -> None:
    """Hold buttons; mark the frame in which a life was lost."""
    for _ in range(frames):
        lives = play.variables["lives"]
        play.frame(buttons)
        if play.variables["lives"] < lives:
            play.mark("died")


def lose_a_life(play: Play, *steps: tuple[int, tuple[str, ...]]) -> None:
    """Repeat steps until a life is lost, then wait until the game goes on."""
    lives = play.variables["lives"]
    while play.variables["lives"] == lives:
        for frames, buttons in steps:
            hold(play, frames, *buttons)
    hold(play, 260)


def wickling_moves(play: Play) -> None:
    """Go half the way to the beacon, lose two lives, walk about; read the score twice."""
    hold(play, 60)
    for buttons in read_way("Practice").frames[:300]:
        hold(play, 1, *(name for name in buttons.split("+") if name))
    play.mark(f"score={play.variables['score']:06d}")  # as the screen shows it
    hold(play, 300)
    hop = (30, ("RIGHT", "B", "A")), (18, ("RIGHT", "B"))
    while play.variables["lives"] > 0:
        lose_a_life(play, *hop)
    hold(play, 100, "RIGHT")
    hold(play, 60)
    hold(play, 40, "LEFT")
    hold(play, 60)
    play.mark(f"score={play.variables['score']}")


def airstriker_moves(play: Play) -> None:
    """Fly right and left, shoot one enemy, lose two ships."""
    hold(play, 60)
    for button in ("RIGHT", "LEFT"):
        hold(play, 60, button)
        hold(play, 60)
    while not play.variables["score"]:
        hold(play, 6, "B")
        hold(play, 6)
    play.mark(f"score={play.variables['score']}")
    for _ in range(2):
        lose_a_life(play, (50, ("RIGHT",)), (50, ("LEFT",)))
    hold(play, 60, "RIGHT")
    hold(play, 60)
