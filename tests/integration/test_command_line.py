"""Every command as a user types it, in a process of its own."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders.command_line import neuroevo, started

QUICK = ("--set", "NEAT.pop_size=8", "--set", "Fitness.max_frames=240")

MISTAKES = """\
[NEAT]
pop_size = -5
fitness_criterion = max

[DefaultGenome]
num_inputs = 3
num_outputs = 1
conn_ad_prob = 0.5
node_add_prob = 1.7
activation_options = sigmoid tnah

[DefaultStagnation]
max_stagnation = soon
"""


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three generations of XOR."""
    folder = tmp_path_factory.mktemp("runs") / "first"
    ended = neuroevo("evolve", "xor", "--seed", 3, "--generations", 3, "--out", folder)
    assert ended.returncode == 0, ended.stderr
    assert "Traceback" not in ended.stderr
    return folder


def test_five_mistakes_are_shown_at_once_with_line_and_advice(tmp_path: Path) -> None:
    (tmp_path / "bad.ini").write_text(MISTAKES)
    ended = neuroevo("evolve", "bad.ini", folder=tmp_path)
    assert ended.returncode == 2
    lines = ended.stderr.splitlines()
    for line, words in {
        2: ("pop_size", "-5"),
        8: ("conn_ad_prob", "conn_add_prob"),
        9: ("node_add_prob", "1.7"),
        10: ("activation_options", "tanh"),
        13: ("max_stagnation", "soon"),
    }.items():
        found = [text for text in lines if f"bad.ini:{line} " in text]
        assert len(found) == 1, (line, lines)
        assert all(word in found[0] for word in words)
    assert "5 problems." in lines
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "runs").exists()


def test_debug_shows_the_traceback(tmp_path: Path) -> None:
    (tmp_path / "bad.ini").write_text(MISTAKES)
    assert "Traceback" in neuroevo("--debug", "evolve", "bad.ini", folder=tmp_path).stderr


def test_a_run_directory_holds_what_a_person_looks_for(run: Path) -> None:
    names = {"lock", "config.ini", "manifest.json", "log.jsonl", "events.jsonl"}
    assert names <= {path.name for path in run.iterdir()}
    records = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [record["generation"] for record in records] == [0, 1, 2]
    keys = {
        *("best_fitness", "mean_fitness", "fitness_stdev", "num_species", "generation_seconds"),
        *("num_evaluations", "num_frames", "best_genome_id", "best_num_nodes"),
        *("best_num_connections", "digest"),
    }
    assert all(keys <= record.keys() for record in records)
    assert records[0]["num_evaluations"] == 150
    assert records[1]["num_evaluations"] < 150  # the copied champion is not played again
    for name in ("fitness", "time", "species", "complexity"):
        for ending in ("png", "svg"):
            assert (run / "plots" / f"{name}.{ending}").stat().st_size > 5000


def test_show_digest_and_plot_read_a_finished_run(run: Path, tmp_path: Path) -> None:
    shown = json.loads(neuroevo("show", run, "--json").stdout)
    assert shown["num_generations"] == 3
    assert shown["best"]["best_fitness"] >= shown["last"]["best_fitness"]
    assert "generations  3" in neuroevo("show", run).stdout
    digests = neuroevo("digest", run).stdout.split()
    assert digests[::2] == ["0", "1", "2"]
    assert all(len(sha) == 64 for sha in digests[1::2])
    drawn = neuroevo("plot", run, run, "--out", tmp_path / "both")
    assert drawn.returncode == 0, drawn.stderr
    assert (tmp_path / "both" / "fitness.png").stat().st_size > 5000


def test_evaluate_takes_a_run_or_a_genome_file_and_finds_the_recorded_fitness(run: Path) -> None:
    best = json.loads(neuroevo("show", run, "--json").stdout)["best"]["best_fitness"]
    for path in (run, run / "best" / "best.npz"):
        result = neuroevo("evaluate", path, "--json")
        assert result.returncode == 0, result.stderr
        assert json.loads(result.stdout)["fitness"]["mean"] == best


def test_evaluate_on_perturbed_starts_of_a_game_gives_a_spread(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    ended = neuroevo("evolve", "airstriker", *QUICK, "--generations", 1, "--out", folder)
    assert ended.returncode == 0, ended.stderr
    options = ("--episodes", 6, "--noops", 60, "--json")
    first, second = (json.loads(neuroevo("evaluate", folder, *options).stdout) for _ in range(2))
    assert first == second
    assert first["num_episodes"] == 6
    assert len({score["mean"] for score in first["metrics"].values()}) > 1
    assert first["num_frames"] > 6 * 60
    other = json.loads(neuroevo("evaluate", folder, *options, "--seed", 1).stdout)
    assert other["num_frames"] != first["num_frames"]


def test_random_plays_the_baseline(tmp_path: Path) -> None:
    options = ("--set", "Fitness.max_frames=600", "--episodes", 3, "--json")
    result = neuroevo("random", "airstriker", *options, folder=tmp_path)
    assert result.returncode == 0, result.stderr
    assert json.loads(result.stdout)["num_episodes"] == 3


def test_config_check_and_explain_name_the_place_of_every_value(tmp_path: Path) -> None:
    assert "good" in neuroevo("config", "check", "airstriker", folder=tmp_path).stdout
    explained = neuroevo("config", "explain", "xor", "--set", "NEAT.pop_size=99").stdout
    assert "xor.ini:" in explained
    assert "--set" in next(li for li in explained.splitlines() if li.startswith("pop_size"))


def test_games_list_and_show_know_the_shipped_game() -> None:
    assert "Airstriker-Genesis-v0" in neuroevo("games", "list").stdout
    shown = neuroevo("games", "show", "airstriker-genesis").stdout
    assert "1120 at scale 8" in shown
    assert all(name in shown for name in ("gameover", "lives", "score", "Level1"))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("evolve", "xro"), "Did you mean xor"),
        (("evolve", "xor", "--set", "NEAT.pop_siz=3"), "pop_size"),
        (("evolve", "airstriker", "--set", "Retro.game=Airstrike"), "Airstriker-Genesis-v0"),
        (("evolve", "airstriker", "--set", "DefaultGenome.num_inputs=840"), "280"),
        (("show", "nowhere"), "manifest.json"),
        (("evaluate", "nowhere"), "manifest.json"),
    ],
)
def test_a_mistake_is_one_clear_line_and_exit_two(
    arguments: tuple[str, ...], words: str, tmp_path: Path
) -> None:
    ended = neuroevo(*arguments, folder=tmp_path)
    assert ended.returncode == 2
    assert words in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert not list(tmp_path.rglob("log.jsonl"))


def test_a_run_directory_in_use_or_full_is_not_touched(run: Path, tmp_path: Path) -> None:
    before = (run / "log.jsonl").read_bytes()
    refused = neuroevo("evolve", "xor", "--seed", 1, "--out", run)
    assert refused.returncode == 2
    assert "neuroevo resume" in refused.stderr
    assert (run / "log.jsonl").read_bytes() == before
    folder = tmp_path / "busy"
    writer = started("evolve", "airstriker", *QUICK, "--generations", 500, "--out", folder)
    try:
        while not (folder / "log.jsonl").exists() and writer.poll() is None:
            pass
        second = neuroevo("resume", folder, "--generations", 600)
    finally:
        writer.kill()
        writer.communicate()
    assert second.returncode == 2
    assert "one writer" in second.stderr


def test_resuming_a_finished_run_says_so_and_changes_nothing(run: Path) -> None:
    before = (run / "log.jsonl").read_bytes()
    ended = neuroevo("resume", run)
    assert ended.returncode == 0
    assert "all 3 generations are done" in ended.stdout
    assert (run / "log.jsonl").read_bytes() == before


def test_demo_ends_with_a_film_and_what_to_do_next(tmp_path: Path) -> None:
    ended = neuroevo("demo", "--minutes", 0.01, "--out", "shown", folder=tmp_path)
    assert ended.returncode == 0, ended.stderr
    for words in ("charts", "best genome", "log", "film", "did not reach the beacon", "resume"):
        assert words in ended.stdout
    assert (tmp_path / "shown" / "plots" / "overview.png").exists()
    assert (tmp_path / "shown" / "best" / "film.png").read_bytes().startswith(b"\x89PNG")
