"""A wrong certificate or write-off is taken back: what stood there stays to be read, and the paper goes on from before."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.site import Site, contents
from tests.makers import days_ago, unique
from yanji.flows.correction import take_back
from yanji.flows.disposal.ask import ask_write_off, cancel_disposal
from yanji.flows.disposal.lost_lots import lost_lots
from yanji.flows.disposal.models import Disposal
from yanji.flows.disposal.queries import lost_units, statement, voids_of
from yanji.flows.disposal.sheet import disposal_sheet
from yanji.flows.disposal.sign import collect, write_off
from yanji.flows.disposal.void import void_certificate, void_write_off
from yanji.flows.scrap import scrap
from yanji.flows.witness import Witness, witness_of
from yanji.ledger.api import LotQuantity, Refused, Step, rebuild, virtual_places


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def refused_without_a_trace(act: Any, code: str, **given: Any) -> Refused:
    before = contents()
    with pytest.raises(Refused) as refused:
        act(key=unique("x"), **given)
    assert (refused.value.code, contents()) == (code, before)
    return refused.value


def collected(here: Site) -> Any:
    """A paper whose waste was taken away, with the entry that destroyed it."""
    done = scrap(
        actor=here.keeper, key=unique("s"), things=here.stocked(1), reason="expired", witness=witness_of(here.second)
    )  # fmt: skip
    enter(here, done.id, "Grene", "C-1")
    return done


def enter(here: Site, disposal_id: int, firm: str, certificate: str) -> None:
    collect(
        actor=here.keeper, key=unique("c"), disposal_id=disposal_id, firm=firm, certificate=certificate,
        collected_on=timezone.localdate(),
    )  # fmt: skip


def test_a_wrong_certificate_is_voided_and_the_right_one_entered(here: Site) -> None:
    paper = collected(here)
    done = void_certificate(
        actor=here.keeper, key=unique("v"), disposal_id=paper.id, reason="wrong_scan", note="misspelt"
    )
    assert done.state == "destroyed"
    disposal = Disposal.objects.get(pk=paper.id)
    assert (disposal.firm, disposal.certificate, disposal.collected_on) == ("", "", None)
    enter(here, paper.id, "Green", "C-2")
    [void] = voids_of(disposal)
    assert (void.firm, void.certificate, void.actor, void.second) == ("Grene", "C-1", here.storekeeper, None)
    sheet = disposal_sheet(Disposal.objects.get(pk=paper.id))
    assert "C-2" in dict(sheet.facts).values()
    [row] = sheet.sections[1].rows
    assert "Grene · C-1" in str(row[1])
    assert "misspelt" in str(row[5])


def test_a_certificate_is_voided_once_with_a_reason_by_who_may_scrap(here: Site) -> None:
    paper = collected(here)
    given = {"actor": here.keeper, "disposal_id": paper.id}
    refused_without_a_trace(void_certificate, "reason_needed", reason="", **given)
    refused_without_a_trace(void_certificate, "unknown_reason", reason="because", **given)
    other = {**given, "actor": here.actor(here.buyer)}
    refused_without_a_trace(void_certificate, "not_yours", reason="wrong_scan", **other)
    void_certificate(key=unique("v"), reason="wrong_scan", **given)
    refused_without_a_trace(void_certificate, "document_closed", reason="wrong_scan", **given)


def test_a_destruction_whose_waste_is_gone_is_taken_back_after_its_certificate(here: Site) -> None:
    paper = collected(here)
    given = {"actor": here.keeper, "event_id": paper.events[-1], "reason": "wrong_scan"}
    refused = refused_without_a_trace(take_back, "certificate_first", **given)
    assert refused.offences[0].facts["certificate"] == "C-1"
    void_certificate(actor=here.keeper, key=unique("v"), disposal_id=paper.id, reason="wrong_scan")
    take_back(key=unique("t"), **given)
    assert Disposal.objects.get(pk=paper.id).state == "approved"
    assert rebuild() == []


def written_off(here: Site) -> tuple[str, int, Any]:
    """A unit and four pieces of a lot, lost and written off."""
    [epc], lot, nowhere = (
        here.h.stocked(1, ago=timedelta(days=50)),
        here.stocked_lot(6),
        virtual_places().lost,
    )
    pieces = LotQuantity(lot, Decimal(4), here.h.store.pk)
    for thing in (epc, pieces):
        here.h.do(Step.LOSE, thing, to=nowhere, happened_at=days_ago(40))
    asked = ask_write_off(
        actor=here.keeper, key=unique("w"), place_id=here.h.store.pk, things=[epc, pieces], reason="missing"
    )
    write_off(actor=here.keeper, key=unique("o"), disposal_id=asked.id, witness=signed(here))
    return epc, lot, asked


def signed(here: Site) -> Witness:
    return witness_of(here.second)


def test_a_wrong_write_off_is_voided_by_two_and_called_off(here: Site) -> None:
    epc, lot, asked = written_off(here)
    assert (lost_lots(here.keeper), [each.paper for each in lost_units(here.keeper)]) == ([], [asked.number])
    given = {"actor": here.keeper, "disposal_id": asked.id, "reason": "wrong_scan"}
    own = witness_of(here.storekeeper)
    refused_without_a_trace(void_write_off, "witness_is_actor", witness=own, **given)
    refused_without_a_trace(void_write_off, "witness_not_allowed", witness=witness_of(here.buyer), **given)
    done = void_write_off(key=unique("v"), witness=signed(here), **given)
    assert (done.state, statement(here.keeper, timezone.localdate())) == ("approved", [])
    [void] = voids_of(Disposal.objects.get(pk=asked.id))
    assert (void.what, void.witness, void.second, void.done_at is None) == (
        "write_off", here.second, here.second, False,
    )  # fmt: skip
    assert len(disposal_sheet(Disposal.objects.get(pk=asked.id)).sections) == 2
    cancel_disposal(actor=here.keeper, key=unique("c"), disposal_id=asked.id)
    assert [(each.lot_id, each.ripe) for each in lost_lots(here.keeper)] == [(lot, 4)]
    assert [(each.epc, each.paper) for each in lost_units(here.keeper)] == [(epc, "")]


def test_a_voided_write_off_is_signed_anew(here: Site) -> None:
    _epc, _lot, asked = written_off(here)
    given = {"actor": here.keeper, "disposal_id": asked.id, "witness": signed(here)}
    void_write_off(key=unique("v"), reason="wrong_scan", **given)
    assert write_off(key=unique("o"), **given).state == "written_off"


@pytest.mark.parametrize("what", ["unit", "lot"])
def test_what_was_found_since_stays_written_off(here: Site, what: str) -> None:
    epc, lot, asked = written_off(here)
    found = epc if what == "unit" else LotQuantity(lot, Decimal(1), virtual_places().lost, status="lost")
    here.h.do(Step.FIND, found, to=here.h.store)
    given = {"actor": here.keeper, "disposal_id": asked.id, "witness": signed(here)}
    refused_without_a_trace(void_write_off, "found_after_write_off", reason="wrong_scan", **given)


def test_a_write_off_that_is_entered_late_is_no_find(here: Site) -> None:
    """Two signed yesterday what was lost long ago; both the loss and the signatures were entered today."""
    [epc] = here.h.stocked(1, ago=timedelta(days=50))
    here.h.do(Step.LOSE, epc, to=virtual_places().lost, happened_at=days_ago(40))
    asked = ask_write_off(
        actor=here.keeper, key=unique("w"), place_id=here.h.store.pk, things=[epc], reason="missing"
    )
    given = {"actor": here.keeper, "disposal_id": asked.id, "witness": signed(here)}
    write_off(key=unique("o"), happened_at=days_ago(1), **given)
    assert void_write_off(key=unique("v"), reason="wrong_scan", **given).state == "approved"


def test_a_month_that_was_reported_stays_as_it_was(here: Site) -> None:
    """What was written off in it and is voided later stands in both months."""
    _epc, _lot, asked = written_off(here)
    Disposal.objects.filter(pk=asked.id).update(done_at=days_ago(35))
    then, now = days_ago(35).date(), timezone.localdate()
    [told] = statement(here.keeper, then)
    given = {"actor": here.keeper, "disposal_id": asked.id, "witness": signed(here)}
    void_write_off(key=unique("v"), reason="wrong_scan", **given)
    assert statement(here.keeper, then) == [told]
    [voided] = statement(here.keeper, now)
    assert (voided.voided, voided.papers, voided.pieces, voided.value) == (True, 1, -told.pieces, -told.value)
    write_off(key=unique("o"), **given)
    assert [(each.pieces, each.voided) for each in statement(here.keeper, now)] == [
        (told.pieces, False),
        (-told.pieces, True),
    ]
