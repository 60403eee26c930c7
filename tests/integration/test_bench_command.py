"""``neuroevo bench`` as a user types it. What it measures is not tested, for machines differ."""

from __future__ import annotations

import json
import os

import pytest
from builders.command_line import neuroevo

LITTLE = ("--seconds", 0, "--set", "NEAT.pop_size=5", "--set", "Fitness.max_frames=200")
SHARES = ["emulator", "observation", "network", "fitness", "buttons", "rest"]


def test_the_demos_game_is_measured_unless_told_otherwise() -> None:
    ended = neuroevo("bench", *LITTLE, "--json")
    assert ended.returncode == 0, ended.stderr
    speed = json.loads(ended.stdout)
    assert speed["task"] == "Wickling-Nes-v0"
    assert (speed["num_inputs"], speed["num_outputs"]) == (169, 3)
    assert (speed["population"], speed["num_genomes"]) == (
        5,
        1,
    )  # one at least, however little time
    assert 0 < speed["num_frames"] <= 200
    assert [share["name"] for share in speed["shares"]] == SHARES
    assert sum(share["percent"] for share in speed["shares"]) == pytest.approx(100)
    assert min(share["percent"] for share in speed["shares"]) >= 0
    assert max(speed["shares"], key=lambda share: share["percent"])["name"] == "emulator"
    per_frame = sum(share["per_frame"] for share in speed["shares"])
    assert per_frame == pytest.approx(1e6 / speed["frames_per_second"])
    assert speed["bare_frames_per_second"] > 0
    assert 0 < speed["ratio"] < 2
    workers = [count for count, _ in speed["expected"]]
    assert workers == list(range(1, (os.cpu_count() or 1) + 1))
    once = 5 * speed["seconds_per_genome"] + speed["breeding_seconds"]
    assert speed["expected"][0][1] == pytest.approx(once)


def test_people_get_a_table() -> None:
    ended = neuroevo("bench", "airstriker", *LITTLE)
    assert ended.returncode == 0, ended.stderr
    for words in ("emulator alone", "a generation", "us/decision", *SHARES, "1 worker ", "at most"):
        assert words in ended.stdout, words


def test_a_task_without_an_emulator_is_measured_in_evaluations() -> None:
    ended = neuroevo("bench", "xor", "--seconds", 1, "--json")
    assert ended.returncode == 0, ended.stderr
    speed = json.loads(ended.stdout)
    assert speed["num_genomes"] == speed["population"] == 150
    assert speed["num_frames"] == 600  # four patterns each
    assert speed["ratio"] is None
    assert speed["shares"] == []
    table = neuroevo("bench", "xor", "--seconds", 0).stdout
    assert "evaluations/s" in table
    assert "emulator" not in table


def test_settings_without_a_task_are_refused_in_one_line(tmp_path) -> None:
    (tmp_path / "bare.ini").write_text("[NEAT]\npop_size = 5\n[DefaultGenome]\nnum_inputs = 2\n"
                                       "num_outputs = 1\n")  # fmt: skip
    ended = neuroevo("bench", tmp_path / "bare.ini")
    assert ended.returncode == 2
    assert "[Task] name" in ended.stderr
    assert "Traceback" not in ended.stderr
