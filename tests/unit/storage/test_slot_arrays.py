"""Slots of a checkpoint mean what the arrays mean that a genome file holds."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.neat_genomes import fingerprint, make_genome, neat_settings, tangled_genome, told

from neuroevo.errors import PopulationError
from neuroevo.neat.genome import CONNECTION_FIELDS, Genome
from neuroevo.neat.innovation import InnovationTable
from neuroevo.neat.population import Population
from neuroevo.neat.state import InnovationState, PopulationState
from neuroevo.storage.checkpoint import load_checkpoint, save_checkpoint
from neuroevo.storage.container import write_container
from neuroevo.storage.genome_arrays import pack_genomes, unpack_genomes
from neuroevo.storage.slot_arrays import pack_slots, with_marks
from neuroevo.storage.state_arrays import pack_state


def evolved(num_generations: int = 6) -> PopulationState:
    return told(Population(neat_settings(), seed=7), num_generations).state()


def detached(genomes: tuple[Genome, ...]) -> list[Genome]:
    """Return the genomes with arrays of their own, as a program that made them itself has."""
    return [genome.changed(id=genome.id) for genome in genomes]


def check_same(genomes: list[Genome], innovations: InnovationState) -> None:
    """See that slots, looked up, are what the slow twin packs."""
    arrays = with_marks("here", pack_slots(genomes, innovations))
    for name, wanted in pack_genomes(genomes).items():
        assert arrays[name].dtype == wanted.dtype
        assert arrays[name].tobytes() == wanted.tobytes(), name
    assert len(unpack_genomes("here", arrays)) == len(genomes)


def test_genomes_of_a_population_are_found_in_their_pool() -> None:
    state = evolved()
    others = [species.representative for species in state.species]
    assert state.best is not None
    check_same([*state.genomes, *others, state.best.genome], state.innovations)


def test_genomes_with_arrays_of_their_own_get_the_same_slots() -> None:
    state = evolved()
    in_pool = pack_slots(state.genomes, state.innovations)
    outside = pack_slots(detached(state.genomes), state.innovations)
    assert {name: array.tobytes() for name, array in in_pool.items()} == {
        name: array.tobytes() for name, array in outside.items()
    }


def test_a_state_is_packed_as_it_was_taken_though_its_table_has_grown() -> None:
    population = told(Population(neat_settings(), seed=7), 3)
    state = population.state()
    expected = {name: array.tobytes() for name, array in pack_state(state)[0].items()}
    told(population, 3)
    assert len(population.state().innovations.connections) > len(state.innovations.connections)
    assert {name: array.tobytes() for name, array in pack_state(state)[0].items()} == expected


def test_numbers_with_gaps_are_no_rows() -> None:
    genomes = [tangled_genome(np.random.default_rng(k), genome_id=k) for k in range(5)]
    innovations = InnovationTable.of_genomes(genomes).state()
    assert innovations.connections[-1, 2] > len(innovations.connections)
    check_same(genomes, innovations)


def test_innovations_in_another_order_are_stored_by_number() -> None:
    state = evolved()
    turned = replace(state.innovations, connections=state.innovations.connections[::-1].copy())
    check_same(list(state.genomes), turned)


def test_a_connection_that_the_innovations_do_not_know_is_not_stored() -> None:
    state = evolved()
    stranger = make_genome([(0, -1, 0, 1.0, True), (99_999, -2, 0, 1.0, True)], genome_id=5)
    with pytest.raises(PopulationError, match="genome 5: the innovation table must know"):
        pack_slots([*state.genomes, stranger], state.innovations)


def test_a_connection_takes_thirteen_bytes() -> None:
    arrays = pack_slots(evolved().genomes, evolved().innovations)
    num_connections = int(arrays["connection_offsets"][-1])
    per_connection = [a for n, a in arrays.items() if n in ("slot", *dict(CONNECTION_FIELDS))]
    assert sum(array.nbytes for array in per_connection) == 13 * num_connections


def test_nothing_at_all_can_be_packed() -> None:
    nothing = InnovationState(np.empty((0, 3), np.int64), np.empty((0, 2), np.int64), 0, 0)
    check_same([], nothing)
    check_same([make_genome([])], nothing)


def test_a_checkpoint_of_version_one_means_the_same(tmp_path: Path) -> None:
    state = evolved()
    path = save_checkpoint(tmp_path, state, {})
    arrays, content = pack_state(state)
    old = {**with_marks("here", arrays)}
    del old["slot"]
    write_container(tmp_path / "old.npz", "checkpoint", old, {"state": content, "extra": {}})
    assert b'"format_version": 1,' in (tmp_path / "old.npz").read_bytes()
    assert b'"format_version": 2,' in path.read_bytes()
    both = [fingerprint(load_checkpoint(each)[0]) for each in (path, tmp_path / "old.npz")]
    assert both == [fingerprint(state)] * 2


@pytest.mark.parametrize("count", [0, 1, 2**14, 2**14 + 1, 50_000])
def test_many_slots_mean_what_each_of_them_means(count: int) -> None:
    rng = np.random.default_rng(count)
    table = np.stack([rng.integers(-9, 9, 300), rng.integers(0, 9, 300), np.arange(300) * 5], 1)
    slots = rng.integers(0, 300, count).astype(np.uint32)
    arrays = with_marks("here", {"slot": slots, "innovation_connections": table})
    marks = [arrays[name] for name in ("source", "target", "innovation")]
    assert np.array_equal(np.stack(marks, axis=1), table[slots])
    assert not any(mark.flags.writeable for mark in marks)
