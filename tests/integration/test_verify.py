"""A recorded generation, computed again: the same, or the genome that differs is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from neuroevo import evolve
from neuroevo.cli.console import ConsoleObserver
from neuroevo.cli.main import main
from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.storage.checkpoint import list_checkpoints, load_checkpoint, save_checkpoint
from neuroevo.storage.run_log import read_log
from neuroevo.verify import verify

Change = Callable[[dict[str, Any]], None]
LESSONS = (
    *("NEAT.pop_size=12", "Fitness.max_frames=100", "Fitness.won=x > start.x + 40"),
    *("Retro.states=Practice, Level1, Level2", "Retro.curriculum=2 of 3"),
    *("Retro.heldout_states=heldout-Level1", "Retro.heldout_every=2", "Run.checkpoint_every=1"),
)


def evolved(run: Path, name: str, overrides: Sequence[str], generations: int) -> Path:
    own = [*overrides, f"Run.generations={generations}", "Run.workers=0", "Run.seed=3"]
    with ConsoleObserver("run") as observer:
        evolve.start(load(find_config(name), own), run, observer)
    return run


def command(*arguments: object) -> Result:
    return CliRunner().invoke(main, ["verify", *map(str, arguments)])


@pytest.fixture(scope="module")
def xor(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("xor")
    return evolved(folder / "run", "xor", ["Run.stop_when_solved=false"], 6)


@pytest.fixture
def own(xor: Path, tmp_path: Path) -> Path:
    """A copy that a test may spoil."""
    return Path(shutil.copytree(xor, tmp_path / "run"))


def spoil_checkpoint(run: Path, generation: int, change: Change) -> None:
    path = run / "checkpoints" / f"generation-{generation:06d}.npz"
    state, extra = load_checkpoint(path)
    change(extra)
    save_checkpoint(path.parent, state, extra)


def spoil_log(run: Path, number: int, **changes: object) -> None:
    lines = (run / "log.jsonl").read_text().splitlines()
    lines[number] = json.dumps({**json.loads(lines[number]), **changes})
    (run / "log.jsonl").write_text("\n".join(lines) + "\n")


def contents(run: Path) -> dict[str, bytes]:
    return {str(p.relative_to(run)): p.read_bytes() for p in run.rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "options", [(), ("--generation", 0), ("--generation", 4), ("--workers", 2)]
)
def test_a_generation_comes_out_as_it_was_recorded(xor: Path, options: Sequence[object]) -> None:
    before = contents(xor)
    ended = command(xor, *options)
    assert ended.exit_code == 0, ended.output
    assert "verdict      the same" in ended.output
    assert contents(xor) == before, "verifying must leave the run alone"


def test_every_genome_is_compared_and_elites_known_from_before_are_played_again(xor: Path) -> None:
    found = verify(xor)
    assert found.generation == 5
    assert found.num_compared == found.num_genomes == 150
    assert found.num_replayed > 0
    assert found.digest == read_log(xor / "log.jsonl")[5]["digest"]


def test_a_fitness_that_was_recorded_otherwise_is_named(own: Path) -> None:
    genome = next(iter(load_checkpoint(list_checkpoints(own / "checkpoints")[-1])[1]["fitnesses"]))
    spoil_checkpoint(own, 6, lambda extra: extra["fitnesses"].update({genome: 99.0}))
    ended = command(own)
    assert ended.exit_code == 1
    assert f"genome {genome}: 99.0 then" in ended.output
    assert "verdict      different" in ended.output


def test_an_elite_whose_known_fitness_was_wrong_is_named(own: Path) -> None:
    known = next(iter(load_checkpoint(own / "checkpoints" / "generation-000005.npz")[1]["known"]))
    spoil_checkpoint(own, 5, lambda extra: extra["known"][known].update(fitness=-7.0))
    ended = command(own)
    assert ended.exit_code == 1
    assert f"genome {known}, known before: -7.0 then" in ended.output
    assert "digest: " in ended.output, "what was bred from it differs, too"


def test_a_line_of_the_log_that_was_changed_is_found(own: Path) -> None:
    spoil_log(own, 5, mean_fitness=1.5, num_frames=3, generation_seconds=99.0)
    ended = command(own)
    assert ended.exit_code == 1
    assert "mean_fitness: 1.5 then" in ended.output
    assert "num_frames: 3 then" in ended.output
    assert "generation_seconds" not in ended.output, "a clock never repeats"


def test_a_generation_with_a_genome_that_was_given_up_may_differ_and_says_so(own: Path) -> None:
    spoil_log(own, 5, given_up=[812])
    ended = command(own)
    assert ended.exit_code == 0, ended.output
    assert "given up     812: genomes whose workers died" in ended.output
    spoil_log(own, 5, given_up=[812], mean_fitness=1.5)
    ended = command(own)
    assert ended.exit_code == 1
    assert "verdict      different, as a generation with given up genomes may be" in ended.output
    assert json.loads(command(own, "--json").output)["given_up"] == [812]
    spoil_log(own, 5, given_up={"a": [1]}, mean_fitness=1.5)
    assert "given up" not in command(own).output


def test_another_seed_is_found(tmp_path: Path) -> None:
    own = ["NEAT.pop_size=20", "Run.stop_when_solved=false"]
    run = evolved(tmp_path / "run", "cartpole", own, 3)
    assert command(run).exit_code == 0
    text = (run / "config.ini").read_text()
    assert "\nseed = 3" in text
    (run / "config.ini").write_text(text.replace("\nseed = 3", "\nseed = 4"))
    ended = command(run)
    assert ended.exit_code == 1, ended.output
    assert "genome " in ended.output
    assert "digest: " in ended.output


def test_lessons_and_held_out_states_come_out_the_same(tmp_path: Path) -> None:
    run = evolved(tmp_path / "run", "wickling", LESSONS, 5)
    records = read_log(run / "log.jsonl")
    assert len({record["stage"] for record in records}) > 1, "the run must pass a lesson"
    for generation in range(len(records) - 2, len(records)):
        ended = command(run, "--generation", generation)
        assert ended.exit_code == 0, ended.output
    assert any("heldout_fitness" in record["best_metrics"] for record in records[-2:])


def test_another_save_state_than_the_recorded_one_is_refused(tmp_path: Path) -> None:
    run = evolved(tmp_path / "run", "wickling", ["NEAT.pop_size=4", "Fitness.max_frames=60"], 2)
    spoil_checkpoint(run, 1, lambda extra: extra["fingerprint"].update(rom_sha1="0" * 40))
    ended = command(run)
    assert ended.exit_code == 2
    assert "rom_sha1: 0000" in ended.output
    spoil_checkpoint(run, 1, lambda extra: extra["fingerprint"].update(
        rom_sha1=verified_sha1(run), core="another"))  # fmt: skip
    ended = command(run)
    assert ended.exit_code == 0, ended.output
    assert "core: another then" in ended.output


def verified_sha1(run: Path) -> str:
    return str(
        load_checkpoint(run / "checkpoints" / "generation-000002.npz")[1]["fingerprint"]["rom_sha1"]
    )


def test_another_machine_is_said_but_no_reason_to_differ(own: Path) -> None:
    manifest = json.loads((own / "manifest.json").read_text())
    manifest["packages"]["numba"], manifest["python"] = "0.1", "3.1.4"
    (own / "manifest.json").write_text(json.dumps(manifest))
    ended = command(own)
    assert ended.exit_code == 0, ended.output
    assert "python: 3.1.4 then" in ended.output
    assert "numba: 0.1 then" in ended.output
    as_json = json.loads(command(own, "--json").output)
    assert as_json["is_same"] is True
    assert {item["what"] for item in as_json["machine"]} == {"python", "numba"}


def test_what_cannot_be_computed_again_ends_with_two(own: Path, tmp_path: Path) -> None:
    ended = command(own, "--generation", 2)
    assert ended.exit_code == 2
    assert "got them for 0, 4, 5" in ended.output
    assert command(own, "--generation", 77).exit_code == 2
    assert command(tmp_path / "nothing").exit_code == 2
    for path in list_checkpoints(own / "checkpoints"):
        path.write_bytes(path.read_bytes()[:500])
    ended = command(own)
    assert ended.exit_code == 2
    assert "damaged" in ended.output


def test_where_checkpoints_are_rare_the_digest_answers(tmp_path: Path) -> None:
    own = ["Run.stop_when_solved=false", "Run.checkpoint_every=3"]
    run = evolved(tmp_path / "run", "xor", own, 5)
    found = verify(run)
    assert (found.generation, found.num_compared, found.is_same) == (3, 0, True)
    spoil_log(run, 3, digest="0" * 64)
    assert not verify(run).is_same
