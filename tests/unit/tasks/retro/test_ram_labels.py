"""Labels: from keys, from marks, from a file, and files that are none."""

from __future__ import annotations

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.ram.labels import (
    FALLS,
    RISES,
    START_DELAY,
    STILL,
    STOP_DELAY,
    UNKNOWN,
    make_labels,
    motion_of_keys,
    read_labels,
)


def test_a_direction_counts_once_it_has_been_held_for_a_while() -> None:
    buttons = [("RIGHT", "A")] * 30 + [("LEFT",)] * 30 + [()] * 60
    motion = motion_of_keys(buttons).tolist()
    assert motion[START_DELAY] == UNKNOWN
    assert motion[START_DELAY + 1 : 31] == [RISES] * (30 - START_DELAY)
    assert motion[31] == UNKNOWN  # turning round
    assert motion[60] == FALLS
    assert motion[61 : 61 + STOP_DELAY] == [UNKNOWN] * STOP_DELAY  # running out
    assert motion[-1] == STILL


def test_before_the_first_button_all_is_still_and_both_directions_are_none() -> None:
    assert set(motion_of_keys([()] * 5 + [("LEFT", "RIGHT")] * 5).tolist()[1:]) == {STILL}


def test_a_file_prevails_over_the_keys(tmp_path) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(
        "# what the screen showed\n"
        "3-5 left   # pushed back\n\n"
        "died 8\n"
        "9 died\n"
        "7 score=300\n"
        "0-1 rise\n"
    )
    labels = make_labels([()] * 9, [(4, "died"), (5, "x=12"), (6, "hello")], read_labels(path))
    assert labels.motion.tolist() == [RISES, RISES, 0, FALLS, FALLS, FALLS, 0, 0, 0, 0]
    assert labels.deaths == (4, 8, 9)
    assert labels.known == ((7, "score", "300"), (5, "x", "12"))


@pytest.mark.parametrize(
    "line",
    ["120 right", "400-120 right", "1-2 sideways", "died", "died -3", "score=3", "7 score=-3",
     "1-2 right left", "\x00", "1–2 right", "٣ score=1",
     "1 score=" + "9" * 5000, "9" * 5000 + " died"],
)  # fmt: skip
def test_a_line_that_is_no_label_is_refused_with_its_number(tmp_path, line) -> None:
    path = tmp_path / "labels.txt"
    path.write_text(f"0-3 still\n{line}\n")
    with pytest.raises(TaskError, match=r"labels.txt:2: must be a label"):
        read_labels(path)


def test_a_file_that_is_no_text_is_refused(tmp_path) -> None:
    path = tmp_path / "labels.txt"
    path.write_bytes(b"\xff\xfe\x00")
    for wrong in (path, tmp_path / "none.txt", tmp_path):
        with pytest.raises(TaskError, match="readable text"):
            read_labels(wrong)


def test_labels_beyond_the_play_are_refused(tmp_path) -> None:
    path = tmp_path / "labels.txt"
    for line in ("0-10 right", "died 10", "10 score=1"):
        path.write_text(line)
        with pytest.raises(TaskError, match="frames 0 to 9"):
            make_labels([()] * 9, (), read_labels(path))
