"""Settings files: reading, checking, explaining. The only room that knows INI.

One key table (``table.py``) holds type, range, default and meaning of every key; the checks, the
reference page and ``config explain`` are made from it.
"""

from neuroevo.config.advice import advice
from neuroevo.config.changes import (
    Change,
    changes,
    check_networks,
    check_own,
    not_exact,
    settings_before,
)
from neuroevo.config.game_files import check_game
from neuroevo.config.loading import Config, Entry, load, loads, with_overrides
from neuroevo.config.reference import (
    ExplainedKey,
    explain,
    filled_from_neat_python,
    reference_markdown,
)
from neuroevo.config.settings import RunSettings, Settings
from neuroevo.config.sizes import resolve_sizes

__all__ = [
    "load",
    "loads",
    "with_overrides",
    "resolve_sizes",
    "advice",
    "check_game",
    "Change",
    "changes",
    "check_networks",
    "check_own",
    "not_exact",
    "settings_before",
    "Config",
    "Entry",
    "Settings",
    "RunSettings",
    "explain",
    "ExplainedKey",
    "filled_from_neat_python",
    "reference_markdown",
]
