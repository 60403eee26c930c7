"""The reader of INI lines against configparser, and on what configparser cannot report."""

from __future__ import annotations

import configparser
import string
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neuroevo.config.reading import MAX_BYTES, read_file, read_ini
from neuroevo.errors import ConfigError

WORDS = st.text(alphabet="abcXY_.1", min_size=1, max_size=6)
VALUES = st.text(alphabet=string.ascii_letters + "0123456789 .+-*%${}[]()=:\t", max_size=20)
COMMENTS = st.sampled_from(["", " # note", "\t# a = b", "#glued", "   "])


@st.composite
def ini_texts(draw: st.DrawFn) -> str:
    """Return a valid file: unique sections and keys, comments, blank and continued lines."""
    lines = ["# head", ""]
    for section in draw(st.lists(WORDS, unique=True, min_size=1, max_size=3)):
        lines.append(f"[{section}]{draw(st.sampled_from(['', ' # x']))}")
        for key in draw(st.lists(WORDS, unique_by=str.lower, max_size=4)):
            delimiter = draw(st.sampled_from(["=", " = ", " : ", ":"]))
            lines.append(key + delimiter + draw(VALUES) + draw(COMMENTS))
            lines += [f"   {more}" for more in draw(st.lists(VALUES, max_size=2))]
            lines += draw(st.sampled_from([[], [""], ["# between"], ["   # indented"]]))
    return draw(st.sampled_from(["\n", "\r\n"])).join(lines)


def by_configparser(text: str) -> dict[tuple[str, str], str]:
    """Return the values as configparser reads them, lines stripped and empty ones dropped."""
    parser = configparser.ConfigParser(
        interpolation=None,
        strict=True,
        inline_comment_prefixes=("#", ";"),
        default_section="no such section",
    )
    parser.read_string(text.replace("\r\n", "\n"))
    return {
        (section, key): "\n".join(line.strip() for line in value.split("\n") if line.strip())
        for section in parser.sections()
        for key, value in parser.items(section)
    }


@given(ini_texts())
@settings(max_examples=300, deadline=None)
def test_reader_agrees_with_configparser_on_valid_files(text: str) -> None:
    ini = read_ini(text, "x.ini")
    assert ini.problems == []
    assert {place: value.text for place, value in ini.values.items()} == by_configparser(text)


def test_values_know_their_lines() -> None:
    ini = read_ini("# a\n\n[A]\nx = 1\ny = 2\n    3\nz = 4", "x.ini")
    assert {key: value.where for (_, key), value in ini.values.items()} == {
        "x": "x.ini:4",
        "y": "x.ini:5",
        "z": "x.ini:7",
    }
    assert ini.values["A", "y"].text == "2\n3"


def test_every_broken_line_is_reported_and_the_others_are_read() -> None:
    text = "a = 1\n[A]\nnothing\nx = 1\n[A\nx = 2\n= 5\n[B]\n[A]\ny = 3"
    ini = read_ini(text, "x.ini")
    assert [problem.line for problem in ini.problems] == [1, 3, 5, 6, 7, 9]
    assert "got it in line 4 already" in ini.problems[3].message
    assert ini.values["A", "x"].text == "1"
    assert ini.values["A", "y"].text == "3"


def test_percent_signs_and_dollars_are_plain_text() -> None:
    assert read_ini("[A]\nx = %(x)s ${A:x}", "x").values["A", "x"].text == "%(x)s ${A:x}"


def test_byte_order_mark_is_ignored(tmp_path) -> None:
    path = tmp_path / "bom.ini"
    path.write_bytes(b"\xef\xbb\xbf[A]\nx = 1\n")
    assert read_ini(read_file(path), "x").values["A", "x"].text == "1"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\xff\xfe[\x00A\x00", "UTF-8"),
        (b"x" * (MAX_BYTES + 1), "bytes"),
        (b"\n" * 50_000, "lines"),
    ],
)
def test_file_that_is_no_settings_file_is_refused(tmp_path, content: bytes, expected: str) -> None:
    path = tmp_path / "hostile.ini"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=expected):
        read_ini(read_file(path), str(path))


def test_folder_device_and_missing_file_are_refused_by_name(tmp_path) -> None:
    from pathlib import Path

    for path in (tmp_path, Path("/dev/zero"), tmp_path / "missing.ini", Path("a\0b")):
        with pytest.raises(ConfigError, match="must be"):
            read_file(path)


@given(st.text(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_text_is_read_or_reported(text: str) -> None:
    ini = read_ini(text, "x.ini")
    assert all(problem.message.startswith("x.ini:") for problem in ini.problems)
    assert all("\n" not in problem.message for problem in ini.problems)


def test_the_largest_file_is_read_in_no_time() -> None:
    lines = "\n".join(f"k{n} = {'v' * 30}" for n in range(19_000))
    began = time.process_time()
    read_ini(f"[A]\n{lines}", "x")
    assert time.process_time() - began < 5
