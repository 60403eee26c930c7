"""What a fitness chart shows of held-out states and of a curriculum."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from neuroevo.plots.fitness import draw_fitness, fitness_data

MakeLog = Callable[..., list[dict[str, Any]]]


def with_heldout(records: list[dict[str, Any]], every: int) -> list[dict[str, Any]]:
    """Return the log of a run whose champions were tested every so many generations."""
    for record in records:
        number = record["generation"] + 1
        if number % every == 0:
            record["best_metrics"] = {**record["best_metrics"], "heldout_fitness": 2.0 * number}
    return records


def texts(figure: Figure) -> list[str]:
    axes = figure.axes[0]
    legends = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    if axes.get_legend() is not None:
        legends += [text.get_text() for text in axes.get_legend().get_texts()]
    return [text.get_text() for text in axes.texts] + legends


def drawn(records: list[dict[str, Any]]) -> Figure:
    figure = Figure()
    draw_fitness(figure, [("run", fitness_data(records))])
    return figure


def test_held_out_fitness_is_where_the_champion_was_tested(make_log: MakeLog) -> None:
    data = fitness_data(with_heldout(make_log(12), 5))
    assert np.flatnonzero(np.isfinite(data.heldout)).tolist() == [4, 9]
    assert data.heldout[[4, 9]].tolist() == [10.0, 20.0]
    assert "champion, held-out states" in texts(drawn(with_heldout(make_log(12), 5)))
    assert "champion, held-out states" not in texts(drawn(make_log(12)))


def test_stages_of_a_curriculum_are_marked_where_they_begin(make_log: MakeLog) -> None:
    records = make_log(6)
    for record, name in zip(records, ["A", "A", "B", "B", "B", "C_$1"], strict=True):
        record["stage"] = name
    assert fitness_data(records).stages == ((0, "A"), (2, "B"), (5, "C_$1"))
    assert {"A", "B", "C_$1"} <= set(texts(drawn(records)))
    assert fitness_data(make_log(6)).stages == ()
