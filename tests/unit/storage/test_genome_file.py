from __future__ import annotations

import numpy as np
import pytest
from builders.neat_genomes import tangled_genome

from neuroevo.errors import StorageError
from neuroevo.neat.genome import genome_to_bytes
from neuroevo.storage.container import write_container
from neuroevo.storage.genome_arrays import pack_genomes
from neuroevo.storage.genome_file import load_genome, save_genome


def genome(genome_id=7):
    return tangled_genome(np.random.default_rng(genome_id), genome_id=genome_id)


def test_a_genome_comes_back_with_its_card(tmp_path):
    save_genome(tmp_path / "g.npz", genome(), {"fitness": 3.25, "seed": 2**100})
    loaded, meta = load_genome(tmp_path / "g.npz")
    assert genome_to_bytes(loaded) == genome_to_bytes(genome())
    assert meta == {"fitness": 3.25, "seed": 2**100}


def test_a_loaded_genome_cannot_be_changed(tmp_path):
    save_genome(tmp_path / "g.npz", genome(), {})
    with pytest.raises(ValueError, match="read-only"):
        load_genome(tmp_path / "g.npz")[0].weight[0] = 1.0


def test_another_ending_is_refused(tmp_path):
    with pytest.raises(StorageError, match=r"must end in \.npz; got '\.pkl'"):
        save_genome(tmp_path / "g.pkl", genome(), {})


def test_a_checkpoint_is_not_a_genome(tmp_path):
    write_container(tmp_path / "g.npz", "checkpoint", pack_genomes([genome()]), {})
    with pytest.raises(StorageError, match="expected a genome file"):
        load_genome(tmp_path / "g.npz")


def test_two_genomes_are_not_one(tmp_path):
    write_container(tmp_path / "g.npz", "genome", pack_genomes([genome(1), genome(2)]), {})
    with pytest.raises(StorageError, match="must hold one genome; got 2"):
        load_genome(tmp_path / "g.npz")
