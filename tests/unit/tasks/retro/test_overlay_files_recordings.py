"""The settings of games that cannot be run here, against made-up courses of their variables."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.tasks.retro.fitness.scoring import Score, Scorer
from neuroevo.tasks.retro.games import read_variables, resolve_game
from neuroevo.tasks.retro.settings import RetroSettings

RECORDINGS = Path(__file__).parents[3] / "data" / "recordings"
CONTEST = "Fitness.preset=contest"


def moments(path: Path) -> Iterator[dict[str, int]]:
    """Yield the variables of each frame, those of the start first; see the folder's README."""
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{k: int(v) for k, v in row.items()} for row in csv.DictReader(file)]
    yield values_at(rows[0], rows[0], 1, 1)
    for before, row in itertools.pairwise(rows):
        for frame in range(1, row["frames"] + 1):
            yield values_at(before, row, frame, row["frames"])


def values_at(
    before: dict[str, int], row: dict[str, int], frame: int, frames: int
) -> dict[str, int]:
    values = {}
    for name in row.keys() - {"frames"}:
        if name.startswith("~"):
            values[name[1:]] = before[name] + (row[name] - before[name]) * frame // frames
        else:
            values[name] = row[name] if frame == frames else before[name]
    return values


def play(recording: str, config: str, *overrides: str) -> tuple[str | None, int, Score]:
    """Return the ending, the frames played until then, and the score."""
    settings = load(find_config(config), overrides).settings.task
    assert isinstance(settings, RetroSettings)
    names = {variable.name for variable in read_variables(resolve_game(settings.game))}
    scorer = Scorer(settings.fitness, names)
    course = [dict.fromkeys(names, 0) | now for now in moments(RECORDINGS / f"{recording}.csv")]
    assert set(course[0]) == names, "the recording names a variable that the game does not have"
    scorer.begin(course[0])
    for count, now in enumerate(course[1:], 1):
        ending = scorer.frame(now)
        if ending is not None:
            return ending, count, scorer.score()
    return None, len(course) - 1, scorer.score()


SONIC_WON = {"progress": 10656, "won_bonus": 100_000}

CASES = [
    ("smb-flag", "mario", (), "won", 104, {"progress": 515, "time": -5.2, "won_bonus": 1000}),
    ("smb-castle", "mario", (), "won", 252, {"progress": 255, "time": -12.6, "won_bonus": 1000}),
    ("smb-pit", "mario", (), "died", 30, {"progress": 60, "time": -1.5, "won_bonus": 0}),
    ("smb-free-life", "mario", (), "died", 52, {"progress": 102, "time": -2.6, "won_bonus": 0}),
    ("smb-pipe", "mario", (), "stalled", 322, {"progress": 340, "time": -16.1, "won_bonus": 0}),
    ("smb-free-life", "seed-mario", (), "died", 52,
     {"progress": 102, "coins": 10, "points": 4, "won_bonus": 0}),
    ("smb-flag", "seed-mario", (), "won", 104,
     {"progress": 515, "coins": 0, "points": 1, "won_bonus": 100_000}),
    ("smb3-wrap", "mario3", (), "won", 198, {"progress": 504, "time": -9.9, "won_bonus": 1000}),
    ("smb3-death", "mario3", (), "died", 31, {"progress": 90, "time": -1.55, "won_bonus": 0}),
    ("smb3-fall", "mario3", (), "died", 31, {"progress": 90, "time": -1.55, "won_bonus": 0}),
    ("smw-goal", "mario-world", (), "won", 253,
     {"progress": 702, "time": -12.65, "won_bonus": 1000}),
    ("smw-hit", "mario-world", (), "died", 141, {"progress": 320, "time": -7.05, "won_bonus": 0}),
    ("sonic-garbage", "sonic", (), "won", 1780, SONIC_WON),
    ("sonic-garbage", "seed-sonic", (), "won", 1780, SONIC_WON),
    ("sonic-free-life", "sonic", (), "died", 201, {"progress": 500, "won_bonus": 0}),
    ("sonic-free-life", "seed-sonic", (), "died", 201, {"progress": 500, "won_bonus": 0}),
    ("sonic-rocking", "sonic", (), "rocking", 331, {"progress": 400, "won_bonus": 0}),
    ("sonic-contest", "sonic", (CONTEST,), "died", 1801, {"way": 4500, "speed": 0}),
    ("kart-laps", "mario-kart", (), "stalled", 877,
     {"checkpoints": 900, "walls": -60, "off_road": -33, "time": -17.69895, "backwards": -19.998}),
    ("kart-finish", "mario-kart", (), "won", 120,
     {"checkpoints": 600, "walls": 0, "off_road": 0, "time": -1.998, "backwards": 0}),
    ("fighter-won", "street-fighter", (), "won", 1204,
     {"dealt": 352, "taken": -102, "rounds": 200, "won_bonus": 500}),
    ("fighter-lost", "street-fighter", (), "died", 1204,
     {"dealt": 76, "taken": -352, "rounds": 0, "won_bonus": 0}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("recording", "config", "overrides", "ending", "frames", "contributions"),
    CASES,
    ids=[f"{recording} with {config}" for recording, config, *_ in CASES],
)
def test_a_made_up_course_counts_and_ends_as_it_should(
    recording, config, overrides, ending, frames, contributions
):
    found_ending, found_frames, score = play(recording, config, *overrides)
    assert (found_ending, found_frames) == (ending, frames)
    assert score.contributions == pytest.approx(contributions)
    assert score.fitness == pytest.approx(sum(contributions.values()))


@pytest.mark.parametrize("game", ["SonicTheHedgehog-Genesis", "SonicAndKnuckles3-Genesis"])
def test_the_other_sonics_count_the_same_by_the_games_name_alone(game):
    ending, frames, score = play("sonic-garbage", "sonic", f"Retro.game={game}")
    assert (ending, frames) == ("won", 1780)
    assert score.contributions == SONIC_WON


def test_losing_rings_and_collecting_them_again_is_no_gain_under_the_terms_that_sonic_ini_shows():
    terms = "Fitness.terms=rings: change rings x 1.0"
    assert play("sonic-free-life", "sonic", terms)[2].contributions["rings"] == -99


def test_the_end_of_an_act_with_a_boss_can_be_asked_for_as_sonic_ini_says():
    won = "Fitness.won=level_end_bonus > 0 and screen_x > start.screen_x + 1000"
    assert play("sonic-garbage", "sonic", won)[0] is None  # the bonus is not counted up yet


def test_the_rules_of_2021_count_a_lap_that_was_not_driven_without_max_jump():
    score = play("kart-laps", "mario-kart", "Fitness.max_jump=none")[2]
    assert score.contributions["checkpoints"] == 300 * 30  # a whole lap, for crossing the line


def test_every_recording_is_used():
    assert {path.stem for path in RECORDINGS.glob("*.csv")} == {case[0] for case in CASES}
