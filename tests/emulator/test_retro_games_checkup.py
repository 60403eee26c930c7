"""The checkup of a game, on copies of Airstriker and Wickling with something broken."""

from __future__ import annotations

import gzip
import hashlib
import json
import multiprocessing
import shutil

import numpy as np
import pytest

from neuroevo.cli.tables import checkup_text
from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN
from neuroevo.tasks.retro.check.checkup import CheckupSettings, check_game
from neuroevo.tasks.retro.check.checkup_play import legal_patterns, random_mask
from neuroevo.tasks.retro.emulator import Emulator

SHORT = CheckupSettings(seconds=2)


@pytest.fixture
def game(tmp_path):
    """A copy of Airstriker under another name, in a folder of its own."""
    source = games.resolve_game("Airstriker-Genesis").folders[-1]
    return shutil.copytree(source, tmp_path / "games" / "Mine-Genesis")


def check(game, settings=SHORT):
    return check_game(game.name, [game.parent], settings)


def errors(checkup):
    return [f.rule for f in checkup.findings if f.severity == "error"]


def warnings(checkup):
    return [f.rule for f in checkup.findings if f.severity == "warning"]


def change(path, **values):
    path.write_text(json.dumps({**json.loads(path.read_text()), **values}))


def test_a_game_that_works_has_no_errors_and_its_variables_move():
    checkup = check_game("Airstriker-Genesis", (), CheckupSettings(seconds=20))
    assert errors(checkup) == warnings(checkup) == []
    assert [(s.name, s.verdict) for s in checkup.states] == [("Level1", "accepted")]
    ranges = {v.name: (v.low, v.high, v.num_moved) for v in checkup.variables}
    assert ranges["lives"][1:] == (3, 1)
    assert ranges["score"][0] == 0
    assert ranges["score"][1] > 0
    assert checkup.states[0].played.num_frames == 1200
    assert checkup.states[0].played.reward > 0
    assert checkup.rom_sha1 == "a8be7b0ca850119b167f9644e6a4a22e983d61a4"
    assert checkup.rom_sha1_known == checkup.rom_sha1
    assert checkup_text(checkup).count(checkup.rom_sha1) == 1
    json.dumps(checkup.as_json())


def test_a_nes_rom_is_shown_with_the_sha1_of_its_rom_sha_and_that_of_the_file():
    checkup = check_game("Wickling-Nes", (), CheckupSettings(seconds=1))
    folder = games.resolve_game("Wickling-Nes").folders[-1]
    named = (folder / "rom.sha").read_text().split()[0]
    whole = hashlib.sha1((folder / "rom.nes").read_bytes()).hexdigest()
    assert named != whole
    shown = checkup_text(checkup)
    assert f"sha1       {named} (without its header, as in rom.sha)\n" in shown
    assert f"           {whole} (whole file)\n" in shown


def test_a_game_without_rom_sha_is_told_what_to_write_into_it(game):
    (game / "rom.sha").unlink()
    finding = next(f for f in check(game).findings if f.rule == "rom")
    assert finding.message.endswith("into it: a8be7b0ca850119b167f9644e6a4a22e983d61a4.")


def test_the_same_seed_gives_the_same_checkup_and_another_seed_another():
    first = check_game("Wickling-Nes", (), SHORT)
    assert check_game("Wickling-Nes", (), SHORT) == first
    other = check_game("Wickling-Nes", (), CheckupSettings(seconds=2, seed=1))
    assert other.variables != first.variables


def test_only_the_first_five_states_are_played_and_all_are_loaded():
    checkup = check_game("Wickling-Nes", (), CheckupSettings(seconds=1))
    assert {s.verdict for s in checkup.states} == {"accepted"}
    assert len(checkup.states) == len(games.state_names(games.resolve_game("Wickling-Nes")))
    played = [s.name for s in checkup.states if s.played.num_frames]
    assert len(played) == 5
    assert played[0] == "Practice"


def test_a_constant_variable_is_a_suspect(game):
    info = json.loads((game / "data.json").read_text())["info"]
    info["nothing"] = {"address": 0xFF1FF0, "type": "|u1"}
    (game / "data.json").write_text(json.dumps({"info": info}))
    finding = next(f for f in check(game).findings if f.rule == "constant")
    assert finding.severity == "info"
    assert "nothing" in finding.message


def test_a_variable_that_cannot_be_read_is_an_error(game):
    info = json.loads((game / "data.json").read_text())["info"]
    info["outside"] = {"address": 16, "type": "|u1"}
    (game / "data.json").write_text(json.dumps({"info": info}))
    checkup = check(game)
    assert errors(checkup) == ["unreadable", "address-range"]
    assert "outside" in checkup.findings[0].message


def test_a_state_that_the_core_refuses_is_an_error_and_the_others_are_tried(game):
    (game / "Broken.state").write_bytes(gzip.compress(b"not a state"))
    (game / "NoGzip.state").write_bytes(b"not even gzip")
    checkup = check(game)
    assert {s.name: s.verdict for s in checkup.states} == {
        "Level1": "accepted", "Broken": "refused", "NoGzip": "refused",
    }  # fmt: skip
    assert errors(checkup) == ["state", "state"]


def test_a_state_that_unpacks_to_far_too_much_is_refused(game, monkeypatch):
    monkeypatch.setattr("neuroevo.tasks.retro.games.states.MAX_STATE_BYTES", 1000)
    with pytest.raises(TaskError, match="at most 1,000 bytes"):
        games.load_state(games.resolve_game(game.name, [game.parent]), "Level1")


def test_a_corrupt_state_that_kills_the_process_is_an_error_and_the_rest_is_tried(game):
    """With these bytes the core of the Genesis reads outside its memory, on Linux at least."""
    state = bytearray(gzip.decompress((game / "Level1.state").read_bytes()))
    generator = np.random.default_rng(3)
    for at in generator.integers(0, len(state), 100_000):
        state[at] = generator.integers(256)
    (game / "Corrupt.state").write_bytes(gzip.compress(bytes(state)))
    shutil.copy(game / "Level1.state", game / "Zulu.state")
    checkup = check(game)
    verdicts = {s.name: s.verdict for s in checkup.states}
    assert verdicts["Level1"] == verdicts["Zulu"] == "accepted"
    assert verdicts["Corrupt"] in ("killed it", "refused")
    assert errors(checkup) == ["state"]
    assert multiprocessing.active_children() == []


def test_lua_that_never_ends_is_an_error_and_its_process_is_ended(game):
    (game / "own.lua").write_text("function reward() while true do end end\n")
    change(game / "scenario.json", reward={"script": "lua:reward"}, scripts=["own.lua"])
    patient = CheckupSettings(seconds=2, allow_scripts=True, timeout_seconds=5)
    checkup = check(game, patient)
    assert [s.verdict for s in checkup.states] == ["hung"]
    assert errors(checkup) == ["state"]
    assert multiprocessing.active_children() == []


def test_foreign_lua_is_not_run_unless_allowed(game):
    (game / "own.lua").write_text("function reward() return 1 end\n")
    change(game / "scenario.json", reward={"script": "lua:reward"}, scripts=["own.lua"])
    refused = check(game)
    assert errors(refused) == ["scripts"]
    assert refused.states[0].played.reward == 0
    allowed = check(game, CheckupSettings(seconds=2, allow_scripts=True))
    assert errors(allowed) == []
    assert allowed.states[0].played.reward == 120


def test_a_scenario_that_is_done_at_once_is_an_error(game):
    change(game / "scenario.json", done={"variables": {"lives": {"op": "equal", "reference": 3}}})
    checkup = check(game, CheckupSettings(seconds=20))
    assert errors(checkup) == ["done-at-once"]
    played = checkup.states[0].played
    assert (played.first_done, played.num_frames) == (1, 1200)
    assert played.lows != played.highs  # it plays on all the same


def test_a_scenario_that_ends_later_starts_again(game):
    done = {"variables": {"gameover": {"op": "less-than", "reference": 9}}}
    change(game / "scenario.json", done=done)
    played = check(game, CheckupSettings(seconds=30)).states[0].played
    assert played.first_done > 1
    assert 1 < played.num_done < 10  # a player who stays dead would be done in 80 frames a death


def test_a_reward_that_never_comes_is_a_warning(game):
    change(game / "scenario.json", reward={"variables": {"lives": {"reward": 1}}})
    assert warnings(check(game)) == ["no-reward"]


def test_a_scenario_with_an_unknown_variable_is_an_error_and_the_rest_is_tried(game):
    change(game / "scenario.json", reward={"variables": {"points": {"reward": 1}}})
    checkup = check(game)
    assert set(errors(checkup)) == {"scenario", "unknown-variable"}
    assert checkup.states[0].verdict == "accepted"
    assert checkup.variables


def test_a_mistyped_scenario_is_an_error_with_the_names_there_are(game):
    checkup = check(game, CheckupSettings(seconds=1, scenario="scenarios"))
    finding = next(f for f in checkup.findings if f.severity == "error")
    assert finding.rule == "scenario"
    assert "It has: scenario." in finding.message


def test_a_damaged_rom_is_an_error_and_is_never_started(game):
    with (game / "rom.md").open("r+b") as rom:
        rom.seek(1000)
        rom.write(b"\xff")
    checkup = check(game)
    assert errors(checkup) == ["rom"]
    assert "sha1 must be" in checkup.findings[0].message
    assert checkup.states == checkup.variables == ()


def test_a_missing_rom_is_an_error_and_the_files_are_linted_all_the_same(game):
    (game / "rom.md").unlink()
    change(game / "scenario.json", rewrad={})
    checkup = check(game)
    assert errors(checkup) == ["rom"]
    assert "neuroevo games import" in checkup.findings[0].message
    assert warnings(checkup) == ["unknown-key"]


def test_data_that_stable_retro_cannot_load_is_one_error_of_the_start(game):
    (game / "data.json").write_text('{"info": {"score": {"type": "|u1"}}}')
    checkup = check(game)
    assert {"start", "missing-key"} <= set(errors(checkup))
    assert [s.verdict for s in checkup.states] == ["not tried"]


@pytest.mark.parametrize("text", ["{", "[]", '{"info": []}', '{"info": {"x": 5}}', '{"info": 1}'])
@pytest.mark.parametrize("file", ["data.json", "scenario.json", "metadata.json"])
def test_a_broken_file_never_stops_the_checkup(game, file, text):
    (game / file).write_text(text)
    checkup = check(game, CheckupSettings(seconds=1))
    if file != "metadata.json" or text[0] == "[":
        assert errors(checkup) or text.startswith('{"info"')


def test_a_game_without_states_is_played_from_power_on(game):
    (game / "Level1.state").unlink()
    checkup = check(game)
    assert [(s.name, s.verdict) for s in checkup.states] == [("power-on", "accepted")]
    assert errors(checkup) == ["default-state"]


def own_rom(tmp_path, name, file, rom, **variables):
    """A game of two files, whose ROM is a few bytes of ours."""
    folder = tmp_path / name
    folder.mkdir()
    (folder / file).write_bytes(rom)
    (folder / "data.json").write_text(json.dumps({"info": variables}))
    return folder


def test_a_game_that_stands_still_is_a_warning(tmp_path):
    jump_to_itself = b"\x18\xfe"
    rom = bytes(0x100) + jump_to_itself + bytes(0x7EFE)
    game = own_rom(tmp_path, "Loop-GameBoy", "rom.gb", rom, x={"address": 0xC000, "type": "|u1"})
    checkup = check(game)
    assert (errors(checkup), warnings(checkup)) == ([], ["stands-still"])
    assert {f.rule for f in checkup.findings if f.severity == "info"} >= {"rom", "no-scenario"}
    assert checkup.states[0].name == "power-on"


def test_a_rom_that_kills_its_core_is_one_error(tmp_path):
    """A megabyte of zeros with the mark of a Nintendo 64 ROM: its core dies of it, on Linux."""
    rom = b"\x80\x37\x12\x40" + bytes((1 << 20) - 4)
    game = own_rom(tmp_path, "Zero-N64", "rom.z64", rom)
    for name in ("One", "Two"):
        (game / f"{name}.state").write_bytes(gzip.compress(b""))
    checkup = check(game, CheckupSettings(seconds=1, timeout_seconds=20))
    assert errors(checkup) == ["start"]
    assert {s.verdict for s in checkup.states} == {"not tried"}
    assert multiprocessing.active_children() == []


@pytest.mark.parametrize("name", ["Airstriker-Genesis", "Wickling-Nes"])
def test_random_play_presses_much_but_nothing_of_the_machine(name):
    generator = np.random.default_rng(0)
    with Emulator.open(games.resolve_game(name)) as emulator:
        masks = [random_mask(emulator, generator) for _ in range(300)]
        pressed = {
            button for mask in masks for button, is_down in zip(emulator.buttons, mask, strict=True)
            if is_down
        }  # fmt: skip
        assert not pressed & FORBIDDEN
        assert {"UP", "DOWN", "LEFT", "RIGHT", "A", "B"} <= pressed
        for group in emulator.button_groups:
            together = 0
            for pattern in group:
                together |= pattern
            values = [sum(int(bit) << i for i, bit in enumerate(mask)) for mask in masks]
            assert {value & together for value in values} <= set(group)


def test_a_group_of_forbidden_buttons_only_leaves_nothing_to_press():
    assert legal_patterns(("START", "A"), (1, 3)) == [0]
    assert legal_patterns(("START", "A"), (0, 1, 2)) == [0, 2]


def wickling(folder, variable, spec):
    """Return a copy of Wickling whose scenario pays for one variable."""
    source = games.resolve_game("Wickling-Nes").folders[-1]
    ignored = shutil.ignore_patterns("Level*", "heldout*", "rom.sha", "solutions", "src", "tools")
    game = shutil.copytree(source, folder / "Mine-Nes", ignore=ignored)
    (game / "data.json").write_text(json.dumps({"info": {"way": variable}}))
    scenario = {"reward": {"variables": {"way": spec}}, "done": {"time": {"frames": 9}}}
    (game / "scenario.json").write_text(json.dumps(scenario))
    return game


@pytest.mark.parametrize(
    ("variable", "spec", "is_found"),
    [
        ({"address": 0x86, "type": "|u1"}, {"reward": 1}, True),  # the player's x on its screen
        ({"address": 0x86, "type": "|u1"}, {"reward": 1, "measurement": "absolute"}, False),
        ({"address": 0x86, "type": "<u2"}, {"reward": 1}, False),  # the next byte is no page
        ({"address": 0x75A, "type": "|i1"}, {"reward": 1}, False),  # lives
    ],
)
def test_a_reward_that_was_seen_to_wrap_is_a_warning(tmp_path, variable, spec, is_found):
    checkup = check(wickling(tmp_path, variable, spec), CheckupSettings(seconds=10))
    found = [f.message for f in checkup.findings if f.rule == "wraps" and f.severity == "warning"]
    assert len(found) == is_found
    if found:
        assert "within one frame of the random play, of 256 values" in found[0]
