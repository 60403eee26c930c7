"""The sha256 of a whole evolutionary state: equal digests mean equal runs so far."""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError
from neuroevo.neat.genome import Genome, genome_parts, num_packed_bytes
from neuroevo.neat.pool import GenePool
from neuroevo.neat.state import BestGenome, PopulationState


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
    for piece in _pieces(state, fitnesses):
        digest.update(piece)
    return digest.hexdigest()


class _Packed:
    """The bytes of genomes, each behind its length; a kernel puts those of a pool together.

    Piece by piece the bytes of a small genome take longer than its evolution.
    """

    def __init__(self, genomes: Sequence[Genome]) -> None:
        self._genomes, self._pool = genomes, GenePool.of_all(genomes)
        self._bytes: memoryview | None = None  # of all, unless they are many

    def all(self) -> Iterator[Any]:
        """Yield the bytes of all genomes, in pieces."""
        if self._pool is None:
            yield from map(self.one, self._genomes)
            return
        num_bytes = self._pool.packed_start(len(self._pool))
        for chunk in self._pool.packed():
            if len(chunk) == num_bytes:
                self._bytes = chunk
            yield chunk

    def one(self, genome: Genome) -> bytes | memoryview:
        """Return the bytes of a genome, one of all or another."""
        if self._pool is not None and self._bytes is not None and genome.pool is self._pool:
            start, place = self._pool.packed_start, genome.place
            return self._bytes[start(place) : start(place + 1)]
        length = num_packed_bytes(genome.num_nodes, genome.num_connections)
        return b"".join((length.to_bytes(8, "little"), *genome_parts(genome)))


def _pieces(state: PopulationState, fitnesses: npt.NDArray[np.float64]) -> Iterator[Any]:
    """Yield all that is covered, each part behind its length.

    The length keeps neighbouring parts apart: "ab" + "c" is not "a" + "bc".
    """
    innovations, best, packed = state.innovations, state.best, _Packed(state.genomes)
    yield _integers(
        state.generation, state.next_genome_id, state.next_species_id, state.last_improved,
        innovations.next_innovation, innovations.next_node_id,
        len(state.genomes), len(state.species), int(best is not None),
    )  # fmt: skip
    yield _float(state.compatibility_threshold)
    yield from packed.all()
    for species in state.species:
        ids = species.id, species.created, species.last_improved, *species.member_ids
        about = _integers(*ids) + _float(species.best_fitness)
        yield b"".join((about, packed.one(species.representative)))
    yield from _measured(np.ascontiguousarray(innovations.connections, dtype="<i8"))
    yield from _measured(np.ascontiguousarray(innovations.splits, dtype="<i8"))
    if best is not None:
        yield _champion(packed, best)
    for kept in state.hall_of_fame:  # none in runs that do not use it, nor in their digests
        yield _champion(packed, kept)
    yield from _measured(memoryview(_TEXT.encode(dict(state.random_state)).encode()))
    yield from _measured(np.ascontiguousarray(fitnesses, dtype="<f8"))


_TEXT = json.JSONEncoder(sort_keys=True)


def _champion(packed: _Packed, best: BestGenome) -> bytes:
    about = _float(best.fitness) + _integers(best.generation)
    return b"".join((packed.one(best.genome), about))


def _integers(*values: int) -> bytes:
    return _packer(1 + len(values))(8 * len(values), *values)


@lru_cache(maxsize=1024)
def _packer(count: int) -> Callable[..., bytes]:
    return struct.Struct(f"<{count}q").pack


def _float(value: float) -> bytes:
    return struct.pack("<qd", 8, value)


def _measured(data: npt.NDArray[Any] | memoryview) -> Iterator[Any]:
    yield data.nbytes.to_bytes(8, "little")
    yield data
