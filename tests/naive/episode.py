"""The loop of an episode, spelled out: every button set, every variable read, on every frame."""

from __future__ import annotations

from typing import Any


def play(
    emulator: Any,
    observer: Any,
    buttons: Any,
    scorer: Any,
    policy: Any,
    *,
    state: bytes,
    frame_skip: int,
    late: Any,
    moment: Any,
) -> tuple[str, int, list[list[int]], dict[str, int]]:
    """Return the ending, the number of frames, the mask held in each, and the last variables.

    Args:
        emulator: a started game.
        observer: turns what ``moment`` returns into inputs.
        buttons: turns outputs into the masks of both halves of a decision.
        scorer: told the variables of every frame.
        policy: turns inputs into outputs.
        state: to begin from.
        frame_skip: frames per decision.
        late: asked once per decision but the first; True presses one frame late.
        moment: called with (emulator, variables of the start, frames played, mask pressed).
    """
    emulator.reset(state)
    policy.reset()
    observer.begin()
    buttons.begin()
    start = emulator.variables()
    scorer.begin(start)
    held, pressed, released = [0] * len(emulator.buttons), None, None
    played: list[list[int]] = []
    while True:
        seen = observer.observe(moment(emulator, start, len(played), pressed))
        let_go_before = released
        pressed, released = buttons.masks(policy.activate(seen))
        is_late = bool(played) and late()
        for frame in range(frame_skip):
            now = pressed if 2 * frame < frame_skip or (is_late and frame == 1) else released
            if is_late and frame == 0:  # of two frames the other one is the one to let go in
                now = let_go_before if frame_skip == 2 else None
            if now is not None:
                emulator.set_buttons(now)
                held = [int(bit) for bit in now]
            emulator.step_frame()
            played.append(held)
            variables = emulator.variables()
            ending = scorer.frame(variables)
            if ending is not None:
                return ending, len(played), played, variables
