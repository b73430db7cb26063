from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase

from tests.browser.windows import close_lent


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """A test that fails closes no window itself: its pages must not live on beside the next, nor while its tables are emptied."""
    close_lent()


@pytest.fixture(autouse=True)
def _files_from_their_sources(settings: Any, tmp_path: Path) -> None:
    """The live server finds static files where they are written; nothing is collected."""
    settings.STATIC_ROOT = tmp_path


@pytest.fixture(autouse=True, scope="session")
def _files_are_kept() -> Iterator[None]:
    """By the browser, as in service: else it asks for each of a page's thirty files again on every page."""
    serve = StaticFilesHandler.serve

    def kept(self: StaticFilesHandler, request: HttpRequest) -> HttpResponseBase:
        answer = serve(self, request)
        answer.headers["Cache-Control"] = "max-age=3600"
        return answer

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(StaticFilesHandler, "serve", kept)
        yield
