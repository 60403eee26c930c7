"""Write ``docs/config.md`` from the key table; ``make docs`` runs it."""

from pathlib import Path

from neuroevo.config import reference_markdown

Path(__file__).with_name("config.md").write_text(reference_markdown(), encoding="utf-8")
