"""Settings files of ill will: refused or read in under a second and 100 MB, never more."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.hostile import Commands, Ended

MEGABYTE = 1_000_000
SECONDS = 1.0
MORE_BYTES = 100 << 20
LEAST = "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
LEAST += "[Task]\nname = xor\n"
GAME = LEAST.replace("xor", "retro") + "[Retro]\ngame = Wickling-Nes\n"


def interpolation(levels: int) -> str:
    """The bomb of configparser: each value is ten times the one before."""
    lines = ["[NEAT]", "a0 = " + "x" * 10]
    lines += [f"a{i} = " + f"%(a{i - 1})s" * 10 for i in range(1, levels)]
    return "\n".join([*lines, f"pop_size = %(a{levels - 1})s"])


REFUSED: dict[str, str | bytes] = {
    "an interpolation bomb": interpolation(12),
    "an interpolation of itself": "[NEAT]\npop_size = %(pop_size)s",
    "an extended interpolation": "[NEAT]\npop_size = ${NEAT:pop_size}",
    "nothing": "",
    "a line of a megabyte": "x" * (MEGABYTE - 1),
    "a section of a megabyte": "[" + "x" * (MEGABYTE - 3) + "]",
    "a key of a megabyte": LEAST + "[NEAT]\n" + "x" * (MEGABYTE - 200) + " = 1",
    "a value of a megabyte": "[NEAT]\npop_size = " + "9" * (MEGABYTE - 30),
    "a comment that never ends": "[NEAT]\npop_size = 1 " + "#" * (MEGABYTE - 30),
    "spaces only": " " * MEGABYTE,
    "a value of ten thousand lines": "[NEAT]\npop_size = 1\n" + " 1\n" * 10_000,
    "zero bytes": "\0" * 100_000,
    "zero bytes in a value": LEAST.replace("10", "1\x000"),
    "two marks of byte order": "\ufeff\ufeff" + LEAST,
    "UTF-16": LEAST.encode("utf-16"),
    "half a character": LEAST.encode() + b"\xc3",
    "a program": Path("/bin/true").read_bytes() if Path("/bin/true").exists() else b"\x7fELF\x01",
    "every byte": bytes(range(256)) * 100,
    "ten thousand sections": "".join(f"[S{i}]\nk = 1\n" for i in range(9_000)),
    "one section, many times": LEAST + "[NEAT]\n" * 10_000,
    "ten thousand keys": LEAST + "".join(f"k{i} = {i}\n" for i in range(10_000)),
    "many short lines": "k\n" * 450_000,
    "one key, many times": LEAST.replace("[Def", "pop_size = 10\n" * 10_000 + "[Def"),
    "many near misses": "[NEAT]\n" + "".join(f"pop_siz{i} = 1\n" for i in range(9000)),
    "a huge number": LEAST.replace("10", "9" * 90),
    "a number of many digits": LEAST.replace("10", "9" * 900_000),
    "an exponent": LEAST.replace("10", "1e308"),
    "infinity": LEAST.replace("10", "inf"),
    "no number": LEAST.replace("10", "nan"),
    "a million genomes of a thousand inputs": LEAST.replace("= 10", "= 1000000000").replace(
        "= 2", "= 100000000"
    ),
    "digits of another script": LEAST.replace("10", "٣٤x"),
    "letters that turn": LEAST.replace("pop_size", "pop\u202e_size"),
    "escape codes of terminals": LEAST.replace("xor", "\x1b]0;owned\x07\x1b[2J"),
    "a shell": LEAST.replace("xor", "$(touch owned); `touch owned`"),
    "Python": LEAST.replace("10", "__import__('os').system('touch owned')"),
    "a deep expression": GAME + "[Fitness]\n"
    "terms = a: gain " + "(" * 5000 + "x" + ")" * 5000 + " x 1\n",
    "many terms": GAME + "[Fitness]\nterms =\n"
    + "".join(f"  t{i}: gain x x 1\n" for i in range(9000)),
    "a backtracking term": GAME + "[Fitness]\n"
    "terms = a: gain " + " x " * 250_000 + "\n",
    "many ranges": GAME + "[Observation]\n"
    "source = ram\nram = " + "0x0-0xffffffff, " * 60_000 + "\n",
    "a combination of many buttons": GAME + "[Buttons]\ncombos = " + "A+" * 400_000 + "B\n",
    "many words for lists": LEAST.replace("num_outputs = 1", "num_outputs = 1\n"
    "activation_options = " + "tanh " * 190_000),
    "a file of the system": LEAST + "[Run]\nseed_genome = /dev/zero\n[NEAT]\n",
}  # fmt: skip

READ: dict[str, str | bytes] = {
    "a mark of byte order": "\ufeff" + LEAST,
    "line ends of Windows": LEAST.replace("\n", "\r\n"),
    "a megabyte of comments": LEAST + "# nothing\n" * 19_000,
    "a long comment": LEAST + "#" * 900_000,
}


@pytest.fixture(scope="module")
def commands() -> Iterator[Commands]:
    with Commands() as commands:
        yield commands


def check(commands: Commands, folder: Path, content: str | bytes) -> Ended:
    path = folder / "bad.ini"
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    ended = commands.run("config", "check", path, more_bytes=MORE_BYTES, cwd=folder)
    assert not ended.is_late
    assert ended.cpu_seconds < SECONDS
    assert not (folder / "owned").exists()
    return ended


@pytest.mark.parametrize("name", REFUSED)
def test_a_hostile_ini_is_refused_in_a_second_and_a_hundred_megabytes(
    commands: Commands, tmp_path: Path, name: str
) -> None:
    ended = check(commands, tmp_path, REFUSED[name])
    assert ended.code == 2, (ended.stdout[-300:], ended.stderr[-300:])
    assert "Traceback" not in ended.stderr
    lines = ended.stderr.splitlines()
    assert "bad.ini" in lines[0]
    assert len(lines) <= 52  # 50 mistakes, the number of the others, the sum
    for line in lines:
        assert len(line) < 600, line
        assert line.isprintable(), "control characters reach the terminal"


@pytest.mark.parametrize("name", READ)
def test_an_odd_but_right_ini_is_read(commands: Commands, tmp_path: Path, name: str) -> None:
    ended = check(commands, tmp_path, READ[name])
    assert ended.code == 0, ended.stderr


def test_all_mistakes_come_at_once_with_their_lines(commands: Commands, tmp_path: Path) -> None:
    text = LEAST.replace("10", "many") + "pop = 3\n[Nothing]\nk = 1\nno sign\n"
    ended = check(commands, tmp_path, text)
    assert ended.code == 2
    for line in (2, 8, 9, 11):
        assert f"bad.ini:{line}" in ended.stderr, (line, ended.stderr)


def test_the_limits_of_this_test_do_stop_a_command(commands: Commands, tmp_path: Path) -> None:
    (tmp_path / "big.ini").write_text(LEAST)
    tight = commands.run("config", "check", tmp_path / "big.ini", more_bytes=0)
    assert tight.code != 0, "a limit of no memory at all must be felt"
    late = commands.run("config", "check", tmp_path / "big.ini", seconds=0.0)
    assert late.is_late
