"""The tools that search ways, make states and play blind."""

from __future__ import annotations

import itertools

import pytest
from builders.rom_tool import shipped_levels
from builders.wickling import (
    NUM_LEVELS,
    STATE_NAMES,
    GameError,
    Machine,
    at,
    find_way,
    make_states,
    mask_of,
    play_blind,
    ways,
)


@pytest.fixture(scope="module")
def machine():
    with Machine() as machine:
        yield machine


def test_the_tools_know_the_levels_from_their_texts():
    assert STATE_NAMES[:5] == ("Practice", "Level1", "Level2", "Level3", "Level4")
    assert len(STATE_NAMES) == NUM_LEVELS == len(shipped_levels())
    assert ways.level_name(1) == shipped_levels()[1].name


@pytest.mark.parametrize("level", range(1, 12))
def test_every_level_has_one_held_out_start_a_tenth_of_it_from_others(monkeypatch, level):
    names = tuple(f"Level{number}" for number in range(12))
    monkeypatch.setattr(make_states, "STATE_NAMES", names)
    *training, held_out = make_states.wanted_starts(level, goal=1000)
    assert (held_out.name, held_out.held_out) == (f"heldout-Level{level}", True)
    assert [start.name for start in training] == [f"Level{level}-{letter}" for letter in "abc"]
    assert not any(start.held_out for start in training)
    assert min(abs(start.x - held_out.x) for start in training) >= 100


def test_a_search_finds_a_way_through_the_practice_level(machine):
    start = machine.level_start(0)
    frames = find_way.find_way(machine, "Practice", start, seconds=60)
    assert ways.reaches_goal(machine, start, frames)
    assert not ways.reaches_goal(machine, start, frames[:-20])


def test_a_search_without_success_says_how_far_it_got(machine):
    with pytest.raises(GameError, match=r"as far as\s+x \d+ .*more --seconds"):
        find_way.find_way(machine, "Level1", machine.level_start(1), seconds=0)


def test_a_way_survives_writing_and_reading(tmp_path):
    frames = ["RIGHT+B"] * 30 + [""] * 2 + ["RIGHT+B+A"] * 200
    path = tmp_path / "Level1-a.txt"
    path.write_text(ways.way_text("Level1-a", 1, frames), encoding="utf-8")
    way = ways.read_way("Level1-a", path)
    assert (way.start, way.level, way.frames) == ("Level1-a", 1, frames)
    assert "  30 RIGHT+B\n   2 -\n 200 RIGHT+B+A\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new"),
    [("30 RIGHT", "31 RIGHT"), ("start: Level1", "start: Level2"), ("30", "x"), ("rom:", "r:")],
)
def test_a_damaged_way_is_refused(tmp_path, old, new):
    path = tmp_path / "way.txt"
    text = ways.way_text("Level1", 1, ["RIGHT"] * 30)
    path.write_text(text.replace(f"\n  {old}", f"\n  {new}").replace(f"\n{old}", f"\n{new}"))
    with pytest.raises(ValueError, match="must be a way from Level1"):
        ways.read_way("Level1", path)


def test_an_unknown_button_is_refused():
    with pytest.raises(ValueError, match="RIHGT"):
        mask_of("RIHGT+A")


def test_the_same_blind_player_holds_the_same_buttons_again():
    for player in (play_blind.Player("random", seed=3), play_blind.Player("rhythm", 20, 6)):
        first, again = (list(itertools.islice(play_blind.pattern(player), 50)) for _ in range(2))
        assert first == again
    other = play_blind.pattern(play_blind.Player("random", seed=4))
    assert list(itertools.islice(other, 50)) != first


def test_blind_players_cover_every_period_with_steps_of_duty():
    rhythms = [player for player in play_blind.players(quick=False) if player.period]
    assert {player.period for player in rhythms} == set(range(4, 121))
    assert {player.family for player in rhythms} == {"rhythm", "rhythm + run"}
    assert all(0 < player.duty < player.period for player in rhythms)
    of_60 = sorted({player.duty for player in rhythms if player.period == 60})
    assert of_60 == list(range(6, 60, 6))


@pytest.mark.parametrize("level", range(NUM_LEVELS))
def test_simple_blind_players_do_not_finish_a_level(machine, level):
    start = machine.level_start(level)
    players = [play_blind.Player(family) for family in ("nothing", "right", "right + run")]
    players += [play_blind.Player("rhythm + run", *beat) for beat in ((40, 24), (60, 30), (90, 6))]
    outcomes = [play_blind.play(machine, start, player) for player in players]
    assert not any(outcome.finished for outcome in outcomes)
    assert outcomes[0].num_frames >= play_blind.STALL_FRAMES or outcomes[0].best_x < 100
    assert max(outcome.best_x for outcome in outcomes) > outcomes[0].best_x


def test_a_blind_player_that_reaches_the_beacon_counts_as_a_finisher(machine):
    """Placed in front of the beacon, holding right is enough."""
    machine.reset(machine.level_start(0))
    x = at.player_x(machine.ram()) + 30
    machine.poke(at.GOAL_X, x & 0xFF)
    machine.poke(at.GOAL_X + 1, x >> 8)
    outcome = play_blind.play(machine, machine.save(), play_blind.Player("right"))
    assert outcome.finished
    assert outcome.best_x == x
