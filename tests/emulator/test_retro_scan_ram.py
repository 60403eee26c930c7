"""The search finds what is known to be in the work RAM of two real games, from play alone."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from builders.command_line import neuroevo
from builders.plays import airstriker_moves, record, wickling_moves

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.ram.history import play_histories
from neuroevo.tasks.retro.ram.search import Found, choose, scan_ram, write_data
from neuroevo.tasks.retro.ram.values import Part

WICKLING, AIRSTRIKER = "Wickling-Nes", "Airstriker-Genesis"


@pytest.fixture(scope="module")
def wickling(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(WICKLING, tmp_path_factory.mktemp("wickling"), wickling_moves)


@pytest.fixture(scope="module")
def airstriker(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return record(AIRSTRIKER, tmp_path_factory.mktemp("airstriker"), airstriker_moves)


@pytest.fixture(scope="module")
def found(wickling: Path) -> list[Found]:
    return scan_ram(WICKLING, [wickling])


def places(found: list[Found], name: str) -> list[list[tuple[int, str]]]:
    one = next(one for one in found if one.name == name)
    return [[(part.address, part.type) for part in c.parts] for c in one.candidates]


def test_the_variables_of_wickling_are_found(found: list[Found]) -> None:
    xs = places(found, "x")
    assert [(0x6D, "|u1"), (0x86, "|u1")] in xs[:3]  # page and low byte, far apart
    assert [(0x700, "<u2")] in xs[:3]  # the game's copy for trainers
    assert places(found, "lives")[0] == [(1882, "|i1")]
    assert places(found, "time")[0] == [(2040, ">n3")]
    scores = places(found, "score")[:3]
    assert [(2013, ">n6")] in scores


def test_without_known_values_the_digits_of_the_score_are_among_the_best(
    wickling: Path, tmp_path: Path
) -> None:
    rows = wickling.read_text().splitlines()
    bare = [
        ",".join([*row.split(",")[:3], "", *row.split(",")[4:]]) if "score=" in row else row
        for row in rows
    ]
    log = tmp_path / "bare.csv"
    log.write_text("\n".join([rows[0], *bare[1:]]) + "\n")
    found = scan_ram(WICKLING, [log], wanted=[("score", "counts")])
    assert any(2013 <= at <= 2018 for ((at, _kind),) in places(found, "score")[:10])


def test_the_variables_of_airstriker_are_found_in_the_order_of_the_68000(
    airstriker: Path,
) -> None:
    found = scan_ram(AIRSTRIKER, [airstriker])
    assert places(found, "lives")[0] == [(0xFF025A, ">i2")]  # data.json: 16712282 >u2
    assert any(at in (0xFF024E, 0xFF0250) for ((at, _kind),) in places(found, "score")[:3])
    assert len(places(found, "x")[0]) == 1


def test_a_movie_gives_the_same_answer_as_the_log_beside_it(
    wickling: Path, found: list[Found]
) -> None:
    assert scan_ram(WICKLING, [wickling.with_suffix(".bk2")]) == found


def test_the_history_is_work_ram_by_address(airstriker: Path) -> None:
    _, (history,) = play_histories(AIRSTRIKER, [airstriker])
    logged = [int(row.split(",")[5]) for row in airstriker.read_text().splitlines()[1:]]
    assert airstriker.read_text().startswith("frame,start,buttons,mark,gameover,lives,score")
    word = history.bytes_of(np.array([0x25A, 0x25B])).astype(int)
    assert (word[:, 0] * 256 + word[:, 1]).tolist() == logged


def test_a_written_data_json_reads_what_the_game_shows(airstriker: Path, tmp_path: Path) -> None:
    folder = tmp_path / "Airstriker-Genesis-v0"
    folder.mkdir()
    data = folder / "data.json"
    ended = neuroevo(
        "scan-ram", AIRSTRIKER, "--play", airstriker, "--falls", "lives", "--rises", "x",
        "--write", data,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    overlay = games.resolve_game(AIRSTRIKER, [str(tmp_path)])
    assert overlay.find("data.json") == data
    (folder / "scenario.json").write_text("{}")  # the shipped one needs the score
    with Emulator.open(overlay) as emulator:
        emulator.reset(emulator.start_state("Level1"))
        assert emulator.variables()["lives"] == 3
        assert set(emulator.variables()) == {"lives", "x"}


def test_a_log_that_the_game_does_not_repeat_is_refused(wickling: Path, tmp_path: Path) -> None:
    rows = wickling.read_text().splitlines()
    names = rows[0].split(",")
    cells = rows[200].split(",")
    cells[names.index("time")] = "7"
    log = tmp_path / "edited.csv"
    log.write_text("\n".join([*rows[:200], ",".join(cells), *rows[201:]]) + "\n")
    with pytest.raises(TaskError, match=r"got time = \d+ at frame 199, the log has 7"):
        scan_ram(WICKLING, [log])


def test_what_was_asked_for_must_be_searchable(wickling: Path, tmp_path: Path) -> None:
    rows = wickling.read_text().splitlines()
    log = tmp_path / "short.csv"
    log.write_text("\n".join(rows[:50]) + "\n")
    with pytest.raises(TaskError, match="got no mark `died`"):
        scan_ram(WICKLING, [log], wanted=[("lives", "falls")])
    with pytest.raises(TaskError, match="got no direction held"):
        scan_ram(WICKLING, [log], wanted=[("x", "rises")])
    problems = {one.name: one.problem for one in scan_ram(WICKLING, [log])}
    assert problems["lives"]
    assert problems["x"]  # not asked for: said, not raised


def test_labels_must_fit_the_play(wickling: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("died 900000\n")
    with pytest.raises(TaskError, match="got 900000"):
        scan_ram(WICKLING, [wickling], [labels])
    with pytest.raises(TaskError, match="got 2 files for 1 plays"):
        scan_ram(WICKLING, [wickling], [labels, labels])


def test_another_kind_of_file_is_no_play(tmp_path: Path) -> None:
    for name, text in (("a.txt", ""), ("b.csv", "frame,x\n0,1\n"), ("c.bk2", "no zip")):
        (tmp_path / name).write_text(text)
        with pytest.raises(TaskError, match="must be"):
            scan_ram(WICKLING, [tmp_path / name])


def test_data_json_is_added_to_and_never_changed(tmp_path: Path) -> None:
    path = tmp_path / "data.json"
    path.write_text('{"info": {"coins": {"address": 1886, "type": "|u1"}}, "note": 1}')
    write_data(path, {"lives": Part(1882, "|i1")})
    write_data(path, {"lives": Part(1882, "|i1")})  # the same once more is no change
    document = json.loads(path.read_text())
    assert document["note"] == 1
    assert list(document["info"]) == ["coins", "lives"]
    before = path.read_bytes()
    with pytest.raises(TaskError, match="coins must be new or the same"):
        write_data(path, {"coins": Part(1, "|u1")})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["data.json"]


def test_a_rank_is_chosen_by_name(found: list[Found]) -> None:
    pair = [(0x6D, "|u1"), (0x86, "|u1")]
    rank = places(found, "x").index(pair) + 1
    chosen = choose(found, {"x": rank, "lives": 0})
    assert chosen["xHi"].address == 0x6D
    assert chosen["xLo"].address == 0x86
    assert "lives" not in chosen
    for ranks in ({"y": 1}, {"x": 10_000}):
        with pytest.raises(TaskError, match="choose"):
            choose(found, ranks)


def test_the_command_prints_tables_and_json(wickling: Path, tmp_path: Path) -> None:
    ended = neuroevo("scan-ram", WICKLING, "--play", wickling, "--best", 2)
    assert ended.returncode == 0, ended.stderr
    assert "0x75A |i1" in ended.stdout
    ended = neuroevo("scan-ram", WICKLING, "--play", wickling, "--json", "--falls", "lives")
    assert json.loads(ended.stdout)["lives"][0]["parts"][0]["address"] == 1882
    ended = neuroevo("scan-ram", WICKLING, "--play", wickling, "--choose", "x=best")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr


def test_a_game_that_nobody_described_gets_its_data_json(tmp_path: Path) -> None:
    folder = tmp_path / "Unknown-Nes"
    folder.mkdir()
    rom = games.resolve_game(WICKLING).need("rom.nes")
    shutil.copy(rom, folder)
    (folder / "data.json").write_text('{"info": {}}')
    (folder / "metadata.json").write_text("{}")
    (tmp_path / "keys.txt").write_text("200\n60 RIGHT\n60\n30 LEFT\n60\n")
    where = ("--integrations", tmp_path)
    play = ("play", "Unknown-Nes", *where, "--keys", tmp_path / "keys.txt")
    log, data = tmp_path / "play.csv", folder / "data.json"
    assert neuroevo(*play, "--log", log).returncode == 0
    ended = neuroevo("scan-ram", "Unknown-Nes", *where, "--play", log, "--rises", "x",
                     "--write", data)  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    assert json.loads(data.read_text())["info"]["x"] == {"address": 0x86, "type": "|u1"}
    assert "at the end   x=" in neuroevo(*play).stdout


def test_plays_are_searched_together(wickling: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.csv"
    shutil.copy(wickling, again)
    found = scan_ram(WICKLING, [wickling, again])
    assert places(found, "lives")[0] == [(1882, "|i1")]
    assert places(found, "time")[0] == [(2040, ">n3")]


def test_one_wrong_number_is_told_with_what_the_memory_holds(
    wickling: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("600 score=000770\n")
    (score,) = scan_ram(WICKLING, [wickling], [labels], wanted=[("score", "counts")])
    assert score.candidates == ()
    assert score.problem.startswith("no candidate; the nearest is 0x")
    assert re.search(r"which breaks 1 of \d+ labels: \d+ at frame 600, not 770\.", score.problem)
    given = ("--play", wickling, "--labels", labels, "--counts", "score")
    assert f"  {score.problem}\n" in neuroevo("scan-ram", WICKLING, *given).stdout
