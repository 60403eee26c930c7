"""Drawings as text.

A drawing is a line that names it and then its pixels, ``.`` for the backdrop and ``1 2 3`` for the
colours of its palette.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from romtool.contract import AIR, BACKGROUND_TILES, LETTERS, NUM_PALETTES, SPRITE_SIZES, TILE_NAMES
from romtool.palettetext import PALETTES_FILE, Theme, parse_themes
from romtool.problems import Problems, SourceError, numbered_lines, place_of, read_source

KINDS = ("sprite", "metatile", "tile", "glyphs")
FIXED_SIZES = {"metatile": (16, 16), "tile": (8, 8)}
PIXELS = ".123"
HEADER = re.compile(
    r"(?P<kind>[a-z]+) (?P<name>\S+) (?P<width>[0-9]+)x(?P<height>[0-9]+)"
    r" palette (?P<palette>[0-9]+)(?: code (?P<code>[0-9A-Fa-f]{2}))?"
)
FIRST_WORD = re.compile(r"[a-z]+ ")
HEADER_HELP = "sprite, metatile, tile or glyphs, as 'metatile STONE 16x16 palette 1 code 12'"
NAME = re.compile(r"[A-Z][A-Z0-9_]*")


@dataclass(frozen=True)
class Drawing:
    """One named block of pixels.

    Attributes:
        kind: one of :data:`KINDS`.
        name: capitals, digits, underscores; of glyphs, the characters themselves.
        pixels: rows of ``.123``, all of one length.
        palette: 0 to 3; what it is drawn with in the game.
        code: tile code of a metatile, else None.
        line: line of the file where it begins.
    """

    kind: str
    name: str
    pixels: tuple[str, ...]
    palette: int
    code: int | None = None
    line: int = 0

    @property
    def width(self) -> int:
        """Width in pixels."""
        return len(self.pixels[0])

    @property
    def height(self) -> int:
        """Height in pixels."""
        return len(self.pixels)

    @property
    def names(self) -> set[tuple[str, str]]:
        """Kind and name; of glyphs, one name per character."""
        return {(self.kind, name) for name in (self.name if self.kind == "glyphs" else [self.name])}

    def cell(self, column: int, row: int) -> tuple[str, ...]:
        """Return the 8 x 8 pixels at a place counted in cells."""
        lines = self.pixels[8 * row : 8 * row + 8]
        return tuple(line[8 * column : 8 * column + 8] for line in lines)

    def cells(self) -> list[tuple[str, ...]]:
        """Return all 8 x 8 cells, row by row."""
        rows, columns = range(self.height // 8), range(self.width // 8)
        return [self.cell(column, row) for row in rows for column in columns]


@dataclass(frozen=True)
class Art:
    """All drawings by kind and name, and all palette sets."""

    sprites: Mapping[str, Drawing]
    metatiles: Mapping[str, Drawing]
    tiles: Mapping[str, Drawing]
    glyphs: Mapping[str, tuple[str, ...]]
    themes: tuple[Theme, ...]


def read_art(folder: Path) -> Art:
    """Read ``palettes.txt`` and the drawings of every other text file in a folder.

    Raises:
        SourceError: with the mistakes of all files.
    """
    drawings: list[tuple[str, Drawing]] = []
    themes: tuple[Theme, ...] = ()
    problems: list[str] = []
    for path in sorted(folder.glob("*.txt")):
        where = place_of(path)
        try:
            if path.name == PALETTES_FILE:
                themes = parse_themes(read_source(path), where)
            else:
                text = read_source(path)
                drawings += [(where, drawing) for drawing in parse_drawings(text, where)]
        except SourceError as error:
            problems += error.problems
    if problems:
        raise SourceError(problems)
    return collect(drawings, themes, folder.name)


def parse_drawings(text: str, where: str) -> list[Drawing]:
    """Check and return the drawings of one file.

    Raises:
        SourceError: with every mistake that was found.
    """
    problems = Problems(where)
    drawings = [
        drawing
        for line, header, rows in _blocks(text)
        if (drawing := _drawing(line, header, rows, problems))
    ]
    known: set[tuple[str, str]] = set()
    for drawing in drawings:
        _check_new(drawing, known, problems)
    problems.raise_if_any()
    return drawings


def _check_new(drawing: Drawing, known: set[tuple[str, str]], problems: Problems) -> None:
    """Note a name that this kind of drawing already has; add it to the known ones."""
    twice = sorted(name for _, name in known & drawing.names)
    known |= drawing.names
    if twice:
        got = f"{' '.join(twice)} a second time"
        problems.add(
            drawing.line, f"every {drawing.kind} has its own name", got, "Rename or remove one."
        )


def _blocks(text: str) -> Iterator[tuple[int, str, list[tuple[int, str]]]]:
    """Yield line, header and numbered pixel rows of every drawing; a header begins with a word."""
    header: tuple[int, str] | None = None
    rows: list[tuple[int, str]] = []
    for number, line in numbered_lines(text):
        if not FIRST_WORD.match(line):
            rows.append((number, line))
            continue
        if header or rows:
            yield *(header or (rows[0][0], "")), rows
        header, rows = (number, line), []
    if header or rows:
        yield *(header or (rows[0][0], "")), rows


def _drawing(
    line: int, header: str, rows: list[tuple[int, str]], problems: Problems
) -> Drawing | None:
    """Return one checked drawing; None with a note when its first line cannot be understood."""
    match = HEADER.fullmatch(header)
    if not match or match["kind"] not in KINDS:
        problems.add(
            line, f"a drawing begins with {HEADER_HELP}", repr(header or rows[0][1]), "Mend it."
        )
        return None
    kind, name = match["kind"], match["name"]
    size = int(match["width"]), int(match["height"])
    _check_name(line, kind, name, size, problems)
    _check_numbers(line, match, problems)
    _check_pixels(line, name, size, rows, problems)
    code = int(match["code"], 16) if match["code"] else None
    pixels = tuple(row for _, row in rows)
    return Drawing(kind, name, pixels, int(match["palette"]), code, line)


def _check_name(line: int, kind: str, name: str, size: tuple[int, int], problems: Problems) -> None:
    """Note a wrong name and a size that this kind of drawing, or this very one, cannot have."""
    if kind == "glyphs":
        expected = (8 * len(name), 8)
        if len(set(name)) != len(name) or not name.isascii() or '"' in name:
            problems.add(
                line, "glyphs are named by different ASCII characters", repr(name), "Rename them."
            )
    else:
        wanted = SPRITE_SIZES.get(name) if kind == "sprite" else FIXED_SIZES[kind]
        expected = wanted or size
        if not NAME.fullmatch(name):
            problems.add(
                line, "a name is made of A-Z, 0-9 and _", repr(name), "Rename the drawing."
            )
    if size[0] % 8 or size[1] % 8 or 0 in size:
        problems.add(
            line,
            f"the size of {name} is a multiple of 8 in both directions",
            f"{size[0]}x{size[1]}",
            "The console draws 8 x 8 pixels at a time; pad with '.'.",
        )
    elif size != expected:
        problems.add(
            line,
            f"{kind} {name} is {expected[0]}x{expected[1]}",
            f"{size[0]}x{size[1]}",
            "The engine expects that size; redraw it.",
        )


def _check_numbers(line: int, match: re.Match[str], problems: Problems) -> None:
    """Note a wrong palette number, and a tile code that is missing, unknown or out of place."""
    if int(match["palette"]) >= NUM_PALETTES:
        problems.add(
            line,
            f"the palette is 0 to {NUM_PALETTES - 1}",
            match["palette"],
            "Choose one of them.",
        )
    if match["kind"] != "metatile":
        if match["code"]:
            problems.add(line, "only a metatile has a code", f"code {match['code']}", "Remove it.")
        return
    expected = {name: code for code, name in TILE_NAMES.items()}.get(match["name"])
    code = int(match["code"], 16) if match["code"] else None
    if expected is None or code != expected:
        known = ", ".join(f"{name} {code:02X}" for code, name in TILE_NAMES.items())
        got = f"{match['name']} {match['code'] or 'without a code'}"
        problems.add(line, f"a metatile is one of {known}", got, "Change its name or its code.")


def _check_pixels(
    line: int, name: str, size: tuple[int, int], rows: list[tuple[int, str]], problems: Problems
) -> None:
    """Note a wrong number of rows, rows of a wrong length and characters that are no pixels."""
    if len(rows) != size[1]:
        problems.add(
            line,
            f"{name} has {size[1]} rows of pixels, as its first line says",
            f"{len(rows)}",
            "Add or remove rows, or change the size.",
        )
    for number, row in rows:
        if len(row) != size[0]:
            problems.add(
                number,
                f"a row of {name} has {size[0]} pixels",
                f"{len(row)}",
                "Lengthen or shorten it.",
            )
        wrong = sorted(set(row) - set(PIXELS))
        if wrong:
            problems.add(
                number,
                f"pixels are {' '.join(PIXELS)}",
                f"{' '.join(map(repr, wrong))} in {name}",
                "'.' is the backdrop, a digit a colour of the palette.",
            )


def collect(drawings: Iterable[tuple[str, Drawing]], themes: tuple[Theme, ...], folder: str) -> Art:
    """Sort drawings by kind and name; each name once, and all that the engine needs.

    Args:
        drawings: each with the file it stands in.
        themes: the palette sets.
        folder: how messages name the whole.

    Raises:
        SourceError: with every name that stands twice or is missing.
    """
    by_kind: dict[str, dict[str, Drawing]] = {kind: {} for kind in KINDS}
    known: set[tuple[str, str]] = set()
    told: list[str] = []
    for where, drawing in drawings:
        problems = Problems(where)
        _check_new(drawing, known, problems)
        told += problems.messages()
        by_kind[drawing.kind][drawing.name] = drawing
    told += _missing(known, folder)
    if not themes:
        told.append(f"{folder}: must hold {PALETTES_FILE}; got none. Restore the file.")
    if told:
        raise SourceError(told)
    strips = by_kind["glyphs"].values()
    glyphs = {
        name: cell for strip in strips for name, cell in zip(strip.name, strip.cells(), strict=True)
    }
    return Art(by_kind["sprite"], by_kind["metatile"], by_kind["tile"], glyphs, themes)


def _missing(known: set[tuple[str, str]], folder: str) -> list[str]:
    """Return one message for each kind of drawing of which the engine needs more."""
    needed = {
        "sprite": list(SPRITE_SIZES),
        "metatile": [name for code, name in TILE_NAMES.items() if code != AIR],
        "tile": list(BACKGROUND_TILES),
        "glyphs": list(LETTERS),
    }
    told = []
    for kind, names in needed.items():
        absent = [name for name in names if (kind, name) not in known]
        if absent:
            told.append(
                f"{folder}: the engine needs {kind} {' '.join(names)}; got no {' '.join(absent)}. "
                "Draw what is missing."
            )
    return told
