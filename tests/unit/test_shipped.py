"""Finding settings by path or shipped name, from a checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from neuroevo import shipped
from neuroevo.errors import ConfigError

REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that the package lies in a small checkout; the current folder is another one."""
    configs = tmp_path / "checkout" / "neat-configs"
    configs.mkdir(parents=True)
    for name in ("xor.ini", "airstriker.ini", "sonic-1.ini", "notes.txt"):
        (configs / name).write_text("[NEAT]\n", encoding="utf-8")
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "checkout" / "neuroevo")
    monkeypatch.chdir(tmp_path)
    return configs


def test_the_shipped_names_are_sorted_and_bare(checkout: Path) -> None:
    assert shipped.shipped_configs() == ["airstriker", "sonic-1", "xor"]


@pytest.mark.parametrize("name", ["xor", "xor.ini"])
def test_a_shipped_name_is_found_with_and_without_its_suffix(checkout: Path, name: str) -> None:
    assert shipped.find_config(name) == checkout / "xor.ini"


def test_a_file_wins_over_a_shipped_name(checkout: Path, tmp_path: Path) -> None:
    mine = tmp_path / "xor.ini"
    mine.write_text("[NEAT]\n", encoding="utf-8")
    assert shipped.find_config("xor.ini").resolve() == mine
    assert shipped.find_config("xor") == checkout / "xor.ini"


def test_a_folder_does_not_hide_a_shipped_name(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "xor").mkdir()
    assert shipped.find_config("xor") == checkout / "xor.ini"


def test_a_home_path_is_expanded(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "mine.ini").write_text("[NEAT]\n", encoding="utf-8")
    assert shipped.find_config("~/mine.ini") == tmp_path / "mine.ini"


@pytest.mark.parametrize("name", ["airstrikr", "Airstriker", "configs/airstrike.ini"])
def test_a_mistyped_name_is_told_the_near_match_and_all_names(checkout: Path, name: str) -> None:
    with pytest.raises(ConfigError) as caught:
        shipped.find_config(name)
    (problem,) = caught.value.problems
    assert problem == (
        f"{name}: must be a settings file or a shipped name; got no such file or name. "
        "Did you mean airstriker? Shipped: airstriker, sonic-1, xor."
    )


def test_a_folder_is_called_a_folder(checkout: Path, tmp_path: Path) -> None:
    (tmp_path / "run-7").mkdir()
    with pytest.raises(ConfigError, match=r"run-7: must be .*; got a folder\. Shipped:"):
        shipped.find_config("run-7")


@pytest.mark.parametrize("name", ["", "../neat-configs/xor", "."])
def test_a_name_that_is_no_name_is_refused(checkout: Path, name: str) -> None:
    with pytest.raises(ConfigError):
        shipped.find_config(name)


def test_a_checkout_uses_its_top_level_folders() -> None:
    assert shipped.integrations_folder() == REPOSITORY / "integrations"
    assert shipped.genomes_folder() == REPOSITORY / "genomes"


def test_an_installed_package_uses_the_files_inside_it(
    checkout: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    inside = tmp_path / "site" / "neuroevo" / "shipped_files"
    for name in ("configs", "genomes", "integrations"):
        (inside / name).mkdir(parents=True)
    (inside / "configs" / "mario.ini").write_text("[NEAT]\n", encoding="utf-8")
    monkeypatch.setattr(shipped, "_PACKAGE", tmp_path / "site" / "neuroevo")
    assert shipped.shipped_configs() == ["mario"]
    assert shipped.find_config("mario") == inside / "configs" / "mario.ini"
    assert shipped.integrations_folder() == inside / "integrations"
    assert shipped.genomes_folder() == inside / "genomes"
