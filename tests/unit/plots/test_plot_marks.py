"""Lines, bands and steps: gaps stay gaps, and a lone generation is seen."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.path import Path

from neuroevo.plots.canvas import (
    add_legend,
    draw_line,
    draw_steps,
    label_axes,
    run_style,
    step_edges,
    with_gaps,
)


@pytest.fixture
def axes() -> Axes:
    return Figure().subplots()


def test_a_gap_is_not_joined(axes: Axes) -> None:
    line = draw_line(axes, np.array([0, 1, 4, 5]), np.array([1.0, 2.0, 3.0, 4.0]))
    np.testing.assert_array_equal(line.get_ydata(), [1.0, 2.0, np.nan, 3.0, 4.0])
    assert line.get_marker() == "None"


def test_generations_in_a_row_have_no_gap() -> None:
    x, y = with_gaps(np.array([3, 4, 5]), np.array([1.0, 2.0, 3.0]))
    assert x.tolist() == [3.0, 4.0, 5.0]
    assert y.tolist() == [1.0, 2.0, 3.0]


def test_a_lone_generation_between_gaps_gets_the_only_marker(axes: Axes) -> None:
    line = draw_line(axes, np.array([0, 1, 4, 7, 8]), np.arange(5.0))
    assert line.get_marker() == "o"
    marked = line.get_xdata()[line.get_markevery()]
    assert marked.tolist() == [4.0]


def test_an_unknown_value_leaves_its_neighbours_as_markers(axes: Axes) -> None:
    line = draw_line(axes, np.array([0, 1, 2]), np.array([5.0, np.nan, 6.0]))
    assert line.get_markevery() == [0, 2]


def test_a_run_of_one_generation_is_a_marker(axes: Axes) -> None:
    line = draw_line(axes, np.array([0]), np.array([5.0]))
    assert line.get_markevery() == [0]


def test_steps_are_one_wide_and_leave_the_gap_empty(axes: Axes) -> None:
    numbers = np.array([0, 1, 4])
    assert step_edges(numbers).tolist() == [-0.5, 0.5, 1.5, 3.5, 4.5]
    steps = draw_steps(axes, numbers, np.zeros(3), np.array([2.0, 3.0, 4.0]))
    parts = steps.get_path().to_polygons()
    assert len(parts) == 2
    for x, is_inside in ((0, True), (1, True), (2, False), (3, False), (4, True)):
        inside = [Path(part).contains_point((x, 1.0)) for part in parts]
        assert any(inside) == is_inside, x


def test_axes_span_all_runs_and_tick_whole_generations(axes: Axes) -> None:
    label_axes(axes, [np.array([2, 3]), np.array([0, 1])], "fitness")
    assert axes.get_xlim() == (-0.5, 3.5)
    assert all(tick == round(tick) for tick in axes.get_xticks())
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("generation", "fitness")


def test_run_styles_differ_for_many_runs() -> None:
    styles = {repr(run_style(index)) for index in range(28)}
    assert len(styles) == 28


def test_a_legend_shows_names_with_underscores_and_dollars(axes: Axes) -> None:
    lines = [axes.plot([0, 1])[0], axes.plot([1, 0])[0]]
    add_legend(axes, lines, ["_scratch", "$x$"])
    legend = axes.get_legend()
    assert legend is not None
    assert [text.get_text().strip() for text in legend.get_texts()] == ["_scratch", "$x$"]
    assert not any(text.get_parse_math() for text in legend.get_texts())
