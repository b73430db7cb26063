"""What is held goes to nobody until it is released: units, quantities, whole lots, and what lay picked already."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.site import Site, contents, person, soon
from tests.makers import place, unique
from yanji.access.gates import NotFound
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot, held
from yanji.flows.hold import hold, release
from yanji.flows.issue import issue
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.preview import interpret
from yanji.flows.putaway import put_away
from yanji.flows.queries import picked_for
from yanji.flows.receive import Arrival
from yanji.flows.requisition import close_requisition
from yanji.ledger.api import LotQuantity, Refused, Status, life_line, on_hand, rebuild, unit_view, unit_views
from yanji.ledger.models import Level
from yanji.places.models import Kind


def held_now(here: Site, *things: Any, **fields: Any) -> Any:
    return hold(
        actor=here.keeper, key=unique("h"), things=things, reason=fields.pop("reason", "suspected"), **fields
    )


def released(here: Site, *things: Any, **fields: Any) -> Any:
    return release(
        actor=here.keeper, key=unique("r"), things=things, reason=fields.pop("reason", "inspected"), **fields
    )


def refused(here: Site, act: Any, *args: Any, **fields: Any) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refusal:
        act(here, *args, **fields)
    assert contents() == before
    assert all("…" not in sentence for sentence in refusal.value.sentences()), refusal.value.sentences()
    return refusal.value


def statuses(*epcs: str) -> list[str]:
    found = unit_views(list(epcs))
    return [str(found[epc].status) for epc in epcs]


def stock(here: Site) -> dict[str, int]:
    """Pieces of the counted item by status."""
    asked = [status.value for status in Status]
    rows = on_hand(paths=["/"], by=("status",), item_id=here.counted.pk, statuses=asked)
    return {str(row.status): int(row.quantity) for row in rows}


def test_held_and_released_with_a_reason_each(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    done = held_now(here, *epcs, note="looks wet")
    assert (done.facts, len(done.events)) == ({"count": 2}, 1)
    assert statuses(*epcs) == ["quarantined"] * 2
    wanted = here.requisition((here.h.item, 1))
    meaning = interpret(epcs[0], actor=here.keeper, flow="pick", requisition_id=wanted.id)
    assert "on_hold" in [offence.code for offence in meaning.offences]
    released(here, epcs[0])
    assert statuses(*epcs) == ["available", "quarantined"]
    last = life_line(epcs[0])[-2:]
    assert [(each.step, each.reason, each.note) for each in last] == [
        ("hold", "suspected", "looks wet"),
        ("release", "inspected", ""),
    ]
    assert rebuild() == []


def test_the_same_key_holds_once(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    key = unique("h")
    first, again = (hold(actor=here.keeper, key=key, things=[epc], reason="damaged") for _ in range(2))
    assert (first.events, again.repeated) == (again.events, True)
    assert len(life_line(epc)) == 3


@pytest.mark.parametrize("reason", ["", "because", "inspected"])
def test_only_the_reasons_that_are_offered(committed: Site, reason: str) -> None:
    [epc] = committed.stocked(1)
    refusal = refused(committed, held_now, epc, reason=reason)
    assert refusal.code == ("unknown_reason" if reason else "reason_needed")


def test_nothing_at_all_and_what_is_not_on_hold(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    assert refused(here, held_now).code == "empty"
    assert refused(here, released, epc).code == "wrong_status"
    assert refused(here, held_now, "01/0/21/NONE").code == "unknown_unit"
    held_now(here, epc)
    assert refused(here, held_now, epc).code == "on_hold"


def test_who_may_not_hold_here(committed: Site) -> None:
    from tests.flows.site import person

    here = committed
    [epc] = here.stocked(1)
    before = contents()
    with pytest.raises(NotFound):
        hold(actor=here.ward, key=unique("h"), things=[epc], reason="damaged")
    elsewhere = here.actor(person("storekeeper", place(Kind.CAMPUS)))
    with pytest.raises(Refused) as refusal:
        hold(actor=elsewhere, key=unique("h"), things=[epc], reason="damaged")
    assert refusal.value.code == "not_yours"
    lot = unit_view(epc).lot_id
    with pytest.raises(NotFound):
        hold(
            actor=elsewhere, key=unique("h"), lots=[WholeLot(lot, here.h.store.pk)], reason="damaged"
        )  # fmt: skip
    assert contents() == before


def test_past_its_expiry_it_stays_on_hold(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1, lot="OLD", expiry=soon(0))
    held_now(here, epc)
    from datetime import timedelta

    from django.utils import timezone

    from yanji.ledger.models import Lot

    Lot.objects.filter(number="OLD").update(expiry=timezone.localdate() - timedelta(days=1))
    assert refused(here, released, epc).code == "expired"


def test_a_whole_lot_where_it_lies(committed: Site) -> None:
    here, h = committed, committed.h
    epcs = here.stocked(4, lot="BAD")
    others = here.stocked(1, lot="GOOD")
    put_away(actor=here.keeper, key=unique("p"), things=epcs[:2], to_place_id=h.bin.pk)
    lot = unit_view(epcs[0]).lot_id
    done = held_now(here, lots=[WholeLot(lot, h.bin.pk)])
    assert done.facts == {"count": 2}
    assert statuses(*epcs, *others) == ["quarantined"] * 2 + ["available"] * 3
    # One scanned as well stands once.
    assert held_now(here, epcs[2], lots=[WholeLot(lot, h.store.pk)]).facts == {"count": 2}
    assert statuses(*epcs) == ["quarantined"] * 4
    refusal = refused(here, held_now, lots=[WholeLot(lot, h.store.pk)])
    assert (refusal.code, refusal.offences[0].thing) == ("lot_not_there", "BAD")
    assert released(here, lots=[WholeLot(lot, h.store.pk)]).facts == {"count": 4}
    with pytest.raises(NotFound):
        held_now(here, lots=[WholeLot(999_999_999, h.store.pk)])


def test_counted_pieces_are_taken_from_what_is_available(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(10, expiry=soon(90))
    wanted = here.requisition((here.counted, 8))
    pick(
        actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[LotQuantity(lot, Decimal(8), h.store.pk)]
    )  # fmt: skip
    too_many = LotQuantity(lot, Decimal(3), h.store.pk)
    assert refused(here, held_now, too_many).code == "not_enough"  # although eight lie picked
    held_now(here, LotQuantity(lot, Decimal(2), h.store.pk))
    assert stock(here) == {"picked": 8, "quarantined": 2}
    released(here, LotQuantity(lot, Decimal(1), h.store.pk))
    assert stock(here) == {"picked": 8, "quarantined": 1, "available": 1}
    assert rebuild() == []


def test_what_lay_picked_is_open_to_pick_again(committed: Site) -> None:
    here = committed
    epcs = here.stocked(3)
    first, second = here.requisition((here.h.item, 1)), here.requisition((here.h.item, 1))
    for wanted, epc in ((first, epcs[0]), (second, epcs[1])):
        pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
    done = held_now(here, *epcs)
    assert len(done.events) == 3  # what was free, and one for each requisition that loses something
    assert statuses(*epcs) == ["quarantined"] * 3
    for wanted in (first, second):
        requisition = Requisition.objects.get(pk=wanted.id)
        [line] = requisition.lines.all()
        assert (requisition.state, line.picked, picked_for(wanted.id)) == ("requested", 0, ([], {}))
    assert [
        passage.documents.get("requisition") for passage in (life_line(epcs[0])[-1], life_line(epcs[2])[-1])
    ] == [
        first.number,
        None,
    ]
    released(here, *epcs)
    pick(actor=here.keeper, key=unique("p"), requisition_id=first.id, things=[epcs[2]])
    issue(actor=here.keeper, key=unique("i"), requisition_id=first.id)
    close_requisition(actor=here.ward, key=unique("c"), requisition_id=second.id)
    assert rebuild() == []


def test_a_hold_that_is_taken_back_leaves_it_picked(committed: Site) -> None:
    here = committed
    [epc] = here.stocked(1)
    wanted = here.requisition((here.h.item, 1))
    pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
    [event] = held_now(here, epc).events
    take_back(actor=here.keeper, key=unique("t"), event_id=event, reason="wrong_scan")
    assert picked_for(wanted.id) == ([epc], {})
    [line] = Requisition.objects.get(pk=wanted.id).lines.all()
    assert line.picked == 1
    issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id)


def test_a_whole_counted_lot_with_what_several_have_picked_of_it(committed: Site) -> None:
    here, h = committed, committed.h
    lot = here.stocked_lot(10, expiry=soon(90))
    wanted = [here.requisition((here.counted, pieces)) for pieces in (3, 4)]
    for each, pieces in zip(wanted, (3, 4), strict=True):
        things = [LotQuantity(lot, Decimal(pieces), h.store.pk)]
        pick(actor=here.keeper, key=unique("p"), requisition_id=each.id, things=things)
    done = held_now(here, lots=[WholeLot(lot, h.store.pk)])
    assert (done.facts, len(done.events)) == ({"count": 10}, 3)
    assert stock(here) == {"quarantined": 10}
    assert [picked_for(each.id) for each in wanted] == [([], {}), ([], {})]
    assert [Requisition.objects.get(pk=each.id).lines.get().picked for each in wanted] == [0, 0]
    assert released(here, lots=[WholeLot(lot, h.store.pk)]).facts == {"count": 10}
    assert stock(here) == {"available": 10}
    assert rebuild() == []


def test_what_was_rejected_on_receipt_is_not_released(committed: Site) -> None:
    here = committed
    good, bad = here.arrival(), here.arrival(rejected="damaged")
    done = here.receive(here.order((here.h.item, 2)), good, bad)
    held_now(here, good.epc)
    refusal = refused(here, released, good.epc, bad.epc)
    assert [(offence.code, offence.thing) for offence in refusal.offences] == [
        ("rejected_on_receipt", bad.epc)
    ]
    assert done.number in str(refusal)
    released(here, good.epc)
    assert statuses(good.epc, bad.epc) == ["available", "quarantined"]


def test_of_a_counted_lot_only_what_was_not_rejected(committed: Site) -> None:
    here, h = committed, committed.h
    same = {"lot": "P", "expiry": soon(60)}
    here.receive(
        here.order((here.counted, 10)),
        Arrival(here.counted.pk, quantity=7, **same),
        Arrival(here.counted.pk, quantity=3, rejected="damaged", **same),
    )
    lot = here.counted.lots.get().pk

    def some(pieces: int) -> LotQuantity:
        return LotQuantity(lot, Decimal(pieces), h.store.pk)

    held_now(here, some(2))
    assert stock(here) == {"available": 5, "quarantined": 5}
    refusal = refused(here, released, some(3))
    facts = refusal.offences[0].facts
    assert (facts["rejected"], facts["free"], facts["wanted"]) == (3, 2, 3)
    assert refused(here, released, lots=[WholeLot(lot, h.store.pk)]).code == "lot_rejected_on_receipt"
    released(here, some(2))
    assert stock(here) == {"available": 7, "quarantined": 3}
    assert refused(here, released, some(1)).code == "lot_rejected_on_receipt"


def test_what_is_on_hold_says_why_and_since_when(committed: Site) -> None:
    here, h = committed, committed.h
    epc, other = here.stocked(2)
    bad = here.arrival(rejected="damaged")
    here.receive(here.order((h.item, 1)), bad)
    lot = here.stocked_lot(4, expiry=soon(90))
    held_now(here, epc, LotQuantity(lot, Decimal(3), h.store.pk), reason="storage")
    found = {each.epc: each for each in held([h.campus.path])}
    assert other not in found
    assert (found[epc].reason, found[epc].step, found[bad.epc].reason) == ("storage", "hold", "damaged")
    assert (found[""].lot_id, found[""].pieces, found[""].place_id) == (lot, 3, h.store.pk)
    assert held([place(Kind.CAMPUS).path]) == []
    assert held([]) == []


def test_a_hundred_cost_as_many_statements_as_one(committed: Site) -> None:
    here = committed
    held_now(here, *here.stocked(1))  # warms what is looked up once a process
    spent = []
    for number in (1, 100):
        epcs = here.stocked(number, lot=f"LOT{number}", expiry=soon(300))
        lot = unit_view(epcs[0]).lot_id
        with CaptureQueriesContext(connection) as asked:
            held_now(here, lots=[WholeLot(lot, here.h.store.pk)])
            released(here, *epcs)
        spent.append(sum("SAVEPOINT" not in str(query["sql"]) for query in asked))
    assert spent[0] == spent[1]


def test_nothing_is_released_where_its_temperature_is_not_kept(committed: Site) -> None:
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    lot = here.stocked_lot(2)
    pieces = LotQuantity(lot, Decimal(2), h.store.pk, status="quarantined")
    held_now(here, epc, LotQuantity(lot, Decimal(2), h.store.pk))
    for item in (h.item, here.counted):
        type(item).objects.filter(pk=item.pk).update(temperature_class="refrigerated")
    wrong = refused(here, released, epc, pieces)
    assert [(each.code, each.thing) for each in wrong.offences] == [
        ("kept_wrong", epc),
        ("kept_wrong", f"lot {lot}"),
    ]
    assert [each.code for each in interpret(epc, actor=here.keeper, flow="release").offences] == [
        "kept_wrong"
    ]
    assert refused(here, released, epc, to_place_id=h.bin.pk).code == "kept_wrong"
    fridge = place(Kind.BIN, h.store, temperature_class="refrigerated")
    done = released(here, epc, pieces, to_place_id=fridge.pk)
    assert (len(done.events), statuses(epc), unit_view(epc).place_id) == (2, ["available"], fridge.pk)
    assert stock(here) == {"available": 2}
    assert rebuild() == []


def test_whoever_may_release_puts_it_on_the_fitting_shelf(committed: Site) -> None:
    """A quality officer stores nothing otherwise, and moves nothing of a store that is not theirs to hold."""
    here, h = committed, committed.h
    [epc] = here.stocked(1)
    held_now(here, epc)
    fridge = place(Kind.CABINET, h.store, temperature_class="refrigerated")
    type(h.item).objects.filter(pk=h.item.pk).update(temperature_class="refrigerated")
    said = {"key": unique("r"), "things": [epc], "reason": "inspected", "to_place_id": fridge.pk}
    stranger, before = here.actor(person("quality", place(Kind.CAMPUS))), contents()
    with pytest.raises(NotFound):
        release(actor=stranger, **said)
    assert contents() == before
    release(actor=here.actor(person("quality", h.campus)), **said)
    assert (statuses(epc), unit_view(epc).place_id) == (["available"], fridge.pk)


def test_a_lot_is_released_onto_a_shelf_that_has_some_of_it(committed: Site) -> None:
    here, h = committed, committed.h
    epcs, lot = here.stocked(2), here.stocked_lot(4)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    put_away(actor=here.keeper, key=unique("w"), things=[epcs[0], two], to_place_id=h.bin.pk)
    wholes = [WholeLot(each, h.store.pk) for each in (unit_view(epcs[0]).lot_id, lot)]
    held_now(here, lots=wholes)
    done = released(here, lots=wholes, to_place_id=h.bin.pk)
    assert (done.facts["count"], statuses(*epcs)) == (6, ["available"] * 2)
    assert {unit_view(each).place_id for each in epcs} == {h.bin.pk}
    level = Level.objects.get(lot_id=lot, quantity__gt=0)
    assert (level.place_id, level.status, int(level.quantity)) == (h.bin.pk, "available", 4)
    assert rebuild() == []


def test_what_is_put_on_the_shelf_is_what_was_held(committed: Site) -> None:
    """Not more of the same lot that came back meanwhile and nobody has looked at."""
    here, h = committed, committed.h
    lot = here.stocked_lot(9)
    two = LotQuantity(lot, Decimal(2), h.store.pk)
    held_now(here, two)
    Level.objects.filter(lot_id=lot, status="available").update(status="returned")
    released(here, two, to_place_id=h.bin.pk)
    rows = Level.objects.filter(lot_id=lot, quantity__gt=0).values_list("place_id", "status", "quantity")
    assert set(rows) == {(h.store.pk, "returned", 7), (h.bin.pk, "available", 2)}
