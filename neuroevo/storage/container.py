"""The one binary file format: named arrays and a JSON text in a stored (not deflated) npz.

Owns the format, its version, its checksums and the refusal of anything else. ``numpy.load`` can
read the file too; the member ``meta`` is the UTF-8 JSON as bytes. Knows nothing of what the
arrays mean. Reading never unpickles, inflates or allocates more than the file's own size.
"""

from __future__ import annotations

import hashlib
import io
import json
import math
import re
import struct
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from neuroevo.errors import NewerVersionError, StorageError, UnwritableError
from neuroevo.storage.atomic import atomically

_TEXT = json.JSONEncoder(allow_nan=False)

JSON = Any
"""What ``json`` reads and writes: dict, list, str, int, finite float, bool, None."""

MAGIC = "neuroevo"
FORMAT_VERSION = 2
"""The newest that is read, and every older one. A file says the oldest that knows its types."""

MAX_FILE_BYTES = (1 << 31) - 1
"""``zipfile`` writes more only as zip64. What is larger is neither written nor read."""

MAX_META_BYTES = 1 << 26
MAX_MEMBERS = 256
_MEMBER_BYTES = 512
"""No member takes more beside its array: npy header, and its entries in the archive."""

_LARGE = 1 << 20
"""Bytes from which threads are sooner done with the sums than they are started, and from which an
archive is not put together in memory."""

_NUM_THREADS = 2

_META = "meta.npy"
_SINCE = {"<i8": 1, "<f8": 1, "|u1": 1, "|b1": 1, "<u4": 2}
"""The types of arrays, and the format version that first held them."""

_NPY_HEADER = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '(<i8|<f8|\|u1|\|b1|<u4)', 'fortran_order': False, "
    rb"'shape': \(((?:\d{1,15}(?:, |,)?){0,8})\), \} *\n",
    re.DOTALL,
)
"""The header that numpy writes. Its own reader would evaluate the text as a literal, and raises
half a dozen kinds of errors on a hostile one."""

_END_RECORD = struct.Struct("<4s4H2LH")
_ZIP64_LOCATOR_BYTES = 20
_READ_ERRORS = (
    zipfile.BadZipFile, OSError, EOFError, ValueError, KeyError, TypeError, NotImplementedError,
    RuntimeError, OverflowError, struct.error,
)  # fmt: skip
"""What zipfile, json and numpy raise on bytes that are not theirs (RecursionError included)."""

Arrays = dict[str, npt.NDArray[Any]]


def write_container(
    path: Path, kind: str, arrays: Mapping[str, npt.NDArray[Any]], content: Mapping[str, JSON],
    *, is_synced: bool = True,
) -> None:  # fmt: skip
    """Write arrays and a JSON object atomically; equal input gives equal bytes.

    Args:
        path: replaced if it exists.
        kind: what the file is, e.g. ``checkpoint``; a reader must ask for the same kind.
        arrays: int64, float64, uint8, bool or uint32, of any shape.
        content: any JSON object with finite numbers.
        is_synced: wait for the disk.

    Raises:
        UnwritableError: the disk refuses, or the file would be too large to be read again.
        StorageError: ``content`` is not JSON.
    """
    members = {name: _plain(array) for name, array in arrays.items()}
    _refuse_more(path, "the file", _upper_bound(members), MAX_FILE_BYTES)
    meta = {
        "magic": MAGIC,
        "format_version": max((_SINCE[array.dtype.str] for array in members.values()), default=1),
        "kind": kind,
        "arrays": _described(members),
        "content": dict(content),
    }
    try:
        text = _TEXT.encode(meta)
    except (TypeError, ValueError) as problem:
        raise StorageError(
            f"{path}: the content must be JSON with finite numbers; got {problem}. "
            "Store plain numbers, texts, lists and dictionaries."
        ) from problem
    members = {"meta": np.frombuffer(text.encode(), dtype=np.uint8), **members}
    _refuse_more(path, "its text", len(text) + _MEMBER_BYTES, MAX_META_BYTES)
    _refuse_more(path, "the file", _upper_bound(members), MAX_FILE_BYTES)
    with atomically(path, is_synced=is_synced) as file:
        # zipfile goes back to the head of each member, which is most of the time of a small file.
        is_small = _upper_bound(members) < _LARGE
        place: Any = io.BytesIO() if is_small else file
        with zipfile.ZipFile(place, "w", zipfile.ZIP_STORED) as archive:
            for name, array in members.items():
                # ZipInfo's fixed default date keeps the bytes equal for equal states.
                entry = zipfile.ZipInfo(f"{name}.npy")
                data = b"".join((_npy_header(array.dtype, array.shape), _raw(array)))
                # In one call: with an open member an archive answers Ctrl-C with its own error.
                archive.writestr(entry, data)
        if is_small:
            file.write(place.getbuffer())


def read_container(path: Path, kind: str) -> tuple[Arrays, dict[str, JSON]]:
    """Read and check a file of :func:`write_container`; the arrays are read-only.

    Raises:
        NewerVersionError: a newer version wrote it.
        StorageError: missing, too large, cut, damaged, foreign, or of another kind.
    """
    try:
        size = path.stat().st_size
        _require(size <= MAX_FILE_BYTES, path, f"at most {MAX_FILE_BYTES} bytes", f"{size}")
        with path.open("rb") as file:
            _check_end_record(path, file, size)
            with zipfile.ZipFile(file) as archive:
                return _read_archive(path, archive, kind, size)
    except FileNotFoundError as problem:
        raise StorageError(f"{path}: the file must exist; got none. Check the path.") from problem
    except _READ_ERRORS as problem:
        reason = " ".join(str(problem).split()) or type(problem).__name__
        raise _damaged(path, f"a readable {kind} file", reason[:200]) from problem


def _upper_bound(arrays: Arrays) -> int:
    """Return a number of bytes that a file of these members never exceeds."""
    return sum(array.nbytes + _MEMBER_BYTES for array in arrays.values()) + _MEMBER_BYTES


def _refuse_more(path: Path, what: str, size: int, most: int) -> None:
    """Write nothing that the reader refuses: both have the same limits.

    Raises:
        UnwritableError: ``size`` is above ``most``.
    """
    if size > most:
        raise UnwritableError(
            f"{path}: {what} must be at most {most:,} bytes, or nothing could read it; got "
            f"{size:,}. Begin a new run with a smaller [NEAT] pop_size or [Observation]; "
            "--seed-genome takes the best of this one."
        )


@lru_cache(maxsize=64)
def _npy_header(dtype: np.dtype[Any], shape: tuple[int, ...]) -> bytes:
    """Return what comes before the bytes of an array in C order."""
    buffer = io.BytesIO()
    header = {"descr": dtype.str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(buffer, header)
    return buffer.getvalue()


def _plain(array: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Return the array little-endian and in C order; scalars keep their shape ()."""
    dtype = array.dtype.newbyteorder("<")
    assert dtype.str in _SINCE, f"a container holds {tuple(_SINCE)}, not {dtype.str}"
    return np.asarray(array, dtype=dtype, order="C")


def _raw(plain: npt.NDArray[Any]) -> memoryview:
    """Return the bytes of an array in C order, not copied."""
    return plain.reshape(-1).view(np.uint8).data


def _described(arrays: Mapping[str, npt.NDArray[Any]]) -> dict[str, dict[str, JSON]]:
    """Return what the meta says of each array; large ones are summed side by side."""
    if sum(array.nbytes for array in arrays.values()) < _LARGE:
        return {name: _describe(array) for name, array in arrays.items()}
    with ThreadPoolExecutor(_NUM_THREADS) as threads:  # a sum lets other threads run
        return dict(zip(arrays, threads.map(_describe, arrays.values()), strict=True))


def _describe(plain: npt.NDArray[Any]) -> dict[str, JSON]:
    digest = hashlib.sha256(_raw(plain)).hexdigest()
    return {"dtype": plain.dtype.str, "shape": list(plain.shape), "sha256": digest}


def _damaged(path: Path, rule: str, got: str) -> StorageError:
    return StorageError(
        f"{path}: expected {rule}; got {got}. "
        "The file is damaged or not ours: take an earlier checkpoint or a copy."
    )


def _require(holds: bool, path: Path, rule: str, got: str) -> None:
    if not holds:
        raise _damaged(path, rule, got)


def _check_end_record(path: Path, file: io.BufferedReader, size: int) -> None:
    """Check the zip's last 22 bytes before ``zipfile`` reads a directory of unknown length."""
    tail_bytes = min(size, _END_RECORD.size + _ZIP64_LOCATOR_BYTES)
    file.seek(size - tail_bytes)
    tail = file.read(tail_bytes)
    _require(len(tail) >= _END_RECORD.size, path, "a zip archive", f"{size} bytes")
    record = _END_RECORD.unpack(tail[-_END_RECORD.size :])
    signature, num_members, directory_bytes, comment_bytes = (record[i] for i in (0, 4, 5, 7))
    _require(
        signature == b"PK\x05\x06" and comment_bytes == 0, path,
        "a zip archive that ends with its directory", "other bytes at the end (cut short?)",
    )  # fmt: skip
    _require(b"PK\x06\x07" not in tail, path, "an archive below 4 GB", "a zip64 directory")
    _require(num_members <= MAX_MEMBERS, path, f"at most {MAX_MEMBERS} arrays", f"{num_members}")
    _require(
        directory_bytes <= MAX_MEMBERS * 512, path, "a short directory", f"{directory_bytes} bytes"
    )


def _check_members(path: Path, archive: zipfile.ZipFile, size: int) -> None:
    members = archive.infolist()
    names = [member.filename for member in members]
    _require(len(set(names)) == len(names), path, "names that occur once", f"{sorted(names)[:9]}")
    _require(_META in names, path, "a member meta", f"{sorted(names)[:9]}")
    for member in members:
        is_plain = member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 0x1
        _require(is_plain, path, "stored members", f"{member.filename}, deflated or encrypted")
        _require(
            member.compress_size == member.file_size, path, "sizes that agree", member.filename
        )
    total = sum(member.file_size for member in members)
    _require(total <= size, path, f"members within {size} bytes", f"{total}")


def _read_archive(
    path: Path, archive: zipfile.ZipFile, kind: str, size: int
) -> tuple[Arrays, dict[str, JSON]]:
    _check_members(path, archive, size)
    meta_bytes = archive.getinfo(_META).file_size
    _require(meta_bytes <= MAX_META_BYTES, path, f"meta below {MAX_META_BYTES}", f"{meta_bytes}")
    encoded = _read_npy(path, archive, _META)
    meta = json.loads(encoded.tobytes().decode(), parse_constant=_no_constant)
    described, content = _check_meta(path, meta, kind)
    wanted = {f"{name}.npy" for name in described} | {_META}
    _require(set(archive.namelist()) == wanted, path, f"members {sorted(wanted)[:5]}...", "others")
    arrays = {name: _read_npy(path, archive, f"{name}.npy") for name in described}
    for name, found in _described(arrays).items():
        _require(found == described[name], path, f"array {name} as its sum", "another")
    return arrays, content


def _check_meta(path: Path, meta: JSON, kind: str) -> tuple[dict[str, JSON], dict[str, JSON]]:
    is_ours = isinstance(meta, dict) and meta.get("magic") == MAGIC
    _require(is_ours, path, f"magic {MAGIC!r}", "a foreign archive")
    version = meta.get("format_version")
    _require(type(version) is int and version >= 1, path, "a format version", repr(version)[:40])
    if version > FORMAT_VERSION:
        raise NewerVersionError(
            f"{path}: format version must be at most {FORMAT_VERSION}; got {version}, written by "
            "a newer neuroevo. Upgrade neuroevo to read it."
        )
    if meta.get("kind") != kind:
        raise StorageError(
            f"{path}: expected a {kind} file; got kind {meta.get('kind')!r}. Pass a {kind} file."
        )
    arrays, content = meta.get("arrays"), meta.get("content")
    _require(
        isinstance(arrays, dict) and isinstance(content, dict), path, "arrays and content", "none"
    )
    return arrays, content


def _no_constant(name: str) -> None:
    raise ValueError(f"the number {name}")


def _read_npy(path: Path, archive: zipfile.ZipFile, name: str) -> npt.NDArray[Any]:
    """Return one stored array; the header's claim must equal the bytes that are there."""
    data = archive.read(name)
    header = _NPY_HEADER.match(data)
    if header is None:
        raise _damaged(path, f"{name} with an npy header of plain numbers", "another header")
    dtype = np.dtype(header[1].decode())
    shape = tuple(int(size) for size in re.findall(rb"\d+", header[2]))
    num_bytes, start = math.prod(shape) * dtype.itemsize, header.end()
    num_found = len(data) - start
    _require(num_found == num_bytes, path, f"{name} of {num_bytes} bytes", f"{num_found}")
    if dtype.kind == "b":
        is_bool = bool(np.all(np.frombuffer(data, np.uint8, offset=start) <= 1))
        _require(is_bool, path, f"{name} of 0 and 1", "other bytes")
    return np.frombuffer(data, dtype, offset=start).reshape(shape)
