from __future__ import annotations

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.expressions import Past, compile_expression

NOW = {"x": 7, "hi": 2, "lives": 2, "zero": 0}
START = {"x": 3, "hi": 1, "lives": 3, "zero": 0}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("256 * hi + x", 519),
        ("x / 2", 3.5),
        ("x // 2 - 1", 2),
        ("-x % 4", -7 % 4),
        ("x - start.x", 4),
        ("lives < start.lives", True),
        ("0 < hi <= 2 < x", True),
        ("0 < hi < 2", False),
        ("x == 7 and not zero", True),
        ("zero or x != 7", False),
        ("max(x, hi, 9) - min(x, hi) + abs(-2.5)", 9 - 2 + 2.5),
        ("x / zero", 0.0),
        ("x // zero + x % zero", 0.0),
        (" (x) ", 7),
    ],
)
def test_the_language_computes_as_arithmetic_does(text, value):
    assert compile_expression(text, NOW, "here").evaluate(NOW, START) == value


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x +",
        "x ** 9",
        "__import__('os')",
        "x.__class__",
        "'text'",
        "True",
        "1e999",
        "x if hi else 1",
        "[x][0]",
        "lambda: x",
        "(x := 3)",
        "max(x)",
        "abs(x, 1)",
        "max(*x, 2)",
        "min(x, key=1)",
        "x & 1",
        "~x",
        "x in (1, 2)",
        "start.x.y",
        "other.x",
        "(" * 290 + "x",
        "x+" * 400 + "x",
        "x*" * 100 + "x",
        "9" * 250,
    ],
)
def test_anything_else_is_refused(text):
    with pytest.raises(TaskError, match="here: must"):
        compile_expression(text, NOW, "here")


@pytest.mark.parametrize("text", ["live", "start.live"])
def test_an_unknown_variable_is_refused_with_the_nearest_and_the_list(text):
    with pytest.raises(TaskError, match=r"Did you mean lives\?.*hi, lives, x, zero"):
        compile_expression(text, NOW, "here")


def test_nesting_as_deep_as_the_length_allows_does_not_overflow():
    text = "-" * 290 + "x"
    assert compile_expression(text, NOW, "here").evaluate(NOW, START) == 7


def test_the_greatest_numbers_that_can_be_written_still_divide():
    """Whole numbers of Python have no end; a float of them must exist."""
    now = dict.fromkeys(NOW, 2**64)
    for text in ("x*" * 8 + f"{2**63} / 3", f"{2**63}*" * 8 + "x // 3"):
        assert compile_expression(text, NOW, "here").evaluate(now, now) > 1e150


def past(before, frames=0):
    course = Past(START)
    course.before, course.frames = before, frames
    return course


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("before.x", 5),
        ("x - before.x", 2),
        ("lives < start.lives and lives == before.lives", True),
        ("frames", 60),
        ("frames > 60", False),
        ("max(100 - frames, 0) / 4", 10.0),
        ("fell(lives)", False),
        ("rose(x)", True),
        ("fell(x)", False),
        ("fell(-x)", True),
        ("rose(256 * hi + x)", False),
        ("rose(x - start.x) and not fell(x)", True),
    ],
)
def test_an_expression_may_look_back_by_one_frame_and_count_frames(text, value):
    course = past({**NOW, "x": 5, "hi": 3}, frames=60)
    assert compile_expression(text, NOW, "here", has_past=True).evaluate(NOW, course) == value


@pytest.mark.parametrize("text", ["before.x", "frames", "fell(lives)", "rose(x) or x"])
def test_nobody_looks_back_where_no_episode_is_followed(text):
    with pytest.raises(TaskError, match="here: must"):
        compile_expression(text, NOW, "here")


@pytest.mark.parametrize(
    "text",
    [
        "fell()",
        "fell(x, hi)",
        "fell(*x)",
        "fell(x=1)",
        "fell(rose(x))",
        "rose(x - before.x)",
        "before",
        "before.frames",
        "fell",
        "frames.x",
        "before.before.x",
        "fell(liv)",
    ],
)
def test_looking_back_in_other_ways_is_refused(text):
    with pytest.raises(TaskError, match="here: must"):
        compile_expression(text, NOW, "here", has_past=True)


def test_a_games_own_variable_called_frames_comes_first():
    own = compile_expression("frames", {"frames": 3}, "here", has_past=True)
    assert own.evaluate({"frames": 3}, past({"frames": 2}, frames=60)) == 3
