"""Palette sets as text: a line ``theme N Name`` and nine lines of the console's colours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from romtool.contract import NUM_PALETTES
from romtool.problems import Problems, numbered_lines

PALETTES_FILE = "palettes.txt"
PALETTE_LINES = (
    "sky",
    *(f"background {number}" for number in range(NUM_PALETTES)),
    *(f"sprite {number}" for number in range(NUM_PALETTES)),
)
NO_COLOUR = 0x0D  # blacker than black: some televisions lose the picture


@dataclass(frozen=True)
class Theme:
    """A palette set: the sky behind everything and four times three colours for each layer."""

    name: str
    sky: int
    background: tuple[bytes, ...]
    sprite: tuple[bytes, ...]

    def memory(self) -> bytes:
        """Return the 32 bytes of the console's palette memory."""
        sky = bytes([self.sky])
        return b"".join(sky + colours for colours in (*self.background, *self.sprite))


def parse_themes(text: str, where: str) -> tuple[Theme, ...]:
    """Check and return the palette sets, in the order of their numbers.

    Raises:
        SourceError: with every mistake that was found.
    """
    problems = Problems(where)
    themes: list[tuple[int, str, dict[str, bytes]]] = []
    for number, line in numbered_lines(text):
        words = line.split()
        if words[0] == "theme":
            _check_theme_line(number, line, len(themes), problems)
            themes.append((number, " ".join(words[2:]), {}))
        else:
            _add_colours(number, line, themes, problems)
    if not themes:
        problems.add(0, "there is at least one palette set", "none", "Add 'theme 0 Name'.")
    for number, name, colours in themes:
        missing = [key for key in PALETTE_LINES if key not in colours]
        if missing:
            problems.add(
                number, f"theme {name} has every palette", f"no {', '.join(missing)}", "Add them."
            )
    problems.raise_if_any()
    return tuple(_theme(name, colours) for _, name, colours in themes)


def _check_theme_line(number: int, line: str, expected: int, problems: Problems) -> None:
    """Note a theme line without a name or with a number out of order."""
    if not re.fullmatch(rf"theme {expected} \S.*", line):
        problems.add(
            number, f"this line is 'theme {expected} Name'", repr(line), "Themes count from 0."
        )


def _add_colours(
    number: int, line: str, themes: list[tuple[int, str, dict[str, bytes]]], problems: Problems
) -> None:
    """Put the colours of a line into the last palette set; note what is wrong with them."""
    match = re.fullmatch(r"(sky|background [0-9]|sprite [0-9])((?: +[0-9A-Fa-f]{2})+)", line)
    key = match[1] if match else ""
    colours = bytes.fromhex(match[2]) if match else b""
    count = 1 if key == "sky" else 3
    if not themes or key not in PALETTE_LINES or key in themes[-1][2] or len(colours) != count:
        problems.add(
            number,
            "a palette set is 'theme N Name', then once each 'sky' with one colour, "
            "'background 0' to 'background 3' and 'sprite 0' to 'sprite 3' with three",
            repr(line),
            "Mend the line; colours are two hexadecimal digits.",
        )
        return
    wrong = [colour for colour in colours if colour > 0x3F or colour == NO_COLOUR]
    if wrong:
        problems.add(
            number,
            "colours are 00 to 3F, but not 0D",
            " ".join(f"{colour:02X}" for colour in wrong),
            "Choose others from the table in README.md; black is 0F.",
        )
    themes[-1][2][key] = colours


def _theme(name: str, colours: Mapping[str, bytes]) -> Theme:
    """Return the palette set of a complete table."""
    background, sprite = (
        tuple(colours[f"{layer} {number}"] for number in range(NUM_PALETTES))
        for layer in ("background", "sprite")
    )
    return Theme(name, colours["sky"][0], background, sprite)
