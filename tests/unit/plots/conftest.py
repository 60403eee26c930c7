"""Logs for the tests of the plots."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(scope="session")
def make_log() -> Callable[..., list[dict[str, Any]]]:
    path = Path(__file__).with_name("synthetic_log.py")
    spec = importlib.util.spec_from_file_location("plots_synthetic_log", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.synthetic_log
