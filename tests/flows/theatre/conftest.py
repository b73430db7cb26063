import pytest

from tests.flows.site import Site, site
from tests.flows.theatre.room import Room


@pytest.fixture
def room(transactional_db) -> Room:
    """A theatre with real commits: what a refusal leaves behind is what everybody would see."""
    here: Site = site()
    return Room(here)
