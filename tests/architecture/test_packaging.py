"""A wheel and a source distribution hold the package and every shipped file, byte for byte."""

from __future__ import annotations

import configparser
import json
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
SHIPPED = {"configs": "neat-configs", "genomes": "genomes", "integrations": "integrations"}
NOT_SOURCE = shutil.ignore_patterns(
    ".*", "__pycache__", "build", "dist", "*.egg-info", "runs", "htmlcov"
)

# Bytes that any treatment as text would change, under the name that invites it.
ROM = Path("Treated-Genesis") / "rom.md"
ROM_BYTES = b"# SEGA\r\n\x00\xff\r\xfe trailing \r\n\n"

ASK_INSTALLED = """
import json
from neuroevo import shipped
print(json.dumps({
    "configs": shipped.shipped_configs(),
    "first": str(shipped.find_config(shipped.shipped_configs()[0])),
    "integrations": str(shipped.integrations_folder()),
    "genomes": str(shipped.genomes_folder()),
}))
"""


def build(kind: str, source: Path, target: Path) -> Path:
    """Build ``wheel`` or ``sdist`` of a source folder with the installed setuptools."""
    target.mkdir(parents=True)
    code = f"import setuptools.build_meta as b, sys; print(b.build_{kind}(sys.argv[1]))"
    done = subprocess.run(
        [sys.executable, "-c", code, str(target)],
        cwd=source,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return target / done.stdout.splitlines()[-1]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout with a ROM in it; building leaves traces in the folder."""
    copy = tmp_path_factory.mktemp("checkout") / "neuroevo-copy"
    shutil.copytree(REPOSITORY, copy, ignore=NOT_SOURCE)
    rom = copy / "integrations" / ROM
    rom.parent.mkdir()
    rom.write_bytes(ROM_BYTES)
    return copy


@pytest.fixture(scope="module")
def wheel(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", source, tmp_path_factory.mktemp("wheel") / "dist")


def test_every_room_is_packaged() -> None:
    setup = configparser.ConfigParser()
    setup.read(REPOSITORY / "setup.cfg", encoding="utf-8")
    listed = {name for name in setup["options"]["packages"].split() if "shipped_files" not in name}
    rooms = {
        ".".join(file.parent.relative_to(REPOSITORY).parts)
        for file in (REPOSITORY / "neuroevo").rglob("*.py")
    }
    assert listed == rooms


def test_the_wheel_holds_every_module_and_every_shipped_file(source: Path, wheel: Path) -> None:
    expected = {
        f"neuroevo/{file.relative_to(source / 'neuroevo').as_posix()}"
        for file in (source / "neuroevo").rglob("*.py")
    }
    for inside, folder in SHIPPED.items():
        expected |= {
            f"neuroevo/shipped_files/{inside}/{file.relative_to(source / folder).as_posix()}"
            for file in (source / folder).rglob("*")
            if file.is_file()
        }
    with zipfile.ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}
    assert held == expected | {"neuroevo/py.typed"}


def test_a_rom_called_md_keeps_its_bytes(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        held = archive.read(f"neuroevo/shipped_files/integrations/{ROM.as_posix()}")
    assert held == ROM_BYTES


def test_a_wheel_from_the_source_distribution_is_the_same(
    source: Path, wheel: Path, tmp_path: Path
) -> None:
    sdist = build("sdist", source, tmp_path / "sdist")
    with tarfile.open(sdist) as archive:
        archive.extractall(tmp_path / "unpacked")
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    again = build("wheel", unpacked, tmp_path / "wheel")
    with zipfile.ZipFile(wheel) as first, zipfile.ZipFile(again) as second:
        assert sorted(first.namelist()) == sorted(second.namelist())
        names = [name for name in first.namelist() if ".dist-info/" not in name]
        assert [name for name in names if first.read(name) != second.read(name)] == []


def test_an_installed_wheel_finds_its_files_from_another_folder(
    wheel: Path, tmp_path: Path
) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    code = f"import sys; sys.path.insert(0, {str(site)!r})\n{ASK_INSTALLED}"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=elsewhere, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    shipped_files = site.resolve() / "neuroevo" / "shipped_files"
    assert answer["configs"] == sorted(p.stem for p in (REPOSITORY / "neat-configs").glob("*.ini"))
    assert Path(answer["first"]).parent == shipped_files / "configs"
    assert Path(answer["integrations"]) == shipped_files / "integrations"
    assert (Path(answer["integrations"]) / ROM).read_bytes() == ROM_BYTES
    assert Path(answer["genomes"]) == shipped_files / "genomes"
