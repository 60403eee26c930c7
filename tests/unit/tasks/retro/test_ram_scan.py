"""The search on work RAM made up for it: every kind and byte order, and what is none."""

from __future__ import annotations

import naive.ram_scan as naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.ram import position as ram_position
from neuroevo.tasks.retro.ram.history import RamHistory
from neuroevo.tasks.retro.ram.labels import FALLS, RISES, STILL, UNKNOWN, Labels
from neuroevo.tasks.retro.ram.scan import find_lives, find_positions, find_scores, find_timers
from neuroevo.tasks.retro.ram.scene import Scene, make_scene

NUM_FRAMES, NUM_BYTES, BASE = 900, 64, 0x100
MOTION = np.repeat([STILL, RISES, STILL, FALLS, STILL, RISES], 150).astype(np.int8)


def scene(
    rows: dict[int, np.ndarray],
    *,
    deaths: tuple[int, ...] = (),
    known: tuple[tuple[int, str, str], ...] = (),
    big_endian: bool = False,
) -> Scene:
    """One play; ``rows`` gives the values of some bytes, the others stay 0."""
    ram = np.zeros((NUM_FRAMES, NUM_BYTES), np.uint8)
    ram[:, 63] = np.random.default_rng(1).integers(0, 256, NUM_FRAMES)  # there is always noise
    for byte, values in rows.items():
        ram[:, byte] = values % 256
    history = history_of(ram)
    return make_scene([history], [Labels(MOTION, deaths, known)], is_big_endian=big_endian)


def history_of(ram: np.ndarray) -> RamHistory:
    columns = np.flatnonzero((ram != ram[0]).any(axis=0))
    return RamHistory(BASE, ram[0], columns, ram[:, columns], ((),) * (len(ram) - 1))


def best(candidates: list) -> list[tuple[int, str]]:
    return [(part.address - BASE, part.type) for part in candidates[0].parts]


def walk(start: int, speed: int) -> np.ndarray:
    """A position that follows MOTION; it turns to stand at once."""
    return start + np.cumsum(np.where(MOTION == UNKNOWN, 0, MOTION)) * speed


def steps(*frames: int, size: int = 1) -> np.ndarray:
    """A number that rises by ``size`` at these frames."""
    return sum(size * (np.arange(NUM_FRAMES) >= frame) for frame in frames)


@pytest.mark.parametrize(
    ("high", "low", "expected"),
    [
        (31, 30, [(30, "<u2")]),
        (29, 30, [(29, ">u2")]),
        (5, 30, [(5, "|u1"), (30, "|u1")]),
    ],
)
def test_a_position_is_found_with_its_high_byte_wherever_it_is(high, low, expected) -> None:
    x = walk(100, 3)
    found = find_positions(scene({low: x, high: x // 256, 7: walk(0, 0) + steps(200)}), "x")
    assert best(found) == expected
    assert found[0].score == pytest.approx(1.0)


def test_the_wraps_of_a_position_without_a_high_byte_are_told() -> None:
    found = find_positions(scene({30: walk(100, 3)}), "x")
    assert best(found) == [(30, "|u1")]
    assert "counted nowhere" in found[0].why
    assert found[0].score < 0.9


def test_on_a_68000_a_small_position_is_read_as_a_word() -> None:
    rows = {31: walk(100, 1) % 251}
    rows[31] = np.clip(walk(20, 1), 0, 255)
    assert best(find_positions(scene(rows, big_endian=True), "x")) == [(30, ">u2")]
    assert best(find_positions(scene(rows), "x")) == [(31, "|u1")]


def test_no_byte_counts_its_own_wraps() -> None:
    flips = np.where((np.arange(NUM_FRAMES) < 200) | (np.arange(NUM_FRAMES) >= 500), 255, 0)
    (one,) = (c for c in find_positions(scene({30: flips}), "x") if c.parts[0].address == BASE + 30)
    assert len(one.parts) == 1
    assert "counted nowhere" in one.why


def test_a_camera_that_never_goes_back_is_no_position() -> None:
    x = walk(100, 3)
    found = find_positions(scene({30: x, 31: x // 256, 40: np.maximum.accumulate(x)}), "x")
    assert best(found) == [(30, "<u2")]
    assert 40 not in [part.address - BASE for c in found for part in c.parts]


def test_a_wall_makes_a_position_no_worse_than_a_byte_that_runs_at_random() -> None:
    x = np.minimum(walk(100, 3), 150)
    noise = np.random.default_rng(2).integers(0, 256, NUM_FRAMES)
    assert best(find_positions(scene({30: x, 12: noise}), "x")) == [(30, "|u1")]


def test_a_position_needs_a_direction() -> None:
    one = scene({30: walk(0, 1)})
    labels = Labels(np.zeros(NUM_FRAMES, np.int8))
    ram = np.zeros((NUM_FRAMES, 4), np.uint8)
    ram[:, 0] = one.values[:, 0]
    with pytest.raises(TaskError, match="x: a position must be looked for where it changes"):
        find_positions(make_scene([history_of(ram)], [labels]), "x")


def test_lives_are_told_from_what_falls_at_other_times_too() -> None:
    deaths = (400, 650)
    lives = 3 - steps(390, 655)
    rows = {20: lives, 21: 3 - steps(390, 655, 100), 22: 3 - steps(390), 23: lives * 2}
    found = find_lives(scene(rows, deaths=deaths), "lives")
    assert best(found) == [(20, "|i1")]
    assert found[0].score == 1.0
    assert found[1].score < 0.7


def test_two_deaths_close_together_count_twice() -> None:
    lives = 3 - steps(400, 450)
    found = find_lives(scene({20: lives, 21: 3 - steps(420)}, deaths=(400, 450)), "lives")
    assert [c.score for c in found[:2]] == [1.0, 0.5]
    assert best(found) == [(20, "|i1")]


def test_lives_need_a_death() -> None:
    with pytest.raises(TaskError, match="lives must be looked for where a life is lost"):
        find_lives(scene({}), "lives")


def test_a_score_in_single_digits_is_found_with_its_zeros_by_a_known_value() -> None:
    total = steps(170, 300, 410, 500, 640, 660, 700, 710, 720, 730, 740, size=3)
    rows = {20: total // 10 % 10, 21: total % 10}
    by_play = find_scores(scene(rows), "score")
    assert best(by_play) == [(20, ">n2")]
    assert "3 zeros follow" in by_play[0].why
    known = ((800, "score", "3300"), (0, "score", "0"), (800, "lives", "2"))
    assert best(find_scores(scene(rows, known=known), "score")) == [(20, ">n4")]
    assert find_scores(scene(rows, known=((800, "score", "3301"),)), "score") == []


def test_a_number_has_the_digits_that_the_screen_shows() -> None:
    total = steps(170, 300, 410, 500, 640, 660, 700, 710, 720, 730, 740, size=3)
    rows = {20: total // 10 % 10, 21: total % 10}
    shown = scene(rows, known=((800, "score", "003300"),))
    assert best(find_scores(shown, "score")) == [(18, ">n6")]
    taken = {**rows, 18: steps(100, 101)}
    assert best(find_scores(scene(taken, known=((800, "score", "003300"),)), "score")) != [
        (18, ">n6")
    ]


@pytest.mark.parametrize("first", [True, False])
def test_a_score_in_packed_digits_is_found_in_both_orders(first) -> None:
    total = steps(*range(160, 890, 10), size=7)
    packed = [total // 100 % 10, total // 10 % 10 * 16 + total % 10]
    high, low = (20, 21) if first else (21, 20)
    found = find_scores(scene({high: packed[0], low: packed[1]}), "score")
    assert best(found) == [(20, ">d2" if first else "<d2")]


def test_a_binary_score_of_two_bytes_is_found_in_both_orders() -> None:
    total = steps(*range(170, 890, 20), size=50)
    for high, low, kind in ((20, 21, ">u2"), (21, 20, "<u2")):
        found = find_scores(scene({high: total // 256, low: total}), "score")
        assert best(found) == [(20, kind)]
        assert "by 50 or a multiple" in found[0].why


def test_a_frame_counter_is_no_score() -> None:
    counter = np.arange(NUM_FRAMES)
    total = steps(200, 350, 500, 700, size=10)
    found = find_scores(scene({30: counter, 31: counter // 256, 20: total}), "score")
    assert best(found) == [(20, "|u1")]


@pytest.mark.parametrize("is_digits", [True, False])
def test_a_timer_is_found_as_digits_or_as_bytes(is_digits) -> None:
    clock = 300 - np.arange(NUM_FRAMES) // 5
    digits = {20: clock // 100, 21: clock // 10 % 10, 22: clock % 10}
    rows = digits if is_digits else {20: clock % 256, 21: clock // 256}
    found = find_timers(scene({**rows, 40: 200 - steps(3, 4, 90, 400, 411)}), "time")
    assert best(found) == [(20, ">n3" if is_digits else "<u2")]
    assert "every 5 frames" in found[0].why
    assert found[0].score > 0.99


def test_a_timer_that_starts_again_after_a_death_is_found_all_the_same() -> None:
    frames = np.arange(NUM_FRAMES)
    clock = 99 - np.where(frames < 450, frames, frames - 450) // 9
    found = find_timers(scene({20: clock // 10, 21: clock % 10}, deaths=(430,)), "time")
    assert best(found) == [(20, ">n2")]


def test_plays_laid_end_to_end_make_no_step_between_them() -> None:
    ram = np.zeros((NUM_FRAMES, 8), np.uint8)
    ram[:, 2] = steps(200, 400, 600, size=10)
    plays = [history_of(ram), history_of(ram)]  # the second begins at 0 again
    one = make_scene(plays, [Labels(MOTION), Labels(MOTION, known=((700, "score", "30"),))])
    assert one.known == ((NUM_FRAMES + 700, "score", "30"),)
    assert best(find_scores(one, "score")) == [(2, "|u1")]


def test_a_byte_that_differs_only_from_play_to_play_is_kept() -> None:
    ram = np.zeros((NUM_FRAMES, 8), np.uint8)
    ram[:, 2] = steps(300)
    other = ram.copy()
    other[:, 5] = 9
    one = make_scene([history_of(ram), history_of(other)], [Labels(MOTION)] * 2)
    assert one.columns.tolist() == [2, 5]
    assert one.values[[0, -1], 1].tolist() == [0, 9]
    assert not one.steps[:, 1].any()


def test_work_ram_in_which_nothing_happens_is_refused() -> None:
    ram = np.zeros((10, 8), np.uint8)
    with pytest.raises(TaskError, match="something must change"):
        make_scene([history_of(ram)], [Labels(np.zeros(10, np.int8))])


VALUES = arrays.arrays(np.uint8, st.tuples(st.integers(40, 90), st.integers(1, 4)))


@given(VALUES, st.data())
def test_the_shares_equal_those_of_the_slow_twin(values, data) -> None:
    length = len(values)
    segments = data.draw(st.lists(st.sampled_from([RISES, FALLS, STILL, UNKNOWN]), min_size=3,
                                  max_size=3))  # fmt: skip
    motion = np.resize(np.repeat(segments, 15), length).astype(np.int8)
    deaths = tuple(data.draw(st.lists(st.integers(0, length - 1), max_size=1)))
    history = RamHistory(0, values[0], np.arange(values.shape[1]), values, ((),) * (length - 1))
    one = make_scene([history], [Labels(motion, deaths)])
    shares = ram_position._shares(one)
    judged = [not near for near in one.near_death().tolist()]
    for column in range(values.shape[1]):
        series = values[:, column].tolist()
        counts = naive.judge(series, motion.tolist(), judged, ram_position.WINDOW)
        for label, share in ((RISES, shares.rises), (FALLS, shares.falls)):
            windows, moves, ups = counts[label]
            assert (share is None) == (windows < ram_position.LEAST_WINDOWS)
            if share is not None and label == RISES:
                assert share[column, 0] == pytest.approx(moves / windows)
                assert share[column, 1] == pytest.approx(ups / max(1, moves))
        windows, moves, _ = counts[STILL]
        assert (shares.still is None) == (windows < ram_position.LEAST_WINDOWS)
        if shares.still is not None:
            assert shares.still[column] == pytest.approx(1 - moves / windows)


@given(st.lists(st.integers(0, 255), min_size=2, max_size=60))
def test_the_wraps_equal_those_of_the_slow_twin(series) -> None:
    values = np.array(series, np.uint8)[:, None]
    history = RamHistory(0, values[0], np.arange(1), values, ((),) * (len(series) - 1))
    one = make_scene([history], [Labels(np.zeros(len(series), np.int8))])
    assert ram_position._carries(one, 0).tolist() == naive.wraps(series)


@given(arrays.arrays(np.uint8, (40, 5), elements=st.integers(0, 3)))
def test_no_number_that_falls_is_called_a_score(values) -> None:
    columns = np.flatnonzero((values != values[0]).any(axis=0))
    if not len(columns):
        return
    history = RamHistory(0, values[0], columns, values[:, columns], ((),) * 39)
    one = make_scene([history], [Labels(np.zeros(40, np.int8))])
    for candidate in find_scores(one, "score"):
        part = candidate.parts[0]
        size = int(part.type[2:])
        order = range(size) if part.type[0] != "<" else range(size - 1, -1, -1)
        rows = values[:, [part.address + i for i in order]].tolist()
        assert naive.falls_never(rows)
