from __future__ import annotations

import pytest

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.expressions import compile_expression

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
