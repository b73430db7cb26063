import pytest

from tests.flows.site import Site, site


@pytest.fixture
def here(db) -> Site:
    """A hospital; what a refused act wrote is still seen, so compare after an outer savepoint or use ``committed``."""
    return site()


@pytest.fixture
def committed(transactional_db) -> Site:
    """A hospital with real commits: what a refusal leaves behind is what everybody would see."""
    return site()
