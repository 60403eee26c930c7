"""What is seen of real games: all sources, read from the emulator that runs."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from builders.blank_consoles import make_blank_game
from naive.tiles_smw import see_world

from neuroevo.errors import TaskError
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.observation.observer import SOURCES, NoiseObserver, make_observer
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.retro.observation.pixels import AreaShrinker
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    ObservationSettings,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

EVERYTHING = ObservationSettings(
    source=("ram", "tiles", "last_action", "rgb", "timer", "variables", "grey"),
    scale=16,
    stack=2,
    difference=True,
    variables=("x / 3000", "lives / start.lives"),
    ram=((0x0, 0x1F), (0x7D, 0x7D)),
)
WICKLING = RetroSettings(
    "Wickling-Nes",
    observation=EVERYTHING,
    buttons=ButtonSettings(buttons=("RIGHT", "A")),
    fitness=FitnessSettings(
        terms=(FitnessTerm("way", "new_max", "x", 1.0),), stall_frames=None, max_frames=160
    ),
)
SEEDS = EpisodeSeeds(run_seed=1, generation=2, genome_id=3)


class Diary:
    """Presses what it is told to, and writes down what it sees."""

    def __init__(self, *outputs):
        self.outputs, self.pages = outputs, []

    def reset(self):
        self.pages.append([])

    def activate(self, inputs):
        self.pages[-1].append(inputs.copy())
        turn = len(self.pages[-1]) - 1
        return np.array(self.outputs[turn % len(self.outputs)], float)


HOPS = ((1, 0), (1, 1), (1, 0), (0, 0), (0, 1))


def play(settings, *outputs, seeds=SEEDS):
    """Play once; return the inputs, one row per decision, and what else a watcher was shown."""
    task, diary, moments = RetroTask(settings), Diary(*(outputs or HOPS)), []

    def watch(moment, inputs, observer):
        views = observer.views(inputs)
        moments.append((moment, moment.emulator.screen(), moment.emulator.work_ram(), views))

    try:
        task.evaluate(diary, seeds, watch=watch)
    finally:
        task.close()
    return np.array(diary.pages[0]), moments


def look(observer, emulator):
    nothing = np.zeros(len(emulator.buttons), np.uint8)
    observer.begin()
    return observer.observe(Moment(emulator, {}, 0, nothing))


def shrink(screen, crop, num_rows, num_columns):
    """Return a grey picture of a part of the screen; its slow twin is asked in the unit tests."""
    x, y, width, height = crop
    part = np.ascontiguousarray(screen[y : y + height, x : x + width])
    out = np.zeros(num_rows * num_columns)
    size = ObservationSettings(height=num_rows, width=num_columns)
    AreaShrinker(size, part.shape).shrink(part, out)
    return out.tolist()


def test_joined_sources_are_the_same_as_each_alone_in_the_order_of_the_settings():
    joined, _ = play(WICKLING)
    assert joined.shape[0] == 40
    columns = []
    for source in EVERYTHING.source:
        alone = replace(WICKLING, observation=replace(EVERYTHING, source=(source,)))
        columns.append(play(alone)[0])
        assert len(np.unique(columns[-1], axis=0)) > 1, f"{source} never changes"
    assert np.array_equal(joined, np.concatenate(columns, axis=1))


def test_every_source_is_tested_here():
    assert set(EVERYTHING.source) == set(SOURCES)


def test_all_values_lie_within_the_bounds_that_noise_is_drawn_from():
    seen, _ = play(WICKLING)
    noise, _ = play(replace(WICKLING, observation=replace(EVERYTHING, noise=True)))
    assert noise.shape == seen.shape
    task = RetroTask(WICKLING)
    task.describe()
    lowest, highest = task._running.eyes.bounds()
    task.close()
    for values in (seen, noise):
        assert (values >= lowest).all()
        assert (values <= highest).all()
    spread = (noise.max(axis=0) - noise.min(axis=0)) / (highest - lowest)
    assert spread.min() > 0.5


def test_noise_of_one_range_is_what_it_was_when_a_range_was_two_numbers(airstriker):
    """Runs with noise that began before sources could be joined go on with the same numbers."""
    for chosen, lowest in ((ObservationSettings(), 0.0), (ObservationSettings(range="signed"), -1)):
        eyes = make_observer(chosen, airstriker)
        noise = NoiseObserver(eyes, np.random.default_rng(5))
        expected = np.random.default_rng(5).uniform(lowest, 1.0, 1120)
        assert noise.observe(None).tolist() == expected.tolist()


def test_the_stack_holds_the_last_decisions_pictures_and_none_of_an_earlier_episode():
    grey = ObservationSettings(scale=16, stack=3, difference=True)
    seen, moments = play(replace(WICKLING, observation=grey))
    size = 14 * 15
    pictures = [shrink(screen, (0, 0, 240, 224), 14, 15) for _, screen, _, _ in moments[:4]]
    assert seen[0].tolist() == pictures[0] * 3 + [0.0] * size
    assert seen[3, : 3 * size].tolist() == pictures[1] + pictures[2] + pictures[3]
    np.testing.assert_allclose(
        seen[3, 3 * size :], np.subtract(pictures[3], pictures[2]), atol=1e-15
    )
    task, diary = RetroTask(replace(WICKLING, observation=grey)), Diary(*HOPS)
    for _ in range(2):
        task.evaluate(diary, SEEDS)
    task.close()
    assert np.array_equal(diary.pages[0], diary.pages[1])


@pytest.mark.parametrize("frame_skip", [1, 2, 4])
def test_max_of_two_is_the_brighter_of_the_last_two_frames_of_a_decision(frame_skip):
    grey = ObservationSettings(scale=16, max_of_two=True)
    settings = replace(
        WICKLING,
        observation=grey,
        frame_skip=frame_skip,
        fitness=replace(WICKLING.fitness, max_frames=10 * frame_skip),
    )
    seen, _ = play(settings)
    with Emulator.open(games.resolve_game("Wickling-Nes")) as emulator:
        emulator.reset(emulator.start_state(games.default_state(emulator.game)))
        frames = [emulator.screen()]
        for decision in range(9):
            right, jump = HOPS[decision % len(HOPS)]
            held = [bool(jump) if n == "A" else n == "RIGHT" and right for n in emulator.buttons]
            emulator.set_buttons(np.array(held, np.uint8))
            for _ in range(frame_skip):
                emulator.step_frame()
                frames.append(emulator.screen())
            brighter = np.maximum(frames[-1], frames[-2])
            expected = shrink(brighter, (0, 0, 240, 224), 14, 15)
            assert seen[decision + 1].tolist() == expected
    assert seen[0].tolist() == shrink(frames[0], (0, 0, 240, 224), 14, 15)


def test_a_screen_that_changes_its_size_between_two_frames_is_seen_alone(airstriker):
    airstriker.reset(airstriker.start_state("Level1"))
    two = make_observer(ObservationSettings(scale=16, max_of_two=True), airstriker)
    now = Moment(airstriker, {}, 4, np.zeros(12, np.uint8))
    alone = two.observe(now).copy()
    other_size = np.full((240, 256, 3), 255, np.uint8)
    assert np.array_equal(two.observe(now._replace(earlier_screen=other_size)), alone)
    same_size = np.full((224, 320, 3), 255, np.uint8)
    assert set(two.observe(now._replace(earlier_screen=same_size))) == {1.0}


def test_only_who_wants_two_frames_is_given_the_earlier_one():
    _, moments = play(replace(WICKLING, observation=ObservationSettings(max_of_two=True)))
    assert [moment.earlier_screen is None for moment, *_ in moments] == [True] + [False] * 39
    for chosen in (ObservationSettings(), ObservationSettings(source=("tiles",), max_of_two=True)):
        _, moments = play(replace(WICKLING, observation=chosen))
        assert all(moment.earlier_screen is None for moment, *_ in moments)


def test_timer_and_last_action_follow_the_episode():
    both = ObservationSettings(source=("timer", "last_action"))
    seen, _ = play(replace(WICKLING, observation=both))
    assert seen[:, 0].tolist() == [4 * n / 160 for n in range(40)]
    # The console has RIGHT before A, as the outputs have here.
    expected = [(0, 0)] + [HOPS[n % len(HOPS)] for n in range(39)]
    assert seen[:, 1:].tolist() == [list(map(float, pressed)) for pressed in expected]


def test_the_picture_right_after_the_reset_is_that_of_the_new_episode():
    """Loading a state leaves the old picture until a frame is run."""
    settings = replace(WICKLING, observation=ObservationSettings())
    task, diary = RetroTask(settings), Diary((1, 0))
    for _ in range(2):
        task.evaluate(diary, SEEDS)
    task.close()
    first, second = diary.pages
    assert np.array_equal(first[0], second[0])
    assert not np.array_equal(first[-1], second[0])


def test_bytes_are_read_by_address_on_the_nes():
    ram = ObservationSettings(source=("ram",), ram=((0x86, 0x86), (0x0, 0x7FF)))
    seen, moments = play(replace(WICKLING, observation=ram))
    for values, (_, _, memory, _) in zip(seen, moments, strict=True):
        assert np.array_equal(np.rint(values * 255), np.concatenate([memory[[0x86]], memory]))


def test_bytes_are_read_by_address_where_the_core_exchanges_them(airstriker):
    airstriker.reset(airstriker.start_state("Level1"))
    first = 0xFF0000
    ram = ObservationSettings(source=("ram",), ram=((first, first + 0xFFFF),))
    seen = np.rint(look(make_observer(ram, airstriker), airstriker) * 255).astype(int)
    memory = airstriker._data.memory  # stable-retro's own reading of a byte
    assert len(set(seen.tolist())) > 50
    for address in range(0x200, 0x300):
        assert seen[address] == memory.extract(first + address, "|u1")
    variables = airstriker.variables()
    assert 256 * seen[0x266] + seen[0x267] == variables["gameover"] == 9


@pytest.mark.parametrize("address", [0x800, 0x6000, 0x7FFF, 0xFF0000])
def test_memory_that_the_nes_has_not_or_not_reliably_is_refused(address):
    with Emulator.open(games.resolve_game("Wickling-Nes")) as emulator:
        ram = ObservationSettings(source=("ram",), ram=((0, 0), (address, address)))
        with pytest.raises(TaskError) as caught:
            make_observer(ram, emulator)
    text = str(caught.value)
    assert "[Observation] ram: must name addresses that the Nes has, 0x0-0x3ff, 0x400-0x7ff" in text
    assert f"got {address:#x}. The NES has 0x800 bytes" in text


def test_an_index_is_no_address_on_the_genesis(airstriker):
    with pytest.raises(TaskError, match=r"Genesis has, 0xff0000-0xffffff; got 0x7d\. Write"):
        make_observer(ObservationSettings(source=("ram",), ram=((0x7D, 0x7D),)), airstriker)


@pytest.mark.parametrize("ram", [(), ((0, 70_000),)])
def test_no_address_and_too_many_are_refused(airstriker, ram):
    with pytest.raises(TaskError, match=r"ram: must name 1 to 65536 bytes"):
        make_observer(ObservationSettings(source=("ram",), ram=ram), airstriker)


@pytest.fixture
def snes(tmp_path):
    """A SNES whose memory stays as a test writes it."""
    name = make_blank_game(tmp_path, x=0x7E0094)
    with Emulator.open(games.resolve_game(name, [tmp_path])) as emulator:
        emulator.reset(emulator.start_state(None))
        yield emulator


def test_tiles_of_super_mario_world_are_read_from_the_work_ram_of_a_real_snes(snes):
    x, y = 256 + 100, 16 * 8
    bytes_at = {0x94: x & 0xFF, 0x95: x >> 8, 0x96: y, 0x97: 0}
    bytes_at |= {0x14C8: 8, 0xE4: 120, 0x14E0: 1, 0xD8: y, 0x14D4: 0}  # a sprite to the right
    numbers = np.random.default_rng(3).integers(0xF0, 0x110, 0x1B0).tolist()
    for place, number in enumerate(numbers, start=0x1B0):  # the second screen
        bytes_at |= {0xC800 + place: number & 0xFF, 0x1C800 + place: number >> 8}
    for address, value in bytes_at.items():
        snes._data.memory.assign(0x7E0000 + address, "|u1", value)
    snes.step_frame()
    ram = snes.work_ram(0x7E0000)
    assert len(ram) == 0x20000
    assert {address: int(ram[address]) for address in bytes_at} == bytes_at
    assert snes.variables()["x"] == x
    observer = make_observer(ObservationSettings(source=("tiles",), layout="smw"), snes)
    seen = look(observer, snes).tolist()
    assert seen == see_world(ram.tolist(), 6, range(0x100, 0x200), (), ())
    assert set(seen) == {-1.0, 0.0, 1.0}


def test_bytes_are_read_by_address_on_a_real_snes(snes):
    snes._data.memory.assign(0x7E0094, "<u2", 0x1234)
    snes._data.memory.assign(0x7FC800, "|u1", 51)
    ranges = ((0x7FC800, 0x7FC800), (0x7E0094, 0x7E0095))
    observer = make_observer(ObservationSettings(source=("ram",), ram=ranges), snes)
    assert look(observer, snes).tolist() == [0.2, 0x34 / 255, 0x12 / 255]


def test_the_layout_of_the_nes_is_refused_on_the_snes(snes):
    with pytest.raises(TaskError, match=r"NES game .* Super Mario Bros\.; got Blank-Snes-v0"):
        make_observer(ObservationSettings(source=("tiles",)), snes)


def test_the_other_layout_is_refused_on_the_nes_and_an_unknown_one_everywhere(airstriker):
    world = ObservationSettings(source=("tiles",), layout="smw")
    with pytest.raises(TaskError, match=r"SNES game .* Super Mario World; got Airstriker"):
        make_observer(world, airstriker)
    with pytest.raises(TaskError, match="layout: must be one of smb, smw; got 'smw2'"):
        make_observer(replace(world, layout="smw2"), airstriker)


def test_a_crop_of_the_settings_comes_before_that_of_the_scenario(airstriker):
    airstriker.reset(airstriker.start_state("Level1"))
    screen = airstriker.screen()
    for crop, expected in (
        ((16, 32, 64, 80), (16, 32, 64, 80)),
        ((16, 32, 0, 0), (16, 32, 304, 192)),
        ((), (0, 0, 320, 224)),
    ):
        observer = make_observer(ObservationSettings(crop=crop, scale=16), airstriker)
        seen = look(observer, airstriker).tolist()
        assert seen == shrink(screen, expected, expected[3] // 16, expected[2] // 16)


@pytest.mark.parametrize("crop", [(320, 0, 0, 0), (0, 224, 0, 0), (300, 0, 21, 0), (-1, 0, 0, 0)])
def test_a_crop_beside_the_screen_is_refused(airstriker, crop):
    with pytest.raises(TaskError, match=r"crop: .* on the screen, 320 wide and 224 high; got"):
        make_observer(ObservationSettings(crop=crop), airstriker)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"range": "half"}, "range: must be one of unit, signed, raw; got 'half'"),
        ({"shrink": "cubic"}, "shrink: must be one of area, seed2021; got 'cubic'"),
        ({"stack": 0}, "stack: must be at least 1"),
        ({"source": ()}, "source: must be some of grey, .*; got none"),
        ({"source": ("grey", "gray")}, "got 'gray'"),
        ({"source": ("grey", "timer", "grey")}, "must name each once; got grey, timer, grey"),
        ({"source": ("last_action",)}, "last_action must come with a player"),
        ({"source": ("variables",), "variables": ("scor",)}, "Did you mean score?"),
    ],
)
def test_settings_that_no_key_would_let_through_are_refused_all_the_same(
    airstriker, change, message
):
    with pytest.raises(TaskError, match=message.replace("?", r"\?")):
        make_observer(ObservationSettings(**change), airstriker)


def test_a_task_on_the_seeds_picture_gets_its_vector():
    import cv2

    chosen = ObservationSettings(range="raw", shrink="seed2021")
    seen, moments = play(replace(WICKLING, observation=chosen, frame_skip=1))
    for values, (_, screen, _, _) in zip(seen, moments, strict=True):
        small = cv2.cvtColor(cv2.resize(screen, (28, 30)), cv2.COLOR_BGR2GRAY)
        assert values.tolist() == small.reshape(28, 30).flatten().tolist()
    assert len(np.unique(seen, axis=0)) > 10


def test_watching_changes_nothing_and_shows_a_view_per_source():
    plain = RetroTask(WICKLING)
    diary = Diary(*HOPS)
    plain.evaluate(diary, SEEDS)
    plain.close()
    seen, moments = play(WICKLING)
    assert np.array_equal(np.array(diary.pages[0]), seen)
    assert all(len(views) == len(EVERYTHING.source) for *_, views in moments)
