"""What is destroyed or written off: approved by value, signed by two, bought first where it is a supplier's."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from tests.flows.approving import rule, signing
from tests.flows.site import Site, contents
from tests.makers import days_ago, place, unique
from yanji.flows.approval import approvals_of, decide
from yanji.flows.correction import take_back
from yanji.flows.disposal.ask import ask_scrap, ask_write_off, cancel_disposal
from yanji.flows.disposal.models import Disposal
from yanji.flows.disposal.queries import disposals, lost_units, may_be_written_off, statement
from yanji.flows.disposal.sheet import disposal_sheet
from yanji.flows.disposal.sign import collect, destroy, write_off
from yanji.flows.hold import release
from yanji.flows.pick import pick
from yanji.flows.scrap import scrap
from yanji.flows.witness import witness_of
from yanji.ledger.api import LotQuantity, Refused, Step, rebuild, unit_view, virtual_places
from yanji.places.models import Kind


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def status(epc: str) -> str:
    unit = unit_view(epc)
    assert unit is not None
    return unit.status


def test_small_things_are_destroyed_at_once_large_ones_wait(here: Site) -> None:
    rules = signing(here)
    rule(here.h.campus, rules.head_role, kind="scrap", from_amount=250)
    epcs = here.stocked(5)
    who = {"actor": here.keeper, "reason": "damaged", "witness": witness_of(here.second)}
    small = scrap(key=unique("s"), things=epcs[:2], **who)
    large = scrap(key=unique("s"), things=epcs[2:], **who)
    assert (small.state, large.state) == ("destroyed", "awaiting")
    assert [status(epc) for epc in epcs] == ["scrapped"] * 2 + ["quarantined"] * 3
    before = contents()
    with pytest.raises(Refused) as refused:
        destroy(actor=here.keeper, key=unique("d"), disposal_id=large.id, witness=witness_of(here.second))
    assert refused.value.code == "document_closed"
    assert contents() == before
    [step] = approvals_of("scrap", large.id)
    assert step.amount == Decimal(300)
    decide(actor=here.actor(rules.head), key=unique("a"), approval_id=step.pk, approve=True)
    done = destroy(actor=here.keeper, key=unique("d"), disposal_id=large.id, witness=witness_of(here.second))
    assert (done.state, {status(epc) for epc in epcs}) == ("destroyed", {"scrapped"})
    assert rebuild() == []


def test_what_waits_for_its_destruction_cannot_be_used_meanwhile(here: Site) -> None:
    [epc], lot = here.stocked(1), here.stocked_lot(5)
    things = [epc, LotQuantity(lot, Decimal(2), here.h.store.pk)]
    asked = ask_scrap(actor=here.keeper, key=unique("s"), things=things, reason="damaged")
    wanted = here.requisition((here.h.item, 1), (here.counted, 4))
    for taken in (epc, LotQuantity(lot, Decimal(4), here.h.store.pk)):
        before = contents()
        with pytest.raises(Refused):
            pick(actor=here.keeper, key=unique("p"), requisition_id=wanted.id, things=[taken])
        assert contents() == before
    before = contents()
    with pytest.raises(Refused) as refused:
        take_back(actor=here.keeper, key=unique("t"), event_id=asked.events[0], reason="wrong_scan")
    assert (refused.value.code, contents()) == ("aside_for_paper", before)
    cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=asked.id)
    assert status(epc) == "quarantined"
    held = [epc, LotQuantity(lot, Decimal(2), here.h.store.pk, status="quarantined")]
    release(actor=here.keeper, key=unique("r"), things=held, reason="inspected")
    assert status(epc) == "available"
    again = ask_scrap(actor=here.keeper, key=unique("s"), things=things, reason="damaged")
    done = destroy(actor=here.keeper, key=unique("d"), disposal_id=again.id, witness=witness_of(here.second))
    assert (done.state, status(epc)) == ("destroyed", "scrapped")
    assert rebuild() == []


def test_the_firm_and_its_certificate_end_it(here: Site) -> None:
    epcs, lot = here.stocked(1), here.stocked_lot(5)
    things = [*epcs, LotQuantity(lot, Decimal(2), here.h.store.pk)]
    done = scrap(
        actor=here.keeper, key=unique("s"), things=things, reason="expired", witness=witness_of(here.second), note="n"
    )  # fmt: skip
    today = timezone.localdate()
    for fields, code in (
        ({"firm": " "}, "certificate_needed"),
        ({"certificate": ""}, "certificate_needed"),
        ({"collected_on": today + timedelta(days=1)}, "bad_collection_day"),
        ({"collected_on": today - timedelta(days=2)}, "bad_collection_day"),
    ):
        before = contents()
        given = {"firm": "Green", "certificate": "C-1", "collected_on": today, **fields}
        with pytest.raises(Refused) as refused:
            collect(actor=here.keeper, key=unique("c"), disposal_id=done.id, **given)
        assert refused.value.code == code
        assert contents() == before
    ended = collect(
        actor=here.keeper,
        key=unique("c"),
        disposal_id=done.id,
        firm="Green",
        certificate="C-1",
        collected_on=today,
    )
    assert ended.state == "collected"
    disposal = Disposal.objects.get(pk=done.id)
    sheet = disposal_sheet(disposal)
    assert len(sheet.sections[0].rows) == 2
    assert "C-1" in dict(sheet.facts).values()
    [total] = statement(here.keeper, today)
    assert (total.kind, total.reason, total.pieces, total.value) == ("scrap", "expired", 3, disposal.amount)
    assert statement(here.keeper, today - timedelta(days=40)) == []
    assert [each.pieces for each in disposals(here.keeper)] == [3]


def test_what_a_supplier_owns_is_not_destroyed_before_it_is_bought(here: Site) -> None:
    """Without saying so it is refused with the price; saying so without an agreement is refused as well."""
    epcs = here.h.stocked(1, owner_id=here.h.supplier.pk)
    who = {"actor": here.keeper, "reason": "damaged", "witness": witness_of(here.second), "things": epcs}
    for fields, code in (({}, "buy_before_scrap"), ({"take_title": True}, "no_contract")):
        before = contents()
        with pytest.raises(Refused) as refused:
            scrap(key=unique("s"), **who, **fields)
        assert refused.value.code == code
        assert contents() == before
    assert status(epcs[0]) == "available"


def test_two_sign_and_they_are_two(here: Site) -> None:
    epcs = here.stocked(1)
    before = contents()
    for witness, code in ((here.storekeeper, "witness_is_actor"), (here.buyer, "witness_not_allowed")):
        with pytest.raises(Refused) as refused:
            scrap(
                actor=here.keeper, key=unique("s"), things=epcs, reason="damaged", witness=witness_of(witness)
            )
        assert refused.value.code == code
    assert contents() == before


def test_used_things_cannot_be_scrapped_and_reasons_must_be_offered(here: Site) -> None:
    epcs = here.stocked(2)
    here.h.do(Step.USE, epcs[0])
    before = contents()
    for things, reason, code in ((epcs, "damaged", "already_used"), (epcs[1:], "because", "unknown_reason")):
        with pytest.raises(Refused) as refused:
            ask_scrap(actor=here.keeper, key=unique("s"), things=things, reason=reason)
        assert refused.value.code == code
    assert contents() == before


def test_a_paper_is_cancelled_or_taken_back(here: Site) -> None:
    epcs = here.stocked(2)
    asked = ask_scrap(actor=here.keeper, key=unique("s"), things=epcs[:1], reason="damaged")
    assert cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=asked.id).state == "cancelled"
    done = scrap(
        actor=here.keeper, key=unique("s"), things=epcs[1:], reason="damaged", witness=witness_of(here.second)
    )
    take_back(actor=here.keeper, key=unique("t"), event_id=done.events[0], reason="wrong_scan")
    disposal = Disposal.objects.get(pk=done.id)
    assert (disposal.state, disposal.witness_id, status(epcs[1])) == ("approved", None, "available")
    again = destroy(actor=here.keeper, key=unique("d"), disposal_id=done.id, witness=witness_of(here.second))
    assert (again.state, status(epcs[1])) == ("destroyed", "scrapped")


def lost(here: Site, epc: str, days: int) -> None:
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(days))


def test_lost_things_are_written_off_after_a_month(here: Site) -> None:
    epcs = here.stocked(3, ago=41)
    lost(here, epcs[0], 40)
    lost(here, epcs[1], 5)
    found = {unit.epc: may_be_written_off(unit, now=timezone.now()) for unit in lost_units(here.keeper)}
    assert found == {epcs[0]: True, epcs[1]: False}
    given = {"actor": here.keeper, "place_id": here.h.store.pk, "reason": "missing"}
    for things, code in ((epcs[1:2], "lost_too_lately"), (epcs[2:], "not_lost_here")):
        before = contents()
        with pytest.raises(Refused) as refused:
            ask_write_off(key=unique("w"), things=things, **given)
        assert refused.value.code == code
        assert contents() == before
    asked = ask_write_off(key=unique("w"), things=epcs[:1], **given)
    assert [unit.paper for unit in lost_units(here.keeper)] == [asked.number, ""]
    done = write_off(
        actor=here.keeper, key=unique("o"), disposal_id=asked.id, witness=witness_of(here.second)
    )
    assert (done.state, done.number[:2], status(epcs[0])) == ("written_off", "WO", "lost")
    [total] = statement(here.keeper, timezone.localdate())
    assert (total.kind, total.pieces, total.value) == ("write_off", 1, Decimal(100))


def test_what_was_found_meanwhile_is_not_written_off(here: Site) -> None:
    [epc] = here.stocked(1, ago=41)
    lost(here, epc, 40)
    asked = ask_write_off(
        actor=here.keeper, key=unique("w"), place_id=here.h.store.pk, things=[epc], reason="missing"
    )
    here.h.do(Step.FIND, epc)
    before = contents()
    with pytest.raises(Refused) as refused:
        write_off(actor=here.keeper, key=unique("o"), disposal_id=asked.id, witness=witness_of(here.second))
    assert refused.value.code == "found_meanwhile"
    assert contents() == before


def test_a_rule_of_one_store_is_not_got_around_by_another_place(here: Site) -> None:
    rules = signing(here)
    rule(here.h.store, rules.head_role, kind="scrap")
    other = place(Kind.STORE, here.h.campus)
    [ours], [theirs] = here.stocked(1), here.h.stocked(1)
    here.h.do(Step.PUT_AWAY, theirs, to=other)
    keeper = replace(here.keeper, scopes={**here.keeper.scopes, "scrap": (here.h.campus.path,)})
    for things, code in (([ours, theirs], "approval_differs"),):
        before = contents()
        with pytest.raises(Refused) as refused:
            ask_scrap(actor=keeper, key=unique("s"), things=things, reason="damaged")
        assert refused.value.code == code
        assert contents() == before
    assert ask_scrap(actor=keeper, key=unique("s"), things=[theirs], reason="damaged").state == "approved"
    assert ask_scrap(actor=keeper, key=unique("s"), things=[ours], reason="damaged").state == "awaiting"


def test_a_loss_asked_for_at_a_wider_place_waits_for_the_rule_where_it_was_lost(here: Site) -> None:
    rules = signing(here)
    rule(here.h.store, rules.head_role, kind="scrap")
    [epc] = here.stocked(1, ago=41)
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(40))
    keeper = replace(here.keeper, scopes={**here.keeper.scopes, "count": (here.h.campus.path,)})
    done = ask_write_off(
        actor=keeper, key=unique("w"), place_id=here.h.campus.pk, things=[epc], reason="missing"
    )
    assert done.state == "awaiting"


def test_a_loss_is_written_off_by_one_paper(here: Site) -> None:
    [epc] = here.stocked(1, ago=41)
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(40))
    given = {"actor": here.keeper, "place_id": here.h.store.pk, "things": [epc], "reason": "missing"}

    def refused_again() -> None:
        before = contents()
        with pytest.raises(Refused) as refused:
            ask_write_off(key=unique("w"), **given)
        assert refused.value.code == "on_other_paper"
        assert contents() == before

    first = ask_write_off(key=unique("w"), **given)
    refused_again()
    cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=first.id)
    second = ask_write_off(key=unique("w"), **given)
    write_off(actor=here.keeper, key=unique("o"), disposal_id=second.id, witness=witness_of(here.second))
    refused_again()


def test_a_paper_over_two_stores_is_for_who_answers_for_both(here: Site) -> None:
    other = place(Kind.STORE, here.h.campus)
    [ours], [theirs] = here.stocked(1), here.h.stocked(1)
    here.h.do(Step.PUT_AWAY, theirs, to=other)
    both = replace(here.keeper, scopes={**here.keeper.scopes, "scrap": (here.h.store.path, other.path)})
    before = contents()
    with pytest.raises(Refused) as refused:
        ask_scrap(actor=both, key=unique("s"), things=[ours, theirs], reason="damaged")
    assert refused.value.code == "no_common_place"
    assert contents() == before
