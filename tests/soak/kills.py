"""kill -9 of the master at moments spread over the life of a run, and what is lost by it."""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

from builders.command_line import neuroevo, started
from soak.reporting import Part, say

from neuroevo.errors import StorageError
from neuroevo.storage.checkpoint import list_checkpoints, load_checkpoint, load_newest
from neuroevo.storage.run_log import read_log

XOR = ("xor", "--seed", 5, "--set", "Run.stop_when_solved=false", "--generations", 30)
WICKLING = (
    *("wickling", "--seed", 5, "--workers", 2, "--set", "NEAT.pop_size=8"),
    *("--set", "Fitness.max_frames=300", "--set", "Run.stop_when_solved=false"),
    *("--generations", 12),
)
TASKS = {"xor": XOR, "wickling": WICKLING}
LABELS = {"xor": "XOR, 150 genomes, no workers", "wickling": "Wickling, 8 genomes, 2 workers"}
KILLS_PER_RUN = 5
ORPHAN_SECONDS = 1.0


@dataclass(slots=True)
class Tally:
    """What the kills of one task did.

    Attributes:
        num_early: kills before the run had its first checkpoint.
        num_in_save: kills that left a half written file behind.
        num_unreadable: newest checkpoints that could not be read, or hid a bad older one.
        lost: per kill, generations in the log that came after the newest checkpoint.
        num_orphans: workers alive a second later.
        num_runs: brought to their end.
        num_different: of them, those with another digest in any generation.
    """

    num_kills: int = 0
    num_early: int = 0
    num_in_save: int = 0
    num_unreadable: int = 0
    lost: list[int] = field(default_factory=list)
    num_orphans: int = 0
    num_runs: int = 0
    num_different: int = 0
    troubles: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Reference:
    """An undisturbed run of a task: its digests, and the seconds it took."""

    words: tuple[object, ...]
    digests: list[str]
    seconds: float


def kill_masters(folder: Path, num_kills: int, names: tuple[str, ...] = tuple(TASKS)) -> Part:
    """Kill the masters of runs, resume them, and compare what comes out.

    Args:
        folder: for the runs.
        num_kills: over all tasks together.
        names: of the tasks.
    """
    tallies = {}
    for number, name in enumerate(names):
        share = num_kills * (number + 1) // len(names) - num_kills * number // len(names)
        reference = undisturbed(TASKS[name], folder / f"undisturbed-{number}")
        say(f"{name}: undisturbed run of {len(reference.digests)} generations took "
            f"{reference.seconds:.1f} s")  # fmt: skip
        tallies[name] = kill_runs(reference, folder / f"killed-{number}", share, seed=number)
    return as_part(tallies)


def undisturbed(words: tuple[object, ...], run: Path) -> Reference:
    """Run a task to its end, twice: the first compiles what is not compiled yet."""
    for attempt in (run.with_name(f"{run.name}-first"), run):
        began = time.monotonic()
        ended = neuroevo("evolve", *words, "--out", attempt, timeout=600)
        assert ended.returncode == 0, ended.stderr
        seconds = time.monotonic() - began
    return Reference(words, digests(run), seconds)


def kill_runs(reference: Reference, folder: Path, num_kills: int, seed: int) -> Tally:
    """Begin runs, kill each up to five times, bring it to its end, until all kills are done."""
    generator, tally, attempt = random.Random(seed), Tally(), 0
    while tally.num_kills < num_kills:
        attempt += 1
        run = folder / f"run-{attempt}"
        for _ in range(min(KILLS_PER_RUN, num_kills - tally.num_kills)):
            process = begin(reference, run)
            is_killed = kill_at_a_moment(process, run, reference.seconds, generator)
            leave(process)
            if not is_killed:
                break
            tally.num_kills += 1
            inspect(process, run, tally)
        finish(reference, run, tally)
        shutil.rmtree(run, ignore_errors=True)
        say(f"{tally.num_kills} of {num_kills} kills, {tally.num_in_save} in a save, "
            f"{tally.num_unreadable} unreadable, {tally.num_different} different")  # fmt: skip
    return tally


def begin(reference: Reference, run: Path) -> subprocess.Popen[str]:
    """Start the run, or resume it where it has begun: from its manifest on there is a run."""
    if (run / "manifest.json").exists():
        return started("resume", run)
    return started("evolve", *reference.words, "--out", run)


def kill_at_a_moment(
    process: subprocess.Popen[str], run: Path, seconds: float, generator: random.Random
) -> bool:
    """Kill a master at a random time of its life, or in the midst of a save; tell if it lived."""
    if generator.random() < 0.5:
        limit = time.monotonic() + generator.uniform(0.0, seconds)
        while time.monotonic() < limit and process.poll() is None:
            time.sleep(0.001)
    else:
        wait_for_saves(process, run / "checkpoints", generator.randrange(1, 12))
        time.sleep(generator.uniform(0.0, 0.004))
    if process.poll() is not None:
        return False
    os.kill(process.pid, signal.SIGKILL)
    return process.wait() == -signal.SIGKILL


def wait_for_saves(process: subprocess.Popen[str], checkpoints: Path, count: int) -> None:
    """Wait until a file is being written for the ``count``-th time."""
    before: set[str] = set()
    while count and process.poll() is None:
        try:
            now = {path.name for path in checkpoints.glob(".*.tmp")}
        except OSError:
            now = set()
            time.sleep(0.002)
        count -= bool(now - before)
        before = now
        time.sleep(0.0001)


def leave(process: subprocess.Popen[str]) -> None:
    """Close the pipes of a process that is gone, or wait for it."""
    process.wait()
    for pipe in (process.stdout, process.stderr):
        if pipe is not None:
            pipe.close()


def inspect(process: subprocess.Popen[str], run: Path, tally: Tally) -> None:
    """Look at what a killed master left."""
    tally.num_orphans += count_orphans(process.pid)
    files = list_checkpoints(run / "checkpoints")
    tally.num_in_save += bool(list((run / "checkpoints").glob(".*.tmp")))
    if not files:
        tally.num_early += 1
        return
    try:
        for path in files:
            load_checkpoint(path)
        state, extra, _ = load_newest(run / "checkpoints")
        saved = (run / "log.jsonl").read_bytes()[: extra.log_offset].count(b"\n")
        assert saved == state.generation, f"{saved} lines for generation {state.generation}"
        tally.lost.append(max(0, len(read_log(run / "log.jsonl")) - state.generation))
    except (StorageError, AssertionError, OSError) as problem:
        tally.num_unreadable += 1
        tally.troubles.append(f"after a kill: {problem}")


def count_orphans(session: int) -> int:
    """Return how many processes of a session live on a second after their master's death."""
    limit = time.monotonic() + ORPHAN_SECONDS
    while (alive := in_session(session)) and time.monotonic() < limit:
        time.sleep(0.02)
    return len(alive)


def in_session(session: int) -> list[int]:
    """Return the processes of a session that are no zombies (Linux)."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = path.read_text().rsplit(")", 1)[1].split()
        except (OSError, IndexError):
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(path.parent.name))
    return found


def finish(reference: Reference, run: Path, tally: Tally) -> None:
    """Bring a run to its end without a kill, and compare."""
    process = begin(reference, run)
    _, errors = process.communicate(timeout=600)
    tally.num_runs += 1
    if process.returncode != 0:
        tally.troubles.append(f"resume ended with {process.returncode}: {errors[-300:]}")
    if process.returncode != 0 or digests(run) != reference.digests:
        tally.num_different += 1


def digests(run: Path) -> list[str]:
    """Return the digest of every generation."""
    return [record["digest"] for record in read_log(run / "log.jsonl")]


def as_part(tallies: dict[str, Tally]) -> Part:
    """Return the table of all tasks."""
    rows, troubles = [], []
    for name, tally in tallies.items():
        mean = sum(tally.lost) / max(1, len(tally.lost))
        rows.append(
            (LABELS[name], f"{tally.num_kills}", f"{tally.num_in_save}", f"{tally.num_early}",
             f"{tally.num_unreadable}", f"{max(tally.lost, default=0)} ({mean:.2f})",
             f"{tally.num_orphans}", f"{tally.num_different} of {tally.num_runs}")
        )  # fmt: skip
        troubles += [f"{name}: {text}" for text in tally.troubles]
        troubles += [f"{name}: {tally.num_orphans} workers outlived their master"] * bool(
            tally.num_orphans
        )
        troubles += [f"{name}: more than the generation being saved was lost"] * (
            max(tally.lost, default=0) > 1
        )
        troubles += [f"{name}: {tally.num_different} digests differ"] * bool(tally.num_different)
    head = ("run", "kills", "inside a save", "before the first checkpoint",
            "unreadable checkpoints", "finished generations lost, most (mean)",
            "workers alive after 1 s", "resumed runs with another digest")  # fmt: skip
    note = (
        "Half of the kills strike at a random moment from the start of the process to its end, "
        "half while a checkpoint is being written. A generation counts as finished when its line "
        "is in the log; the one whose checkpoint was being written is computed again."
    )
    figures = {
        name: {"kills": t.num_kills, "in_save": t.num_in_save, "lost": t.lost,
               "unreadable": t.num_unreadable, "runs": t.num_runs, "different": t.num_different}
        for name, t in tallies.items()
    }  # fmt: skip
    return Part("Masters killed", head, rows, note, troubles, figures)
