"""Checkpoints of a run: one file per generation, never half written, the newest good one found.

Owns names, pruning and the fall-back to an earlier file.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from pathlib import Path

from neuroevo.errors import NewerVersionError, StorageError
from neuroevo.neat.state import PopulationState
from neuroevo.storage.atomic import leftovers, make_folder
from neuroevo.storage.checkpoint_extra import Extra, read_extra
from neuroevo.storage.container import JSON, read_container, write_container
from neuroevo.storage.state_arrays import pack_state, unpack_state

KIND = "checkpoint"
KEEP_LAST = 3
KEEP_EVERY = 50
"""Checkpoints of these generations stay: for `verify`, and to look back."""

PASSED_OVER_SUFFIX = ".passed-over"
"""Of files that a resumed run could not read: they may be damaged, or of a newer version."""
_NAME = re.compile(r"generation-(\d{6,12})\.npz")


def save_checkpoint(directory: Path, state: PopulationState, extra: Mapping[str, JSON]) -> Path:
    """Write ``generation-000012.npz`` atomically, then remove the files that are no longer kept.

    Args:
        directory: made if missing.
        state: what a resumed run starts from.
        extra: a JSON object with finite numbers (log offset, hashes, resolved settings, ...).

    Returns:
        The path written.

    Raises:
        UnwritableError: the disk refuses; the earlier checkpoints are intact.
        StorageError: ``extra`` is not JSON.
    """
    path = directory / f"generation-{state.generation:06d}.npz"
    arrays, content = pack_state(state)
    make_folder(directory)
    write_container(path, KIND, arrays, {"state": content, "extra": dict(extra)})
    _prune(directory, state.generation)
    return path


def load_checkpoint(path: Path) -> tuple[PopulationState, dict[str, JSON]]:
    """Read one checkpoint: the state, and the ``extra`` it was saved with.

    Raises:
        StorageError: missing, damaged, foreign or newer.
    """
    arrays, content = read_container(path, KIND)
    state, extra = content.get("state"), content.get("extra")
    if not isinstance(state, dict) or not isinstance(extra, dict):
        raise StorageError(
            f"{path}: must hold a state; got none. The file is damaged: take an earlier one."
        )
    return unpack_state(str(path), arrays, state), extra


def read_checkpoint(path: Path) -> tuple[PopulationState, Extra]:
    """Read one checkpoint of a run: the state, and what a run needs beside it, checked.

    Raises:
        StorageError: as :func:`load_checkpoint`, or the ``extra`` is not that of a run.
    """
    state, extra = load_checkpoint(path)
    return state, read_extra(str(path), extra)


def load_newest(directory: Path) -> tuple[PopulationState, Extra, list[str]]:
    """Read the newest checkpoint of a run that is good.

    Returns:
        The state, what is beside it, and one warning per newer file that had to be passed over.

    Raises:
        NewerVersionError: none is good, and a newer version wrote one of them.
        StorageError: there is none, or none is good; every reason is told.
    """
    problems: list[StorageError] = []
    for path in reversed(list_checkpoints(directory)):
        try:
            state, extra = read_checkpoint(path)
            _check_name(path, state)
        except StorageError as problem:
            problems.append(problem)
        else:
            return state, extra, [str(problem) for problem in problems]
    reasons = " ".join(map(str, problems)) or "No checkpoint was saved."
    if any(isinstance(problem, NewerVersionError) for problem in problems):
        raise NewerVersionError(
            f"{directory}: must hold a checkpoint that this version reads; got none. {reasons}"
        )
    raise StorageError(
        f"{directory}: must hold a good checkpoint; got {len(problems)} damaged. {reasons} "
        "Start the run anew."
    )


def take_newest(directory: Path) -> tuple[PopulationState, Extra, list[str]]:
    """Read the newest good checkpoint to go on from; only the writer of a run may call it.

    The newer files, which cannot be read, are renamed: the run writes those generations anew, and
    nobody meets them again. They are kept, since a newer version may be able to read them.

    Returns:
        As :func:`load_newest`; the warnings tell the new names.

    Raises:
        StorageError: there is none, or none is good; then nothing is renamed.
    """
    state, extra, warnings = load_newest(directory)
    newer = list_checkpoints(directory)[::-1][: len(warnings)]
    told = [f"{text} {_set_aside(path)}" for text, path in zip(warnings, newer, strict=True)]
    return state, extra, told


def list_checkpoints(directory: Path) -> list[Path]:
    """Return the checkpoint files, by generation; [] if the directory does not exist."""
    if not directory.is_dir():
        return []
    found = ((_NAME.fullmatch(path.name), path) for path in directory.iterdir())
    return [path for _, path in sorted((int(match[1]), path) for match, path in found if match)]


def checkpoint_generation(path: Path) -> int:
    """Return the generation in the name of a file that :func:`list_checkpoints` found."""
    return int(path.stem.split("-")[1])


def _check_name(path: Path, state: PopulationState) -> None:
    """Refuse a file of another generation than its name says: it would hide newer ones for ever.

    Raises:
        StorageError: it is.
    """
    if checkpoint_generation(path) != state.generation:
        raise StorageError(
            f"{path}: must hold the generation of its name; got {state.generation}. "
            "The file was renamed: take an earlier one."
        )


def _set_aside(path: Path) -> str:
    """Rename a file that was passed over; return what became of it."""
    target, number = path.with_name(path.name + PASSED_OVER_SUFFIX), 1
    while target.exists():
        number += 1
        target = path.with_name(f"{path.name}{PASSED_OVER_SUFFIX}-{number}")
    try:
        path.rename(target)
    except OSError as problem:  # the run can do without: it will be passed over again
        return f"It cannot be renamed ({problem.strerror}): remove it."
    return f"It is {target.name} now."


def _prune(directory: Path, generation: int) -> None:
    """Keep the last three and every 50th; remove what a killed save left behind.

    Files after ``generation``, the one just saved, do not count and stay: a run that went back to
    an earlier checkpoint could not rename them.
    """
    files = [p for p in list_checkpoints(directory) if checkpoint_generation(p) <= generation]
    # A file that cannot be removed costs space, not the run: the next save tries again.
    with contextlib.suppress(OSError):
        for path in files[:-KEEP_LAST]:
            if checkpoint_generation(path) % KEEP_EVERY:
                path.unlink()
        for path in leftovers(directory):
            path.unlink()
