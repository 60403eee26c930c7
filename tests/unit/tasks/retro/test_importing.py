"""Import of ROMs, on our own ROM and on invented bytes, into a private folder of games."""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from pathlib import Path

import pytest

from neuroevo.cli.tables import import_text
from neuroevo.shipped import integrations_folder
from neuroevo.tasks.retro.games import placing
from neuroevo.tasks.retro.games.importing import ImportReport, import_roms
from neuroevo.tasks.retro.games.rom_files import Limits, printable

pytest.importorskip("stable_retro")

WICKLING = (integrations_folder() / "Wickling-Nes-v0" / "rom.nes").read_bytes()
ROM = WICKLING[:-1] + b"\xa5"
"""Our own ROM with another last byte: a game that nobody else knows."""


def sha1(data: bytes) -> str:
    return hashlib.sha1(data).hexdigest()


def make_game(root: Path, name: str, *hashes: str, **metadata: object) -> Path:
    folder = root / name
    folder.mkdir(parents=True)
    (folder / "rom.sha").write_text("\n".join(hashes) + "\n")
    (folder / "data.json").write_text('{"info": {}}')
    (folder / "metadata.json").write_text(json.dumps(metadata))
    return folder


@pytest.fixture
def games(tmp_path):
    """A private folder of games with one game, Testling, whose ROM is not there yet."""
    make_game(tmp_path / "games", "Testling-Nes-v0", sha1(ROM[16:]))
    return tmp_path / "games"


@pytest.fixture
def inbox(tmp_path):
    folder = tmp_path / "inbox"
    folder.mkdir()
    return folder


def run(path: Path, games: Path, **options) -> ImportReport:
    return import_roms([path], [games], **options)


def only(report: ImportReport):
    assert len(report.results) == 1, report.results
    return report.results[0]


def test_a_rom_is_copied_whole_into_its_games_folder(games, inbox):
    (inbox / "anything.nes").write_bytes(ROM)
    report = run(inbox, games)
    result = only(report)
    assert (result.status, result.game) == ("imported", "Testling-Nes-v0")
    assert result.sha1 == sha1(ROM[16:])
    assert (games / "Testling-Nes-v0" / "rom.nes").read_bytes() == ROM
    assert report.num_imported == 1


def test_a_dry_run_says_the_same_and_writes_nothing(games, inbox):
    (inbox / "anything.nes").write_bytes(ROM)
    before = sorted(games.rglob("*"))
    report = run(inbox, games, is_dry_run=True)
    assert only(report).status == "would import"
    assert report.num_imported == 1
    assert sorted(games.rglob("*")) == before


def test_a_second_import_finds_it_already_there(games, inbox):
    (inbox / "one.nes").write_bytes(ROM)
    run(inbox, games)
    report = run(inbox, games)
    assert only(report).status == "already there"
    assert (report.num_imported, report.num_present) == (0, 1)


def test_the_rom_that_comes_with_us_is_already_there(games, inbox):
    (inbox / "w.nes").write_bytes(WICKLING)
    result = only(run(inbox, games))
    assert (result.status, result.game) == ("already there", "Wickling-Nes-v0")


def test_a_rom_with_another_ines_header_is_the_same_game(games, inbox):
    (inbox / "other.nes").write_bytes(ROM[:8] + b"DiskDude" + ROM[16:])
    assert only(run(inbox, games)).status == "imported"


def test_a_nes_rom_without_header_is_refused_since_no_core_could_start_it(games, inbox):
    (inbox / "bare.nes").write_bytes(ROM[16:])
    result = only(run(inbox, games))
    assert (result.status, result.game) == ("refused", "Testling-Nes-v0")
    assert "16-byte iNES header" in result.note
    assert not (games / "Testling-Nes-v0" / "rom.nes").exists()


def test_a_file_in_place_is_never_overwritten(games, inbox):
    target = games / "Testling-Nes-v0" / "rom.nes"
    target.write_bytes(b"something of the user's")
    (inbox / "one.nes").write_bytes(ROM)
    result = only(run(inbox, games))
    assert result.status == "not overwritten"
    assert "Move it away" in result.note
    assert target.read_bytes() == b"something of the user's"


def test_a_file_that_appears_during_the_import_is_not_overwritten(games, inbox, monkeypatch):
    target = games / "Testling-Nes-v0" / "rom.nes"
    (inbox / "one.nes").write_bytes(ROM)
    link = os.link

    def late(source, destination):
        target.write_bytes(b"first")
        link(source, destination)

    monkeypatch.setattr(placing.os, "link", late)
    assert only(run(inbox, games)).status == "failed"
    assert target.read_bytes() == b"first"
    assert list(target.parent.glob(".importing*")) == []


def test_an_import_that_is_cut_short_leaves_no_torn_rom(games, inbox, monkeypatch):
    (inbox / "one.nes").write_bytes(ROM)

    def full(_handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(placing.os, "fsync", full)
    result = only(run(inbox, games))
    assert result.status == "failed"
    assert "No space left" in result.note
    names = sorted(p.name for p in (games / "Testling-Nes-v0").iterdir())
    assert names == ["data.json", "metadata.json", "rom.sha"]


def test_a_damaged_rom_names_the_nearest_game(games, inbox):
    damaged = bytearray(ROM)
    damaged[1000] ^= 1
    (inbox / "Testling (World) [b1].nes").write_bytes(damaged)
    result = only(run(inbox, games))
    assert (result.status, result.game) == ("unknown", "Testling-Nes-v0")
    assert result.sha1 == sha1(bytes(damaged[16:]))
    assert "another revision, or damaged" in result.note


@pytest.mark.parametrize(
    ("file", "game"),
    [
        ("Super Mario Bros. (World).nes", "SuperMarioBros-Nes-v0"),
        ("Legend of Zelda, The (USA).nes", ""),  # the nearest game is none of stable-retro's
        ("Sonic The Hedgehog 2 (World) (Rev A).md", "SonicTheHedgehog2-Genesis-v0"),
        ("Super Mario World (USA).smc", "SuperMarioWorld-Snes-v0"),
        ("Chess Tutorials of a Lifetime.sfc", ""),
    ],
)
def test_the_nearest_game_is_found_by_name_and_console(games, inbox, file, game):
    (inbox / file).write_bytes(b"\0\1" * 600)
    result = only(run(inbox, games))
    assert (result.status, result.game) == ("unknown", game)


def test_a_cut_nes_rom_is_called_damaged(games, inbox):
    (inbox / "cut.nes").write_bytes(ROM[:-5000])
    result = only(run(inbox, games))
    assert result.status == "refused"
    assert "5,000 are missing" in result.note


def test_the_header_of_a_copier_is_left_out(tmp_path, inbox):
    body = bytes(range(256)) * 4 * 40
    folder = make_game(tmp_path / "games", "Own-Snes-v0", sha1(body))
    (inbox / "own.smc").write_bytes(b"\1" * 512 + body)
    result = only(run(inbox, tmp_path / "games"))
    assert (result.status, result.sha1) == ("imported", sha1(body))
    assert (folder / "rom.sfc").read_bytes() == body


def test_an_interleaved_dump_is_put_in_order(tmp_path, inbox):
    body = b"".join(bytes([block, i % 251]) for block in range(2) for i in range(0x2000))
    folder = make_game(tmp_path / "games", "Own-Genesis-v0", sha1(body))
    dump = b"".join(
        body[start : start + 0x4000][1::2] + body[start : start + 0x4000][::2]
        for start in (0, 0x4000)
    )
    (inbox / "own.smd").write_bytes(bytes(512) + dump)
    assert only(run(inbox, tmp_path / "games")).status == "imported"
    assert (folder / "rom.md").read_bytes() == body


def test_one_rom_can_be_that_of_two_games(games, inbox):
    make_game(games, "Twin-Nes-v0", sha1(ROM[16:]))
    (inbox / "one.nes").write_bytes(ROM)
    assert {r.game for r in run(inbox, games).results} == {"Testling-Nes-v0", "Twin-Nes-v0"}


def test_an_arcade_game_gets_its_archive_under_both_names(tmp_path, inbox):
    archive = inbox / "own.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr("chip.u1", b"\0chip")
    data = archive.read_bytes()
    folder = make_game(tmp_path / "games", "Own-Arcade-v0", sha1(data), original_rom_name="mk9.zip")
    statuses = [r.status for r in run(inbox, tmp_path / "games").results]
    assert statuses == ["imported", "unknown"]
    assert (folder / "mk9.zip").read_bytes() == (folder / "rom.zip").read_bytes() == data


@pytest.mark.parametrize("name", ["../mk9.zip", "/tmp/mk9.zip", ".hidden", "..", 5])
def test_an_original_name_cannot_lead_out_of_the_folder(tmp_path, inbox, name):
    make_game(tmp_path / "games", "Own-Nes-v0", sha1(ROM[16:]), original_rom_name=name)
    (inbox / "one.nes").write_bytes(ROM)
    before = sorted(tmp_path.rglob("*"))
    result = only(run(inbox, tmp_path / "games"))
    assert result.status == "failed"
    assert "original_rom_name" in result.note
    assert sorted(tmp_path.rglob("*")) == before


def test_a_game_folder_that_is_a_link_elsewhere_is_not_written_to(games, inbox, tmp_path):
    real = games / "Testling-Nes-v0"
    real.rename(tmp_path / "elsewhere")
    real.symlink_to(tmp_path / "elsewhere")
    (inbox / "one.nes").write_bytes(ROM)
    assert only(run(inbox, games)).status == "failed"
    assert not (tmp_path / "elsewhere" / "rom.nes").exists()


def test_a_folder_that_cannot_be_written_is_said_so(games, inbox):
    folder = games / "Testling-Nes-v0"
    (inbox / "one.nes").write_bytes(ROM)
    folder.chmod(0o500)
    try:
        if os.access(folder, os.W_OK):
            pytest.skip("this user may write everywhere")
        result = only(run(inbox, games))
    finally:
        folder.chmod(0o700)
    assert (result.status, "Permission denied" in result.note) == ("failed", True)


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name.replace("__", "/").replace("_nes", ".nes"), data)
    return path


def test_a_rom_in_a_zip_in_a_zip_is_found(games, inbox):
    inner = zipped(inbox / "inner.zip", folder__game_nes=ROM).read_bytes()
    (inbox / "inner.zip").unlink()
    zipped(inbox / "outer.zip", **{"inner.zip": inner, "readme.txt": b"hello"})
    report = run(inbox, games)
    result = only(report)
    assert result.status == "imported"
    assert result.file.endswith("outer.zip/inner.zip/folder/game.nes")
    assert report.num_others == 1


def test_archives_are_opened_only_so_deep(games, inbox):
    data = zipped(inbox / "0.zip", game_nes=ROM).read_bytes()
    for _ in range(5):
        data = zipped(inbox / "0.zip", **{"next.zip": data}).read_bytes()
    result = only(run(inbox, games))
    assert (result.status, "deep" in result.note) == ("refused", True)


def test_the_path_of_a_member_leads_nowhere(games, inbox, tmp_path):
    zipped(inbox / "evil.zip", **{"../../../escaped.nes": ROM, "/absolute.nes": ROM})
    before = {p for p in tmp_path.rglob("*") if "Testling" not in str(p)}
    statuses = [r.status for r in run(inbox, games).results]
    assert statuses == ["imported", "already there"]
    assert {p for p in tmp_path.rglob("*") if "Testling" not in str(p)} == before


def test_a_zip_bomb_is_not_unpacked(games, inbox):
    zipped(inbox / "bomb.zip", **{f"{i}.nes": bytes(1_000_000) for i in range(30)})
    small = Limits(archive_bytes=3_000_000, archive_ratio=10)
    results = run(inbox, games, limits=small).results
    refused = [r for r in results if "unpacks to far too much" in r.note]
    assert len(refused) == 27
    assert len(results) == 30


def test_a_zip_with_too_many_members_is_refused(games, inbox):
    zipped(inbox / "many.zip", **{f"{i}.nes": b"" for i in range(11)})
    assert "at most 10 files" in only(run(inbox, games, limits=Limits(members=10))).note


@pytest.mark.parametrize("packed", [False, True])
def test_a_rom_larger_than_any_is_not_read(games, inbox, packed):
    if packed:
        zipped(inbox / "z.zip", huge_nes=bytes(2000))
    else:
        with (inbox / "huge.nes").open("wb") as file:
            file.truncate(2000)
    result = only(run(inbox, games, limits=Limits(rom_bytes=1999)))
    assert (result.status, "at most 1,999 bytes" in result.note) == ("refused", True)


def test_a_sparse_file_of_terabytes_costs_nothing(games, inbox):
    with (inbox / "huge.nes").open("wb") as file:
        file.truncate(1 << 40)
    assert only(run(inbox, games)).status == "refused"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("empty.nes", b"", "got 0 bytes"),
        ("notes.nes", b"just a text\n", "got a text"),
        ("broken.zip", b"PK\3\4 nothing", "must be a zip archive"),
        ("missing.nes", None, "must be readable"),
    ],
)
def test_what_is_named_is_spoken_of(games, inbox, name, data, said):
    if data is not None:
        (inbox / name).write_bytes(data)
    result = only(run(inbox / name, games))
    assert (result.status, said in result.note) == ("refused", True)


@pytest.mark.parametrize("name", ["x" * 5000, "nul\0.nes"])
def test_a_name_that_no_file_can_have_is_refused(games, inbox, name):
    assert only(run(inbox / name, games)).status == "refused"


def test_a_folder_that_cannot_be_read_is_said_so(games, inbox):
    closed = inbox / "closed"
    closed.mkdir(mode=0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("this user may read everything")
        result = only(run(inbox, games))
    finally:
        closed.chmod(0o700)
    assert (result.status, result.file) == ("refused", str(closed))


def test_texts_and_other_files_are_only_counted(games, inbox):
    (inbox / "README.md").write_text("# A text, and no Genesis ROM\n")
    (inbox / "save.srm").write_bytes(b"\0" * 100)
    report = run(inbox, games)
    assert (report.results, report.num_others) == ((), 2)
    assert report.others == (str(inbox / "README.md"), str(inbox / "save.srm"))


def test_a_folder_without_a_rom_says_what_is_in_it_instead_of_three_zeros(games, inbox):
    nothing = import_text(run(inbox, games))
    assert nothing.startswith("Nothing was imported: there is no file in there.\n")
    assert ".nes," in nothing
    assert "0 imported" not in nothing
    (inbox / "one.txt").write_text("hello")
    one = import_text(run(inbox, games))
    assert f"the one file in there does not look like a ROM.\n  {inbox}/one.txt\n" in one
    zipped(inbox / "many.zip", **{f"{number}.txt": b"hello" for number in range(20)})
    many = import_text(run(inbox, games))
    assert "none of the 21 files in there looks like a ROM." in many
    assert f"\n  {inbox}/many.zip/0.txt\n" in many
    assert "\n  and 11 more\n" in many


def test_a_folder_with_a_rom_is_summed_up_in_numbers(games, inbox):
    (inbox / "one.txt").write_text("hello")
    (inbox / "anything.nes").write_bytes(ROM)
    assert import_text(run(inbox, games)).endswith(
        "1 imported, 0 already there, 0 not, 1 other files."
    )


def test_a_known_rom_is_found_under_any_name(games, inbox):
    (inbox / "backup.dat").write_bytes(ROM)
    assert only(run(inbox, games)).status == "imported"


def test_an_encrypted_or_damaged_member_is_refused(games, inbox):
    data = bytearray(zipped(inbox / "a.zip", game_nes=ROM).read_bytes())
    data[200] ^= 0xFF
    (inbox / "a.zip").write_bytes(data)
    locked = bytearray(zipped(inbox / "b.zip", game_nes=ROM).read_bytes())
    central = locked.rfind(b"PK\1\2")
    locked[6] |= 1
    locked[central + 8] |= 1
    (inbox / "b.zip").write_bytes(locked)
    results = run(inbox, games).results
    assert [r.status for r in results] == ["refused", "refused"]
    assert all("must unpack" in r.note for r in results)


def test_a_loop_of_links_ends(games, inbox):
    (inbox / "again").symlink_to(inbox)
    (inbox / "self.nes").symlink_to(inbox / "self.nes")
    (inbox / "one.nes").write_bytes(ROM)
    assert [r.status for r in run(inbox, games).results] == ["imported", "refused"]


def test_a_pipe_is_not_opened(games, inbox):
    os.mkfifo(inbox / "pipe.nes")
    assert only(run(inbox, games)).status == "refused"


def test_control_characters_of_a_name_do_not_reach_the_terminal(games, inbox):
    (inbox / "\x1b[2J\nevil.nes").write_bytes(ROM)
    Path(os.fsdecode(os.fsencode(inbox) + b"/\xff.nes")).write_bytes(ROM)
    names = [r.file for r in run(inbox, games).results]
    assert len(names) == 2
    assert all(name.isprintable() and name.isascii() for name in names)
    assert printable("a\tb\u202e") == "a\\tb\\u202e"


def test_a_broken_metadata_file_stops_one_game_only(games, inbox):
    (make_game(games, "Twin-Nes-v0", sha1(ROM[16:])) / "metadata.json").write_text("{")
    (inbox / "one.nes").write_bytes(ROM)
    statuses = {r.game: r.status for r in run(inbox, games).results}
    assert statuses == {"Testling-Nes-v0": "imported", "Twin-Nes-v0": "failed"}
