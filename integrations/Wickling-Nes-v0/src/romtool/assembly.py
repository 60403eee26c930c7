"""Include files for the assembler, from drawings and levels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from romtool.arttext import Art
from romtool.contract import AIR, NUM_TILE_CODES, TILE_NAMES
from romtool.leveltext import Level, describe
from romtool.patterns import Patterns

GENERATED = "; made by build.py from the texts beside it; a change here is lost\n"


def art_include(art: Art, patterns: Patterns) -> str:
    """Return ``art.inc``: tile numbers, tile tables, palettes, characters."""
    parts = [
        GENERATED,
        *(f"SPR_{name} = ${number:02X}" for name, number in patterns.sprites.items()),
        *(f"TILE_{name} = ${number:02X}" for name, number in patterns.tiles.items()),
        *(f"MT_{name} = ${code:02X}" for code, name in TILE_NAMES.items()),
        *(f".charmap ${ord(c):02X}, ${number:02X}" for c, number in patterns.glyphs.items()),
        *_tile_tables(art, patterns),
        f"NUM_THEMES = {len(art.themes)}",
        "palettes:",
    ]
    for theme in art.themes:
        parts += [f"; {theme.name}", _bytes(theme.memory())]
    return "\n".join(parts) + "\n"


def _tile_tables(art: Art, patterns: Patterns) -> Iterable[str]:
    """Yield five tables by tile code: the numbers of the four corners, then the palette."""
    for corner, label in enumerate(("mt_tl", "mt_tr", "mt_bl", "mt_br")):
        by_code = {art.metatiles[n].code: cells[corner] for n, cells in patterns.metatiles.items()}
        yield f"{label}:\n" + _bytes([by_code.get(code, 0) for code in range(NUM_TILE_CODES)])
    palettes = {drawing.code: drawing.palette for drawing in art.metatiles.values()}
    palettes[AIR] = art.tiles["STAR1"].palette  # the only thing to be seen in the air
    yield "mt_pal:\n" + _bytes([palettes.get(code, 0) for code in range(NUM_TILE_CODES)])


def levels_include(levels: Sequence[Level]) -> str:
    """Return ``levels.inc``: tables by level, then the columns of every level."""
    starts = [level.start for level in levels]
    times = [f"{level.time:03d}" for level in levels]
    tables = {
        "level_width": [len(level.columns) for level in levels],
        "level_goal": [level.goal for level in levels],
        "level_start_col": [column for column, _ in starts],
        "level_start_row": [row for _, row in starts],
        "level_time_h": [int(time[0]) for time in times],
        "level_time_t": [int(time[1]) for time in times],
        "level_time_o": [int(time[2]) for time in times],
        "level_theme": [level.theme for level in levels],
    }
    labels = [f"level_data_{number}" for number in range(len(levels))]
    parts = [
        GENERATED,
        f"NUM_LEVELS = {len(levels)}",
        f"level_lo: .lobytes {', '.join(labels)}",
        f"level_hi: .hibytes {', '.join(labels)}",
        *(f"{label}:\n{_bytes(values)}" for label, values in tables.items()),
    ]
    for label, level in zip(labels, levels, strict=True):
        parts += [f"; {describe(level)}", f"{label}:", *map(_bytes, level.columns)]
    return "\n".join(parts) + "\n"


def _bytes(values: Sequence[int]) -> str:
    """Return ``.byte`` lines with 16 values each."""
    lines = [values[i : i + 16] for i in range(0, len(values), 16)]
    return "\n".join(".byte " + ",".join(f"${value:02X}" for value in line) for line in lines)
