"""Slow twin of the compiled networks: plain Python, from the specification, nothing imported.

What a network is
- Inputs are -1, -2, ...; outputs 0, 1, ...; a node gives
  ``activation(bias + response * aggregation(terms))`` where the terms are source value times
  weight over its enabled incoming connections, by ascending innovation number. No terms: the
  product is 1, every other aggregation 0.
- Recurrent: all node values start at 0; in each step every node reads the inputs of this step
  and the node values of the step before.
- Feed-forward: every node reads values of this step.

The order of summation (``sum`` and ``mean``): term k goes to partial sum k mod 4, in order; the
sum is (p0 + p1) + (p2 + p3). This is the one place where the last bits differ from neat-python.

Nothing is pruned here: a node that reaches no output is computed all the same, so equality with
the compiled network also shows that pruning is safe.
"""

import math


def clamp(z, low, high):
    return max(low, min(high, z))


ACTIVATION_RULES = {
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-clamp(5.0 * z, -60.0, 60.0))),
    "tanh": lambda z: math.tanh(clamp(2.5 * z, -60.0, 60.0)),
    "sin": lambda z: math.sin(clamp(5.0 * z, -60.0, 60.0)),
    "gauss": lambda z: math.exp(-5.0 * (clamp(z, -3.4, 3.4) * clamp(z, -3.4, 3.4))),
    "relu": lambda z: z if z > 0.0 else 0.0,
    "elu": lambda z: z if z > 0.0 else math.exp(z) - 1.0,
    "lelu": lambda z: z if z > 0.0 else 0.005 * z,
    "selu": lambda z: (
        1.0507009873554805 * z
        if z > 0.0
        else 1.0507009873554805 * 1.6732632423543772 * (math.exp(z) - 1.0)
    ),
    "softplus": lambda z: 0.2 * math.log(1.0 + math.exp(clamp(5.0 * z, -60.0, 60.0))),
    "identity": lambda z: z,
    "clamped": lambda z: clamp(z, -1.0, 1.0),
    "inv": lambda z: 0.0 if z == 0.0 else 1.0 / z,
    "log": lambda z: math.log(max(1e-7, z)),
    "exp": lambda z: math.exp(clamp(z, -60.0, 60.0)),
    "abs": lambda z: abs(z),
    "hat": lambda z: max(0.0, 1.0 - abs(z)),
    "square": lambda z: z * z,
    "cube": lambda z: z * z * z,
}


def add_up(terms):
    partial = [0.0, 0.0, 0.0, 0.0]
    for k, term in enumerate(terms):
        partial[k % 4] += term
    return (partial[0] + partial[1]) + (partial[2] + partial[3])


def multiply(terms):
    result = 1.0
    for term in terms:
        result *= term
    return result


def median(terms):
    if any(math.isnan(term) for term in terms):
        return math.nan  # nan has no rank
    ranked = sorted(terms)
    middle = len(ranked) // 2
    if len(ranked) % 2:
        return ranked[middle] + 0.0  # a zero in the middle is +0.0
    return (ranked[middle - 1] + ranked[middle]) / 2.0 + 0.0


AGGREGATION_RULES = {
    "sum": add_up,
    "product": multiply,
    "max": lambda terms: max(terms, default=0.0),
    "min": lambda terms: min(terms, default=0.0),
    "maxabs": lambda terms: max(terms, key=abs, default=0.0),
    "median": lambda terms: median(terms) if terms else 0.0,
    "mean": lambda terms: add_up(terms) / len(terms) if terms else 0.0,
}


class NaiveNetwork:
    """The definition above, as directly as Python can say it.

    Args:
        nodes: dicts with the keys id, bias, response, activation, aggregation (names).
        connections: (source id, target id, weight, enabled), by ascending innovation number.
    """

    def __init__(self, nodes, connections, num_inputs, num_outputs, feed_forward):
        self.nodes = {node["id"]: node for node in nodes}
        self.incoming = {node["id"]: [] for node in nodes}
        for source, target, weight, enabled in connections:
            if enabled:
                self.incoming[target].append((source, weight))
        self.num_inputs = num_inputs
        self.num_outputs = num_outputs
        self.feed_forward = feed_forward
        self.reset()

    def reset(self):
        self.previous = dict.fromkeys(self.nodes, 0.0)

    def activate(self, inputs):
        given = {-1 - k: inputs[k] for k in range(self.num_inputs)}
        if self.feed_forward:
            values = dict(given)
            return [self._value_of(output, values) for output in range(self.num_outputs)]
        read = {**given, **self.previous}
        self.previous = {node: self._compute(node, read) for node in self.nodes}
        return [self.previous[output] for output in range(self.num_outputs)]

    def _value_of(self, node, values):
        if node not in values:
            for source, _ in self.incoming[node]:
                self._value_of(source, values)
            values[node] = self._compute(node, values)
        return values[node]

    def _compute(self, node, read):
        gene = self.nodes[node]
        terms = [read[source] * weight for source, weight in self.incoming[node]]
        total = AGGREGATION_RULES[gene["aggregation"]](terms)
        return ACTIVATION_RULES[gene["activation"]](gene["bias"] + gene["response"] * total)
