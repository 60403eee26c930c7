"""Many genomes as a few flat arrays with offsets, the way files hold them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import GenomeError, StorageError
from neuroevo.neat.genome import (
    ACTIVATIONS,
    AGGREGATIONS,
    CONNECTION_FIELDS,
    NODE_FIELDS,
    Genome,
    check_genome,
)

_GROUPS = (("node_offsets", NODE_FIELDS), ("connection_offsets", CONNECTION_FIELDS))
_ANY_NUM_INPUTS = 1 << 62
_FEW = 8
"""So many genomes are checked sooner than a kernel is loaded."""


def pack_genomes(genomes: Sequence[Genome]) -> dict[str, npt.NDArray[Any]]:
    """Return the genomes' fields concatenated.

    Returns:
        ``genome_ids``: (n,) int64; ``node_offsets``, ``connection_offsets``: (n + 1,) int64, where
        genome i owns rows offsets[i] to offsets[i + 1]; and each gene field under its own name.
    """
    sizes = np.array([(g.num_nodes, g.num_connections) for g in genomes], np.int64).reshape(-1, 2)
    ends = np.concatenate([np.zeros((1, 2), np.int64), np.cumsum(sizes, axis=0)])
    packed: dict[str, npt.NDArray[Any]] = {
        "genome_ids": np.array([genome.id for genome in genomes], dtype=np.int64)
    }
    columns: list[list[npt.NDArray[Any]]] = []
    for column, (offsets_name, fields) in enumerate(_GROUPS):
        packed[offsets_name] = np.ascontiguousarray(ends[:, column])
        packed |= {name: np.empty(ends[-1, column], dtype) for name, dtype in fields}
        columns.append([packed[name] for name, _ in fields])
    # Genome by genome, so that what a pool makes of each is not there for all at once.
    for genome, (first, begin), (last, end) in zip(
        genomes, ends[:-1].tolist(), ends[1:].tolist(), strict=True
    ):
        own = iter(genome.arrays())
        for array, wanted in zip(columns[0], own, strict=False):
            array[first:last] = wanted
        for array, wanted in zip(columns[1], own, strict=True):
            array[begin:end] = wanted
    return packed


def unpack_genomes(where: str, arrays: Mapping[str, npt.NDArray[Any]]) -> list[Genome]:
    """Inverse of :func:`pack_genomes`; every genome is checked.

    Args:
        where: of the file, for messages.
        arrays: as packed, or as :func:`~neuroevo.storage.slot_arrays.with_marks` gives them; others
            are ignored.

    Raises:
        StorageError: an array is missing or of the wrong type, the offsets do not fit, or a
            genome breaks an invariant (a weight is not finite, a connection leads nowhere, ...).
    """
    ids = take(where, arrays, "genome_ids", "<i8")
    fields: list[dict[str, npt.NDArray[Any]]] = [{} for _ in ids]
    for offsets_name, group in _GROUPS:
        offsets = take(where, arrays, offsets_name, "<i8")
        for name, dtype in group:
            values = take(where, arrays, name, dtype)
            check_offsets(where, offsets_name, offsets, len(ids), len(values))
            for genome_fields, (start, stop) in zip(fields, pairwise(offsets), strict=True):
                genome_fields[name] = values[start:stop]
    genomes = [Genome(id=int(i), **columns) for i, columns in zip(ids, fields, strict=True)]
    if len(genomes) <= _FEW or not _are_all_sound(arrays):
        _check_one_by_one(where, genomes)
    return genomes


def _are_all_sound(arrays: Mapping[str, npt.NDArray[Any]]) -> bool:
    """Tell whether no genome of the table needs a closer look; offsets are checked before."""
    # Numba only where there is much to check.
    from neuroevo.storage.gene_checks import are_distinct, are_sound

    names = ("node_offsets", *(name for name, _ in NODE_FIELDS), "connection_offsets")
    names += ("innovation", "source", "target", "weight")
    arguments: list[Any] = [np.require(arrays[name], requirements="A") for name in names]
    has_distinct_marks = False
    if "slot" in arrays:  # equal pairs in one genome would be two rows of the table
        pairs = np.ascontiguousarray(arrays["innovation_connections"][:, :2].T)
        pairs.flags.writeable = False  # as what is read: for another type numba compiles anew
        has_distinct_marks = bool(are_distinct(*pairs))
    arguments += [_ANY_NUM_INPUTS, len(ACTIVATIONS), len(AGGREGATIONS), has_distinct_marks]
    return bool(are_sound(*arguments))


def _check_one_by_one(where: str, genomes: Sequence[Genome]) -> None:
    try:
        for genome in genomes:
            check_genome(genome, _ANY_NUM_INPUTS, 0)
    except GenomeError as problem:
        raise StorageError(f"{where}: {problem}") from problem


def take(
    where: str, arrays: Mapping[str, npt.NDArray[Any]], name: str, dtype: str, num_axes: int = 1
) -> npt.NDArray[Any]:
    """Return one array, or say that it is missing or of another type or rank."""
    array = arrays.get(name)
    if array is None or array.dtype != np.dtype(dtype) or array.ndim != num_axes:
        got = "none" if array is None else f"{array.dtype.str} of shape {array.shape}"
        raise StorageError(
            f"{where}: array {name} must be {dtype} with {num_axes} axes; got {got}. "
            "The file is damaged: take an earlier checkpoint or a copy."
        )
    return array


def check_offsets(
    where: str, name: str, offsets: npt.NDArray[np.int64], num_groups: int, num_rows: int
) -> None:
    """Check that offsets start at 0, never fall, and end at the number of rows."""
    fits = (
        len(offsets) == num_groups + 1
        and offsets[0] == 0
        and offsets[-1] == num_rows
        and bool(np.all(offsets[1:] >= offsets[:-1]))
    )
    if not fits:
        raise StorageError(
            f"{where}: {name} must rise from 0 to {num_rows} in {num_groups} steps; got others. "
            "The file is damaged: take an earlier checkpoint or a copy."
        )
