"""What the README shows exists: commands, options, make targets, settings, files."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from neuroevo.cli.main import main
from neuroevo.config import load
from neuroevo.shipped import find_config

ROOT = Path(__file__).parents[2]
PAGES = (
    "README.md",
    "CONTRIBUTING.md",
    "genomes/README.md",
    "integrations/README.md",
    "docs/games.md",
    "docs/new-game.md",
    "docs/playing.md",
    "docs/reliability.md",
    "docs/security.md",
    "docs/speed.md",
    "docs/starts.md",
)
TEXTS = {page: (ROOT / page).read_text() for page in PAGES}
COMMANDS = [
    (page, line.strip().split("#")[0].strip())
    for page, text in TEXTS.items()
    for line in re.findall(r"^ {4}(neuroevo .*)$|`(neuroevo [^`]*)`", text, re.M)
    for line in line
    if line
]


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_every_command_shown_exists_with_its_options(page: str, line: str) -> None:
    words = shlex.split(line)[1:]
    command: click.Command = main
    with click.Context(main) as context:
        while isinstance(command, click.Group):
            found = command.get_command(context, words.pop(0))
            assert found is not None, (page, line)
            command = found
    known = {option for parameter in command.params for option in parameter.opts}
    assert {word for word in words if word.startswith("--")} <= known, (page, line)


@pytest.mark.parametrize("page", PAGES)
def test_every_make_target_and_link_shown_exists(page: str) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    shown = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", TEXTS[page], re.M))
    assert shown <= targets
    for link in re.findall(r"\]\(([^)#]+)\)", TEXTS[page]):
        assert link.startswith("http") or (ROOT / page).parent.joinpath(link).exists(), link


def test_the_fitness_section_of_the_readme_loads_for_sonic(tmp_path: Path) -> None:
    section = re.search(r"^    \[Fitness\]\n(?:    .*\n)+", TEXTS["README.md"], re.M)
    assert section is not None
    lines = [line.removeprefix("    ") for line in section.group().splitlines()]
    base = find_config("airstriker").read_text()
    base = re.sub(r"^\[Fitness\]\n.*?(?=^\[)", "\n".join(lines) + "\n\n", base, flags=re.M | re.S)
    path = tmp_path / "sonic.ini"
    path.write_text(base.replace("Airstriker-Genesis", "SonicTheHedgehog2-Genesis"))
    task = load(path).settings.task
    assert [term.label for term in task.fitness.terms] == ["progress", "rings"]
    assert task.fitness.won == "screen_x >= screen_x_end and screen_x > 1000"
