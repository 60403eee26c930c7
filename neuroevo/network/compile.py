"""From a genome to a network that runs.

Owns the meaning of a network: which nodes live, what a step is, what inputs may be. The
arithmetic is in :mod:`neuroevo.network.kernels`. Knows no task, no evolution, no settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import NetworkError
from neuroevo.neat.genome import AGGREGATIONS, Genome
from neuroevo.network.kernels import pass_forward, step_recurrent
from neuroevo.network.layout import lay_out

Floats = npt.NDArray[np.float64]

_MEDIAN = AGGREGATIONS.index("median")


class CompiledNetwork:
    """A network in flat arrays; make one with :func:`compile_network`.

    Recurrent: each step, all nodes read the inputs of this step and the node values of the step
    before, so a signal takes one step per connection. Feed-forward: one step carries the inputs
    all the way to the outputs.

    Attributes:
        num_inputs: length of the vector :meth:`activate` takes.
        num_outputs: length of the vector it returns.
        num_nodes: nodes that are computed: the outputs and the hidden nodes that reach one.
        num_connections: enabled connections into these nodes.
        is_feed_forward: whether there is no state between steps.
    """

    __slots__ = (
        "_arguments", "_input_values", "_kernel", "_output_values", "_state",
        "is_feed_forward", "num_connections", "num_inputs", "num_nodes", "num_outputs",
    )  # fmt: skip

    def __init__(
        self, num_inputs: int, num_outputs: int, *, order: npt.NDArray[np.uint32] | None,
        pointers: npt.NDArray[np.uint64], sources: npt.NDArray[np.uint32], weights: Floats,
        gains: Floats, codes: npt.NDArray[np.uint8],
    ) -> None:  # fmt: skip
        """Take the arrays that :mod:`neuroevo.network.kernels` describes.

        The first ``num_outputs`` nodes are the outputs. ``order`` is the order to evaluate nodes
        in; None makes the network recurrent.
        """
        self.num_inputs, self.num_outputs = num_inputs, num_outputs
        self.num_nodes, self.num_connections = len(gains), len(sources)
        self.is_feed_forward = order is not None
        values = np.zeros(num_inputs + self.num_nodes)
        self._input_values = values[:num_inputs]
        self._state = values[num_inputs:]
        self._output_values = values[num_inputs : num_inputs + num_outputs]
        self._output_values.flags.writeable = False  # a caller must not reach into the state
        scratch = np.empty(_longest_median_row(pointers, codes))
        self._kernel: Callable[..., None] = step_recurrent if order is None else pass_forward
        second = np.empty(self.num_nodes) if order is None else order
        self._arguments: tuple[npt.NDArray[Any], ...] = (
            values, second, scratch, sources, weights, pointers, gains, codes,
        )  # fmt: skip

    def reset(self) -> None:
        """Forget all state: every value becomes 0, as at the start of an episode."""
        self._state.fill(0.0)

    def activate(self, inputs: Floats | Sequence[float]) -> Floats:
        """Do one activation step.

        Args:
            inputs: (num_inputs,); anything NumPy can convert to float64 is taken, an array of
                numbers is converted fastest. nan and inf are carried through, never raised.

        Returns:
            (num_outputs,) float64, a read-only view that the next call overwrites: copy it to
            keep it.

        Raises:
            NetworkError: the inputs are not ``num_inputs`` numbers.
        """
        try:
            if len(inputs) != self.num_inputs:
                raise _inputs_error(self.num_inputs, inputs)
            self._input_values[:] = inputs
        except (TypeError, ValueError) as error:
            raise _inputs_error(self.num_inputs, inputs) from error
        self._kernel(*self._arguments)
        return self._output_values


def compile_network(
    genome: Genome, num_inputs: int, num_outputs: int, *, feed_forward: bool
) -> CompiledNetwork:
    """Compile a genome to a network.

    Disabled connections, nodes from which no enabled path leads to an output, and connections
    into such nodes are left out: they cannot change an output. A live node without enabled
    connections stays and gives activation(bias + response * aggregation of nothing), where
    neat-python's recurrent network leaves it at 0 and so loses its bias.

    Args:
        genome: passes ``check_genome(genome, num_inputs, num_outputs)``.
        num_inputs: ids -1 to -num_inputs.
        num_outputs: ids 0 to num_outputs - 1.
        feed_forward: evaluate in topological order, instead of one synchronous update per step.

    Returns:
        The network, reset.

    Raises:
        NetworkError: the genome does not fit these numbers of inputs and outputs, or
            ``feed_forward`` is asked for and the live part has a cycle.
    """
    node_ids = _aligned(genome.node_ids)
    if not 0 < num_outputs <= len(node_ids) or node_ids[num_outputs - 1] != num_outputs - 1:
        raise NetworkError(
            f"genome {genome.id}: must hold the outputs 0 to {num_outputs - 1}; got the nodes "
            f"{_shortened(node_ids)}. Compile it for the number of outputs it was evolved with."
        )
    lost, is_cyclic, kept, order, pointers, sources, weights = lay_out(
        node_ids, _aligned(genome.source), _aligned(genome.target), _aligned(genome.weight),
        genome.enabled, num_inputs, num_outputs,
    )  # fmt: skip
    if lost >= 0:
        raise NetworkError(
            f"genome {genome.id}: connections must join inputs -1 to -{num_inputs} and its own "
            f"nodes; got {genome.source[lost]} -> {genome.target[lost]}. Compile it for the "
            "number of inputs it was evolved with."
        )
    if feed_forward and is_cyclic:
        raise NetworkError(
            f"genome {genome.id}: a feed-forward network must have no cycle; got a node that "
            "feeds itself, directly or through others. Set feed_forward = False, or take a "
            "genome evolved with feed_forward = True."
        )
    return CompiledNetwork(
        num_inputs,
        num_outputs,
        order=order if feed_forward else None,
        pointers=pointers,
        sources=sources,
        weights=weights,
        gains=_columns(genome.bias, genome.response, kept),
        codes=_columns(genome.aggregation, genome.activation, kept),
    )


def warm_up() -> bool:
    """Compile every kernel of this room, or load it from Numba's cache, with a tiny network.

    The first time on a machine this takes some seconds; afterwards a fraction of one.

    Returns:
        Whether something had to be compiled anew.
    """
    genome = Genome(
        id=0, node_ids=np.arange(1), bias=np.zeros(1), response=np.ones(1),
        time_constant=np.ones(1), activation=np.zeros(1, np.uint8),
        aggregation=np.zeros(1, np.uint8), innovation=np.arange(1), source=np.full(1, -1),
        target=np.zeros(1, np.int64), weight=np.ones(1), enabled=np.ones(1, np.bool_),
    )  # fmt: skip
    for feed_forward in (False, True):
        compile_network(genome, 1, 1, feed_forward=feed_forward).activate([0.0])
    kernels: tuple[Any, ...] = (lay_out, step_recurrent, pass_forward)
    return any(kernel.stats.cache_misses for kernel in kernels if hasattr(kernel, "stats"))


def _longest_median_row(pointers: npt.NDArray[np.uint64], codes: npt.NDArray[np.uint8]) -> int:
    """Return how many terms a median may have to sort."""
    takes_median = codes[:, 0] == _MEDIAN
    if not takes_median.any():
        return 0
    return int(np.max((pointers[1:] - pointers[:-1])[takes_median]))


def _columns(
    first: npt.NDArray[Any], second: npt.NDArray[Any], kept: npt.NDArray[np.int64]
) -> npt.NDArray[Any]:
    """Return (num_live, 2): two node attributes side by side, of the live nodes only."""
    table = np.empty((len(kept), 2), first.dtype)
    table[:, 0] = first[kept]
    table[:, 1] = second[kept]
    return table


def _aligned(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array, or an aligned read-only copy.

    Arrays read from bytes at an odd offset are not aligned; Numba would compile every kernel a
    second time for them.
    """
    if array.flags.aligned:
        return array
    array = array.copy()
    array.flags.writeable = False
    return array


def _inputs_error(num_inputs: int, inputs: Any) -> NetworkError:
    try:
        shape = np.shape(inputs)
        got = f"shape {shape}" if shape != (num_inputs,) else repr(inputs)
    except ValueError:
        got = "rows of unequal length"
    return NetworkError(
        f"inputs: must be {num_inputs} numbers, shape ({num_inputs},) (num_inputs,); got "
        f"{got[:80]}. Pass one flat vector of the length the network was compiled for."
    )


def _shortened(node_ids: npt.NDArray[np.int64]) -> str:
    return np.array2string(node_ids, threshold=8, edgeitems=3)
