from __future__ import annotations

import numpy as np

from neuroevo.tasks.task import EpisodeSeeds


def drawn(*, run_seed=1, generation=2, genome_id=3, episode=4, **options):
    seeds = EpisodeSeeds(run_seed, generation, genome_id)
    return tuple(seeds.generator(episode, **options).integers(0, 2**62, 3))


def test_the_first_stream_is_the_one_that_every_recorded_run_has_used():
    sequence = np.random.SeedSequence(1, spawn_key=(2, 3, 4))
    expected = tuple(np.random.default_rng(sequence).integers(0, 2**62, 3))
    assert drawn() == drawn(stream=0) == expected


def test_run_generation_genome_episode_and_stream_all_change_the_numbers():
    streams = [
        drawn(),
        drawn(run_seed=5),
        drawn(generation=5),
        drawn(genome_id=5),
        drawn(episode=5),
        drawn(stream=1),
        drawn(stream=2),
    ]
    assert len(set(streams)) == len(streams)


def test_genomes_that_share_numbers_do_so_in_every_stream():
    for stream in (0, 1):
        shared = [drawn(genome_id=g, per_genome=False, stream=stream) for g in (3, 9)]
        assert shared[0] == shared[1]
        assert shared[0] != drawn(stream=stream)
