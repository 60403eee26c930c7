"""Logs of play: what is written is read, and what was cut or edited is refused."""

from __future__ import annotations

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.human.play_log import PlayLog, read_log


def test_what_is_written_is_read(tmp_path) -> None:
    path = tmp_path / "play.csv"
    log = PlayLog(path, 'a, "state"', {"x": 0, "frame": -3})
    log.frame(("RIGHT", "A"), {"x": 2**40, "frame": 1})
    log.mark("died")
    log.frame((), {"frame": 2, "x": -1})
    log.close()
    log.close()
    logged = read_log(path)
    assert logged.state == 'a, "state"'
    assert logged.buttons == (("RIGHT", "A"), ())
    assert logged.marks == ((1, "died"),)
    assert dict(logged.variables) == {"frame": (-3, 1, 2), "x": (0, 2**40, -1)}


def test_a_game_without_variables_has_a_log_all_the_same(tmp_path) -> None:
    log = PlayLog(tmp_path / "play.csv", "s", {})
    log.frame(("A",), {})
    log.close()
    logged = read_log(tmp_path / "play.csv")
    assert logged.buttons == (("A",),)
    assert dict(logged.variables) == {}


HEAD = "frame,start,buttons,mark,x\n"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        HEAD,
        "frame,x\n0,1\n",
        HEAD + "1,s,,,0\n",
        HEAD + "0,s,,,0\n2,s,,,0\n",
        HEAD + "0,s,,,0\n1,s,A\n",
        HEAD + "0,s,,,0\n1,s,A,,\n",
        HEAD + "0,s,,,0\n1,s,A,,1.5\n",
        HEAD + "0,s,,,0,7\n",
        HEAD + "0,s,,,0\n1,s,A,,1,2\n",
        HEAD + "0,s,,,0\n\n",
        HEAD + "0,s,,," + "9" * 5000 + "\n",
        HEAD + "0,s,,,\x00\n",
    ],
)
def test_a_log_that_was_cut_or_edited_is_refused(tmp_path, text) -> None:
    path = tmp_path / "play.csv"
    path.write_text(text)
    with pytest.raises(TaskError, match=r"play\.csv: (must be|every row must)"):
        read_log(path)


def test_a_log_that_is_no_text_or_not_there_is_refused(tmp_path) -> None:
    (tmp_path / "play.csv").write_bytes(b"\xff\xfe\x00")
    for path in (tmp_path / "play.csv", tmp_path / "none.csv", tmp_path):
        with pytest.raises(TaskError, match="readable CSV"):
            read_log(path)


def test_a_log_is_never_written_over_and_can_be_taken_away(tmp_path) -> None:
    path = tmp_path / "play.csv"
    log = PlayLog(path, "s", {})
    with pytest.raises(TaskError, match="it exists"):
        PlayLog(path, "s", {})
    with pytest.raises(TaskError, match="must be writable"):
        PlayLog(tmp_path / "no" / "play.csv", "s", {})
    log.discard()
    assert not path.exists()
