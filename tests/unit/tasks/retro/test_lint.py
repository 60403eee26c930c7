"""The linter, on small files with one mistake each, and over everything that is shipped."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import stable_retro
from hypothesis import given
from hypothesis import strategies as st

from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro.check.findings import count_findings, sort_findings
from neuroevo.tasks.retro.check.json_lines import JsonSyntaxError, parse_json
from neuroevo.tasks.retro.check.lint import (
    LintTarget,
    lint_file,
    lint_game,
    lint_targets,
    target_of,
)
from neuroevo.tasks.retro.check.lint_done import _judge_op
from neuroevo.tasks.retro.check.variable_types import parse_type
from neuroevo.tasks.retro.fitness.scenario import OPERATIONS
from neuroevo.tasks.retro.games.folders import GameFolders, all_games, resolve_game
from neuroevo.tasks.retro.settings import ObservationSettings, RetroSettings

X = {"address": 16, "type": "|u1"}
GOOD = {
    "info": {"x": {"address": 16, "type": "<u2"}, "lives": {"address": 20, "type": "|i1"}},
    "reward": {"variables": {"x": {"reward": 1}}},
    "done": {"variables": {"lives": {"op": "negative"}}},
}


@pytest.fixture
def game(tmp_path):
    """Return a function that writes a game of three files and lints it."""

    def write(name: str = "Own-Nes", info=GOOD["info"], metadata=None, **scenario):
        folder = tmp_path / name
        folder.mkdir(exist_ok=True)
        document = {"reward": GOOD["reward"], "done": GOOD["done"], **scenario}
        document = {key: value for key, value in document.items() if value is not None}
        (folder / "data.json").write_text(json.dumps({"info": info}, indent=1))
        (folder / "scenario.json").write_text(json.dumps(document, indent=1))
        (folder / "metadata.json").write_text(json.dumps(metadata or {}))
        return lint_game(resolve_game(name, [tmp_path]))

    return write


def rules(findings, *severities):
    return [f.rule for f in findings if not severities or f.severity in severities]


def test_a_good_game_has_no_finding(game):
    assert game() == ()


@pytest.mark.parametrize(
    ("kind", "rule"),
    [
        ("?u4", "type"), (">q2", "type"), ("=i0", "type"), ("><u3", "type"), ("<=u2", "type"),
        ("<s2", "type"), ("u1", "type"), ("<u9", "type"), ("<u2 ", "type"), ("", "type"),
        (5, "type"), (None, "type"),
        ("|i2", "type-style"), ("<d1", "type-style"), ("=u2", "type-style"),
        (">u2", "byte-order"), (">i4", "byte-order"),
    ],
)  # fmt: skip
def test_a_type_that_the_guide_does_not_know_is_found(game, kind, rule):
    found = game(info={**GOOD["info"], "x": {"address": 16, "type": kind}})
    assert rules(found, "error", "warning") == [rule]
    assert (found[0].severity == "error") == (rule == "type")
    assert found[0].line == 5


@pytest.mark.parametrize("kind", ["|d1", "<u3", ">d3", "<d2", ">n6", "<n8", "<>u4", "<i2"])
def test_a_type_of_the_guide_is_no_finding(game, kind):
    assert game(info={**GOOD["info"], "x": {"address": 16, "type": kind}}) == ()


def test_the_byte_order_follows_the_console(game):
    high = {**GOOD["info"], "x": {"address": 0xFF0010, "type": ">u2"},
            "lives": {"address": 0xFF0000, "type": "|i1"}}  # fmt: skip
    low = {**high, "x": {"address": 0xFF0010, "type": "<u2"}}
    assert rules(game("Own-Genesis", info=high)) == []
    assert rules(game("Own-Genesis-v0", info=low)) == ["byte-order"]


def test_a_number_that_is_drawn_may_have_another_byte_order(game):
    found = game(info={**GOOD["info"], "score": {"address": 40, "type": ">u3"}})
    assert "byte-order" in rules(found, "info")
    assert rules(found, "error", "warning") == []
    message = next(f.message for f in found if f.rule == "byte-order")
    assert "must" not in message  # Super Mario Bros. 3 keeps its score so
    assert message.endswith("If it is not what the screen shows, try <u3.")


@pytest.mark.parametrize(
    ("console", "address", "kind", "ok"),
    [
        ("Nes", 0x7FE, "<u2", True), ("Nes", 0x7FF, "<u2", False), ("Nes", 0x900, "|u1", False),
        ("Genesis", 0xFFFFFF, "|u1", True), ("Genesis", 0x10, "|u1", False),
        ("Snes", 0x7E0094, "<u2", True), ("Snes", 0x800000, "|u1", False),
        ("GameBoy", 0xFFFF, "|u1", True), ("GameBoy", 0xE000, "|u1", False),
        ("Sms", 0xC000, "|u1", True), ("Sms", 0xBFFF, "|u1", False),
        ("Atari2600", 0x7F, "|u1", False), ("N64", 0x123456, "|u1", True),
    ],
)  # fmt: skip
def test_addresses_must_lie_in_the_memory_of_the_console(game, console, address, kind, ok):
    found = game(f"Own-{console}", {"x": {"address": address, "type": kind}}, done=None)
    assert ("address-range" in rules(found, "error")) == (not ok)


@pytest.mark.parametrize("address", [-1, 1.5, "0x10", True, None, [1]])
def test_an_address_that_is_no_number_is_found(game, address):
    info = {**GOOD["info"], "x": {"address": address, "type": "<u2"}}
    assert rules(game(info=info), "error") == ["address"]


@pytest.mark.parametrize("key", ["address", "type"])
def test_a_variable_without_address_or_type_is_found(game, key):
    spec = {"address": 16, "type": "<u2"}
    del spec[key]
    assert rules(game(info={**GOOD["info"], "x": spec}), "error") == ["missing-key"]


def test_two_variables_at_one_address_are_found(game):
    found = game(info={**GOOD["info"], "copy": {"address": 16, "type": "<u2"}})
    assert rules(found, "warning") == ["duplicate-address"]
    assert "those of x" in found[0].message


def test_bits_of_one_byte_are_no_duplicates(game):
    bits = {name: {"address": 30, "type": "|u1", "mask": 1 << i} for i, name in enumerate("ab")}
    assert rules(game(info={**GOOD["info"], **bits}), "error", "warning") == []


def test_memory_on_the_cartridge_is_worth_a_look(game):
    found = game(info={**GOOD["info"], "x": {"address": 0x6000, "type": "<u2"}})
    assert rules(found) == ["cartridge-ram"]


def test_an_unknown_key_names_the_nearest_one(game):
    spec = {"reward": 1, "penality": 1}
    found = game(reward={"variables": {"x": spec}})
    assert rules(found) == ["unknown-key"]
    assert "Did you mean penalty?" in found[0].message


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"reward": {"variables": {"z": {"reward": 1}}}}, "unknown-variable"),
        ({"done": {"variables": {"z": {"op": "zero"}}}}, "unknown-variable"),
        ({"done": {"nodes": {"n": {"variables": {"z": {"op": "zero"}}}}}}, "unknown-variable"),
        ({"reward": {"variables": {"x": {"reward": 1, "op": "rises"}}}}, "unknown-op"),
        ({"done": {"variables": {"lives": {"op": "less"}}}}, "unknown-op"),
        ({"done": {"variables": {"lives": {"op": ["zero"]}}}}, "unknown-op"),
        ({"reward": {"variables": {"x": {"reward": 1, "measurement": "d"}}}},
         "unknown-measurement"),
        ({"done": {"variables": {"lives": {"op": "equal", "reference": "0"}}}}, "reference"),
        ({"done": {"condition": "both", "variables": {"lives": {"op": "zero"}}}}, "condition"),
        ({"done": {"variables": {"x": {"op": "negative"}}}}, "never-done"),
        ({"done": {}}, "never-done"),
        ({"done": {"variables": {"lives": {"op": "equal", "reference": 200}}}}, "never-done"),
        ({"done": {"variables": {"x": {"op": "greater-or-equal", "reference": 0}}}},
         "always-done"),
        ({"done": {"condition": "all"}}, "always-done"),
        ({"reward": {"script": "lua:reward"}}, "script-without-file"),
        ({"reward": {"script": "lua:reward"}, "scripts": ["none.lua"]}, "missing-script"),
        ({"scripts": [7]}, "missing-script"),
        ({"crop": [0, 0, 10]}, "crop"), ({"crop": [0, 0, -1, 5]}, "crop"), ({"crop": 4}, "crop"),
        ({"actions": [[["FIRE"]]]}, "unknown-button"),
        ({"reward": {"variables": {"x": 5}}}, "layout"), ({"done": 5}, "layout"),
        ({"reward": {"variables": {"x": {"reward": "1"}}}}, "reward-number"),
    ],
)  # fmt: skip
def test_a_mistake_of_a_scenario_is_an_error(game, part, rule):
    errors = rules(game(**part), "error")
    assert rule in errors
    assert set(errors) <= {rule, "never-done", "always-done"}


@pytest.mark.parametrize(
    ("part", "rule"),
    [
        ({"reward": {"variables": {"x": {}}}}, "pays-nothing"),
        ({"reward": {"variables": {"x": {"reward": 0}}}}, "pays-nothing"),
        ({"done": {"variables": {"lives": {}}}}, "no-op"),
        ({"rewards": [{"variables": {"x": {"reward": 1}}}]}, "two-rewards"),
        ({"done": {"variables": {"lives": {"op": "negative"}, "x": {"op": "negative"}}}},
         "never-true"),
    ],
)  # fmt: skip
def test_a_likely_mistake_of_a_scenario_is_a_warning(game, part, rule):
    found = game(**part)
    assert rules(found, "error", "warning") == [rule]
    assert found[0].severity == "warning"


@pytest.mark.parametrize(
    ("name", "kind", "spec", "is_found"),
    [
        ("xscrollLo", "|u1", {"reward": 1}, True),
        ("hpos", "|u1", {"reward": 1}, True),
        ("player_x", "|i1", {"penalty": 1}, True),
        ("xlo", "|u1", {"reward": 1}, True),
        ("lo", "|u1", {"reward": 1, "penalty": 1}, True),
        ("playerXLo", "|u1", {"reward": 1}, True),
        ("camera", "|u1", {"reward": 1}, True),
        ("position", "|u1", {"reward": 1}, True),
        ("progress", "|u1", {"reward": 1}, True),
        ("levelLo", "|u1", {"reward": 1}, False),
        ("x", "<u2", {"reward": 1}, False),
        ("x", "|u1", {"reward": 1, "measurement": "absolute"}, False),
        ("x", "|u1", {"reward": 1, "op": "positive"}, False),
        ("max_lives", "|u1", {"reward": 1}, False),
        ("exit", "|u1", {"reward": 1}, False),
    ],
)
def test_a_position_of_one_byte_that_pays_for_its_change_is_found(game, name, kind, spec, is_found):
    info = {**GOOD["info"], name: {"address": 40, "type": kind}}
    found = game(info=info, reward={"variables": {name: spec}})
    assert ("wraps" in rules(found, "warning")) == is_found


def test_any_other_byte_that_pays_for_its_change_is_worth_a_look(game):
    info = {**GOOD["info"], "coins": {"address": 40, "type": "|u1"}}
    paid = game(info=info, reward={"variables": {"coins": {"reward": 1}}})
    assert "wraps" in rules(paid, "info")
    assert "wraps" not in rules(game(info=info, reward={"variables": {"lives": {"reward": 1}}}))
    word = {**info, "coins": {"address": 40, "type": "<u2"}}
    assert "wraps" not in rules(game(info=word, reward={"variables": {"coins": {"reward": 1}}}))


def test_a_reward_that_pays_score_only_is_worth_a_look(game):
    info = {**GOOD["info"], "score": {"address": 40, "type": ">n6"}}
    points = {"score": {"reward": 10}}
    assert "score-only" in rules(game(info=info, reward={"variables": points}), "info")
    mixed = {**points, "x": {"reward": 1}}
    assert "score-only" not in rules(game(info=info, reward={"variables": mixed}))


def test_unused_variables_are_named_once(game):
    found = game(info={**GOOD["info"], "a": X, "b": {"address": 99, "type": "|u1"}})
    assert rules(found) == ["unused-variable"]
    assert "a, b" in found[0].message


def test_what_one_of_several_targets_uses_is_not_called_unused(game, tmp_path):
    game(info={**GOOD["info"], "a": X, "b": {"address": 99, "type": "|u1"}})
    folders = resolve_game("Own-Nes", [tmp_path])
    user = LintTarget(folders, None, {"[Fitness] died": "fell(a)"})
    other = LintTarget(folders, folders.find("scenario.json"), {"[Fitness] won": "b == 1"})
    (found,) = lint_targets([LintTarget(folders), user])
    assert "no scenario uses b. They" in found.message
    assert lint_targets([LintTarget(folders), user, other]) == ()


def test_a_name_inside_another_word_is_no_use_of_a_variable(game, tmp_path):
    game(info={**GOOD["info"], "a": X})
    folders = resolve_game("Own-Nes", [tmp_path])
    found = lint_game(folders, expressions={"[Fitness] terms": "max(x, lives)"})
    assert rules(found) == ["unused-variable"]


def test_a_function_is_no_use_of_a_variable_of_its_name(game, tmp_path):
    game(info={**GOOD["info"], "max": X, "start": {"address": 99, "type": "|u1"}})
    folders = resolve_game("Own-Nes", [tmp_path])
    (found,) = lint_game(folders, expressions={"[Fitness] terms": "max(x, start.lives)"})
    assert "no scenario uses max, start. They" in found.message


def test_what_a_network_is_told_is_used(game, tmp_path):
    game(info={**GOOD["info"], "a": X})
    settings = RetroSettings(
        "Own-Nes",
        integrations=(str(tmp_path),),
        observation=ObservationSettings(source=("variables",), variables=("a / 2",)),
    )
    assert lint_targets([target_of(settings)]) == ()


def test_a_file_is_named_once_however_it_is_spelled(game, tmp_path, monkeypatch):
    game(info={**GOOD["info"], "x": {"address": 16, "type": "?u2"}})
    monkeypatch.chdir(tmp_path)
    relative = lint_file(Path("Own-Nes/data.json"))
    whole = lint_game(resolve_game("Own-Nes", [tmp_path]))
    assert rules(relative) == rules(whole) == rules(sort_findings([*relative, *whole])) == ["type"]


def test_a_script_must_name_a_function_of_its_files(game, tmp_path):
    (tmp_path / "Own-Nes").mkdir()
    (tmp_path / "Own-Nes" / "own.lua").write_text("function reward() return 1 end\n")
    script = {"scripts": ["own.lua"], "reward": {"script": "lua:reward"}}
    assert rules(game(**script), "error") == []
    script["reward"] = {"script": "lua:rewards"}
    assert rules(game(**script), "error") == ["script-function"]


def test_metadata_must_name_states_that_exist(game, tmp_path):
    (tmp_path / "Own-Nes").mkdir()
    (tmp_path / "Own-Nes" / "Level1.state").write_bytes(b"")
    assert rules(game(metadata={"default_state": "Level1"})) == []
    found = game(metadata={"default_state": "Level2", "defaultState": 1})
    assert rules(found, "error") == ["default-state"]
    assert "Did you mean Level1? It has: Level1." in found[0].message
    assert rules(found, "warning") == ["unknown-key"]
    assert rules(game(), "info") == ["default-state"]


def test_an_expression_of_a_fitness_must_find_its_variables(game, tmp_path):
    game()
    folders = resolve_game("Own-Nes", [tmp_path])
    found = lint_game(folders, expressions={"[Fitness] died": "live < start.lives"})
    assert rules(found, "error") == ["fitness"]
    assert found[0].file == "[Fitness] died"
    assert "live" in found[0].message
    assert lint_game(folders, expressions={"[Fitness] died": "lives < start.lives"}) == ()


def test_an_expression_uses_a_variable(game, tmp_path):
    game(info={**GOOD["info"], "coins": X})
    folders = resolve_game("Own-Nes", [tmp_path])
    assert rules(lint_game(folders)) == ["unused-variable"]
    assert lint_game(folders, expressions={"[Fitness] terms": "coins"}) == ()


def test_every_finding_says_place_rule_and_what_to_do(game):
    found = game(info={**GOOD["info"], "x": {"address": 16, "type": "<s2"}})
    path, line, text = found[0].text.split(":", 2)
    assert Path(path).name == "data.json"
    assert line == "5"
    assert text.startswith(" error [type] x: ")
    assert "; got '<s2'. " in text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ('{\n "info": {\n  "x": {"address": 0x10}}}', 3),
        ('{\n "info": {},\n}', 3),
        ('{"a": 1}\n\n{}', 3),
        ('{\n"a": NaN}', 2),
        ('{\n"a": tru}', 2),
        ('{"a":\n "b\n"}', 2),
        ("", 1),
        ("[" * 100_000, 1),
        ('{"a": 1 "b": 2}', 1),
        ("{'a': 1}", 1),
        ('{\n// no\n"a": 1}', 2),
        ('{"a": ' + "9" * 5000 + "}", 1),
    ],
)
def test_what_is_no_json_is_found_with_its_line(tmp_path, text, line):
    path = tmp_path / "Own-Nes" / "data.json"
    path.parent.mkdir()
    path.write_text(text)
    found = lint_file(path)
    assert [(f.severity, f.rule, f.line) for f in found] == [("error", "syntax", line)]


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"\0" * 50])
def test_what_is_no_text_is_found(tmp_path, data):
    path = tmp_path / "Own-Nes" / "scenario.json"
    path.parent.mkdir()
    path.write_bytes(data)
    assert rules(lint_file(path)) == ["syntax"]


def test_a_file_too_large_for_a_game_is_not_read(tmp_path):
    path = tmp_path / "data.json"
    with path.open("wb") as file:
        file.truncate(1 << 33)
    assert rules(lint_file(path)) == ["syntax"]


def test_a_key_that_comes_twice_is_found_where_it_comes_again(tmp_path):
    path = tmp_path / "Own-Nes" / "data.json"
    path.parent.mkdir()
    path.write_text('{"info": {\n"x": {"address": 1, "type": "|u1"},\n"x": {"address": 2, '
                    '"type": "|u1"}\n}}')  # fmt: skip
    found = lint_file(path)
    assert (found[0].rule, found[0].line) == ("duplicate-key", 3)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)  # fmt: skip


@given(json_values, st.sampled_from([None, 1]), st.booleans())
def test_the_reader_with_lines_reads_what_json_reads(value, indent, is_ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii)
    assert parse_json(text).plain() == json.loads(text)


@given(st.text(alphabet='{}[]:,"\\ \n0123456789.eE+-truefalsn', max_size=30))
def test_the_reader_with_lines_refuses_what_json_refuses(text):
    try:
        expected = json.loads(text)
    except json.JSONDecodeError:
        with pytest.raises(JsonSyntaxError):
            parse_json(text)
    else:
        assert parse_json(text).plain() == expected


@pytest.mark.parametrize("kind", ["|u1", "|i1", "|d1", "|n1"])
@pytest.mark.parametrize("op", list(OPERATIONS))
def test_what_can_come_true_equals_trying_every_value(kind, op):
    low, high = parse_type(kind).bounds()
    for reference in (-129, -1, 0, 1, 9, 10, 99, 100, 127, 128, 255, 256):
        tried = {OPERATIONS[op](value, reference) > 0 for value in range(low, high + 1)}
        assert _judge_op(op, reference, low, high) == (True in tried, False in tried), reference


def lint_shipped():
    """Lint all integrations of stable-retro, the unsupported ones as well, and ours."""
    data = Path(stable_retro.__file__).parent / "data"
    games = list(all_games())
    for kind in ("contrib", "experimental"):
        games += [GameFolders(f.name, (f,)) for f in sorted((data / kind).glob("*-*"))]
    return {game.name: lint_game(game) for game in games}


def test_the_linter_crashes_on_no_shipped_game_and_cries_wolf_on_none():
    """The five errors were looked at: each is a mistake in the file, see the comment."""
    found = lint_shipped()
    assert len(found) > 1000
    errors = {
        (name, f.rule) for name, findings in found.items() for f in findings
        if f.severity == "error" and name.endswith("-v0")
    }  # fmt: skip
    assert errors == {
        ("NHL94-Genesis-v0", "default-state"),  # "...start." with a dot too many: no such file
        ("NHL941on1-Genesis-v0", "default-state"),
        ("NHL941on1-Genesis-v0", "duplicate-key"),  # p1_ori and p2_ori come twice each
    }
    warned = sum(count_findings(findings)["warning"] > 0 for findings in found.values())
    assert warned < 50


def test_our_own_games_have_no_errors():
    for folder in integrations_folder().glob("*-*"):
        findings = lint_game(resolve_game(folder.name))
        assert count_findings(findings)["error"] == 0, [f.text for f in findings]
