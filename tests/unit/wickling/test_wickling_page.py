"""The page about Wickling says what its sources say."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from builders.rom_tool import GAME, SOURCE, contract, leveltext, shipped_levels
from builders.wickling import engine_addresses

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "wickling.md"
TEXT = PAGE.read_text(encoding="utf-8")
RANGE_BYTES = {"window": 416, "score": 6, "time": 3}
DATA = json.loads((GAME / "data.json").read_text(encoding="utf-8"))["info"]


def rows(head: str) -> list[list[str]]:
    """Return the cells of the table with that first line, without backticks."""
    _, _, rest = TEXT.partition(f"\n| {head} |\n")
    assert rest, head
    lines = rest.split("\n\n", 1)[0].splitlines()[1:]
    return [[cell.strip().replace("`", "") for cell in line[1:-1].split("|")] for line in lines]


MEMORY = rows("address | engine | variable | meaning | same")


@pytest.mark.parametrize(("place", "name"), [row[:2] for row in MEMORY])
def test_an_address_is_the_engines_own(place: str, name: str) -> None:
    first, _, last = place.partition("-")
    assert int(first, 16) == engine_addresses()[name]
    if last:
        num_bytes = int(last, 16) - int(first, 16) + 1
        assert num_bytes == (5 if name.startswith("obj_") else RANGE_BYTES[name])


def test_no_address_of_the_objects_is_without_its_range() -> None:
    assert all("-" in row[0] for row in MEMORY if row[1].startswith("obj_"))


def test_every_variable_of_data_json_stands_at_its_address() -> None:
    told = {variable: int(place.partition("-")[0], 16) for place, _, variable, *_ in MEMORY}
    told.pop("")
    assert told == {name: entry["address"] for name, entry in DATA.items()}


def test_what_is_marked_as_the_same_is_what_stable_retro_has_for_the_other_game() -> None:
    stable_retro = pytest.importorskip("stable_retro")
    data = Path(stable_retro.__file__).parent / "data" / "stable" / "SuperMarioBros-Nes-v0"
    theirs = json.loads((data / "data.json").read_text(encoding="utf-8"))["info"]
    marked = {row[2] for row in MEMORY if row[4] == "S"}
    assert marked == set(theirs)
    assert {name: DATA[name] for name in marked} == theirs


def test_every_tile_code_is_told() -> None:
    cells = [cell for row in rows("code | tile | code | tile") for cell in row[::2]]
    assert sorted(int(cell, 16) for cell in cells) == sorted(contract.TILE_NAMES)


def test_every_kind_of_object_is_told_with_its_name() -> None:
    told = {int(row[0], 0): row[1] for row in rows("kind | object | does | landing on it")}
    assert set(told) == set(contract.OBJECT_NAMES)
    for kind, name in contract.OBJECT_NAMES.items():
        assert told[kind] in name


def test_the_numbers_of_the_physics_are_those_of_the_sources() -> None:
    sources = "".join((SOURCE / name).read_text() for name in ("player.s", "objects.s"))
    constants = {
        name: int(value, 16) / 256
        for name, value in re.findall(r"^(\w+) *= \$(\w+)", sources, re.M)
    }
    told = {
        name: float(value)
        for values, names, _ in rows("value | name | meaning")
        for value, name in zip(values.split(", "), names.split(", "), strict=True)
    }
    assert told == constants


def test_the_speeds_of_creatures_are_those_of_the_sources() -> None:
    table = re.search(r"^first_speed_lo:\n\s*\.byte (.*)$", (SOURCE / "level.s").read_text(), re.M)
    assert table is not None
    speeds = [int((re.findall(r"\$(\w+)", entry) or ["0"])[0], 16) for entry in table[1].split(",")]
    names = {contract.OBJECT_NAMES[kind]: speed / 256 for kind, speed in enumerate(speeds) if speed}
    assert len(names) == 4
    for name, speed in names.items():
        assert re.search(rf"{name} {re.escape(f'{speed:g}')}\b", TEXT, re.I), name


def test_every_file_and_make_target_that_the_page_names_exists() -> None:
    for link in re.findall(r"\]\(([^)#]+)[^)]*\)", TEXT):
        assert link.startswith("http") or (PAGE.parent / link).exists(), link
    names = set(
        re.findall(r"`([\w./-]+\.(?:s|inc|cfg|py|json|txt|nes|sha|state|md)|[\w/]+/)`", TEXT)
    )
    names |= set(re.findall(r"(?<=\$PYTHON )\S+", TEXT))
    assert len(names) > 20
    for name in names:
        assert any((folder / name).exists() for folder in (ROOT, GAME, SOURCE)), name
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"`make ([a-z-]+)`", TEXT)) <= targets


def test_every_state_that_the_page_names_exists() -> None:
    for name in re.findall(r"`((?:heldout-)?Level\d[-a-c]*)`", TEXT):
        assert (GAME / f"{name}.state").exists(), name


def test_the_level_to_be_added_is_one_that_the_build_takes() -> None:
    text = re.search(r"levels/(\S+) <<'END'\n(.*?)^END$", TEXT, re.M | re.S)
    assert text is not None
    level = leveltext.parse_level(text[2], text[1], num_themes=3)
    assert leveltext.FILE_NAME.fullmatch(text[1])
    assert len(level.columns) > 70


def test_the_table_of_blind_play_has_every_level_and_no_finisher() -> None:
    table = re.search(r"<!-- blind table -->\n(.*)<!-- end of blind table -->", TEXT, re.S)
    assert table is not None
    found = re.findall(r"^\| (\d .+?) \|.*\| (\d+) of \d+ \|$", table[1], re.M)
    wanted = [f"{number} {level.name}" for number, level in enumerate(shipped_levels())]
    assert [name for name, _ in found] == wanted
    assert {finished for _, finished in found} == {"0"}
