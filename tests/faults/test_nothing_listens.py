"""A run opens no port and no named socket: nobody can connect to it, from here or elsewhere."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from builders.command_line import started

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="reads /proc of Linux")

LISTENING, UNCONNECTED = "0A", "07"
ACCEPTS = 0x10000


def family(root: int) -> set[int]:
    """Return a process and all its descendants."""
    parents = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(stat.parent.name)] = int(stat.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
    found, before = {root}, set()
    while found != before:
        before = set(found)
        found |= {pid for pid, parent in parents.items() if parent in found}
    return found


def sockets(pid: int) -> set[str]:
    """Return the inodes of a process's sockets."""
    found = set()
    for link in Path(f"/proc/{pid}/fd").glob("*"):
        try:
            match = re.fullmatch(r"socket:\[(\d+)\]", str(link.readlink()))
        except OSError:
            continue
        if match:
            found.add(match[1])
    return found


def open_doors() -> dict[str, str]:
    """Return, by inode, every socket of this machine that somebody could connect to."""
    doors = {}
    for name in ("tcp", "tcp6", "udp", "udp6"):
        for line in Path(f"/proc/net/{name}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTENING or (name[:3] == "udp" and fields[3] == UNCONNECTED):
                doors[fields[9]] = f"{name} {fields[1]}"
    for line in Path("/proc/net/unix").read_text().splitlines()[1:]:
        fields = line.split()
        if int(fields[3], 16) & ACCEPTS:
            doors[fields[6]] = f"unix {' '.join(fields[7:])}"
    return doors


def doors_of(root: int) -> set[str]:
    doors = open_doors()
    return {doors[inode] for pid in family(root) for inode in sockets(pid) if inode in doors}


def test_no_socket_listens_while_a_run_evolves_on_two_workers(tmp_path: Path) -> None:
    options = ("--set", "Fitness.max_frames=300", "--seed", 1, "--workers", 2)
    process = started(
        "evolve", "airstriker", "--out", tmp_path / "run", "--generations", 500, *options
    )
    log, seen, others = tmp_path / "run" / "log.jsonl", set(), 0
    try:
        limit = time.monotonic() + 120
        while time.monotonic() < limit and process.poll() is None:
            seen |= doors_of(process.pid)
            others = max(others, len(family(process.pid)) - 1)
            if log.exists() and log.read_bytes().count(b"\n") >= 3:
                break
            time.sleep(0.05)
        assert process.poll() is None, process.communicate()
        assert log.read_bytes().count(b"\n") >= 3
    finally:
        process.kill()
        process.communicate()
    assert others >= 3  # the fork server and its two workers; at first what compiles, too
    assert seen == set()


LISTEN = """
import socket, subprocess, sys, time
if len(sys.argv) > 1:
    door = socket.socket(socket.AF_UNIX if sys.argv[1][0] == "/" else socket.AF_INET)
    door.bind(sys.argv[1] if sys.argv[1][0] == "/" else ("127.0.0.1", 0))
    door.listen()
    print("open", flush=True)
    time.sleep(60)
else:
    time.sleep(60)
"""


@pytest.mark.parametrize("kind", ["tcp", "unix"])
def test_the_scan_sees_a_grandchild_that_listens(tmp_path: Path, kind: str) -> None:
    where = str(tmp_path / "door") if kind == "unix" else "tcp"
    parent = subprocess.Popen(
        [sys.executable, "-c", "import subprocess, sys; subprocess.run(sys.argv[1:])",
         sys.executable, "-c", LISTEN, where],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == "open\n"
        assert [door.split()[0] for door in doors_of(parent.pid)] == [kind]
    finally:
        for pid in family(parent.pid):
            os.kill(pid, 9)
        parent.communicate()


def test_a_pair_of_sockets_is_no_door() -> None:
    here, there = socket.socketpair()
    assert doors_of(os.getpid()) == set()
    here.close()
    there.close()
