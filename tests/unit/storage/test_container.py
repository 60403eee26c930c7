from __future__ import annotations

import hashlib
import io
import json
import re
import struct
import zipfile

import numpy as np
import pytest

from neuroevo.errors import StorageError, UnwritableError
from neuroevo.storage import container
from neuroevo.storage.container import read_container, write_container

ARRAYS = {"a": np.arange(5), "b": np.array([True, False]), "c": np.array([[0.5, -0.0]])}
ROWS = {"d": np.array([0, 2**32 - 1], np.uint32)}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "file.npz"
    write_container(path, "test", ARRAYS, {"text": "ü"})
    return path


def npy(array, allow_pickle=False) -> bytes:
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, version=(1, 0), allow_pickle=allow_pickle)
    return buffer.getvalue()


def meta_of(stored=None, /, **changes) -> bytes:
    described = {}
    for name, array in (stored or {}).items():
        digest = hashlib.sha256(array.tobytes()).hexdigest()
        described[name] = {"dtype": array.dtype.str, "shape": array.shape, "sha256": digest}
    meta = {"magic": "neuroevo", "format_version": 1, "kind": "test"}
    meta |= {"arrays": described, "content": {}}
    return npy(np.frombuffer(json.dumps(meta | changes).encode(), np.uint8))


def write_zip(path, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in members:
            archive.writestr(name, data)


def test_what_is_written_is_read(path):
    arrays, content = read_container(path, "test")
    assert content == {"text": "ü"}
    assert list(arrays) == list(ARRAYS)
    for name, array in ARRAYS.items():
        assert arrays[name].dtype == array.dtype
        assert arrays[name].shape == array.shape
        assert arrays[name].tobytes() == array.tobytes()


def test_every_shape_survives(tmp_path):
    shapes = {"empty": (0,), "flat": (0, 3), "one": (1,), "scalar": (), "cube": (2, 3, 2)}
    arrays = {name: np.ones(shape) for name, shape in shapes.items()}
    write_container(tmp_path / "x.npz", "test", arrays, {})
    read, _ = read_container(tmp_path / "x.npz", "test")
    assert {name: array.shape for name, array in read.items()} == shapes


def test_big_endian_and_strided_arrays_are_stored_plainly(tmp_path):
    arrays = {"big": np.arange(4).astype(">i8"), "strided": np.arange(12.0).reshape(3, 4).T}
    write_container(tmp_path / "x.npz", "test", arrays, {})
    read, _ = read_container(tmp_path / "x.npz", "test")
    assert read["big"].dtype.str == "<i8"
    assert all(np.array_equal(read[name], array) for name, array in arrays.items())


def test_every_truncation_is_refused(path):
    whole = path.read_bytes()
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        with pytest.raises(StorageError):
            read_container(path, "test")


def test_every_flipped_byte_is_refused_or_harmless(path):
    """Dates and attributes of the zip may change unnoticed, what is read never does."""
    whole = path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        starts = [(m.header_offset + 30 + len(m.filename), m.file_size) for m in archive.infolist()]
    contents = {position for start, size in starts for position in range(start, start + size)}
    expected = {name: array.tobytes() for name, array in ARRAYS.items()}
    for position in range(len(whole)):
        flipped = bytes([whole[position] ^ 0xFF])
        path.write_bytes(whole[:position] + flipped + whole[position + 1 :])
        try:
            arrays, content = read_container(path, "test")
        except StorageError:
            continue
        assert position not in contents
        assert content == {"text": "ü"}
        assert {name: array.tobytes() for name, array in arrays.items()} == expected


def test_bytes_after_the_end_are_refused(path):
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(StorageError, match="other bytes at the end"):
        read_container(path, "test")


@pytest.mark.parametrize(
    "junk", [b"", b"PK", b"\x80\x04.", b"\0" * 5000, b"PK\x05\x06" + b"\0" * 18]
)
def test_foreign_bytes_are_refused(tmp_path, junk):
    path = tmp_path / "junk.npz"
    path.write_bytes(junk)
    with pytest.raises(StorageError, match=r"junk\.npz: expected"):
        read_container(path, "test")


def test_a_missing_file_and_a_folder_are_named(tmp_path):
    with pytest.raises(StorageError, match=r"no\.npz: the file must exist"):
        read_container(tmp_path / "no.npz", "test")
    with pytest.raises(StorageError):
        read_container(tmp_path, "test")


def test_another_kind_is_named(path):
    with pytest.raises(StorageError, match="expected a genome file; got kind 'test'"):
        read_container(path, "genome")


def test_a_newer_version_says_upgrade(tmp_path):
    write_zip(tmp_path / "x.npz", [("meta.npy", meta_of(format_version=3))])
    with pytest.raises(StorageError, match=r"at most 2; got 3.*Upgrade neuroevo"):
        read_container(tmp_path / "x.npz", "test")


def version_of(path) -> int:
    with np.load(path) as archive:
        return json.loads(archive["meta"].tobytes())["format_version"]


def test_a_file_says_the_oldest_version_that_can_hold_its_arrays(path, tmp_path):
    """Else older programs would refuse files that they can read."""
    write_container(tmp_path / "rows.npz", "test", ARRAYS | ROWS, {})
    write_container(tmp_path / "none.npz", "test", {}, {})
    paths = (path, tmp_path / "none.npz", tmp_path / "rows.npz")
    assert [version_of(each) for each in paths] == [1, 1, 2]


def test_rows_of_a_table_survive(tmp_path):
    write_container(tmp_path / "x.npz", "test", ROWS, {})
    read, _ = read_container(tmp_path / "x.npz", "test")
    assert read["d"].dtype.str == "<u4"
    assert read["d"].tolist() == [0, 2**32 - 1]


@pytest.mark.parametrize(
    "changes",
    [
        {"magic": "other"},
        {"format_version": "1"},
        {"format_version": True},
        {"format_version": 0},
        {"arrays": None},
        {"content": []},
        {"arrays": {"ghost": {}}},
    ],
)
def test_a_wrong_meta_is_refused(tmp_path, changes):
    write_zip(tmp_path / "x.npz", [("meta.npy", meta_of(**changes))])
    with pytest.raises(StorageError):
        read_container(tmp_path / "x.npz", "test")


@pytest.mark.parametrize("text", [b"", b"[]", b"{", b"\xff", b"[" * 200_000, b'{"a": NaN}'])
def test_a_meta_that_is_not_our_json_is_refused(tmp_path, text):
    write_zip(tmp_path / "x.npz", [("meta.npy", npy(np.frombuffer(text, np.uint8)))])
    with pytest.raises(StorageError):
        read_container(tmp_path / "x.npz", "test")


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("the reader ran code from the file",))


def test_object_arrays_are_refused_without_running_them(tmp_path):
    array = np.array([Bomb()], dtype=object)
    path = tmp_path / "x.npz"
    described = {"a": {"dtype": "|O", "shape": [1], "sha256": ""}}
    for data in (npy(array, allow_pickle=True), npy(array, allow_pickle=True)[:80]):
        meta = meta_of(arrays=described)
        write_zip(path, [("meta.npy", meta), ("a.npy", data)])
        with pytest.raises(StorageError):
            read_container(path, "test")
    write_zip(path, [("meta.npy", npy(array, allow_pickle=True))])
    with pytest.raises(StorageError):
        read_container(path, "test")


def test_a_deflated_bomb_is_refused_before_it_is_inflated(tmp_path):
    path = tmp_path / "bomb.npz"
    write_zip(path, [("meta.npy", meta_of()), ("a.npy", bytes(50_000_000))], zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 100_000
    with pytest.raises(StorageError, match="stored members"):
        read_container(path, "test")


def header(shape: str, dtype: str = "<f8") -> bytes:
    text = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


@pytest.mark.parametrize(
    "data",
    [
        header("(1000000000000,)"),
        header("(4294967296, 4294967296, 4294967296)"),
        header("(-1,)"),
        header("(-1, -8)") + bytes(64),
        header("(1,)", "|S8") + bytes(8),
        header("(1,)", "<f4") + bytes(4),
        header("(2,)", "|b1") + b"\x02\x03",
        header("(" * 3000),
        header("__import__('os')"),
        b"\x93NUMPY\x09\x00",
        b"",
    ],
)
def test_a_hostile_header_is_refused(tmp_path, data):
    described = {"a": {"dtype": "<f8", "shape": [1], "sha256": ""}}
    path = tmp_path / "x.npz"
    write_zip(path, [("meta.npy", meta_of(arrays=described)), ("a.npy", data)])
    with pytest.raises(StorageError):
        read_container(path, "test")


def test_members_that_share_bytes_are_refused(path):
    """Two directory entries for one member would multiply its size in memory."""
    with zipfile.ZipFile(path, "a") as archive:
        for number in range(20):
            info = zipfile.ZipInfo(f"copy{number}.npy")
            original = archive.getinfo("c.npy")
            info.header_offset = original.header_offset
            info.file_size = info.compress_size = original.file_size
            info.CRC = original.CRC
            archive.filelist.append(info)
        archive._didModify = True
    with pytest.raises(StorageError):
        read_container(path, "test")


def test_a_repeated_name_and_a_stranger_are_refused(tmp_path):
    path = tmp_path / "x.npz"
    arrays = {"a": np.arange(3)}
    member = ("a.npy", npy(arrays["a"]))
    with pytest.warns(UserWarning, match="Duplicate name"):
        write_zip(path, [("meta.npy", meta_of(arrays)), member, member])
    with pytest.raises(StorageError, match="occur once"):
        read_container(path, "test")
    write_zip(path, [("meta.npy", meta_of(arrays)), member, ("b.npy", member[1])])
    with pytest.raises(StorageError, match="members"):
        read_container(path, "test")


def test_an_array_that_is_not_its_sum_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    meta = meta_of({"a": np.arange(3)})
    write_zip(path, [("meta.npy", meta), ("a.npy", npy(np.arange(1, 4)))])
    with pytest.raises(StorageError, match="array a as its sum"):
        read_container(path, "test")


def test_a_long_directory_is_refused_before_it_is_read(tmp_path):
    path = tmp_path / "x.npz"
    write_zip(path, [(f"{number}.npy", b"") for number in range(300)])
    with pytest.raises(StorageError, match="at most 256 arrays; got 300"):
        read_container(path, "test")


def test_a_file_beyond_the_cap_is_refused(path, monkeypatch):
    monkeypatch.setattr(container, "MAX_FILE_BYTES", 100)
    with pytest.raises(StorageError, match="at most 100 bytes"):
        read_container(path, "test")


@pytest.mark.parametrize("limit", ["MAX_FILE_BYTES", "MAX_META_BYTES"])
def test_a_file_that_could_not_be_read_is_not_written_and_says_what_to_do(
    tmp_path, monkeypatch, limit
):
    """Once only the reader had limits: it called files damaged that we had written ourselves."""
    target, outcomes = tmp_path / "x.npz", set()
    for size in range(500, 4500, 13):
        monkeypatch.setattr(container, limit, size)
        try:
            write_container(target, "test", ARRAYS, {"text": "t" * 300})
        except UnwritableError as problem:
            said = str(problem)
            outcomes.add("refused")
            assert not list(tmp_path.iterdir())
        else:
            read_container(target, "test")
            target.unlink()
            outcomes.add("read")
    assert outcomes == {"refused", "read"}
    assert re.search(r"must be at most [\d,]+ bytes, .* got [\d,]+\. Begin a new run with", said)


def test_the_largest_file_needs_no_zip64():
    assert container.MAX_FILE_BYTES <= zipfile.ZIP64_LIMIT


def test_a_failed_write_leaves_no_file_behind(tmp_path):
    taken = tmp_path / "taken.npz"
    taken.mkdir()
    with pytest.raises(StorageError, match=r"taken\.npz: must be writable"):
        write_container(taken, "test", ARRAYS, {})
    with pytest.raises(StorageError, match="must be writable"):
        write_container(tmp_path / "missing" / "x.npz", "test", ARRAYS, {})
    assert list(tmp_path.iterdir()) == [taken]
