"""From the text of a value to the value: one small reader per kind.

A reader raises ValueError with what is wrong with the text, or with nothing when the key's
requirement says it all.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any

from neuroevo.config.key import Key
from neuroevo.config.retro_keys import TERM_KINDS
from neuroevo.config.table import near_match
from neuroevo.tasks.retro.settings import WITHOUT_EXPRESSION, CodeRanges, FitnessTerm

INITIAL_CONNECTIONS: tuple[str, ...] = (
    "unconnected", "fs_neat_nohidden", "fs_neat", "fs_neat_hidden", "full_nodirect", "full",
    "full_direct", "partial_nodirect", "partial", "partial_direct",
)  # fmt: skip
FORBIDDEN_BUTTONS: tuple[str, ...] = ("START", "SELECT", "MODE", "RESET", "PAUSE", "RUN")
"""An evolved player that reaches them pauses, resets or unlocks cheats instead of playing."""

MAX_ITEMS = 256
MAX_BUTTONS = 16
MAX_TEXT = 1000
MAX_DIGITS = 100
MAX_CODE, MAX_ADDRESS = 0x1FF, 0xFFFFFFFF
MAX_BYTES = 65536
_MANY_LINES = (
    "terms", "moduli", "combos", "choices", "list", "buttons", "codes", "groups", "numbers",
    "expressions", "addresses",
)  # fmt: skip
_TRUE = ("true", "yes", "on", "1")
_FALSE = ("false", "no", "off", "0")
_BUTTON = re.compile(r"[A-Z0-9_-]{1,16}")  # C-UP is a button of the Nintendo 64
_NUMBER = r"0x[0-9a-f]{1,8}|[0-9]{1,10}"
_RANGE = re.compile(rf"(?P<first>{_NUMBER})(?:\s*-\s*(?P<last>{_NUMBER}))?", re.IGNORECASE)
_EXPRESSION = re.compile(r"[A-Za-z0-9_.+\-*/%()<>=!&|, \t]*")
_TERM = re.compile(
    r"(?P<label>\w[\w-]{0,63})\s*:\s*(?P<kind>\w+)(?P<expression>.*?)"
    r"(?:\sx\s+(?P<weight>[-+]?[0-9.][0-9.eE+-]*))?"
)


def read_value(key: Key, text: str) -> Any:
    """Return the value that ``text`` stands for; None for one of the key's words.

    Raises:
        ValueError: the text is no such value; its message, if any, says more than the
            requirement of the key.
    """
    if text.lower() in key.words:
        return None
    if not text:
        raise ValueError
    if len(text) > MAX_TEXT and key.kind not in ("terms", "combos", "groups"):
        raise ValueError(f"at most {MAX_TEXT} characters are allowed")
    if "\n" in text and key.kind not in _MANY_LINES:
        second = text.split("\n")[1][:40]
        raise ValueError(
            f"the indented line `{second}` below it was read as a part of it;"
            " remove the spaces before that line"
        )
    return _READERS[key.kind](key, text)


def _read_int(_key: Key, text: str) -> int:
    number = _finite(text)
    if not number.is_integer():
        raise ValueError
    try:
        return int(text)  # exact beyond 2**53
    except ValueError:
        return int(number)


def _read_float(_key: Key, text: str) -> float:
    return _finite(text)


def _finite(text: str) -> float:
    if len(text) > MAX_DIGITS:
        raise ValueError(f"a number has at most {MAX_DIGITS} digits")
    try:
        number = float(text)
    except ValueError:
        raise ValueError from None
    if not math.isfinite(number):
        raise ValueError("infinity and nan are no settings")
    return number


def _read_bool(_key: Key, text: str) -> bool:
    if text.lower() not in _TRUE + _FALSE:
        raise ValueError
    return text.lower() in _TRUE


def _read_choice(key: Key, text: str) -> str:
    return _choice(key, text)


def _read_choices(key: Key, text: str) -> tuple[str, ...]:
    names = _limited(text.replace(",", " ").split())
    return tuple(_choice(key, name) for name in names)


def _choice(key: Key, text: str) -> str:
    name = key.aliases.get(text.lower(), text.lower())
    if name in key.choices:
        return name
    guess = near_match(text, (*key.choices, *key.words))
    raise ValueError(f"Did you mean {guess}?" if guess else "")


def _read_connection(_key: Key, text: str) -> tuple[str, float]:
    kind, *rest = text.lower().split()
    if kind not in INITIAL_CONNECTIONS:
        guess = near_match(kind, INITIAL_CONNECTIONS)
        raise ValueError(f"Did you mean {guess}?" if guess else "")
    if not kind.startswith("partial"):
        if rest:
            raise ValueError(f"only the partial kinds take a fraction, {kind} does not")
        return kind, 1.0
    if len(rest) != 1:
        raise ValueError(f"a fraction must follow, such as `{kind} 0.5`")
    fraction = _finite(rest[0])
    if not 0.0 <= fraction <= 1.0:
        raise ValueError("the fraction lies outside 0 to 1")
    return kind, fraction


def _read_text(_key: Key, text: str) -> str:
    if not text.isprintable():
        raise ValueError("it holds control characters")
    return text


def _read_expression(_key: Key, text: str) -> str:
    if not _EXPRESSION.fullmatch(text):
        raise ValueError(
            "an expression holds names, numbers, spaces and + - * / % ( ) < > = ! & | , only"
        )
    if text.count("(") != text.count(")"):
        raise ValueError("its parentheses do not match")
    return " ".join(text.split())


def _read_list(key: Key, text: str) -> tuple[str, ...]:
    items = (item.strip() for item in text.replace("\n", ",").split(","))
    return _limited([_read_text(key, item) for item in items if item])


def _read_wins(_key: Key, text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,6})\s+of\s+([0-9]{1,6})", text.lower())
    if found is None:
        raise ValueError
    wins, window = int(found[1]), int(found[2])
    if not 1 <= wins <= window:
        raise ValueError(f"{wins} of {window} cannot be")
    return wins, window


def _read_codes(key: Key, text: str) -> CodeRanges:
    if text.lower() == "none":  # no word of the key: a word gives the default of the settings
        return ()
    return tuple(_range(item, "a code", MAX_CODE) for item in _read_list(key, text))


def _read_addresses(key: Key, text: str) -> CodeRanges:
    if text.lower() == "none":
        return ()
    ranges = tuple(_range(item, "an address", MAX_ADDRESS) for item in _read_list(key, text))
    size = sum(last - first + 1 for first, last in ranges)
    if size > MAX_BYTES:
        raise ValueError(f"they are {size:,} bytes, more than {MAX_BYTES:,}")
    return ranges


def _range(text: str, what: str, highest: int) -> tuple[int, int]:
    found = _RANGE.fullmatch(text)
    if found is None:
        raise ValueError(f"`{text[:40]}` is neither {what} nor a range")
    first = _whole(found["first"])
    last = first if found["last"] is None else _whole(found["last"])
    if not first <= last <= highest:
        raise ValueError(f"`{text}` does not rise within 0 to {highest}")
    return first, last


def _whole(text: str) -> int:
    return int(text, 16 if text[:2].lower() == "0x" else 10)


def _read_crop(key: Key, text: str) -> tuple[int, ...]:
    if text.lower() == "none":
        return ()
    numbers = _read_list(key, text)
    if len(numbers) != 4 or not all(re.fullmatch(r"[0-9]{1,5}", number) for number in numbers):
        raise ValueError
    return tuple(int(number) for number in numbers)


def _read_expressions(key: Key, text: str) -> tuple[str, ...]:
    if text.lower() == "none":
        return ()
    items = (item.strip() for item in _outside_parentheses(text.replace("\n", ",")))
    return _limited([_read_expression(key, item) for item in items if item])


def _outside_parentheses(text: str) -> list[str]:
    """Split at the commas that stand in no parentheses: ``max(a, b), c`` are two."""
    items, depth = [""], 0
    for sign in text:
        depth += (sign == "(") - (sign == ")")
        if sign == "," and depth == 0:
            items.append("")
        else:
            items[-1] += sign
    return items


def _read_buttons(key: Key, text: str) -> tuple[str, ...]:
    return tuple(_button(name) for name in _read_list(key, text))


def _read_combos(key: Key, text: str) -> tuple[tuple[str, ...], ...]:
    return tuple(_combo(item) for item in _read_list(key, text))


def _read_groups(key: Key, text: str) -> tuple[tuple[tuple[str, ...], ...], ...]:
    return tuple(_read_combos(key, line) for line in _limited(text.split("\n")))


def _read_numbers(key: Key, text: str) -> tuple[float, ...]:
    return tuple(_finite(item) for item in _read_list(key, text))


def _combo(text: str) -> tuple[str, ...]:
    if text.upper() == "NONE":
        return ()
    names = text.split("+")
    if len(names) > MAX_BUTTONS:
        raise ValueError(f"at most {MAX_BUTTONS} buttons can be pressed together")
    return tuple(_button(name) for name in names)


def _button(text: str) -> str:
    name = text.strip().upper()
    if not _BUTTON.fullmatch(name):
        raise ValueError(f"`{text[:40]}` is no name of a button")
    if name in FORBIDDEN_BUTTONS:
        raise ValueError(f"{name} must never be pressed by a player; remove it")
    return name


def _read_moduli(key: Key, text: str) -> tuple[tuple[str, int], ...]:
    moduli = tuple(_modulus(item) for item in _read_list(key, text))
    if len({name for name, _ in moduli}) < len(moduli):
        raise ValueError("a name stands there twice")
    return moduli


def _modulus(text: str) -> tuple[str, int]:
    found = re.fullmatch(r"([A-Za-z_]\w{0,63})\s+([0-9]{1,10})", text)
    if found is None or int(found[2]) < 2:
        raise ValueError(f"`{text[:40]}` is no name and a number from 2 on")
    return found[1], int(found[2])


def _read_terms(key: Key, text: str) -> tuple[FitnessTerm, ...]:
    terms = tuple(_term(key, line) for line in _limited(text.split("\n")))
    labels = [term.label for term in terms]
    twice = {label for label in labels if labels.count(label) > 1}
    if twice:
        raise ValueError(f"the label {min(twice)} stands there twice; rename one")
    return terms


def _term(key: Key, line: str) -> FitnessTerm:
    found = _TERM.fullmatch(line) if len(line) <= MAX_TEXT else None
    if found is None:
        raise ValueError(
            f"`{line[:60]}` is no term; write it like `distance: new_max x_position x 1.0`"
        )
    kind = found["kind"].lower()
    if kind not in TERM_KINDS:
        guess = near_match(kind, TERM_KINDS)
        rest = f"Did you mean {guess}?" if guess else f"kinds are {', '.join(TERM_KINDS)}"
        raise ValueError(f"`{kind[:40]}` is no kind of term; {rest}")
    expression = _read_expression(key, found["expression"].strip())
    if not expression and kind not in WITHOUT_EXPRESSION:
        raise ValueError(f"the term {found['label']} has no expression after {kind}")
    weight = found["weight"]
    return FitnessTerm(found["label"], kind, expression, 1.0 if weight is None else _weight(weight))


def _weight(text: str) -> float:
    try:
        return _finite(text)
    except ValueError:
        raise ValueError(f"the weight `{text[:40]}` is no number") from None


def _limited(items: list[str]) -> tuple[str, ...]:
    if not items:
        raise ValueError
    if len(items) > MAX_ITEMS:
        raise ValueError(f"at most {MAX_ITEMS} entries are allowed")
    return tuple(items)


_READERS: Mapping[str, Callable[[Key, str], Any]] = {
    "int": _read_int,
    "float": _read_float,
    "bool": _read_bool,
    "choice": _read_choice,
    "choices": _read_choices,
    "connection": _read_connection,
    "text": _read_text,
    "path": _read_text,
    "file": _read_text,
    "paths": _read_list,
    "expression": _read_expression,
    "list": _read_list,
    "wins": _read_wins,
    "codes": _read_codes,
    "crop": _read_crop,
    "expressions": _read_expressions,
    "addresses": _read_addresses,
    "buttons": _read_buttons,
    "combos": _read_combos,
    "groups": _read_groups,
    "numbers": _read_numbers,
    "moduli": _read_moduli,
    "terms": _read_terms,
}
