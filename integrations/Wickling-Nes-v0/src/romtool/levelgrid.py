"""The 13 rows of a level text, and what stands in them."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from romtool.contract import AIR, EARTH, GROUND, NUM_ROWS, SOLID_BIT, TILE_CHARACTERS, TURF


@dataclass(frozen=True)
class Thing:
    """An object, a start or a goal in the rows of a level: its character and its place."""

    character: str
    column: int
    row: int


@dataclass(frozen=True)
class Rows:
    """The 13 rows of a level with the line of the file at which they begin."""

    texts: tuple[str, ...]
    first_line: int

    @property
    def width(self) -> int:
        """Number of columns: how long most rows are."""
        return Counter(map(len, self.texts)).most_common(1)[0][0]

    def squared(self) -> Rows:
        """Return the same rows, each as long as most are."""
        texts = tuple(text[: self.width].ljust(self.width, ".") for text in self.texts)
        return Rows(texts, self.first_line)

    def line(self, row: int) -> int:
        """Return the line of the file in which a row stands."""
        return self.first_line + row

    def tile(self, column: int, row: int) -> int:
        """Return the tile code at a place; air above and below the level."""
        if not 0 <= row < NUM_ROWS:
            return AIR
        character = self.texts[row][column]
        if character == GROUND:
            return self._ground(column, row)
        return TILE_CHARACTERS.get(character, AIR)

    def _ground(self, column: int, row: int) -> int:
        """Return turf where the sky begins above, else earth; a ceiling has earth on top."""
        covered = row == 0 or self.tile(column, row - 1) & SOLID_BIT
        return EARTH if covered else TURF

    def things(self, characters: str) -> list[Thing]:
        """Return the things with one of these characters, column by column, top to bottom."""
        found = [
            Thing(character, column, row)
            for row, text in enumerate(self.texts)
            for column, character in enumerate(text)
            if character in characters
        ]
        return sorted(found, key=lambda thing: (thing.column, thing.row))
