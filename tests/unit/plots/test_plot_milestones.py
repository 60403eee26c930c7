"""Extinctions and long stagnations are seen in the plots: a line with a word."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from neuroevo.errors import StorageError
from neuroevo.plots.fitness import draw_fitness, fitness_data
from neuroevo.plots.records import milestones
from neuroevo.plots.species import draw_species, species_data

EXTINCTION = "extinction: all 3 species were stagnant; goes on from the hall of fame (4 champions)"
STAGNATION = "stagnation: no better fitness than 9 for 50 generations, since generation 1."

MakeLog = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def log(make_log: MakeLog) -> list[dict[str, Any]]:
    records = make_log(60)
    records[20]["events"].append(EXTINCTION)
    records[45]["notices"] = [STAGNATION]
    return records


def drawn(figure: Figure) -> dict[str, float]:
    """Return the words of the first panel, and where they stand."""
    return {t.get_text(): t.get_position()[0] for t in figure.axes[0].texts}


def test_a_log_tells_its_milestones_in_order(log: list[dict[str, Any]]) -> None:
    assert milestones(log) == ((20, "extinction"), (45, "stagnation"), (52, "stagnation"))


def test_the_fitness_plot_names_them_at_the_end_of_their_generation(
    log: list[dict[str, Any]],
) -> None:
    figure = Figure()
    draw_fitness(figure, [("a", fitness_data(log))])
    assert {"extinction", "stagnation"} <= set(drawn(figure))
    assert drawn(figure)["extinction"] == 20.5
    lines = [line.get_xdata()[0] for line in figure.axes[0].lines if len(line.get_xdata()) == 2]
    assert {20.5, 45.5, 52.5} <= set(lines)


def test_the_species_plot_names_them_across_both_panels(log: list[dict[str, Any]]) -> None:
    figure = Figure()
    draw_species(figure, [("a", species_data(log))])
    words = drawn(figure)
    assert (words["extinction"], words["stagnation"], words["two species"]) == (20.5, 45.5, 52.5)
    below = [line.get_xdata()[0] for line in figure.axes[1].lines if len(line.get_xdata()) == 2]
    assert {20.5, 45.5, 52.5} <= set(below)


def test_a_run_without_any_has_no_lines(make_log: MakeLog) -> None:
    records = [{**record, "events": []} for record in make_log(60)]
    figure = Figure()
    draw_fitness(figure, [("a", fitness_data(records))])
    assert drawn(figure) == {}


def test_a_mark_at_the_end_of_the_last_generation_is_whole(make_log: MakeLog) -> None:
    records = [{**record, "events": []} for record in make_log(8)]
    records[-1]["events"] = ["extinction: generation 7: all 3 species are stagnant."]
    for draw, data in ((draw_fitness, fitness_data), (draw_species, species_data)):
        figure = Figure()
        FigureCanvasAgg(figure)
        draw(figure, [("a", data(records))])
        figure.draw_without_rendering()
        axes = figure.axes[0]
        (word,) = (text for text in axes.texts if text.get_text() == "extinction")
        assert word.get_window_extent().x1 <= axes.get_window_extent().x1
        (line,) = (ln for ln in axes.lines if list(ln.get_xdata()) == [7.5, 7.5])
        assert not line.get_clip_on(), "it would be half as wide as others"


@pytest.mark.parametrize("events", [None, 3, [3], "extinction"])
def test_events_that_are_no_texts_are_refused(make_log: MakeLog, events: object) -> None:
    records = [{**make_log(1)[0], "events": events}]
    with pytest.raises(StorageError, match="with events as a list of texts"):
        milestones(records)
