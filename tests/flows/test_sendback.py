"""Goods go back to their supplier and bring a credit; consigned goods bring none; used ones never go."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from django.utils.translation import override

from tests.exchange.client import ApiClient
from tests.flows.approving import rule, signing
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.flows.approval import approvals_of, decide
from yanji.flows.arrival import Arrival
from yanji.flows.attempts import Attempt
from yanji.flows.correction import take_back
from yanji.flows.giveback import inspect_return
from yanji.flows.held import WholeLot
from yanji.flows.hold import hold, release
from yanji.flows.recall import recall
from yanji.flows.sendback.ask import ask_supplier_return, authorise_return, cancel_return
from yanji.flows.sendback.models import CreditNote, SupplierReturn
from yanji.flows.sendback.queries import credit_awaited, supplier_returns
from yanji.flows.sendback.send import close_return, credit_return, send_return, void_credit
from yanji.flows.sendback.sheet import supplier_return_sheet
from yanji.ledger.api import LotQuantity, Refused, Step, life_line, rebuild, unit_view, virtual_places


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def asked(here: Site, things, **fields):
    given = {
        "actor": here.keeper, "key": unique("r"), "place_id": here.h.store.pk, "supplier_id": here.h.supplier.pk,
        "things": things, "reason": "quality",
    }  # fmt: skip
    return ask_supplier_return(**{**given, **fields})


def sent(here: Site, things, **fields):
    done = asked(here, things)
    authorise_return(actor=here.keeper, key=unique("a"), return_id=done.id, authorisation="RMA-7")
    return send_return(actor=here.keeper, key=unique("s"), return_id=done.id, handed_to="Courier", **fields)


def test_the_story_of_a_return(here: Site) -> None:
    epcs = here.stocked(2)
    consigned = here.h.stocked(1, owner_id=here.h.supplier.pk)
    done = asked(here, [*epcs, *consigned])
    assert (done.state, done.number[:3], done.facts) == ("requested", "RS-", {"expected": "200.00"})
    before = contents()
    with pytest.raises(Refused) as refused:
        send_return(actor=here.keeper, key=unique("s"), return_id=done.id, handed_to="Courier")
    assert refused.value.code == "document_closed"
    assert contents() == before
    authorise_return(actor=here.keeper, key=unique("a"), return_id=done.id, authorisation="RMA-7")
    gone = send_return(actor=here.keeper, key=unique("s"), return_id=done.id, handed_to="Courier")
    assert (gone.state, len(gone.events)) == ("sent", 2)
    assert [life_line(epc)[-1].step for epc in (epcs[0], consigned[0])] == ["send_back", "hand_back"]
    part = credit_return(
        actor=here.purchasing, key=unique("c"), return_id=done.id, number="CN-1", amount=Decimal(150)
    )
    assert (part.state, part.facts["short"]) == ("sent", "50.00")
    with pytest.raises(Refused) as refused:
        credit_return(
            actor=here.purchasing, key=unique("c"), return_id=done.id, number="CN-2", amount=Decimal(51)
        )
    assert refused.value.code == "credit_too_high"
    with pytest.raises(Refused) as refused:
        credit_return(
            actor=here.purchasing, key=unique("c"), return_id=done.id, number="CN-1", amount=Decimal(1)
        )
    assert refused.value.code == "credit_twice"
    full = credit_return(
        actor=here.purchasing, key=unique("c"), return_id=done.id, number="CN-2", amount=Decimal(50)
    )
    assert (full.state, full.facts["short"]) == ("closed", "0.00")
    sheet = supplier_return_sheet(SupplierReturn.objects.get())
    assert [len(section.rows) for section in sheet.sections] == [3, 2]
    assert rebuild() == []


def test_a_number_is_no_authority_for_a_return_that_is_given_up(here: Site) -> None:
    done = asked(here, here.stocked(1))
    authorise_return(actor=here.keeper, key=unique("a"), return_id=done.id, authorisation="RMA-7")

    def said() -> tuple[str, bool, bool]:
        found = ApiClient(here.storekeeper).get(f"/supplier-returns/{done.id}").json()
        with override("en"):
            facts = supplier_return_sheet(SupplierReturn.objects.get()).facts
        [label] = [label for label, value in facts if value == "RMA-7"]
        return label, found["authorised"], found["short"] != "0.00"

    assert said() == ("Authorised under", True, True)
    cancel_return(actor=here.keeper, key=unique("c"), return_id=done.id)
    assert said() == ("RMA number, not used", False, False)


def test_a_number_promised_before_approval_holds_once_it_is_approved(here: Site) -> None:
    rules = signing(here)
    rule(here.h.campus, rules.head_role, kind="supplier_return")
    done = asked(here, here.stocked(1))
    SupplierReturn.objects.filter(pk=done.id).update(authorisation="RMA-7", handed_to="Courier")
    back = SupplierReturn.objects.get()
    assert (back.state, back.authorised) == ("awaiting", False)
    with override("en"):
        assert back.authorisation_words == "RMA number, valid once approved"
    [step] = approvals_of("supplier_return", done.id)
    decide(actor=here.actor(rules.head), key=unique("d"), approval_id=step.pk, approve=False, comment="no")
    back.refresh_from_db()
    with override("en"):
        words = (back.authorisation_words, back.receiver_words)
    assert (back.state, *words) == ("refused", "RMA number, not used", "Was to be handed to")


def test_consigned_goods_need_no_credit(here: Site) -> None:
    gone = sent(here, here.h.stocked(2, owner_id=here.h.supplier.pk))
    assert (gone.state, len(gone.events)) == ("closed", 1)


def test_a_used_unit_never_goes_back(here: Site) -> None:
    epcs = here.stocked(2)
    here.h.do(Step.USE, epcs[0])
    before = contents()
    with pytest.raises(Refused) as refused:
        asked(here, epcs)
    assert [(each.code, each.thing) for each in refused.value.offences] == [("already_used", epcs[0])]
    assert contents() == before
    assert Attempt.objects.get().code == "already_used"


def test_no_credit_is_expected_for_what_was_rejected_on_receipt(here: Site) -> None:
    """Of a counted lot the rejected pieces leave first; what was put on hold later is credited."""
    [good] = here.stocked(1)
    bad = here.arrival(rejected="damaged")
    lot = here.stocked_lot(4)
    pieces = Arrival(here.counted.pk, lot="B1", expiry=date(2099, 1, 1), quantity=3, rejected="damaged")
    here.receive(here.order((here.h.item, 1), (here.counted, 3)), bad, pieces)
    on_hold = LotQuantity(lot, Decimal(2), here.h.store.pk)
    hold(actor=here.keeper, key=unique("h"), things=[on_hold], reason="storage")
    done = asked(here, [good, bad.epc, replace(on_hold, quantity=Decimal(5), status="quarantined")])
    back = SupplierReturn.objects.get(pk=done.id)
    [unit, refused, counted] = back.lines.order_by("id")
    price = counted.lot.levels.get(status="available").value / 2
    assert (unit.value, refused.value, counted.value) == (Decimal(100), 0, 2 * price)
    assert done.facts == {"expected": str(100 + 2 * price)}
    other = here.arrival(rejected="damaged")
    here.receive(here.order((here.h.item, 1)), other)
    # That its lot was recalled meanwhile makes it no dearer.
    recall(
        actor=here.keeper,
        key=unique("r"),
        lots=[WholeLot(unit_view(other.epc).lot_id, here.h.campus.pk)],
        notice="R",
    )
    assert unit_view(other.epc).status == "recalled"
    only = sent(here, [other.epc])
    assert (only.state, SupplierReturn.objects.get(pk=only.id).credit_due) == ("closed", None)


def test_what_came_from_another_supplier_is_named(here: Site) -> None:
    other = Supplier.objects.create(code=unique("SUP"), name_zh="另一家")
    epcs = here.stocked(1)
    before = contents()
    for fields, code in (
        ({"supplier_id": other.pk}, "of_other_supplier"),
        ({"reason": ""}, "reason_needed"),
        ({"reason": "because"}, "unknown_reason"),
        ({"things": []}, "empty"),
        ({"things": ["01/06901234500011/21/NOBODY"]}, "unknown_unit"),
        ({"place_id": here.h.department.pk}, "elsewhere"),
    ):
        with pytest.raises(Refused) as refused:
            asked(here, **{"things": epcs, **fields})
        assert refused.value.code == code
    with pytest.raises(NotFound):
        asked(here, epcs, supplier_id=999_999_999)
    assert contents() == before


def test_rules_of_approval_hold_here_too(here: Site) -> None:
    rules = signing(here)
    rule(here.h.campus, rules.head_role, kind="supplier_return", from_amount=150)
    done = asked(here, here.stocked(2))
    assert done.state == "awaiting"
    with pytest.raises(Refused):
        authorise_return(actor=here.keeper, key=unique("a"), return_id=done.id, authorisation="RMA")
    [step] = approvals_of("supplier_return", done.id)
    decide(actor=here.actor(rules.head), key=unique("d"), approval_id=step.pk, approve=True)
    assert SupplierReturn.objects.get().state == "requested"
    assert cancel_return(actor=here.keeper, key=unique("c"), return_id=done.id).state == "cancelled"


def test_overdue_credits_are_listed_and_closed_short_with_a_reason(here: Site) -> None:
    today = timezone.localdate()
    lot = here.stocked_lot(4)
    late = sent(here, here.stocked(1), credit_due=today)
    SupplierReturn.objects.filter(pk=late.id).update(credit_due=today - timedelta(days=1))  # a day has passed
    sent(here, [*here.stocked(1), LotQuantity(lot, Decimal(2), here.h.store.pk)])
    assert [each.number for each in supplier_returns(here.keeper, overdue_on=today)] == [late.number]
    owed, overdue = credit_awaited(here.keeper)
    assert overdue == Decimal(100)
    assert owed > overdue
    before = contents()
    with pytest.raises(Refused) as refused:
        close_return(actor=here.purchasing, key=unique("c"), return_id=late.id, text=" ")
    assert refused.value.code == "reason_needed"
    assert contents() == before
    done = close_return(
        actor=here.purchasing, key=unique("c"), return_id=late.id, text="supplier closed down"
    )
    assert (done.state, done.facts["short"]) == ("closed", "100.00")
    assert supplier_returns(here.keeper, overdue_on=today) == []


def test_a_sending_is_taken_back_until_a_credit_came(here: Site) -> None:
    epcs = here.stocked(1)
    gone = sent(here, epcs)
    take_back(actor=here.keeper, key=unique("t"), event_id=gone.events[0], reason="wrong_scan")
    back = SupplierReturn.objects.get()
    assert (back.state, back.handed_to) == ("authorised", ""), "who took it left without it"
    assert unit_view(epcs[0]).status == "available"
    again = send_return(actor=here.keeper, key=unique("s"), return_id=gone.id, handed_to="Van")
    credit_return(actor=here.purchasing, key=unique("c"), return_id=gone.id, number="N", amount=Decimal(1))
    with pytest.raises(Refused) as refused:
        take_back(actor=here.keeper, key=unique("t"), event_id=again.events[0], reason="wrong_scan")
    assert refused.value.code == "return_credited"


def test_what_the_supplier_has_and_credits_is_neither_restocked_nor_released(here: Site) -> None:
    """By no way: not by inspection, not by release, not by taking the sending back; counted pieces as little as units."""
    [ours], [theirs] = here.stocked(1), here.h.stocked(1, owner_id=here.h.supplier.pk)
    lot = here.stocked_lot(5)
    gone = sent(here, [ours, theirs, LotQuantity(lot, Decimal(2), here.h.store.pk)])
    short = SupplierReturn.objects.get(pk=gone.id).short
    credit_return(actor=here.purchasing, key=unique("c"), return_id=gone.id, number="CN-1", amount=short)
    at_theirs = LotQuantity(lot, Decimal(2), virtual_places().supplier)
    keeper: dict[str, Any] = {"actor": here.keeper, "key": unique("k")}
    attempts: list[tuple[str, Callable[[], Any]]] = [
        ("return_credited", lambda event=event: take_back(**keeper, event_id=event, reason="wrong_scan"))
        for event in gone.events
    ]
    store = here.h.store.pk
    for thing, code in (
        (ours, "gone_back"),
        (theirs, "gone_back"),
        (at_theirs, "gone_back"),
        (LotQuantity(lot, Decimal(2), store), "not_enough"),
    ):
        attempts += [
            (code, lambda thing=thing: release(**keeper, things=[thing], reason="inspected")),
            (code, lambda thing=thing: inspect_return(**keeper, store_id=store, restock=[thing])),
        ]
    before = contents()
    for code, attempt in attempts:
        with pytest.raises(Refused) as refused:
            attempt()
        assert [each.code for each in refused.value.offences] == [code]
        assert contents() == before


def test_others_have_no_part_in_it(here: Site) -> None:
    epcs = here.stocked(1)
    before = contents()
    with pytest.raises(NotFound):
        asked(here, epcs, actor=here.ward)
    assert contents() == before


def test_a_unit_goes_back_on_one_return_by_the_rules_of_where_it_lies(here: Site) -> None:
    rules = signing(here)
    rule(here.h.store, rules.head_role, kind="supplier_return")
    [epc] = here.stocked(1)
    wide = replace(here.keeper, scopes={**here.keeper.scopes, "return_goods": (here.h.campus.path,)})
    assert asked(here, [epc], actor=wide, place_id=here.h.campus.pk).state == "awaiting"
    before = contents()
    with pytest.raises(Refused) as refused:
        asked(here, [epc])
    assert refused.value.code == "on_other_paper"
    assert contents() == before


def credit(here: Site, back, number: str, amount: int):
    return credit_return(
        actor=here.purchasing, key=unique("c"), return_id=back.id, number=number, amount=Decimal(amount)
    )


def void(here: Site, back, number: str, **fields):
    note = CreditNote.objects.filter(number=number).order_by("-id")[0]
    given = {"actor": here.purchasing, "key": unique("v"), "return_id": back.id, "credit_id": note.pk}
    return void_credit(**{**given, "reason": "of another return", **fields})


def refused(code: str, act) -> None:
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


def test_a_credit_note_counts_once_whatever_return_it_is_entered_for(here: Site) -> None:
    first, second = sent(here, here.stocked(2)), sent(here, here.stocked(2))
    credit(here, first, "CN-1", 150)
    refused("credit_twice", lambda: credit(here, second, " CN-1 ", 10))
    assert void(here, first, "CN-1").facts == {"short": "200.00"}
    assert credit(here, second, "CN-1", 200).state == "closed"
    # Two people who enter it at once: the database lets one of them.
    refused_by_database = CreditNote(
        supplier_return_id=first.id, supplier=here.h.supplier, number="CN-1", amount=1, actor=here.buyer,
        dated=timezone.localdate(),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="credit_note_number_once"):
        refused_by_database.save()
    other = CreditNote.objects.get(state="voided")
    assert (other.voided_by_id, other.voided_because) == (here.purchasing.person_id, "of another return")


def test_a_voided_credit_note_is_due_again(here: Site) -> None:
    back = sent(here, here.stocked(2))
    credit(here, back, "CN-1", 150)
    credit(here, back, "CN-2", 50)
    assert SupplierReturn.objects.get().state == "closed"
    refused("reason_needed", lambda: void(here, back, "CN-2", reason=" "))
    assert void(here, back, "CN-2").facts == {"short": "50.00"}
    refused("document_closed", lambda: void(here, back, "CN-2"))
    kept = SupplierReturn.objects.get()
    assert (kept.state, kept.short, credit_awaited(here.keeper)[0]) == ("sent", Decimal(50), Decimal(50))
    # Closed short beside a credit that was wrong, it is decided anew.
    close_return(actor=here.purchasing, key=unique("c"), return_id=back.id, text="agreed")
    void(here, back, "CN-1")
    kept = SupplierReturn.objects.get()
    assert (kept.state, kept.closed_short, kept.short) == ("sent", "", Decimal(200))
    # Nothing is credited any more: the sending itself can be taken back.
    take_back(actor=here.keeper, key=unique("t"), event_id=back.events[0], reason="wrong_scan")
    assert SupplierReturn.objects.get().state == "authorised"
    [_things, notes] = supplier_return_sheet(SupplierReturn.objects.get()).sections
    assert [row[3] for row in notes.rows] == ["of another return"] * 2


def test_others_void_no_credit_note_and_none_of_another_return(here: Site) -> None:
    first, second = sent(here, here.stocked(1)), sent(here, here.stocked(1))
    credit(here, first, "CN-1", 100)
    before = contents()
    for fields in ({"actor": here.ward}, {"return_id": second.id}):
        with pytest.raises((NotFound, Refused)):
            void(here, first, "CN-1", **fields)
    assert contents() == before
