"""Two places of one name in one list are told apart by what they lie in: each of two campuses has its receiving dock."""

import re
from decimal import Decimal

import pytest
from django.test import Client

from tests.flows.site import Site, site
from tests.makers import place, unique
from yanji.flows.putaway import put_away
from yanji.ledger.api import LotQuantity
from yanji.places.models import Kind, Place


@pytest.fixture
def here(transactional_db: None) -> Site:
    return site()


def test_a_lot_and_an_entry_say_which_dock(here: Site) -> None:
    h = here.h
    docks = [place(Kind.DOCK, above) for above in (h.campus, h.store)]
    for dock in docks:
        Place.objects.filter(pk=dock.pk).update(name_zh="收货区", name_en="Receiving dock")
    lot = here.stocked_lot(5)

    def moved(pieces: int, start: Place, end: Place) -> str:
        things = [LotQuantity(lot, Decimal(pieces), start.pk)]
        return put_away(actor=here.keeper, key=unique("k"), things=things, to_place_id=end.pk).events[0]

    moved(2, h.store, docks[0])
    event = moved(1, docks[0], docks[1])
    client = Client()
    here.storekeeper.language = "en"
    here.storekeeper.save(update_fields=["language"])
    client.force_login(here.storekeeper)
    for address in (f"/lot/{lot}", f"/event/{event}"):
        page = client.get(address).content.decode()
        assert len(set(re.findall(r"([^<>{]* · Receiving dock)<", page.replace("\n", "<")))) == 2, address
