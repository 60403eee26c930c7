from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from builders.neat_genomes import drawn_fitnesses, neat_settings, told

from neuroevo.errors import StorageError
from neuroevo.neat.population import Population
from neuroevo.storage.checkpoint import load_checkpoint, save_checkpoint
from neuroevo.storage.digest import state_digest


@pytest.fixture(scope="module")
def population():
    return told(Population(neat_settings(), seed=4), 3)


@pytest.fixture
def state(population):
    return population.state()


@pytest.fixture
def fitnesses(population):
    return drawn_fitnesses(population)


def test_equal_states_have_equal_digests(state, fitnesses, tmp_path):
    loaded, _ = load_checkpoint(save_checkpoint(tmp_path, state, {}))
    assert state_digest(loaded, fitnesses.copy()) == state_digest(state, fitnesses)
    assert len(state_digest(state, fitnesses)) == 64


def test_the_order_of_dictionary_keys_plays_no_part(state, fitnesses):
    random_state = dict(reversed(state.random_state.items()))
    random_state["state"] = dict(reversed(random_state["state"].items()))
    assert list(random_state) != list(state.random_state)
    changed = replace(state, random_state=random_state)
    assert state_digest(changed, fitnesses) == state_digest(state, fitnesses)


def _genome(state):
    genome = state.genomes[5]
    bias = genome.bias.copy()
    bias[0] = np.nextafter(bias[0], np.inf)
    genomes = (*state.genomes[:5], genome.changed(bias=bias), *state.genomes[6:])
    return replace(state, genomes=genomes)


def _species(**changes):
    return lambda state: replace(
        state, species=(replace(state.species[0], **changes), *state.species[1:])
    )


def _innovations(**changes):
    return lambda state: replace(state, innovations=replace(state.innovations, **changes))


CHANGES = {
    "one bit of one bias": _genome,
    "generation": lambda s: replace(s, generation=s.generation + 1),
    "next genome id": lambda s: replace(s, next_genome_id=s.next_genome_id + 1),
    "next species id": lambda s: replace(s, next_species_id=s.next_species_id + 1),
    "last improved": lambda s: replace(s, last_improved=s.last_improved + 1),
    "threshold": lambda s: replace(s, compatibility_threshold=s.compatibility_threshold + 1e-15),
    "best gone": lambda s: replace(s, best=None),
    "best fitness": lambda s: replace(s, best=replace(s.best, fitness=99.0)),
    "best generation": lambda s: replace(s, best=replace(s.best, generation=99)),
    "best genome": lambda s: replace(s, best=replace(s.best, genome=s.best.genome.changed(id=99))),
    "order of genomes": lambda s: replace(s, genomes=s.genomes[::-1]),
    "species id": _species(id=98),
    "species age": _species(created=98),
    "species last improved": _species(last_improved=98),
    "species fitness": _species(best_fitness=98.0),
    "species members": _species(member_ids=(1, 2)),
    "innovation table": _innovations(connections=np.array([[1, 2, 3]])),
    "split table": _innovations(splits=np.array([[1, 2]])),
    "next innovation": _innovations(next_innovation=10**6),
    "next node": _innovations(next_node_id=10**6),
    "generator": lambda s: replace(s, random_state={**s.random_state, "uinteger": 1}),
    "representative": lambda s: _species(representative=s.species[0].representative.changed(id=98))(
        s
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_part_of_the_state_counts(state, fitnesses, name):
    assert state_digest(CHANGES[name](state), fitnesses) != state_digest(state, fitnesses)


def test_fitnesses_count_and_must_be_a_row(state, fitnesses):
    other = fitnesses.copy()
    other[3] = np.nextafter(other[3], np.inf)
    assert state_digest(state, other) != state_digest(state, fitnesses)
    # A run that goes on with another pop_size: the generation before had another size.
    assert state_digest(state, fitnesses[:-1]) != state_digest(state, fitnesses)
    with pytest.raises(StorageError, match=r"expected shape \(num_genomes,\); got \(1, 20\)"):
        state_digest(state, fitnesses[None])


SCRIPT = """
from builders.neat_genomes import drawn_fitnesses, neat_settings, told
from neuroevo.neat.population import Population
from neuroevo.storage.digest import state_digest
population = told(Population(neat_settings(), seed=4), 3)
print(state_digest(population.state(), drawn_fitnesses(population)))
"""


def test_the_digest_does_not_depend_on_the_hash_seed(state, fitnesses):
    root = Path(__file__).parents[3]
    path = os.pathsep.join([str(root), str(root / "tests")])
    environment = os.environ | {"PYTHONHASHSEED": "7", "PYTHONPATH": path}
    printed = subprocess.run(
        [sys.executable, "-c", SCRIPT], env=environment, capture_output=True, text=True, check=True
    ).stdout
    assert printed.strip() == state_digest(state, fitnesses)
