"""The picture files: real, alike for alike logs, complete, and never half written."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from neuroevo.errors import StorageError
from neuroevo.plots.figures import plot_run_directories, plot_runs
from neuroevo.plots.fitness import draw_fitness, fitness_data
from neuroevo.plots.species import draw_species, species_data

MakeLog = Callable[..., list[dict[str, Any]]]
NAMES = ["fitness", "time", "species", "complexity", "endings", "overview"]


def test_all_plots_of_a_run_are_real_pictures(make_log: MakeLog, tmp_path: Path) -> None:
    written = plot_runs([("airstriker", make_log(60))], tmp_path / "new" / "plots")
    assert [path.name for path in written] == [f"{n}.{s}" for n in NAMES for s in ("png", "svg")]
    assert sorted(path.name for path in (tmp_path / "new" / "plots").iterdir()) == sorted(
        path.name for path in written
    )
    for path in written:
        assert 10_000 < path.stat().st_size < 500_000
        if path.suffix == ".png":
            _check_png(path)
        else:
            assert ElementTree.parse(path).getroot().tag == "{http://www.w3.org/2000/svg}svg"


def test_a_run_of_one_generation_is_drawn(make_log: MakeLog, tmp_path: Path) -> None:
    written = plot_runs([("short", make_log(1))], tmp_path, ["png"])
    assert len(written) == 6
    for path in written:
        _check_png(path)


def test_several_runs_are_overlaid(make_log: MakeLog, tmp_path: Path) -> None:
    runs = [("alpha", make_log(20)), ("beta", make_log(12, 2)), ("gamma", make_log(20, 3))]
    written = plot_runs(runs, tmp_path, ["png"])
    assert [path.stem for path in written] == NAMES
    figure = Figure()
    draw_fitness(figure, [(name, fitness_data(log)) for name, log in runs])
    best = figure.axes[0]
    legend = best.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["alpha", "beta", "gamma"]
    for line, (_, log) in zip(best.get_lines(), runs, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), [r["best_fitness"] for r in log])


def test_the_same_log_gives_the_same_bytes_even_in_another_process(
    make_log: MakeLog, tmp_path: Path
) -> None:
    log = make_log(6)
    (tmp_path / "log.json").write_text(json.dumps(log))
    here = plot_runs([("run", log)], tmp_path / "a")
    assert json.dumps(log) == (tmp_path / "log.json").read_text()  # drawing changes no record
    code = (
        "import json, sys; from pathlib import Path; import matplotlib; "
        "matplotlib.rcParams['lines.linewidth'] = 9; "
        "from neuroevo.plots.figures import plot_runs; root = Path(sys.argv[1]); "
        "plot_runs([('run', json.loads((root / 'log.json').read_text()))], root / 'b'); "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], check=True)
    for path in here:
        assert drawing(path) == drawing(tmp_path / "b" / path.name), path.name


def drawing(path: Path) -> bytes:
    """Return a picture's bytes without the ids of clip paths: matplotlib 3.10 makes them of
    memory addresses, later ones of what they clip."""
    return re.sub(rb"\bp[0-9a-f]{10}\b", b"", path.read_bytes())


def test_a_log_without_endings_gets_no_endings_plot(make_log: MakeLog, tmp_path: Path) -> None:
    log = [{**record, "endings": {}} for record in make_log(3)]
    written = plot_runs([("xor", log)], tmp_path, ["png"])
    assert [path.stem for path in written] == [name for name in NAMES if name != "endings"]


def test_run_directories_are_read_and_named_apart(make_log: MakeLog, tmp_path: Path) -> None:
    paths = [tmp_path / parent / "run" for parent in ("a", "b")]
    for path in paths:
        path.mkdir(parents=True)
        lines = [json.dumps(record) + "\n" for record in make_log(3)]
        (path / "log.jsonl").write_text("".join(lines))
    assert len(plot_run_directories(paths, tmp_path / "plots", ["png"])) == 6
    (paths[1] / "log.jsonl").write_text("")
    with pytest.raises(StorageError, match=r"^b/run: .*at least one generation"):
        plot_run_directories(paths, tmp_path / "plots", ["png"])


def test_an_empty_log_leaves_the_old_pictures_alone(make_log: MakeLog, tmp_path: Path) -> None:
    (tmp_path / "fitness.png").write_bytes(b"old")
    with pytest.raises(StorageError, match="empty: run log: must hold at least one"):
        plot_runs([("full", make_log(2)), ("empty", [])], tmp_path)
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"old"]


def test_no_run_and_unknown_formats_are_refused(make_log: MakeLog, tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="at least one run"):
        plot_runs([], tmp_path)
    with pytest.raises(StorageError, match=r"one or more of png, svg; got gif\."):
        plot_runs([("run", make_log(1))], tmp_path, ["png", "gif"])


def test_a_file_in_place_of_the_folder_is_named(make_log: MakeLog, tmp_path: Path) -> None:
    (tmp_path / "plots").write_text("a file")
    with pytest.raises(StorageError, match="plots: must be a folder"):
        plot_runs([("run", make_log(1))], tmp_path / "plots", ["png"])


def test_a_removed_species_is_marked_inside_its_own_band(make_log: MakeLog) -> None:
    log = make_log(60)
    figure = Figure()
    draw_species(figure, [("run", species_data(log))])
    (mark,) = [line for line in figure.axes[0].get_lines() if line.get_marker() == "X"]
    for x, y, species_id in zip(mark.get_xdata(), mark.get_ydata(), (3, 5), strict=True):
        below = sum(s["size"] for s in log[int(x)]["species"] if s["id"] < species_id)
        size = next(s["size"] for s in log[int(x)]["species"] if s["id"] == species_id)
        assert below < y < below + size


def _check_png(path: Path) -> None:
    with Image.open(path) as picture:
        picture.load()
        width, height = picture.size
        assert 1000 <= width <= 2400
        assert 600 <= height <= 1600
        assert len(set(picture.convert("L").tobytes())) > 20  # drawn on, not one flat colour
