"""The keys of neuroevo's own sections: the run, the task, and the retro task's four."""

from __future__ import annotations

from functools import partial

from neuroevo.config.key import NEUROEVO, Key

TASK_NAMES: tuple[str, ...] = ("xor", "double-pole", "double-pole-hidden", "gymnasium", "retro")
TERM_KINDS: tuple[str, ...] = ("new_max", "gain", "loss", "value", "change", "per_frame")
BIG = 1_000_000_000

_run = partial(Key, "Run")
_task = partial(Key, "Task")
_retro = partial(Key, "Retro", tasks=("retro",))
_observation = partial(Key, "Observation", tasks=("retro",))
_buttons = partial(Key, "Buttons", tasks=("retro",))
_fitness = partial(Key, "Fitness", tasks=("retro",))
_GYM = ("gymnasium",)

RUN_KEYS: tuple[Key, ...] = (
    _run("generations", "int", "100", "Generations to reach in all.", NEUROEVO, 1, BIG),
    _run("frames", "int", "none",
        "Stop after the generation in which so many frames (emulator frames or simulation steps)"
        " have been run in all: a budget that is the same on every machine; none sets no limit.",
        NEUROEVO, 1, 10**15, words=("none",)),
    _run("workers", "int", "auto",
        "Processes that evaluate; auto takes one per core, 0 evaluates in the main process."
        " Results do not depend on it.",
        NEUROEVO, 0, 1024, words=("auto",)),
    _run("seed", "int", "none", "Seed of all random numbers; none draws one and records it.",
        NEUROEVO, 0, 2**63 - 1, words=("none",)),
    _run("checkpoint_every", "int", "1", "Generations between checkpoints.", NEUROEVO, 1, BIG),
    _run("evaluation_timeout", "float", "auto",
        "Seconds after which the evaluation of one genome counts as hung; auto measures.",
        NEUROEVO, 0.1, 1e6, words=("auto",)),
    _run("stop_when_solved", "bool", "true", "End the run when the task says it is solved."),
)  # fmt: skip

TASK_KEYS: tuple[Key, ...] = (
    _task("name", "choice", None, "What the networks are scored on.", choices=TASK_NAMES,
        example="xor"),
    _task("bias_input", "float", "1.0",
        "Constant third input; none gives the network two.", words=("none",), tasks=("xor",)),
    _task("activations", "int", "1",
        "Activation steps per pattern; recurrent networks need about 4.", NEUROEVO, 1, 1000,
        tasks=("xor",)),
    _task("max_decisions", "int", "100000",
        "Decisions the poles must stay up to count as solved.", NEUROEVO, 1, BIG,
        tasks=("double-pole", "double-pole-hidden")),
    _task("id", "text", "CartPole-v1", "Name of the Gymnasium environment.", tasks=_GYM),
    _task("episodes", "int", "5",
        "Episodes per evaluation; fitness is their mean return.", NEUROEVO, 1, 100_000,
        tasks=_GYM),
    _task("max_steps", "int", "none",
        "Cut an episode after so many steps; none leaves it to the environment.", NEUROEVO, 1,
        BIG, words=("none", "auto"), tasks=_GYM),
    _task("solved_return", "float", "none",
        "Mean return that counts as solved; none takes the environment's own.",
        words=("none", "auto"), tasks=_GYM),
    _task("same_episodes", "bool", "true",
        "All genomes of a generation play the same episodes.", tasks=_GYM),
)  # fmt: skip

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
