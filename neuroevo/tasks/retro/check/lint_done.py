"""Whether the end that a scenario defines can come at all, by what its variables can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from neuroevo.tasks.retro.check.findings import Finding, Place
from neuroevo.tasks.retro.check.json_lines import Node
from neuroevo.tasks.retro.check.lint_data import LintedVariable, unknown_keys

DONE_KEYS = ("variables", "nodes", "condition", "script")


class Verdict(NamedTuple):
    """What can become of a condition."""

    can_hold: bool
    can_fail: bool


UNKNOWN = Verdict(can_hold=True, can_fail=True)


def lint_done(
    done: Node, variables: Mapping[str, LintedVariable], place: Place
) -> Iterator[Finding]:
    """Yield the findings of the object ``done``: its layout, and ends that never or always come."""
    if not isinstance(done.value, dict):
        yield place.error(done.line, "layout", f"done must be an object; got {done.kind}. Mend it.")
        return
    yield from _lint_node(done, variables, place)
    if "script" in done.members:
        return
    verdict = _judge(done, variables)
    if not verdict.can_hold:
        message = (
            "done must be able to come true; got conditions that no value of their variables "
            "fulfils. The episode ends by your settings only: correct them."
        )
        yield place.error(done.line, "never-done", message)
    if not verdict.can_fail:
        message = "done must be able to fail; got what always holds. Every episode ends at once."
        yield place.error(done.line, "always-done", message)


def _lint_node(
    node: Node, variables: Mapping[str, LintedVariable], place: Place
) -> Iterator[Finding]:
    yield from unknown_keys(node, DONE_KEYS, place)
    condition = node.members.get("condition")
    if condition is not None and condition.value not in ("any", "all"):
        message = f"condition must be any or all; got {condition.plain()!r}, which counts as any."
        yield place.error(condition.line, "condition", message)
    children = node.members.get("nodes")
    for child in (children.members if children else {}).values():
        yield from _lint_node(child, variables, place)
    specs = node.members.get("variables")
    for name, spec in (specs.members if specs else {}).items():
        if not spec.get("op"):
            message = (
                f"{name}: a condition must have an op; got none, so any value above 0 ends the "
                f"episode. Say it: positive."
            )
            yield place.warning(spec.line, "no-op", message)
        elif name in variables:
            yield from _dead(name, spec, variables[name], place)


def _dead(name: str, spec: Node, variable: LintedVariable, place: Place) -> Iterator[Finding]:
    verdict, bounds = _judge_variable(spec, variable), variable.bounds()
    if bounds is None or verdict.can_hold:
        return
    message = (
        f"{name}: a condition must be able to come true; got {spec.get('op')} "
        f"{spec.get('reference', 0)} for a variable of {bounds[0]} to {bounds[1]}. "
        f"Correct it, or the type: i is signed, u is not."
    )
    yield place.warning(spec.line, "never-true", message)


def _judge(node: Node, variables: Mapping[str, LintedVariable]) -> Verdict:
    specs, nodes = node.members.get("variables"), node.members.get("nodes")
    verdicts = [
        _judge_variable(spec, variables[name]) if name in variables else UNKNOWN
        for name, spec in (specs.members if specs else {}).items()
    ]
    verdicts += [_judge(child, variables) for child in (nodes.members if nodes else {}).values()]
    if node.get("condition") == "all":
        return Verdict(all(v.can_hold for v in verdicts), any(v.can_fail for v in verdicts))
    return Verdict(any(v.can_hold for v in verdicts), all(v.can_fail for v in verdicts))


def _judge_variable(spec: Node, variable: LintedVariable) -> Verdict:
    bounds, reference = variable.bounds(), spec.get("reference", 0)
    if bounds is None or not isinstance(reference, int):
        return UNKNOWN
    low, high = bounds
    if spec.get("measurement") == "delta":
        low, high = low - high, high - low
    return _judge_op(str(spec.get("op", "")), reference, low, high)


def _judge_op(op: str, reference: int, low: int, high: int) -> Verdict:
    """Tell what ``op reference`` can be for the whole numbers from ``low`` to ``high``."""
    if op in ("zero", "nonzero", "positive", "negative", "sign", ""):
        reference = 0
    if op == "negative-equal":
        reference = -reference
    is_equal = Verdict(low <= reference <= high, not low == high == reference)
    table = {
        "equal": is_equal,
        "negative-equal": is_equal,
        "zero": is_equal,
        "not-equal": Verdict(is_equal.can_fail, is_equal.can_hold),
        "nonzero": Verdict(is_equal.can_fail, is_equal.can_hold),
        "less-than": Verdict(low < reference, high >= reference),
        "negative": Verdict(low < reference, high >= reference),
        "less-or-equal": Verdict(low <= reference, high > reference),
        "greater-or-equal": Verdict(high >= reference, low < reference),
    }
    return table.get(op, Verdict(high > reference, low <= reference))
