from pathlib import Path
from typing import Any

import pytest

from tests.web.world import World, world


@pytest.fixture(autouse=True)
def _nothing_collected(settings: Any, tmp_path: Path) -> None:
    """Pages are asked for, not their files: the folder of collected files may be empty, but must exist."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def hospital_day(db: None) -> World:
    """One of everything that has a page; rolled back after the test."""
    return world()
