"""What fitness is made of: the figure, and the lines of ``neuroevo show``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from neuroevo.errors import StorageError
from neuroevo.plots.figures import plot_runs
from neuroevo.plots.terms import draw_terms, terms_data
from neuroevo.report.summary import summarise, summary_text
from neuroevo.storage.run_directory import RunDirectory

MakeLog = Callable[..., list[dict[str, Any]]]
NAMES = ["progress", "time", "won_bonus"]


def with_terms(records: list[dict[str, Any]], names: list[str], first: int = 0) -> list[Any]:
    """Return a log whose generations tell of their terms from the ``first`` on."""
    for g, record in enumerate(records[first:], first):
        champion = {name: (-1.0) ** k * (100 + 3 * g + k) for k, name in enumerate(names)}
        record["terms"] = names
        record["best_metrics"] = {**champion, "frames": 900.0}
        record["mean_metrics"] = {name: value / 2 for name, value in champion.items()}
    return records


def stacks(axes: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return (low, high) of every stack of a panel."""
    datas = [patch.get_data() for patch in axes.patches]
    return [(np.asarray(data.baseline), np.asarray(data.values)) for data in datas]


def test_terms_are_those_of_champions_and_of_the_mean(make_log: MakeLog) -> None:
    data = terms_data(with_terms(make_log(3), NAMES))
    assert data.names == tuple(NAMES)
    assert data.champion.tolist() == [[100 + 3 * g, -101 - 3 * g, 102 + 3 * g] for g in range(3)]
    np.testing.assert_array_equal(data.mean, data.champion / 2)


def test_generations_of_an_older_version_leave_a_hole(make_log: MakeLog) -> None:
    data = terms_data(with_terms(make_log(5), NAMES, first=2))
    assert np.isnan(data.champion[:2]).all()
    assert np.isfinite(data.champion[2:]).all()


def test_a_log_without_terms_makes_no_figure(make_log: MakeLog, tmp_path: Path) -> None:
    assert terms_data(make_log(3)).names == ()
    assert "terms" not in {path.stem for path in plot_runs([("a", make_log(3))], tmp_path, ["png"])}


def test_what_adds_stands_on_zero_and_what_takes_away_hangs_below(make_log: MakeLog) -> None:
    figure = Figure()
    data = terms_data(with_terms(make_log(4), NAMES))
    draw_terms(figure, [("run", data)])
    champion, mean = figure.axes
    for axes, values in ((champion, data.champion), (mean, data.mean)):
        ends = stacks(axes)
        highest = np.max([high for _, high in ends], axis=0)
        lowest = np.min([high for _, high in ends], axis=0)
        np.testing.assert_allclose(highest, values[:, 0] + values[:, 2])
        np.testing.assert_allclose(lowest, values[:, 1])
        line = axes.get_lines()[-1]
        np.testing.assert_allclose(line.get_ydata()[:-1], values.sum(axis=1))
        # Over the whole of the first column and of the last.
        assert line.get_xdata()[[0, -1]].tolist() == [-0.5, 3.5]
        assert line.get_ydata()[-1] == line.get_ydata()[-2]
    labels = [text.get_text() for text in figure.legends[0].get_texts()]
    assert labels == [*NAMES, "sum"]


def test_ten_terms_look_different(make_log: MakeLog) -> None:
    figure = Figure()
    names = [f"term{k}" for k in range(10)]
    draw_terms(figure, [("run", terms_data(with_terms(make_log(2), names)))])
    patches = figure.axes[0].patches[:10]
    assert len({(patch.get_facecolor(), patch.get_hatch()) for patch in patches}) == 10


def test_the_figure_of_one_run_and_of_several_is_written(make_log: MakeLog, tmp_path: Path) -> None:
    one = [("one", with_terms(make_log(1), NAMES))]
    several = [
        ("a_$1", with_terms(make_log(30), NAMES)),
        ("_b", with_terms(make_log(12, 2), ["score", *NAMES], first=5)),
        ("old", make_log(30, 3)),
    ]
    for name, runs in (("one", one), ("several", several)):
        paths = {p.stem: p for p in plot_runs(runs, tmp_path / name, ["png"])}
        with Image.open(paths["terms"]) as picture:
            assert np.asarray(picture.convert("L")).std() > 20


@pytest.mark.parametrize("terms", ["progress", None, [1], {"progress": 1}])
def test_terms_that_are_no_names_are_refused(make_log: MakeLog, terms: Any) -> None:
    log = with_terms(make_log(2), NAMES)
    log[1]["terms"] = terms
    with pytest.raises(StorageError, match=r"generation 1: 'terms' must"):
        terms_data(log)


@pytest.mark.parametrize("key", ["best_metrics", "mean_metrics"])
def test_metrics_that_are_no_numbers_are_refused(make_log: MakeLog, key: str) -> None:
    log = with_terms(make_log(2), NAMES)
    log[1][key] = {"progress": "far"}
    with pytest.raises(StorageError, match="generation 1"):
        terms_data(log)
    log[1][key] = [1.0]
    with pytest.raises(StorageError, match="generation 1"):
        terms_data(log)


def shown(tmp_path: Path, records: list[dict[str, Any]]) -> tuple[dict[str, Any], str]:
    with RunDirectory.create(tmp_path / "run", "") as run:
        run.log.write_text("".join(json.dumps(record) + "\n" for record in records))
    summary = summarise(tmp_path / "run")
    return summary, summary_text(summary)


def test_show_tells_what_the_best_and_the_last_generation_got_from_each_term(
    make_log: MakeLog, tmp_path: Path
) -> None:
    summary, text = shown(tmp_path, with_terms(make_log(3), NAMES))
    best = summary["best"]["best_metrics"]
    assert summary["terms"]["time"] == {"best": best["time"], "last_mean": -107 / 2}
    line = next(line for line in text.splitlines() if line.split()[:1] == ["time"])
    assert line.split() == ["time", f"{best['time']:g}", "-53.5"]


def test_show_reads_logs_without_terms(make_log: MakeLog, tmp_path: Path) -> None:
    summary, text = shown(tmp_path, make_log(3))
    assert summary["terms"] == {}
    assert "terms" not in text
