"""Many genomes shown the same cases: outputs come from one kernel, and no network is kept.

A small network takes less time to run than Python takes to ask for it, so where all genomes are
asked the same, they are asked together. Each answers as its network from
:func:`~neuroevo.network.compile.compile_network` would.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.compiling import entry
from neuroevo.errors import NetworkError
from neuroevo.neat.genome import Genome, PoolGenomes, pool_of
from neuroevo.network.compile import compile_network, tiny_genome
from neuroevo.network.kernels import FEED_FORWARD, RECURRENT, show
from neuroevo.network.layout import lay_out

Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]


@entry
def answer(
    node_ids: Integers, floats: Floats, codes: npt.NDArray[np.uint8], link: npt.NDArray[np.uint32],
    weight: Floats, rows: Integers, offsets: Integers, places: Integers,
    kind: int, num_steps: int, cases: Floats, outputs: Floats,
) -> int:  # fmt: skip
    """Compile genomes, one after the other, and show each every case.

    Args:
        node_ids: of many genomes, as the next five :meth:`~neuroevo.neat.genome.Genome.layout`.
        floats: as above.
        codes: as above.
        link: as above.
        weight: as above.
        rows: as above.
        offsets: (2, n + 1) int64, where the nodes and the connections of each genome begin.
        places: (m,) int64, which of them are asked.
        kind: ``RECURRENT`` or ``FEED_FORWARD``.
        num_steps: activation steps per case, at least 1, from a network that was reset.
        cases: (num_cases, num_inputs) float64.
        outputs: (m, num_cases, num_outputs) float64, written.

    Returns:
        Which of ``places`` has a genome that cannot be compiled, or -1; the outputs from there on
        are not written.
    """
    num_inputs, num_outputs = cases.shape[1], outputs.shape[2]
    for n in range(len(places)):
        place = places[n]
        first, last = offsets[0, place], offsets[0, place + 1]
        begin, end = offsets[1, place], offsets[1, place + 1]
        if last - first < num_outputs or node_ids[first + num_outputs - 1] != num_outputs - 1:
            return n
        lost, is_cyclic, _, _, numbers, table = lay_out(
            node_ids, floats, codes, link, weight, rows, first, last, begin, end,
            num_inputs, num_outputs, kind,
        )  # fmt: skip
        if lost >= 0 or (is_cyclic and kind == FEED_FORWARD):
            return n
        show(cases, num_steps, numbers, table, outputs[n])
    return -1


def answers(
    genomes: Sequence[Genome],
    cases: Floats,
    num_outputs: int,
    *,
    num_steps: int,
    feed_forward: bool,
) -> Floats:
    """Return what the networks of genomes answer to cases.

    Args:
        genomes: any number, each as :func:`~neuroevo.network.compile.compile_network` takes it.
            Those of one pool are answered for in one call.
        cases: (num_cases, num_inputs) float64; each is shown to a network that was reset.
        num_outputs: of every network.
        num_steps: activation steps that a case is shown for, at least 1.
        feed_forward: the kind of network.

    Returns:
        (num_genomes, num_cases, num_outputs) float64, the outputs after the last step.

    Raises:
        NetworkError: what ``compile_network`` says of the first genome that it refuses.
    """
    cases = np.ascontiguousarray(cases, dtype=np.float64)
    num_cases, num_inputs = cases.shape
    outputs = np.empty((len(genomes), num_cases, num_outputs))
    kind = FEED_FORWARD if feed_forward else RECURRENT
    first = 0
    for arrays, places in _stretches(genomes):
        part = outputs[first : first + len(places)]
        bad = answer(*arrays, places, kind, num_steps, cases, part)  # type: ignore[call-arg]
        if bad >= 0:
            genome = genomes[first + bad]
            compile_network(genome, num_inputs, num_outputs, feed_forward=feed_forward)
            raise NetworkError(f"genome {genome.id}: must compile; a kernel refused it.")
        first += len(places)
    return outputs


def warm_up() -> None:
    """Compile the kernel of this module, or load it from Numba's cache."""
    answers([tiny_genome()], np.zeros((1, 1)), 1, num_steps=1, feed_forward=False)


def _stretches(genomes: Sequence[Genome]) -> Iterator[tuple[tuple[Any, ...], Integers]]:
    """Yield where genomes lie: the arrays of :func:`answer`, and their places there."""
    if isinstance(genomes, PoolGenomes):
        yield genomes.pool.layouts(), genomes.places
        return
    pool = pool_of(genomes)
    if pool is not None:
        yield pool.layouts(), np.array([genome.place for genome in genomes], dtype=np.int64)
        return
    for genome in genomes:
        *arrays, first, last, begin, end = genome.layout()
        offsets = np.array([[first, last], [begin, end]])
        offsets.flags.writeable = False  # as a pool's: kernels are compiled for no other kind
        yield (*arrays, offsets), np.zeros(1, np.int64)
