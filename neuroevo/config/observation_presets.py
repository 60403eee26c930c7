"""What ``[Observation] preset`` stands for."""

from __future__ import annotations

from collections.abc import Mapping

OBSERVATION_PRESETS: Mapping[str, Mapping[str, str]] = {
    # The steps of the scripts of 2018 to 2021 that made NEAT play Sonic and Mario with gym-retro;
    # neuroevo/tasks/retro/observation/seed2021.py names them one by one.
    "seed2021": {
        "source": "grey",
        "scale": "8",
        "height": "auto",
        "width": "auto",
        "crop": "auto",
        "range": "raw",
        "stack": "1",
        "max_of_two": "false",
        "difference": "false",
        "shrink": "seed2021",
    },
    # Mnih et al. 2015, Methods: 84 x 84, grey, the last four, the brighter of two frames.
    "atari": {
        "source": "grey",
        "height": "84",
        "width": "84",
        "stack": "4",
        "max_of_two": "true",
    },
    # SethBling 2015: 13 x 13 tiles. Its constant input is the bias that nodes have here.
    "mario-io": {"source": "tiles", "radius": "6"},
}
"""Texts by name of the preset and key, as they would stand in a file."""

ABOUT_OBSERVATION_PRESETS: Mapping[str, str] = {
    "seed2021": (
        "The exact inputs of the program of 2021: an eighth of the screen, squeezed with height and"
        " width exchanged, bytes from 0 to 255. It decided on every frame:"
        " `[Retro] frame_skip = 1`."
    ),
    "atari": "The last four grey pictures of 84 x 84, as deep networks saw Atari games (2015).",
    "mario-io": "MarI/O's 13 x 13 tiles; add `layout = smw` for Super Mario World.",
}
"""One sentence per preset, for the reference page."""
