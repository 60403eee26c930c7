"""The genome: an immutable value of node genes and connection genes held in flat arrays.

Owns the layout, the invariants and the byte format of one genome. Knows nothing of fitness,
species, files or networks.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import repeat
from typing import TYPE_CHECKING, Any, Protocol, overload

import numpy as np
import numpy.typing as npt

from neuroevo.errors import GenomeError

ACTIVATIONS: tuple[str, ...] = (
    "sigmoid", "tanh", "sin", "gauss", "relu", "elu", "lelu", "selu", "softplus",
    "identity", "clamped", "inv", "log", "exp", "abs", "hat", "square", "cube",
)  # fmt: skip
"""Activation names; a node gene stores the index into this tuple (never reorder: files hold it)."""

AGGREGATIONS: tuple[str, ...] = ("sum", "product", "max", "min", "maxabs", "median", "mean")
"""Aggregation names; a node gene stores the index into this tuple (never reorder)."""

NODE_FIELDS: tuple[tuple[str, str], ...] = (
    ("node_ids", "<i8"),
    ("bias", "<f8"),
    ("response", "<f8"),
    ("time_constant", "<f8"),
    ("activation", "|u1"),
    ("aggregation", "|u1"),
)
"""Node gene arrays in their stored order: (field, little-endian dtype)."""

CONNECTION_FIELDS: tuple[tuple[str, str], ...] = (
    ("innovation", "<i8"),
    ("source", "<i8"),
    ("target", "<i8"),
    ("weight", "<f8"),
    ("enabled", "|b1"),
)
"""Connection gene arrays in their stored order: (field, little-endian dtype)."""

_DTYPES = {name: np.dtype(dtype) for name, dtype in NODE_FIELDS + CONNECTION_FIELDS}

NODE_SIZE, CONNECTION_SIZE = (
    sum(_DTYPES[name].itemsize for name, _ in fields) for fields in (NODE_FIELDS, CONNECTION_FIELDS)
)
"""Bytes of one gene."""

_PLACES = {name: place for place, name in enumerate(_DTYPES)}

_HEADER = struct.Struct("<4sHqIII")
ID_PLACE, SIZES_PLACE = struct.calcsize("<4sH"), struct.calcsize("<4sHq")
"""Where the id begins in the head of a genome's bytes, and where the numbers of nodes and of
connections do, four bytes each."""

_MAGIC = b"NEG1"


class Holder(Protocol):
    """Holds the genes of many genomes; see ``gene_block.py``.

    Attributes:
        ids: (n,) int64, of the genomes.
    """

    ids: npt.NDArray[np.int64]

    def arrays(self, place: int) -> tuple[npt.NDArray[Any], ...]:
        """Return all arrays of the genome at a place, in the order of :meth:`Genome.arrays`."""
        ...

    def sizes(self, place: int) -> tuple[int, int]:
        """Return its numbers of node genes and of connection genes."""
        ...

    def num_enabled(self, place: int) -> int:
        """Return its number of enabled connection genes."""
        ...

    def layout(self, place: int) -> tuple[Any, ...]:
        """Return where its genes lie, in the order of :meth:`Genome.layout`."""
        ...

    def layouts(self) -> tuple[Any, ...]:
        """Return the arrays of :meth:`Genome.layout`, and where the genes of each genome begin.

        That is (2, n + 1) int64, read-only: in the arrays of nodes, and in those of connections.
        """
        ...


@dataclass(frozen=True, eq=False, slots=True)
class Genome:
    """Node genes sorted by node id and connection genes sorted by innovation number.

    Inputs have no gene; their ids are -1, -2, ...; outputs are 0, 1, ... and always present;
    hidden nodes come after. All arrays are read-only. Equality is identity: use
    :func:`same_genes` to compare values.

    A genome either has arrays of its own or is one of a pool (:meth:`of_pool`): then its arrays are
    made whenever one is asked for, so ask for all of them at once (:meth:`arrays`).

    Attributes:
        id: unique within a run; a copied elite keeps its id.
        node_ids: (num_nodes,) int64, ascending, all >= 0.
        bias: (num_nodes,) float64.
        response: (num_nodes,) float64, multiplies the aggregated input.
        time_constant: (num_nodes,) float64 (neat-python's CTRNN attribute; part of the distance).
        activation: (num_nodes,) uint8, index into :data:`ACTIVATIONS`.
        aggregation: (num_nodes,) uint8, index into :data:`AGGREGATIONS`.
        innovation: (num_connections,) int64, strictly ascending.
        source: (num_connections,) int64, an input id or a node id.
        target: (num_connections,) int64, a node id.
        weight: (num_connections,) float64.
        enabled: (num_connections,) bool.
    """

    id: int
    node_ids: npt.NDArray[np.int64]
    bias: npt.NDArray[np.float64]
    response: npt.NDArray[np.float64]
    time_constant: npt.NDArray[np.float64]
    activation: npt.NDArray[np.uint8]
    aggregation: npt.NDArray[np.uint8]
    innovation: npt.NDArray[np.int64]
    source: npt.NDArray[np.int64]
    target: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]
    enabled: npt.NDArray[np.bool_]

    pool: Holder | None = field(init=False, repr=False, default=None)
    place: int = field(init=False, repr=False, default=0)

    def __post_init__(self) -> None:
        for name, dtype in _DTYPES.items():
            # Aligned, too: kernels compile anew for arrays that are not (as bytes off a socket).
            array = np.asarray(getattr(self, name), dtype=dtype)
            if not (array.flags.c_contiguous and array.flags.aligned):
                array = np.require(array, requirements=["C", "A"])
            if array.flags.writeable:
                array = array.view()  # a caller's own array stays writeable for the caller
                array.flags.writeable = False
            object.__setattr__(self, name, array)

    @classmethod
    def of_pool(cls, genome_id: int, pool: Holder, place: int) -> Genome:
        """Return the genome at a place of a pool."""
        self = object.__new__(cls)
        _set_id(self, genome_id)
        _set_pool(self, pool)
        _set_place(self, place)
        return self

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> npt.NDArray[Any]:
            """Return an array that lies in the pool."""
            if name in _DTYPES:
                return self.pool.arrays(self.place)[_PLACES[name]]
            raise AttributeError(name)

    def arrays(self) -> tuple[npt.NDArray[Any], ...]:
        """Return all arrays, in the order of :data:`NODE_FIELDS` and :data:`CONNECTION_FIELDS`."""
        if self.pool is not None:
            return self.pool.arrays(self.place)
        return tuple(getattr(self, name) for name in _DTYPES)

    def layout(self) -> tuple[Any, ...]:
        """Return where the genes lie, for kernels: nothing is copied if that is a pool.

        Returns:
            node_ids (n,) int64, floats (3, n) float64, codes (2, n) uint8, link (c,) uint32, weight
            (c,) float64, rows (3, r) int64: read-only arrays of many genomes, as ``Genes`` and
            ``GeneBlock.rows`` say; then where the genome's own nodes begin and end there, and its
            connections.
        """
        if self.pool is not None:
            return self.pool.layout(self.place)
        made = (
            np.stack([self.bias, self.response, self.time_constant]),
            np.stack([self.activation, self.aggregation]),
            links_of(np.arange(len(self.weight)), self.enabled),
            np.stack([self.source, self.target, self.innovation]),
        )
        for array in made:
            array.flags.writeable = False  # as a pool's: kernels are compiled for no other kind
        floats, codes, link, rows = made
        return (
            self.node_ids, floats, codes, link, self.weight, rows,
            0, len(self.node_ids), 0, len(self.weight),
        )  # fmt: skip

    @property
    def num_nodes(self) -> int:
        """Number of node genes (outputs and hidden nodes; inputs have no gene)."""
        return len(self.node_ids) if self.pool is None else self.pool.sizes(self.place)[0]

    @property
    def num_connections(self) -> int:
        """Number of connection genes, disabled ones included."""
        return len(self.weight) if self.pool is None else self.pool.sizes(self.place)[1]

    @property
    def num_enabled(self) -> int:
        """Number of enabled connection genes."""
        if self.pool is None:
            return int(np.count_nonzero(self.enabled))
        return self.pool.num_enabled(self.place)

    def changed(self, **arrays: Any) -> Genome:
        """Return a copy with some fields replaced."""
        return replace(self, **arrays)


# A frozen class leaves no other way that is as fast: thousands are made in every generation.
_set_id, _set_pool, _set_place = (Genome.__dict__[name].__set__ for name in ("id", "pool", "place"))


class PoolGenomes(Sequence[Genome]):
    """Genomes of one pool; each is made whenever it is asked for, since few ever are.

    Two looks at a place give two objects with the same genes: compare ids or genes.

    Attributes:
        pool: holds their genes.
        places: (n,) int64, where in the pool.
        is_whole: whether they are all that the pool has, by place.
    """

    __slots__ = ("is_whole", "places", "pool")

    def __init__(self, pool: Holder, places: npt.NDArray[np.int64] | None = None) -> None:
        """Take a pool, and which of its genomes; None is all."""
        self.pool = pool
        self.is_whole = places is None
        self.places = np.arange(len(pool.ids)) if places is None else places

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, index: int) -> Genome: ...

    @overload
    def __getitem__(self, index: slice) -> PoolGenomes: ...

    def __getitem__(self, index: int | slice) -> Genome | PoolGenomes:
        """Return one genome, or some."""
        if isinstance(index, slice):
            return self.take(np.arange(len(self))[index])
        place = self.places.item(index)
        return Genome.of_pool(self.pool.ids.item(place), self.pool, place)

    def __iter__(self) -> Iterator[Genome]:
        """Make one after the other."""
        ids = self.pool.ids[self.places].tolist()
        return map(Genome.of_pool, ids, repeat(self.pool), self.places.tolist())

    def take(self, indices: npt.NDArray[np.int64]) -> PoolGenomes:
        """Return some of them, in this order; (k,) int64."""
        return PoolGenomes(self.pool, self.places[indices])


def pool_of(genomes: Sequence[Genome]) -> Holder | None:
    """Return the pool that all genomes are of, or None if there is no such."""
    if isinstance(genomes, PoolGenomes):
        return genomes.pool
    home = genomes[0].pool if genomes else None
    return None if any(genome.pool is not home for genome in genomes) else home


ENABLED = np.uint32(1)
"""What a link has of an enabled connection."""


def links_of(slots: npt.NDArray[Any], enabled: npt.NDArray[np.bool_]) -> npt.NDArray[np.uint32]:
    """Return slots and flags of connections as one number each, twice the slot and the flag.

    Kernels take them apart in ``kernels/links.py``.

    Args:
        slots: (n,) int64 or uint32, 0 <= slot < 2 ** 31, rows of a table.
        enabled: (n,) bool.

    Returns:
        (n,) uint32.
    """
    links = slots.astype(np.uint32)
    links <<= np.uint32(1)
    links |= enabled
    return links


def flags_of(links: npt.NDArray[np.uint32]) -> npt.NDArray[np.bool_]:
    """Return which of the connections are enabled, (n,) bool."""
    return (links & ENABLED).astype(np.bool_)


def same_genes(first: Genome, second: Genome) -> bool:
    """Tell whether two genomes hold bit-identical genes, whatever their ids."""
    pairs = zip(first.arrays(), second.arrays(), strict=True)
    return all(one.tobytes() == other.tobytes() for one, other in pairs)


def check_genome(genome: Genome, num_inputs: int, num_outputs: int) -> None:
    """Check every invariant of a genome.

    Raises:
        GenomeError: naming the genome, the rule and the offending values.
    """

    def require(holds: bool, rule: str, got: object) -> None:
        if not holds:
            shown = " ".join(str(got).split())  # NumPy breaks long arrays into lines
            raise GenomeError(
                f"genome {genome.id}: {rule}; got {shown}. The genome is damaged: "
                "take an earlier checkpoint or another genome file."
            )

    nodes, sources, targets = genome.node_ids, genome.source, genome.target
    for group in (NODE_FIELDS, CONNECTION_FIELDS):
        sizes = [getattr(genome, name).shape for name, _ in group]
        require(
            len(sizes[0]) == 1 and all(s == sizes[0] for s in sizes),
            "arrays of one kind of gene have one length", sizes,
        )  # fmt: skip
    require(bool(np.all(np.diff(nodes) > 0)), "node ids ascend without repeats", nodes)
    require(
        num_outputs <= len(nodes) and bool(np.all(nodes[:num_outputs] == np.arange(num_outputs))),
        f"outputs 0 to {num_outputs - 1} are present", nodes[:num_outputs],
    )  # fmt: skip
    require(bool(np.all(np.diff(genome.innovation) > 0)), "innovation numbers ascend", "disorder")
    require(bool(np.all(np.isin(targets, nodes))), "each target is a node", targets)
    known = np.where(sources < 0, sources >= -num_inputs, np.isin(sources, nodes))
    require(bool(np.all(known)), "each source is an input or a node", sources[~known])
    pairs = np.stack([sources, targets])
    require(
        np.unique(pairs, axis=1).shape[1] == pairs.shape[1],
        "no two connections join the same pair of nodes", "a repeated pair",
    )  # fmt: skip
    for name in ("bias", "response", "time_constant", "weight"):
        require(bool(np.all(np.isfinite(getattr(genome, name)))), f"{name} is finite", "nan or inf")
    require(bool(np.all(genome.activation < len(ACTIVATIONS))), "activations exist", "other codes")
    require(bool(np.all(genome.aggregation < len(AGGREGATIONS))), "aggregations exist", "others")


def genome_to_bytes(genome: Genome) -> bytes:
    """Return the compact little-endian byte form that digests cover."""
    return b"".join(genome_parts(genome))


def genome_parts(genome: Genome) -> Iterator[Any]:
    """Yield the pieces of :func:`genome_to_bytes`, buffers that need no copy."""
    yield genome_head(genome.id, genome.num_nodes, genome.num_connections)
    yield from genome.arrays()


def genome_head(genome_id: int, num_nodes: int, num_connections: int) -> bytes:
    """Return what :func:`genome_to_bytes` begins with."""
    return _HEADER.pack(_MAGIC, 1, genome_id, num_nodes, num_connections, 0)


def num_packed_bytes(num_nodes: int, num_connections: int) -> int:
    """Return the length of :func:`genome_to_bytes`."""
    return _HEADER.size + num_nodes * NODE_SIZE + num_connections * CONNECTION_SIZE


def genome_from_bytes(data: bytes) -> Genome:
    """Inverse of :func:`genome_to_bytes`.

    Raises:
        GenomeError: the bytes do not start with the magic, or their length does not fit.
    """
    if len(data) < _HEADER.size or data[:4] != _MAGIC:
        raise GenomeError("genome bytes: must start with NEG1; got other bytes. Send a genome.")
    _, _, genome_id, num_nodes, num_connections, _ = _HEADER.unpack_from(data)
    counts = [(f, num_nodes) for f in NODE_FIELDS]
    counts += [(f, num_connections) for f in CONNECTION_FIELDS]
    expected = _HEADER.size + sum(np.dtype(f[1]).itemsize * n for f, n in counts)
    if len(data) != expected:
        raise GenomeError(
            f"genome bytes: {num_nodes} nodes and {num_connections} connections take {expected} "
            f"bytes; got {len(data)}. The message or file was cut."
        )
    arrays: dict[str, npt.NDArray[Any]] = {}
    offset = _HEADER.size
    for (name, dtype), count in counts:
        arrays[name] = np.frombuffer(data, dtype=dtype, count=count, offset=offset)
        offset += arrays[name].nbytes
    return Genome(id=genome_id, **arrays)


def genome_digest(genome: Genome) -> str:
    """Return the sha256 (hex) of the genome's bytes, id included."""
    return hashlib.sha256(genome_to_bytes(genome)).hexdigest()
