"""How fast everything is, beside what it is measured against; every figure is a ratio.

    python benchmarks/bench_speed.py [--only frames network] [--quick]

Runs the modules of benchmarks/speed/ one after the other, each in a process of its own, prints
the rows as they come, and writes benchmarks/results/speed-<date>-<commit>.json and the tables
between the marks of benchmarks/README.md whenever a module is done. ``--quick`` shows that
everything runs; it writes nothing.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from speed.measuring import ROOT, Row, Spread, machine, write

GROUPS = {
    "frames": "Frames",
    "cores": "Frames of several workers",
    "network": "Networks",
    "neat": "Reproduction and speciation",
    "storage": "Checkpoints",
    "profile": "One generation, piece by piece",
    "workers": "Workers",
    "start": "Whole processes",
}
README = ROOT / "benchmarks" / "README.md"
BEGIN, END = "<!-- speed: begin -->", "<!-- speed: end -->"
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")


def main() -> int:
    """Run the groups; return 1 when one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", nargs="+", choices=GROUPS, default=list(GROUPS))
    parser.add_argument("--quick", action="store_true", help="few rounds; writes nothing")
    parser.add_argument("--group", choices=GROUPS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.group:
        return print_rows(given.group, is_quick=given.quick)
    by_group: dict[str, list[Row]] = {}
    failed, path = [], None
    for group in given.only:
        print(f"\n{GROUPS[group]}", flush=True)
        rows, is_done = run_group(group, is_quick=given.quick)
        if not is_done:
            failed.append(group)
        elif not given.quick:
            by_group[group] = rows
            command = f"python benchmarks/bench_speed.py --only {' '.join(by_group)}"
            path = write("speed", command, [row for rows in by_group.values() for row in rows])
            update_readme({group: rows}, path)
    if path is not None:
        print(f"\nwritten to {path.relative_to(ROOT)} and to {README.relative_to(ROOT)}")
    if failed:
        print(f"failed, not written: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


def print_rows(group: str, *, is_quick: bool) -> int:
    """Measure one group in this process; print each row as a line of JSON."""
    from dataclasses import asdict

    module = importlib.import_module(f"speed.{group}")
    for row in module.rows(is_quick=is_quick):
        print(json.dumps(asdict(row)), flush=True)
    return 0


def run_group(group: str, *, is_quick: bool) -> tuple[list[Row], bool]:
    """Measure a group in a process of its own; return its rows, and whether it came to its end."""
    words = [sys.executable, __file__, "--group", group, *(["--quick"] if is_quick else [])]
    environment = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    rows = []
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if line.startswith('{"what"'):
                rows.append(read_row(json.loads(line)))
                print("  " + cells(rows[-1], " ; "), flush=True)
    return rows, process.returncode == 0


def read_row(document: dict[str, Any]) -> Row:
    """Return a row from its JSON object."""
    spreads = {
        key: Spread(**document[key]) if document[key] else None
        for key in ("ours", "theirs", "ratio")
    }
    return Row(**{**document, **spreads})


def cells(row: Row, between: str) -> str:
    """Return the cells of one line of a table."""
    ratio = "" if row.ratio is None else f"{spread(row.ratio)}"
    goal = "" if row.goal is None else f"{'at most' if row.is_limit else 'at least'} {row.goal:g}"
    verdict = {None: "", True: "yes", False: "**no**"}[row.is_met]
    theirs = "" if row.theirs is None else amount(row.theirs.median, row.unit)
    what = row.what + (f" ({row.note})" if row.note else "")
    parts = (what, amount(row.ours.median, row.unit), row.against, theirs, ratio, goal, verdict)
    return between.join(parts)


def spread(values: Spread) -> str:
    """Return ``median (low to high)`` with three digits."""
    return f"{values.median:.3g} ({values.low:.3g} to {values.high:.3g})"


def amount(value: float, unit: str) -> str:
    """Return a time in a readable unit, or a number with its own."""
    if unit != "s":
        return f"{value:,.4g} {unit}"
    for factor, name in ((1.0, "s"), (1e3, "ms"), (1e6, "us")):
        if value * factor >= 1.0 or name == "us":
            return f"{value * factor:.3g} {name}"
    raise AssertionError("unreachable")


def update_readme(by_group: dict[str, list[Row]], path: Path) -> None:
    """Write the tables of these groups between the marks; other groups keep theirs."""
    text = README.read_text()
    found = re.search(f"{BEGIN}(.*?){END}", text, re.DOTALL)
    assert found, f"{README}: the marks are gone"
    tables = dict(re.findall(r"### ([^\n]+)\n(.*?)(?=\n### |\Z)", found[1].strip(), re.DOTALL))
    for group, rows in by_group.items():
        tables[GROUPS[group]] = table(rows, path)
    ordered = [title for title in GROUPS.values() if title in tables]
    body = "\n\n".join(f"### {title}\n{tables[title].rstrip()}" for title in ordered)
    README.write_text(text.replace(found[0], f"{BEGIN}\n{body}\n{END}"))


def table(rows: list[Row], path: Path) -> str:
    """Return one group's table with a line that says where it comes from."""
    box = machine()
    source = (
        f"[{path.name}](results/{path.name}): {box['processor']}, {box['cores']} cores, "
        f"Python {box['python']}."
    )
    head = "| what | ours | against | theirs | ratio (quartiles) | goal | met |"
    lines = [head, "|---" * 7 + "|", *(f"| {cells(row, ' | ')} |" for row in rows)]
    return "\n".join([source, "", *lines])


if __name__ == "__main__":
    raise SystemExit(main())
