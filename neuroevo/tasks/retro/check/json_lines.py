"""JSON with the line of every value, for messages that point at it.

Stricter than Python's own reader, as stable-retro's is: no NaN, no trailing comma, no comment. It
keeps track of a key that comes twice, since the last one silently wins.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import Any

MAX_DEPTH = 50

_SPACE = re.compile(r"[ \t\r\n]*")
_NUMBER = re.compile(r"-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
_WORDS = {"true": True, "false": False, "null": None}
_KINDS = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", int: "a number",
          float: "a number", type(None): "null"}  # fmt: skip


class JsonSyntaxError(ValueError):
    """The text is not JSON; ``line`` is where it ceases to be."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Node:
    """A value and where it stands.

    Attributes:
        value: a dict of name to Node, a list of Node, or a plain text, number, truth value, None.
        line: counted from 1; of a member of an object the line of its key.
        repeated: keys of an object that came more than once, with the line of each later one.
    """

    value: Any
    line: int
    repeated: tuple[tuple[str, int], ...] = ()

    @property
    def members(self) -> dict[str, Node]:
        """The members of an object; none for anything else."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def items(self) -> list[Node]:
        """The items of a list; none for anything else."""
        return self.value if isinstance(self.value, list) else []

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return _KINDS[type(self.value)]

    def get(self, name: str, default: Any = None) -> Any:
        """Return the plain value of a member of an object."""
        node = self.members.get(name)
        return default if node is None else node.plain()

    def plain(self) -> Any:
        """Return the value as :func:`json.loads` would."""
        if isinstance(self.value, dict):
            return {name: node.plain() for name, node in self.value.items()}
        if isinstance(self.value, list):
            return [node.plain() for node in self.value]
        return self.value

    def is_integer(self) -> bool:
        """Tell whether it is a whole number; true and false are none."""
        return isinstance(self.value, int) and not isinstance(self.value, bool)

    def is_number(self) -> bool:
        """Tell whether it is a number."""
        return self.is_integer() or isinstance(self.value, float)


def parse_json(text: str) -> Node:
    """Read a JSON text.

    Raises:
        JsonSyntaxError: it is none, or is nested deeper than any file of a game.
    """
    scanner = _Scanner(text)
    node, end = scanner.value(scanner.skip(0), 0)
    if scanner.skip(end) != len(text):
        raise scanner.error(scanner.skip(end), "nothing may follow the value")
    return node


class _Scanner:
    def __init__(self, text: str) -> None:
        self._text = text
        self._breaks = [match.start() for match in re.finditer("\n", text)]

    def skip(self, at: int) -> int:
        match = _SPACE.match(self._text, at)
        assert match is not None, "the pattern matches nothing as well"
        return match.end()

    def line(self, at: int) -> int:
        return bisect_right(self._breaks, at - 1) + 1

    def error(self, at: int, message: str) -> JsonSyntaxError:
        return JsonSyntaxError(self.line(at), f"{message}; got {self._shown(at)}")

    def _shown(self, at: int) -> str:
        return repr(self._text[at : at + 12].split("\n")[0]) if at < len(self._text) else "the end"

    def value(self, at: int, depth: int) -> tuple[Node, int]:
        if depth > MAX_DEPTH:
            raise self.error(at, f"must be nested at most {MAX_DEPTH} deep")
        start = self._text[at : at + 1]
        if start == "{":
            return self._object(at, depth)
        if start == "[":
            return self._list(at, depth)
        if start == '"':
            text, end = self._string(at)
            return Node(text, self.line(at)), end
        return self._plain(at)

    def _plain(self, at: int) -> tuple[Node, int]:
        for word, value in _WORDS.items():
            if self._text.startswith(word, at):
                return Node(value, self.line(at)), at + len(word)
        match = _NUMBER.match(self._text, at)
        if match is None or len(match[0]) > 400:
            raise self.error(at, "must be a value of JSON")
        number = float(match[0]) if match[1] or match[2] else int(match[0])
        return Node(number, self.line(at)), match.end()

    def _string(self, at: int) -> tuple[str, int]:
        match = _STRING.match(self._text, at)
        if match is None:
            raise self.error(at, "must be a text that ends in the same line")
        return str(json.loads(match[0])), match.end()

    def _object(self, at: int, depth: int) -> tuple[Node, int]:
        members: dict[str, Node] = {}
        repeated: list[tuple[str, int]] = []
        line, at = self.line(at), self.skip(at + 1)
        while self._text[at : at + 1] != "}":
            if members:
                at = self._after(at, ",")
            if self._text[at : at + 1] != '"':
                raise self.error(at, 'must be a key in double quotes, or "}"')
            key_line = self.line(at)
            key, end = self._string(at)
            node, end = self.value(self._after(self.skip(end), ":"), depth + 1)
            if key in members:
                repeated.append((key, key_line))
            members[key] = Node(node.value, key_line, node.repeated)
            at = self.skip(end)
        return Node(members, line, tuple(repeated)), at + 1

    def _list(self, at: int, depth: int) -> tuple[Node, int]:
        items: list[Node] = []
        line, at = self.line(at), self.skip(at + 1)
        while self._text[at : at + 1] != "]":
            if items:
                at = self._after(at, ",")
            node, end = self.value(at, depth + 1)
            items.append(node)
            at = self.skip(end)
        return Node(items, line), at + 1

    def _after(self, at: int, sign: str) -> int:
        if self._text[at : at + 1] != sign:
            raise self.error(at, f'must be "{sign}"')
        return self.skip(at + 1)
