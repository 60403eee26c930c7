"""The window of a player: the only importer of pyglet, and only when a window is wanted.

Draws and listens; everything else is in :mod:`neuroevo.tasks.retro.human.controls`, which is tested
without a window.
"""

from __future__ import annotations

import time
from importlib import import_module
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.human.controls import Controls, panel

PANEL_WIDTH, LEAST_HEIGHT, MARGIN = 260, 600, 8
MOST_BEHIND = 4
"""Frames; a computer that falls further behind plays slower instead of in leaps."""


def play_in_window(controls: Controls, emulator: Emulator) -> None:
    """Play until the window is closed or Esc is pressed.

    Raises:
        TaskError: no window can be opened here.
    """
    window = _open(emulator)
    try:
        _listen(window, controls)
        _loop(window, controls, emulator)
    finally:
        window.close()


def _open(emulator: Emulator) -> Any:
    try:
        pyglet = import_module("pyglet")
        screen = pyglet.canvas.get_display().get_default_screen()
        height, width = emulator.screen().shape[:2]
        across = (0.9 * screen.width - PANEL_WIDTH) // width
        scale = max(1, int(min(across, 0.9 * screen.height // height, 4)))
        return pyglet.window.Window(
            width=scale * width + PANEL_WIDTH,
            height=max(scale * height, LEAST_HEIGHT),
            caption=f"neuroevo play {emulator.game.name}",
        )
    except Exception as error:
        if not _is_of_window(error):
            raise
        raise TaskError(
            f"play: a window must be possible; got {str(error) or type(error).__name__}. Without a "
            f"screen play scripted keys: --keys FILE."
        ) from error


def _is_of_window(error: Exception) -> bool:
    """Tell what pyglet raises without a screen or OpenGL; its classes cannot be imported then."""
    return isinstance(error, ImportError) or type(error).__module__.startswith("pyglet")


def _listen(window: Any, controls: Controls) -> None:
    key = import_module("pyglet.window.key")

    def on_key_press(symbol: int, _modifiers: int) -> bool:
        controls.key_down(key.symbol_string(symbol))
        return True  # or pyglet closes the window at Esc itself

    def on_key_release(symbol: int, _modifiers: int) -> None:
        controls.key_up(key.symbol_string(symbol))

    def on_close() -> bool:
        controls.is_ended = True
        return True

    def on_deactivate() -> None:
        controls.let_go()

    # Functions, not methods: pyglet keeps methods by weak reference only.
    window.push_handlers(
        on_key_press=on_key_press,
        on_key_release=on_key_release,
        on_close=on_close,
        on_deactivate=on_deactivate,
    )


def _loop(window: Any, controls: Controls, emulator: Emulator) -> None:
    rate = emulator.frame_rate()
    label = _label(window)
    due = time.perf_counter()
    while not controls.is_ended:
        window.switch_to()
        window.dispatch_events()
        now = time.perf_counter()
        if now < due:
            time.sleep(min(due - now, 0.005))
            continue
        due = max(due + 1.0 / rate, now - MOST_BEHIND / rate)
        controls.frame()
        _draw(window, label, controls, emulator)
        window.flip()


def _label(window: Any) -> Any:
    return import_module("pyglet").text.Label(
        font_name=("DejaVu Sans Mono", "Menlo", "Courier New"),
        font_size=9,
        x=window.width - PANEL_WIDTH + MARGIN,
        y=window.height - MARGIN,
        width=PANEL_WIDTH - 2 * MARGIN,
        anchor_y="top",
        multiline=True,
    )


def _draw(window: Any, label: Any, controls: Controls, emulator: Emulator) -> None:
    gl = import_module("pyglet.gl")
    screen = emulator.screen()
    height, width = screen.shape[:2]
    window.clear()
    picture = import_module("pyglet.image").ImageData(
        width, height, "RGB", screen.tobytes(), pitch=-3 * width
    )
    texture = picture.get_texture()
    gl.glBindTexture(texture.target, texture.id)
    gl.glTexParameteri(texture.target, gl.GL_TEXTURE_MAG_FILTER, gl.GL_NEAREST)
    room = window.width - PANEL_WIDTH
    scale = min(room / width, window.height / height)
    texture.blit(0, window.height - scale * height, width=scale * width, height=scale * height)
    # Laying out text is slow: ten times a second is enough to read.
    if controls.play.num_frames % 6 == 0 or controls.is_paused:
        label.text = f"{panel(controls, emulator.frame_rate())}\n\n{controls.message}"
    label.draw()
