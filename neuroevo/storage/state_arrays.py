"""A population state as flat arrays and a little JSON, and back, with cross checks.

Genomes, representatives, the best genome and the hall of fame share one table of genomes, in this
order.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import StorageError
from neuroevo.neat.genome import Genome
from neuroevo.neat.state import BestGenome, InnovationState, PopulationState, SpeciesState
from neuroevo.storage.container import JSON
from neuroevo.storage.genome_arrays import check_offsets, take, unpack_genomes
from neuroevo.storage.slot_arrays import pack_slots, with_marks

_COUNTERS = ("generation", "next_genome_id", "next_species_id", "last_improved")
_GENERATORS = ("PCG64", "PCG64DXSM", "SFC64")
_MOST = 1 << 62  # counters that end as int64 somewhere, with room to count on

Arrays = Mapping[str, npt.NDArray[Any]]


def pack_state(state: PopulationState) -> tuple[dict[str, npt.NDArray[Any]], dict[str, JSON]]:
    """Return the arrays and the JSON object that hold the whole state.

    Raises:
        PopulationError: the innovations do not know a connection of a genome.
    """
    species, best, innovations = state.species, state.best, state.innovations
    members = [species_.member_ids for species_ in species]
    table = [*state.genomes, *(s.representative for s in species)] + ([best.genome] if best else [])
    table += [kept.genome for kept in state.hall_of_fame]
    arrays = pack_slots(table, innovations) | {
        "species_ids": np.array([s.id for s in species], dtype=np.int64),
        "species_created": np.array([s.created for s in species], dtype=np.int64),
        "species_last_improved": np.array([s.last_improved for s in species], dtype=np.int64),
        # An array, since JSON has no -inf, which a species has before its first generation.
        "species_best_fitness": np.array([s.best_fitness for s in species], dtype=np.float64),
        "member_offsets": np.cumsum([0, *map(len, members)], dtype=np.int64),
        "member_ids": np.array([i for ids in members for i in ids], dtype=np.int64),
        "innovation_splits": np.asarray(innovations.splits, dtype=np.int64),
    }
    content: dict[str, JSON] = {name: int(getattr(state, name)) for name in _COUNTERS} | {
        "num_genomes": len(state.genomes),
        "next_innovation": int(innovations.next_innovation),
        "next_node_id": int(innovations.next_node_id),
        "compatibility_threshold": float(state.compatibility_threshold),
        "best": _pack_best(best) if best else None,
        "random_state": dict(state.random_state),
    }
    if state.hall_of_fame:  # files of runs that do not use it stay as they are
        content["hall_of_fame"] = [_pack_best(kept) for kept in state.hall_of_fame]
    return arrays, content


def unpack_state(where: str, arrays: Arrays, content: Mapping[str, JSON]) -> PopulationState:
    """Inverse of :func:`pack_state`.

    Args:
        where: of the file, for messages.
        arrays: as packed.
        content: as packed.

    Raises:
        StorageError: something is missing, of another type, or contradicts something else.
    """
    table = unpack_genomes(where, with_marks(where, arrays))
    num_genomes = _integer(where, content, "num_genomes")
    num_species = len(take(where, arrays, "species_ids", "<i8"))
    cards = _best_cards(where, content)
    num_expected = num_genomes + num_species + len(cards)
    _require(
        len(table) == num_expected, where, f"a table of {num_expected} genomes", f"{len(table)}"
    )
    genomes_of_cards = table[num_genomes + num_species :]
    bests = [_unpack_best(where, *pair) for pair in zip(cards, genomes_of_cards, strict=True)]
    has_best = content.get("best") is not None
    state = PopulationState(
        genomes=tuple(table[:num_genomes]),
        species=_unpack_species(where, arrays, table[num_genomes : num_genomes + num_species]),
        innovations=InnovationState(
            connections=take(where, arrays, "innovation_connections", "<i8", 2),
            splits=take(where, arrays, "innovation_splits", "<i8", 2),
            next_innovation=_integer(where, content, "next_innovation"),
            next_node_id=_integer(where, content, "next_node_id"),
        ),
        compatibility_threshold=_number(where, content, "compatibility_threshold"),
        best=bests[0] if has_best else None,
        random_state=_random_state(where, content),
        hall_of_fame=tuple(bests[has_best:]),
        **{name: _integer(where, content, name) for name in _COUNTERS},
    )
    _check_references(where, state)
    return state


def _pack_best(best: BestGenome) -> dict[str, JSON]:
    return {"fitness": float(best.fitness), "generation": int(best.generation)}


def _best_cards(where: str, content: Mapping[str, JSON]) -> list[JSON]:
    """Return what is said of the best genome, if there is one, and of the hall of fame."""
    best, hall = content.get("best"), content.get("hall_of_fame", [])
    _require(isinstance(hall, list), where, "a hall of fame as a list", repr(hall)[:80])
    return [*([] if best is None else [best]), *hall]


def _unpack_best(where: str, card: JSON, genome: Genome) -> BestGenome:
    if not isinstance(card, dict):
        raise _damaged(where, "a best genome", repr(card)[:80])
    return BestGenome(genome, _number(where, card, "fitness"), _integer(where, card, "generation"))


def _unpack_species(
    where: str, arrays: Arrays, representatives: list[Genome]
) -> tuple[SpeciesState, ...]:
    ids = take(where, arrays, "species_ids", "<i8")
    created = take(where, arrays, "species_created", "<i8")
    last_improved = take(where, arrays, "species_last_improved", "<i8")
    best_fitness = take(where, arrays, "species_best_fitness", "<f8")
    offsets = take(where, arrays, "member_offsets", "<i8")
    members = take(where, arrays, "member_ids", "<i8")
    check_offsets(where, "member_offsets", offsets, len(ids), len(members))
    columns = (created, last_improved, best_fitness)
    is_complete = all(len(column) == len(ids) for column in columns)
    _require(is_complete, where, f"{len(ids)} rows per species array", "others")
    _require(not np.any(np.isnan(best_fitness)), where, "species fitnesses that are numbers", "nan")
    return tuple(
        SpeciesState(
            id=int(ids[i]),
            created=int(created[i]),
            last_improved=int(last_improved[i]),
            best_fitness=float(best_fitness[i]),
            representative=representatives[i],
            member_ids=tuple(int(member) for member in members[start:stop]),
        )
        for i, (start, stop) in enumerate(pairwise(offsets))
    )


def _check_references(where: str, state: PopulationState) -> None:
    """Check that ids exist, occur once, and lie below the counters."""
    ids = [genome.id for genome in state.genomes]
    species_ids = [species.id for species in state.species]
    for name, values in (("genome ids", ids), ("species ids", species_ids)):
        _require(all(a < b for a, b in pairwise(values)), where, f"{name} that ascend", "disorder")
    members = sorted(member for species in state.species for member in species.member_ids)
    _require(members == ids, where, "every genome in exactly one species", "strays or repeats")

    innovations = state.innovations
    for name, table, width in (
        ("innovation_connections", innovations.connections, 3),
        ("innovation_splits", innovations.splits, 2),
    ):
        _require(table.shape[1] == width, where, f"{name} of {width} columns", f"{table.shape}")
    genomes = [*state.genomes, *(species.representative for species in state.species)]
    genomes += [kept.genome for kept in state.hall_of_fame]
    highest: tuple[tuple[str, int, Sequence[int] | npt.NDArray[np.int64]], ...] = (
        ("next_genome_id", state.next_genome_id, ids),
        ("next_species_id", state.next_species_id, species_ids),
        ("next_innovation", innovations.next_innovation, innovations.connections[:, 2]),
        ("next_node_id", innovations.next_node_id, innovations.splits[:, 1]),
        # Those of a genome ascend, which was checked.
        *(("next_innovation", innovations.next_innovation, g.innovation[-1:]) for g in genomes),
        *(("next_node_id", innovations.next_node_id, g.node_ids[-1:]) for g in genomes),
    )
    for name, free, used in highest:
        top = int(np.max(used)) if len(used) else -1
        _require(top < free, where, f"{name} above every number in use", f"{free} and {top}")


def _random_state(where: str, content: Mapping[str, JSON]) -> dict[str, JSON]:
    """Return the generator's state after proving that numpy accepts it."""
    state = content.get("random_state")
    if not isinstance(state, dict):
        raise _damaged(where, "a random state", repr(state)[:40])
    name = state.get("bit_generator")
    _require(name in _GENERATORS, where, f"a generator of {_GENERATORS}", repr(name)[:40])
    try:
        getattr(np.random, str(name))().state = state
    except (ValueError, TypeError, KeyError, OverflowError) as problem:
        raise _damaged(where, "a random state", repr(problem)[:80]) from problem
    return dict(state)


def _integer(where: str, content: Mapping[str, JSON], name: str) -> int:
    value = content.get(name)
    if type(value) is not int or not 0 <= value < _MOST:  # exact: a bool is no count
        raise _damaged(where, f"{name} as a count", repr(value)[:40])
    return value


def _number(where: str, content: Mapping[str, JSON], name: str) -> float:
    value = content.get(name)
    if not isinstance(value, float) or not np.isfinite(value):
        raise _damaged(where, f"{name} as a finite number", repr(value)[:40])
    return value


def _damaged(where: str, rule: str, got: str) -> StorageError:
    return StorageError(
        f"{where}: expected {rule}; got {got}. "
        "The file is damaged: take an earlier checkpoint or a copy."
    )


def _require(holds: bool, where: str, rule: str, got: str) -> None:
    if not holds:
        raise _damaged(where, rule, got)
