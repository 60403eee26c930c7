"""The genome value: immutability, invariants, bytes."""

import numpy as np
import pytest
from builders.neat_genomes import make_genome, tangled_genome

from neuroevo.errors import GenomeError
from neuroevo.neat.genome import (
    CONNECTION_FIELDS,
    NODE_FIELDS,
    check_genome,
    genome_digest,
    genome_from_bytes,
    genome_to_bytes,
    same_genes,
)

GOOD = make_genome([(0, -1, 0, 1.0, True), (3, -2, 2, 2.0, True), (5, 2, 0, 3.0, False)], (0, 2))


def test_a_sound_genome_passes_the_check():
    check_genome(GOOD, 2, 1)
    check_genome(make_genome([]), 2, 1)


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (GOOD.changed(node_ids=np.array([2, 0])), "node ids ascend"),
        (GOOD.changed(node_ids=np.array([0, 0])), "node ids ascend"),
        (GOOD.changed(node_ids=np.array([1, 2])), "outputs 0 to 0 are present"),
        (GOOD.changed(innovation=np.array([0, 5, 3])), "innovation numbers ascend"),
        (GOOD.changed(innovation=np.array([0, 3, 3])), "innovation numbers ascend"),
        (GOOD.changed(target=np.array([0, 7, 0])), "each target is a node"),
        (GOOD.changed(target=np.array([0, -1, 0])), "each target is a node"),
        (GOOD.changed(source=np.array([-1, -3, 2])), "each source is an input or a node"),
        (GOOD.changed(source=np.array([-1, -2, 7])), "each source is an input or a node"),
        (make_genome([(0, -1, 0, 1, True), (1, -1, 0, 1, True)]), "same pair of nodes"),
        (GOOD.changed(weight=np.array([0, np.nan, 0])), "weight is finite"),
        (GOOD.changed(bias=np.array([0, np.inf])), "bias is finite"),
        (GOOD.changed(response=np.array([0, np.inf])), "response is finite"),
        (GOOD.changed(time_constant=np.array([-np.inf, 1])), "time_constant is finite"),
        (GOOD.changed(activation=np.array([0, 18])), "activations exist"),
        (GOOD.changed(aggregation=np.array([7, 0])), "aggregations exist"),
        (GOOD.changed(bias=np.zeros(3)), "one length"),
        (GOOD.changed(weight=np.zeros((3, 1))), "one length"),
    ],
)
def test_each_broken_invariant_is_named(broken, rule):
    with pytest.raises(GenomeError, match=rule):
        check_genome(broken, 2, 1)


@pytest.mark.parametrize("name", [name for name, _ in NODE_FIELDS + CONNECTION_FIELDS])
def test_arrays_cannot_be_written(name):
    with pytest.raises(ValueError, match="read-only"):
        getattr(GOOD, name)[0] = 0


def test_the_callers_own_array_stays_writeable():
    weights = np.zeros(3)
    GOOD.changed(weight=weights)
    weights[0] = 1.0


def test_same_genes_ignores_the_id_and_sees_every_field():
    genome = tangled_genome(np.random.default_rng(1))
    assert same_genes(genome, genome.changed(id=99))
    for name, _ in NODE_FIELDS + CONNECTION_FIELDS:
        values = getattr(genome, name).copy()
        values[-1] = not values[-1] if values.dtype == bool else values[-1] + 1
        assert not same_genes(genome, genome.changed(**{name: values})), name


def test_the_digest_covers_id_and_genes():
    digests = {
        genome_digest(GOOD),
        genome_digest(GOOD.changed(id=2)),
        genome_digest(GOOD.changed(weight=GOOD.weight + 1e-15)),
    }
    assert len(digests) == 3


def test_cut_lengthened_and_foreign_bytes_are_refused():
    data = genome_to_bytes(GOOD)
    for damaged in (b"", data[:10], data[:-1], data + b"\0", b"NEG2" + data[4:]):
        with pytest.raises(GenomeError, match="genome bytes"):
            genome_from_bytes(damaged)


def test_bytes_are_little_endian_at_known_places():
    data = genome_to_bytes(make_genome([(7, -1, 0, 0.5, True)], genome_id=258))
    assert data[:4] == b"NEG1"
    assert data[6:14] == bytes([2, 1, 0, 0, 0, 0, 0, 0])
    assert len(data) == 26 + (8 + 8 + 8 + 8 + 1 + 1) + (8 + 8 + 8 + 8 + 1)


def test_a_refusal_is_one_line_however_long_the_arrays_are():
    joins = [(i, -1, i + 5, 1.0, True) for i in range(900)]
    broken = make_genome(joins)
    with pytest.raises(GenomeError) as caught:
        check_genome(broken, 2, 1)
    assert "\n" not in str(caught.value)
    assert "each target is a node" in str(caught.value)
