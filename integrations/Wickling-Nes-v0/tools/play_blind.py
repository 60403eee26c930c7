"""Play every level without looking, in every simple way, and tell how far each way gets.

A level that one of these players finishes does not need eyes, hence teaches nothing about them:
nothing held, right held, right and run held, every fixed jump rhythm, and random patterns of
runs, walks, jumps and rests whose habits (how long, how often) are drawn anew for each player.

    python play_blind.py                   # everything, two processes
    python play_blind.py --quick 2 3       # a sample, for whoever is building levels 2 and 3
    python play_blind.py --markdown table.md --json table.json
"""

from __future__ import annotations

import argparse
import itertools
import json
import multiprocessing
import statistics
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import memory_map as at
import numpy as np
from machine import NUM_LEVELS, GameError, Machine, rom_sha
from ways import Run, level_name

SEED = 20_260
STALL_FRAMES = 240
MAX_FRAMES = 6000
PERIODS = range(4, 121)
DUTY_STEP = 6
NUM_RANDOM = 500
QUICK_PERIODS = range(6, 121, 9)
QUICK_DUTY_STEP = 12
QUICK_NUM_RANDOM = 40
FAMILIES = ("nothing", "right", "right + run", "rhythm", "rhythm + run", "random")


@dataclass(frozen=True)
class Player:
    """A player that never looks: family, and what it needs to repeat itself."""

    family: str
    period: int = 0
    duty: int = 0
    seed: int = 0

    @property
    def label(self) -> str:
        """A few words that tell this player from others of its family."""
        if self.period:
            return f"A held {self.duty} of every {self.period} frames"
        return f"pattern {self.seed}" if self.family == "random" else ""


@dataclass(frozen=True)
class Outcome:
    """How far a player got: x in pixels, whether to the beacon, and the frames played."""

    player: Player
    best_x: int
    finished: bool
    num_frames: int


def players(quick: bool) -> list[Player]:
    """Return all players, or a sample of them."""
    periods, step, num_random = PERIODS, DUTY_STEP, NUM_RANDOM
    if quick:
        periods, step, num_random = QUICK_PERIODS, QUICK_DUTY_STEP, QUICK_NUM_RANDOM
    rhythms = [
        Player(family, period, duty)
        for family in ("rhythm", "rhythm + run")
        for period in periods
        for duty in range(min(step, period // 2), period, step)
    ]
    simple = [Player(family) for family in ("nothing", "right", "right + run")]
    return simple + rhythms + [Player("random", seed=seed) for seed in range(num_random)]


def pattern(player: Player) -> Iterator[Run]:
    """Yield what a player holds and for how many frames, without end."""
    if player.family == "random":
        return random_pattern(player.seed)
    if player.period:
        walk = "RIGHT+B" if player.family == "rhythm + run" else "RIGHT"
        beat = [(player.duty, f"{walk}+A"), (player.period - player.duty, walk)]
        return itertools.cycle(beat)
    held = {"nothing": "", "right": "RIGHT", "right + run": "RIGHT+B"}[player.family]
    return itertools.repeat((MAX_FRAMES, held))


def random_pattern(seed: int) -> Iterator[Run]:
    """Yield jumps and the steps between them, with habits of this seed alone."""
    rng = np.random.default_rng([SEED, seed])
    mean_jump, mean_step = np.exp(rng.uniform(np.log((8, 4)), np.log((45, 90))))
    run_prob, rest_prob = rng.choice((0.0, 0.5, 0.9, 1.0)), rng.choice((0.0, 0.05, 0.2))
    while True:
        walk = "RIGHT+B" if rng.random() < run_prob else "RIGHT"
        yield 1 + int(rng.exponential(mean_step)), walk
        if rng.random() < rest_prob:
            yield 1 + int(rng.exponential(mean_step)), str(rng.choice(("", "LEFT")))
        yield 1 + int(rng.exponential(mean_jump)), f"{walk}+A"


def play(machine: Machine, start: bytes, player: Player) -> Outcome:
    """Play from a level's start to death, beacon, stall or the frame limit."""
    machine.reset(start)
    best_x, best_frame, frame = at.player_x(machine.ram()), 0, 0
    for count, buttons in pattern(player):
        for _ in range(count):
            machine.step(buttons)
            frame += 1
            ram = machine.ram()
            if ram[at.GOAL]:
                return Outcome(player, at.goal_x(ram), True, frame)
            if at.player_x(ram) > best_x and not at.is_dead(ram):
                best_x, best_frame = at.player_x(ram), frame
            if at.is_dead(ram) or frame - best_frame >= STALL_FRAMES or frame >= MAX_FRAMES:
                return Outcome(player, best_x, False, frame)
    raise AssertionError("a pattern has no end")


def play_all(level: int, some: list[Player]) -> tuple[int, list[Outcome]]:
    """Let players play a level one by one; return the beacon's x and their outcomes."""
    with Machine() as machine:
        start = machine.level_start(level)
        goal = at.goal_x(machine.ram())
        return goal, [play(machine, start, player) for player in some]


def play_level(pool: ProcessPoolExecutor, level: int, quick: bool) -> dict[str, object]:
    """Let all players play a level; return the rows of its table."""
    everyone = players(quick)
    parts = [everyone[part::8] for part in range(8)]  # small parts keep both processes busy
    outcomes: list[Outcome] = []
    goal = 0
    for reached, part in pool.map(play_all, itertools.repeat(level), parts):
        goal, outcomes = reached, outcomes + part
    rows = [family_row(family, goal, outcomes) for family in FAMILIES]
    return {"level": level, "name": level_name(level), "goal_x": goal, "families": rows}


def family_row(family: str, goal: int, outcomes: list[Outcome]) -> dict[str, object]:
    """Return how far the players of a family got, in percent of the beacon's x."""
    of_family = [outcome for outcome in outcomes if outcome.player.family == family]
    percents = [100 * outcome.best_x / goal for outcome in of_family]
    best = max(of_family, key=lambda outcome: outcome.best_x)
    return {
        "family": family,
        "players": len(of_family),
        "best": round(max(percents), 1),
        "median": round(statistics.median(percents), 1),
        "finished": sum(outcome.finished for outcome in of_family),
        "best_player": best.player.label,
        "best_x": best.best_x,
        "frames": sum(outcome.num_frames for outcome in of_family),
    }


def markdown(levels: list[dict[str, object]]) -> str:
    """Return the table: one line per level, best and median percent and finishers per family."""
    lines = [
        f"| level | {' | '.join(FAMILIES)} | finished |",
        f"|{'---|' * (len(FAMILIES) + 2)}",
    ]
    for level in levels:
        rows: list[dict[str, object]] = level["families"]  # type: ignore[assignment]
        cells = [_cell(row) for row in rows]
        finished = sum(int(str(row["finished"])) for row in rows)
        players_in_all = sum(int(str(row["players"])) for row in rows)
        lines.append(
            f"| {level['level']} {level['name']} | {' | '.join(cells)} "
            f"| {finished} of {players_in_all} |"
        )
    return "\n".join(lines)


def _cell(row: dict[str, object]) -> str:
    return f"{row['best']}" if row["players"] == 1 else f"{row['best']} ({row['median']})"


def main(arguments: list[str] | None = None) -> int:
    """Play, print and write; exit 1 when a level was finished."""
    parser = argparse.ArgumentParser(description="Play the levels without looking.")
    parser.add_argument("levels", type=int, nargs="*", metavar="LEVEL", help="default: all")
    parser.add_argument("--quick", action="store_true", help="only a sample of the players")
    parser.add_argument("--markdown", type=Path, help="write the table to this file")
    parser.add_argument("--json", type=Path, help="write all numbers to this file")
    options = parser.parse_args(arguments)
    begin, levels = time.monotonic(), []
    spawn = multiprocessing.get_context("spawn")
    try:
        with ProcessPoolExecutor(2, mp_context=spawn) as pool:
            for level in options.levels or range(NUM_LEVELS):
                levels.append(play_level(pool, level, options.quick))
                print(f"level {level} done after {time.monotonic() - begin:.0f} s")
    except GameError as error:
        print(error, file=sys.stderr)
        return 1
    print("Best (median) of each family, in percent of the beacon's x:")
    print(markdown(levels))
    for row in winners(levels):
        print(f"FINISHED BLIND: {row}")
    if options.markdown:
        options.markdown.write_text(markdown(levels) + "\n", encoding="utf-8")
    if options.json:
        document = {"rom": rom_sha(), "seed": SEED, "quick": options.quick, "levels": levels}
        options.json.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    return 1 if winners(levels) else 0


def winners(levels: list[dict[str, object]]) -> list[str]:
    """Name every family that finished a level."""
    return [
        f"level {level['level']}: {row['finished']} of {row['family']} ({row['best_player']})"
        for level in levels
        for row in level["families"]  # type: ignore[attr-defined]
        if row["finished"]
    ]


if __name__ == "__main__":
    sys.exit(main())
