"""Records a run directory as today's code writes it: ``python tests/golden/keep_run.py NAME``.

Done once before a release that changes what a run directory holds; never again for a name that is
there, since what was released loads for ever. A run of four generations is kept, and the digests
of eight, which a resumed run has to reach.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from builders.command_line import neuroevo

FOLDER = Path(__file__).parent / "runs"
OPTIONS = ("--seed", 5, "--workers", 0, "--set", "NEAT.pop_size=12")


def main(name: str) -> None:
    """Write ``runs/NAME`` and ``runs/NAME.digests``."""
    folder = FOLDER / name
    if folder.exists():
        sys.exit(f"{folder}: must be a new name; got one that is recorded. Choose another one.")
    with tempfile.TemporaryDirectory() as scratch:
        kept, longer = evolved(Path(scratch), 4), evolved(Path(scratch), 8)
        for part in ("plots", "lock"):
            shutil.rmtree(kept / part) if (kept / part).is_dir() else (kept / part).unlink()
        manifest = json.loads((kept / "manifest.json").read_text())
        manifest["command_line"] = ["neuroevo", "evolve", "xor", *map(str, OPTIONS)]
        (kept / "manifest.json").write_text(json.dumps(manifest, indent=2) + "\n")
        FOLDER.mkdir(exist_ok=True)
        shutil.copytree(kept, folder)
        (FOLDER / f"{name}.digests").write_text(neuroevo("digest", longer).stdout)


def evolved(scratch: Path, num_generations: int) -> Path:
    """Return a run of so many generations of XOR."""
    run = scratch / f"run-{num_generations}"
    more = ("--generations", num_generations, "--set", "Run.stop_when_solved=false")
    ended = neuroevo("evolve", "xor", "--out", run, *OPTIONS, *more)
    assert ended.returncode == 0, ended.stderr
    return run


if __name__ == "__main__":
    main(sys.argv[1])
