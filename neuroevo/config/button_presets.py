"""The sets of buttons that a file gets by one line, ``[Buttons] preset = NAME``.

Each is written from its public source, named beside it. Only combinations that the console lets
through are in here: stable-retro presses nothing of the others.
"""

from __future__ import annotations

from collections.abc import Mapping

_MOVES = "LEFT, LEFT+UP, UP, UP+RIGHT, RIGHT, RIGHT+DOWN, DOWN, DOWN+LEFT, NONE"

BUTTON_PRESETS: Mapping[str, Mapping[str, str]] = {
    # SonicDiscretizer in agents/sonic_util.py of github.com/openai/retro-baselines, the order too;
    # described in Nichol et al. 2018, "Gotta Learn Fast", section 4.2.
    "sonic": {"combos": "LEFT, RIGHT, LEFT+DOWN, RIGHT+DOWN, DOWN, DOWN+B, B"},
    # The table of github.com/kimbring2/SonicTheHedgehog2-Tensorflow2, which covers human replays.
    # Of its 23 rows, 4 hold LEFT and RIGHT at once (alone, with A, with B, with DOWN) and are left
    # out. Its row of B, RIGHT and DOWN has the bits of A: its names are followed here.
    "sonic-replays": {
        "combos": (
            "NONE, LEFT, RIGHT, A, B, DOWN, UP, B+LEFT, B+RIGHT, B+DOWN, A+LEFT, A+RIGHT, A+DOWN,"
            " DOWN+RIGHT, DOWN+LEFT, B+RIGHT+DOWN, B+LEFT+DOWN, A+LEFT+DOWN, A+RIGHT+DOWN"
        )
    },
    # The four of the Super Mario Kart driver: go, turn either way, hop.
    "kart": {"combos": "B, B+LEFT, B+RIGHT, B+L"},
    # The 9 moves and 10 attacks of MAMEToolkit (github.com/M-J-Murray/MAMEToolkit,
    # sf_environment/Environment.py), in its order: three punches and the two weaker ones together,
    # three kicks and the two weaker ones together, the weakest of both, nothing. Which button is
    # which attack is the default of Street Fighter II's own pad settings; no such game could be
    # run here.
    "fighter-genesis": {
        "groups": f"{_MOVES}\nX, Y, Z, X+Y, A, B, C, A+B, A+X, NONE",
    },
    "fighter-snes": {
        "groups": f"{_MOVES}\nY, X, L, Y+X, B, A, R, B+A, Y+B, NONE",
    },
    # gym_super_mario_bros/actions.py of github.com/Kautenja/gym-super-mario-bros: RIGHT_ONLY,
    # SIMPLE_MOVEMENT and COMPLEX_MOVEMENT, in their order.
    "mario-right": {"combos": "NONE, RIGHT, RIGHT+A, RIGHT+B, RIGHT+A+B"},
    "mario": {"combos": "NONE, RIGHT, RIGHT+A, RIGHT+B, RIGHT+A+B, A, LEFT"},
    "mario-full": {
        "combos": (
            "NONE, RIGHT, RIGHT+A, RIGHT+B, RIGHT+A+B, A, LEFT, LEFT+A, LEFT+B, LEFT+A+B, DOWN, UP"
        )
    },
    # What env.step of gym-retro made of a network's outputs, without the crash at -1 and without
    # 2.7 on B pressing A. The seed's num_outputs = 12 fits the Genesis and the SNES.
    "seed2021": {"mode": "saturated", "outputs": "console"},
}
"""Texts by name of the preset and key, as they would stand in a file."""

ABOUT_BUTTON_PRESETS: Mapping[str, str] = {
    "sonic": "The seven combinations of OpenAI's Retro Contest, for Sonic on the Genesis.",
    "sonic-replays": "19 combinations that cover what people press in Sonic 2, on the Genesis.",
    "kart": "Go, turn left, turn right, hop: Super Mario Kart on the SNES.",
    "fighter-genesis": (
        "9 moves and 10 attacks, 19 outputs: Street Fighter II, six-button pad of the Genesis."
    ),
    "fighter-snes": "9 moves and 10 attacks, 19 outputs: Street Fighter II on the SNES.",
    "mario-right": "Five combinations that only go right, for Super Mario Bros. on the NES.",
    "mario": "Seven combinations for Super Mario Bros. on the NES; A jumps, B runs.",
    "mario-full": "Twelve combinations for Super Mario Bros. on the NES, to the left too.",
    "seed2021": (
        "One output per button of the console, pressed from 1.0 on, as scripts of 2021 did."
    ),
}
"""One sentence per preset, for the reference page."""
