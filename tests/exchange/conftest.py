import pytest

from tests.flows.site import Site, site


@pytest.fixture
def committed(transactional_db) -> Site:
    """A hospital with real commits: what a refusal leaves behind is what everybody would see."""
    return site()


@pytest.fixture(autouse=True)
def _api_alone(settings, tmp_path) -> None:
    """No pages are served here: the folder of their files may be empty, but must exist."""
    settings.STATIC_ROOT = tmp_path
    settings.ROOT_URLCONF = "tests.exchange.urls"
