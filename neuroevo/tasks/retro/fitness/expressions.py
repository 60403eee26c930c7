"""A tiny safe language over a game's variables: parsed, checked against a whitelist, compiled.

``256 * xscrollHi + xscrollLo``, ``lives < start.lives``, ``max(x, 0) / 10``. Nothing is ever
handed to the Python interpreter: the syntax tree becomes nested closures. Where the caller follows
an episode, an expression also knows the frame before and how many frames there were:
``fell(lives)``, ``health < before.health - 8``, ``frames > 60``.

Conditions run on every frame of every episode, and each closure is a call: so a comparison of a
variable with a number or with its start, as most conditions are, is one closure and not three.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, cast

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.fitness.conditions import all_of, any_of
from neuroevo.tasks.retro.fitness.variables import Values, unknown_variable

Compiled = Callable[[Values, Values], float]
MAX_LENGTH = 300  # also bounds how deeply the closures nest
MAX_PRODUCTS, MAX_INTEGER = 8, 2**63  # so that no whole number grows beyond what a float can hold

_BINARY: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
}
_DIVISIONS = (ast.Div, ast.FloorDiv, ast.Mod)
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_CALLS: dict[str, Callable[..., Any]] = {"min": min, "max": max, "abs": abs}
_CHANGES: dict[str, Callable[[Any, Any], bool]] = {"fell": operator.lt, "rose": operator.gt}
FRAMES = "frames"
_WORDS = (
    "numbers, variables, start.variable, + - * / // %, comparisons, and, or, not, min, max, abs"
)
_MORE_WORDS = f"{_WORDS}, before.variable, frames, fell, rose"


class Past(dict[str, int]):
    """The variables at the start of an episode, and what an expression may ask of its course.

    Attributes:
        before: the variables one frame ago; at the start those of the start.
        frames: counted from 1 for the first frame played; 0 at the start.
    """

    __slots__ = ("before", "frames")

    def __init__(self, start: Values) -> None:
        """Begin an episode."""
        super().__init__(start)
        self.before: Values = start
        self.frames = 0


@dataclass(frozen=True, slots=True)
class Expression:
    """A checked expression.

    Attributes:
        text: as written.
        evaluate: called with the variables now and at the start of the episode, or a
            :class:`Past` if it was compiled for one. Conditions give True or False. Dividing by
            zero gives 0: a game's counter may be 0 for a frame, and that must not end a run.
        variables: the names it reads.
        is_steady: as long as no variable changes, nor does its value: it neither looks back by a
            frame nor counts them.
        counts_frames: its value depends on the number of the frame.
    """

    text: str
    evaluate: Compiled
    variables: frozenset[str]
    is_steady: bool
    counts_frames: bool = False


def compile_expression(
    text: str, variables: Collection[str], where: str, *, has_past: bool = False
) -> Expression:
    """Parse an expression.

    Args:
        text: numbers, variables, ``start.variable``, + - * / // %, comparisons, and, or, not,
            min, max, abs.
        variables: the names that data.json defines.
        where: what the message of an error begins with, e.g. ``[Fitness] died``.
        has_past: also allow ``before.variable``, ``frames``, ``fell(...)`` and ``rose(...)``; the
            second argument of ``evaluate`` must be a :class:`Past` then. A game's own variable
            called ``frames`` comes first.

    Raises:
        TaskError: it does not parse, uses something else, or names an unknown variable.
    """
    if len(text) > MAX_LENGTH:
        raise TaskError(
            f"{where}: must be at most {MAX_LENGTH} characters; got {len(text)}. Simplify it."
        )
    try:
        tree = ast.parse(text.strip(), mode="eval")
        compiler = _Compiler(text, frozenset(variables), where, has_past)
        evaluate = compiler.node(tree.body)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise TaskError(
            f"{where}: must be arithmetic over the game's variables; got {text!r} ({error}). "
            f"Mend it."
        ) from error
    return Expression(
        text, evaluate, frozenset(compiler.used), compiler.is_steady, compiler.counts_frames
    )


class _Compiler:
    def __init__(self, text: str, variables: frozenset[str], where: str, has_past: bool) -> None:
        self._text, self._variables, self._where = text, variables, where
        self._has_past = has_past
        self._num_products = 0
        self.used: set[str] = set()
        self.is_steady = True
        self.counts_frames = False

    def node(self, node: ast.expr) -> Compiled:
        if isinstance(node, ast.Constant):
            return self._constant(node)
        if isinstance(node, ast.Name):
            return self._name(node.id)
        if isinstance(node, ast.Attribute):
            return self._attribute(node)
        if isinstance(node, ast.BinOp):
            return self._binary(node)
        if isinstance(node, ast.UnaryOp):
            return self._unary(node)
        if isinstance(node, ast.Compare):
            return self._compare(node)
        if isinstance(node, ast.BoolOp):
            return self._bool(node)
        if isinstance(node, ast.Call):
            return self._call(node)
        raise self._refused(type(node).__name__)

    def _constant(self, node: ast.Constant) -> Compiled:
        value = node.value
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if not is_number or not math.isfinite(cast(float, value)):
            raise self._refused(repr(value))
        if isinstance(value, int) and value > MAX_INTEGER:
            raise self._refused(f"a number of {len(str(value))} digits")
        number = cast(float, value)
        return lambda _now, _start: number

    def _name(self, name: str) -> Compiled:
        if name == FRAMES and self._has_past and name not in self._variables:
            self.is_steady, self.counts_frames = False, True
            return _frames
        return _now(self._known(name))

    def _attribute(self, node: ast.Attribute) -> Compiled:
        owner = node.value.id if isinstance(node.value, ast.Name) else ""
        if owner == "before" and self._has_past:
            self.is_steady = False
            return _before(self._known(node.attr))
        if owner != "start":
            raise self._refused(f"the attribute .{node.attr}")
        name = self._known(node.attr)
        return lambda _now, start: start[name]

    def _binary(self, node: ast.BinOp) -> Compiled:
        operation = _BINARY.get(type(node.op))
        if operation is None:
            raise self._refused(type(node.op).__name__)
        self._num_products += isinstance(node.op, ast.Mult)
        if self._num_products > MAX_PRODUCTS:
            raise self._refused(f"more than {MAX_PRODUCTS} multiplications")
        left, right = self.node(node.left), self.node(node.right)
        if isinstance(node.op, _DIVISIONS):
            return _division(operation, left, right)
        return lambda now, start: operation(left(now, start), right(now, start))

    def _unary(self, node: ast.UnaryOp) -> Compiled:
        operand = self.node(node.operand)
        if isinstance(node.op, ast.USub):
            return lambda now, start: -operand(now, start)
        if isinstance(node.op, ast.UAdd):
            return operand
        if isinstance(node.op, ast.Not):
            return lambda now, start: not operand(now, start)
        raise self._refused(type(node.op).__name__)

    def _compare(self, node: ast.Compare) -> Compiled:
        pairs: list[Compiled] = []
        left_node, left = node.left, self.node(node.left)
        for kind, right_node in zip(node.ops, node.comparators, strict=True):
            if type(kind) not in _COMPARE:
                raise self._refused(type(kind).__name__)
            compare, right = _COMPARE[type(kind)], self.node(right_node)
            short = self._short_comparison(compare, left_node, right_node)
            pairs.append(short or _comparison(compare, left, right))
            left_node, left = right_node, right
        return pairs[0] if len(pairs) == 1 else all_of(pairs)

    def _short_comparison(
        self, compare: Callable[[Any, Any], bool], left: ast.expr, right: ast.expr
    ) -> Compiled | None:
        """Return a variable against a number or against a start in one closure; None for others."""
        if not isinstance(left, ast.Name) or left.id not in self._variables:
            return None
        name = left.id
        if isinstance(right, ast.Constant):
            number = right.value
            return lambda now, _start: compare(now[name], number)
        if isinstance(right, ast.Attribute) and ast.unparse(right.value) == "start":
            other = right.attr
            return lambda now, start: compare(now[name], start[other])
        return None

    def _bool(self, node: ast.BoolOp) -> Compiled:
        parts = [self.node(value) for value in node.values]
        return all_of(parts) if isinstance(node.op, ast.And) else any_of(parts)

    def _call(self, node: ast.Call) -> Compiled:
        name = node.func.id if isinstance(node.func, ast.Name) else "?"
        if name in _CHANGES and self._has_past:
            return self._change(node, _CHANGES[name])
        function = _CALLS.get(name)
        wanted = 1 if name == "abs" else 2
        if function is None or node.keywords or len(node.args) < wanted:
            raise self._refused(f"the call {ast.unparse(node)}")
        if name == "abs" and len(node.args) != 1:
            raise self._refused(f"the call {ast.unparse(node)}")
        args = [self.node(arg) for arg in node.args]
        return lambda now, start: function(*[arg(now, start) for arg in args])

    def _change(self, node: ast.Call, compare: Callable[[Any, Any], bool]) -> Compiled:
        inside = (part for arg in node.args for part in ast.walk(arg))
        names = {part.id for part in inside if isinstance(part, ast.Name)}
        if len(node.args) != 1 or node.keywords or names & {"before", *_CHANGES}:
            raise self._refused(f"the call {ast.unparse(node)}")  # nothing knows two frames ago
        self.is_steady = False
        return _change(compare, self.node(node.args[0]))

    def _known(self, name: str) -> str:
        if name in self._variables:
            self.used.add(name)
            return name
        raise unknown_variable(self._where, name, self._variables, self._text)

    def _refused(self, what: str) -> TaskError:
        words = _MORE_WORDS if self._has_past else _WORDS
        return TaskError(
            f"{self._where}: must use only {words}; got {what} in {self._text!r}. Remove it."
        )


def _now(name: str) -> Compiled:
    return lambda now, _start: now[name]


def _frames(_now: Values, past: Any) -> float:
    number: int = past.frames
    return number


def _before(name: str) -> Compiled:
    def before(_now: Values, past: Any) -> float:
        value: int = past.before[name]
        return value

    return before


def _change(compare: Callable[[Any, Any], bool], operand: Compiled) -> Compiled:
    def has_changed(now: Values, past: Any) -> bool:
        return compare(operand(now, past), operand(past.before, past))

    return has_changed


def _division(operation: Callable[[Any, Any], Any], left: Compiled, right: Compiled) -> Compiled:
    def divide(now: Values, start: Values) -> float:
        divisor = right(now, start)
        return float(operation(left(now, start), divisor)) if divisor else 0.0

    return divide


def _comparison(compare: Callable[[Any, Any], bool], left: Compiled, right: Compiled) -> Compiled:
    return lambda now, start: compare(left(now, start), right(now, start))
