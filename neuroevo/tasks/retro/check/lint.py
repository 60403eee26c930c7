"""The linter for the files that define a game: data.json, scenario.json, metadata.json.

Reads files only, starts no emulator. An error is a mistake whatever was meant; a warning most
likely is one; an info is worth a look.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.check.findings import Finding, Place, sort_findings
from neuroevo.tasks.retro.check.json_lines import JsonSyntaxError, Node, parse_json
from neuroevo.tasks.retro.check.lint_data import (
    LintedVariable,
    lint_data,
    read_linted,
    unknown_keys,
)
from neuroevo.tasks.retro.check.lint_scenario import (
    ScenarioContext,
    has_scripts,
    lint_scenario,
    used_variables,
)
from neuroevo.tasks.retro.check.lint_settings import setting_mistakes
from neuroevo.tasks.retro.fitness.expressions import compile_expression
from neuroevo.tasks.retro.games.folders import (
    GameFolders,
    console_buttons,
    console_table,
    named_console,
    resolve_game,
)
from neuroevo.tasks.retro.games.states import scenario_path, state_names, states_advice
from neuroevo.tasks.retro.settings import RetroSettings

MAX_BYTES = 4_000_000
METADATA_KEYS = ("default_state", "default_player_state", "states", "tags", "whitelist", "slots",
                 "system", "original_rom_name", "title", "players")  # fmt: skip

REWARD_RULES = ("wraps", "score-only", "no-reward", "pays-nothing")
"""The rules that ask whether a scenario's reward is one to play for."""

Expressions = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class LintTarget:
    """A game to lint, as one settings file sees it or as it is.

    Attributes:
        game: its folders; of a file in several of them the one in force is read.
        scenario: read this one only; None reads every scenario of the game.
        expressions: a fitness's expressions by their place, e.g. ``[Fitness] died``.
        of_settings: what is wrong in a settings file; None looks at the expressions instead.
    """

    game: GameFolders
    scenario: Path | None = None
    expressions: Expressions = field(default_factory=dict)
    of_settings: tuple[Finding, ...] | None = None

    def scenarios(self) -> list[Path]:
        """Return the scenarios that count."""
        return [self.scenario] if self.scenario else _scenarios(self.game)


def lint_targets(targets: Iterable[LintTarget]) -> tuple[Finding, ...]:
    """Return the findings of all files that define some games, errors first.

    A variable is unused where none of the targets that share its data.json uses it.
    """
    together: dict[Path | None, list[LintTarget]] = {}
    findings: list[Finding] = []
    for target in targets:
        together.setdefault(target.game.find("data.json"), []).append(target)
        findings += _lint_target(target)
    for sharing in together.values():
        findings += _unused(sharing)
    return sort_findings(findings)


def lint_game(
    game: GameFolders, scenario: Path | None = None, expressions: Expressions | None = None
) -> tuple[Finding, ...]:
    """Return the findings of one game; the arguments are those of :class:`LintTarget`."""
    return lint_targets([LintTarget(game, scenario, expressions or {})])


def _lint_target(target: LintTarget) -> Iterator[Finding]:
    game = target.game
    data = game.find("data.json")
    if data is None:
        message = f"must have a data.json; got none in {', '.join(map(str, game.folders))}. Add it."
        yield Place(game.name).error(0, "missing-file", message)
    for path in [data, *target.scenarios(), game.find("metadata.json")]:
        if path is not None:
            yield from _lint_path(path, game)
    if target.of_settings is None:
        yield from lint_expressions(game, target.expressions)
    else:
        yield from target.of_settings


def lint_file(path: Path) -> tuple[Finding, ...]:
    """Return the findings of one file, read beside the other files of its game.

    The folder names the game; where it overlays an imported game, that game's files count too.
    """
    return sort_findings(_lint_path(path, game_of_file(path)))


SettingPlace = Callable[[str, str], tuple[str, int]]
"""From section and key to file and line, 0 where there is none."""


def target_of(settings: RetroSettings, where: SettingPlace | None = None) -> LintTarget:
    """Return the game of a settings file, with what the file reads of it and names wrongly.

    Args:
        settings: of the file.
        where: its keys stand; None names section and key in place of a file.

    Raises:
        TaskError: no such game, or no such scenario.
    """
    game = resolve_game(settings.game, settings.integrations)
    has_scenario = settings.scenario or game.find("scenario.json")
    scenario = scenario_path(game, settings.scenario) if has_scenario else None
    fitness = settings.fitness
    expressions = {f"[Fitness] terms {t.label}": t.expression for t in fitness.terms}
    for key in ("won", "died", "stall_expression"):
        expressions[f"[Fitness] {key}"] = getattr(fitness, key)
    for index, text in enumerate(settings.observation.variables, 1):
        expressions[f"[Observation] variables {index}"] = text
    used = {place: text for place, text in expressions.items() if text}
    found = []
    for mistake in setting_mistakes(settings, game, _variables(game), scenario):
        section, key = mistake.section, mistake.key
        file, line = (f"[{section}] {key}", 0) if where is None else where(section, key)
        found.append(Place(file).error(line, section.lower(), mistake.message))
    return LintTarget(game, scenario, used, tuple(found))


def reward_findings(target: LintTarget) -> tuple[Finding, ...]:
    """Return what is doubtful about the reward of a target's scenario, for those who use it."""
    found = _lint_path(target.scenario, target.game) if target.scenario else []
    return sort_findings(finding for finding in found if finding.rule in REWARD_RULES)


def lint_expressions(game: GameFolders, expressions: Expressions) -> Iterator[Finding]:
    """Yield an error for every expression that the game's variables cannot answer."""
    variables = _variables(game)
    if variables is None:
        return
    for where, text in expressions.items():
        try:
            compile_expression(text, variables, where, has_past=True)
        except TaskError as error:
            message = str(error).removeprefix(f"{where}: ")
            yield Place(where).error(0, "fitness", message)


def game_of_file(path: Path) -> GameFolders:
    """Return the folders of the game that a file belongs to by the name of its folder."""
    folder = path.resolve().parent
    try:
        game = resolve_game(folder.name, [folder.parent], by_title=False)
    except TaskError:
        return GameFolders(folder.name, (folder,))
    return game if folder in game.folders else GameFolders(folder.name, (folder, *game.folders))


def _lint_path(path: Path, game: GameFolders) -> list[Finding]:
    place = Place(str(path))
    document, findings = _read(path, place)
    if document is None:
        return findings
    findings += _repeated(document, place)
    kind = _kind(path, document)
    if kind == "data":
        findings += lint_data(document, named_console(game.name), place)
    elif kind == "metadata":
        findings += _lint_metadata(document, game, place)
    else:
        context = ScenarioContext(_variables(game), _buttons(game), path.parent)
        findings += lint_scenario(document, context, place)
    return findings


def _kind(path: Path, document: Node) -> str:
    """Tell what a file is: by its name, else by what it holds."""
    if path.stem in ("data", "metadata"):
        return path.stem
    return "data" if "info" in document.members and "done" not in document.members else "scenario"


def _read(path: Path, place: Place) -> tuple[Node | None, list[Finding]]:
    try:
        if path.stat().st_size > MAX_BYTES:
            message = f"must have at most {MAX_BYTES:,} bytes; got more. It defines no game."
            return None, [place.error(0, "syntax", message)]
        document = parse_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        message = f"must be a readable text in UTF-8; got {error}. Mend the file."
        return None, [place.error(0, "syntax", message)]
    except JsonSyntaxError as error:
        return None, [place.error(error.line, "syntax", f"must be JSON: {error}. Mend the line.")]
    if not isinstance(document.value, dict):
        message = f"must hold a JSON object; got {document.kind}. Mend it."
        return None, [place.error(document.line, "layout", message)]
    return document, []


def _repeated(node: Node, place: Place) -> Iterator[Finding]:
    for key, line in node.repeated:
        message = f"a key must come once; got {key!r} again. The last one wins: remove one."
        yield place.error(line, "duplicate-key", message)
    for child in [*node.members.values(), *node.items]:
        yield from _repeated(child, place)


def _lint_metadata(document: Node, game: GameFolders, place: Place) -> Iterator[Finding]:
    yield from unknown_keys(document, METADATA_KEYS, place)
    states = state_names(game)
    players = document.members.get("default_player_state")
    named = [document.members.get("default_state"), *(players.items if players else [])]
    for node in named:
        if node is not None and node.value is not None:
            name = str(node.value).removesuffix(".state")
            if name not in states and not game.find(f"{name}.state"):
                message = (
                    f"the default state must be a save state of the game; got {node.plain()!r}. "
                    f"{states_advice(game, name)}"
                )
                yield place.error(node.line, "default-state", message)
    if "default_state" not in document.members and states:
        message = (
            f"should name a default_state; got none, so it starts at power-on, not {states[0]}."
        )
        yield place.info(document.line, "default-state", message)
    original = document.members.get("original_rom_name")
    if original is not None and (
        not isinstance(original.value, str) or Path(original.value).name != original.value
    ):
        message = f"original_rom_name must be a file's name; got {original.plain()!r}. Mend it."
        yield place.error(original.line, "rom-name", message)


def _unused(targets: Sequence[LintTarget]) -> Iterator[Finding]:
    """Yield at most one finding for the game that all targets share."""
    game = targets[0].game
    data, variables = game.find("data.json"), _variables(game)
    if data is None or variables is None:
        return
    paths = dict.fromkeys(path for target in targets for path in target.scenarios())
    documents = [_read(path, Place(""))[0] for path in paths]
    read = [document for document in documents if document is not None]
    if any(has_scripts(document) for document in read):
        return
    texts = [text for target in targets for text in target.expressions.values()]
    used = {name for document in read for name in used_variables(document)}
    used |= {name for text in texts for name in _names_in(text, variables)}
    unused = sorted(name for name in variables if name not in used)
    if unused:
        message = f"no scenario uses {', '.join(unused)}. They are there for your terms."
        line = min(variables[name].line for name in unused)
        yield Place(str(data)).info(line, "unused-variable", message)


def _names_in(text: str, variables: Collection[str]) -> frozenset[str]:
    """Return the variables that an expression reads; of a broken one, all of its words."""
    try:
        return compile_expression(text, variables, "", has_past=True).variables
    except TaskError:
        return frozenset(re.findall(r"\w+", text))


def _variables(game: GameFolders) -> dict[str, LintedVariable] | None:
    path = game.find("data.json")
    return read_linted(_read(path, Place(""))[0]) if path else None


def _buttons(game: GameFolders) -> tuple[str, ...]:
    console = named_console(game.name)
    return console_buttons(console) if console in console_table() else ()


def _scenarios(game: GameFolders) -> list[Path]:
    names = ("data.json", "metadata.json")
    return [path for path in game.glob("*.json") if path.name not in names]
