"""The page on reliability names tests, files and options that exist, and all seventeen promises."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from neuroevo.config import load
from neuroevo.shipped import find_config

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "reliability.md").read_text("utf-8")
TESTS = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
FILE = re.compile(r"\b(test_\w+\.py)\b")


def test_all_seventeen_promises_are_there_with_their_tests() -> None:
    parts = re.split(r"^\*\*P(\d+)\. ", PAGE, flags=re.MULTILINE)[1:]
    assert [int(number) for number in parts[::2]] == list(range(1, 18))
    for number, text in zip(parts[::2], parts[1::2], strict=True):
        assert "*Tests:*" in text, f"P{number}"


def test_every_file_and_folder_that_the_page_names_exists() -> None:
    named = set(re.findall(r"`((?:tests|neuroevo|docs)/[\w./-]+)", PAGE))
    assert len(named) > 20
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_every_test_that_the_page_names_lies_in_the_file_named_before_it() -> None:
    file, count = "", 0
    for word in re.findall(r"test_\w+\.py|test_\w+", PAGE):
        if FILE.fullmatch(word):
            file = word
            assert file in TESTS, file
            continue
        count += 1
        assert f"def {word}(" in TESTS[file], (file, word)
    assert count > 20


def test_the_keys_that_the_page_names_can_be_set() -> None:
    keys = ("Run.stagnation_notice=0", "NEAT.on_extinction=hall_of_fame", "Run.worker_memory=500",
            "Run.evaluation_timeout=3", "Run.checkpoint_every=2")  # fmt: skip
    for key in keys:
        assert key.split(".")[1].split("=")[0] in PAGE
    settings = load(find_config("xor"), keys).settings
    assert settings.run.stagnation_notice == 0
    assert settings.neat.extinction_rule == "hall_of_fame"


def test_the_options_of_the_soak_that_the_page_shows_exist() -> None:
    shown = re.findall(r"^ {4}python (tests/soak/run\.py)(.*)$", PAGE, re.MULTILINE)
    assert len(shown) == 2
    helped = subprocess.run(
        [sys.executable, ROOT / shown[0][0], "--help"], capture_output=True, text=True, check=True
    ).stdout
    for _, words in shown:
        for word in words.split():
            assert word.isdigit() or word in helped, word
