"""How many evaluations a shipped settings file needs to solve its task, over many seeds.

    python benchmarks/bench_search.py [--configs xor double-pole] [--first-seed 1000] [--seeds 20]

Writes benchmarks/results/search-<commit>.json and prints the rows of benchmarks/README.md. The
seeds are chosen before looking; a run that does not solve its task within its generations is
counted as a failure and left out of the other columns.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from neuroevo import evolve
from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log
from neuroevo.tasks.task import TaskDescription

ROOT = Path(__file__).resolve().parents[1]


class Silent:
    """Watches and says nothing."""

    def started(self, description: TaskDescription, generation: int, generations: int) -> None:
        """Begin."""

    def progress(self, num_done: int, num_genomes: int) -> None:
        """Go on."""

    def generation(self, record: Mapping[str, Any]) -> None:
        """Go on."""

    def event(self, text: str) -> None:
        """Go on."""


def one_run(job: tuple[str, int]) -> dict[str, Any]:
    """Evolve once; return what it took."""
    name, seed = job
    config = load(find_config(name), [f"Run.seed={seed}", "Run.workers=0"])
    with tempfile.TemporaryDirectory() as folder:
        outcome = evolve.start(config, Path(folder) / "run", Silent())
        records = read_log(Path(folder) / "run" / "log.jsonl")
    last = records[-1]
    pop_size = config.settings.neat.pop_size
    return {
        "config": name,
        "seed": seed,
        "solved": outcome.reason == "solved",
        "generations": len(records),
        # Elites are not evaluated again; the papers count population times generations.
        "evaluations": pop_size * len(records),
        "evaluations_made": sum(record["num_evaluations"] for record in records),
        "hidden": last["best_num_nodes"] - 1,
        "connections": last["best_num_connections"],
    }


def row(name: str, runs: list[dict[str, Any]]) -> str:
    """Return one line of the table."""
    solved = [run for run in runs if run["solved"]]
    cells = [name, f"{len(solved)} of {len(runs)}"]
    for key in ("evaluations", "generations", "hidden", "connections"):
        values = [float(run[key]) for run in solved]
        if len(values) < 2:
            cells.append("-")
            continue
        low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
        cells.append(f"{statistics.fmean(values):,.6g}; {middle:,.6g} ({low:,.6g} to {high:,.6g})")
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Run all seeds of all settings on all cores."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--configs", nargs="+", default=["xor", "double-pole"])
    parser.add_argument("--first-seed", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=20)
    options = parser.parse_args()
    seeds = range(options.first_seed, options.first_seed + options.seeds)
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    commit = subprocess.run(git, capture_output=True, text=True, check=False).stdout.strip()
    print(f"commit {commit}, {platform.machine()}, Python {platform.python_version()}, ", end="")
    print(f"seeds {seeds.start} to {seeds.stop - 1}")
    print("| settings | solved | evaluations: mean; median (quartiles) | generations | ", end="")
    print("hidden nodes | enabled connections |\n|---|---|---|---|---|---|")
    results = []
    with ProcessPoolExecutor() as pool:
        for name in options.configs:
            runs = list(pool.map(one_run, [(name, seed) for seed in seeds]))
            results += runs
            print(row(name, runs), flush=True)
    folder = ROOT / "benchmarks" / "results"
    folder.mkdir(exist_ok=True)
    path = folder / f"search-{commit or 'unknown'}.json"
    path.write_text(json.dumps(results, indent=1) + "\n")
    print(f"written to {path.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
