"""The kernel that checks many genomes at once says what ``check_genome`` says of each."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from builders.genomes import random_genome

from neuroevo.errors import GenomeError, StorageError
from neuroevo.neat.genome import Genome, check_genome
from neuroevo.storage.gene_checks import are_distinct
from neuroevo.storage.genome_arrays import _are_all_sound, pack_genomes, unpack_genomes

Change = Callable[[Genome], dict[str, object]]


def with_value(name: str, place: int, value: float) -> Change:
    def change(genome: Genome) -> dict[str, object]:
        values = getattr(genome, name).copy()
        values[place] = value
        return {name: values}

    return change


def repeated_pair(genome: Genome) -> dict[str, object]:
    source, target = genome.source.copy(), genome.target.copy()
    source[-1], target[-1] = source[0], target[0]
    return {"source": source, "target": target}


BROKEN: dict[str, Change] = {
    "bias": with_value("bias", 1, np.nan),
    "response": with_value("response", 0, np.inf),
    "time constant": with_value("time_constant", -1, -np.inf),
    "weight": with_value("weight", -1, np.nan),
    "activation": with_value("activation", 2, 18),
    "aggregation": with_value("aggregation", 2, 7),
    "node order": with_value("node_ids", 1, 0),
    "innovation order": with_value("innovation", 1, 0),
    "target": with_value("target", 3, 999_999),
    "input as target": with_value("target", 3, -1),
    "source": with_value("source", 3, 999_999),
    "lowest source": with_value("source", 3, -(2**62) - 1),
    "repeated pair": repeated_pair,
}


def genomes(count: int = 12) -> list[Genome]:
    draw = np.random.default_rng
    return [random_genome(draw(k), 5, 2, 4 + k, 30, genome_id=k + 1) for k in range(count)]


def test_sound_genomes_are_sound_one_without_connections_included() -> None:
    bare = random_genome(np.random.default_rng(1), 3, 2, 0, 0, genome_id=99)
    table = [*genomes(), bare]
    for genome in table:
        check_genome(genome, 5, 2)
    assert _are_all_sound(pack_genomes(table))


@pytest.mark.parametrize("place", [0, 6, 11])
@pytest.mark.parametrize("name", BROKEN)
def test_one_broken_genome_among_many_is_found_and_named(name: str, place: int) -> None:
    table = genomes()
    table[place] = table[place].changed(**BROKEN[name](table[place]))
    with pytest.raises(GenomeError):
        check_genome(table[place], 1 << 62, 0)
    assert not _are_all_sound(pack_genomes(table))
    with pytest.raises(StorageError, match=f"here: genome {place + 1}: "):
        unpack_genomes("here", pack_genomes(table))


def test_equal_ends_in_different_genomes_are_no_repeated_pair() -> None:
    same = genomes(1)[0]
    assert _are_all_sound(pack_genomes([same.changed(id=k) for k in range(20)]))


@pytest.mark.parametrize(("first", "second"), [(0, 1), (0, 4999), (2500, 4999)])
def test_a_repeated_pair_in_a_table_is_found_wherever_it_is(first: int, second: int) -> None:
    source, target = np.divmod(np.arange(5000) * 7, 50)
    source -= 300
    assert are_distinct(source, target)
    source[second], target[second] = source[first], target[first]
    assert not are_distinct(source, target)


def test_a_table_without_rows_repeats_nothing() -> None:
    assert are_distinct(np.empty(0, np.int64), np.empty(0, np.int64))
