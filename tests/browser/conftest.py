from pathlib import Path
from typing import Any

import pytest


@pytest.fixture(autouse=True)
def _files_from_their_sources(settings: Any, tmp_path: Path) -> None:
    """The live server finds static files where they are written; nothing is collected."""
    settings.STATIC_ROOT = tmp_path
