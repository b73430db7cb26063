"""What the buyer's first page proposes of what runs short: to move what another campus has to spare, or to order the rest."""

from dataclasses import replace
from datetime import timedelta

from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from tests.flows.site import Site, person, site
from tests.flows.theatre.room import Room
from tests.flows.transferring import way
from tests.makers import Hospital, everything, hospital, unique
from tests.web.test_expiry_lists import reading
from yanji.catalog.models import Item
from yanji.flows.transfer.arrive import arrive
from yanji.insight.shortage import ToDo, to_do
from yanji.ledger.api import Step
from yanji.places.models import Place


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
    assert need.moves == ()
    far = replace(hospital(), item=here.h.item, supplier=here.h.supplier)
    unit = far.unit()
    far.do(Step.RECEIVE, unit)
    far.do(Step.ACCEPT, unit.epc)
    far.do(Step.PUT_AWAY, unit.epc)
    [need] = proposed(here)
    assert (need.move, need.order) == (1, 1)
    assert [(each.ready, each.used, each.pieces) for each in need.moves] == [(1, 0, 1)]
    # Who buys for one campus is not told what lies at another.
    [own] = proposed(here, here.h.campus.path)
    assert (own.moves, own.order) == ((), 2)
    assert to_do((), now=timezone.now()) == []
    assert proposed(here, far.campus.path) == []
    assert to_do(("/",), now=timezone.now() + timedelta(days=60)) == []
    page = reading(here.buyer).get("/").content.decode()
    assert "What to order or move" in page
    assert f'hx-get="{reverse("web:to_do")}"' in page
    assert "Order 2" in reading(here.buyer).get(reverse("web:to_do")).content.decode()
    # Of less than a campus nothing is judged, so nothing is said either.
    partly = reading(person("buyer", here.h.store)).get("/").content.decode()
    assert "What to order or move" not in partly


def beside(here: Site) -> Hospital:
    """Another campus that keeps the same item."""
    return replace(hospital(), item=here.h.item, supplier=here.h.supplier)


def used(at: Hospital, count: int) -> None:
    epcs = at.stocked(count)
    at.do(Step.PUT_AWAY, *epcs, to=at.bin)
    for epc in epcs:
        at.do(Step.USE, epc)


def to_spare(at: Hospital, count: int) -> None:
    at.do(Step.PUT_AWAY, *at.stocked(count), to=at.bin)


def test_what_one_campus_has_to_spare_is_promised_once(db: None) -> None:
    here = site()
    second, giver, small = beside(here), beside(here), beside(here)
    used(here.h, 6)
    used(second, 6)
    to_spare(giver, 2)
    to_spare(small, 1)
    first, behind = proposed(here)
    # Three last 14 days: two from where most is to spare, one from the other; what is behind has to be ordered.
    assert [each.pieces for each in first.moves] == [2, 1]
    assert first.moves[0].campus[0] == giver.campus.name_zh
    assert (first.lack, first.move, first.order) == (3, 3, 0)
    with override("en"):
        said = render_to_string("web/_to_do.html", {"to_do": [first, behind]})
    for told in (f"Move 2 from {giver.campus.name}", f"Move 1 from {small.campus.name}", "Order 3"):
        assert told in said
    assert (behind.lack, behind.moves, behind.order) == (3, (), 3)
    assert {first.campus[0], behind.campus[0]} == {here.h.campus.name_zh, second.campus.name_zh}


def test_what_is_on_its_way_is_not_proposed_again(db: None) -> None:
    here = site()
    to = way(here)
    far = replace(beside(here), campus=Place.objects.get(path=to.store.path.replace(f"{to.store.pk}/", "")))
    far = replace(far, store=to.store, bin=to.shelf, actor=everything(far.campus, here.nurse))
    used(far, 3)
    epcs = here.stocked(3)
    [need] = proposed(here)
    assert (need.campus[0], need.lack, need.move) == (far.campus.name_zh, 2, 2)
    sent = to.sent(epcs[:1])
    [need] = proposed(here)
    assert (need.coming, need.lack, need.move) == (1, 1, 1)
    with override("en"):
        assert "1 on the way" in render_to_string("web/_to_do.html", {"to_do": [need]})
    to.sent(epcs[1:2])
    assert proposed(here) == []
    arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    assert proposed(here) == [], "what came lies there, and counts no more as on its way"


def test_what_is_on_order_hides_nothing_behind_it(db: None) -> None:
    """The list is cut when it is known what lacks, not before."""
    here = site()
    other = Item.objects.create(code=unique("ITEM"), name_zh="导管", temperature_class="room")
    used(here.h, 6)
    used(replace(here.h, item=other), 3)
    here.order((here.h.item, 9))
    [need] = to_do(("/",), now=timezone.now(), limit=1)
    assert (need.item_id, need.order) == (other.pk, 2)
