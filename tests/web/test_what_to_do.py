"""What the buyer's first page proposes of what runs short: to move what another campus has to spare, or to order the rest."""

from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.flows.site import Site, site
from tests.flows.theatre.room import Room
from tests.makers import hospital
from tests.web.test_expiry_lists import reading
from yanji.insight.shortage import ToDo, to_do
from yanji.ledger.api import Step


def proposed(here: Site, *paths: str) -> list[ToDo]:
    with CaptureQueriesContext(connection) as asked:
        found = to_do(paths or ("/",), now=timezone.now())
    assert len(asked) == 1
    return found


def test_what_another_campus_has_to_spare_is_moved_and_the_rest_ordered(db: None) -> None:
    here = site()
    room = Room(here)
    for epc in room.units(5):
        room.use(room.case(), epc)
    here.order((here.h.item, 1))
    [need] = proposed(here)
    # Five used in 30 days: three last 14 days (2.33), of which one is on order.
    assert (need.used, need.ready, need.ordered, need.lack, need.move, need.order) == (5, 0, 1, 2, 0, 2)
    assert need.spare is None
    far = replace(hospital(), item=here.h.item, supplier=here.h.supplier)
    unit = far.unit()
    far.do(Step.RECEIVE, unit)
    far.do(Step.ACCEPT, unit.epc)
    far.do(Step.PUT_AWAY, unit.epc)
    [need] = proposed(here)
    assert (need.move, need.order) == (1, 1)
    assert need.spare is not None
    assert (need.spare.ready, need.spare.used) == (1, 0)
    # Who buys for one campus is not told what lies at another.
    [own] = proposed(here, here.h.campus.path)
    assert (own.spare, own.order) == (None, 2)
    assert to_do((), now=timezone.now()) == []
    assert proposed(here, far.campus.path) == []
    assert to_do(("/",), now=timezone.now() + timedelta(days=60)) == []
    page = reading(here.buyer).get("/").content.decode()
    assert "What to order or move" in page
    assert "Order 2" in page
