"""Drawings and palettes as text: how pixels become bytes, and how each mistake is told."""

from __future__ import annotations

import pytest
from builders.rom_tool import (
    SOURCE,
    arttext,
    assembly,
    complaints,
    contract,
    palettetext,
    patterns,
    problems,
)

STONE = "metatile STONE 16x16 palette 1 code 12\n" + ("." * 16 + "\n") * 16
PALETTES = "".join(
    [
        "theme 0 Night\nsky 0F\n",
        *(f"background {number} 01 11 {number:02X}\n" for number in range(4)),
        *(f"sprite {number} 02 12 {number:02X}\n" for number in range(4)),
    ]
)


def drawing(header: str, rows: list[str]):
    (only,) = arttext.parse_drawings("\n".join([header, *rows]), "art/test.txt")
    return only


def refused(text: str) -> list[tuple[int, str]]:
    with pytest.raises(problems.SourceError) as error:
        arttext.parse_drawings(text, "art/test.txt")
    return complaints(error)


def refused_palettes(text: str) -> list[tuple[int, str]]:
    with pytest.raises(problems.SourceError) as error:
        palettetext.parse_themes(text, "art/palettes.txt")
    return complaints(error)


@pytest.fixture(scope="module")
def art():
    return arttext.read_art(SOURCE / "art")


def pixels_of(tile: bytes) -> list[str]:
    """Return the rows that the console shows for the 16 bytes of a tile."""
    return [
        "".join(".123"[(low >> bit & 1) + 2 * (high >> bit & 1)] for bit in range(7, -1, -1))
        for low, high in zip(tile[:8], tile[8:], strict=True)
    ]


def test_a_row_of_pixels_becomes_a_low_and_a_high_bit_plane() -> None:
    cell = (".123....", *["........"] * 6, "3......1")
    assert patterns.encode(cell) == bytes(
        [0b01010000, 0, 0, 0, 0, 0, 0, 0b10000001, 0b00110000, 0, 0, 0, 0, 0, 0, 0b10000000]
    )


def test_a_drawing_knows_its_cells_row_by_row() -> None:
    rows = ["1" * 8 + "2" * 8] * 8 + ["3" * 8 + "." * 8] * 8
    read = drawing("sprite BEETLE1 16x16 palette 2", rows)
    assert (read.kind, read.name, read.palette, read.code) == ("sprite", "BEETLE1", 2, None)
    assert [cell[0][0] for cell in read.cells()] == ["1", "2", "3", "."]


def test_remarks_and_empty_lines_are_no_pixels() -> None:
    text = "# a stone\n\n" + STONE.replace("\n", "\n\n# more\n", 1)
    (read,) = arttext.parse_drawings(text, "art/test.txt")
    assert (read.name, read.code, read.height) == ("STONE", 0x12, 16)


def test_every_shipped_drawing_is_in_the_pattern_tables(art) -> None:
    laid = patterns.lay_out(art)
    tiles = [laid.chr_bytes[i : i + 16] for i in range(0, 8192, 16)]
    for name, sprite in art.sprites.items():
        first = 256 + laid.sprites[name]
        for number, cell in enumerate(sprite.cells(), first):
            assert pixels_of(tiles[number]) == list(cell)
    for name, metatile in art.metatiles.items():
        for number, cell in zip(laid.metatiles[name], metatile.cells(), strict=True):
            assert pixels_of(tiles[number]) == list(cell)
    for name, tile in art.tiles.items():
        assert pixels_of(tiles[laid.tiles[name]]) == list(tile.pixels)
    for name, cell in art.glyphs.items():
        assert pixels_of(tiles[laid.glyphs[name]]) == list(cell)
    assert tiles[0] == tiles[256] == bytes(16)


def test_equal_cells_of_the_background_share_a_tile(art) -> None:
    laid = patterns.lay_out(art)
    numbers = {number for corners in laid.metatiles.values() for number in corners}
    assert len(numbers) < 4 * len(laid.metatiles)
    glyphs, signs = len(art.glyphs), len(set(laid.tiles.values()))
    assert laid.counts[0] <= 1 + glyphs + signs + len(numbers)


def test_digits_follow_each_other_even_if_two_look_alike(art) -> None:
    alike = {**art.glyphs, "0": art.glyphs["O"], "5": art.glyphs["S"]}
    laid = patterns.lay_out(arttext.Art(art.sprites, art.metatiles, art.tiles, alike, art.themes))
    first = laid.glyphs["0"]
    assert [laid.glyphs[digit] for digit in "0123456789"] == list(range(first, first + 10))


def test_a_full_pattern_table_is_refused(art) -> None:
    cell = arttext.Drawing("sprite", "X", ("1" * 8,) * 8, 0)
    crowd = {f"X{number}": cell for number in range(256)}
    full = arttext.Art(crowd, art.metatiles, art.tiles, art.glyphs, art.themes)
    with pytest.raises(problems.SourceError, match=r"sprite pattern table holds 256 .* got 257"):
        patterns.lay_out(full)


def test_the_include_file_names_what_the_engine_asks_for(art) -> None:
    text = assembly.art_include(art, patterns.lay_out(art))
    for name in contract.SPRITE_SIZES:
        assert f"SPR_{name} = $" in text
    for name in contract.BACKGROUND_TILES:
        assert f"TILE_{name} = $" in text
    for code, name in contract.TILE_NAMES.items():
        assert f"MT_{name} = ${code:02X}\n" in text
    for character in "ABCXYZ0189 ":
        assert f".charmap ${ord(character):02X}, $" in text


def test_tile_tables_hold_the_corners_and_the_palette_at_the_tile_code(art) -> None:
    laid = patterns.lay_out(art)
    tables = numbers_after(assembly.art_include(art, laid))
    corners = [tables[label] for label in ("mt_tl", "mt_tr", "mt_bl", "mt_br")]
    assert {len(table) for table in [*corners, tables["mt_pal"]]} == {64}
    for name, metatile in art.metatiles.items():
        assert tuple(table[metatile.code] for table in corners) == laid.metatiles[name]
        assert tables["mt_pal"][metatile.code] == metatile.palette
    assert [table[contract.AIR] for table in corners] == [0] * 4


def test_palettes_are_32_bytes_per_theme_with_the_sky_first(art) -> None:
    palettes = numbers_after(assembly.art_include(art, patterns.lay_out(art)))["palettes"]
    assert len(palettes) == 32 * len(art.themes)
    for number, theme in enumerate(art.themes):
        assert set(palettes[32 * number : 32 * number + 32 : 4]) == {theme.sky}
        assert palettes[32 * number + 17 : 32 * number + 20] == list(theme.sprite[0])


def numbers_after(text: str) -> dict[str, list[int]]:
    """Return the bytes that follow each label of an include file."""
    tables: dict[str, list[int]] = {}
    label = ""
    for line in text.split("\n"):
        if line.endswith(":"):
            label = line[:-1]
            tables[label] = []
        elif line.startswith(".byte "):
            tables[label] += [int(value[1:], 16) for value in line[6:].split(",")]
    return tables


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (("." * 16, "." * 15 + "4"), 2, "'4' in STONE"),
        (("." * 16, "." * 15), 2, "16 pixels; got 15"),
        (("." * 16 + "\n", ""), 1, "16 rows of pixels, as its first line says; got 15"),
        (("palette 1", "palette 4"), 1, "palette is 0 to 3; got 4"),
        (("code 12", "code 16"), 1, "got STONE 16"),
        (("code 12", "code FF"), 1, "got STONE FF"),
        (("code 12", "code 13"), 1, "got STONE 13"),
        ((" code 12", ""), 1, "got STONE without a code"),
        (("STONE", "MARBLE"), 1, "got MARBLE 12"),
        (("metatile", "tyle"), 1, "a drawing begins with"),
        (("palette 1 ", ""), 1, "a drawing begins with"),
        (("metatile STONE 16x16 palette 1 code 12\n", ""), 1, "a drawing begins with"),
    ],
)
def test_a_wrong_drawing_is_refused(change: tuple[str, str], line: int, told: str) -> None:
    found = refused(STONE.replace(*change, 1))
    assert len(found) == 1, found
    assert found[0][0] == line
    assert told in found[0][1]


@pytest.mark.parametrize(
    ("header", "width", "height", "told"),
    [
        ("sprite EXTRA 12x16 palette 0", 12, 16, "multiple of 8 in both directions; got 12x16"),
        ("sprite EXTRA 8x0 palette 0", 8, 0, "multiple of 8"),
        ("sprite PLANK 16x8 palette 3", 16, 8, "sprite PLANK is 32x8; got 16x8"),
        ("tile STAR1 16x8 palette 0", 16, 8, "tile STAR1 is 8x8; got 16x8"),
        ("sprite lamp 16x16 palette 0", 16, 16, "A-Z, 0-9 and _; got 'lamp'"),
        ("sprite EXTRA 8x8 palette 0 code 12", 8, 8, "only a metatile has a code"),
        ("glyphs ABC 16x8 palette 0", 16, 8, "glyphs ABC is 24x8; got 16x8"),
        ("glyphs ABA 24x8 palette 0", 24, 8, "different ASCII characters; got 'ABA'"),
    ],
)
def test_a_wrong_size_or_name_is_refused(header: str, width: int, height: int, told: str) -> None:
    found = refused("\n".join([header, *["." * width] * height]))
    assert len(found) == 1, found
    assert told in found[0][1]


def test_a_name_that_stands_twice_is_refused_with_its_line() -> None:
    found = refused(STONE + STONE)
    assert [line for line, _ in found] == [18]
    assert "got STONE a second time" in found[0][1]


def test_all_mistakes_of_a_drawing_file_are_told_at_once() -> None:
    text = STONE.replace("." * 16, "x" * 15, 1) + STONE.replace("palette 1", "palette 7")
    assert [line for line, _ in refused(text)] == [2, 2, 18, 18]


def test_a_letter_that_stands_twice_in_two_files_is_refused(art) -> None:
    strip = arttext.Drawing("glyphs", "AB", ("1" * 16,) * 8, 0, line=7)
    with pytest.raises(problems.SourceError) as error:
        arttext.collect([("art/a.txt", strip), ("art/b.txt", strip)], art.themes, "art")
    assert "art/b.txt:7: every glyphs has its own name; got A B" in error.value.problems[0]


def test_drawings_that_the_engine_needs_are_missed_by_name(art) -> None:
    stone = arttext.Drawing("metatile", "STONE", ("1" * 16,) * 16, 0, 0x12)
    with pytest.raises(problems.SourceError) as error:
        arttext.collect([("art/a.txt", stone)], art.themes, "art")
    told = [text for _, text in complaints(error)]
    assert len(told) == 4
    assert any("got no SPARK" in text for text in told)
    assert not any("got no AIR" in text for text in told)  # the air is not drawn
    assert not any("got no STONE" in text for text in told)


def test_a_palette_set_is_read() -> None:
    (theme,) = palettetext.parse_themes(PALETTES, "art/palettes.txt")
    assert (theme.name, theme.sky) == ("Night", 0x0F)
    assert theme.memory()[:8] == bytes([0x0F, 1, 0x11, 0, 0x0F, 1, 0x11, 1])


@pytest.mark.parametrize(
    ("change", "line", "told"),
    [
        (("sky 0F", "sky 40"), 2, "00 to 3F, but not 0D; got 40"),
        (("sky 0F", "sky 0D"), 2, "got 0D"),
        (("background 2 01 11 02", "background 2 01 11"), 5, "got 'background 2 01 11'"),
        (("background 2", "background 1"), 5, "once each"),
        (("theme 0 Night", "theme 1 Night"), 1, "'theme 0 Name'; got 'theme 1 Night'"),
        (("theme 0 Night", "theme 0"), 1, "'theme 0 Name'"),
        (("sky 0F\n", ""), 1, "got no sky"),
        (("sprite 3 02 12 03\n", ""), 1, "got no sprite 3"),
        (("sky", "heaven"), 2, "got 'heaven 0F'"),
    ],
)
def test_a_wrong_palette_is_refused(change: tuple[str, str], line: int, told: str) -> None:
    assert any(
        at == line and told in text for at, text in refused_palettes(PALETTES.replace(*change))
    )


def test_a_palette_file_without_a_set_is_refused() -> None:
    assert refused_palettes("# nothing\n")[0][0] == 0


def test_letters_stand_out_from_the_sky_in_every_theme(art) -> None:
    for theme in art.themes:
        assert theme.background[2][2] not in (theme.sky, 0x0F)


def test_the_tile_of_the_split_is_opaque(art) -> None:
    for tile in (art.tiles["SPLIT"], art.sprites["SPLIT"]):
        assert "." not in "".join(tile.pixels)
