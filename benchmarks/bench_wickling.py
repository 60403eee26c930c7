"""How long until a champion finishes a level of Wickling, over seeds, with eyes and without.

    python benchmarks/bench_wickling.py [--state Practice] [--minutes 2 | --frames N]
                                        [--first-seed 1] [--seeds 10] [--input tiles noise]

Runs `neuroevo evolve wickling` as a user does, one run after the other with one worker per core,
and stops each at its first win or when the time is up, or the frames. `noise` replaces the input
by random numbers: what such runs reach can be had without looking. After every run it writes
benchmarks/results/wickling-*.json; at the end it prints the rows of benchmarks/README.md. Seconds
are those of the whole process, start and charts included.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any

from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.retro.settings import RetroSettings
from neuroevo.tasks.retro.task import RetroTask

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("numpy", "numba", "stable-retro")


def one_run(seed: int, options: argparse.Namespace, source: str) -> dict[str, Any]:
    """Evolve once; return what it took and how far it came."""
    with tempfile.TemporaryDirectory() as folder:
        run = Path(folder) / "run"
        limit = ("--frames", options.frames) if options.frames else ("--minutes", options.minutes)
        command = [
            *(sys.executable, "-m", "neuroevo", "evolve", "wickling", "--seed", seed),
            *("--out", run, "--generations", "1000000", *limit),
            *("--set", f"Retro.states={options.state}"),
            *("--set", f"Observation.noise={source == 'noise'}"),
            *(part for setting in options.set for part in ("--set", setting)),
        ]
        start = time.monotonic()
        subprocess.run(list(map(str, command)), check=True, capture_output=True, cwd=ROOT)
        seconds = time.monotonic() - start
        records = read_log(run / "log.jsonl")
    return {
        "state": options.state,
        "input": source,
        "seed": seed,
        "solved": bool(records[-1]["solved"]),
        "generations": len(records),
        "evaluations": sum(record["num_evaluations"] for record in records),
        "frames": sum(record["num_frames"] for record in records),
        "seconds": round(seconds, 1),
        # The champion of a generation may trade progress for time: the farthest of all counts.
        "progress": max(record["best_metrics"]["progress"] for record in records),
    }


def level_length(state: str) -> int:
    """Return the pixels between a start and its beacon."""
    settings = load(find_config("wickling"), [f"Retro.states={state}"]).settings.task
    assert isinstance(settings, RetroSettings)
    task = RetroTask(settings)
    try:
        variables = task.start_variables()
    finally:
        task.close()
    return variables["goal_x"] - variables["x"]


def row(runs: list[dict[str, Any]], length: int) -> str:
    """Return one line of the table; generations, frames and seconds are of the runs that won."""
    won = [run for run in runs if run["solved"]]
    first = runs[0]
    cells = [first["state"], first["input"], f"{len(won)} of {len(runs)}"]
    for key, scale in (("generations", 1), ("frames", 1000), ("seconds", 1)):
        cells.append(_spread([run[key] / scale for run in won]))
    cells.append(_spread([min(100.0, 100 * run["progress"] / length) for run in runs]))
    return "| " + " | ".join(cells) + " |"


def _spread(values: list[float]) -> str:
    if not values:
        return "-"
    if len(values) == 1:
        return f"{values[0]:,.0f}"
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle:,.0f} ({low:,.0f} to {high:,.0f}), at most {max(values):,.0f}"


def main() -> None:
    """Run all seeds, one after the other."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", default="Practice")
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--frames", type=int, help="a budget that a busy machine cannot change")
    parser.add_argument("--first-seed", type=int, default=1)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument(
        "--input", nargs="+", choices=("tiles", "noise"), default=["tiles", "noise"]
    )
    parser.add_argument("--set", action="append", default=[], metavar="SECTION.KEY=VALUE")
    options = parser.parse_args()
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    about = {
        "date": date.today().isoformat(),
        "commit": commit or "unknown",
        "command": " ".join(["python", *sys.argv]),
        "machine": f"{platform.machine()}, {os.cpu_count()} cores, {platform.platform()}",
        "versions": {"python": platform.python_version(), **{p: version(p) for p in PACKAGES}},
    }
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"wickling-{options.state}-{'-'.join(options.input)}-{about['commit']}.json"
    length = level_length(options.state)
    runs: list[dict[str, Any]] = []
    for source in options.input:
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            runs.append(one_run(seed, options, source))
            path.write_text(json.dumps({**about, "length": length, "runs": runs}, indent=1) + "\n")
            print(f"  {runs[-1]}", flush=True)
    print("| start | input | won | generations | 1,000 frames | seconds | farthest, % |")
    print("|---|---|---|---|---|---|---|")
    for source in options.input:
        print(row([run for run in runs if run["input"] == source], length))
    print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
