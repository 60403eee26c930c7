"""Spoils and reads files of one kind until its time is up; started by ``fuzz.py``.

    python -m soak.fuzz_child LOADER SEED FIRST SECONDS FOLDER

Prints a JSON line before each file and one after it, so that whoever reads them knows at which
file this process died or hung. It lies in FOLDER/case-NUMBER until it is found to be harmless.
"""

from __future__ import annotations

import json
import os
import random
import resource
import sys
import time
import traceback
from pathlib import Path

from soak.kinds import LOADERS
from soak.loaders import MORE_BYTES, SECONDS, BadEndError, Loader, RefusedError

from neuroevo.errors import ConfigError, NeuroevoError

LONGEST = 2000
"""Letters of a message."""


def main(name: str, seed: int, first: int, seconds: float, folder: Path) -> None:
    """Read one file after the other."""
    work = folder / f"work-{first}"
    work.mkdir()
    loader = LOADERS[name](work)
    try:
        sound = outcome(loader, loader.corpus[-1])
        if name != "lua":
            assert sound["outcome"] == "accepted", sound
        limit_memory()
        limit = time.monotonic() + seconds
        number = first
        while time.monotonic() < limit:
            generator = random.Random(f"{seed} {name} {number}")
            read_one(loader, number, generator, folder / f"case-{number}")
            number += 1
    finally:
        loader.close()
    tell({"end": number})


def read_one(loader: Loader, number: int, generator: random.Random, case: Path) -> None:
    """Spoil a file, keep it, read it, tell what happened."""
    data = loader.spoil(generator, generator.choice(loader.corpus), loader.corpus)
    case.write_bytes(data)
    tell({"begin": number})
    began = time.process_time()  # other work on the machine is not the file's fault
    found = outcome(loader, data)
    seconds = round(time.process_time() - began, 4)
    if found["outcome"] != "bad" and seconds > SECONDS:
        found = {"outcome": "bad", "text": f"took {seconds:.0f} s"}
    if found["outcome"] != "bad":
        case.unlink()
    tell({"done": number, "seconds": seconds, **found})


def outcome(loader: Loader, data: bytes) -> dict[str, str]:
    """Return ``accepted``, ``refused`` or ``bad``, and what was said."""
    try:
        loader.load(data)
    except RefusedError as refusal:
        return {"outcome": "refused", "text": str(refusal)[:300]}
    except BadEndError as end:
        return {"outcome": "bad", "text": str(end)[:300]}
    except NeuroevoError as refusal:
        lines = refusal.problems if isinstance(refusal, ConfigError) else [str(refusal)]
        wrong = [line for line in lines if "\n" in line or len(line) > LONGEST or not line]
        if wrong:
            return {"outcome": "bad", "text": f"not one line: {len(wrong[0])} {wrong[0][:200]!r}"}
        return {"outcome": "refused", "text": str(refusal)[:300]}
    except BaseException as error:  # noqa: BLE001 - everything else is what is looked for
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        return {"outcome": "bad", "text": f"{type(error).__name__} at {where}: {str(error)[:200]}"}
    return {"outcome": "accepted", "text": ""}


def limit_memory() -> None:
    """Let this process take so much more address space than it has."""
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        limit = pages * resource.getpagesize() + MORE_BYTES
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def tell(line: dict[str, object]) -> None:
    """Print a JSON line, whatever the loader has done to stdout."""
    os.write(_out, json.dumps(line).encode() + b"\n")


_out = os.dup(1)
os.dup2(2, 1)

if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]), Path(sys.argv[5]))
