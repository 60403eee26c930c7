"""Garbage is collected in a run, by master and workers, though nobody collects while they load."""

from __future__ import annotations

import gc
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from builders.real_runs import linux_only
from click.testing import CliRunner
from contracts.evaluator_contract import CARTPOLE, genomes

from neuroevo.cli.console import ConsoleObserver
from neuroevo.cli.main import main
from neuroevo.evaluation.pool import ProcessEvaluator
from neuroevo.tasks.factory import task_settings_to_json

OF_A_WORKER = """
import gc, os, sys
fork = os.fork
def noted():
    with open("{folder}/noted", "a") as file:
        file.write(str(gc.isenabled()) + " " + str(gc.get_freeze_count() > 10000) + "\\n")
    return fork()
if "neuroevo.evaluation.fork_server" in sys.orig_argv:
    os.fork = noted
"""


@pytest.fixture(autouse=True)
def _nothing_stays_frozen() -> Iterator[None]:
    yield
    gc.unfreeze()


def test_it_is_collected_from_the_first_generation_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    evolve, seen = importlib.import_module("neuroevo.evolve"), []
    warm_up, generation = evolve.warm_up, ConsoleObserver.generation

    def loading() -> None:
        seen.append(("loading", gc.isenabled()))
        warm_up()

    def told(self: ConsoleObserver, record: Mapping[str, Any]) -> None:
        seen.append(("running", gc.isenabled()))
        generation(self, record)

    monkeypatch.setattr(evolve, "warm_up", loading)
    monkeypatch.setattr(ConsoleObserver, "generation", told)
    words = ["evolve", "xor", "--generations", "2", "--workers", "0", "--out", str(tmp_path / "r")]
    assert CliRunner().invoke(main, words).exit_code == 0
    assert seen == [("loading", False), ("running", True), ("running", True)]


def test_it_is_collected_where_a_run_could_not_begin(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("no folder")
    words = ["evolve", "xor", "--workers", "0", "--out", str(tmp_path / "run")]
    assert CliRunner().invoke(main, words).exit_code == 2
    assert gc.isenabled()


@linux_only
def test_workers_collect_what_is_theirs_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sitecustomize.py").write_text(OF_A_WORKER.format(folder=tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    task_json = task_settings_to_json(CARTPOLE)
    evaluator = ProcessEvaluator(task_json, 1, feed_forward=True, num_workers=1)
    try:
        evaluator.evaluate(genomes(4, 2, 2), 0)
    finally:
        evaluator.close()
    assert (tmp_path / "noted").read_text().splitlines() == ["True True"]
