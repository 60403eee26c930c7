"""Memory that master and workers share: genes are written once and read where they lie.

A socket takes 0.6 ms for a genome of 6,700 connections, and holds up both ends for as long. Here
the master writes the arrays of a genome into a nameless file in memory, and a worker that is told
where maps them. Only the master writes, and never what a worker may still read: a round of
evaluations begins anew at the beginning when no genome of the last one is on its way.
"""

from __future__ import annotations

import mmap
import os
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import EvaluationError
from neuroevo.neat.genome import (
    CONNECTION_FIELDS,
    CONNECTION_SIZE,
    NODE_FIELDS,
    NODE_SIZE,
    Genome,
)

_FIELDS = sorted(
    [(name, np.dtype(dtype), True) for name, dtype in NODE_FIELDS]
    + [(name, np.dtype(dtype), False) for name, dtype in CONNECTION_FIELDS],
    key=lambda field: -field[1].itemsize,
)
"""(name, dtype, is of nodes), eight-byte numbers first, so that each array is aligned."""

_ORDER = tuple(
    [name for name, _ in NODE_FIELDS + CONNECTION_FIELDS].index(name) for name, _, _ in _FIELDS
)
"""Their places in ``Genome.arrays``."""

_LEAST_ROOM = 1 << 16
"""Bytes that the memory has at least."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a genome lies: the offset of its first byte, and how many genes it has."""

    offset: int
    num_nodes: int
    num_connections: int


class GenomeWriter:
    """The master's end.

    Attributes:
        fd: the file descriptor that workers inherit.
    """

    def __init__(self) -> None:
        """Make the shared memory; it grows with what is written."""
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("neuroevo-genomes")
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self._memory: mmap.mmap | bytes = b""
        self._end = 0

    def restart(self) -> None:
        """Write over everything from now on."""
        self._end = 0

    def write(self, genome: Genome) -> Place:
        """Write a genome behind the last one.

        Raises:
            EvaluationError: there is no memory left.
        """
        place = Place(self._end, genome.num_nodes, genome.num_connections)
        size = place.num_nodes * NODE_SIZE + place.num_connections * CONNECTION_SIZE
        if self._end + size > len(self._memory):
            self._grow(self._end + size, size)
        genome.copy_to(_arrays_at(self._memory, place))
        self._end += -(-size // 8) * 8
        return place

    def _grow(self, wanted: int, size: int) -> None:
        """Make room for all in all ``wanted`` bytes; ``size`` are those of the next genome."""
        room = max(wanted, len(self._memory) * 5 // 4, _LEAST_ROOM)
        try:
            if hasattr(os, "posix_fallocate"):  # memory that is not there is an error now, and
                os.posix_fallocate(self.fd, 0, room)  # not a signal when it is written
            else:
                os.ftruncate(self.fd, room)
            self._memory = mmap.mmap(self.fd, room)
        except (OSError, ValueError) as problem:
            raise EvaluationError(
                f"shared memory: must take {size} bytes of a genome; got {problem}. "
                "Free some memory, or evolve with --workers 0 or a smaller population."
            ) from problem

    def close(self) -> None:
        """Give the memory back once the workers have left, too; may be called twice."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1


class GenomeReader:
    """A worker's end."""

    def __init__(self, fd: int) -> None:
        """Take the inherited file descriptor."""
        self._fd = fd
        self._memory: mmap.mmap | bytes = b""

    def read(self, genome_id: int, place: Place) -> Genome:
        """Return a genome whose arrays lie in the shared memory, until the round is over."""
        size = place.num_nodes * NODE_SIZE + place.num_connections * CONNECTION_SIZE
        if place.offset + size > len(self._memory):
            # It grew; an older map lives as long as what is seen of it.
            self._memory = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)
        arrays = _arrays_at(self._memory, place)
        return Genome.of_pool(genome_id, _Mapped(tuple(arrays)), 0)


@dataclass(frozen=True, slots=True)
class _Mapped:
    """What holds one genome of a worker."""

    own: tuple[npt.NDArray[Any], ...]

    def arrays(self, place: int) -> tuple[npt.NDArray[Any], ...]:  # noqa: ARG002 - there is one
        """Return all arrays."""
        return self.own

    def sizes(self, place: int) -> tuple[int, int]:  # noqa: ARG002 - there is one
        """Return the numbers of node genes and of connection genes."""
        return len(self.own[0]), len(self.own[-1])

    def copy_to(self, place: int, out: Sequence[npt.NDArray[Any]]) -> None:  # noqa: ARG002
        """Copy all arrays."""
        for array, own in zip(out, self.own, strict=True):
            array[:] = own


def _arrays_at(memory: mmap.mmap | bytes, place: Place) -> list[npt.NDArray[Any]]:
    """Return the arrays of a genome that lie there, in the order of ``Genome.arrays``."""
    counts = {True: place.num_nodes, False: place.num_connections}
    arrays: list[Any] = [None] * len(_FIELDS)
    offset = place.offset
    for index, (_, dtype, is_of_nodes) in zip(_ORDER, _FIELDS, strict=True):
        count = counts[is_of_nodes]
        arrays[index] = np.frombuffer(memory, dtype, count, offset)
        offset += dtype.itemsize * count
    return arrays
