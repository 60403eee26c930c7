"""Records the golden files of format version 1: ``make golden``, never a test.

Record again only when results change on purpose (CHANGELOG.md says so); a file format that was
released is never recorded again, a new version gets a folder of its own.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from builders.golden_run import evolved
from builders.neat_runs import cases, run_digest

from neuroevo.neat.genome import genome_digest
from neuroevo.storage.checkpoint import save_checkpoint
from neuroevo.storage.genome_file import save_genome
from neuroevo.storage.run_log import RunLog


def main() -> None:
    """Write a checkpoint, a genome, a log and what they must mean."""
    folder = Path(__file__).parent / "v1"
    folder.mkdir(exist_ok=True)
    population, digests = evolved()
    best = population.best
    assert best is not None
    for old in folder.iterdir():
        old.unlink()
    save_checkpoint(folder, population.state(), {"log_offset": 0, "known": {}})
    save_genome(folder / "genome.npz", best.genome, {"fitness": best.fitness})
    log = RunLog(folder / "log.jsonl")
    for generation, digest in enumerate(digests):
        log.append({"generation": generation, "digest": digest})
    meaning = {"digests": digests, "genome": genome_digest(best.genome), "fitness": best.fitness}
    runs = {name: run_digest(settings) for name, settings in cases()}
    (folder / "neat_runs.json").write_text(json.dumps(runs, indent=1) + "\n")
    (folder / "meaning.json").write_text(json.dumps(meaning, indent=1) + "\n")


if __name__ == "__main__":
    main()
