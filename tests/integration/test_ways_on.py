"""What an ended run says of going on is true: whoever does it gets further generations."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from neuroevo import evolve
from neuroevo.cli import running
from neuroevo.cli.console import ConsoleObserver
from neuroevo.cli.running import report, run_on
from neuroevo.config import load
from neuroevo.errors import ExtinctionError
from neuroevo.shipped import find_config
from neuroevo.storage.run_log import read_log

OWN = ("Run.seed=2", "Run.workers=0", "NEAT.pop_size=150")
MORE = {"generations": None, "frames": None, "workers": None}


@pytest.fixture(autouse=True)
def _without_charts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Charts take most of the time here, and nobody looks at them."""
    monkeypatch.setattr(running, "_charts", lambda run, records: [])


def evolved(run: Path, *overrides: str) -> str:
    """Evolve XOR; return why it ended, after saying so."""
    config = load(find_config("xor"), [*OWN, *overrides])
    with ConsoleObserver("run") as observer:
        outcome = evolve.start(config, run, observer)
    report(run, outcome)
    return outcome.reason


def edit(run: Path, key: str, value: str) -> None:
    text = (run / "config.ini").read_text()
    changed, count = re.subn(rf"(?m)^{key} = .*$", f"{key} = {value}", text)
    assert count == 1
    (run / "config.ini").write_text(changed)


def num_generations(run: Path) -> int:
    return len(read_log(run / "log.jsonl"))


def test_a_solved_run_goes_on_with_the_key_that_it_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert evolved(run, "Run.generations=300") == "solved"
    done = num_generations(run)
    named = f"set [Run] stop_when_solved = false in {run / 'config.ini'}, then neuroevo resume"
    assert f"continue     {named}" in capsys.readouterr().out
    run_on(run, {**MORE, "generations": 400}, None)
    said = capsys.readouterr().out
    assert said == (
        f"{run}: solved in generation {done - 1}. To go on all the same, {named} {run}.\n"
    )
    edit(run, "stop_when_solved", "false")
    run_on(run, {**MORE, "generations": done + 2}, None)
    assert num_generations(run) == done + 2
    assert "not exact" not in capsys.readouterr().out


def test_a_run_at_its_fitness_threshold_goes_on_with_a_higher_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = tmp_path / "run"
    assert evolved(run, "NEAT.fitness_threshold=5", "Run.generations=60") == "fitness threshold"
    done = num_generations(run)
    named = f"raise [NEAT] fitness_threshold in {run / 'config.ini'}, then neuroevo resume"
    assert f"continue     {named}" in capsys.readouterr().out
    run_on(run, {**MORE, "generations": 70}, None)
    said = f"{run}: reached its fitness threshold in generation {done - 1}. To go on, {named} {run}"
    assert capsys.readouterr().out == f"{said}.\n"
    edit(run, "fitness_threshold", "15.9")
    run_on(run, {**MORE, "generations": done + 2}, None)
    assert num_generations(run) == done + 2
    assert "not exact" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("limit", "value", "said"),
    [
        ("frames", 1000, "all 1,000 frames are run. Pass a larger --frames for more."),
        ("generations", 3, "all 3 generations are done. Pass a larger --generations for more."),
    ],
)
def test_a_run_at_a_limit_names_the_option_that_raises_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], limit: str, value: int, said: str
) -> None:
    run = tmp_path / "run"
    assert evolved(run, f"Run.{limit}={value}") == limit
    assert f"continue     neuroevo resume {run} --{limit} N" in capsys.readouterr().out
    run_on(run, MORE, None)
    assert capsys.readouterr().out == f"{run}: {said}\n"
    done = num_generations(run)
    run_on(run, {**MORE, limit: value + 1}, None)
    assert num_generations(run) == done + 1 or limit == "frames"


def test_a_run_that_died_out_goes_on_as_its_last_line_says(tmp_path: Path) -> None:
    run = tmp_path / "run"
    with pytest.raises(ExtinctionError) as told:
        evolved(run, "DefaultStagnation.max_stagnation=2", "DefaultStagnation.species_elitism=0",
                "NEAT.on_extinction=stop", "NEAT.pop_size=20", "Run.seed=5")  # fmt: skip
    done = num_generations(run)
    assert str(told.value).endswith(
        f"{done - 1} finished generations are saved: change that in {run / 'config.ini'}, then "
        f"`neuroevo resume {run}` goes on from there."
    )
    assert "on_extinction = hall_of_fame" in str(told.value)
    edit(run, "on_extinction", "hall_of_fame")
    run_on(run, {**MORE, "generations": done + 2}, None)
    assert num_generations(run) == done + 2
