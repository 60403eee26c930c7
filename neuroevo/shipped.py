"""Where the files that come with neuroevo lie: settings, integrations, genomes.

In a checkout (and an editable install) they are the folders beside the package; in an installed
wheel they lie inside it, under ``shipped_files``. Knows only names and folders, no file's content.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from neuroevo.errors import ConfigError

_PACKAGE = Path(__file__).resolve().parent


def find_config(name_or_path: str) -> Path:
    """Return the settings file that a person means.

    An existing file wins over a shipped name.

    Args:
        name_or_path: a path, or a shipped name with or without ``.ini``, e.g. ``airstriker``.

    Raises:
        ConfigError: there is no such file and no such name.
    """
    path = Path(name_or_path).expanduser()
    if path.is_file():
        return path
    name = name_or_path.removesuffix(".ini")
    if name in shipped_configs():
        return _configs_folder() / f"{name}.ini"
    raise ConfigError([_config_not_found(name_or_path, path)])


def shipped_configs() -> list[str]:
    """Return the names of the shipped settings, sorted, without ``.ini``."""
    return sorted(file.stem for file in _configs_folder().glob("*.ini"))


def integrations_folder() -> Path:
    """Return the absolute folder of the shipped game integrations; one folder per game."""
    return _shipped_folder("integrations", "integrations")


def genomes_folder() -> Path:
    """Return the absolute folder of the shipped champions: ``<game>/<level>/``."""
    return _shipped_folder("genomes", "genomes")


def _configs_folder() -> Path:
    return _shipped_folder("configs", "neat-configs")


def _shipped_folder(installed_name: str, checkout_name: str) -> Path:
    """Return the folder inside an installed package, else the one in the checkout around it."""
    installed = _PACKAGE / "shipped_files" / installed_name
    return installed if installed.is_dir() else _PACKAGE.parent / checkout_name


def _config_not_found(given: str, path: Path) -> str:
    """Say what is wrong with a name, the nearest shipped name and all of them."""
    names = shipped_configs()
    got = "a folder" if path.is_dir() else "no such file or name"
    near = difflib.get_close_matches(path.stem.lower(), names, n=1)
    hint = f"Did you mean {near[0]}? " if near else ""
    return (
        f"{given}: must be a settings file or a shipped name; got {got}. "
        f"{hint}Shipped: {', '.join(names) or 'none'}."
    )
