from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.http import HttpRequest, HttpResponseBase

from tests.browser.windows import close_lent
from tests.flows.site import Site, site
from tests.served import served


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


@pytest.fixture
def here(transactional_db: None) -> Site:
    """The house that most walks go through; a file that needs another one makes its own."""
    return site()


@pytest.fixture
def address(here: Site) -> Iterator[str]:
    """Of a server as in service, with its streams: Django's own for tests has none."""
    with served() as port:
        yield f"http://127.0.0.1:{port}"
