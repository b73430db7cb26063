"""Whose turn it is, who may take it out of turn, and what became of it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents, soon
from tests.makers import unique
from yanji.flows.issue import issue, take_in
from yanji.flows.models import Issue, Override, Requisition
from yanji.flows.out_of_turn import of_events, of_issue, of_requisition
from yanji.flows.pick import pick
from yanji.flows.pick_list import pick_list
from yanji.flows.preview import interpret
from yanji.flows.queries import awaiting
from yanji.flows.requisition import close_requisition
from yanji.flows.sheets import requisition_sheet
from yanji.ledger.api import Refused, Step, reserve, unit_view
from yanji.ledger.models import Event


def test_first_expiry_first_or_a_reason(committed: Site) -> None:
    here = committed
    [late] = here.stocked(1, lot="LATE", expiry=soon(400))
    [soonest] = here.stocked(1, lot="SOON", expiry=soon(40))
    wanted = here.requisition((here.h.item, 1))
    meaning = interpret(late, actor=here.keeper, flow="pick", requisition_id=wanted.id)
    assert [each.code for each in meaning.offences] == ["override_reason_needed"]
    before = contents()
    with pytest.raises(Refused) as refusal:
        pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[late])
    assert soonest in str(refusal.value)
    assert contents() == before
    pick(
        actor=here.keeper,
        key=unique("p"),
        requisition_id=wanted.id,
        things=[late],
        overrides={late: "size_needed"},
    )
    [kept] = Override.objects.all()
    assert (kept.epc, kept.instead_of, kept.reason) == (late, soonest, "size_needed")


def test_each_thing_of_a_pick_keeps_its_own_reason(committed: Site) -> None:
    here = committed
    [damaged, size] = here.stocked(2, lot="LATE", expiry=soon(400))
    [first, second] = here.stocked(2, lot="SOON", expiry=soon(40))
    wanted = here.requisition((here.h.item, 3))
    why = {damaged: "damaged", size: "size_needed"}
    # Both who were passed over stay in turn: the one in turn goes along, the other is what the two should have waited for.
    done = pick(
        actor=here.keeper,
        key=unique("p"),
        requisition_id=wanted.id,
        things=[first, damaged, size],
        overrides=why,
    )
    assert Event.objects.get(pk=done.events[0]).reason == ""
    requisition = Requisition.objects.get(pk=wanted.id)
    found = {each.thing: each for each in of_requisition(requisition)}
    assert {thing: (each.reason, each.instead_of) for thing, each in found.items()} == {
        damaged: ("damaged", second), size: ("size_needed", second),
    }  # fmt: skip
    [one] = of_events(done.events, thing=size)
    assert (one, one.lot, one.before, one.undone) == (found[size], "LATE", unit_view(second).serial, False)
    assert one.why not in ("", "size_needed")
    [*_, section] = requisition_sheet(requisition).sections
    assert [row[3] for row in section.rows] == [each.why for each in found.values()]
    # What stood in the store before it is nothing for who does not pick there.
    assert section.title not in [each.title for each in requisition_sheet(requisition, None).sections]
    sent = issue(actor=here.keeper, key=unique("i"), requisition_id=wanted.id, things=[first, size])
    assert [each.thing for each in of_issue(Issue.objects.get(pk=sent.id))] == [size]
    asked = here.requisition((here.h.item, 1))
    [late] = here.stocked(1, lot="LATE", expiry=soon(400))
    alone = pick(
        actor=here.keeper,
        key=unique("p"),
        requisition_id=asked.id,
        things=[late],
        overrides={late: "damaged"},
    )
    assert Event.objects.get(pk=alone.events[0]).reason == "damaged"


def test_expired_held_and_reserved_units_are_not_in_turn(committed: Site) -> None:
    here, h = committed, committed.h
    [expired] = here.stocked(1, lot="A", expiry=soon(0))
    [held] = here.stocked(1, lot="B", expiry=soon(10))
    [kept] = here.stocked(1, lot="C", expiry=soon(20))
    [free] = here.stocked(1, lot="D", expiry=soon(30))
    h.do(Step.HOLD, held)
    reserve(
        [kept],
        reserved_for="RQ-other",
        until=timezone.now() + timedelta(hours=1),
        key=unique("r"),
        actor=h.actor,
    )
    wanted = here.requisition((h.item, 1))
    tomorrow = timezone.now() + timedelta(days=1)
    [line] = pick_list(Requisition.objects.get(pk=wanted.id), now=timezone.now())
    assert {each.epc: each.reason for each in line.candidates} == {
        expired: "", held: "on_hold", kept: "reserved", free: "",
    }  # fmt: skip
    assert tomorrow > timezone.now()
    with pytest.raises(Refused) as refusal:
        pick(
            actor=here.keeper,
            key=unique("p"),
            requisition_id=wanted.id,
            things=[kept],
            overrides={kept: "other"},
        )
    assert refusal.value.code == "reserved"


def test_only_what_was_asked_for(committed: Site) -> None:
    here = committed
    epcs = here.stocked(3)
    wanted = here.requisition((here.h.item, 2))
    for things, code in ((epcs, "over_picked"), ([*epcs[:1], *epcs[:1]], "scanned_twice")):
        before = contents()
        with pytest.raises(Refused) as refusal:
            pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=things)
        assert refusal.value.code == code
        assert contents() == before
    other = here.requisition((here.counted, 2))
    with pytest.raises(Refused) as refusal:
        pick(actor=here.keeper, key=unique("p"), requisition_id=other.id, things=epcs[:1])
    assert refusal.value.code == "not_requested"


def test_what_was_picked_for_another_is_not_issued(committed: Site) -> None:
    here = committed
    epcs = here.stocked(2)
    first, second = here.requisition((here.h.item, 1)), here.requisition((here.h.item, 1))
    for wanted, epc in zip((first, second), epcs, strict=True):
        pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[epc])
    with pytest.raises(Refused) as refusal:
        issue(actor=here.keeper, key=unique("i"), requisition_id=first.id, things=[epcs[1]])
    assert refusal.value.code == "not_picked"
    with pytest.raises(Refused) as refusal:
        close_requisition(actor=here.keeper, key=unique("c"), requisition_id=first.id)
    assert refusal.value.code == "still_picked"
    sent = [issue(actor=here.keeper, key=unique("i"), requisition_id=each.id) for each in (first, second)]
    with pytest.raises(Refused) as refusal:
        take_in(
            actor=here.ward,
            key=unique("t"),
            issue_id=sent[0].id,
            to_place_id=here.h.cabinet.pk,
            things=[epcs[1]],
        )
    assert refusal.value.code == "not_under_way"
    assert len(awaiting(here.ward)) == 2
    take_in(actor=here.ward, key=unique("t"), issue_id=sent[0].id, to_place_id=here.h.cabinet.pk)
    with pytest.raises(Refused) as refusal:
        take_in(actor=here.ward, key=unique("t"), issue_id=sent[0].id, to_place_id=here.h.cabinet.pk)
    assert refusal.value.code == "document_closed"
    assert len(awaiting(here.ward)) == 1
