"""A transfer from one campus to another: its way, what differs on arrival, and what is refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.exchange.client import ApiClient
from tests.flows.approving import rule, signing
from tests.flows.site import Site, contents, soon
from tests.flows.transferring import Way, way
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Item
from yanji.flows.approval import approvals_of, decide
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.out_of_turn import of_transfer
from yanji.flows.putaway import put_away
from yanji.flows.requisition import Wanted
from yanji.flows.transfer.arrive import Doubtful, arrive, give_up
from yanji.flows.transfer.climate import Reading
from yanji.flows.transfer.curve import unpacked
from yanji.flows.transfer.models import TransferArrival, TransferLine
from yanji.flows.transfer.pick import pick_transfer, unpick_transfer
from yanji.flows.transfer.queries import differences, missing, transfers, way_cost
from yanji.flows.transfer.request import ask_transfer, cancel_transfer, close_transfer
from yanji.flows.transfer.sheet import transfer_sheet
from yanji.flows.transfer.ship import ship
from yanji.ledger.api import LotQuantity, Refused, Step, life_line, rebuild, unit_view
from yanji.ledger.models import Event
from yanji.places.models import Kind


@pytest.fixture
def to(committed: Site) -> Way:
    return way(committed)


def status(epc: str) -> tuple[str, int]:
    unit = unit_view(epc)
    assert unit is not None
    return unit.status, unit.place_id


def line(done) -> TransferLine:
    return TransferLine.objects.get(transfer_id=done.id)


def test_the_whole_way(to: Way) -> None:
    epcs = to.here.stocked(3)
    done = to.asked((to.here.h.item, 3), note="for the new theatre")
    assert (done.state, done.number[:3]) == ("requested", "TR-")
    picked = pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=epcs)
    assert picked.state == "picked"
    sent = ship(
        actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 7", seals="SEAL-1", cost=Decimal("120.50")
    )  # fmt: skip
    assert sent.state == "underway"
    assert {unit_view(epc).status for epc in epcs} == {"in_transit"}
    came = arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    assert (came.state, came.facts) == ("arrived", {"held": 0, "missing": 0})
    assert [status(epc) for epc in epcs] == [("available", to.shelf.pk)] * 3
    closed = close_transfer(actor=to.receiver, key=unique("c"), transfer_id=done.id)
    assert closed.state == "closed"
    [found] = transfers(to.receiver, states=["closed"])
    assert way_cost(found.shipments.all()) == Decimal("120.50")
    assert found.amount == Decimal(300)
    sheet = transfer_sheet(found)
    assert (sheet.number, len(sheet.sections[1].rows), sheet.sections[2].rows) == (done.number, 3, [])
    assert [step.step for step in life_line(epcs[0])][-3:] == ["pick", "ship", "arrive"]
    assert rebuild() == []


def test_it_goes_in_two_loads_and_counted_lots_go_along(to: Way) -> None:
    here, h = to.here, to.here.h
    epcs, lot = here.stocked(2), here.stocked_lot(10)
    done = to.asked((h.item, 2), (here.counted, 6))
    pick_transfer(
        actor=to.sender, key=unique("p"), transfer_id=done.id,
        things=[epcs[0], LotQuantity(lot, Decimal(4), h.store.pk)],
    )  # fmt: skip
    first = ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 7")
    pick_transfer(
        actor=to.sender, key=unique("p"), transfer_id=done.id,
        things=[epcs[1], LotQuantity(lot, Decimal(2), h.store.pk)],
    )  # fmt: skip
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    assert to.transfer(done).state == "arrived"
    second = ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van 8")
    assert (first.state, second.state) == ("underway", "partly_arrived")
    transfer = to.transfer(done)
    assert [(each.thing, each.pieces) for each in missing(transfer)] == [(epcs[1], 1), (f"lot {lot}", 2)]
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk,
        things=[epcs[1], LotQuantity(lot, Decimal(1), to.shelf.pk)],
    )  # fmt: skip
    assert (came.state, came.facts["missing"]) == ("partly_arrived", 1)
    assert rebuild() == []


def test_what_differs_is_held_named_or_given_up(to: Way) -> None:
    epcs = to.here.stocked(4)
    [stray] = to.here.stocked(1)
    done = to.sent(epcs)
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs[:1],
        held=[Doubtful(epcs[1], "damaged_on_way")], unexpected=[Doubtful(stray, "surplus")], seals_sound=False,
    )  # fmt: skip
    assert (came.state, came.facts) == ("partly_arrived", {"held": 1, "missing": 2})
    assert [status(epc)[0] for epc in epcs] == ["available", "quarantined", "in_transit", "in_transit"]
    assert status(stray) == ("available", to.here.h.store.pk)
    assert Event.objects.get(pk=came.events[1]).reason == "damaged_on_way"
    transfer = to.transfer(done)
    assert [each.thing for each in missing(transfer)] == epcs[2:]
    # One turns up after all, the other is given up - and stays in the ledger until somebody finds it.
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=[epcs[2]])
    before = contents()
    with pytest.raises(Refused) as refused:
        give_up(actor=to.sender, key=unique("g"), transfer_id=done.id, things=[epcs[3]], reason="lost_on_way")
    assert (refused.value.code, contents()) == ("own_load", before)
    lost = give_up(
        actor=to.receiver, key=unique("g"), transfer_id=done.id, things=[epcs[3]], reason="lost_on_way"
    )
    assert (lost.state, status(epcs[3])[0]) == ("arrived", "lost")
    with pytest.raises(Refused) as refused:
        take_back(actor=to.sender, key=unique("t"), event_id=lost.events[0], reason="wrong_scan")
    assert refused.value.code == "own_load_back"
    assert [(each.kind, each.thing, each.reason) for each in differences(transfer)] == [
        ("held", epcs[1], "damaged_on_way"), ("unexpected", stray, "surplus"), ("lost", epcs[3], "lost_on_way"),
    ]  # fmt: skip
    assert rebuild() == []


def test_too_warm_on_the_way_is_held_with_what_the_logger_showed(to: Way) -> None:
    """Only what the way was wrong for: a room-temperature item does not mind 12 degrees."""
    here = to.here
    cold = Item.objects.create(code=unique("COLD"), name_zh="组织密封胶", temperature_class="refrigerated")
    fridge = place(Kind.CABINET, here.h.store, temperature_class="refrigerated")
    order = here.order((cold, 2))
    arrivals = [here.arrival(item=cold, epc=f"01/06901234500028/21/{n}", serial=f"C{n}") for n in "AB"]
    here.receive(order, *arrivals)
    chilled, warm = [arrival.epc for arrival in arrivals], here.stocked(1)
    put_away(actor=to.sender, key=unique("pa"), things=chilled, to_place_id=fridge.pk)
    done = to.sent([*chilled, *warm], (cold, 2), (here.h.item, 1))
    now = timezone.now()
    values = ("11.1", "12.25", "12")
    readings = [Reading(now + timedelta(minutes=n), Decimal(value)) for n, value in enumerate(values)]
    arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=warm,
        readings=readings, logger="TL-9",
    )  # fmt: skip
    assert status(warm[0])[0] == "available"
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.fridge.pk, readings=readings, logger="TL-9"
    )  # fmt: skip
    assert [status(epc) for epc in chilled] == [("quarantined", to.fridge.pk)] * 2
    arrived, hold = (Event.objects.get(pk=event) for event in came.events)
    assert hold.reason == "temperature"
    assert arrived.sensor == hold.sensor
    assert (hold.sensor["celsius_min"], hold.sensor["celsius_max"]) == ("11.10", "12.25")
    assert (hold.sensor["readings"], hold.sensor["logger"]) == (3, "TL-9")
    assert [each.reason for each in differences(to.transfer(done))] == ["temperature"] * 2
    kept = unpacked(TransferArrival.objects.latest("pk").record)
    assert [(each.at, each.celsius) for each in kept] == [(each.at, each.celsius) for each in readings]


def test_cold_things_without_a_record_of_the_way_are_held(to: Way) -> None:
    here = to.here
    cold = Item.objects.create(code=unique("COLD"), name_zh="组织密封胶", temperature_class="refrigerated")
    arrivals = [here.arrival(item=cold, epc=f"01/06901234500028/21/{n}", serial=f"N{n}") for n in "AB"]
    here.receive(here.order((cold, 2)), *arrivals)
    chilled = [arrival.epc for arrival in arrivals]
    warm = here.stocked(1)
    done = to.sent([*chilled, *warm], (cold, 2), (here.h.item, 1))
    there = {"actor": to.receiver, "transfer_id": done.id}
    arrive(key=unique("a"), to_place_id=to.shelf.pk, things=warm, **there)
    before = contents()
    with pytest.raises(Refused) as refused:
        arrive(key=unique("a"), to_place_id=to.fridge.pk, **there)
    assert [(each.code, each.thing) for each in refused.value.offences] == [
        ("way_temperature_needed", cold.name)
    ]
    assert contents() == before
    broken = [Doubtful(chilled[0], "damaged_on_way")]
    came = arrive(key=unique("a"), to_place_id=to.fridge.pk, held=broken, no_record=True, **there)
    assert (came.state, came.facts["held"]) == ("arrived", 2)
    assert [status(epc) for epc in chilled] == [("quarantined", to.fridge.pk)] * 2
    assert {each.thing: each.reason for each in differences(to.transfer(done))} == {
        chilled[0]: "damaged_on_way", chilled[1]: "no_record",
    }  # fmt: skip


@pytest.mark.parametrize(("low", "high"), [("2", "8"), ("2.00", "8.0")])
def test_within_the_band_nothing_is_held(to: Way, low: str, high: str) -> None:
    cold = Item.objects.create(code=unique("COLD"), name_zh="胶", temperature_class="refrigerated")
    order = to.here.order((cold, 1))
    [arrival] = [to.here.arrival(item=cold, epc="01/06901234500028/21/Z", serial="Z")]
    to.here.receive(order, arrival)
    done = to.sent([arrival.epc], (cold, 1))
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.fridge.pk,
        celsius_min=Decimal(low), celsius_max=Decimal(high),
    )  # fmt: skip
    assert (came.facts["held"], status(arrival.epc)[0]) == (0, "available")


def test_a_store_that_cannot_keep_it_is_no_destination(to: Way) -> None:
    frozen = Item.objects.create(code=unique("ICE"), name_zh="冻存骨", temperature_class="frozen")
    before = contents()
    with pytest.raises(Refused) as refused:
        to.asked((frozen, 1))
    assert refused.value.code == "wrong_temperature"
    assert contents() == before
    assert Attempt.objects.get().code == "wrong_temperature"


def test_a_shelf_of_the_wrong_class_is_refused_on_arrival(to: Way) -> None:
    epcs = to.here.stocked(1)
    done = to.sent(epcs)
    hot = place(Kind.CABINET, to.store, temperature_class="frozen")
    before = contents()
    for target, code in ((hot, "wrong_temperature"), (to.here.h.bin, "not_yours")):
        with pytest.raises((Refused, NotFound)) as refused:
            arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=target.pk)
        assert getattr(refused.value, "code", "not_yours") == code
    assert contents() == before


def test_rules_of_approval_by_amount(to: Way) -> None:
    rules = signing(to.here)
    rule(to.here.h.campus, rules.head_role, kind="transfer", from_amount=250)
    epcs = to.here.stocked(3)
    small, large = to.asked((to.here.h.item, 2)), to.asked((to.here.h.item, 3))
    assert (small.state, large.state) == ("requested", "awaiting")
    before = contents()
    with pytest.raises(Refused) as refused:
        pick_transfer(actor=to.sender, key=unique("p"), transfer_id=large.id, things=epcs)
    assert refused.value.code == "document_closed"
    assert contents() == before
    [step] = approvals_of("transfer", large.id)
    decide(actor=to.here.actor(rules.head), key=unique("d"), approval_id=step.pk, approve=True)
    assert to.transfer(large).state == "requested"
    other = to.asked((to.here.h.item, 3))
    [step] = approvals_of("transfer", other.id)
    decide(actor=to.here.actor(rules.head), key=unique("d"), approval_id=step.pk, approve=False, comment="no")
    assert to.transfer(other).state == "refused"


def test_first_expiry_first_here_too(to: Way) -> None:
    [late] = to.here.stocked(1, lot="LATE", expiry=soon(400))
    to.here.stocked(1, lot="SOON", expiry=soon(40))
    done = to.asked((to.here.h.item, 1))
    before = contents()
    with pytest.raises(Refused) as refused:
        pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=[late])
    assert refused.value.code == "override_reason_needed"
    assert contents() == before
    pick_transfer(
        actor=to.sender, key=unique("p"), transfer_id=done.id, things=[late], overrides={late: "size_needed"}
    )
    assert to.transfer(done).overrides.get().reason == "size_needed"
    [told] = of_transfer(to.transfer(done))
    assert (told.thing, told.instead_lot, told.item) == (late, "SOON", to.here.h.item.name)
    assert told.why in {
        cell for section in transfer_sheet(to.transfer(done)).sections for row in section.rows for cell in row
    }
    assert [
        each["reason"]
        for each in ApiClient(to.here.storekeeper).get(f"/transfers/{done.id}").json()["overrides"]
    ] == ["size_needed"]


def test_what_was_held_while_it_lay_picked_is_picked_anew(to: Way) -> None:
    bad, good = to.here.stocked(2)
    done = to.picked([bad], (to.here.h.item, 1))
    to.here.h.do(Step.HOLD, bad)
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=[good])
    sent = ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van")
    assert (sent.state, status(good)[0], status(bad)[0]) == ("underway", "in_transit", "quarantined")


def test_called_off_everything_is_where_it_was(to: Way) -> None:
    epcs = to.here.stocked(3)
    done = to.asked((to.here.h.item, 3))
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=epcs)
    ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van", things=epcs[:2])
    with pytest.raises(Refused):
        cancel_transfer(actor=to.sender, key=unique("c"), transfer_id=done.id, reason="")
    off = cancel_transfer(actor=to.sender, key=unique("c"), transfer_id=done.id, reason="other")
    assert off.state == to.transfer(done).state == "cancelled"
    assert [status(epc) for epc in epcs] == [("available", to.here.h.store.pk)] * 3
    found = line(done)
    assert (found.picked, found.shipped) == (0, 0)
    assert to.transfer(done).shipments.get().called_back
    assert rebuild() == []


def test_nothing_is_called_off_once_something_arrived(to: Way) -> None:
    epcs = to.here.stocked(2)
    done = to.sent(epcs)
    arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs[:1])
    before = contents()
    with pytest.raises(Refused) as refused:
        cancel_transfer(actor=to.sender, key=unique("c"), transfer_id=done.id, reason="other")
    assert refused.value.code == "document_closed"
    assert contents() == before


def test_a_closed_transfer_opens_again_with_the_arrival_that_is_taken_back(to: Way) -> None:
    [epc] = to.here.stocked(1)
    done = to.sent([epc])
    there = {"actor": to.receiver, "transfer_id": done.id, "to_place_id": to.shelf.pk}
    came = arrive(key=unique("a"), **there)
    close_transfer(actor=to.receiver, key=unique("c"), transfer_id=done.id)
    take_back(actor=to.receiver, key=unique("t"), event_id=came.events[0], reason="wrong_place")
    assert to.transfer(done).state == "underway"
    assert arrive(key=unique("a"), **there).state == "arrived"
    assert status(epc) == ("available", to.shelf.pk)


def test_a_wrong_entry_is_taken_back_and_counted_off(to: Way) -> None:
    epcs = to.here.stocked(1)
    done = to.sent(epcs)
    came = arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk)
    take_back(actor=to.receiver, key=unique("t"), event_id=came.events[0], reason="wrong_place")
    assert (to.transfer(done).state, line(done).arrived) == ("underway", 0)
    take_back(actor=to.sender, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    assert (to.transfer(done).state, line(done).shipped, line(done).picked) == ("picked", 0, 1)
    unpick_transfer(actor=to.sender, key=unique("u"), transfer_id=done.id, things=epcs)
    assert (to.transfer(done).state, status(epcs[0])[0]) == ("requested", "available")
    assert rebuild() == []


BAD_LOADS = [
    ({"handed_to": " "}, "handed_to_needed"),
    ({"cost": Decimal(-1)}, "bad_way_cost"),
    ({"cost": Decimal("NaN")}, "bad_way_cost"),
    ({"cost": Decimal("1.005")}, "bad_way_cost"),
    ({"things": []}, "empty"),
    ({"things": ["01/06901234500011/21/NOBODY"]}, "not_picked"),
]


@pytest.mark.parametrize(("fields", "code"), BAD_LOADS)
def test_loads_that_are_refused(to: Way, fields, code: str) -> None:
    done = to.picked(to.here.stocked(1))
    before = contents()
    with pytest.raises(Refused) as refused:
        ship(actor=to.sender, key=unique("s"), transfer_id=done.id, **{"handed_to": "Van", **fields})
    assert refused.value.code == code
    assert contents() == before


BAD_ARRIVALS = [
    ({"things": ["01/06901234500011/21/NOBODY"]}, "not_on_the_way"),
    ({"things": []}, "empty"),
    ({"celsius_min": Decimal(2)}, "bad_way_temperature"),
    ({"celsius_min": Decimal(9), "celsius_max": Decimal(2)}, "bad_way_temperature"),
    ({"celsius_min": Decimal("NaN"), "celsius_max": Decimal(2)}, "bad_way_temperature"),
    ({"celsius_min": Decimal(2), "celsius_max": Decimal("Infinity")}, "bad_way_temperature"),
    ({"celsius_min": Decimal("-273.2"), "celsius_max": Decimal(2)}, "bad_way_temperature"),
]


@pytest.mark.parametrize(("fields", "code"), BAD_ARRIVALS)
def test_arrivals_that_are_refused(to: Way, fields, code: str) -> None:
    done = to.sent(to.here.stocked(1))
    before = contents()
    with pytest.raises(Refused) as refused:
        arrive(actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, **fields)
    assert refused.value.code == code
    assert contents() == before


def test_a_thing_cannot_be_good_and_held_at_once(to: Way) -> None:
    epcs = to.here.stocked(1)
    done = to.sent(epcs)
    before = contents()
    for held, code in (
        ([Doubtful(epcs[0], "other")], "scanned_twice"),
        ([Doubtful(epcs[0], "")], "reason_needed"),
    ):
        with pytest.raises(Refused) as refused:
            arrive(
                actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk, things=epcs, held=held
            )  # fmt: skip
        assert refused.value.code == code
    assert contents() == before


def test_each_end_does_its_own_part(to: Way) -> None:
    """The receiver may neither pick nor send, the sender may not receive, a stranger sees nothing."""
    epcs = to.here.stocked(2)
    done = to.asked((to.here.h.item, 2))
    before = contents()
    with pytest.raises(Refused) as refused:
        pick_transfer(actor=to.receiver, key=unique("p"), transfer_id=done.id, things=epcs)
    assert refused.value.code == "not_yours"
    with pytest.raises(Refused) as refused:
        ship(actor=to.here.purchasing, key=unique("s"), transfer_id=done.id, handed_to="x")
    assert refused.value.code == "not_yours"
    stranger = way(to.here).receiver
    with pytest.raises(NotFound):
        close_transfer(actor=stranger, key=unique("c"), transfer_id=done.id)
    with pytest.raises(NotFound):
        ask_transfer(
            actor=stranger, key=unique("x"), source_id=to.here.h.store.pk, destination_id=to.store.pk,
            lines=[Wanted(to.here.h.item.pk, 1)],
        )  # fmt: skip
    assert contents() == before
    pick_transfer(actor=to.sender, key=unique("p"), transfer_id=done.id, things=epcs)
    ship(actor=to.sender, key=unique("s"), transfer_id=done.id, handed_to="Van")
    before = contents()
    with pytest.raises(Refused) as refused:
        arrive(actor=to.sender, key=unique("a"), transfer_id=done.id, to_place_id=to.here.h.bin.pk)
    assert refused.value.code == "not_yours"
    assert contents() == before


def test_a_transfer_to_itself_is_refused(to: Way) -> None:
    before = contents()
    with pytest.raises(Refused) as refused:
        ask_transfer(
            actor=to.sender, key=unique("x"), source_id=to.here.h.store.pk, destination_id=to.here.h.store.pk,
            lines=[Wanted(to.here.h.item.pk, 1)],
        )  # fmt: skip
    assert refused.value.code == "same_two_places"
    assert contents() == before


def test_lots_go_twice_under_one_name(to: Way) -> None:
    """Part of a lot is good and part of it damaged: both from one load."""
    here = to.here
    lot = here.stocked_lot(5)
    done = to.sent([LotQuantity(lot, Decimal(5), here.h.store.pk)], (here.counted, 5))
    came = arrive(
        actor=to.receiver, key=unique("a"), transfer_id=done.id, to_place_id=to.shelf.pk,
        things=[LotQuantity(lot, Decimal(3), to.shelf.pk)],
        held=[Doubtful(LotQuantity(lot, Decimal(2), to.shelf.pk), "damaged_on_way")],
    )  # fmt: skip
    assert (came.state, came.facts) == ("arrived", {"held": 1, "missing": 0})
    assert rebuild() == []


def spent(act: Callable[[], Any]) -> int:
    with CaptureQueriesContext(connection) as found:
        act()
    return sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries)


def journey(to: Way, pieces: int) -> dict[str, int]:
    """Statements of each verb, moving so many units at once."""
    epcs = to.here.stocked(pieces)
    found: dict[str, int] = {}

    def measure(name: str, act: Callable[[], Any]) -> Any:
        kept: list[Any] = []
        found[name] = spent(lambda: kept.append(act()))
        return kept[0]

    item, sender, receiver = to.here.h.item, to.sender, to.receiver
    done = measure("transfer:ask", lambda: to.asked((item, pieces)))
    measure(
        "transfer:pick",
        lambda: pick_transfer(actor=sender, key=unique("p"), transfer_id=done.id, things=epcs),
    )
    measure(
        "transfer:ship", lambda: ship(actor=sender, key=unique("s"), transfer_id=done.id, handed_to="Van")
    )
    here = {"actor": receiver, "transfer_id": done.id, "to_place_id": to.shelf.pk}
    bad = [Doubtful(epc, "other") for epc in epcs[: pieces // 2 or 1]]
    measure("transfer:arrive", lambda: arrive(key=unique("a"), **here, things=[], held=bad))
    if pieces > 1:
        gone = epcs[pieces // 2 :]
    else:
        gone = to.here.stocked(1)
        done = to.sent(gone)
    measure(
        "transfer:give_up",
        lambda: give_up(actor=receiver, key=unique("g"), transfer_id=done.id, things=gone, reason="other"),
    )
    measure("transfer:close", lambda: close_transfer(actor=receiver, key=unique("c"), transfer_id=done.id))
    return found


@pytest.mark.slow
def test_a_hundred_units_cost_as_many_statements_as_one(to: Way) -> None:
    journey(to, 1)  # warms what is looked up once a process
    one, hundred = journey(to, 1), journey(to, 100)
    assert one == hundred
    budget = json.loads((Path(__file__).parents[1] / "budgets" / "transfers.json").read_text())
    assert one == budget, f"statements changed: write {json.dumps(one)} to the file if that is meant"
