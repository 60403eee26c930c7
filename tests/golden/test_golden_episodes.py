"""Episodes of random players are, to the bit, those that were recorded before the speed-ups."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))  # a script, not a package

from record_episodes import CASES, PATH, digests


@pytest.mark.parametrize("case", CASES)
def test_every_input_and_every_result_is_the_recorded_one(case: str) -> None:
    assert digests(case) == json.loads(PATH.read_text())[case]
