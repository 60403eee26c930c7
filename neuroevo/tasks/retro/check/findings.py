"""What a check of a game's files found: severity, place, rule and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

Severity = Literal["error", "warning", "info"]
ORDER: tuple[Severity, ...] = ("error", "warning", "info")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know about a file.

    Attributes:
        severity: an ``error`` is wrong whatever was meant, a ``warning`` most likely is, an
            ``info`` is worth a look.
        file: the file, or the game where no single file is meant.
        line: counted from 1; 0 means the whole file.
        rule: its short name, the same for all findings of its kind.
        message: what must hold; got what. What to do.
    """

    severity: Severity
    file: str
    line: int
    rule: str
    message: str

    @property
    def text(self) -> str:
        """One line for people."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity} [{self.rule}] {self.message}"


@dataclass(frozen=True, slots=True)
class Place:
    """A file that findings are about."""

    file: str

    def error(self, line: int, rule: str, message: str) -> Finding:
        """Return an error in that line; 0 means the whole file."""
        return Finding("error", self.file, line, rule, message)

    def warning(self, line: int, rule: str, message: str) -> Finding:
        """Return a warning."""
        return Finding("warning", self.file, line, rule, message)

    def info(self, line: int, rule: str, message: str) -> Finding:
        """Return something worth a look."""
        return Finding("info", self.file, line, rule, message)


def sort_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings, each once however its file is spelled, errors first, then by place."""
    once: dict[Finding, Finding] = {}
    for finding in findings:
        once.setdefault(replace(finding, file=str(Path(finding.file).resolve())), finding)
    return tuple(
        sorted(once.values(), key=lambda f: (ORDER.index(f.severity), f.file, f.line, f.message))
    )


def count_findings(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Return how many there are of each severity, zeros included."""
    counts = dict.fromkeys(ORDER, 0)
    for finding in findings:
        counts[finding.severity] += 1
    return counts
