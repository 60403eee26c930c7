"""One genome in a file, with a card of JSON beside it (settings, fitness, seed, ...)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from neuroevo.errors import StorageError
from neuroevo.neat.genome import Genome
from neuroevo.storage.container import JSON, read_container, write_container
from neuroevo.storage.genome_arrays import pack_genomes, unpack_genomes

KIND = "genome"


def save_genome(
    path: Path, genome: Genome, meta: Mapping[str, JSON], *, is_synced: bool = True
) -> None:
    """Write a genome atomically.

    Args:
        path: ends in ``.npz``.
        genome: its id is kept.
        meta: any JSON object with finite numbers.
        is_synced: wait for the disk.

    Raises:
        StorageError: the name has another ending, or the file cannot be written.
    """
    if path.suffix != ".npz":
        raise StorageError(
            f"{path}: the name of a genome file must end in .npz; got {path.suffix!r}. Rename it."
        )
    write_container(path, KIND, pack_genomes([genome]), meta, is_synced=is_synced)


def load_genome(path: Path) -> tuple[Genome, dict[str, JSON]]:
    """Read a genome and its card.

    Raises:
        StorageError: missing, damaged, foreign or newer.
    """
    arrays, meta = read_container(path, KIND)
    genomes = unpack_genomes(str(path), arrays)
    if len(genomes) != 1:
        raise StorageError(f"{path}: must hold one genome; got {len(genomes)}. Pass a genome file.")
    return genomes[0], meta
