"""The pages of scrap papers, write-offs and returns to suppliers."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.flows.approving import role, rule, signer
from tests.makers import days_ago, unique
from yanji.catalog.models import Supplier
from yanji.flows.disposal.models import Disposal
from yanji.flows.receive import Arrival, receive
from yanji.flows.sendback.models import SupplierReturn
from yanji.ledger.api import Draft, Line, LotQuantity, Step, post, unit_view, virtual_places
from yanji.ledger.models import Unit

from .acts import key, listed, result, scanned, sentences
from .world import PASSWORD, World, item, later, someone

SignedIn = Callable[[str], Client]


def second(hospital: World) -> dict[str, str]:
    other = someone("storekeeper", "孙雨", "Sun Yu", hospital.campus)
    return {"witness": other.username, "witness_password": PASSWORD}


def test_what_waits_for_approval_is_not_destroyed(hospital: World, signed_in: SignedIn) -> None:
    head = role("科主任", "Head")
    signer(head, hospital.campus)
    rule(hospital.campus, head, kind="scrap")
    [epc] = hospital.stocked("S1")
    client = signed_in("storekeeper")
    answer = client.post(
        "/storeroom/scrap",
        {
            "key": key("scrap"),
            **listed(hospital, hospital.scan("S1")),
            "reason": "damaged",
            **second(hospital),
        },
        follow=True,
    )
    assert "waits for approval; all of it is set aside" in sentences(answer)
    assert unit_view(epc).status == "quarantined"
    paper = Disposal.objects.get()
    page = sentences(client.get(f"/storeroom/scrap/papers/{paper.pk}"))
    assert "Awaiting approval" in page
    assert "Destroyed: sign" not in page
    client.post(f"/storeroom/scrap/papers/{paper.pk}/cancel", {"key": key("cancel")})
    assert Disposal.objects.get().state == "cancelled"


def test_a_paper_is_signed_and_ended_by_its_certificate(hospital: World, signed_in: SignedIn) -> None:
    [epc] = hospital.stocked("S1")
    client = signed_in("storekeeper")
    witness = second(hospital)
    client.post(
        "/storeroom/scrap",
        {"key": key("scrap"), **listed(hospital, hospital.scan("S1")), "reason": "damaged", **witness},
    )
    paper = Disposal.objects.get()
    assert (paper.state, unit_view(epc).status) == ("destroyed", "scrapped")
    address = f"/storeroom/scrap/papers/{paper.pk}"
    refused = client.post(f"{address}/collect", {"key": key("collect"), "firm": "Green"})
    assert (refused.status_code, "is empty" in sentences(refused)) == (409, True)
    client.post(f"{address}/collect", {"key": key("collect"), "firm": "Green Ltd", "certificate": "C-77"})
    assert "C-77" in sentences(client.get(address))
    month = client.get("/storeroom/scrap/month")
    assert "6,980.00" in sentences(month)
    assert b"6980.00" in client.get("/storeroom/scrap/month?format=csv").content
    assert b"p-sheet" in client.get("/storeroom/scrap/month?format=print").content
    assert paper.number in sentences(client.get("/storeroom/scrap/papers?state=all"))


def test_what_is_lost_is_written_off(hospital: World, signed_in: SignedIn) -> None:
    epcs = hospital.stocked("S1", "S2", arrived_at=days_ago(41))
    for epc, days in zip(epcs, (40, 2), strict=True):
        line = (Line(epc, virtual_places().lost),)
        lost = Draft(Step.LOSE, unique("l"), days_ago(days), line, reason="missing")
        post(lost, actor=hospital.actor("storekeeper"))
    client = signed_in("storekeeper")
    page = client.get("/storeroom/scrap/lost").content.decode()
    assert page.count('type="checkbox"') == 1
    form = {"place_id": hospital.campus.pk, "reason": "missing"}
    early = client.post("/storeroom/scrap/lost", {**form, "key": key("write_off"), "epc": epcs})
    assert (early.status_code, "Look for it" in sentences(early)) == (409, True)
    answer = client.post("/storeroom/scrap/lost", {**form, "key": key("write_off"), "epc": epcs[:1]})
    assert answer.status_code == 302, sentences(answer)
    paper = Disposal.objects.get()
    signed = client.post(
        f"/storeroom/scrap/papers/{paper.pk}/sign", {"key": key("sign"), **second(hospital)}, follow=True
    )
    assert "signed by two" in sentences(signed)
    assert Disposal.objects.get().state == "written_off"
    gone = client.get("/storeroom/scrap/lost").context
    assert (gone["value"], gone["written_off"]) == (Decimal("6980.00"), Decimal("6980.00")), (
        "what is written off counts apart"
    )


def test_lost_pieces_of_a_lot_are_written_off(hospital: World, signed_in: SignedIn) -> None:
    suture = item("缝线", "Suture", "4-0", hospital.supplier, tracking="lot")
    receive(
        actor=hospital.actor("storekeeper"), key=unique("r"), order_id=hospital.order(6, suture),
        dock_id=hospital.dock.pk, arrivals=[Arrival(suture.pk, lot="B7", expiry=later(90), quantity=6)],
    )  # fmt: skip
    lot = suture.lots.get().pk
    gone = Line(LotQuantity(lot, Decimal(4), hospital.dock.pk), virtual_places().lost)
    post(
        Draft(Step.LOSE, unique("l"), days_ago(40), (gone,), reason="missing"),
        actor=hospital.actor("storekeeper"),
    )
    client, code = signed_in("storekeeper"), f"{lot}.0.{hospital.store.pk}"
    page = client.get("/storeroom/scrap/lost").content.decode()
    assert f'value="{code}"' in page
    form = {"place_id": hospital.campus.pk, "reason": "missing", "lot": code}
    for pieces, said in (("", "whole number"), ("0", "whole number"), ("5", "4 at most")):
        wrong = client.post(
            "/storeroom/scrap/lost", {**form, "key": key("write_off"), f"pieces.{code}": pieces}
        )
        assert (wrong.status_code, said in sentences(wrong)) == (409, True), sentences(wrong)
    assert not Disposal.objects.exists()
    sent = client.post("/storeroom/scrap/lost", {**form, "key": key("write_off"), f"pieces.{code}": "3"})
    assert sent.status_code == 302, sentences(sent)
    [line] = Disposal.objects.get().lines.all()
    assert (line.unit_id, line.quantity) == (None, 3)


def test_a_return_to_the_supplier_over_the_pages(hospital: World, signed_in: SignedIn) -> None:
    epcs = hospital.stocked("S1", "S2")
    client, place = (
        signed_in("storekeeper"),
        {"place_id": hospital.store.pk, "supplier_id": hospital.supplier.pk},
    )
    assert result(scanned(client, "/buyer/returns", hospital.scan("S1"), **place)) in ("ok", "warn")
    assert result(scanned(client, "/buyer/returns", "NOTHING", **place)) == "error"
    scans = [hospital.scan("S1"), hospital.scan("S2")]
    answer = client.post(
        "/buyer/returns/new",
        {"key": key("send_back"), **listed(hospital, *scans), **place, "reason": "quality"},
    )
    assert answer.status_code == 302, sentences(answer)
    back = SupplierReturn.objects.get()
    address = f"/buyer/returns/{back.pk}"

    def act(name: str, **form: Any) -> str:
        return sentences(client.post(f"{address}/{name}", {"key": key(name), **form}, follow=True))

    assert "is empty" in act("authorise")
    assert "The supplier agreed" in sentences(client.get(address))
    agreed = act("authorise", authorisation="RMA-1")
    assert "may be sent" in agreed
    assert ("The supplier agreed" in agreed, "Change the number" in agreed) == (False, True)
    yesterday = timezone.localdate() - timedelta(days=1)
    assert "before the goods are sent" in act("send", handed_to="Courier", credit_due=yesterday.isoformat())
    assert "on its way" in act("send", handed_to="Courier")
    SupplierReturn.objects.filter(pk=back.pk).update(credit_due=yesterday)  # a month has passed
    assert [unit_view(epc).status for epc in epcs] == ["returned"] * 2
    assert "Credit overdue" in sentences(client.get("/buyer/returns?state=overdue"))
    assert "only 13,960.00" in act("credit", number="N", amount="99999").replace("13960.00", "13,960.00")
    settled = act("credit", number="N", amount="¥ 13,960.00")
    assert re.search(r"Still due Settled", settled), settled
    note = back.credits.get()
    assert "is empty" in act(f"credits/{note.pk}/void")
    assert "is voided" in act(f"credits/{note.pk}/void", reason="typed wrong")
    assert "typed wrong" in sentences(client.get(address))
    assert "is not a date" in act("credit", number="N", amount="12000", dated="last week")
    today = timezone.localdate().isoformat()
    assert "is entered" in act("credit", number="N", amount="12000", dated=today)
    assert back.credits.get(voided_at=None).dated.isoformat() == today
    assert "closed short" in act("close", text="agreed")
    back.refresh_from_db()
    assert (back.state, back.closed_short) == ("closed", "agreed")


def test_a_scanned_unit_says_whose_it_was_and_where_it_lies(hospital: World, signed_in: SignedIn) -> None:
    hospital.stocked("S1")
    client, scan = signed_in("storekeeper"), hospital.scan("S1")

    def said(raw: str, **form: int) -> dict[str, int]:
        sent = scanned(client, "/buyer/returns", raw, **form).headers.get("HX-Trigger", "{}")
        return json.loads(sent).get("yanji:chosen", {}).get("fields", {})

    own = {"supplier_id": hospital.supplier.pk, "place_id": hospital.dock.pk}
    assert said(scan) == own
    assert said(scan, place_id=hospital.store.pk) == {"supplier_id": hospital.supplier.pk}
    assert said(scan, **own) == {}, "what somebody chose stays"
    assert said("NOTHING") == {}
    owner = Supplier.objects.create(code="OWNER", name_en="An owner")
    Unit.objects.update(owner=owner)
    assert said(scan)["supplier_id"] == owner.pk, "another's goods go to whose they are, whoever brought them"


def test_a_return_is_cancelled(hospital: World, signed_in: SignedIn) -> None:
    hospital.stocked("S1")
    client = signed_in("storekeeper")
    form = {"place_id": hospital.store.pk, "supplier_id": hospital.supplier.pk, "reason": "quality"}
    client.post(
        "/buyer/returns/new", {"key": key("send_back"), **listed(hospital, hospital.scan("S1")), **form}
    )
    back = SupplierReturn.objects.get()
    address = f"/buyer/returns/{back.pk}"
    client.post(f"{address}/authorise", {"key": key("authorise"), "authorisation": "RMA-1"})
    assert "Authorised under" in sentences(client.get(address))
    client.post(f"{address}/cancel", {"key": key("cancel")})
    back.refresh_from_db()
    assert back.state == "cancelled"
    said = sentences(client.get(address))
    assert ("RMA number, not used" in said, "Authorised under" in said, "Still due" in said) == (
        True,
        False,
        False,
    )


@pytest.mark.parametrize("path", ["/buyer/returns", "/buyer/returns/new"])
def test_a_nurse_has_no_part_in_returns(signed_in: SignedIn, path: str) -> None:
    assert signed_in("nurse").get(path).status_code == 403
