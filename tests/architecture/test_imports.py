"""What a module may import, say and leave out: read from the source and tried in a process."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PACKAGE = REPOSITORY / "neuroevo"
MODULES = sorted(PACKAGE.rglob("*.py"))

SLOW_MODULES = ("numba", "cv2", "matplotlib.pyplot", "stable_retro", "pydantic")
HELP_SECONDS = 0.3

# Loading must never run code; random numbers come from an argument; a task runs no shell.
FORBIDDEN_IMPORTS = {
    "pickle",
    "cPickle",
    "cloudpickle",
    "dill",
    "joblib",
    "marshal",
    "shelve",
    "random",
}
FORBIDDEN_CALLS = {
    "eval",
    "exec",
    "compile",
    "__import__",
    "os.system",
    "os.popen",
    "yaml.load",
    "yaml.unsafe_load",
}
# numpy's functions with hidden global state; its classes and constructors of generators are fine.
NUMPY_RANDOM = {"np.random", "numpy.random"}
ALLOWED_RANDOM = {
    "Generator",
    "default_rng",
    "SeedSequence",
    "PCG64",
    "PCG64DXSM",
    "Philox",
    "BitGenerator",
}


def module_name(path: Path) -> str:
    parts = path.relative_to(REPOSITORY).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imported_names(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield (line, dotted name) of every import, also those inside functions."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            yield from ((node.lineno, f"{node.module}.{alias.name}") for alias in node.names)


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Yield every call with the source text of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def is_true(keyword: ast.keyword) -> bool:
    return not (isinstance(keyword.value, ast.Constant) and keyword.value.value is False)


def dangers(source: str) -> list[str]:
    """Return every forbidden thing in one module's source, with its line."""
    tree = ast.parse(source)
    found = [
        f"line {line}: import {name}"
        for line, name in imported_names(tree)
        if name.partition(".")[0] in FORBIDDEN_IMPORTS
    ]
    for call, called in calls(tree):
        where = f"line {call.lineno}: {called}"
        if called in FORBIDDEN_CALLS:
            found.append(where)
        if any(word.arg == "shell" and is_true(word) for word in call.keywords):
            found.append(f"{where} with shell")
        if any(word.arg == "allow_pickle" and is_true(word) for word in call.keywords):
            found.append(f"{where} with allow_pickle")
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or node.attr in ALLOWED_RANDOM:
            continue
        if ast.unparse(node.value) in NUMPY_RANDOM:
            found.append(f"line {node.lineno}: {ast.unparse(node)}")
    return found


def run_python(code: str) -> str:
    """Return what a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "source",
    [
        "import pickle",
        "def f():\n    from pickle import loads",
        "import random",
        "from random import choice",
        "eval('1')",
        "exec(text)",
        "yaml.load(text)",
        "subprocess.run('ls', shell=True)",
        "np.load(path, allow_pickle=True)",
        "np.random.seed(1)",
        "x = np.random.rand",
    ],
)
def test_the_scan_sees_what_is_forbidden(source: str) -> None:
    assert len(dangers(source)) == 1


@pytest.mark.parametrize(
    "source",
    [
        "import numpy as np\nrng = np.random.default_rng(np.random.SeedSequence(1))",
        "def f(rng: np.random.Generator) -> float:\n    return rng.random()",
        "subprocess.run(['ls'], shell=False)",
        "np.load(path, allow_pickle=False)",
        "np.random.SeedSequence().generate_state(1)",
        "literal_eval(text)",
    ],
)
def test_the_scan_leaves_harmless_code_alone(source: str) -> None:
    assert dangers(source) == []


def test_no_module_can_run_code_from_a_file_or_draw_global_random_numbers() -> None:
    found = {module_name(path): dangers(path.read_text("utf-8")) for path in MODULES}
    assert {name: lines for name, lines in found.items() if lines} == {}


def test_every_module_says_what_it_owns() -> None:
    silent = [
        module_name(path)
        for path in MODULES
        if path.read_text("utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text("utf-8")))
    ]
    assert silent == []


def test_the_root_package_gives_its_version_and_imports_nothing() -> None:
    root = ast.parse((PACKAGE / "__init__.py").read_text("utf-8"))
    rooms = {path.stem for path in PACKAGE.iterdir()} | {"__version__"}
    taken = [
        f"{module_name(path)} line {line}: {name}"
        for path in MODULES
        for line, name in imported_names(ast.parse(path.read_text("utf-8")))
        if name == "neuroevo" or (name.startswith("neuroevo.") and name.split(".")[1] not in rooms)
    ]
    assert taken == []
    assert list(imported_names(root)) == []


def test_opencv_is_imported_in_one_place_and_shows_no_window() -> None:
    importers, windows = [], []
    for path in MODULES:
        tree = ast.parse(path.read_text("utf-8"))
        if any(name.partition(".")[0] == "cv2" for _, name in imported_names(tree)):
            importers.append(module_name(path))
        windows += [name for _, name in calls(tree) if name in {"cv2.imshow", "cv2.waitKey"}]
    assert len(importers) <= 1, importers
    assert windows == []


def test_the_import_contracts_hold() -> None:
    lint_imports = Path(sys.executable).with_name("lint-imports")
    done = subprocess.run(
        [lint_imports, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Contracts: " in done.stdout
    assert " 0 broken" in done.stdout


def test_help_loads_no_slow_module() -> None:
    code = (
        "import json, sys\n"
        "from neuroevo.cli.main import main\n"
        "try:\n"
        "    main(['--help'])\n"
        "except SystemExit as exit:\n"
        "    assert not exit.code, exit.code\n"
        "print()\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    *help_lines, loaded = run_python(code).splitlines()
    assert any("evolve" in line for line in help_lines), "the help must list the commands"
    assert [name for name in SLOW_MODULES if name in json.loads(loaded)] == []


def test_help_answers_within_a_third_of_a_second() -> None:
    """Processor time, best of five: other work on the machine must not decide it."""

    def seconds() -> float:
        before = os.times()
        run_python(
            "import sys; sys.argv[1:] = ['--help']; import runpy; runpy.run_module('neuroevo')"
        )
        after = os.times()
        return sum(after[2:4]) - sum(before[2:4])

    assert min(seconds() for _ in range(5)) < HELP_SECONDS
