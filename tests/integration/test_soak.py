"""The soak: its parts count what they should, and the whole runs to its end."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from builders.hostile import Ended
from builders.neat_genomes import neat_settings
from soak.game_loaders import judge
from soak.kills import Tally, inspect
from soak.loaders import BadEndError, RefusedError
from soak.reporting import BEGIN, END, Part, with_tables

from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import save_checkpoint

SCRIPT = Path(__file__).resolve().parents[1] / "soak" / "run.py"


def test_a_quick_soak_of_one_loader_ends_well(tmp_path: Path) -> None:
    words = ("--quick", "--only", "fuzz", "--loaders", "ini", "--findings", tmp_path)
    done = subprocess.run(
        [sys.executable, SCRIPT, *map(str, words)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "nothing was lost" in done.stdout
    row = next(line for line in done.stdout.splitlines() if line.startswith("  ini ; "))
    assert int(row.split(" ; ")[1].replace(",", "")) > 10
    assert int(row.split(" ; ")[3].replace(",", "")) > 5


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A run directory with three checkpoints and the log they belong to."""
    state, log = Population(neat_settings(), seed=1).state(), b""
    for generation in range(3):
        extra = {"log_offset": len(log), "known": {}, "fingerprint": {}}
        save_checkpoint(tmp_path / "checkpoints", replace(state, generation=generation), extra)
        (tmp_path / "log.jsonl").write_bytes(log)
        log += b'{"generation": %d}\n' % generation
    return tmp_path


def looked_at(run: Path) -> Tally:
    tally, gone = Tally(), subprocess.Popen(["true"], start_new_session=True)
    gone.wait()
    inspect(gone, run, tally)
    return tally


def test_a_sound_run_lost_nothing(run: Path) -> None:
    tally = looked_at(run)
    assert (tally.num_unreadable, tally.lost, tally.num_orphans) == (0, [0], 0)


def test_generations_after_the_newest_checkpoint_count_as_lost(run: Path) -> None:
    with (run / "log.jsonl").open("ab") as file:
        file.write(b'{"generation": 2}\n{"generation": 3}\n{"torn')
    assert looked_at(run).lost == [2]


def test_an_unreadable_checkpoint_is_counted_and_named(run: Path) -> None:
    newest = run / "checkpoints" / "generation-000002.npz"
    newest.write_bytes(newest.read_bytes()[:-100])
    tally = looked_at(run)
    assert tally.num_unreadable == 1
    assert "generation-000002.npz" in tally.troubles[0]


def test_a_worker_that_outlives_its_master_is_counted(run: Path) -> None:
    words = [sys.executable, "-c", "import subprocess; subprocess.Popen(['sleep', '9'])"]
    master, tally = subprocess.Popen(words, start_new_session=True), Tally()
    master.wait()
    inspect(master, run, tally)
    assert tally.num_orphans == 1


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"is_late": True, "code": -9}, "hangs"),
        ({"code": -11}, "signal 11"),
        ({"code": 1, "stderr": "Traceback ...\nKeyError: 3"}, "KeyError: 3"),
        ({"code": 3}, "exit code 3"),
        ({"code": 2, "stderr": ""}, "exit code 2 with 0"),
        ({"code": 2, "stderr": "x" * 5000}, "exit code 2 with 5000"),
    ],
)
def test_a_command_that_ends_badly_is_told_from_one_that_refuses(
    changes: dict[str, Any], words: str
) -> None:
    sound = SimpleNamespace(code=0, stdout="", stderr="", cpu_seconds=0.1, is_late=False)
    fields = {**vars(sound), **changes}
    judge(Ended(**vars(sound)))
    with pytest.raises(RefusedError, match="a file: must"):
        judge(Ended(**{**vars(sound), "code": 2, "stderr": "a file: must be good; got bad.\n"}))
    with pytest.raises(BadEndError, match=words):
        judge(Ended(**fields))


def test_the_rows_of_a_part_replace_the_same_rows_of_the_same_table_only() -> None:
    page = f"# Page\n{BEGIN}\n### B\nold b\n{END}\nend\n"
    head = ("what", "how")
    first = with_tables(page, Part("A", head, [("x", "1"), ("y", "2")]), Path("soak-1.json"))
    part = Part("A", head, [("x", "3"), ("z", "4")], "A note.", ["it broke"])
    text = with_tables(first, part, Path("soak-2.json"))
    assert "### B\nold b" in text
    one, two = "[1](../tests/soak/results/soak-1.json)", "[2](../tests/soak/results/soak-2.json)"
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows == [
        "| what | how | results |", f"| x | 3 | {two} |", f"| y | 2 | {one} |", f"| z | 4 | {two} |"
    ]  # fmt: skip
    assert "- it broke" in text
    assert text.endswith("end\n")
    assert with_tables(text, part, Path("soak-2.json")) == text
    other_head = with_tables(text, Part("A", ("what", "where"), []), Path("soak-3.json"))
    assert "| x |" not in other_head
