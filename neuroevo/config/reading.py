"""The INI dialect of ``configparser``, read so that every mistake is found in one go.

The rules are those of ``ConfigParser(interpolation=None, strict=True,
inline_comment_prefixes=("#", ";"))``. The standard parser stops at the first duplicate and keeps
no line numbers, so the lines are read here; a test holds the two equal
(docs/decisions/0010-own-ini-reader.md). Knows no key of any section.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from neuroevo.errors import ConfigError

MAX_BYTES = 1_000_000
MAX_LINES = 20_000
LAST_LINE = 10**9
"""Where mistakes stand that have no line, such as those of ``--set``."""

_COMMENT = re.compile(r"(?:^|(?<=\s))[#;]")
_SECTION = re.compile(r"\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake; ``line`` orders it among the others."""

    line: int
    message: str


@dataclass(frozen=True, slots=True)
class Given:
    """A value somebody wrote: in the file, or by ``--set``.

    Attributes:
        text: without comments; lines stripped and joined by line feeds.
        line: in the file; beyond its end for ``--set``.
        where: how messages name the place: ``FILE:LINE`` or ``--set``.
    """

    section: str
    key: str
    text: str
    line: int
    where: str

    @property
    def place(self) -> str:
        """The beginning of a message about this value."""
        return f"{self.where} [{shown(self.section)}] {shown(self.key)}"


@dataclass(slots=True)
class Ini:
    """What stands in a file: sections with their lines, values, and broken lines."""

    name: str
    sections: dict[str, int] = field(default_factory=dict)
    values: dict[tuple[str, str], Given] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def complain(self, line: int, text: str) -> None:
        """Add a problem; ``text`` goes on after the place."""
        self.problems.append(Problem(line, f"{self.name}:{line} {text}"))


def read_file(path: Path) -> str:
    """Return the text of a settings file.

    Raises:
        ConfigError: no regular file, too large, or no UTF-8 text.
    """
    try:
        if not path.is_file():
            found = "a folder" if path.is_dir() else "nothing such"
            raise ConfigError([f"{path}: must be a settings file; got {found}. Check the path."])
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        return data.decode("utf-8-sig")
    except (OSError, ValueError) as error:  # ValueError: a zero byte in the path, or no UTF-8
        what = "no UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
        message = f"{path}: must be readable UTF-8 text; got {what}. Save it as UTF-8."
        raise ConfigError([message]) from None


def read_ini(text: str, name: str) -> Ini:
    """Read INI text; broken lines become problems, the others are read all the same.

    Raises:
        ConfigError: the text is larger than any settings file.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if len(text) > MAX_BYTES or len(lines) > MAX_LINES:
        raise ConfigError([
            f"{name}: must have at most {MAX_BYTES:,} bytes in {MAX_LINES:,} lines;"
            f" got {'more' if len(text) > MAX_BYTES else f'{len(lines):,} lines'}."
            " Is it a settings file?"
        ])  # fmt: skip
    return _Reader(Ini(name)).read(lines)


def without_comment(line: str) -> str:
    """Cut a comment (``#`` or ``;`` at the beginning or after white space) and strip."""
    found = _COMMENT.search(line)
    return line[: found.start()].strip() if found else line.strip()


def shown(text: str, longest: int = 60) -> str:
    """Return foreign text fit for a one-line message."""
    visible = "".join(c if c.isprintable() else " " for c in text[: longest + 1])
    return visible if len(text) <= longest else f"{visible[:longest]}..."


class _Reader:
    """Goes through the lines once; remembers the open section and the open key."""

    def __init__(self, ini: Ini) -> None:
        self._ini = ini
        self._section: str | None = None
        self._open: Given | None = None
        self._more: list[str] = []
        self._indent = 0

    def read(self, lines: list[str]) -> Ini:
        for number, line in enumerate(lines, start=1):
            content = without_comment(line)
            if content:
                self._read_line(number, content, len(line) - len(line.lstrip()))
        self._close_key()
        return self._ini

    def _read_line(self, number: int, content: str, indent: int) -> None:
        if self._open is not None and indent > self._indent:
            self._more.append(content)  # deeper than its key: the value goes on
            return
        self._close_key()
        self._indent = indent
        if content.startswith("["):
            self._open_section(number, content)
        else:
            self._open_key(number, content)

    def _open_section(self, number: int, content: str) -> None:
        found = _SECTION.fullmatch(content)
        if found is None:
            self._ini.complain(
                number, f"`{shown(content)}`: a section must stand alone as [Name]. Mend the line."
            )
            return
        self._section = found[1]
        first = self._ini.sections.setdefault(self._section, number)
        if first != number:
            self._ini.complain(
                number,
                f"[{shown(self._section)}]: a section must stand once; got it in line {first}"
                " already. Join the two.",
            )

    def _open_key(self, number: int, content: str) -> None:
        name, delimiter, text = _split_key(content)
        if not delimiter or not name:
            self._ini.complain(
                number,
                f"`{shown(content)}`: must be `key = value`; got no"
                f" {'name' if delimiter else '= sign'}. Mend the line or begin it with #.",
            )
        elif self._section is None:
            self._ini.complain(
                number,
                f"{shown(name)}: must stand in a section; got it above the first."
                " Put a line such as [NEAT] above it.",
            )
        else:
            where = f"{self._ini.name}:{number}"
            self._open = Given(self._section, name, text, number, where)
            self._more = [text] if text else []

    def _close_key(self) -> None:
        if self._open is None:
            return
        opened, self._open = self._open, None
        text = "\n".join(self._more)
        given = Given(opened.section, opened.key, text, opened.line, opened.where)
        first = self._ini.values.setdefault((given.section, given.key), given)
        if first is not given:
            self._ini.problems.append(Problem(given.line, (
                f"{given.place}: must be given once; got it in line {first.line} already."
                " Remove one of the two."
            )))  # fmt: skip


def _split_key(content: str) -> tuple[str, str, str]:
    """Split at the first ``=`` or ``:``; keys are lower case, as in configparser."""
    found = re.search(r"[=:]", content)
    if found is None:
        return content, "", ""
    return content[: found.start()].strip().lower(), found[0], content[found.end() :].strip()
