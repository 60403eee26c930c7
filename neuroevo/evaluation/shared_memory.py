"""Memory that master and workers share: genes are written once and read where they lie.

A socket takes 0.6 ms for a genome of 6,700 connections, and holds up both ends for as long. Here
the master copies the genes of a round of evaluations as they are (12 bytes a connection) into a
nameless file in memory, and workers map it. Only the master writes, and never what a worker may
still read: the next round is written when no genome of the last one is on its way.
"""

from __future__ import annotations

import mmap
import os
import struct
import tempfile
from collections.abc import Sequence

from neuroevo.errors import EvaluationError
from neuroevo.neat.gene_block import (
    BlockSize,
    GeneBlock,
    block_of,
    block_that_holds,
    num_block_bytes,
    read_block,
    write_block,
)
from neuroevo.neat.genome import Genome

_HEADER = struct.Struct("<4q")
"""What the memory begins with: how much the block behind it holds."""

_HEADER_BYTES = 64  # the arrays of a block are aligned to as much


class GenomeWriter:
    """The master's end.

    Attributes:
        fd: the file descriptor that workers inherit.
        round: counts what was written; a worker looks anew when it changes.
    """

    def __init__(self) -> None:
        """Make the shared memory; it grows with what is written."""
        if hasattr(os, "memfd_create"):
            self.fd = os.memfd_create("neuroevo-genomes")
        else:
            with tempfile.TemporaryFile() as file:
                self.fd = os.dup(file.fileno())
        self.round = 0
        self._memory: mmap.mmap | bytes = b""

    def write(self, genomes: Sequence[Genome]) -> Sequence[int]:
        """Write genomes over those of the last round; return the place of each.

        Raises:
            EvaluationError: there is no memory left.
        """
        block, places = block_that_holds(genomes), [genome.place for genome in genomes]
        if block is None:
            block, places = block_of(genomes), list(range(len(genomes)))
        size = block.size()
        num_bytes = _HEADER_BYTES + num_block_bytes(size)
        if num_bytes > len(self._memory):
            self._grow(num_bytes)
        memory = memoryview(self._memory)
        _HEADER.pack_into(memory, 0, *size)
        write_block(block, memory[_HEADER_BYTES:])
        self.round += 1
        return places

    def _grow(self, wanted: int) -> None:
        """Make room for so many bytes, and for some growth of the genomes."""
        room = wanted * 5 // 4
        try:
            if hasattr(os, "posix_fallocate"):  # memory that is not there is an error now, and
                os.posix_fallocate(self.fd, 0, room)  # not a signal when it is written
            else:
                os.ftruncate(self.fd, room)
            self._memory = mmap.mmap(self.fd, room)
        except (OSError, ValueError) as problem:
            raise EvaluationError(
                f"shared memory: must take {wanted} bytes of genes; got {problem}. "
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
        self._round = 0
        self._block: GeneBlock | None = None

    def read(self, round_number: int, place: int) -> Genome:
        """Return a genome whose arrays lie in the shared memory, until the round is over."""
        if self._block is None or round_number != self._round:
            self._block, self._round = self._read_block(), round_number
        return Genome.of_pool(int(self._block.ids[place]), self._block, place)

    def _read_block(self) -> GeneBlock:
        if os.fstat(self._fd).st_size > len(self._memory):
            # It grew; an older map lives as long as what is seen of it.
            self._memory = mmap.mmap(self._fd, 0, access=mmap.ACCESS_READ)
        memory = memoryview(self._memory)
        return read_block(BlockSize(*_HEADER.unpack_from(memory)), memory[_HEADER_BYTES:])
