"""The rules of Wickling, each on a plain that the test builds (see builders.wickling)."""

from __future__ import annotations

import pytest
from builders.wickling import (
    AIR,
    BEETLE,
    CRATE,
    CRICKET,
    GLASS,
    MOTH,
    NEWT,
    PLANK_FALLING,
    PLANK_SIDEWAYS,
    PLANK_UPWARD,
    SPARK,
    STONE,
    THISTLE,
    THORNS,
    TILE,
    WINDOW_COLUMNS,
    Machine,
    Playground,
    at,
)


@pytest.fixture(scope="module")
def machine():
    with Machine() as machine:
        yield machine


@pytest.fixture
def plain(machine):
    return Playground(machine)


def speed(rams):
    """Pixels per frame over some frames."""
    return (at.player_x(rams[-1]) - at.player_x(rams[0])) / (len(rams) - 1)


def height(rams):
    """How many pixels above the first frame the player got."""
    return rams[0][at.Y] - min(ram[at.Y] for ram in rams)


def jump(plain, held):
    """Jump from standing with A held for some frames; return the frames to the landing."""
    start = plain.hold("", 1)
    return start + plain.hold("A", held) + plain.hold_until(lambda ram: ram[at.ON_GROUND] == 1)


def hurt_to_death(ram):
    return ram[at.STATE] == at.DYING_HURT


def falls(ram):
    return ram[at.ON_GROUND] == 0 and 0 < ram[at.SPEED_Y] < 0x80


# Walking


@pytest.mark.parametrize(("buttons", "sign"), [("RIGHT", 1), ("LEFT", -1)])
def test_walking_reaches_one_and_a_half_pixels_per_frame(plain, buttons, sign):
    plain.hold("RIGHT+B", 120)
    plain.hold("", 60)
    rams = plain.hold(buttons, 60)
    assert speed(rams[-21:]) == pytest.approx(1.5 * sign, abs=0.06)
    assert rams[-1][at.FACING] == (1 if sign > 0 else 2)


def test_running_reaches_two_and_a_half_pixels_per_frame(plain):
    rams = plain.hold("RIGHT+B", 100)
    assert speed(rams[-21:]) == pytest.approx(2.5, abs=0.06)
    assert rams[-1][at.SPEED_X] == 2


def test_speed_grows_step_by_step(plain):
    rams = plain.hold("RIGHT+B", 12)
    assert speed(rams) < 0.7


def test_friction_stops_after_a_slide(plain):
    plain.hold("RIGHT+B", 60)
    rams = plain.hold("", 60)
    slide = at.player_x(rams[-1]) - at.player_x(rams[0])
    assert 10 < slide < 60
    assert speed(rams[-10:]) == 0


def test_letting_go_of_b_slows_down_to_walking(plain):
    plain.hold("RIGHT+B", 60)
    assert speed(plain.hold("RIGHT", 60)[-21:]) == pytest.approx(1.5, abs=0.06)


def test_left_and_right_together_do_not_walk(plain):
    assert speed(plain.hold("LEFT+RIGHT", 30)) == 0


@pytest.mark.parametrize("buttons", ["RIGHT", "RIGHT+B", "RIGHT+B+A"])
def test_a_wall_stops_the_body_in_front_of_it(plain, buttons):
    wall = plain.column + 5
    for row in range(plain.floor):
        plain.set_tile(wall, row, STONE)
    rams = plain.hold(buttons, 90)
    assert max(at.player_x(ram) for ram in rams) + 13 == wall * TILE - 1
    assert rams[-1][at.SPEED_X] == 0


def test_a_wall_stops_the_body_on_the_way_back(plain):
    plain.hold("RIGHT+B", 60)
    wall = plain.column - 4
    plain.set_tile(wall, plain.floor - 1, STONE)
    rams = plain.hold("LEFT+B", 120)
    assert min(at.player_x(ram) for ram in rams) + 2 == (wall + 1) * TILE


def test_the_camera_never_goes_back_and_holds_the_body_on_the_screen(plain):
    plain.hold("RIGHT+B", 150)
    rams = plain.hold("LEFT+B", 200)
    cameras = [at.camera_x(ram) for ram in rams]
    assert cameras[0] > 100
    assert cameras == sorted(cameras)
    assert at.player_x(rams[-1]) == cameras[-1]


# Jumping


def test_a_tap_jumps_lower_than_a_long_press(plain):
    low, middle, high = (height(jump(plain, held)) for held in (2, 10, 40))
    assert low == pytest.approx(1.5 * TILE, abs=6)
    assert low + 8 < middle < high - 8
    assert high == pytest.approx(65, abs=4)


def test_a_held_jump_lasts_about_48_frames(plain):
    rams = plain.hold("A", 60)
    assert sum(ram[at.ON_GROUND] == 0 for ram in rams) == pytest.approx(48, abs=6)


@pytest.mark.parametrize(("buttons", "tiles"), [("RIGHT", 4.5), ("RIGHT+B", 7.5)])
def test_jumps_reach_as_far_as_levels_are_built_for(plain, buttons, tiles):
    plain.hold(buttons, 60)
    start = plain.x
    rams = plain.hold(f"{buttons}+A", 2)
    rams += plain.hold_until(lambda ram: ram[at.ON_GROUND] == 1, f"{buttons}+A")
    assert (at.player_x(rams[-1]) - start) / TILE == pytest.approx(tiles, abs=0.6)


def test_holding_a_jumps_only_once(plain):
    plain.hold("A", 60)
    assert all(ram[at.ON_GROUND] == 1 for ram in plain.hold("A", 60))
    plain.hold("", 1)
    assert plain.hold("A", 3)[-1][at.ON_GROUND] == 0


def test_a_press_in_the_air_does_nothing(plain):
    jump_frames = height(jump(plain, 2))
    plain.hold("", 10)
    rams = plain.hold("", 1) + plain.hold("A", 2) + plain.hold("", 4)
    rams += plain.hold("A", 2)
    rams += plain.hold_until(lambda ram: ram[at.ON_GROUND] == 1)
    assert height(rams) <= jump_frames + 3  # holding A while rising only weakens gravity


def test_motion_tells_ground_jump_and_fall(plain):
    motions = [ram[at.MOTION] for ram in jump(plain, 20)]
    assert motions[0] == 0
    assert motions[-1] == 0
    assert 1 in motions
    plain.dig(plain.column + 2, plain.column + 8)
    plain.hold_until(lambda ram: ram[at.MOTION] == 2, "RIGHT")


def test_a_ceiling_stops_the_jump(plain):
    gap = 3
    for column in range(WINDOW_COLUMNS):
        plain.set_tile(column, plain.floor - 1 - gap, STONE)
    rams = jump(plain, 40)
    assert height(rams) == (gap - 1) * TILE
    assert sum(ram[at.ON_GROUND] == 0 for ram in rams) < 30


def test_a_crate_breaks_from_below_and_gives_a_spark(plain):
    row = plain.floor - 4
    for column in (plain.column - 1, plain.column, plain.column + 1):
        plain.set_tile(column, row, CRATE)
    before = plain.ram
    rams = jump(plain, 30)
    assert AIR in [plain.tile(plain.column + side, row) for side in (-1, 0, 1)]
    assert rams[-1][at.SPARKS] > before[at.SPARKS]
    assert at.score(rams[-1]) > at.score(before)


def test_a_crate_stays_whole_when_touched_from_the_side(plain):
    wall = plain.column + 3
    plain.set_tile(wall, plain.floor - 1, CRATE)
    plain.hold("RIGHT+B", 60)
    assert plain.x + 13 == wall * TILE - 1
    assert plain.tile(wall, plain.floor - 1) == CRATE


# Losing


def test_a_pit_costs_one_life(plain):
    plain.dig(plain.column + 2, plain.column + 6)
    lives = plain.ram[at.LIVES]
    rams = plain.hold_until(lambda ram: ram[at.STATE] == at.DYING_PIT, "RIGHT")
    assert rams[-1][at.VERTICAL_PAGE] >= 2
    assert rams[-1][at.LIVES] == lives - 1
    rams = plain.hold_until(lambda ram: ram[at.STATE] == at.PLAYING)
    assert rams[-1][at.LIVES] == lives - 1
    assert rams[-1][at.LEVEL] == 0


@pytest.mark.parametrize("kind", [BEETLE, NEWT, MOTH, CRICKET, THISTLE])
def test_every_creature_hurts_from_the_side(plain, kind):
    lives = plain.ram[at.LIVES]
    plain.place(kind, right=40, speed=-0x80)
    rams = plain.hold_until(hurt_to_death, "RIGHT", 60)
    assert rams[-1][at.LIVES] == lives - 1


def test_thorns_hurt(plain):
    plain.set_tile(plain.column + 3, plain.floor - 1, THORNS)
    lives = plain.ram[at.LIVES]
    rams = plain.hold_until(hurt_to_death, "RIGHT", 90)
    assert rams[-1][at.LIVES] == lives - 1


@pytest.mark.parametrize("kind", [BEETLE, NEWT, CRICKET])
def test_a_creature_is_beaten_by_a_stomp(plain, kind):
    plain.hold("A", 20)
    plain.hold_until(falls)
    before = plain.ram
    plain.place(kind, right=0, up=-(plain.floor * TILE - before[at.Y]))
    rams = plain.hold_until(lambda ram: ram[at.ACTIVE] == 0, limit=40)
    assert rams[-1][at.LIVES] == before[at.LIVES]
    assert rams[-1][at.STATE] == at.PLAYING
    assert at.score(rams[-1]) > at.score(before)
    assert rams[-1][at.SPEED_Y] >= 0x80, "the player must bounce"


def test_a_moth_is_beaten_by_a_stomp_in_the_air(plain):
    plain.hold("A", 20)
    plain.hold_until(falls)
    plain.place(MOTH, right=0, up=-30)
    plain.hold_until(lambda ram: ram[at.ACTIVE] == 0, limit=40)
    assert plain.ram[at.STATE] == at.PLAYING


def test_a_stomped_thistle_hurts(plain):
    plain.hold("A", 20)
    plain.hold_until(falls)
    plain.place(THISTLE, right=0, up=-(plain.floor * TILE - plain.ram[at.Y]))
    rams = plain.hold_until(hurt_to_death, limit=40)
    assert rams[-1][at.ACTIVE] == 1


def test_the_glass_is_lost_before_the_life_and_shields_for_a_while(plain):
    plain.set_tile(plain.column + 2, plain.floor - 1, GLASS)
    rams = plain.hold_until(lambda ram: ram[at.POWER] == 1, "RIGHT", 60)
    lives = rams[-1][at.LIVES]
    plain.hold("", 30)
    assert plain.tile(plain.column, plain.floor - 1) == AIR
    plain.place(BEETLE, right=0)
    rams = plain.hold("", 60)
    assert rams[-1][at.POWER] == 0
    assert all(ram[at.STATE] == at.PLAYING and ram[at.LIVES] == lives for ram in rams)
    shields = [ram[at.INVULNERABLE] for ram in rams]
    assert shields[-1] > 0
    assert shields == sorted(shields, reverse=True)
    plain.hold_until(hurt_to_death, limit=120)
    assert plain.ram[at.LIVES] == lives - 1


def test_time_runs_and_kills_at_zero_glass_or_not(plain):
    plain.poke("power", 1)
    plain.poke("time", 0, 0)
    plain.poke("time", 0, 1)
    plain.poke("time", 2, 2)
    lives = plain.ram[at.LIVES]
    rams = plain.hold_until(hurt_to_death, limit=200)
    assert {ram[at.TIME + 2] for ram in rams[:-1]} == {2, 1}
    assert rams[-1][at.TIME + 2] == 0
    assert rams[-1][at.LIVES] == lives - 1


def test_the_third_death_is_the_end_of_the_game(plain):
    lives = []
    for _ in range(3):
        plain.dig(0, WINDOW_COLUMNS - 1)
        rams = plain.hold_until(lambda ram: ram[at.STATE] == at.DYING_PIT)
        lives.append(rams[-1][at.LIVES])
        plain.hold_until(lambda ram: ram[at.STATE] != at.DYING_PIT)
        plain.hold("", 40)  # the level is being read again
    assert lives == [1, 0, 0xFF]
    before = plain.ram
    assert before[at.STATE] == at.GAME_OVER
    after = plain.hold("RIGHT+A", 60)[-1]
    assert (at.player_x(after), after[at.Y], after[at.STATE]) == (
        at.player_x(before),
        before[at.Y],
        at.GAME_OVER,
    )


# Winning


def test_sparks_and_score_count(plain):
    first = plain.column + 2
    for column in range(first, first + 3):
        plain.set_tile(column, plain.floor - 1, SPARK)
    before = plain.ram
    rams = plain.hold("RIGHT", 80)
    assert rams[-1][at.SPARKS] == before[at.SPARKS] + 3
    assert at.score(rams[-1]) > at.score(before)
    assert [plain.tile(c, plain.floor - 1) for c in range(first, first + 3)] == [AIR] * 3


def test_the_hundredth_spark_gives_a_life(plain):
    plain.poke("sparks", 99)
    plain.set_tile(plain.column + 2, plain.floor - 1, SPARK)
    lives = plain.ram[at.LIVES]
    rams = plain.hold_until(lambda ram: ram[at.SPARKS] == 0, "RIGHT", 80)
    assert rams[-1][at.LIVES] == lives + 1


def test_the_beacon_ends_the_level_and_the_next_one_follows(plain):
    goal = plain.x + 60
    plain.poke("own_goal_x", goal & 0xFF)
    plain.poke("own_goal_x", goal >> 8, 1)
    rams = plain.hold_until(lambda ram: ram[at.GOAL] == 1, "RIGHT", 80)
    assert rams[-1][at.STATE] == at.BEACON
    assert rams[-1][at.BEACONS] == 1
    assert at.player_x(rams[-1]) >= goal > at.player_x(rams[-2])
    rams = plain.hold_until(lambda ram: ram[at.LEVEL] == 1, "RIGHT", 900)
    ram = plain.hold_until(lambda ram: ram[at.STATE] == at.PLAYING, limit=60)[-1]
    assert ram[at.GOAL] == 0
    assert ram[at.BEACONS] == 1
    assert at.score(ram) > 0


# Planks


def test_a_sideways_plank_carries_the_player(plain):
    plain.dig(plain.column - 3, plain.column + 9)
    plain.place_plank(PLANK_SIDEWAYS, right=-8)
    places = []
    for _ in range(100):
        ram = plain.hold("", 1)[0]
        places.append((ram[at.OBJECT_PAGE] << 8 | ram[at.OBJECT_X], at.player_x(ram)))
    assert places[-1][0] != places[0][0]
    riding = places[10:]
    assert len({player - plank for plank, player in riding}) == 1
    assert plain.ram[at.ON_GROUND] == 1


def test_a_plank_carries_no_longer_after_a_jump(plain):
    plain.place_plank(PLANK_SIDEWAYS, right=-8)
    plain.dig(plain.column - 1, plain.column + 1)
    riding = plain.hold("", 20)
    assert at.player_x(riding[-1]) > at.player_x(riding[0])
    rams = plain.hold("A", 2) + plain.hold("A", 20)
    assert {at.player_x(ram) for ram in rams[1:]} == {at.player_x(rams[1])}


def test_an_upward_plank_lifts_the_player(plain):
    plain.dig(plain.column - 3, plain.column + 9)
    plain.place_plank(PLANK_UPWARD, right=-8)
    rams = plain.hold("", 120)
    feet_above_plank = {ram[at.OBJECT_Y] - ram[at.Y] for ram in rams[10:]}
    assert len(feet_above_plank) == 1
    assert height(rams) > TILE
    assert rams[-1][at.STATE] == at.PLAYING


def test_a_falling_plank_falls_when_stood_on_and_only_then(plain):
    plain.dig(plain.column - 3, plain.column + 9)
    plain.place(PLANK_FALLING, right=64, up=TILE, slot=1)
    plain.place_plank(PLANK_FALLING, right=-8)
    before = plain.ram
    ram = plain.hold("", 60)[-1]
    assert ram[at.OBJECT_Y] > before[at.OBJECT_Y]
    assert ram[at.OBJECT_Y + 1] == before[at.OBJECT_Y + 1]


def test_a_plank_lets_the_player_through_from_below(plain):
    plain.place_plank(PLANK_FALLING, right=-8, up=40)
    rams = plain.hold("", 1) + plain.hold("A", 40)
    assert height(rams) > 60
    rams = plain.hold_until(lambda ram: ram[at.ON_GROUND] == 1)
    assert plain.floor * TILE - rams[-1][at.Y] == 40


# Creatures have ways of their own


def test_a_beetle_falls_off_a_ledge_where_a_newt_turns(plain):
    edge = plain.column + 4
    plain.dig(edge, edge + 3)
    right = (edge + 6) * TILE - plain.x
    plain.place(BEETLE, right, speed=-0x80, slot=0)
    plain.place(NEWT, right, speed=-0x80, slot=1)
    rams = plain.hold("", 150)
    newts = [ram[at.OBJECT_PAGE + 1] << 8 | ram[at.OBJECT_X + 1] for ram in rams]
    assert any(ram[at.ACTIVE] == 0 or ram[at.OBJECT_Y] > plain.floor * TILE + 20 for ram in rams)
    assert rams[-1][at.ACTIVE + 1] == 1
    assert min(newts) > (edge + 3) * TILE
    assert newts[-1] > min(newts), "the newt must turn"


def test_a_walker_turns_at_a_wall(plain):
    wall = plain.column + 4
    plain.set_tile(wall, plain.floor - 1, STONE)
    plain.place(THISTLE, right=6 * TILE, speed=-0x120)
    places = [ram[at.OBJECT_PAGE] << 8 | ram[at.OBJECT_X] for ram in plain.hold("", 60)]
    assert min(places) >= wall * TILE + 8
    assert places[-1] > min(places)


def test_a_moth_flies_in_a_wave(plain):
    plain.place(MOTH, right=120, up=60, speed=-0xC0)
    heights = [ram[at.OBJECT_Y] for ram in plain.hold("", 70)]
    assert max(heights) - min(heights) == pytest.approx(40, abs=2)


def test_a_cricket_hops_toward_the_player(plain):
    plain.place(CRICKET, right=100)
    rams = plain.hold("", 130)
    places = [ram[at.OBJECT_PAGE] << 8 | ram[at.OBJECT_X] for ram in rams]
    assert places[-1] < places[0] - 30
    assert rams[0][at.OBJECT_Y] - min(ram[at.OBJECT_Y] for ram in rams) > 8


# Pause


def test_a_pause_stops_everything_and_start_goes_on(plain):
    plain.place(BEETLE, right=100, speed=-0x80)
    plain.hold("RIGHT", 20)
    plain.hold("RIGHT+START", 1)
    first = plain.ram
    assert first[at.PAUSED] == 1
    rams = plain.hold("RIGHT+A", 60)
    watched = [*range(0x0F, 0x60), *range(0x6D, 0x90), *range(0xCE, 0xD4)]
    watched += [*range(0x500, 0x6A0), *range(0x700, 0x70B), *range(0x750, 0x760)]
    watched += [*range(at.SCORE, at.SCORE + 6), *range(at.TIME, at.TIME + 3)]
    for ram in rams:
        assert [a for a in watched if ram[a] != first[a]] == []
    plain.hold("RIGHT+START", 1)
    plain.hold("RIGHT", 20)
    assert plain.ram[at.PAUSED] == 0
    assert plain.x > at.player_x(first)


def test_select_without_a_pause_does_nothing(plain):
    plain.hold("SELECT", 5)
    plain.hold("", 60)
    assert plain.ram[at.LEVEL] == 0
