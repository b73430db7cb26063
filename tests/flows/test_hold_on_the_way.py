"""What is on its way can be held as well: it stays on its way, and lands on hold."""

from decimal import Decimal
from typing import Any

import pytest

from tests.flows.site import Site, contents, person
from tests.flows.transferring import Way, way
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.correction import take_back
from yanji.flows.differing.report import Doubtful
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue
from yanji.flows.pick import pick
from yanji.flows.preview import interpret
from yanji.flows.queries import under_way
from yanji.flows.transfer.arrive import arrive, give_up
from yanji.flows.transfer.pick import pick_transfer
from yanji.flows.transfer.queries import missing
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import LotQuantity, Refused, rebuild, unit_view, virtual_places
from yanji.ledger.models import Level
from yanji.places.models import Kind


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def status(epc: str) -> tuple[str, int]:
    unit = unit_view(epc)
    assert unit is not None
    return str(unit.status), unit.place_id


def held(here: Site, *things: Any, **fields: Any) -> Any:
    who = fields.pop("actor", here.keeper)
    return hold(actor=who, key=unique("h"), things=things, reason="suspected", **fields)


def test_a_unit_held_on_its_way_lands_on_hold(to: Way) -> None:
    here = to.here
    epcs = here.stocked(3)
    done = to.sent(epcs)
    assert interpret(epcs[0], actor=here.keeper, flow="hold").offences == ()
    held(here, epcs[0])
    transit = status(epcs[1])[1]
    assert status(epcs[0]) == ("quarantined", transit)
    assert {each.thing: each.doubtful for each in missing(to.transfer(done))} == {
        epcs[0]: True, epcs[1]: False, epcs[2]: False,
    }  # fmt: skip
    before = contents()
    with pytest.raises(Refused) as refused:
        release(actor=here.keeper, key=unique("r"), things=epcs[:1], reason="inspected")
    assert (refused.value.code, contents()) == ("lands_first", before)
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs[:2],
        celsius_min=Decimal(60), celsius_max=Decimal(60),
    )  # fmt: skip
    assert came.facts == {"held": 2, "missing": 1}  # one for the way, one before
    assert [status(epc) for epc in epcs[:2]] == [("quarantined", to.shelf.pk)] * 2
    assert len(came.events) == 2
    release(actor=to.receiver, key=unique("r"), things=epcs[:1], reason="inspected")
    assert status(epcs[0])[0] == "available"
    held(here, epcs[2])
    give_up(actor=to.receiver, key=unique("g"), transfer_id=done.id, things=epcs[2:], reason="lost_on_way")
    assert (status(epcs[2])[0], to.transfer(done).state, rebuild()) == ("lost", "arrived", [])


def test_only_who_holds_at_either_end_may(to: Way) -> None:
    [epc] = to.here.stocked(1)
    to.sent([epc])
    stranger = to.here.actor(person("storekeeper", place(Kind.CAMPUS)))
    before = contents()
    for act, said in ((stranger, "not_yours"), (to.here.ward, "absent")):
        with pytest.raises((Refused, NotFound)) as refused:
            held(to.here, epc, actor=act)
        assert getattr(refused.value, "code", "absent") == said
    assert [each.code for each in interpret(epc, actor=stranger, flow="hold").offences] == ["not_yours"]
    assert contents() == before
    held(to.here, epc, actor=to.receiver)
    assert status(epc)[0] == "quarantined"


def test_a_whole_lot_is_held_wherever_it_is(to: Way) -> None:
    """Of a counted lot three pieces lie here and two are on their way; of another nothing is left here."""
    here, h = to.here, to.here.h
    lot = here.stocked_lot(5)
    sent = to.sent([LotQuantity(lot, Decimal(2), h.store.pk)], (here.counted, 2))
    done = held(here, lots=[WholeLot(lot, h.campus.pk)])
    assert (done.facts["count"], len(done.events)) == (5, 2)
    [coming] = missing(to.transfer(sent))
    assert (coming.pieces, coming.doubtful) == (2, True)
    came = arrive(actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk)
    assert (came.state, came.facts["held"]) == ("arrived", 2)
    held_there = LotQuantity(lot, Decimal(2), to.shelf.pk)
    release(actor=to.receiver, key=unique("r"), things=[held_there], reason="inspected")
    epcs = here.stocked(2, lot="GONE")
    away = to.sent(epcs)
    gone = unit_view(epcs[0]).lot_id
    assert held(here, lots=[WholeLot(gone, h.campus.pk)]).facts["count"] == 2
    arrive(actor=to.receiver, key=unique("a"), transfer_id=away.id, to_place_id=to.shelf.pk)
    assert [status(epc)[0] for epc in epcs] == ["quarantined"] * 2
    assert rebuild() == []


def test_what_is_held_is_still_on_its_way_when_that_is_taken_back(to: Way) -> None:
    [epc] = to.here.stocked(1)
    done = to.sent([epc])
    event = held(to.here, epc).events[0]
    root = to.here.actor(person("quality", place(Kind.GROUP)))
    everywhere = type(root)(root.person_id, root.name, {"correct": ("/",)})
    take_back(actor=everywhere, key=unique("t"), event_id=event, reason="wrong_scan")
    assert [each.doubtful for each in missing(to.transfer(done))] == [False]
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    assert status(epc)[0] == "available"


def test_what_a_ward_awaits_is_held_as_well(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(2)
    wanted = here.requisition((h.item, 2))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=epcs)
    issued = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)
    held(here, epcs[0])
    assert set(under_way(Issue.objects.get(pk=issued.id))) == set(epcs)
    done = take_in(actor=here.ward, key=unique("t"), issue_id=issued.id, to_place_id=h.cabinet.pk)
    assert done.state == "taken_in"
    assert [status(epc) for epc in epcs] == [("quarantined", h.cabinet.pk), ("available", h.cabinet.pk)]
    assert rebuild() == []


def test_pieces_of_which_some_were_held_on_the_way_are_taken_in_as_they_are_counted(
    committed: Site,
) -> None:
    """Whoever counts five types five; what was held stays so, and more than came is refused."""
    here, h, to = committed, committed.h, way(committed)
    lot = here.stocked_lot(5)
    sent = to.sent([LotQuantity(lot, Decimal(3), h.store.pk)], (here.counted, 5))
    hold(actor=here.keeper, key=unique("h"), lots=[WholeLot(lot, h.campus.pk)], reason="suspected")
    here.stocked_lot(5)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=sent.id, things=[two])
    ship(actor=to.sender, key=unique("s"), transfer_id=sent.id, handed_to="Van")
    there = {"actor": to.receiver, "transfer_id": sent.id, "to_place_id": to.shelf.pk}
    transit, before = virtual_places().transit, contents()
    with pytest.raises(Refused) as refused:
        arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(6), transit)], **there)
    assert (refused.value.code, contents()) == ("not_on_the_way", before)
    arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(4), transit)], **there)
    arrive(key=unique("a"), things=[LotQuantity(lot, Decimal(1), transit)], **there)
    rows = Level.objects.filter(lot_id=lot, place=to.shelf, quantity__gt=0)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 2, "quarantined": 3}
    assert rebuild() == []


def test_all_of_it_came_and_some_of_it_is_damaged(to: Way) -> None:
    """Pieces of a lot that are named as damaged are no part of the rest that is sound."""
    here = to.here
    lot, [good, bad] = here.stocked_lot(5), here.stocked(2)
    five = LotQuantity(lot, Decimal(5), here.h.store.pk)
    sent = to.sent([five, good, bad], (here.counted, 5), (here.h.item, 2))
    two = Doubtful(LotQuantity(lot, Decimal(2), virtual_places().transit), "damaged_on_way")
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=sent.id, to_place_id=to.shelf.pk,
        held=[two, Doubtful(bad, "damaged_on_way")],
    )  # fmt: skip
    assert (came.state, came.facts) == ("arrived", {"held": 2, "missing": 0})
    rows = Level.objects.filter(lot_id=lot, place=to.shelf, quantity__gt=0)
    assert {row.status: int(row.quantity) for row in rows} == {"available": 3, "quarantined": 2}
    assert [status(epc)[0] for epc in (good, bad)] == ["available", "quarantined"]
    assert rebuild() == []
