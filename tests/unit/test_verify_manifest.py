"""A manifest whose packages are no table is compared all the same; the soak found it broke."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from neuroevo.storage.run_directory import RunDirectory
from neuroevo.verify import _compare_machine


@pytest.mark.parametrize("packages", ["x", 3, [], None, {}])
def test_packages_of_another_kind_are_unknown_versions(tmp_path: Path, packages: object) -> None:
    RunDirectory.create(tmp_path / "run", "").close()
    path = tmp_path / "run" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "packages": packages}))
    found = {d.what: d.then for d in _compare_machine(RunDirectory.open(tmp_path / "run"))}
    assert found["numpy"] is None
