"""The sha256 of a whole evolutionary state: equal digests mean equal runs so far."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError
from neuroevo.neat.genome import Genome, genome_parts, num_packed_bytes
from neuroevo.neat.pool import GenePool
from neuroevo.neat.state import PopulationState


def state_digest(state: PopulationState, fitnesses: npt.NDArray[np.float64]) -> str:
    """Return the sha256 (hex) over everything that decides how the evolution goes on.

    Covers genomes, species, innovations, counters, generator, best genome, threshold and
    fitnesses, as little-endian bytes; the order of dictionary keys plays no part.

    Args:
        state: between two generations.
        fitnesses: (n,) float64, of the generation before, in the order of its genomes. There are
            as many as ``state.genomes``, but where a run goes on with another ``pop_size``.

    Raises:
        StorageError: the fitnesses are no row of numbers.
    """
    if np.ndim(fitnesses) != 1:
        raise StorageError(
            f"fitnesses: expected shape (num_genomes,); got {np.shape(fitnesses)}. "
            "Pass one fitness per genome of the generation before, in the order of ask()."
        )
    digest = hashlib.sha256(b"neuroevo state 1")
    for part in _parts(state, fitnesses):
        # The length keeps neighbouring parts apart: "ab" + "c" is not "a" + "bc".
        if isinstance(part, GenePool):
            for chunk in part.packed():
                digest.update(chunk)
        elif isinstance(part, Genome):  # piece by piece: its bytes need not be put together
            length = num_packed_bytes(part.num_nodes, part.num_connections)
            digest.update(length.to_bytes(8, "little"))
            for piece in genome_parts(part):
                digest.update(piece)
        else:
            digest.update(len(part).to_bytes(8, "little"))
            digest.update(part)
    return digest.hexdigest()


def _parts(
    state: PopulationState, fitnesses: npt.NDArray[np.float64]
) -> Iterator[bytes | Genome | GenePool]:
    innovations, best = state.innovations, state.best
    yield _integers(
        state.generation, state.next_genome_id, state.next_species_id, state.last_improved,
        innovations.next_innovation, innovations.next_node_id,
        len(state.genomes), len(state.species), int(best is not None),
    )  # fmt: skip
    yield _floats(state.compatibility_threshold)
    yield from _genomes(state.genomes)
    for species in state.species:
        yield _integers(species.id, species.created, species.last_improved, *species.member_ids)
        yield _floats(species.best_fitness)
        yield species.representative
    yield np.ascontiguousarray(innovations.connections, dtype="<i8").tobytes()
    yield np.ascontiguousarray(innovations.splits, dtype="<i8").tobytes()
    if best is not None:
        yield best.genome
        yield _floats(best.fitness)
        yield _integers(best.generation)
    for kept in state.hall_of_fame:  # none in runs that do not use it, nor in their digests
        yield kept.genome
        yield _floats(kept.fitness)
        yield _integers(kept.generation)
    yield json.dumps(dict(state.random_state), sort_keys=True).encode()
    yield np.ascontiguousarray(fitnesses, dtype="<f8").tobytes()


def _genomes(genomes: tuple[Genome, ...]) -> Iterable[Genome | GenePool]:
    """Return the genomes, or in their place the pool that they are all of: its bytes are the same.

    Piece by piece the bytes of a small genome take longer than its evolution.
    """
    held = GenePool.holding(genomes)
    if held is None:
        return genomes
    pool, places = held
    return [pool] if list(places) == list(range(len(pool))) else genomes


def _integers(*values: int) -> bytes:
    return np.array(values, dtype="<i8").tobytes()


def _floats(*values: float) -> bytes:
    return np.array(values, dtype="<f8").tobytes()
