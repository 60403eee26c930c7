"""What is read in place from running cores, beside what stable-retro gives."""

from __future__ import annotations

import json
import signal
import sys
from pathlib import Path

import numpy as np
import pytest
import stable_retro
from builders.blank_consoles import make_blank_game

from neuroevo.tasks.retro import emulator as emulator_module
from neuroevo.tasks.retro import games
from neuroevo.tasks.retro.emulator import Emulator
from neuroevo.tasks.retro.live.core import CORES, find_core

GAMES = [
    ("Wickling-Nes", None), ("Wickling-Nes", "Practice"),
    ("Airstriker-Genesis", None), ("Airstriker-Genesis", "Level1"),
]  # fmt: skip
TYPES = ("|u1", "|i1", "<u2", ">u2", "<i2", ">u4", "<d2", ">d4", ">n3", "<n2", "<u3", ">i8")


def play(name, state, *, in_place, num_frames=240):
    """Play random buttons; return all that can be read, frame by frame."""
    generator, seen = np.random.default_rng(1), []
    with Emulator.open(games.resolve_game(name), in_place=in_place) as emulator:
        assert (emulator._picture is not None) == (emulator._ram is not None) == in_place
        emulator.reset(emulator.start_state(state))
        names = sorted(emulator.variables())
        readers = [emulator.reader(names), *(emulator.reader([name]) for name in names)]
        for frame in range(num_frames):
            if frame % 8 == 0:
                buttons = generator.integers(0, 2, len(emulator.buttons), dtype=np.uint8)
                emulator.set_buttons(buttons)
            values = [reader() for reader in readers]
            for base, block in emulator.memory().items():
                assert emulator.work_ram(base).tobytes().startswith(block)
            screen = emulator.screen()
            assert screen.flags.c_contiguous
            seen.append((values, emulator.work_ram().tobytes(), screen.tobytes()))
            emulator.step_frame()
        return names, emulator.ram_address(), seen


@pytest.mark.parametrize(("name", "state"), GAMES)
def test_all_that_is_read_in_place_is_what_stable_retro_gives(name, state):
    """From power-on, too: the Genesis then changes the size of its picture."""
    assert play(name, state, in_place=True) == play(name, state, in_place=False)


@pytest.mark.parametrize("name", ["Wickling-Nes", "Airstriker-Genesis"])
def test_a_glance_shows_the_present_screen_in_place(name):
    with Emulator.open(games.resolve_game(name)) as emulator:
        for _ in range(30):
            emulator.step_frame()
            words = emulator.picture()
            assert words.width == emulator.screen().shape[1]
            assert np.array_equal(
                emulator.screen()[..., 0], words.lines[:, : words.width] >> 11 << 3
            )


FIRST_BYTES = {
    "Snes": 0x7E1001, "GameBoy": 0xC101, "Genesis": 0xFF1001, "Sms": 0xC101, "GameGear": 0xC101,
}  # fmt: skip


@pytest.fixture(params=FIRST_BYTES)
def blank(request, tmp_path):
    """A console whose work RAM is only what a test writes, with a variable of each type there."""
    first = FIRST_BYTES[request.param]
    variables = {f"v{i}": (first + 16 * i, kind) for i, kind in enumerate(TYPES)}
    name = make_blank_game(tmp_path, request.param, **variables)
    with Emulator.open(games.resolve_game(name, [tmp_path])) as emulator:
        emulator.reset(emulator.start_state(None))
        yield emulator, variables


def test_variables_of_every_type_are_read_anew_with_each_of_their_bytes(blank):
    emulator, variables = blank
    readers = {name: emulator.reader([name]) for name in variables}
    together = emulator.reader(list(variables))
    generator = np.random.default_rng(2)
    for name, (address, kind) in variables.items():
        for place in range(int(kind[-1])):
            before = readers[name]()
            old = emulator._data.memory.extract(address + place, "|u1")
            new = (old + int(generator.integers(1, 256))) % 256
            emulator._data.memory.assign(address + place, "|u1", new)
            assert readers[name]() is not before
            assert readers[name]() == {name: emulator.variables()[name]}
            assert together() == emulator.variables()
            assert all(readers[other]() is readers[other]() for other in variables)


def test_whole_numbers_are_seen_as_stable_retro_reads_them(blank):
    emulator, variables = blank
    generator = np.random.default_rng(3)
    seen = {}
    for name, (_, kind) in variables.items():
        watch = emulator.watch([name])
        assert (watch is not None) == (kind[1] in "iu" and int(kind[-1]) <= 4)
        if watch is not None:
            seen[name] = watch
    for _ in range(50):
        for address, kind in variables.values():
            for place in range(int(kind[-1])):
                byte = int(generator.choice([0, 1, 0x7F, 0x80, 0xFF, generator.integers(256)]))
                emulator._data.memory.assign(address + place, "|u1", byte)
        values = emulator.variables()
        together = emulator.watch(list(seen))
        assert together.values(together.glance()) == {name: values[name] for name in seen}
        for name, watch in seen.items():
            assert watch.values(watch.glance()) == {name: values[name]}


def test_a_number_behind_a_mask_is_left_to_stable_retro(tmp_path):
    game = games.resolve_game(make_blank_game(tmp_path, x=0x7E1000, y=0x7E1010), [tmp_path])
    data = game.need("data.json")
    document = json.loads(data.read_text())
    document["info"]["x"]["mask"] = 0x0F
    data.write_text(json.dumps(document))
    with Emulator.open(game) as emulator:
        assert emulator.watch(["x"]) is None
        assert emulator.watch(["y"]) is not None


def test_a_core_whose_pictures_are_others_is_read_by_stable_retro_alone(tmp_path, monkeypatch):
    """The Atari's have 32 bits per pixel; the core has to be started anew, for it was changed."""
    game = games.resolve_game(make_blank_game(tmp_path, "Atari2600"), [tmp_path])
    screens = []
    for cores in (CORES, CORES | {"stella"}):
        monkeypatch.setattr(emulator_module, "CORES", cores)
        with Emulator.open(game) as emulator:
            assert emulator._picture is None
            assert emulator._ram is None
            emulator.reset(emulator.start_state(None))
            for _ in range(5):
                emulator.step_frame()
            screens.append(emulator.screen())
            assert emulator.picture().shape == emulator.screen().shape
    assert np.array_equal(*screens)


def test_another_stable_retro_is_asked_for_everything(monkeypatch):
    monkeypatch.setattr(stable_retro, "__version__", "1.0.2")
    with Emulator.open(games.resolve_game("Airstriker-Genesis")) as emulator:
        assert emulator._picture is None
        assert emulator._ram is None


def test_the_core_is_gone_when_the_emulator_is_closed():
    """Or the next one would find it as this one left it."""
    game = games.resolve_game("Airstriker-Genesis")
    library = Path(stable_retro.get_core_path("Genesis"))
    for _ in range(2):
        with Emulator.open(game):
            assert find_core(library) is not None
        assert find_core(library) is None


def test_a_closed_emulator_shows_nothing(airstriker):
    airstriker.close()
    for read in (airstriker.screen, airstriker.picture, airstriker.work_ram, airstriker.variables):
        with pytest.raises(AttributeError):
            read()


class StruckError(Exception):
    """Somebody pressed Ctrl-C."""


def test_an_interrupt_in_the_middle_of_a_frame_is_not_lost(airstriker, monkeypatch):
    """The core calls back with each picture: raised there, it would be told of and forgotten."""

    def strike(*_):
        raise StruckError

    def play_on():
        signal.setitimer(signal.ITIMER_REAL, 0.001)  # here: before it, nobody expects to be struck
        for _ in range(200):
            airstriker.step_frame()

    unraisable = []
    monkeypatch.setattr(sys, "unraisablehook", unraisable.append)
    before = signal.signal(signal.SIGALRM, strike)
    try:
        for _ in range(30):
            with pytest.raises(StruckError):
                play_on()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert not unraisable
