"""Resident memory of a master over a long run, and of a worker over many episodes (Linux)."""

from __future__ import annotations

import subprocess
import time
from pathlib import Path

from builders.command_line import started
from soak.faults import first_genomes, make_config
from soak.kills import leave
from soak.reporting import Part, say

from neuroevo import evolve
from neuroevo.config import resolve_sizes

NUM_SAMPLES = 10
MOST_MB = 16.0
"""So much may come between the second and the last sample: genomes grow, a leak grows further."""

XOR = ("xor", "--seed", 5, "--set", "Run.stop_when_solved=false", "--set", "NEAT.pop_size=150")


def measure_memory(folder: Path, num_generations: int) -> Part:
    """Return the table of resident memory at ten moments of each process."""
    samples = {
        "master, XOR, 150 genomes, no workers": master(folder / "alone", num_generations, 0),
        "master, XOR, 150 genomes, 2 workers": master(folder / "pool", num_generations, 2),
        "worker, Wickling, 300 frames an episode": worker(num_generations),
    }
    step = num_generations // NUM_SAMPLES
    head = ("process", *(f"{step * (i + 1)}" for i in range(NUM_SAMPLES)), "growth from the second")
    rows, troubles = [], []
    for name, found in samples.items():
        growth = found[-1] - found[1]
        rows.append((name, *(f"{mb:.0f}" for mb in found), f"{growth:+.1f} MB"))
        troubles += [f"{name}: grew by {growth:.1f} MB"] * (growth > MOST_MB)
    note = f"MB after so many generations (master) or episodes (worker); goal: at most {MOST_MB:g}."
    return Part("Memory", head, rows, note, troubles, {"megabytes": samples})


def master(run: Path, num_generations: int, num_workers: int) -> list[float]:
    """Return the megabytes of a real ``neuroevo evolve`` at every tenth of its generations."""
    options = ("--out", run, "--generations", num_generations + 1, "--workers", num_workers)
    process = started("evolve", *XOR, *options, stdout=subprocess.DEVNULL)
    found: list[float] = []
    step, num_lines, offset = num_generations // NUM_SAMPLES, 0, 0
    while len(found) < NUM_SAMPLES and process.poll() is None:
        if (run / "log.jsonl").exists():
            with (run / "log.jsonl").open("rb") as file:
                file.seek(offset)
                fresh = file.read()
            offset, num_lines = offset + len(fresh), num_lines + fresh.count(b"\n")
        if num_lines >= step * (len(found) + 1):
            found.append(resident_mb(process.pid))
        time.sleep(0.005)
    return with_end(process, found, f"{num_workers} workers")


def with_end(process: subprocess.Popen[str], found: list[float], what: str) -> list[float]:
    """Wait for a run; return its samples once it is seen to have ended well."""
    _, errors = process.communicate(timeout=600)
    leave(process)
    assert process.returncode == 0, errors
    assert len(found) == NUM_SAMPLES, f"{len(found)} samples"
    say(f"memory of the master, {what}: {', '.join(f'{mb:.0f}' for mb in found)} MB")
    return found


def worker(num_episodes: int) -> list[float]:
    """Return the megabytes of one worker at every tenth of its episodes on the emulator."""
    per_sample = num_episodes // NUM_SAMPLES
    config = make_config(max(2, per_sample), 300)
    evaluator = evolve.make_evaluator(config, say)
    found = []
    try:
        genomes = first_genomes(resolve_sizes(config, evaluator.describe()))[:per_sample]
        for generation in range(NUM_SAMPLES):
            evaluator.evaluate(genomes, 2 * generation)
            evaluator.evaluate(genomes, 2 * generation + 1)  # two workers share them
            found.append(resident_mb(evaluator._slots[0].worker.pid))  # type: ignore[attr-defined]
    finally:
        evaluator.close()
    say(f"memory of a worker: {', '.join(f'{mb:.0f}' for mb in found)} MB")
    return found


def resident_mb(pid: int) -> float:
    """Return the megabytes of a process that lie in memory."""
    text = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in text.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
