"""The keys of the retro task: the game, what a network sees, what it presses, and what counts."""

from __future__ import annotations

from functools import partial

from neuroevo.config.key import NEUROEVO, Key
from neuroevo.config.presets import PRESETS

TERM_KINDS: tuple[str, ...] = (
    "new_max", "gain", "loss", "value", "change", "per_frame", "milestones", "on_win", "on_death",
)  # fmt: skip
BIG = 1_000_000_000

_retro = partial(Key, "Retro", tasks=("retro",))
_observation = partial(Key, "Observation", tasks=("retro",))
_buttons = partial(Key, "Buttons", tasks=("retro",))
_fitness = partial(Key, "Fitness", tasks=("retro",))


def _preset(section: str) -> Key:
    return Key(section, "preset", "choice", "none",
        "A named set of values for keys of this section that the file leaves out; chosen by --set"
        " it replaces what the file says of them, and nothing of another preset is left.",
        choices=tuple(PRESETS[section]), words=("none",), tasks=("retro",))  # fmt: skip


RETRO_KEYS: tuple[Key, ...] = (
    _retro("game", "text", None, "Name of the game, with or without -v0.",
        example="Airstriker-Genesis"),
    _retro("states", "list", "default",
        "Save states, played one after the other; default takes the game's own, all takes every"
        " state but the held-out ones, heldout-* and play-001 and so on.", words=("default",)),
    _retro("heldout_states", "list", "none",
        "Save states that are never trained on: the champion plays them from time to time, and the"
        " log, the console and the charts show how it does.", words=("none",)),
    _retro("heldout_every", "int", "10", "Generations from one such test to the next.", NEUROEVO,
        1, BIG),
    _retro("episodes", "int", "1",
        "Episodes from each state; more than one needs noops, sticky_prob or noise, for an exact"
        " emulator would repeat the same one.", NEUROEVO, 1, 100_000),
    _retro("combine", "choice", "mean", "What the fitnesses of all its episodes make a genome's.",
        choices=("mean", "min", "median")),
    _retro("curriculum", "wins", "none",
        "Play one state at a time, and go on to the next one in the list once the champions of so"
        " many of the last generations have won.", words=("none",), example="2 of 3"),
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
    _retro("sticky_prob", "float", "0.0",
        "With this probability the first frame of a decision still holds the buttons of the one"
        " before, drawn with the seed.", NEUROEVO, 0, 1),
    _retro("allow_scripts", "bool", "false",
        "Run Lua scripts of scenarios from outside the installed stable-retro."),
    _preset("Observation"),
    _observation("source", "choices", "grey",
        "What the network sees, one or several, joined in this order: the screen as a small picture"
        " (grey, rgb), the tiles around the player (tiles), expressions (variables), the share of"
        " max_frames that is played (timer), the buttons last pressed (last_action), bytes of"
        " memory (ram).",
        choices=("grey", "rgb", "tiles", "variables", "timer", "last_action", "ram")),
    _observation("noise", "bool", "false",
        "Give as many random numbers instead, new ones every decision: a control that shows what"
        " can be learned without seeing."),
    _observation("scale", "int", "8",
        "Pixels: divide the screen's height and width by this.", NEUROEVO, 1, 64),
    _observation("height", "int", "auto",
        "Pixels: rows of the picture; auto follows from scale.", NEUROEVO, 1, 1024,
        words=("auto",)),
    _observation("width", "int", "auto",
        "Pixels: columns of the picture; auto follows from scale.", NEUROEVO, 1, 1024,
        words=("auto",)),
    _observation("crop", "crop", "auto",
        "Pixels: the part of the screen that is seen, `x, y, width, height`, a size of 0 reaching"
        " to the edge; none is all of it, auto what the game's scenario says.", words=("auto",)),
    _observation("range", "choice", "unit",
        "Pixels: from 0 to 1 (unit), from -1 to 1 (signed), or from 0 to 255 (raw).",
        choices=("unit", "signed", "raw")),
    _observation("stack", "int", "1",
        "Pixels: give the pictures of the last so many decisions, the oldest first; an episode"
        " begins as if its first picture had always been there.", NEUROEVO, 1, 64),
    _observation("max_of_two", "bool", "false",
        "Pixels: of the last two frames take the brighter pixel, colour by colour, for games that"
        " show some things on every other frame only."),
    _observation("difference", "bool", "false",
        "Pixels: add one more picture, the newest minus the one before it, from -1 to 1 (raw: from"
        " -255 to 255)."),
    _observation("shrink", "choice", "area",
        "grey: how the picture is made small: exact averages (area), or by the very steps of the"
        " program of 2021 (seed2021), which exchanged height and width, and red and blue.",
        choices=("area", "seed2021")),
    _observation("layout", "choice", "smb",
        "tiles: the map of memory: that of Super Mario Bros. for the NES (smb), or of Super Mario"
        " World for the SNES (smw, not run on the real game: see what you get first).",
        choices=("smb", "smw")),
    _observation("radius", "int", "6",
        "tiles: how many to see on each side of the player's own; 6 gives 13 x 13 inputs.",
        NEUROEVO, 1, 15),
    _observation("solid_tiles", "codes", "auto",
        "tiles: codes seen as 1, solid; auto takes 1-255 for smb and 0x100-0x1ff for smw.",
        words=("auto",)),
    _observation("hazard_tiles", "codes", "none",
        "tiles: codes seen as -1, like enemies; they prevail over solid_tiles."),
    _observation("platform_kinds", "codes", "auto",
        "tiles: kinds of objects that are solid, 32 pixels wide in smb; all other kinds are"
        " enemies; auto takes 0x24-0x2c for smb and none for smw.", words=("auto",)),
    _observation("variables", "expressions", "none",
        "variables: arithmetic over the game's variables, one input each, such as x / 3000,"
        " lives / start.lives; scale them to about -1 to 1."),
    _observation("ram", "addresses", "none",
        "ram: addresses of bytes as in data.json, and ranges of them; each is divided by 255."),
    _preset("Buttons"),
    _buttons("mode", "choice", "auto",
        "One output per button, pressed above the threshold or from 1.0 on (saturated); or one"
        " per combination (combos, groups); auto takes combos or groups if some are given.",
        choices=("threshold", "saturated", "combos", "groups"), words=("auto",)),
    _buttons("threshold", "numbers", "0.5",
        "threshold: an output above it presses its button; give one number, or one per output."),
    _buttons("buttons", "buttons", "all",
        "threshold and saturated: buttons with an output; all leaves out START, SELECT, MODE and"
        " RESET.", words=("all",)),
    _buttons("outputs", "choice", "buttons",
        "threshold and saturated: one output per button in use, or per button of the console in"
        " its order (console).",
        choices=("buttons", "console")),
    _buttons("combos", "combos", "none",
        "What each output presses, the highest output wins; NONE presses nothing.",
        words=("none",)),
    _buttons("groups", "groups", "none",
        "One group of combinations per line, one output per combination: the highest output of"
        " each group wins, and what wins is pressed together.", words=("none",)),
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
        "Condition that ends the episode as died, such as fell(lives).",
        words=("none",)),
    _fitness("won_bonus", "float", "0.0", "Added to the fitness of a won episode."),
    _fitness("unwrap", "moduli", "none",
        "Counters that start anew, with the number of their values; all expressions of [Fitness]"
        " see them going on, those of [Observation] do not.", words=("none",)),
    _fitness("max_jump", "float", "none",
        "A greater change within one frame is a jump, such as a pipe or a respawn: what it passes"
        " over is no progress for new_max terms and stall_expression.", NEUROEVO, 1, BIG,
        words=("none",)),
    _fitness("stall_expression", "expression", "terms",
        "What must reach a new maximum to count as progress; terms takes their sum.",
        words=("terms",)),
    _fitness("stall_frames", "int", "600",
        "The episode ends as stalled after so many frames without progress.", NEUROEVO, 1, BIG,
        words=("none",)),
    _fitness("stall_growth", "float", "0.0",
        "For each frame played, so many frames are added to stall_frames.", NEUROEVO, 0, 1000),
    _fitness("rocking_turns", "int", "none",
        "The episode ends as rocking when stall_expression has changed its direction so often"
        " since its last new maximum.", NEUROEVO, 1, BIG, words=("none",)),
    _fitness("max_frames", "int", "4500", "The episode ends after so many frames.", NEUROEVO, 1,
        BIG),
)  # fmt: skip
