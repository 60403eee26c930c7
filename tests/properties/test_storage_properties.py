"""Round trips of files are identities, for any values they may hold."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
from builders.neat_genomes import fingerprint, genome_settings, neat_settings, tangled_genome, told
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from neuroevo.neat.genome import genome_to_bytes
from neuroevo.neat.population import Population
from neuroevo.neat.settings import SpeciesSettings
from neuroevo.storage.checkpoint import load_checkpoint, save_checkpoint
from neuroevo.storage.container import read_container, write_container
from neuroevo.storage.genome_arrays import pack_genomes, unpack_genomes
from neuroevo.storage.run_log import RunLog, read_log

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    # A lone surrogate is no text: UTF-8 cannot hold it.
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
OBJECTS = st.dictionaries(st.text(max_size=8), JSON, max_size=4)
ARRAYS = st.dictionaries(
    st.from_regex(r"[a-z_]{1,9}", fullmatch=True).filter(lambda name: name != "meta"),
    hnp.arrays(
        st.sampled_from(["<i8", "<f8", "|u1", "|b1", "<u4"]),
        hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    max_size=4,
)


@settings(max_examples=60)
@given(ARRAYS, OBJECTS)
def test_a_container_gives_back_what_it_was_given(arrays, content):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.npz"
        write_container(path, "test", arrays, content)
        read, read_content = read_container(path, "test")
    assert read_content == content
    assert {n: (a.dtype, a.shape, a.tobytes()) for n, a in read.items()} == {
        n: (a.dtype, a.shape, a.tobytes()) for n, a in arrays.items()
    }


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 20)), max_size=6), st.integers(0, 99))
def test_unpacking_packed_genomes_is_the_identity(sizes, seed):
    rng = np.random.default_rng(seed)
    genomes = [
        tangled_genome(rng, num_hidden=hidden, num_connections=connections, genome_id=i)
        for i, (hidden, connections) in enumerate(sizes)
    ]
    unpacked = unpack_genomes("here", pack_genomes(genomes))
    assert [genome_to_bytes(g) for g in unpacked] == [genome_to_bytes(g) for g in genomes]


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**63),
    num_generations=st.integers(0, 4),
    pop_size=st.integers(2, 25),
    threshold=st.sampled_from([0.5, 3.0, 50.0]),
    extra=OBJECTS,
)
def test_loading_a_saved_state_is_the_identity(seed, num_generations, pop_size, threshold, extra):
    species = SpeciesSettings(compatibility_threshold=threshold)
    neat = neat_settings(genome_settings(), pop_size=pop_size, species=species)
    state = told(Population(neat, seed), num_generations).state()
    with tempfile.TemporaryDirectory() as folder:
        loaded, loaded_extra = load_checkpoint(save_checkpoint(Path(folder), state, extra))
    assert fingerprint(loaded) == fingerprint(state)
    assert loaded_extra == extra


@settings(max_examples=40)
@given(st.lists(OBJECTS, max_size=5), st.data())
def test_a_log_gives_back_its_records_and_truncates_between_any_two(records, data):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.jsonl"
        log = RunLog(path)
        offsets = [log.offset]
        for record in records:
            log.append(record)
            offsets.append(log.offset)
        assert read_log(path) == records
        kept = data.draw(st.integers(0, len(records)))
        log.truncate(offsets[kept])
        log.close()
        assert read_log(path) == records[:kept]
