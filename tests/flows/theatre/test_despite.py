"""What is in the patient already is recorded although nobody may use it: flagged, with a paper that is decided afterwards."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.site import soon
from tests.flows.theatre.room import Room
from tests.flows.theatre.test_case import refused
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.flows.correction import take_back
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold
from yanji.flows.preview import interpret
from yanji.flows.recall import mark_expired, recall
from yanji.flows.theatre import despite
from yanji.flows.theatre.despite import objections
from yanji.flows.theatre.emergency import accept_refused, decide_emergency
from yanji.flows.theatre.models import ChargeLine, EmergencyUse, Implant
from yanji.flows.theatre.queries import undecided
from yanji.ledger.api import LotQuantity, Refused, Step, life_line, rebuild, trace_lot, unit_view
from yanji.ledger.models import Level, Lot, Movement, Unit


def recalled(room: Room) -> str:
    [epc] = room.units(1, lot="RECALLED")
    recall(actor=room.keeper, key=unique("r"), things=[epc], notice="FSN-1")
    return epc


def held(room: Room) -> str:
    [epc] = room.units(1)
    hold(actor=room.keeper, key=unique("h"), things=[epc], reason="suspected")
    return epc


def expired(room: Room) -> str:
    """A unit whose last day was yesterday."""
    [epc] = room.units(1)
    lot = Unit.objects.get(epc=epc).lot
    lot.expiry = soon(-1)
    lot.save(update_fields=["expiry"])
    return epc


@pytest.mark.parametrize(("made", "code"), [(recalled, "recalled"), (held, "on_hold"), (expired, "expired")])
def test_it_is_refused_unless_somebody_says_why_it_is_in_there(room: Room, made, code: str) -> None:
    room.code()
    epc, case = made(room), room.case()
    refused(code, lambda: room.use(case, epc))
    refused("unknown_reason", lambda: room.use(case, epc, despite="no such reason"))

    done = room.use(case, epc, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert (paper.state, paper.reason, paper.order, paper.receipt) == ("awaiting", "life", None, None)
    assert [each["code"] for each in paper.against] == [code]
    assert done.facts["against"] == objections(paper)
    assert paper.amount == unit_view(epc).cost
    assert unit_view(epc).status == "used"
    last = life_line(epc)[-1]
    assert (last.step, last.documents["despite"], last.documents["case"]) == (
        "use",
        paper.number,
        case.number,
    )
    assert ChargeLine.objects.get(case=case).unit.epc == epc
    assert rebuild() == []


def test_those_who_approve_are_asked_and_the_one_who_used_is_not(room: Room) -> None:
    done = room.use(room.case(), recalled(room), despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    approver = room.approver()
    assert paper in undecided(approver)
    own = Actor(room.nurse.person_id, "", approver.scopes)
    assert paper not in undecided(own)
    ask = {"key": unique("d"), "emergency_id": paper.pk, "approve": True}
    refused("approval_by_requester", lambda: decide_emergency(actor=own, **ask))
    assert decide_emergency(actor=approver, **ask).state == "approved"


def test_the_recall_finds_the_patient(room: Room) -> None:
    room.here.h.item.implant = True
    room.here.h.item.save()
    epc, case = recalled(room), room.case()
    room.use(case, epc, despite="life")
    lot = Unit.objects.get(epc=epc).lot_id
    assert case.number in str(trace_lot(lot))
    assert Implant.objects.get(case=case).patient_token == case.patient_token


def test_a_good_unit_needs_no_paper_and_one_of_several_is_named_alone(room: Room) -> None:
    [good] = room.units(1)
    assert "despite" not in room.use(room.case(), good, despite="life").facts
    [other], bad = room.units(1), recalled(room)
    done = room.use(room.case(), other, bad, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert [each["thing"] for each in paper.against] == [bad]


def test_it_excuses_nothing_else(room: Room) -> None:
    epc, case = recalled(room), room.case()
    room.use(case, epc, despite="life")
    refused("already_used", lambda: room.use(case, epc, despite="life"))
    [in_the_store] = room.here.stocked(1)
    with pytest.raises(Refused) as elsewhere:
        room.use(case, in_the_store, despite="life")
    assert {offence.code for offence in elsewhere.value.offences} == {"elsewhere", "not_yours"}
    refused("unknown_unit", lambda: room.use(case, "01/06901234500017/21/NONE", despite="life"))


def test_taken_back_it_is_recalled_as_it_was(room: Room) -> None:
    epc = recalled(room)
    done = room.use(room.case(), epc, despite="life")
    take_back(actor=room.nurse, key=unique("b"), event_id=done.events[0], reason="wrong_scan")
    assert unit_view(epc).status == "recalled"
    meaning = interpret(epc, actor=room.nurse, flow="use", from_place_id=room.here.h.department.pk)
    assert {offence.code for offence in meaning.offences} == {"recalled"}


def test_taken_back_its_paper_asks_nobody_any_more(room: Room) -> None:
    approver = room.approver()
    done = room.use(room.case(), recalled(room), despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert paper in undecided(approver)
    take_back(actor=room.nurse, key=unique("b"), event_id=done.events[0], reason="wrong_scan")
    paper.refresh_from_db()
    assert paper.state == "voided"
    assert undecided(approver) == []
    ask = {"key": unique("d"), "emergency_id": paper.pk, "approve": True}
    refused("document_closed", lambda: decide_emergency(actor=approver, **ask))


@pytest.mark.parametrize("approve", [True, False])
def test_decided_or_not_a_use_that_was_not_leaves_no_standing_paper(room: Room, approve: bool) -> None:
    approver = room.approver()
    done = room.use(room.case(), held(room), despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    decide_emergency(actor=approver, key=unique("d"), emergency_id=paper.pk, approve=approve)
    take_back(actor=room.nurse, key=unique("b"), event_id=done.events[0], reason="wrong_scan")
    paper.refresh_from_db()
    assert paper.state == "voided"


def test_nothing_is_paid_by_it(room: Room) -> None:
    approver = room.approver()
    done = room.use(room.case(), held(room), despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    decide_emergency(actor=approver, key=unique("d"), emergency_id=paper.pk, approve=False)
    accept = {"key": unique("a"), "emergency_id": paper.pk, "reason": "in the patient"}
    refused("nothing_was_ordered", lambda: accept_refused(actor=approver, **accept))
    paper.refresh_from_db()
    assert (paper.state, paper.accepted_because) == ("refused", "")


def screws(room: Room, pieces: int = 5) -> LotQuantity:
    """Counted pieces in the theatre's cabinet."""
    h, lot = room.here.h, room.here.stocked_lot(pieces)
    h.do(Step.PUT_AWAY, LotQuantity(lot, Decimal(pieces), h.store.pk), to=h.cabinet)
    return LotQuantity(lot, Decimal(pieces), h.cabinet.pk)


def recalled_lot(room: Room, goods: LotQuantity) -> None:
    whole = [WholeLot(goods.lot_id, room.here.h.campus.pk)]
    recall(actor=room.keeper, key=unique("r"), lots=whole, notice="FSN-2")


def held_lot(room: Room, goods: LotQuantity) -> None:
    hold(actor=room.keeper, key=unique("h"), things=[goods], reason="suspected")


def expired_lot(room: Room, goods: LotQuantity) -> None:
    Lot.objects.filter(pk=goods.lot_id).update(expiry=soon(-1))
    mark_expired(actor=room.keeper, key=unique("e"), place_id=room.here.h.campus.pk)


def lying(goods: LotQuantity) -> dict[str, int]:
    levels = Level.objects.filter(lot=goods.lot_id, place=goods.from_place_id, quantity__gt=0)
    return {status: int(quantity) for status, quantity in levels.values_list("status", "quantity")}


@pytest.mark.parametrize(
    ("made", "status", "code"),
    [(recalled_lot, "recalled", "recalled"), (held_lot, "quarantined", "on_hold"), (expired_lot, "expired", "expired")],
)  # fmt: skip
@pytest.mark.parametrize("named", [True, False])
def test_pieces_of_a_lot_are_owned_up_to_as_units_are(
    room: Room, made, status: str, code: str, named: bool
) -> None:
    goods, case = screws(room), room.case()
    made(room, goods)
    two = replace(goods, quantity=Decimal(2), status=status if named else "")
    refused(code, lambda: room.use(case, two))

    done = room.use(case, two, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert [(each["code"], each["thing"]) for each in paper.against] == [(code, f"lot {goods.lot_id}")]
    assert ChargeLine.objects.get(case=case).quantity == 2
    assert lying(goods) == {status: 3}
    assert Movement.objects.get(event=done.events[0]).from_status == status
    refused("not_enough", lambda: room.use(case, replace(two, quantity=Decimal(4)), despite="life"))

    take_back(actor=room.nurse, key=unique("b"), event_id=done.events[0], reason="wrong_scan")
    assert lying(goods) == {status: 5}
    assert rebuild() == []


def test_pieces_that_nothing_speaks_against_are_taken_first(room: Room) -> None:
    goods, case = screws(room), room.case()
    held_lot(room, replace(goods, quantity=Decimal(3)))
    one, two = (replace(goods, quantity=Decimal(pieces)) for pieces in (1, 2))
    assert "despite" not in room.use(case, one, despite="life").facts
    refused("not_enough", lambda: room.use(case, two))
    done = room.use(case, one, two, despite="life")
    assert [each["code"] for each in EmergencyUse.objects.get(number=done.facts["despite"]).against] == [
        "on_hold"
    ]
    assert lying(goods) == {"quarantined": 1}


def recall_and_expire(epc: str) -> None:
    given = {"expiry": soon(-1), "recall": "FSN-3", "recalled_at": timezone.now() - timedelta(hours=1)}
    Lot.objects.filter(pk=Unit.objects.get(epc=epc).lot_id).update(**given)


def test_everything_that_spoke_against_it_stands_on_the_paper(room: Room) -> None:
    epc = held(room)
    recall_and_expire(epc)
    done = room.use(room.case(), epc, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert [each["code"] for each in paper.against] == ["on_hold", "expired", "lot_recalled"]
    assert [(each["thing"], each["facts"]) for each in paper.against] == [
        (epc, {}),
        (epc, {"expiry": f"{soon(-1)}"}),
        (epc, {"lot": unit_view(epc).lot, "notice": "FSN-3"}),
    ]
    assert len(set(objections(paper))) == 3


def test_what_comes_up_at_the_last_moment_stands_on_the_paper_too(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A colleague's recall lands after the number of the paper was drawn, and before the use is written."""
    epc = held(room)
    draw = despite.next_number

    def meanwhile(*given, **named) -> str:
        recall_and_expire(epc)
        return draw(*given, **named)

    monkeypatch.setattr(despite, "next_number", meanwhile)
    done = room.use(room.case(), epc, despite="life")
    paper = EmergencyUse.objects.get(number=done.facts["despite"])
    assert [each["code"] for each in paper.against] == ["on_hold", "expired", "lot_recalled"]
    assert done.facts["against"] == objections(paper)
