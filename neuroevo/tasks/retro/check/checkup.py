"""Does a game work here? ROM, save states, variables and scenario, tried out, and the files linted.

The trying happens in child processes (:mod:`neuroevo.tasks.retro.check.checkup_play`), since a
corrupt state or a script can kill or hang a process: that becomes a finding like any other.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import multiprocessing
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.check.checkup_play import POWER_ON, Played, PlayJob, run_job
from neuroevo.tasks.retro.check.findings import Finding, Place, count_findings, sort_findings
from neuroevo.tasks.retro.check.lint import lint_game
from neuroevo.tasks.retro.check.suspicions import VariableCheck, suspicions, variable_checks
from neuroevo.tasks.retro.games.folders import GameFolders, named_console, resolve_game
from neuroevo.tasks.retro.games.native_files import check_scenario
from neuroevo.tasks.retro.games.roms import console_of_rom, hash_of_rom, rom_path
from neuroevo.tasks.retro.games.states import default_state, scenario_path, state_names

FRAMES_PER_SECOND = 60
MOST_PLAYED = 5


@dataclass(frozen=True, slots=True)
class CheckupSettings:
    """How thoroughly to look.

    Attributes:
        scenario: name or absolute path; '' takes the game's own.
        seconds: of play from each of the first five states, at 60 frames per second.
        seed: of the random play.
        allow_scripts: run Lua from outside the installed stable-retro.
        timeout_seconds: how long one state may take before its process is ended.
    """

    scenario: str = ""
    seconds: float = 20.0
    seed: int = 0
    allow_scripts: bool = False
    timeout_seconds: float = 120.0


@dataclass(frozen=True, slots=True)
class StateCheck:
    """What became of one save state; ``played`` is None unless the core took it."""

    name: str
    verdict: str
    played: Played | None = None


@dataclass(frozen=True, slots=True)
class Checkup:
    """Everything that was learned of a game; the findings come with errors first.

    Attributes:
        rom_sha1: of the whole file.
        rom_sha1_known: of what a rom.sha names: on the NES the file without its 16-byte header.
    """

    game: str
    console: str
    rom: str
    rom_sha1: str
    rom_sha1_known: str
    scenario: str
    states: tuple[StateCheck, ...]
    variables: tuple[VariableCheck, ...]
    findings: tuple[Finding, ...]

    @property
    def num_errors(self) -> int:
        """How many findings are errors."""
        return count_findings(self.findings)["error"]

    def as_json(self) -> dict[str, Any]:
        """Return all of it in plain lists, texts and numbers."""
        return {**dataclasses.asdict(self), "num_errors": self.num_errors}


def check_game(
    game: str,
    integrations: Sequence[str | Path] = (),
    settings: CheckupSettings | None = None,
) -> Checkup:
    """Try a game out.

    Args:
        game: with or without the version suffix.
        integrations: further folders of games, absolute.
        settings: how thoroughly.

    Raises:
        TaskError: no such game. Everything else that is wrong becomes a finding.
    """
    settings = settings or CheckupSettings()
    folders, findings = resolve_game(game, integrations), list[Finding]()
    rom, sha1 = _rom(folders, findings)
    scenario = _scenario(folders, settings, findings)
    findings += lint_game(folders, scenario)
    playable = _playable(scenario, settings, findings)
    states: tuple[StateCheck, ...] = ()
    if rom is not None:
        job = _job(folders, playable, settings)
        states = tuple(_try_states(job, settings.timeout_seconds, findings))
    played = [state.played for state in states if state.played and state.played.num_frames]
    variables = variable_checks(played)
    findings += suspicions(folders, played, variables, playable)
    return Checkup(
        game=folders.name,
        console=console_of_rom(rom) if rom else named_console(folders.name),
        rom=str(rom or ""),
        rom_sha1=sha1,
        rom_sha1_known=hash_of_rom(rom) if rom else "",
        scenario=str(scenario or ""),
        states=states,
        variables=variables,
        findings=sort_findings(findings),
    )


def _rom(game: GameFolders, findings: list[Finding]) -> tuple[Path | None, str]:
    try:
        rom = rom_path(game)
    except (OSError, TaskError) as error:
        findings.append(Place(game.name).error(0, "rom", _without(game.name, error)))
        return None, ""
    if game.find("rom.sha") is None:
        message = (
            "should have a rom.sha, so that another ROM is noticed; got none. Write the ROM's sha1 "
            f"into it: {hash_of_rom(rom)}."
        )
        findings.append(Place(game.name).info(0, "rom", message))
    return rom, hashlib.sha1(rom.read_bytes()).hexdigest()


def _without(place: str, error: Exception) -> str:
    return str(error).removeprefix(f"{place}: ")


def _scenario(game: GameFolders, settings: CheckupSettings, findings: list[Finding]) -> Path | None:
    if not settings.scenario and game.find("scenario.json") is None:
        message = "has no scenario.json: rewards and ends come from your settings only."
        findings.append(Place(game.name).info(0, "no-scenario", message))
        return None
    try:
        return scenario_path(game, settings.scenario)
    except TaskError as error:
        findings.append(Place(game.name).error(0, "scenario", _without(game.name, error)))
        return None


def _playable(
    scenario: Path | None, settings: CheckupSettings, findings: list[Finding]
) -> Path | None:
    """Return the scenario if it may be loaded."""
    if scenario is None:
        return None
    try:
        check_scenario(scenario, allow_scripts=settings.allow_scripts)
    except TaskError as error:
        findings.append(Place(str(scenario)).error(0, "scripts", _without(str(scenario), error)))
        return None
    return scenario


def _job(game: GameFolders, scenario: Path | None, settings: CheckupSettings) -> PlayJob:
    return PlayJob(
        game=game.name,
        folders=tuple(map(str, game.folders)),
        scenario=None if scenario is None else str(scenario),
        states=_states(game),
        num_played=MOST_PLAYED,
        frames=round(settings.seconds * FRAMES_PER_SECOND),
        seed=settings.seed,
    )


def _states(game: GameFolders) -> tuple[str, ...]:
    """Return the states, the default one first; power-on where there is none."""
    names = list(state_names(game))
    try:
        default = default_state(game)
    except TaskError:  # the linter tells of an unreadable metadata.json
        default = None
    if default in names:
        names.remove(default)
        names.insert(0, default)
    return tuple(names) or (POWER_ON,)


_Outcome = tuple[StateCheck, Finding | None]


def _try_states(job: PlayJob, timeout: float, findings: list[Finding]) -> Iterator[StateCheck]:
    """Try all states of a job; after one that ends the process, the rest in another process."""
    while job.states:
        num_tried = 0
        for check, finding in _one_process(job, timeout):
            num_tried += 1
            if finding is not None:
                findings.append(finding)
            yield check
        rest = job.states[num_tried:]
        job = dataclasses.replace(job, states=rest, num_played=max(0, job.num_played - num_tried))


def _one_process(job: PlayJob, timeout: float) -> Iterator[_Outcome]:
    """Yield what one child process says of each state, at least of one, until it ends."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe(duplex=False)
    process = context.Process(target=run_job, args=(job, there), daemon=True)
    process.start()
    there.close()
    state: str | None = ""  # '' while the game starts, None between two states
    try:
        while here.poll(timeout):
            event, content = json.loads(here.recv_bytes())
            if event == "begin":
                state = content
            elif event == "failed":
                yield from _no_start(job, content)
                return
            else:
                yield _outcome(job, str(state), event, content)
                state = None
        yield from _blame(job, state, "hung", f"took more than {timeout:g} seconds")
    except EOFError:
        process.join()
        yield from _blame(job, state, "killed it", _death(process.exitcode or 0))
    finally:
        process.kill()
        process.join()
        here.close()


def _outcome(job: PlayJob, state: str, event: str, content: Any) -> _Outcome:
    if event == "played":
        return StateCheck(state, "accepted", Played(**content)), None
    finding = Place(f"{job.game} {state}").error(0, "state", content)
    return StateCheck(state, "refused"), finding


def _blame(job: PlayJob, state: str | None, verdict: str, what: str) -> Iterator[_Outcome]:
    """Yield what a process that ended early, or was ended, says of the state it was at."""
    if state:
        message = (
            f"the core must load the state and play on; got a process that {what}. The state is "
            f"damaged, or of another core or ROM: make it again, or remove it."
        )
        finding = Place(f"{job.game} {state}").error(0, "state", message)
        yield StateCheck(state, verdict), finding
    elif state == "":
        message = f"the core must start the ROM; got a process that {what}. Try another ROM."
        yield from _no_start(job, message)


def _no_start(job: PlayJob, reason: str) -> Iterator[_Outcome]:
    finding: Finding | None = Place(job.game).error(0, "start", reason)
    for state in job.states:
        yield StateCheck(state, "not tried"), finding
        finding = None


def _death(exit_code: int) -> str:
    try:
        return f"died of {signal.Signals(-exit_code).name}"
    except ValueError:
        return f"ended with {exit_code}"
