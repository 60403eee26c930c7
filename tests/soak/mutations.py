"""How a sound file is spoiled: bytes, words, numbers, nesting, lengths, parts of archives.

Everything follows from the generator that is given: the same seed spoils in the same way.
"""

from __future__ import annotations

import gzip
import io
import json
import random
import re
import struct
import zipfile
from collections.abc import Callable, Sequence
from copy import deepcopy
from typing import Any

Mutation = Callable[[random.Random, bytes], bytes]
MAX_BYTES = 4_000_000

NUMBERS = (b"0", b"-1", b"1e999", b"-1e999", b"nan", b"inf", b"1e-320", b"9" * 25, b"9" * 5000,
           b"2147483648", b"4294967296", b"9223372036854775808", b"-9223372036854775809", b"0x7f",
           b"1_000", b"00", b"1.5", b"\xd9\xa3", b"true", b"null")  # fmt: skip
WORDS = (
    b"", b" ", b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\r", b"\n", b"\n\n[", b"%(x)s",
    b"${x:y}", b"..", b"/../../etc/passwd", b"/dev/zero", b"a" * 70_000, b"\xf0\x9f\x98\x80",
    b"\x1b[2J", b"=", b":", b"#", b";", b"none", b"auto", b"__class__", b"{", b"}", b"[", b"]",
    b'"', b"\\", b"(", b")", b"*", b"**", b"\\ud800", b"PK\x05\x06", b"PK\x01\x02", b"\x93NUMPY",
)  # fmt: skip
NESTS = (b"[", b'{"a":', b'{"nodes":{"a":', b"(", b"-", b"not ", b"max(", b"[[", b"\t", b"((lives")
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63) - 1, 10**400, 0.5, 1e300, -1e300,
    "", "x", "\0", "\ud800", "x" * 5000, "../..", "/dev/zero", [], [[]], [1], ["a"], {}, {"a": 1},
    {"variables": {"lives": {"op": "zero"}}}, "lua:strange", "|u1", ">d2", "<u8", "=i4", "zero",
)  # fmt: skip


def spoil(generator: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Spoil bytes one to four times; ``others`` are sound files of the kind, to splice with."""
    for _ in range(generator.choice((1, 1, 1, 2, 4))):
        if generator.random() < 0.1:
            data = splice(generator, data, generator.choice(others))
        else:
            data = generator.choice(ANY)(generator, data)
    return data[:MAX_BYTES]


def spoil_json(generator: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Spoil JSON: half of the time a value in its tree, else its bytes."""
    if generator.random() < 0.5:
        return spoil(generator, data, others)
    document = json.loads(data)
    for _ in range(generator.choice((1, 1, 2, 5))):
        document = change_value(generator, document)
    return json.dumps(document).encode()


def spoil_lines(generator: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Spoil JSON lines: half of the time a value in one of them, else the bytes."""
    if generator.random() < 0.5:
        return spoil(generator, data, others)
    lines = data.splitlines()
    at = generator.randrange(len(lines))
    lines[at] = spoil_json(generator, lines[at], [data])
    return b"\n".join(lines) + b"\n"


def spoil_gzip(generator: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Spoil what a gzip file holds and pack it again; a quarter of the time its own bytes."""
    if generator.random() < 0.25:
        return spoil(generator, data, others)
    return gzip.compress(spoil(generator, gzip.decompress(data), [gzip.decompress(others[0])]), 1)


def spoil_zip(generator: random.Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Spoil a member of a zip archive; a quarter of the time the archive's own bytes."""
    if generator.random() < 0.25:
        return spoil(generator, data, others)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    name = generator.choice(sorted(members))
    members[name] = spoil(generator, members[name], [members[name]])
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for key, content in members.items():
            archive.writestr(key, content)
    return buffer.getvalue()


def change_value(generator: random.Random, document: Any) -> Any:
    """Replace, remove or rename something at a random place of a JSON tree."""
    if not isinstance(document, (dict, list)) or not document or generator.random() < 0.1:
        return deepcopy(generator.choice(VALUES))
    keys = list(document) if isinstance(document, dict) else list(range(len(document)))
    key = generator.choice(keys)
    if generator.random() < 0.75:
        document[key] = change_value(generator, document[key])
    elif isinstance(document, list):
        document.insert(key, deepcopy(generator.choice(VALUES)))
    elif generator.random() < 0.5:
        del document[key]
    else:
        name = generator.choice(("", "x\0", "a" * 300, "__proto__", f"{key}!"))
        document[name] = deepcopy(document[key])
    return document


def flip(generator: random.Random, data: bytes) -> bytes:
    """Flip up to twenty bits."""
    spoiled = bytearray(data)
    for _ in range(generator.choice((1, 1, 3, 20)) if data else 0):
        spoiled[generator.randrange(len(data))] ^= 1 << generator.randrange(8)
    return bytes(spoiled)


def cut(generator: random.Random, data: bytes) -> bytes:
    """Truncate."""
    return data[: generator.randrange(len(data) + 1)]


def remove(generator: random.Random, data: bytes) -> bytes:
    """Take a slice out."""
    start, stop = _slice(generator, data)
    return data[:start] + data[stop:]


def repeat(generator: random.Random, data: bytes) -> bytes:
    """Repeat a slice, at times very often."""
    start, stop = _slice(generator, data)
    times = generator.choice((2, 2, 10, 2000))
    return data[:start] + (data[start:stop] * times)[:MAX_BYTES] + data[stop:]


def splice(generator: random.Random, data: bytes, other: bytes) -> bytes:
    """Go on with the end of another file."""
    return data[: generator.randrange(len(data) + 1)] + other[generator.randrange(len(other) + 1) :]


def set_length(generator: random.Random, data: bytes) -> bytes:
    """Write an extreme number over 1, 2, 4 or 8 bytes, as a length field might lie there."""
    form = generator.choice(("<B", "<H", ">H", "<L", ">L", "<Q"))
    size = struct.calcsize(form)
    if len(data) < size:
        return data
    at, top = generator.randrange(len(data) - size + 1), 1 << (8 * size)
    value = generator.choice((0, 1, top - 1, top // 2, top // 2 - 1, generator.randrange(top)))
    return data[:at] + struct.pack(form, value) + data[at + size :]


def set_number(generator: random.Random, data: bytes) -> bytes:
    """Replace a number in the text by a strange one."""
    found = list(re.finditer(rb"-?\d+(?:\.\d+)?", data[:200_000]))
    if not found:
        return data
    match = generator.choice(found)
    return data[: match.start()] + generator.choice(NUMBERS) + data[match.end() :]


def insert_word(generator: random.Random, data: bytes) -> bytes:
    """Put something strange in, or in place of a word."""
    at = generator.randrange(len(data) + 1)
    match = re.compile(rb"\w+").search(data, at)
    stop = match.end() if match and generator.random() < 0.5 else at
    return data[:at] + generator.choice(WORDS) + data[stop:]


def nest(generator: random.Random, data: bytes) -> bytes:
    """Open many brackets."""
    at = generator.randrange(len(data) + 1)
    return data[:at] + generator.choice(NESTS) * generator.choice((10, 300, 40_000)) + data[at:]


def swap_lines(generator: random.Random, data: bytes) -> bytes:
    """Exchange, repeat or drop lines."""
    lines = data.split(b"\n")
    a, b = generator.randrange(len(lines)), generator.randrange(len(lines))
    lines[a], lines[b] = lines[b], lines[a]
    if generator.random() < 0.5:
        lines.insert(a, lines[b])
    return b"\n".join(lines)


ANY: tuple[Mutation, ...] = (
    flip, cut, remove, repeat, set_length, set_number, set_number, insert_word, nest, swap_lines,
)  # fmt: skip


def _slice(generator: random.Random, data: bytes) -> tuple[int, int]:
    start = generator.randrange(len(data) + 1)
    return start, min(len(data), start + generator.choice((1, 4, 30, 1000)))
