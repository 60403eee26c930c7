"""The page on security names tests that exist, and says what the source bears out."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text("utf-8")
TESTS = {path.name: path.read_text("utf-8") for path in (ROOT / "tests").rglob("test_*.py")}
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "socketserver",
           "xmlrpc", "asyncio"}  # fmt: skip


def test_every_test_that_the_page_names_exists() -> None:
    functions = set(re.findall(r"^def (test_\w+)\(", "\n".join(TESTS.values()), re.MULTILINE))
    named = set(re.findall(r"\b(test_\w+)\b(?!\.py)", PAGE))
    files = set(re.findall(r"\b(test_\w+\.py)\b", PAGE))
    assert len(named) > 15
    assert named - functions == set()
    assert files - set(TESTS) == set()


def test_a_test_is_named_in_the_file_it_lies_in() -> None:
    for file, function in re.findall(r"(test_\w+\.py)::(test_\w+)", PAGE):
        assert f"def {function}(" in TESTS[file], (file, function)


def test_nothing_in_the_package_can_reach_a_network() -> None:
    """The sockets are pairs that workers and their server are born with; they have no address."""
    users = set()
    for path in (ROOT / "neuroevo").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            if any(name.partition(".")[0] in NETWORK for name in names):
                users.add(path.relative_to(ROOT).as_posix())
    room = "neuroevo/evaluation"
    assert users == {f"{room}/process.py", f"{room}/forked.py", f"{room}/fork_server.py"}
    source = "".join((ROOT / user).read_text("utf-8") for user in users)
    pairs = {"socketpair", "AF_UNIX", "SOCK_SEQPACKET", "send_fds", "recv_fds"}
    patience = {"SOL_SOCKET", "SO_RCVTIMEO", "SO_SNDTIMEO"}
    used = set(re.findall(r"\bsocket\.(\w+)", source))
    assert used <= {"socket"} | pairs | patience
    assert re.findall(r"socket\.socket\([^)]*\)", source) == ["socket.socket(fileno=socket_fd)"]
