"""Values as columns of text for a terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroevo.config import ExplainedKey
    from neuroevo.tasks.retro.check.checkup import Checkup, StateCheck
    from neuroevo.tasks.retro.check.findings import Finding
    from neuroevo.tasks.retro.check.overview import GameInfo
    from neuroevo.tasks.retro.games import GameSummary
    from neuroevo.tasks.retro.games.importing import ImportReport, ImportResult


def games_table(games: Iterable[GameSummary]) -> str:
    """Return one line per game: name, console, ROM, number of states."""
    lines = [f"{'game':50}{'console':14}{'ROM':5}states"]
    for game in games:
        rom = "yes" if game.has_rom else "no"
        lines.append(f"{game.name:50}{game.console:14}{rom:5}{len(game.states)}")
    return "\n".join(lines)


def game_text(game: GameInfo) -> str:
    """Return all that is known of a game."""
    lines = [
        f"game       {game.name}",
        f"console    {game.console}",
        f"buttons    {' '.join(game.buttons)}",
        f"states     {_wrapped(', '.join(game.states) or 'none')}",
        f"default    {game.default_state or 'power-on'}",
        f"scenarios  {_wrapped(', '.join(game.scenarios) or 'none')}",
    ]
    if game.screen is not None:
        height, width = game.screen
        counts = ", ".join(f"{count} at scale {s}" for s, count in game.input_counts.items())
        lines += [f"screen     {height} x {width} (height x width)", f"inputs     {counts}"]
    lines += _files_lines(game)
    if game.rom_problem:
        lines.append(f"problem    {_wrapped(game.rom_problem)}")
    lines.append("variables")
    lines += [f"  {v.name:20} {v.address:#010x}  {v.type}" for v in game.variables]
    return "\n".join(lines)


def _files_lines(game: GameInfo) -> list[str]:
    """Return which folder gives which files, where an overlay lies over another folder."""
    if len(game.files) < 2:
        return []
    lines = ["files      of several folders; the first that has a file wins"]
    for folder, names in game.files.items():
        states = sum(name.endswith(".state") for name in names)
        shown = [name for name in names if not name.endswith(".state")]
        shown += [f"{states} states"] if states else []
        lines += [f"  {folder}", f"           {_wrapped(', '.join(shown) or 'nothing')}"]
    return lines


def import_text(report: ImportReport) -> str:
    """Return what became of every file, and the sum."""
    if not report.results:
        return _nothing_to_import(report)
    lines = [line for result in report.results for line in _import_lines(result)]
    others = f", {report.num_others} other files" if report.num_others else ""
    verb = "would be imported" if any(r.status == "would import" for r in report.results) else (
        "imported"
    )  # fmt: skip
    rest = len(report.results) - report.num_imported - report.num_present
    lines.append(
        f"{report.num_imported} {verb}, {report.num_present} already there, {rest} not{others}."
    )
    return "\n".join(lines)


def _nothing_to_import(report: ImportReport) -> str:
    """Return why there was no ROM to speak of: there were no files, or none that looks like one."""
    from neuroevo.tasks.retro.games.rom_files import rom_endings

    endings = _filled(f"Files of ROMs end in {', '.join(rom_endings())}, or are zips of such.")
    if not report.num_others:
        return f"Nothing was imported: there is no file in there.\n{endings}"
    rest = report.num_others - len(report.others)
    more = f"\n  and {rest} more" if rest else ""
    listed = "".join(f"\n  {name}" for name in report.others)
    which = "the one file" if report.num_others == 1 else f"none of the {report.num_others} files"
    verb = "does not look" if report.num_others == 1 else "looks"
    return f"Nothing was imported: {which} in there {verb} like a ROM.{listed}{more}\n{endings}"


def _import_lines(result: ImportResult) -> list[str]:
    lines = [f"{result.status:15}{result.file}"]
    if result.sha1:
        lines.append(f"{'':15}sha1 {result.sha1}")
    game = f"{result.game}: " if result.game and result.status != "unknown" else ""
    lines.append(textwrap.fill(game + result.note, 100, initial_indent=" " * 15,
                               subsequent_indent=" " * 15, break_long_words=False,
                               break_on_hyphens=False))  # fmt: skip
    return lines


def checkup_text(checkup: Checkup) -> str:
    """Return what a checkup tried, and what it found."""
    lines = [
        f"game       {checkup.game} ({checkup.console})",
        f"ROM        {checkup.rom or 'none'}",
        *_sha1_lines(checkup),
        f"scenario   {checkup.scenario or 'none'}",
    ]
    if checkup.states:
        lines.append(
            f"\n{'state':30}{'verdict':12}{'frames':>7}{'moved':>7}{'reward':>11}{'done':>6}"
        )
        lines += [_state_line(state) for state in checkup.states]
    if checkup.variables:
        lines.append(f"\n{'variable':30}{'smallest':>12}{'largest':>12}  moved in")
        lines += [
            f"{v.name:30}{v.low:>12}{v.high:>12}  {v.num_moved or 'none'}"
            for v in checkup.variables
        ]
    return "\n".join([*lines, "", findings_text(checkup.findings)])


def _sha1_lines(checkup: Checkup) -> list[str]:
    """Return the sha1 of the ROM; both, if a rom.sha counts it without the file's header."""
    whole, known = checkup.rom_sha1, checkup.rom_sha1_known
    if whole == known:
        return [f"sha1       {whole or 'none'}"]
    return [
        f"sha1       {known} (without its header, as in rom.sha)",
        f"           {whole} (whole file)",
    ]


def _state_line(state: StateCheck) -> str:
    played = state.played
    if played is None or not played.num_frames:
        return f"{state.name:30}{state.verdict}"
    moved = sum(low != played.highs[name] for name, low in played.lows.items())
    return (
        f"{state.name:30}{state.verdict:12}{played.num_frames:>7}{moved:>7}"
        f"{played.reward:>11.6g}{played.num_done:>6}"
    )


def variables_text(values: Mapping[str, int]) -> str:
    """Return the variables of a game by name, or that there are none."""
    listed = ", ".join(f"{name}={value}" for name, value in sorted(values.items()))
    return listed or "no variables: the game's data.json has none"


def findings_text(findings: Sequence[Finding]) -> str:
    """Return one line per finding, and how many there are of each severity."""
    counts = {s: sum(f.severity == s for f in findings) for s in ("error", "warning", "info")}
    summary = f"{counts['error']} errors, {counts['warning']} warnings, {counts['info']} notes."
    return "\n".join([*(finding.text for finding in findings), summary])


def explain_table(rows: Sequence[ExplainedKey]) -> str:
    """Return every setting, by section: key, value, where it comes from, what it means."""
    lines: list[str] = []
    section = ""
    for row in rows:
        if row.section != section:
            section = row.section
            lines.append(f"\n[{section}]" if lines else f"[{section}]")
        value = " / ".join(row.value.split("\n"))
        lines.append(f"{row.key:36} {value:22} {row.source}")
        lines.append(textwrap.indent(_filled(row.meaning), " " * 6))
    return "\n".join(lines)


def _filled(text: str) -> str:
    return textwrap.fill(text, width=94)


def _wrapped(text: str) -> str:
    return textwrap.fill(text, width=90, subsequent_indent=" " * 11)
