from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from builders.neat_genomes import drawn_fitnesses, fingerprint, neat_settings, told

from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import (
    list_checkpoints,
    load_checkpoint,
    load_newest,
    save_checkpoint,
    take_newest,
)
from neuroevo.storage.container import read_container, write_container

EXTRA = {"log_offset": 0, "known": {}, "fingerprint": {}}


def state_after(num_generations: int, pop_size: int = 20):
    return told(Population(neat_settings(pop_size=pop_size), seed=4), num_generations).state()


@pytest.mark.parametrize("num_generations", [0, 1, 8])
def test_a_checkpoint_gives_back_every_bit_of_the_state(tmp_path, num_generations):
    state = state_after(num_generations)
    extra = {"log_offset": 12, "hashes": {"rom": "ab"}, "list": [1, 2.5, None, True]}
    path = save_checkpoint(tmp_path / "checkpoints", state, extra)
    loaded, loaded_extra = load_checkpoint(path)
    assert path.name == f"generation-{num_generations:06d}.npz"
    assert fingerprint(loaded) == fingerprint(state)
    assert loaded_extra == extra


def test_a_loaded_population_evolves_as_the_saved_one(tmp_path):
    settings = neat_settings()
    population = told(Population(settings, seed=4), 3)
    loaded, _ = load_checkpoint(save_checkpoint(tmp_path, population.state(), {}))
    other = Population.from_state(settings, loaded)
    assert fingerprint(told(other, 4).state()) == fingerprint(told(population, 4).state())


def test_equal_states_give_equal_bytes(tmp_path):
    first = save_checkpoint(tmp_path / "a", state_after(2), {})
    second = save_checkpoint(tmp_path / "b", state_after(2), {})
    assert first.read_bytes() == second.read_bytes()


def test_numpy_alone_can_read_the_arrays(tmp_path):
    path = save_checkpoint(tmp_path, state_after(2), {})
    with np.load(path, allow_pickle=False) as archive:
        assert len(archive["genome_ids"]) > 20  # representatives and the best come after
        assert json.loads(archive["meta"].tobytes())["kind"] == "checkpoint"


def test_the_last_three_and_every_fiftieth_are_kept(tmp_path):
    state = state_after(1, pop_size=3)
    for generation in [0, 1, 2, 48, 49, 50, 51, 52, 99, 100, 101, 102, 103]:
        save_checkpoint(tmp_path, replace(state, generation=generation), {})
    kept = [int(path.stem[-6:]) for path in list_checkpoints(tmp_path)]
    assert kept == [0, 50, 100, 101, 102, 103]


def test_the_file_just_saved_is_kept_beside_later_ones_that_could_not_be_renamed(tmp_path):
    state = state_after(1, pop_size=3)
    for generation in (57, 58, 59, 60, 51, 52, 53, 54):
        save_checkpoint(tmp_path, replace(state, generation=generation), EXTRA)
    kept = [int(path.stem[-6:]) for path in list_checkpoints(tmp_path)]
    assert kept == [52, 53, 54, 58, 59, 60]


def test_a_resumed_run_renames_what_it_passes_over_and_says_so(tmp_path):
    state = state_after(1, pop_size=3)
    for generation in (6, 7, 8):
        save_checkpoint(
            tmp_path, replace(state, generation=generation), {**EXTRA, "log_offset": generation}
        )
    seven, eight = list_checkpoints(tmp_path)[1:]
    seven.write_bytes(b"seven")
    for text in (b"once", b"twice"):
        eight.write_bytes(text)
        loaded, extra, warnings = take_newest(tmp_path)
        assert (loaded.generation, extra.log_offset) == (6, 6)
    assert len(warnings) == 1
    assert warnings[0].endswith("It is generation-000008.npz.passed-over-2 now.")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.suffix != ".npz"} == {
        "generation-000007.npz.passed-over": b"seven",
        "generation-000008.npz.passed-over": b"once",
        "generation-000008.npz.passed-over-2": b"twice",
    }
    assert take_newest(tmp_path)[2] == []


def test_a_file_that_cannot_be_renamed_is_named_and_the_run_goes_on(tmp_path, monkeypatch):
    state = state_after(1, pop_size=3)
    save_checkpoint(tmp_path, state, EXTRA)
    (tmp_path / "generation-000002.npz").write_bytes(b"")

    def refuse(self, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.rename", refuse)  # root may do anything, so no chmod
    loaded, _, (warning,) = take_newest(tmp_path)
    assert loaded.generation == 1
    assert warning.endswith("It cannot be renamed (Permission denied): remove it.")


def test_nothing_is_renamed_where_no_checkpoint_is_good(tmp_path):
    (tmp_path / "generation-000001.npz").write_bytes(b"")
    with pytest.raises(StorageError, match="got 1 damaged"):
        take_newest(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["generation-000001.npz"]


def test_a_checkpoint_under_the_name_of_a_later_generation_is_passed_over(tmp_path):
    state = state_after(1, pop_size=3)
    old = save_checkpoint(tmp_path, state, EXTRA)
    newest = save_checkpoint(tmp_path, replace(state, generation=2), EXTRA)
    (tmp_path / "generation-000099.npz").write_bytes(old.read_bytes())
    loaded, _, (warning,) = load_newest(tmp_path)
    assert loaded.generation == 2
    assert "generation-000099.npz: must hold the generation of its name; got 1." in warning
    assert newest.exists()


def test_what_a_killed_save_left_is_removed_and_other_files_are_not(tmp_path):
    (tmp_path / ".generation-000007.npz.123.tmp").write_bytes(b"half")
    (tmp_path / "notes.txt").write_text("mine")
    save_checkpoint(tmp_path, state_after(1, pop_size=3), EXTRA)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "generation-000001.npz",
        "notes.txt",
    ]


def test_the_newest_is_the_highest_generation_whatever_its_digits(tmp_path):
    state = state_after(1, pop_size=3)
    for generation in (999_999, 1_000_000):
        save_checkpoint(tmp_path, replace(state, generation=generation), EXTRA)
    newest, _, warnings = load_newest(tmp_path)
    assert newest.generation == 1_000_000
    assert warnings == []


def test_a_damaged_newest_is_reported_and_the_previous_one_used(tmp_path):
    state = state_after(1, pop_size=3)
    save_checkpoint(tmp_path, state, {**EXTRA, "log_offset": 7})
    newest = save_checkpoint(tmp_path, replace(state, generation=2), EXTRA)
    newest.write_bytes(newest.read_bytes()[:-100])
    loaded, extra, warnings = load_newest(tmp_path)
    assert (loaded.generation, extra.log_offset) == (1, 7)
    assert len(warnings) == 1
    assert str(newest) in warnings[0]


def test_without_a_good_checkpoint_every_reason_is_told(tmp_path):
    with pytest.raises(StorageError, match="No checkpoint was saved"):
        load_newest(tmp_path / "missing")
    (tmp_path / "generation-000001.npz").write_bytes(b"")
    with pytest.raises(StorageError, match=r"got 1 damaged.*generation-000001\.npz: expected"):
        load_newest(tmp_path)


def test_extra_that_is_not_json_is_refused_and_nothing_is_written(tmp_path):
    with pytest.raises(StorageError, match="must be JSON with finite numbers"):
        save_checkpoint(tmp_path, state_after(0, pop_size=3), {"bad": float("nan")})
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="must be a folder"):
        save_checkpoint(tmp_path / "file" / "checkpoints", state_after(0, pop_size=3), {})


def _first(name, value):
    return _at(name, 0, value)


def _at(name, place, value):
    def change(arrays, state):
        arrays[name] = arrays[name].copy()
        arrays[name].flat[place] = value

    return change


def _made(name, make):
    def change(arrays, state):
        arrays[name] = make(arrays)

    return change


def _without(name):
    def change(arrays, state):
        del arrays[name]

    return change


def _said(name, value):
    def change(arrays, state):
        state[name] = value

    return change


def _shorter(name):
    def change(arrays, state):
        arrays[name] = arrays[name][:-1]

    return change


TABLE = "innovation_connections"


def _with_a_repeated_pair(table):
    table = table.copy()
    table[1, :2] = table[0, :2]
    return table


CONTRADICTIONS = {
    "a weight is nan": (_first("weight", np.nan), "weight is finite"),
    "a bias is inf": (_first("bias", np.inf), "bias is finite"),
    "an activation does not exist": (_first("activation", 200), "activations exist"),
    "a source does not exist": (_at(TABLE, 0, 900), "each source is an input or a node"),
    "a target does not exist": (_at(TABLE, 1, 900), "each target is a node"),
    "a number is lower than the one before": (_at(TABLE, 5, -1), "ascend by number"),
    "a number occurs twice": (_at(TABLE, 5, 0), "ascend by number"),
    "a pair occurs twice": (_made(TABLE, lambda a: _with_a_repeated_pair(a[TABLE])), "same pair"),
    "a table of two columns": (_made(TABLE, lambda a: a[TABLE][:, :2]), "of 3 columns"),
    "a flat table": (_made(TABLE, lambda a: a[TABLE].reshape(-1)), "must be <i8 with 2 axes"),
    "no table": (_without(TABLE), "array innovation_connections must be"),
    "a table without rows": (_made(TABLE, lambda a: a[TABLE][:0]), "slots below 0"),
    "a slot beyond the table": (_first("slot", 2**32 - 1), "slots below .*; got 4294967295"),
    "the slot after the last": (_made("slot", lambda a: a["slot"] * 0 + len(a[TABLE])), "slots be"),
    "slots in disorder": (_made("slot", lambda a: a["slot"][::-1]), "innovation numbers ascend"),
    "slots of another type": (_made("slot", lambda a: a["slot"].astype("<i8")), "must be <u4"),
    "slots with two axes": (_made("slot", lambda a: a["slot"].reshape(1, -1)), "must be <u4"),
    "a slot too few": (_shorter("slot"), "connection_offsets must rise"),
    "no slots": (_without("slot"), "array innovation must be"),
    "slots and sources": (_made("source", lambda a: a["slot"].astype("<i8")), "slot in place of"),
    "offsets start late": (_first("node_offsets", 1), "node_offsets must rise"),
    "connection offsets start late": (_first("connection_offsets", -1), "must rise"),
    "member offsets start late": (_first("member_offsets", 1), "member_offsets must rise"),
    "a member does not exist": (_first("member_ids", 9_999), "exactly one species"),
    "genome ids are disordered": (_first("genome_ids", 9_999), "genome ids that ascend"),
    "a species fitness is nan": (_first("species_best_fitness", np.nan), "fitnesses that are"),
    "an array is missing": (_without("weight"), "array weight must be"),
    "the species are missing": (_without("species_ids"), "array species_ids must be"),
    "a species column is short": (_shorter("species_created"), "rows per species array"),
    "a gene column is short": (_shorter("response"), "node_offsets must rise"),
    "fewer genomes than said": (_said("num_genomes", 99), "a table of"),
    "a counter is text": (_said("generation", "2"), "generation as a count"),
    "a counter is negative": (_said("generation", -2), "generation as a count"),
    "a genome id is free": (_said("next_genome_id", 1), "next_genome_id above"),
    "an innovation is free": (_said("next_innovation", 0), "next_innovation above"),
    "a node id is free": (_said("next_node_id", 0), "next_node_id above"),
    "no generator": (_said("random_state", None), "a random state"),
    "a foreign generator": (_said("random_state", {"bit_generator": "get_state"}), "generator of"),
    "a broken generator": (_said("random_state", {"bit_generator": "PCG64"}), "a random state"),
    "best is text": (_said("best", "me"), "a best genome"),
    "best without fitness": (_said("best", {"generation": 1}), "fitness as a finite number"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_a_state_that_contradicts_itself_is_refused(tmp_path, name):
    """The sums are right here: only the cross checks can find it."""
    change, message = CONTRADICTIONS[name]
    path = save_checkpoint(tmp_path, state_after(2), {})
    arrays, content = read_container(path, "checkpoint")
    change(arrays, content["state"])
    write_container(path, "checkpoint", arrays, content)
    with pytest.raises(StorageError, match=message):
        load_checkpoint(path)


def test_fitnesses_stay_out_of_the_state(tmp_path):
    """Saving between ask and tell changes nothing: ``ask`` offers the same genomes."""
    population = told(Population(neat_settings(), seed=4), 2)
    before = drawn_fitnesses(population)
    save_checkpoint(tmp_path, population.state(), {})
    assert np.array_equal(before, drawn_fitnesses(population))
