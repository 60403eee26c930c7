"""A long soak: masters killed, workers struck, memory watched, every loader given spoiled files.

    python tests/soak/run.py [--kills 200] [--minutes-per-loader 10] [--only kills fuzz] [--quick]

Prints what it does, writes tests/soak/results/soak-<date>-<commit>.json and the tables between the
marks of docs/reliability.md, and ends with 1 when something was lost. Spoiled files that did what
they should not are kept in the folder of ``--findings``. ``--quick`` shows that everything runs;
it writes neither. The whole takes three to four hours; Linux only.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
os.environ.setdefault("MPLBACKEND", "Agg")

from soak import faults, fuzz, kills, memory  # noqa: E402 - the path comes first
from soak.kinds import LOADERS  # noqa: E402
from soak.reporting import Part, say, show, write  # noqa: E402

PARTS = ("kills", "faults", "memory", "fuzz")


def main() -> int:
    """Run the parts; return 1 when one of them found trouble."""
    given = read_arguments()
    began, has_trouble = time.monotonic(), False
    with tempfile.TemporaryDirectory(prefix="neuroevo-soak-") as folder:
        for name in given.only:
            say(f"{name}: begins")
            part = work_of(given, Path(folder), saver(given))[name]()
            show(part)
            saver(given)(part)
            has_trouble = has_trouble or bool(part.troubles)
    seconds = time.monotonic() - began
    say(f"done in {seconds / 60:.0f} minutes; {'TROUBLE' if has_trouble else 'nothing was lost'}")
    return int(has_trouble)


def saver(given: argparse.Namespace) -> Callable[[Part], None]:
    """Return what writes a part at once: who stops the soak keeps what it found."""
    command = ("python tests/soak/run.py " + " ".join(sys.argv[1:])).strip()

    def save(part: Part) -> None:
        if not given.quick:
            say(f"written to {write(part, command)} and docs/reliability.md")

    return save


def work_of(
    given: argparse.Namespace, folder: Path, save: Callable[[Part], None]
) -> dict[str, Callable[[], Part]]:
    """Return what each part does, small where it is to be quick."""
    quick = given.quick
    return {
        "kills": lambda: kills.kill_masters(folder / "kills", given.kills, tuple(given.tasks)),
        "faults": lambda: (
            faults.strike_workers(6, 300, 1) if quick else faults.strike_workers(50, 20_000, 5)
        ),
        "memory": lambda: memory.measure_memory(folder / "memory", 20 if quick else 500),
        "fuzz": lambda: fuzz.fuzz(
            folder / "fuzz",
            given.findings,
            given.loaders,
            1.0 if quick else 60.0 * given.minutes_per_loader,
            given.seed,
            given.at_once,
            save,
        ),
    }


def read_arguments() -> argparse.Namespace:
    """Return what was asked for."""
    assert __doc__ is not None
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="of masters, in all")
    parser.add_argument("--minutes-per-loader", type=float, default=10.0)
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS))
    parser.add_argument("--tasks", nargs="+", choices=kills.TASKS, default=list(kills.TASKS))
    parser.add_argument("--loaders", nargs="+", choices=LOADERS, default=list(LOADERS))
    parser.add_argument("--seed", type=int, default=1, help="of the spoiled files")
    parser.add_argument("--at-once", type=int, default=1, help="loaders side by side")
    parser.add_argument("--findings", type=Path, default=ROOT / "runs" / "soak-findings")
    parser.add_argument("--quick", action="store_true", help="a second of each; writes nothing")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
