"""A vial that is still its supplier's is opened on the ward's page as one of the ward's own: found where it lies, or at
the place that was chosen."""

from decimal import Decimal

import pytest
from django.test import Client

from tests.flows.site import Site, contents, soon
from tests.flows.theatre.room import Room
from tests.flows.vials import editor
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.catalog.models import ItemCode
from yanji.flows.consign.agreements import Kept
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.opened.openings import Holds, set_opening
from yanji.flows.putaway import put_away
from yanji.flows.receive import Arrival
from yanji.ledger.api import LotQuantity, rebuild
from yanji.places.models import Place

SCAN = f"]d20106901234500028{17}{soon(90):%y%m%d}10B1"


def at_the_page(here: Site) -> Client:
    """Ten of a supplier's vials in the ward's cabinet, and its nurse at the page."""
    room, item = Room(here), here.counted
    set_opening(actor=editor(here), key=unique("k"), item_id=item.pk, holds=Holds(Decimal(5), "mL", 48))
    room.agreement(items=[Kept(item.pk, Decimal(5))])
    room.receive_consigned(Arrival(item.pk, lot="B1", expiry=soon(90), quantity=10))
    lot = LotQuantity(item.lots.get().pk, Decimal(10), here.h.store.pk, here.h.supplier.pk)
    put_away(actor=here.keeper, key=unique("k"), things=[lot], to_place_id=here.h.cabinet.pk)
    ItemCode.objects.create(item=item, issuer="GS1", code="06901234500028")
    here.nurse.language = "en"
    here.nurse.save(update_fields=["language"])
    client = Client()
    client.force_login(here.nurse)
    return client


def where(here: Site, name: str) -> dict[str, str]:
    place: Place | None = {"nowhere": None, "cabinet": here.h.cabinet, "ward": here.h.department}[name]
    return {"place_id": str(place.pk)} if place else {}


@pytest.mark.parametrize("chosen", ["nowhere", "cabinet", "ward"])
def test_a_suppliers_vial_is_opened_where_it_lies(committed: Site, chosen: str) -> None:
    here = committed
    client = at_the_page(here)
    given = {"key": key("open"), "scan": SCAN, **where(here, chosen)}
    answer = client.post("/ward/opened", given, follow=True)
    piece = OpenedPiece.objects.get()
    assert f"{piece.number} is opened" in sentences(answer)
    assert (piece.owner_id, piece.place_id) == (here.h.supplier.pk, here.h.cabinet.pk)
    assert rebuild() == []


def test_where_nothing_of_it_lies_nothing_is_opened(committed: Site) -> None:
    here = committed
    client = at_the_page(here)
    lot = LotQuantity(here.counted.lots.get().pk, Decimal(10), here.h.cabinet.pk, here.h.supplier.pk)
    put_away(actor=here.keeper, key=unique("k"), things=[lot], to_place_id=here.h.store.pk)
    before = contents()
    for chosen in ("nowhere", "cabinet"):
        odd = client.post("/ward/opened", {"key": key("open"), "scan": SCAN, **where(here, chosen)})
        assert odd.status_code == 409
    assert contents() == before
