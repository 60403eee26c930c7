"""Where no byte fits, the search says what came nearest and which labels that breaks."""

from __future__ import annotations

import numpy as np
import pytest

from neuroevo.tasks.retro.ram.history import RamHistory
from neuroevo.tasks.retro.ram.labels import FALLS, RISES, STILL, Labels
from neuroevo.tasks.retro.ram.nearest import no_candidate
from neuroevo.tasks.retro.ram.scan import KINDS
from neuroevo.tasks.retro.ram.scene import Scene, make_scene

NUM_FRAMES, NUM_BYTES, BASE = 600, 32, 0x100
MOTION = np.repeat([STILL, RISES, STILL, FALLS], NUM_FRAMES // 4).astype(np.int8)
FRAMES = np.arange(NUM_FRAMES)
Known = tuple[tuple[int, str, str], ...]


def scene(
    rows: dict[int, np.ndarray], *, deaths: tuple[int, ...] = (), known: Known = (), plays: int = 1
) -> Scene:
    """``rows`` gives the values of some bytes, the others stay 0; labels are of the last play."""
    ram = np.zeros((NUM_FRAMES, NUM_BYTES), np.uint8)
    for byte, values in rows.items():
        ram[:, byte] = values % 256
    columns = np.flatnonzero((ram != ram[0]).any(axis=0))
    history = RamHistory(BASE, ram[0], columns, ram[:, columns], ((),) * (NUM_FRAMES - 1))
    bare = [Labels(MOTION)] * (plays - 1)
    return make_scene([history] * plays, [*bare, Labels(MOTION, deaths, known)])


def digits(values: np.ndarray, first: int, count: int) -> dict[int, np.ndarray]:
    """The bytes of a number, a digit each."""
    return {first + i: values // 10 ** (count - 1 - i) % 10 for i in range(count)}


SCORE = 120 * (FRAMES >= 100) + 30 * (FRAMES >= 300) + 50 * (FRAMES >= 500)


def test_one_wrong_score_of_three_is_named_with_what_is_there() -> None:
    known = ((150, "score", "0120"), (350, "score", "0150"), (550, "score", "0210"))
    given = scene(digits(SCORE, 8, 4), known=known)
    assert KINDS["counts"].find(given, "score") == []
    assert no_candidate(given, "score", "counts") == (
        "no candidate; the nearest is 0x108 >n4, which breaks 1 of 3 labels: 200 at frame 550, not "
        "210. Check the labels, or play longer."
    )


def test_frames_are_counted_from_the_start_of_their_own_play() -> None:
    given = scene(digits(SCORE, 8, 4), known=((550, "score", "0210"),), plays=2)
    assert "200 at frame 550 of play 2, not 210" in no_candidate(given, "score", "counts")


def test_lives_that_were_read_wrong_are_told_from_lives_that_fell() -> None:
    lives = 3 - (FRAMES >= 200) - (FRAMES >= 460)
    given = scene({5: lives}, deaths=(199, 459), known=((10, "lives", "4"), (580, "lives", "1")))
    assert KINDS["falls"].find(given, "lives") == []
    assert "0x105 |i1, which breaks 1 of 2 labels: 3 at frame 10, not 4." in no_candidate(
        given, "lives", "falls"
    )


def test_energy_that_falls_by_more_than_one_is_named_for_lives() -> None:
    energy = 80 - 16 * (FRAMES >= 200) - 16 * (FRAMES >= 460)
    given = scene({5: energy, 9: FRAMES}, deaths=(199, 459))
    assert KINDS["falls"].find(given, "lives") == []
    assert "0x105 |u1, which breaks 2 of 2 deaths: falls near 2 of them, but never by one." in (
        no_candidate(given, "lives", "falls")
    )


def test_a_position_that_was_read_wrong_is_named_with_both_its_bytes() -> None:
    x = 200 + np.cumsum(MOTION) * 2
    given = scene({5: x, 20: x // 256}, known=((0, "x", "200"), (299, "x", "12")))
    assert KINDS["rises"].find(given, "x") == []
    said = no_candidate(given, "x", "rises")
    assert (
        f"0x114 |u1 0x105 |u1, which breaks 1 of 2 labels: {x[299]} at frame 299, not 12." in said
    )


def test_a_byte_that_follows_the_way_in_part_is_named_with_the_frames_it_breaks() -> None:
    wrong = FRAMES * 3  # rises whatever is held
    given = scene({5: wrong})
    assert KINDS["rises"].find(given, "x") == []
    said = no_candidate(given, "x", "rises")
    assert "0x105 |u1, which breaks 449 of 599 labelled frames: moves as labelled in 150." in said


def test_a_score_that_falls_once_is_named_with_where_it_does() -> None:
    given = scene({5: np.where(FRAMES < 500, FRAMES // 50, 1), 9: FRAMES % 7})
    assert KINDS["counts"].find(given, "score") == []
    assert "0x105 |u1, which breaks 1 of 599 frames: it falls there." in no_candidate(
        given, "score", "counts"
    )


@pytest.mark.parametrize("kind", ["counts", "ticks", "rises", "falls"])
def test_where_nothing_moves_so_nothing_is_near(kind: str) -> None:
    flat = {"counts": -1, "ticks": 1, "rises": 0, "falls": 1}[kind]
    values = 100 + flat * (FRAMES // 10) if flat else np.where(MOTION == STILL, FRAMES, 0)
    still = scene({5: values}, deaths=(300,) if kind == "falls" else ())
    if kind == "rises":
        still = scene({5: np.where(FRAMES == 599, 1, 0)})
    assert no_candidate(still, "what", kind).startswith("no candidate, and nothing near.")


def test_a_kind_that_has_candidates_but_for_its_worth_breaks_no_label() -> None:
    busy = FRAMES  # never falls, but rises in every frame
    given = scene({4: busy // 256, 5: busy}, known=((100, "score", "100"),))
    assert KINDS["counts"].find(given, "score") == []
    said = no_candidate(given, "score", "counts")
    assert "breaks 0 of 1 labels: it changes too often." in said
