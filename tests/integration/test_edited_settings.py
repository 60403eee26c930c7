"""A run goes on with an edited config.ini: told, or refused by name, never in silence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.config import load
from neuroevo.errors import ConfigError, NeuroevoError
from neuroevo.shipped import find_config
from neuroevo.storage.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from neuroevo.storage.run_log import read_log
from neuroevo.verify import verify

OWN = ("Run.seed=5", "Run.workers=0", "Run.stop_when_solved=false", "NEAT.pop_size=20")


class Listener(ConsoleObserver):
    """Keeps what is told of a run."""

    def __init__(self) -> None:
        super().__init__("run")
        self.texts: list[str] = []

    def event(self, text: str) -> None:
        self.texts.append(text)


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three generations of twenty genomes."""
    run = tmp_path_factory.mktemp("three") / "run"
    evolve.start(load(find_config("xor"), [*OWN, "Run.generations=3"]), run, Listener())
    return run


@pytest.fixture
def run(three: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(three, tmp_path / "run"))


def edit(run: Path, **values: str) -> None:
    """Write other values into config.ini, as a person would."""
    lines = (run / "config.ini").read_text().splitlines()
    for key, value in values.items():
        places = [i for i, line in enumerate(lines) if line.partition(" = ")[0] == key]
        assert len(places) == 1, key
        lines[places[0]] = f"{key} = {value}"
    (run / "config.ini").write_text("\n".join(lines))


def resumed(run: Path, generations: int) -> list[str]:
    """Resume; return what was said of settings."""
    listener = Listener()
    evolve.resume(load(run / "config.ini", [f"Run.generations={generations}"]), run, listener)
    assert column(run, "generation") == list(range(generations))
    return [text for text in listener.texts if "not exact" in text]


def column(run: Path, name: str) -> list[object]:
    return [record[name] for record in read_log(run / "log.jsonl")]


def told(run: Path) -> list[tuple[int, str]]:
    events = [json.loads(line) for line in (run / "events.jsonl").read_text().splitlines()]
    return [(e["generation"], e["text"]) for e in events if e["kind"] == "settings"]


@pytest.mark.parametrize("size", [30, 7])
def test_another_pop_size_breeds_generations_of_that_size(run: Path, size: int) -> None:
    edit(run, pop_size=str(size))
    said = resumed(run, 5)
    assert said == [f"not exact from generation 3 on: [NEAT] pop_size 20 -> {size}"]
    assert told(run) == [(3, said[0])]
    assert resumed(run, 7) == [], "said once"
    sizes = [sum(s["size"] for s in species) for species in column(run, "species")]  # type: ignore
    assert sizes == [20, 20, 20, 20, size, size, size]
    assert verify(run, 5).is_same


def test_every_changed_key_is_named_and_what_ends_a_run_is_not(run: Path) -> None:
    edit(run, weight_mutate_power="0.9", conn_add_prob="0.1", fitness_threshold="9.5",
         stagnation_notice="7", evaluation_timeout="60", node_add_prob="0.10")  # fmt: skip
    assert resumed(run, 4) == [
        "not exact from generation 3 on: [DefaultGenome] conn_add_prob 0.3 -> 0.1, "
        "[DefaultGenome] weight_mutate_power 2.5 -> 0.9"
    ]


def test_settings_that_stand_otherwise_and_mean_the_same_keep_a_run_exact(
    run: Path, three: Path, tmp_path: Path
) -> None:
    straight = Path(shutil.copytree(three, tmp_path / "straight"))
    edit(run, weight_mutate_power="2.50", stagnation_notice="1", feed_forward="yes")
    assert resumed(run, 5) == resumed(straight, 5) == []
    assert column(run, "digest") == column(straight, "digest")


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"bias_input": "none"}, "num_inputs 3 -> 2, after [Task] bias_input 1.0 -> none"),
        ({"bias_input": "none", "num_inputs": "2"}, "num_inputs 3 -> 2, after [Task] bias_input"),
        ({"num_hidden": "2"}, "num_hidden 0 -> 2"),
        ({"feed_forward": "false"}, "feed_forward true -> false"),
    ],
)
def test_other_networks_are_refused_by_name(run: Path, values: dict[str, str], named: str) -> None:
    edit(run, **values)
    before = {p: p.read_bytes() for p in run.rglob("*") if p.is_file()}
    with pytest.raises(ConfigError) as told:
        resumed(run, 5)
    assert named in str(told.value)
    assert "Undo this in the file, or start a new run." in str(told.value)
    assert {p: p.read_bytes() for p in run.rglob("*") if p.is_file()} == before


def test_fitness_begins_anew_where_genomes_are_scored_on_something_else(
    run: Path, three: Path, tmp_path: Path
) -> None:
    straight = Path(shutil.copytree(three, tmp_path / "straight"))
    resumed(straight, 4)
    edit(run, bias_input="0.0")
    assert resumed(run, 4) == ["not exact from generation 3 on: [Task] bias_input 1.0 -> 0.0"]
    counts = column(straight, "num_evaluations")[3], column(run, "num_evaluations")[3]
    assert counts[0] < counts[1], "nothing that was known holds"  # type: ignore[operator]
    best = column(run, "best_ever_fitness")
    assert best[3] == column(run, "best_fitness")[3]
    assert best[3] < best[2]  # type: ignore[operator]


def test_another_compatibility_threshold_is_in_force_at_once(run: Path) -> None:
    edit(run, compatibility_threshold="0.5")
    (said,) = resumed(run, 5)
    assert "[DefaultSpeciesSet] compatibility_threshold" in said
    assert column(run, "compatibility_threshold")[3:] == [0.5, 0.5]


def spoil_settings(run: Path, settings: object) -> None:
    for path in list_checkpoints(run / "checkpoints")[-1:]:
        state, extra = load_checkpoint(path)
        del extra["settings"]
        if settings is not None:
            extra["settings"] = settings
        save_checkpoint(path.parent, state, extra)


def test_a_run_of_an_earlier_version_goes_on_though_it_kept_no_settings(run: Path) -> None:
    spoil_settings(run, None)
    edit(run, pop_size="30")
    assert resumed(run, 5) == [], "there is nothing to compare with"
    edit(run, pop_size="20")
    assert resumed(run, 6) == ["not exact from generation 5 on: [NEAT] pop_size 30 -> 20"]


def test_settings_of_a_checkpoint_that_are_no_text_pass_it_over(run: Path) -> None:
    spoil_settings(run, 3)
    assert resumed(run, 5) == []
    assert "settings as a text" in (run / "events.jsonl").read_text()


@pytest.mark.parametrize("settings", ["[NEAT\n", "[NEAT]\npop_size = x\n"])
def test_damaged_settings_of_a_checkpoint_are_refused(run: Path, settings: object) -> None:
    spoil_settings(run, settings)
    with pytest.raises(NeuroevoError, match="npz: settings"):
        resumed(run, 5)


def test_the_last_generation_before_a_change_is_the_same_as_without_it(
    run: Path, three: Path
) -> None:
    edit(run, weight_mutate_power="0.9")
    resumed(run, 4)
    assert column(run, "digest")[:3] == column(three, "digest")
    assert np.isfinite(column(run, "best_fitness")).all()  # type: ignore[arg-type]
