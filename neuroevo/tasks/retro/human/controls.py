"""The keyboard of a player: which key is which button, and what the window shows beside the game.

Pure: knows no window, so all of it is tested without one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.human.playing import Play

SAVE, DIED, END, PAUSE = "F5", "F6", "ESCAPE", "P"
COMMANDS = {
    SAVE: "save a state",
    DIED: "mark: a life was just lost",
    PAUSE: "stop, go on",
    END: "end",
}
"""Key -> what it does, whatever the console; pyglet's names of keys."""
MOST_LINES = 40


def button_keys(console: str) -> dict[str, str]:
    """Return key -> button of a console, as stable-retro's own player has them."""
    import stable_retro

    info = stable_retro.get_system_info(console)
    pairs = zip(info.get("keybinds", ()), info["buttons"], strict=False)
    return {str(key): str(button) for key, button in pairs if key and button}


@dataclass(slots=True)
class Controls:
    """Turns keys into frames, saved states and marks of one play.

    Attributes:
        play: the game under way.
        keys: key -> button.
        held: buttons held now.
        message: the last thing that happened, for people.
        is_ended: the player wants to leave.
        is_paused: no frame runs.
    """

    play: Play
    keys: Mapping[str, str]
    held: set[str] = field(default_factory=set)
    message: str = ""
    is_ended: bool = False
    is_paused: bool = False

    def key_down(self, key: str) -> None:
        """Take a key that went down: a button, or one of :data:`COMMANDS`."""
        if key in COMMANDS and key not in self.keys:
            self._command(key)
            return
        button = self.keys.get(key)
        if button is None:
            return
        if button in self.play.buttons:
            self.held.add(button)
        else:
            self.message = f"{button} needs --allow-start"

    def key_up(self, key: str) -> None:
        """Take a key that was let go."""
        self.held.discard(self.keys.get(key, ""))

    def let_go(self) -> None:
        """Release every button: the window is no longer listened to."""
        self.held.clear()

    def frame(self) -> None:
        """Run one frame with what is held, unless stopped."""
        if not self.is_paused:
            self.play.frame(self.held)

    def _command(self, key: str) -> None:
        if key == SAVE:
            self._save()
        elif key == DIED:
            self.play.mark("died")
            self.message = f"frame {self.play.num_frames}: marked died"
        elif key == PAUSE:
            self.is_paused = not self.is_paused
        else:
            self.is_ended = True

    def _save(self) -> None:
        try:
            self.message = f"saved {self.play.save_state()}"
        except TaskError as problem:  # a full disk must not end the game
            self.message = str(problem)


def key_lines(keys: Mapping[str, str], allowed: Collection[str]) -> list[str]:
    """Return one line per key: what it presses or does; buttons not allowed are left out."""
    lines = [f"{key:7} {button}" for key, button in keys.items() if button in allowed]
    return lines + [f"{key:7} {COMMANDS[key]}" for key in COMMANDS if key not in keys]


def panel(controls: Controls, frame_rate: float) -> str:
    """Return the text beside the game: time, variables, keys, what happened last."""
    play = controls.play
    state = "stopped" if controls.is_paused else f"{play.num_frames / frame_rate:.1f} s"
    variables = [f"{name:14.14} {value}" for name, value in sorted(play.variables.items())]
    if len(variables) > MOST_LINES:
        variables = [*variables[: MOST_LINES - 1], f"and {len(variables) - MOST_LINES + 1} more"]
    held = " ".join(sorted(controls.held)) or "-"
    head = [f"frame {play.num_frames}  {state}", f"held {held}", ""]
    return "\n".join([*head, *variables, "", *key_lines(controls.keys, play.buttons)])
