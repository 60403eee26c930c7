"""The window itself, drawn off screen (EGL), in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from builders.command_line import environment

NO_OFF_SCREEN = 77
SESSION = """
import sys
import pyglet
pyglet.options["headless"] = True
try:
    pyglet.window.Window(16, 16).close()
except Exception as error:  # no EGL on this machine
    print(error)
    sys.exit(77)

from neuroevo.tasks.retro import games

from neuroevo.tasks.retro.human import window
from neuroevo.tasks.retro.human.controls import Controls, button_keys
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.playing import Play, PlayFiles
from pathlib import Path
from pyglet.window import key

folder = Path(sys.argv[1])


class Player(Controls):
    def frame(self):
        (view,) = pyglet.app.windows
        frame = self.play.num_frames
        for at, event, symbol in (
            (5, "on_key_press", key.RIGHT), (30, "on_key_press", key.F5),
            (40, "on_key_release", key.RIGHT), (60, "on_key_press", key.ESCAPE),
        ):
            if frame == at:
                view.dispatch_event(event, symbol, 0)
        if frame == 60:
            buffer = pyglet.image.get_buffer_manager().get_color_buffer()
            buffer.save(str(folder / "window.png"))
            (folder / "screen.bin").write_bytes(emulator.screen().tobytes())
        super().frame()


with Emulator.open(games.resolve_game("Wickling-Nes")) as emulator:
    with Play(emulator, "Practice", PlayFiles(log=folder / "log.csv", states=folder)) as play:
        controls = Player(play, button_keys(emulator.console))
        window.play_in_window(controls, emulator)
        print(emulator.screen().shape)
"""


def test_the_window_shows_the_game_and_its_variables_and_obeys_the_keys(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SESSION, str(tmp_path)],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=120,
        check=False,
    )
    if ended.returncode == NO_OFF_SCREEN:
        pytest.skip(f"no window can be drawn off screen here: {ended.stdout.strip()}")
    assert ended.returncode == 0, ended.stderr
    rows = [row.split(",") for row in (tmp_path / "log.csv").read_text().splitlines()[1:]]
    held = [int(row[0]) for row in rows if row[2] == "RIGHT"]
    assert len(rows) in (62, 63)  # Esc is heard at the next look at the keys
    # A key is heard before the frame after it.
    assert held == list(range(7, 42))
    assert (tmp_path / "play-001.state").exists()

    picture = cv2.imread(str(tmp_path / "window.png"))[:, :, ::-1]
    screen = np.frombuffer((tmp_path / "screen.bin").read_bytes(), np.uint8).reshape(224, 240, 3)
    scale = (picture.shape[1] - 260) // 240
    assert scale >= 1
    shown = picture[: 224 * scale, : 240 * scale]
    large = screen.repeat(scale, axis=0).repeat(scale, axis=1)
    # Upright, in its colours, in squares; a frame buffer may have fewer bits per colour.
    assert np.abs(shown.astype(int) - large).max() <= 8
    panel = picture[:, 240 * scale :]
    assert 0.005 < (panel > 128).mean() < 0.5  # there is text
