"""The loop of an episode against its slow twin, and that nobody who looks on changes anything."""

from __future__ import annotations

import numpy as np
import pytest
from naive import episode as naive

from neuroevo.config import load
from neuroevo.shipped import find_config
from neuroevo.tasks.random_policy import RandomPolicy
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons.mapper import ButtonMapper
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.episode import Player, StickyButtons, play_episode
from neuroevo.tasks.retro.fitness.scenario import ScenarioRules, load_scenario
from neuroevo.tasks.retro.fitness.scoring import Scorer
from neuroevo.tasks.retro.observation.observer import make_observer
from neuroevo.tasks.retro.observation.parts import Moment
from neuroevo.tasks.retro.profile import SHARES, Stopwatch, Tape
from neuroevo.tasks.retro.settings import ButtonSettings
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SHORT = ("Fitness.max_frames=300", "Observation.source=tiles, variables, last_action, timer",
         "Observation.variables=x / 3000, lives - start.lives, speed_x")  # fmt: skip


def settings_of(config: str, *overrides: str):
    return load(find_config(config), overrides).settings.task


class Spy:
    """A random player that keeps what it was shown."""

    def __init__(self, num_outputs: int, seed: int) -> None:
        self._policy = RandomPolicy(num_outputs, np.random.default_rng(seed))
        self.seen: list[list[float]] = []

    def reset(self) -> None:
        self._policy.reset()

    def activate(self, inputs):
        self.seen.append(inputs.tolist())
        return self._policy.activate(inputs)


def masks_by_frame(tape: Tape) -> list[list[int]]:
    """Return the mask held in each frame after the reset."""
    held, frames = [], []
    for move in tape.moves:
        if move is None:
            frames.append(held)
        elif isinstance(move, bytes):
            held, frames = [0] * 9, []
        else:
            held = move.tolist()
    return frames


@pytest.mark.parametrize("frame_skip", [1, 2, 3, 4, 5])
@pytest.mark.parametrize(("sticky", "autofire"), [(0.0, ()), (0.0, ("A", "B")), (0.5, ("A",))])
def test_an_episode_is_that_of_the_slow_twin(frame_skip, sticky, autofire):
    fire = f"Buttons.autofire={', '.join(autofire) or 'none'}"
    settings = settings_of("wickling", *SHORT, "Buttons.buttons=RIGHT, LEFT, UP, DOWN, A, B", fire)
    with Emulator.open(games.resolve_game(settings.game, settings.integrations)) as emulator:
        state = emulator.start_state("Practice")
        emulator.reset(state)
        names = emulator.variables()
        buttons = ButtonMapper(settings.buttons, emulator.buttons, emulator.button_groups)

        def parts(seed):
            observer = make_observer(settings.observation, emulator, buttons, 300)
            scorer = Scorer(settings.fitness, names, load_scenario(emulator, names))
            slow_fingers = StickyButtons(sticky, np.random.default_rng(7))
            return observer, scorer, slow_fingers, Spy(buttons.num_outputs, seed)

        for seed in range(2):
            observer, scorer, fingers, slow = parts(seed)
            expected = naive.play(
                emulator, observer, buttons, scorer, slow, state=state, frame_skip=frame_skip,
                late=lambda fingers=fingers: sticky > 0 and fingers.are_late(),
                moment=lambda game, start, frames, mask: Moment(
                    game, start, frames, np.zeros(9, np.uint8) if mask is None else mask
                ),
            )  # fmt: skip
            counts = buttons.counts()
            observer, fast_scorer, fingers, fast = parts(seed)
            tape = Tape()
            player = Player(tape(emulator, ""), observer, buttons, fast_scorer, frame_skip,
                            fingers if sticky else None)  # fmt: skip
            found = play_episode(player, fast, state)
            frames = masks_by_frame(tape)
            assert frames == expected[2]
            assert fast.seen == slow.seen
            assert (found.ending, found.num_frames, frames, found.variables) == expected
            assert found.score == scorer.score()
            assert found.button_counts == counts
            assert len({tuple(mask) for mask in frames}) > 3


@pytest.mark.parametrize(
    ("game", "few", "many"),
    [
        ("Airstriker-Genesis", {"lives"}, {"lives", "score", "gameover"}),
        ("Wickling-Nes", {"x", "lives", "goal"}, None),
    ],
)
def test_variables_read_one_by_one_are_those_read_all_at_once(game, few, many):
    generator = np.random.default_rng(0)
    folders = games.resolve_game(game, settings_of("wickling").integrations)
    with Emulator.open(folders) as emulator:
        emulator.reset(emulator.start_state(games.default_state(folders)))
        names = set(emulator.variables())
        read_few, read_many = emulator.reader(few), emulator.reader(many or names)
        mapper, values = all_buttons(emulator), set()
        for _ in range(500):
            emulator.set_buttons(mapper.masks(generator.random(mapper.num_outputs))[0])
            emulator.step_frame()
            all_values = emulator.variables()
            assert read_few().items() <= all_values.items()
            assert set(read_few()) >= few
            assert read_many() == all_values
            values.add(tuple(sorted(all_values.items())))
        assert len(values) > 1
        if game == "Wickling-Nes":
            assert set(read_few()) == few  # 3 of 22: the others are not read


def all_buttons(emulator):
    """Return what presses any buttons of the player that the console presses together."""
    return ButtonMapper(ButtonSettings(), emulator.buttons, emulator.button_groups)


@pytest.mark.parametrize(
    ("game", "states"),
    [("Airstriker-Genesis", ["Level1"]), ("Wickling-Nes", ["Practice", "Level1", "Level3"])],
)
def test_rules_equal_stable_retro_on_thousands_of_frames_of_legal_play(game, states):
    """In fact its own ``current_reward`` and ``is_done``, which ``env.step`` returns."""
    folders = games.resolve_game(game, settings_of("wickling").integrations)
    generator, num_frames, num_rewards, num_ends = np.random.default_rng(11), 0, 0, 0
    with Emulator.open(folders) as emulator:
        document = games.read_json(emulator.scenario)
        mapper = all_buttons(emulator)
        while num_frames < 5000:
            emulator.reset(emulator.start_state(states[num_ends % len(states)]))
            emulator.update_ram()
            rules = ScenarioRules(document, emulator.variables(), "scenario.json")
            read = emulator.reader(rules.variables)
            rules.begin(emulator.variables())
            for frame in range(1500):
                if frame % 4 == 0:
                    emulator.set_buttons(mapper.masks(generator.random(mapper.num_outputs))[0])
                emulator.step_frame()
                num_frames += 1
                reward, is_done = rules.advance(read())
                emulator.update_ram()
                assert reward == emulator.scenario_reward(), num_frames
                assert is_done == emulator.scenario_done(), num_frames
                num_rewards += reward != 0.0
                if is_done:
                    break
            num_ends += 1
    assert num_rewards > 5
    assert num_ends > 2


@pytest.mark.parametrize(
    ("overrides", "is_needed"),
    [
        (("Fitness.use_scenario_reward=True",), False),
        (("Fitness.use_scenario_reward=False", "Fitness.use_scenario_done=False"), False),
        (("Fitness.use_scenario_reward=True", "Retro.allow_scripts=True",
          "Retro.scenario=tests/data/wickling_lua.json"), True),
    ],
)  # fmt: skip
def test_the_whole_memory_is_copied_only_where_lua_needs_it(overrides, is_needed, monkeypatch):
    copies, real = [], Emulator.update_ram

    def counted(self):
        copies.append(1)
        real(self)

    monkeypatch.setattr(Emulator, "update_ram", counted)
    overrides = [text.replace("tests/", f"{find_config('xor').parents[1]}/tests/")
                 for text in overrides]  # fmt: skip
    task = RetroTask(settings_of("wickling", "Fitness.max_frames=40", *overrides))
    try:
        evaluation = task.evaluate(RandomPolicy(3, np.random.default_rng(0)), EpisodeSeeds(0, 0, 0))
    finally:
        task.close()
    assert len(copies) == (evaluation.num_frames + 1 if is_needed else 0)


def test_stopwatch_and_tape_change_nothing_and_the_tape_leads_to_the_same_end():
    task = RetroTask(settings_of("wickling", "Retro.noops=5", "Fitness.max_frames=200"))
    seeds, watch, tape = EpisodeSeeds(3, 1, 4), Stopwatch(), Tape()

    def policy():
        return RandomPolicy(3, np.random.default_rng(5))

    try:
        plain = task.evaluate(policy(), seeds)
        assert task.evaluate(policy(), seeds, stopwatch=watch) == plain
        ends = []

        def recorded(emulator, state_name):
            ends.append(emulator)
            return tape(emulator, state_name)

        assert task.evaluate(policy(), seeds, record=recorded) == plain
        emulator = ends[0]
        end, screen = emulator.variables(), emulator.screen().copy()
        task.evaluate(RandomPolicy(3, np.random.default_rng(6)), seeds)
        tape.play()
        assert emulator.variables() == end
        assert np.array_equal(emulator.screen(), screen)
    finally:
        task.close()
    assert tape.num_frames == plain.num_frames + 1  # the frame of the reset
    assert watch.num_decisions == -(-int(plain.metrics["frames"]) // 4)
    assert set(watch.seconds) == set(SHARES)
    assert min(watch.seconds.values()) > 0
    assert watch.seconds["emulator"] == max(watch.seconds.values())
