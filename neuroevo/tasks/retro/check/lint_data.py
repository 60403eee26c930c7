"""Rules for data.json: types, byte order, addresses."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from neuroevo.tasks.retro.check.findings import Finding, Place
from neuroevo.tasks.retro.check.json_lines import Node
from neuroevo.tasks.retro.check.variable_types import (
    BYTE_ORDER,
    CARTRIDGE_RAM,
    VariableType,
    is_mapped,
    memory_text,
    parse_type,
)

_DRAWN = re.compile(r"score|points|time|money|gold|cash")
_ORDER_WORDS = {"<": "the low byte first", ">": "the high byte first"}

VARIABLE_KEYS = ("address", "type", "mask")


@dataclass(frozen=True, slots=True)
class LintedVariable:
    """A variable as far as it could be read; ``type`` is None where it could not."""

    name: str
    line: int
    type: VariableType | None
    mask: int | None = None

    def bounds(self) -> tuple[int, int] | None:
        """Return the smallest and largest value it can take, None if that is not known."""
        return self.type.bounds(self.mask) if self.type else None


def read_linted(document: Node | None) -> dict[str, LintedVariable] | None:
    """Return the variables of a data.json by name; None when there is no such list."""
    info = document.members.get("info") if document else None
    if info is None or not isinstance(info.value, dict):
        return None
    return {name: _variable(name, node) for name, node in info.members.items()}


def lint_data(document: Node, console: str, place: Place) -> Iterator[Finding]:
    """Yield the findings of one data.json.

    Args:
        document: the parsed file.
        console: as stable-retro calls it; '' where it is not known.
        place: the file, for messages.
    """
    info = document.members.get("info")
    if info is None or not isinstance(info.value, dict):
        got = "no such key" if info is None else info.kind
        message = f'must have an object "info" of variables; got {got}. stable-retro refuses it.'
        yield place.error(document.line, "missing-info", message)
        return
    yield from unknown_keys(document, ("info",), place)
    for name, node in info.members.items():
        yield from _lint_variable(name, node, console, place)
    yield from _duplicate_addresses(info, place)


def unknown_keys(node: Node, known: Iterable[str], place: Place) -> Iterator[Finding]:
    """Yield a warning for each key that stable-retro does not read."""
    names = tuple(known)
    for key, member in node.members.items():
        if key not in names:
            close = difflib.get_close_matches(key, names, n=1, cutoff=0.6)
            advice = f"Did you mean {close[0]}?" if close else "Remove it."
            message = f"the keys here must be {', '.join(names)}; got {key!r}. {advice}"
            yield place.warning(member.line, "unknown-key", message)


def _variable(name: str, node: Node) -> LintedVariable:
    kind, mask = node.get("type"), node.get("mask")
    parsed = parse_type(kind) if isinstance(kind, str) else None
    return LintedVariable(name, node.line, parsed, mask if isinstance(mask, int) else None)


def _lint_variable(name: str, node: Node, console: str, place: Place) -> Iterator[Finding]:
    yield from unknown_keys(node, VARIABLE_KEYS, place)
    for key in ("address", "type"):
        if key not in node.members:
            message = (
                f"{name}: must have an address and a type; got no {key}. stable-retro refuses the "
                f"whole file."
            )
            yield place.error(node.line, "missing-key", message)
    mask = node.members.get("mask")
    if mask is not None and not mask.is_integer():
        message = f"{name}: the mask must be a whole number; got {mask.plain()!r}. Correct it."
        yield place.error(mask.line, "mask", message)
    kind = node.members.get("type")
    if kind is not None:
        yield from _lint_type(name, kind, console, place)
    if "address" in node.members:
        parsed = parse_type(kind.value) if kind and isinstance(kind.value, str) else None
        yield from _lint_address(name, node.members["address"], parsed, console, place)


def _lint_type(name: str, node: Node, console: str, place: Place) -> Iterator[Finding]:
    parsed = parse_type(node.value) if isinstance(node.value, str) else None
    if parsed is None:
        message = (
            f"{name}: the type must be a byte order < > = |, then one of d i n u, then 1 to 8 "
            f"bytes, such as <u2; got {node.plain()!r}. stable-retro reads another number, or none."
        )
        yield place.error(node.line, "type", message)
        return
    if parsed.size == 1 and parsed.order != "|":
        message = f"{name}: one byte has no order; got {node.value!r}. Write |{parsed.format}1."
        yield place.warning(node.line, "type-style", message)
    elif parsed.size > 1 and parsed.order in ("|", "="):
        message = (
            f"{name}: {parsed.size} bytes must have an order; got {node.value!r}, which is another "
            f"one on another machine. Write < or >."
        )
        yield place.warning(node.line, "type-style", message)
    yield from _lint_order(name, node, parsed, console, place)


def _lint_order(
    name: str, node: Node, parsed: VariableType, console: str, place: Place
) -> Iterator[Finding]:
    """Digits (d, n) lie in any order, games draw them from left to right: numbers alone count.

    What is drawn may be kept high byte first as a number too: the score of Super Mario Bros. 3 is,
    and stable-retro reads it as it is written (three bytes too).
    """
    expected = BYTE_ORDER.get(console)
    is_number = parsed.format in "iu" and parsed.size > 1 and parsed.order in ("<", ">")
    if not expected or not is_number or parsed.order == expected:
        return
    other, words = f"{expected}{parsed.format}{parsed.size}", _ORDER_WORDS[expected]
    if _DRAWN.search(name.lower()):
        message = (
            f"{name}: numbers of the {console} come with {words}, some that are drawn do not; got "
            f"{node.value!r}. If it is not what the screen shows, try {other}."
        )
        yield place.info(node.line, "byte-order", message)
        return
    message = (
        f"{name}: numbers of the {console} must come with {words}, as its processor stores them; "
        f"got {node.value!r}. Try {other}, and compare with the screen."
    )
    yield place.warning(node.line, "byte-order", message)


def _lint_address(
    name: str, node: Node, parsed: VariableType | None, console: str, place: Place
) -> Iterator[Finding]:
    address = node.value
    if not node.is_integer() or address < 0:
        message = (
            f"{name}: the address must be a whole number, 0 or more; got {node.plain()!r}. "
            f"Write it in decimal: JSON has no 0x."
        )
        yield place.error(node.line, "address", message)
        return
    last = address + (parsed.size if parsed else 1) - 1
    if not is_mapped(console, address, last):
        message = (
            f"{name}: the bytes must lie in the memory of the {console}, {memory_text(console)}; "
            f"got {address:#x} to {last:#x}. stable-retro cannot read it: correct the address."
        )
        yield place.error(node.line, "address-range", message)
    ram = CARTRIDGE_RAM.get(console)
    if ram and ram[0] <= address <= ram[1]:
        message = (
            f"{name}: {address:#x} lies on the cartridge, where some games have memory; it holds "
            f"anything after power-on. Start from a save state."
        )
        yield place.info(node.line, "cartridge-ram", message)


def _duplicate_addresses(info: Node, place: Place) -> Iterator[Finding]:
    seen: dict[tuple[object, ...], str] = {}
    for name, node in info.members.items():
        value = tuple(repr(node.get(key)) for key in VARIABLE_KEYS)
        if "address" in node.members and value in seen:
            message = (
                f"{name}: two variables must not be the same bytes; got those of {seen[value]}. "
                f"Correct one address, or remove one."
            )
            yield place.warning(node.line, "duplicate-address", message)
        seen.setdefault(value, name)
