"""The whole search: plays in, ranked candidates out, and a data.json of the chosen ones."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from neuroevo.errors import TaskError
from neuroevo.tasks.retro.games import read_json
from neuroevo.tasks.retro.ram.history import SWAPPED_CONSOLES, play_histories
from neuroevo.tasks.retro.ram.labels import make_labels, read_labels
from neuroevo.tasks.retro.ram.nearest import no_candidate
from neuroevo.tasks.retro.ram.scan import KINDS
from neuroevo.tasks.retro.ram.scene import Scene, make_scene
from neuroevo.tasks.retro.ram.values import Candidate, Part

USUAL = (("x", "rises"), ("lives", "falls"), ("score", "counts"), ("time", "ticks"))
"""(variable, kind) that are looked for when nothing is asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found for one variable.

    Attributes:
        name: of the variable.
        kind: a key of :data:`KINDS`.
        candidates: the best first.
        problem: why there was no search, or what came nearest; '' where there is a candidate.
    """

    name: str
    kind: str
    candidates: tuple[Candidate, ...]
    problem: str = ""


def scan_ram(
    game: str,
    plays: Sequence[Path],
    label_files: Sequence[Path] = (),
    wanted: Sequence[tuple[str, str]] = (),
    integrations: Sequence[str] = (),
) -> list[Found]:
    """Search work RAM for variables.

    Args:
        game: with or without the version suffix.
        plays: ``.csv`` of ``neuroevo play --log``, or ``.bk2``; all of this game.
        label_files: of the plays, in their order; may be fewer.
        wanted: (variable, kind); () looks for the :data:`USUAL` ones, as far as the plays allow.
        integrations: further folders of games.

    Raises:
        TaskError: a play or label cannot be used, or something asked for cannot be searched.
    """
    if len(label_files) > len(plays):
        raise TaskError(
            f"labels: must be at most one file per play; got {len(label_files)} files for "
            f"{len(plays)} plays. Give them in the order of the plays."
        )
    files = [*map(read_labels, label_files), *[None] * (len(plays) - len(label_files))]
    console, histories = play_histories(game, plays, integrations)
    labels = [
        make_labels(history.buttons, history.marks, file)
        for history, file in zip(histories, files, strict=True)
    ]
    scene = make_scene(histories, labels, is_big_endian=console in SWAPPED_CONSOLES)
    return [_search(scene, *one, is_asked=bool(wanted)) for one in wanted or USUAL]


def choose(found: Sequence[Found], ranks: Mapping[str, int]) -> dict[str, Part]:
    """Return the variables of the candidates chosen.

    Args:
        found: of :func:`scan_ram`.
        ranks: variable -> rank from 1; the best where none is given; 0 leaves it out.

    Returns:
        Name in data.json -> part; a pair of bytes gives two names, e.g. ``xHi`` and ``xLo``.

    Raises:
        TaskError: a name was not searched, or has no such rank.
    """
    names = [one.name for one in found]
    for name in ranks:
        if name not in names:
            raise TaskError(
                f"choose {name}: must be one of the variables searched; got {', '.join(names)}. "
                f"Correct the name."
            )
    chosen: dict[str, Part] = {}
    for one in found:
        rank = ranks.get(one.name, 1)
        if not 0 <= rank <= max(len(one.candidates), one.name not in ranks):
            raise TaskError(
                f"choose {one.name}: must be a rank from 0 to {len(one.candidates)}; got {rank}. "
                f"Look at the table."
            )
        if rank and one.candidates:
            parts = one.candidates[rank - 1].parts
            chosen.update({one.name + part.suffix: part for part in parts})
    return chosen


def write_data(path: Path, chosen: Mapping[str, Part]) -> None:
    """Write variables into a new data.json, or add them to one.

    Raises:
        TaskError: a variable of that name is there with another address or type, or the file
            cannot be read or written.
    """
    document = read_json(path) if path.exists() else {}
    info = document.setdefault("info", {})
    for name, part in chosen.items():
        entry = {"address": part.address, "type": part.type}
        if info.get(name, entry) != entry:
            raise TaskError(
                f"{path}: {name} must be new or the same; got {info[name]}, found {entry}. "
                f"Rename it there, or leave it out with --choose {name}=0."
            )
        info[name] = entry
    document["info"] = dict(sorted(info.items()))
    part_path = path.with_name(f".{path.name}.part")
    try:
        part_path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
        part_path.replace(path)
    except OSError as error:
        raise TaskError(f"{path}: must be writable; got {error}. Choose another.") from error


def _search(scene: Scene, name: str, kind: str, *, is_asked: bool) -> Found:
    try:
        candidates = tuple(KINDS[kind].find(scene, name))
    except TaskError as problem:
        if is_asked:
            raise
        return Found(name, kind, (), str(problem))
    return Found(name, kind, candidates, "" if candidates else no_candidate(scene, name, kind))
