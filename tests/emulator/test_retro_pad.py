"""Buttons against stable-retro itself: its consoles, its filter, and two running games."""

from __future__ import annotations

import numpy as np
import pytest
from builders.consoles import CONSOLES, Console
from builders.controllers import Constant

from neuroevo.config import loads
from neuroevo.config.button_presets import BUTTON_PRESETS
from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.buttons.mapper import FORBIDDEN, ButtonMapper
from neuroevo.tasks.retro.buttons.pad import Pad
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.settings import (
    ButtonSettings,
    FitnessSettings,
    FitnessTerm,
    RetroSettings,
)
from neuroevo.tasks.retro.task import RetroTask
from neuroevo.tasks.task import EpisodeSeeds

SEEDS = EpisodeSeeds(run_seed=1, generation=0, genome_id=0)
GROUPS = (
    (("LEFT",), ("RIGHT",), ("UP",), ("DOWN",), ()),
    (("A",), ("B",), ("A", "B"), ()),
)
MODES = {
    "threshold": ButtonSettings(),
    "thresholds": ButtonSettings(buttons=("LEFT", "RIGHT", "A"), threshold=(0.0, 0.5, 1.5)),
    "console": ButtonSettings(outputs="console"),
    "saturated": ButtonSettings(mode="saturated", outputs="console"),
    "combos": ButtonSettings(mode="combos", combos=(("LEFT", "B"), ("UP", "A"), ("A", "B"), ())),
    "groups": ButtonSettings(mode="groups", groups=GROUPS),
    "autofire": ButtonSettings(autofire=("A", "LEFT")),
}
GENESIS_PRESETS = ["sonic", "sonic-replays", "fighter-genesis", "seed2021"]
NES_PRESETS = ["mario-right", "mario", "mario-full", "seed2021"]


@pytest.fixture(params=["Airstriker-Genesis", "Wickling-Nes"])
def emulator(request):
    with Emulator.open(games.resolve_game(request.param, (str(integrations_folder()),))) as running:
        yield running


@pytest.fixture
def wickling():
    game = games.resolve_game("Wickling-Nes", (str(integrations_folder()),))
    with Emulator.open(game) as running:
        yield running


def preset(name: str) -> ButtonSettings:
    text = (
        "[NEAT]\npop_size = 10\n[DefaultGenome]\nnum_inputs = 2\nnum_outputs = 1\n"
        f"[Task]\nname = retro\n[Retro]\ngame = any\n[Buttons]\npreset = {name}\n"
    )
    task = loads(text).settings.task
    assert isinstance(task, RetroSettings)
    return task.buttons


def filtered(emulator: Emulator, pattern: int) -> int:
    """Return what stable-retro's own filter leaves of a pattern."""
    return emulator._data.filter_action(pattern)


def patterns(mapper: ButtonMapper, outputs) -> list[int]:
    masks = mapper.masks(np.array(outputs, float))
    return [sum(int(bit) << i for i, bit in enumerate(mask)) for mask in masks]


def random_outputs(count: int, num_outputs: int):
    """Return outputs that tie, saturate and leave every range now and then."""
    generator = np.random.default_rng(5)
    outputs = generator.normal(0.6, 1.2, (count, num_outputs))
    ties = generator.random(outputs.shape)
    outputs[ties < 0.3] = 1.0
    outputs[ties < 0.02] = np.nan
    outputs[ties > 0.99] = np.inf
    return outputs


@pytest.mark.parametrize("name", CONSOLES)
def test_the_pads_of_the_tests_are_those_of_stable_retro(name):
    import stable_retro

    theirs = stable_retro.get_system_info(name)
    assert list(CONSOLES[name].buttons) == theirs["buttons"]
    assert [list(group) for group in CONSOLES[name].actions] == theirs["actions"]


def test_a_running_game_has_the_groups_of_its_console(emulator):
    console = CONSOLES["Nes" if emulator.console == "Nes" else "Genesis"]
    assert emulator.buttons == tuple(console.buttons)
    assert sorted(emulator.button_groups) == sorted(console.groups)


def test_a_pattern_is_legal_exactly_when_stable_retro_lets_it_through(emulator):
    pad = Pad(emulator.buttons, emulator.button_groups)
    for pattern in range(2**pad.num_buttons):
        assert pad.is_legal(pattern) == (filtered(emulator, pattern) == pattern)


@pytest.mark.parametrize("mode", MODES)
def test_no_random_outputs_press_what_stable_retro_filters_or_forbids(emulator, mode):
    mapper = ButtonMapper(MODES[mode], emulator.buttons, emulator.button_groups)
    forbidden = sum(1 << i for i, b in enumerate(emulator.buttons) if b in FORBIDDEN)
    seen = set()
    for outputs in random_outputs(3000, mapper.num_outputs):
        for pattern in patterns(mapper, outputs):
            assert filtered(emulator, pattern) == pattern
            assert not pattern & forbidden
            seen.add(pattern)
    assert len(seen) > 3


def test_what_stable_retro_drops_whole_keeps_its_best_part(airstriker):
    console = ButtonMapper(MODES["console"], airstriker.buttons, airstriker.button_groups)
    bit = {name: 1 << i for i, name in enumerate(airstriker.buttons)}
    for names, kept in (("AC", "A"), ("ABC", "AB"), ("BZ", "B")):
        outputs = [1.0 if name in names else 0.0 for name in map(str, airstriker.buttons)]
        assert filtered(airstriker, sum(bit[name] for name in names)) == 0
        assert patterns(console, outputs)[0] == sum(bit[name] for name in kept)


@pytest.mark.parametrize("name", GENESIS_PRESETS)
def test_a_preset_for_the_genesis_reaches_a_real_genesis(airstriker, name):
    check_preset(airstriker, preset(name))


@pytest.mark.parametrize("name", NES_PRESETS)
def test_a_preset_for_the_nes_reaches_a_real_nes(wickling, name):
    check_preset(wickling, preset(name))


def check_preset(emulator: Emulator, settings: ButtonSettings) -> None:
    """Let every output of a preset win in turn, with every output of the other groups."""
    mapper = ButtonMapper(settings, emulator.buttons, emulator.button_groups)
    sizes = [len(group) for group in settings.groups] or [mapper.num_outputs]
    for choice in np.ndindex(*sizes):
        outputs = np.concatenate([np.eye(n)[i] for n, i in zip(sizes, choice, strict=True)])
        pattern = patterns(mapper, outputs)[0]
        assert filtered(emulator, pattern) == pattern
        if settings.groups:
            names = {n for g, i in zip(settings.groups, choice, strict=True) for n in g[i]}
            assert set(mapper.pressed(mapper.masks(outputs)[0])) == names


def test_every_preset_is_tried_on_a_console_that_stable_retro_describes():
    import stable_retro

    snes = stable_retro.get_system_info("Snes")
    console = Console(snes["buttons"], snes["actions"])
    rest = set(BUTTON_PRESETS) - set(GENESIS_PRESETS) - set(NES_PRESETS)
    assert rest == {"kart", "fighter-snes"}
    for name in rest:
        ButtonMapper(preset(name), console.buttons, console.groups)


def test_every_console_of_stable_retro_takes_the_default_buttons_and_never_a_forbidden_one():
    import stable_retro

    for info in stable_retro.data.EMU_INFO.values():
        console = Console(info["buttons"], info["actions"])
        mapper = ButtonMapper(ButtonSettings(), console.buttons, console.groups)
        for outputs in random_outputs(300, mapper.num_outputs):
            pressed = set(mapper.pressed(mapper.masks(outputs)[0]))
            assert not pressed & FORBIDDEN
            for group in console.actions:
                in_group = {button for combo in group for button in combo}
                assert pressed & in_group in [set(combo) for combo in group]


class Fixed:
    """A policy that gives the same outputs for ever."""

    def __init__(self, outputs) -> None:
        self._outputs = np.array(outputs, float)

    def reset(self) -> None:
        pass

    def activate(self, inputs):
        return self._outputs


@pytest.mark.parametrize(
    "settings", [*MODES.values(), *map(preset, GENESIS_PRESETS)], ids=[*MODES, *GENESIS_PRESETS]
)
def test_start_never_reaches_the_game_in_any_mode(settings):
    fitness = FitnessSettings(terms=(FitnessTerm("points", "gain", "score", 1.0),), max_frames=300)
    task = RetroTask(RetroSettings("Airstriker-Genesis", buttons=settings, fitness=fitness))
    try:
        result = task.evaluate(Fixed([2.7] * task.describe().num_outputs), SEEDS)
    finally:
        task.close()
    assert result.metrics["score"] < 1000  # START would add 131,072


def test_what_wins_in_each_group_is_what_the_game_gets():
    """To the right at a run, chosen in two groups, goes as far as RIGHT+B chosen in one."""
    groups = ButtonSettings(mode="groups", groups=((("RIGHT",), ()), (("B",), ())))
    combos = ButtonSettings(mode="combos", combos=((), ("RIGHT", "B"), ("RIGHT",)))
    run_right, chosen, walk = (
        way_of(buttons, outputs)
        for buttons, outputs in ((groups, [1, 0, 1, 0]), (combos, [0, 1, 0]), (combos, [0, 0, 1]))
    )
    assert run_right == chosen > walk > 0


def way_of(buttons: ButtonSettings, outputs) -> float:
    """Return how far to the right fixed outputs lead in Wickling within 60 frames."""
    settings = RetroSettings(
        "Wickling-Nes",
        integrations=(str(integrations_folder()),),
        buttons=buttons,
        fitness=FitnessSettings(terms=(FitnessTerm("way", "new_max", "x", 1.0),), max_frames=60),
    )
    task = RetroTask(settings)
    try:
        return task.evaluate(Fixed(outputs), SEEDS).fitness
    finally:
        task.close()


def test_what_became_of_the_presses_reaches_the_log_of_every_evaluation() -> None:
    both = ButtonSettings(buttons=("LEFT", "RIGHT", "A"))
    terms = (FitnessTerm("progress", "new_max", "x", 1.0),)
    fitness = FitnessSettings(terms=terms, max_frames=40)
    task = RetroTask(RetroSettings("Wickling-Nes", buttons=both, fitness=fitness))
    try:
        seeds = EpisodeSeeds(1, 2, 3)
        clashing = task.evaluate(Constant([0.9, 0.8, 1.0]), seeds)
        clean = task.evaluate(Constant([0.9, 0.2, 0.4]), seeds)
    finally:
        task.close()
    assert clashing.metrics["presses_dropped"] == pytest.approx(1 / 3)
    assert clashing.metrics["outputs_saturated"] == pytest.approx(1 / 3)
    decisions = 40 / 4
    assert clashing.metrics["num_presses_dropped"] == decisions
    assert clashing.metrics["num_outputs_saturated"] == decisions
    assert clean.metrics["presses_dropped"] == clean.metrics["outputs_saturated"] == 0.0
