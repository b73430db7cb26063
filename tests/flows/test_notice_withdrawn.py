"""Nothing is announced twice; what will not come is withdrawn by whoever may announce it, and can be announced anew."""

import pytest

from tests.flows.buying import supplier_person
from tests.flows.site import GTIN, Site, contents, soon
from tests.flows.test_boxes_delivered import refused, sscc
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.flows.announced import Announced
from yanji.flows.attempts import Attempt
from yanji.flows.models import ShipNotice
from yanji.flows.notice_withdrawn import withdraw_notice
from yanji.flows.packing.models import Box, BoxedUnit
from yanji.flows.purchase import cancel_order
from yanji.flows.queries import arriving
from yanji.flows.ship_notice import announce
from yanji.ledger.api import Refused


def lines(here: Site, *serials: str, box: str = "", pallet: str = "") -> list[Announced]:
    return [
        Announced(here.h.item.pk, s, "L1", soon(400), epc=f"01/{GTIN}/21/{s}", box=box, pallet=pallet)
        for s in serials
    ]


def tell(actor: Actor, order, given: list[Announced]):
    return announce(actor=actor, key=unique("k"), order_id=order.id, lines=given)


def withdraw(actor: Actor, notice, reason: str = "Truck broke down"):
    return withdraw_notice(actor=actor, key=unique("k"), notice_id=notice.id, reason=reason)


def names(count: int) -> list[str]:
    return [unique("P") for _ in range(count)]


def test_what_is_on_its_way_is_not_announced_again(committed: Site) -> None:
    theirs, order = committed.actor(supplier_person(committed)), committed.order((committed.h.item, 3))
    first = tell(theirs, order, lines(committed, *names(2)))
    refused("announced_before", lambda: tell(theirs, order, lines(committed, *names(2))))
    tell(theirs, order, lines(committed, *names(1)))
    refused("over_announced", lambda: tell(theirs, order, lines(committed, *names(4))))
    withdraw(theirs, first)
    assert tell(theirs, order, lines(committed, *names(2))).state == "announced"


def test_a_withdrawn_carton_is_announced_again_and_comes(committed: Site) -> None:
    serials, box, pallet = names(2), sscc(), sscc()
    order, theirs = committed.order((committed.h.item, 2)), committed.actor(supplier_person(committed))
    first = tell(theirs, order, lines(committed, *serials, box=box, pallet=pallet))
    withdraw(theirs, first)
    kept = ShipNotice.objects.get(pk=first.id)
    assert (kept.state, kept.withdrawn_by_id, kept.withdrawn_because) == (
        "withdrawn", theirs.person_id, "Truck broke down",
    )  # fmt: skip
    assert (Box.objects.count(), BoxedUnit.objects.count(), arriving(committed.keeper)) == (0, 0, [])
    second = tell(theirs, order, lines(committed, *serials, box=box, pallet=pallet))
    arrivals = [committed.arrival(serial=serial) for serial in serials]
    assert committed.receive(order, *arrivals, notice_id=second.id).state == "received"
    assert ShipNotice.objects.get(pk=second.id).state == "arrived"


def test_what_came_of_a_notice_stays_and_the_rest_is_withdrawn(committed: Site) -> None:
    serials, order = names(3), committed.order((committed.h.item, 3))
    notice = tell(committed.keeper, order, lines(committed, *serials, box=sscc()))
    committed.receive(order, committed.arrival(serial=serials[0]), notice_id=notice.id)
    withdraw(committed.keeper, notice)
    assert tell(committed.keeper, order, lines(committed, *serials[1:])).state == "announced"
    refused("document_closed", lambda: withdraw(committed.keeper, notice))


def test_a_cancelled_order_awaits_nothing(committed: Site) -> None:
    order = committed.order((committed.h.item, 3))
    notice = tell(committed.keeper, order, lines(committed, *names(3)))
    cancel_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Ordered twice")
    assert ShipNotice.objects.get(pk=notice.id).state == "withdrawn"


def test_a_unit_stands_on_one_notice_that_is_still_to_come(committed: Site) -> None:
    serials, order = names(1), committed.order((committed.h.item, 3))
    withdraw(committed.keeper, tell(committed.keeper, order, lines(committed, *serials)))
    second = tell(committed.keeper, order, lines(committed, *serials))
    refused("still_announced", lambda: tell(committed.keeper, order, lines(committed, *serials)))
    withdraw(committed.keeper, second)
    assert tell(committed.keeper, order, lines(committed, *serials)).state == "announced"


def test_what_a_cancelled_order_awaited_is_announced_for_the_one_that_replaces_it(committed: Site) -> None:
    serials, order = names(2), committed.order((committed.h.item, 2))
    tell(committed.keeper, order, lines(committed, *serials))
    cancel_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Ordered twice")
    instead = committed.order((committed.h.item, 2))
    notice = tell(committed.keeper, instead, lines(committed, *serials))
    arrivals = [committed.arrival(serial=serial) for serial in serials]
    assert committed.receive(instead, *arrivals, notice_id=notice.id).state == "received"
    assert ShipNotice.objects.get(pk=notice.id).state == "arrived"


def test_what_was_withdrawn_is_free_for_another_order_that_runs(committed: Site) -> None:
    serials = names(3)
    first, second = (committed.order((committed.h.item, 3)) for _ in range(2))
    notice = tell(committed.keeper, first, lines(committed, *serials))
    refused("duplicate_identity", lambda: tell(committed.keeper, second, lines(committed, *serials)))
    withdraw(committed.keeper, notice)
    anew = tell(committed.keeper, second, lines(committed, *serials[:2]))
    # One notice announces it now: neither the first order's nor a third one does.
    refused("still_announced", lambda: tell(committed.keeper, first, lines(committed, serials[0])))
    refused("announced_elsewhere", lambda: committed.receive(first, committed.arrival(serial=serials[0])))
    arrivals = [committed.arrival(serial=serial) for serial in serials]
    committed.receive(second, *arrivals[:2], notice_id=anew.id)
    assert ShipNotice.objects.get(pk=anew.id).state == "arrived"
    # What nobody announced anew comes for whichever order it is brought for.
    assert committed.receive(second, arrivals[2]).state == "received"


def test_who_withdraws_a_notice_says_why_and_may_announce(committed: Site) -> None:
    order = committed.order((committed.h.item, 3))
    notice = tell(committed.keeper, order, lines(committed, *names(3)))
    refused("reason_needed", lambda: withdraw(committed.keeper, notice, " "))
    before = contents()
    with pytest.raises((Refused, NotFound)):
        withdraw(committed.ward, notice)
    assert contents() == before
    other = Supplier.objects.create(code=unique("S"), name_zh="别家")
    rival, before = committed.actor(supplier_person(committed, other.pk)), contents()
    with pytest.raises(NotFound):
        withdraw(rival, notice)
    assert contents() == before
    assert Attempt.objects.filter(code="others").get().thing == notice.number
