"""From a genome to a network that runs.

Owns the meaning of a network: which nodes live, what a step is, what inputs may be. The
arithmetic is in :mod:`neuroevo.network.kernels`. Knows no task, no evolution, no settings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import NetworkError
from neuroevo.neat.genome import Genome
from neuroevo.network.kernels import FEED_FORWARD, RECURRENT, step
from neuroevo.network.layout import lay_out

Floats = npt.NDArray[np.float64]

_FLOAT64 = np.dtype(np.float64)
_NOBODYS = np.empty(0)


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
        "_known_inputs", "_numbers", "_output_values", "_state", "_table",
        "is_feed_forward", "num_connections", "num_inputs", "num_nodes", "num_outputs",
    )  # fmt: skip

    def __init__(
        self, num_inputs: int, num_outputs: int, num_nodes: int, num_connections: int,
        buffers: tuple[Floats, npt.NDArray[np.uint32]], *, feed_forward: bool,
    ) -> None:  # fmt: skip
        """Take the two buffers that :mod:`neuroevo.network.kernels` describes.

        The first ``num_outputs`` nodes are the outputs.
        """
        self.num_inputs, self.num_outputs = num_inputs, num_outputs
        self.num_nodes, self.num_connections = num_nodes, num_connections
        self.is_feed_forward = feed_forward
        self._known_inputs = _NOBODYS  # the last array that fitted
        numbers, table = self._numbers, self._table = buffers
        first = table.item(0) + 2 * num_nodes + num_inputs
        self._state = numbers[first : first + num_nodes]
        self._output_values = numbers[first : first + num_outputs]
        self._output_values.flags.writeable = False  # a caller must not reach into the state

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
        # Nearly everybody passes the same array each time, with other numbers in it.
        if inputs is not self._known_inputs:
            inputs = self._checked(inputs)
        if not step(inputs, self._numbers, self._table):
            raise _inputs_error(self.num_inputs, inputs)
        return self._output_values

    def _checked(self, inputs: Floats | Sequence[float]) -> Floats:
        """Return the inputs as the kernel takes them; what is not such an array is copied.

        Each further kind of array would compile the kernel once more.
        """
        if (
            type(inputs) is np.ndarray
            and inputs.dtype is _FLOAT64
            and inputs.shape == (self.num_inputs,)
            and inputs.flags.carray
        ):
            self._known_inputs = inputs
            return inputs
        try:
            if len(inputs) != self.num_inputs:
                raise _inputs_error(self.num_inputs, inputs)
            converted = np.empty(self.num_inputs)
            converted[:] = inputs
        except (TypeError, ValueError) as error:
            raise _inputs_error(self.num_inputs, inputs) from error
        return converted


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
    genes = genome.layout()
    node_ids, (first, last) = genes[0], genes[6:8]
    if not 0 < num_outputs <= last - first or node_ids[first + num_outputs - 1] != num_outputs - 1:
        raise NetworkError(
            f"genome {genome.id}: must hold the outputs 0 to {num_outputs - 1}; got the nodes "
            f"{_shortened(genome.node_ids)}. Compile it for the number of outputs it was evolved "
            "with."
        )
    lost, is_cyclic, num_nodes, num_connections, numbers, table = lay_out(  # type: ignore[call-arg]
        *genes, num_inputs, num_outputs, FEED_FORWARD if feed_forward else RECURRENT
    )
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
        num_inputs, num_outputs, int(num_nodes), int(num_connections), (numbers, table),
        feed_forward=feed_forward,
    )  # fmt: skip


def warm_up() -> bool:
    """Compile every kernel of this room, or load it from Numba's cache, with a tiny network.

    The first time on a machine this takes some seconds; afterwards a fraction of one.

    Returns:
        Whether something had to be compiled anew.
    """
    for feed_forward in (False, True):
        compile_network(tiny_genome(), 1, 1, feed_forward=feed_forward).activate([0.0])
    kernels: tuple[Any, ...] = (lay_out, step)
    return any(kernel.stats.cache_misses for kernel in kernels if hasattr(kernel, "stats"))


def tiny_genome() -> Genome:
    """Return a genome of one input, one output and the connection between them."""
    return Genome(
        id=0, node_ids=np.arange(1), bias=np.zeros(1), response=np.ones(1),
        time_constant=np.ones(1), activation=np.zeros(1, np.uint8),
        aggregation=np.zeros(1, np.uint8), innovation=np.arange(1), source=np.full(1, -1),
        target=np.zeros(1, np.int64), weight=np.ones(1), enabled=np.ones(1, np.bool_),
    )  # fmt: skip


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
