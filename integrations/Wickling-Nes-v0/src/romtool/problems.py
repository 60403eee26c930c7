"""How a mistake in a text is told: where, what must hold, what came, what to do."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path


class SourceError(Exception):
    """One or several mistakes in the sources of the game, all found in one go.

    Args:
        problems: one complete message per mistake.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Problems:
    """The mistakes of one file, collected while it is read.

    Args:
        where: the file, as its messages name it.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self._found: list[tuple[int, str]] = []

    def add(self, line: int, must: str, got: str, advice: str) -> None:
        """Note one mistake.

        Args:
            line: line of the file, counted from 1; 0 for the file as a whole.
            must: what must hold.
            got: what stands there.
            advice: what to do, a whole sentence.
        """
        place = f"{self.where}:{line}" if line else self.where
        self._found.append((line, f"{place}: {must}; got {got}. {advice}"))

    def messages(self) -> list[str]:
        """Return what was noted so far, in the order of the file."""
        return [message for _, message in sorted(self._found, key=lambda found: found[0])]

    def raise_if_any(self) -> None:
        """Raise every mistake noted so far, in the order of the file.

        Raises:
            SourceError: there is at least one.
        """
        if self._found:
            raise SourceError(self.messages())


def read_source(path: Path) -> str:
    """Return the text of a source file.

    Raises:
        SourceError: the file cannot be read or is no UTF-8 text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(
            [f"{place_of(path)}: must be a readable UTF-8 text; got {error}. Restore the file."]
        ) from error


def place_of(path: Path) -> str:
    """Return how messages name a file: its folder and its name."""
    return f"{path.parent.name}/{path.name}"


def numbered_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield number and text of every line that is neither empty nor a remark."""
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped
