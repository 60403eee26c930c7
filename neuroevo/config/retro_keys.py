"""The keys of the retro task: the game, what a network sees, what it presses, and what counts."""

from __future__ import annotations

from functools import partial

from neuroevo.config.key import NEUROEVO, Key
from neuroevo.config.presets import PRESETS

TERM_KINDS: tuple[str, ...] = ("new_max", "gain", "loss", "value", "change", "per_frame")
BIG = 1_000_000_000

_retro = partial(Key, "Retro", tasks=("retro",))
_observation = partial(Key, "Observation", tasks=("retro",))
_buttons = partial(Key, "Buttons", tasks=("retro",))
_fitness = partial(Key, "Fitness", tasks=("retro",))


def _preset(section: str) -> Key:
    return Key(section, "preset", "choice", "none",
        "A named set of values for keys of this section that the file leaves out.",
        choices=tuple(PRESETS[section]), words=("none",), tasks=("retro",))  # fmt: skip


RETRO_KEYS: tuple[Key, ...] = (
    _retro("game", "text", None, "Name of the game, with or without -v0.",
        example="Airstriker-Genesis"),
    _retro("states", "list", "default",
        "Save states, one episode each; default takes the game's own.", words=("default",)),
    _retro("scenario", "path", "default",
        "Name of a scenario, or the path of its scenario.json.", words=("default",)),
    _retro("integrations", "paths", "none",
        "Further folders with games, absolute or relative to this file.", words=("none",)),
    _retro("frame_skip", "int", "4", "Frames that one decision lasts.", NEUROEVO, 1, 600),
    _retro("noops", "int", "0",
        "An episode starts with 0 to so many idle frames, drawn with the seed.", NEUROEVO, 0,
        100_000),
    _retro("same_starts", "bool", "true",
        "All genomes of a generation get the same idle frames."),
    _retro("allow_scripts", "bool", "false",
        "Run Lua scripts of scenarios from outside the installed stable-retro."),
    _preset("Observation"),
    _observation("source", "choice", "grey",
        "What the network sees: the screen as a grey picture, or the tiles around the player,"
        " which NES games that keep their level in memory as Super Mario Bros. does can give.",
        choices=("grey", "tiles")),
    _observation("noise", "bool", "false",
        "Give as many random numbers instead, new ones every decision: a control that shows what"
        " can be learned without seeing."),
    _observation("scale", "int", "8",
        "grey: divide the screen's height and width by this.", NEUROEVO, 1, 64),
    _observation("height", "int", "auto",
        "grey: rows of the picture; auto follows from scale.", NEUROEVO, 1, 1024,
        words=("auto",)),
    _observation("width", "int", "auto",
        "grey: columns of the picture; auto follows from scale.", NEUROEVO, 1, 1024,
        words=("auto",)),
    _observation("radius", "int", "6",
        "tiles: how many to see on each side of the player's own; 6 gives 13 x 13 inputs.",
        NEUROEVO, 1, 15),
    _observation("solid_tiles", "codes", "1-255", "tiles: codes seen as 1, solid."),
    _observation("hazard_tiles", "codes", "none",
        "tiles: codes seen as -1, like enemies; they prevail over solid_tiles."),
    _observation("platform_kinds", "codes", "0x24-0x2c",
        "tiles: kinds of objects that are solid, 32 pixels wide; all other kinds are enemies."),
    _preset("Buttons"),
    _buttons("mode", "choice", "auto",
        "One output per button (threshold) or per combination (combos); auto takes combos if"
        " some are given.", choices=("threshold", "combos"), words=("auto",)),
    _buttons("threshold", "float", "0.5", "An output above it presses its button."),
    _buttons("buttons", "buttons", "all",
        "Buttons with an output; all leaves out START, SELECT, MODE and RESET.",
        words=("all",)),
    _buttons("outputs", "choice", "buttons",
        "One output per button in use, or per button of the console in its order (console).",
        choices=("buttons", "console")),
    _buttons("combos", "combos", "none",
        "What each output presses, the highest output wins; NONE presses nothing.",
        words=("none",)),
    _buttons("autofire", "buttons", "none",
        "Buttons let go in the second half of each decision, so that holding fires again.",
        words=("none",)),
    _preset("Fitness"),
    _fitness("terms", "terms", "none",
        "Sum of these terms, one per line; the syntax is explained below.", words=("none",)),
    _fitness("use_scenario_reward", "bool", "auto",
        "Add the reward of the game's scenario; auto does so if there are no terms.",
        words=("auto",)),
    _fitness("use_scenario_done", "bool", "true",
        "An episode ends when the game's scenario says done."),
    _fitness("won", "expression", "none",
        "Condition that ends the episode as won, such as level_end_bonus > 0.",
        words=("none",)),
    _fitness("died", "expression", "none",
        "Condition that ends the episode as died, such as lives < start.lives.",
        words=("none",)),
    _fitness("won_bonus", "float", "0.0", "Added to the fitness of a won episode."),
    _fitness("stall_expression", "expression", "terms",
        "What must reach a new maximum to count as progress; terms takes their sum.",
        words=("terms",)),
    _fitness("stall_frames", "int", "600",
        "The episode ends as stalled after so many frames without progress.", NEUROEVO, 1, BIG,
        words=("none",)),
    _fitness("max_frames", "int", "4500", "The episode ends after so many frames.", NEUROEVO, 1,
        BIG),
)  # fmt: skip
