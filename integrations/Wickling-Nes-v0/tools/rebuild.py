"""Make all that belongs to one build of the ROM again: ways first, then states.

A stored way that still leads to the beacon is kept (only its head names the new ROM); any other
is searched again. `make roms` runs it after the build.

    python rebuild.py
"""

from __future__ import annotations

import argparse
import sys

import make_states
from find_way import refresh_way
from machine import NUM_LEVELS, GameError, Machine


def main(arguments: list[str] | None = None) -> int:
    """Refresh every way, then the states."""
    parser = argparse.ArgumentParser(description="Make ways and states for a new ROM.")
    parser.add_argument("--seconds", type=float, default=300, help="per search (default 300)")
    options = parser.parse_args(arguments)
    try:
        with Machine() as machine:
            for level in range(NUM_LEVELS):
                refresh_way(machine, level, options.seconds)
    except GameError as error:
        print(error, file=sys.stderr)
        return 1
    return make_states.main([])


if __name__ == "__main__":
    sys.exit(main())
