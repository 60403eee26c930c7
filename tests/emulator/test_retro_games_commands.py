"""``neuroevo games import``, ``check``, ``lint`` and ``show``, as a person runs them."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys

import pytest
from builders.command_line import environment, neuroevo

from neuroevo.shipped import find_config, integrations_folder

WICKLING = integrations_folder() / "Wickling-Nes-v0"
ROM = (WICKLING / "rom.nes").read_bytes()[:-1] + b"\xa5"


@pytest.fixture
def home(tmp_path):
    """A folder of games with one game that has no ROM yet, and beside it an inbox with the ROM."""
    folder = tmp_path / "games" / "Testling-Nes-v0"
    folder.mkdir(parents=True)
    for name in ("data.json", "scenario.json", "metadata.json", "Practice.state"):
        (folder / name).write_bytes((WICKLING / name).read_bytes())
    (folder / "rom.sha").write_text(hashlib.sha1(ROM[16:]).hexdigest() + "\n")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "testling.nes").write_bytes(ROM)
    return tmp_path


def games(home, *arguments, code=0):
    done = neuroevo("games", *arguments, folder=home)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def test_from_a_rom_in_a_folder_to_a_game_that_is_checked(home):
    own = ("--integrations", "games")
    assert "1 would be imported" in games(home, "import", "inbox", "--dry-run", *own)
    assert "the ROM must be imported" in games(home, "check", "Testling-Nes", *own, code=1)
    shown = games(home, "import", "inbox", *own)
    assert "imported       inbox/testling.nes" in shown
    assert "1 imported, 0 already there, 0 not." in shown
    checked = games(home, "check", "Testling-Nes", *own, "--seconds", 2)
    assert "Practice                      accepted" in checked
    assert "0 errors" in checked
    assert "Testling-Nes-v0" in games(home, "list", *own)


def test_an_import_of_nothing_exits_with_1(home):
    (home / "inbox" / "testling.nes").write_bytes(b"\0\1" * 600)
    shown = games(home, "import", "inbox", "nowhere", "--integrations", "games", code=1)
    assert "0 imported, 0 already there, 2 not." in shown
    assert "Nearest by name: Testling-Nes-v0" in " ".join(shown.split())


def test_a_list_holds_the_games_with_a_word_in_their_name(home):
    shown = games(home, "list", "ling-nes", "--all", "--integrations", "games")
    assert [line.split()[0] for line in shown.splitlines()[1:]] == [
        "Testling-Nes-v0", "Wickling-Nes-v0", "2",
    ]  # fmt: skip
    assert "1 games; 1 more without a ROM here" in games(
        home, "list", "ling-nes", "--integrations", "games"
    )
    assert games(home, "list", "no-such-game", "--all").endswith(
        "0 games; 0 more without a ROM here (--all).\n"
    )


def test_an_import_of_an_empty_folder_says_that_it_is_empty(home):
    (home / "inbox" / "testling.nes").unlink()
    shown = games(home, "import", "inbox", "--integrations", "games", code=1)
    assert shown.startswith("Nothing was imported: there is no file in there.")


def test_every_command_speaks_json(home):
    own = ("--integrations", "games", "--json")
    imported = json.loads(games(home, "import", "inbox", *own))
    assert imported["num_imported"] == 1
    assert imported["results"][0]["game"] == "Testling-Nes-v0"
    checked = json.loads(games(home, "check", "Testling-Nes", "--seconds", 1, *own))
    assert checked["num_errors"] == 0
    assert checked["states"][0]["played"]["num_frames"] == 60
    linted = json.loads(games(home, "lint", "Testling-Nes", *own))
    assert linted["counts"]["error"] == 0


def test_a_core_that_talks_does_not_spoil_the_json(home):
    folder = home / "games" / "Zero-N64"
    folder.mkdir()
    (folder / "rom.z64").write_bytes(b"\x80\x37\x12\x40" + bytes((1 << 20) - 4))
    (folder / "data.json").write_text('{"info": {}}')
    shown = games(home, "check", "Zero-N64", "--integrations", "games", "--json", code=1)
    assert json.loads(shown)["states"][0]["verdict"] == "not tried"


def test_the_linter_reads_games_files_folders_and_settings(home):
    folder = home / "games" / "Testling-Nes-v0"
    good = games(home, "lint", "Wickling-Nes", folder, folder / "data.json", "wickling.ini")
    assert "0 errors, 0 warnings" in good
    (folder / "scenario.json").write_text('{\n "done": {"variables": {"live": {"op": "zero"}}}}')
    assert ":2: error [unknown-variable] live" in games(
        home, "lint", folder / "scenario.json", code=1
    )


def test_the_linter_reads_the_fitness_of_settings(home):
    config = find_config("wickling").read_text()
    (home / "mine.ini").write_text(config)
    assert "0 errors" in games(home, "lint", "mine.ini")
    (home / "mine.ini").write_text(re.sub("(?m)^won = .*", "won = goul == 1", config))
    shown = games(home, "lint", "mine.ini", code=1)
    line = config[: re.search("(?m)^won = ", config).start()].count("\n") + 1
    assert f"mine.ini:{line}: error [fitness] [Fitness] won: must use variables" in shown
    done = neuroevo("games", "lint", "xor.ini", folder=home)
    assert done.returncode == 2
    assert "must be retro" in done.stderr


def test_showing_an_overlay_lists_its_folders(home):
    folder = home / "games" / "Wickling-Nes-v0"
    folder.mkdir()
    (folder / "scenario.json").write_text('{"done": {"variables": {"lives": {"op": "zero"}}}}')
    shown = games(home, "show", "Wickling-Nes", "--integrations", "games")
    assert "the first that has a file wins" in shown
    before, after = shown.split(str(WICKLING))
    assert "scenario.json" in before
    assert "scenario.json" not in after.split("variables")[0]
    assert "several folders" not in games(home, "show", "Wickling-Nes")


def test_a_rom_of_stable_retros_own_games_goes_into_its_data_folder(home):
    """Into a data folder of the test's own: stable-retro takes its place from RETRO_DATA_PATH."""
    data = home / "data"
    (home / "games" / "Testling-Nes-v0").rename(home / "games" / "moved")
    (data / "stable").mkdir(parents=True)
    (home / "games" / "moved").rename(data / "stable" / "Testling-Nes-v0")
    done = subprocess.run(
        [sys.executable, "-m", "neuroevo", "games", "import", str(home / "inbox")],
        capture_output=True, text=True, check=False, timeout=60,
        env={**environment(), "RETRO_DATA_PATH": str(data)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    assert (data / "stable" / "Testling-Nes-v0" / "rom.nes").read_bytes() == ROM
    assert list((home / "games").iterdir()) == []
