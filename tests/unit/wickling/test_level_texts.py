"""Levels as text: what becomes of each character, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from builders.rom_tool import complaints, contract, level_text, leveltext, problems, shipped_levels


def parse(text: str):
    return leveltext.parse_level(text, "levels/1-test.txt", 5)


def refused(text: str) -> list[tuple[int, str]]:
    with pytest.raises(problems.SourceError) as error:
        parse(text)
    assert all(p.startswith("levels/1-test.txt") for p in error.value.problems)
    return complaints(error)


def only(text: str) -> tuple[int, str]:
    found = refused(text)
    assert len(found) == 1, found
    return found[0]


def test_the_head_start_and_goal_are_read() -> None:
    level = parse(level_text())
    assert (level.name, level.time, level.theme) == ("Test", 250, 1)
    assert (level.start, level.goal) == ((3, 10), 36)
    assert len(level.columns) == 40
    assert {len(column) for column in level.columns} == {16}


@pytest.mark.parametrize(
    ("character", "code"),
    [
        (".", 0x00),
        ("o", 0x08),
        ("G", 0x09),
        ("B", 0x12),
        ("C", 0x13),
        ("I", 0x14),
        ("W", 0x15),
        ("^", 0x20),
        ("v", 0x21),
    ],
)
def test_a_character_becomes_its_tile_in_its_row(character: str, code: int) -> None:
    column = parse(level_text({(20, 6): character})).columns[20]
    assert column == bytes([0] * 6 + [code] + [0] * 4 + [0x10, 0x11] + [0, 0, 0])


def test_ground_is_turf_below_air_and_earth_below_anything_solid() -> None:
    level = parse(level_text({(20, 10): "B", (21, 10): "o", (22, 10): "#", (23, 0): "#"}))
    assert level.columns[20][10:13] == bytes([0x12, 0x11, 0x11])
    assert level.columns[21][10:13] == bytes([0x08, 0x10, 0x11])
    assert level.columns[22][10:13] == bytes([0x10, 0x11, 0x11])
    assert level.columns[23][0] == 0x11  # a ceiling grows no grass


@pytest.mark.parametrize(
    ("character", "kind"),
    [("b", 1), ("n", 2), ("m", 3), ("c", 4), ("t", 5), (">", 0x24), ("|", 0x25), ("_", 0x26)],
)
def test_an_object_leaves_air_and_its_kind_and_row(character: str, kind: int) -> None:
    column = parse(level_text({(20, 7): character})).columns[20]
    assert column == bytes([0] * 11 + [0x10, 0x11] + [kind, 7, 0])


def test_the_beacon_is_three_posts_and_a_dark_lamp_above_them() -> None:
    assert parse(level_text()).columns[36][6:12] == bytes([0, 0x0B, 0x0A, 0x0A, 0x0A, 0x10])


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    (tmp_path / "0-a.txt").write_bytes(level_text().replace("\n", "\r\n").encode())
    assert leveltext.read_levels(tmp_path, 5) == (parse(level_text()),)


def test_an_unequal_row_is_named_by_its_line() -> None:
    lines = level_text().split("\n")
    lines[6] += "."
    line, told = only("\n".join(lines))
    assert line == 7
    assert "40 characters" in told
    assert "got 41" in told


def test_the_odd_row_is_told_even_if_it_is_the_first() -> None:
    lines = level_text().split("\n")
    lines[4] = lines[4][:-2]
    assert only("\n".join(lines))[0] == 5


def test_an_unknown_character_is_told_with_its_column() -> None:
    line, told = only(level_text({(20, 6): "Q"}))
    assert line == 11
    assert "'Q' in column 20" in told


@pytest.mark.parametrize("missing", ["P", "F"])
def test_a_level_without_start_or_goal_is_refused(missing: str) -> None:
    _, told = only(level_text().replace(missing, "."))
    assert f"exactly one {missing}" in told
    assert "got 0" in told


@pytest.mark.parametrize("character", ["P", "F"])
def test_a_second_start_or_goal_is_refused(character: str) -> None:
    line, told = only(level_text({(20, 10): character}))
    assert line == 15
    assert "got 2" in told
    assert "column 20" in told


def test_a_start_above_a_pit_is_refused() -> None:
    _, told = only(level_text({(3, 11): "."}))
    assert "start P stands on ground; got '.' below column 3" in told


def test_a_start_in_the_last_row_is_refused() -> None:
    _, told = only(level_text({(3, 10): ".", (3, 12): "P"}))
    assert "the end of the level" in told


def test_a_beacon_in_the_air_is_refused() -> None:
    _, told = only(level_text({(36, 11): "^"}))
    assert "beacon F stands on ground; got '^' below column 36" in told


def test_a_beacon_needs_room_for_post_and_lamp() -> None:
    _, told = only(level_text({(36, 7): "B"}))
    assert "3 tiles of air" in told
    _, told = only(level_text({(36, 10): "#", (36, 2): "F", (36, 3): "#"}))
    assert "the top of the level" in told


def test_a_beacon_left_of_the_start_is_refused() -> None:
    text = level_text({(3, 10): "F", (36, 10): "P"})
    assert "right of the start" in only(text)[1]


def test_two_objects_in_a_column_are_refused() -> None:
    line, told = only(level_text({(20, 6): "m", (20, 10): "b"}))
    assert line == 15
    assert "'m' and 'b' in column 20" in told


def test_five_objects_in_21_columns_are_allowed() -> None:
    assert parse(level_text({(c, 10): "b" for c in (10, 15, 20, 25, 30)}))
    assert parse(level_text({(c, 10): "b" for c in (9, 15, 20, 25, 29, 30)}))


def test_a_sixth_object_in_21_columns_is_refused() -> None:
    _, told = only(level_text({(c, 10): "b" for c in (10, 15, 20, 25, 29, 30)}))
    assert "got 6 in columns 10 to 30" in told


def test_a_crowd_is_told_once() -> None:
    assert "got 15" in only(level_text({(10, 6): "m" * 15}))[1]


def test_widths_beyond_the_limits_are_refused() -> None:
    lines = level_text().split("\n")

    def stretched(width: int) -> str:
        rows = [row[:30] + row[30] * (width - 40) + row[30:] for row in lines[4:-1]]
        return "\n".join(lines[:4] + rows)

    assert len(parse(stretched(250)).columns) == 250
    assert "32 to 250 columns; got 251" in only(stretched(251))[1]
    narrow = "\n".join(lines[:4] + [row[:25] + row[34:] for row in lines[4:-1]])
    assert "got 31" in only(narrow)[1]


@pytest.mark.parametrize("change", [-1, 1])
def test_a_wrong_number_of_rows_is_refused(change: int) -> None:
    lines = level_text().split("\n")
    text = "\n".join(lines[:4] + ["." * 40] * change + lines[4 + max(0, -change) :])
    assert f"13 rows after the empty line; got {13 + change}" in only(text)[1]


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("name: A\ntime: 250\n\n", "holds theme; got none"),
        ("name: A\ntime: 0\ntheme: 1\n\n", "from 1 to 999; got '0'"),
        ("name: A\ntime: 1000\ntheme: 1\n\n", "from 1 to 999; got '1000'"),
        ("name: A\ntime: 2.5\ntheme: 1\n\n", "got '2.5'"),
        ("name: A\ntime: 250\ntheme: 5\n\n", "from 0 to 4; got '5'"),
        ("name: A\nname: B\ntime: 250\ntheme: 1\n\n", "once, as 'time: 300'; got 'name: B'"),
        ("name: A\ntime: 250\ntheme: 1\nmusic: 2\n\n", "got 'music: 2'"),
        ("name:\ntime: 250\ntheme: 1\n\n", "got 'name:'"),
        ("name: A\ntime: 250\ntheme: 1\n", "an empty line stands before the rows"),
    ],
)
def test_a_wrong_head_is_refused(head: str, told: str) -> None:
    assert told in only(level_text(head=head))[1]


def test_an_empty_file_is_refused() -> None:
    assert any("13 rows" in told for _, told in refused(""))


def test_all_mistakes_of_a_file_are_told_at_once() -> None:
    text = level_text(
        {(3, 11): ".", (20, 5): "?", (20, 6): "m", (20, 10): "b", (30, 10): "F"},
        head="name: A\ntime: x\ntheme: 9\n\n",
    )
    assert [line for line, _ in refused(text)] == [2, 3, 10, 15, 15, 15]


def test_mistakes_of_all_files_are_told_at_once(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}-a.txt").write_text(level_text({(3, 11): "." * (number != 1)}))
    with pytest.raises(problems.SourceError) as error:
        leveltext.read_levels(tmp_path, 5)
    folder = tmp_path.name
    starts = [problem.split(":")[0] for problem in error.value.problems]
    assert starts == [f"{folder}/0-a.txt", f"{folder}/2-a.txt"]


def test_a_level_is_added_by_adding_its_file(tmp_path: Path) -> None:
    for number in (*range(10), 10):
        name = f"Number {number}"
        head = f"name: {name}\ntime: 250\ntheme: 1\n\n"
        (tmp_path / f"{number}-place.txt").write_text(level_text(head=head))
    levels = leveltext.read_levels(tmp_path, 5)
    assert [level.name for level in levels] == [f"Number {n}" for n in range(11)]


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["0-a.txt", "2-b.txt"], "numbered 0, 1, 2, ...; got 0, 2"),
        (["1-a.txt"], "got 1"),
        ([], "got no level"),
        (["0-a.txt", "0-b.txt"], "its own number; got 0-a.txt and 0-b.txt"),
        (["0-a.txt", "notes.txt"], "got notes.txt"),
    ],
)
def test_wrong_file_names_are_refused(tmp_path: Path, names: list[str], told: str) -> None:
    for name in names:
        (tmp_path / name).write_text(level_text())
    with pytest.raises(problems.SourceError) as error:
        leveltext.read_levels(tmp_path, 5)
    assert told in complaints(error)[0][1]


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "0-a.txt").write_bytes(b"\xff\xfe")
    with pytest.raises(problems.SourceError, match="UTF-8"):
        leveltext.read_levels(tmp_path, 5)


def test_the_shipped_levels_keep_every_rule() -> None:
    levels = shipped_levels()
    assert len(levels) >= 5
    used = {column[contract.NUM_ROWS] for level in levels for column in level.columns}
    assert used - {0} == set(contract.OBJECT_NAMES)
