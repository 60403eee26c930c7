"""The one error tree of the package.

Every message follows one pattern: ``where: what must hold; got what. What to do.``
The command line prints the message as one line and exits with 2; library users catch
:class:`NeuroevoError` or the child that names the room.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from neuroevo.neat.state import GenerationStats


class NeuroevoError(Exception):
    """Anything the user can mend: the message says where, what must hold, what came, what to do."""


class ConfigError(NeuroevoError):
    """One or several mistakes in a settings file, all found in one go.

    Args:
        problems: one complete message per mistake, in the order of the file.
    """

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class GenomeError(NeuroevoError):
    """A genome breaks one of its invariants, or its bytes are not a genome."""


class PopulationError(NeuroevoError):
    """The evolution was used against its contract (a fitness is missing, not finite, ...)."""


class ExtinctionError(NeuroevoError):
    """All species died out, and the settings do not say how to go on.

    Args:
        message: what to say.
        stats: of the generation that was the last.
    """

    def __init__(self, message: str, stats: GenerationStats) -> None:
        super().__init__(message)
        self.stats = stats


class TaskError(NeuroevoError):
    """A task cannot be set up: a game, a state, an environment, a size that does not fit."""


class EvaluationError(NeuroevoError):
    """Workers cannot be started, or keep dying before they evaluate anything."""


class NetworkError(NeuroevoError):
    """A genome cannot become the network asked for, or a network got inputs that do not fit."""


class StorageError(NeuroevoError):
    """A run directory, log, checkpoint or genome file cannot be read or written."""


class NewerVersionError(StorageError):
    """A file is of a later format than this version reads; nothing is wrong with it."""


class UnwritableError(StorageError):
    """The system refuses to write (disk full, no permission, ...); later it may not.

    Or a file would be too large to be read again; later it may not be.
    """
