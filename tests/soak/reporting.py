"""What a soak says in the end: a part per kind of trouble, as JSON and as a table of the page."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "benchmarks"))

from speed.measuring import commit, machine  # noqa: E402 - the benchmarks are no package

PAGE = ROOT / "docs" / "reliability.md"
RESULTS = ROOT / "tests" / "soak" / "results"
BEGIN, END = "<!-- soak: begin -->", "<!-- soak: end -->"


@dataclass(frozen=True, slots=True)
class Part:
    """One kind of trouble that was made, and what came of it.

    Attributes:
        title: of its table.
        head: of the columns.
        rows: cells, as many as the head has.
        note: a sentence below the table.
        troubles: what should not have happened, a line each.
        figures: for the file.
    """

    title: str
    head: tuple[str, ...]
    rows: list[tuple[str, ...]]
    note: str = ""
    troubles: list[str] = field(default_factory=list)
    figures: dict[str, Any] = field(default_factory=dict)


def say(text: str) -> None:
    """Print progress at once, with the time."""
    print(f"{datetime.now():%H:%M:%S} {text}", flush=True)


def write(part: Part, command: str) -> Path:
    """Write a part into ``results/soak-<date>-<commit>.json`` and onto the page; return the path.

    Other parts that were measured on the same day at the same commit stay in the file.
    """
    today = datetime.now(timezone.utc).date().isoformat()
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"soak-{today}-{commit()}.json"
    parts = json.loads(path.read_text())["parts"] if path.exists() else []
    parts = [each for each in parts if each["title"] != part.title]
    parts.append({**asdict(part), "command": command})
    document = {"date": today, "commit": commit(), "machine": machine(), "parts": parts}
    path.write_text(json.dumps(document, indent=1) + "\n")
    PAGE.write_text(with_tables(PAGE.read_text(), part, path))
    return path


def with_tables(text: str, part: Part, path: Path) -> str:
    """Return the page with the rows of this part between the marks.

    Other tables stay, and so do rows of the same table that this part says nothing of: each names
    the file of its results.

    Args:
        text: of the page; has both marks.
        part: newly measured.
        path: of the results.
    """
    found = re.search(f"{BEGIN}(.*?){END}", text, re.DOTALL)
    assert found, f"{PAGE}: the marks are gone"
    tables = dict(re.findall(r"### ([^\n]+)\n(.*?)(?=\n### |\Z)", found[1].strip(), re.DOTALL))
    tables[part.title] = table(part, path, _rows(tables.get(part.title, "")))
    body = "\n\n".join(f"### {title}\n{tables[title].strip()}" for title in tables)
    return text.replace(found[0], f"{BEGIN}\n{body}\n{END}")


def table(part: Part, path: Path, earlier: list[tuple[str, ...]]) -> str:
    """Return one part as markdown, with the line that says what it was measured on.

    Args:
        part: newly measured.
        path: of its results.
        earlier: rows of the table as it stood, the head first.
    """
    box = machine()
    head = (*part.head, "results")
    link = f"[{path.stem.removeprefix('soak-')}](../tests/soak/results/{path.name})"
    rows = {row[0]: row for row in earlier[1:] if earlier[0] == head}
    rows |= {row[0]: (*row, link) for row in part.rows}
    lines = [f"{box['processor']}, {box['cores']} cores, Python {box['python']}.", ""]
    lines += [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    lines += [f"| {' | '.join(row)} |" for row in rows.values()]
    lines += ["", part.note] if part.note else []
    lines += ["", "Not as it should be:", *(f"- {text}" for text in part.troubles)] * bool(
        part.troubles
    )
    return "\n".join(lines)


def _rows(text: str) -> list[tuple[str, ...]]:
    """Return the rows of a table, the head first; [] if there is none."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [tuple(line[2:-2].split(" | ")) for line in lines]


def show(part: Part) -> None:
    """Print a part for a reader of the terminal."""
    print(f"\n{part.title}")
    for row in (part.head, *part.rows):
        print("  " + " ; ".join(row))
    for text in part.troubles:
        print(f"  NOT AS IT SHOULD BE: {text}")
    sys.stdout.flush()
