"""The keys of the run and of the tasks; those of games are in ``retro_keys.py``."""

from __future__ import annotations

from functools import partial

from neuroevo.config.key import NEUROEVO, Key

TASK_NAMES: tuple[str, ...] = ("xor", "double-pole", "double-pole-hidden", "gymnasium", "retro")
BIG = 1_000_000_000

_run = partial(Key, "Run")
_task = partial(Key, "Task")
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
    _run("seed_genome", "file", "none",
        "Begin with this genome file and mutated copies of it, to continue on another level or with"
        " other settings.", words=("none",)),
    _run("checkpoint_every", "int", "1", "Generations between checkpoints.", NEUROEVO, 1, BIG),
    _run("evaluation_timeout", "float", "auto",
        "Seconds after which the evaluation of one genome counts as hung; auto measures.",
        NEUROEVO, 0.1, 1e6, words=("auto",)),
    _run("worker_memory", "int", "auto",
        "Megabytes of memory at which a worker is replaced and its genome evaluated again; auto"
        " takes its share of 80 % of what is available at the start, at least 1024; 0 sets no"
        " limit. Linux only.",
        NEUROEVO, 0, BIG, words=("auto",)),
    _run("stagnation_notice", "int", "50",
        "Say so when the best fitness has not risen for so many generations, and again at each"
        " doubling; 0 never does.", NEUROEVO, 0, BIG),
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
