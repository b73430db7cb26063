"""Papers that were kept or sent wrongly are taken back in the pages, with a reason; what they led to is said there."""

import pytest
from django.test import Client

from tests.flows.files import png
from tests.flows.site import person
from tests.makers import unique
from yanji.access.actor import actor_for
from yanji.flows.invoices.first import enter_first_invoice, verify_first_invoice
from yanji.flows.invoices.models import FirstInvoice, Invoice
from yanji.flows.models import Receipt
from yanji.flows.portal.models import OfferedPaper
from yanji.flows.portal.papers import offer_paper

from .acts import key, sentences
from .test_buying_pages import delivered
from .world import World, later


@pytest.fixture
def outside(hospital: World) -> Client:
    """Somebody of the supplier, signed in."""
    made = person("supplier", hospital.campus)
    made.supplier, made.language = hospital.supplier, "en"
    made.save(update_fields=["supplier", "language"])
    hospital.people["outside"] = made
    client = Client()
    client.force_login(made)
    return client


def test_a_makers_invoice_is_voided_where_it_was_kept(hospital: World, signed_in) -> None:
    delivered(hospital, "S1")
    receipt = Receipt.objects.get()
    page, buyer = f"/buyer/deliveries/{receipt.pk}", signed_in("buyer")
    buyer.post("/buyer/rules/two-invoice", {"key": key("two"), "family": "", "needed": "yes"})
    first = enter_first_invoice(
        actor=hospital.actor("storekeeper"), key=unique("k"), receipt_id=receipt.pk, seller="Maker", number="M-1",
        issued_on=later(-3),
    ).id  # fmt: skip
    verify_first_invoice(actor=hospital.actor("buyer"), key=unique("k"), first_invoice_id=first)
    sent = {"key": key("void-first"), "first_invoice_id": first, "reason": ""}
    assert f'action="{page}/first/void"' in buyer.get(page).content.decode()
    assert buyer.post(f"{page}/first/void", sent).status_code == 409
    assert buyer.post(f"{page}/first/void", {**sent, "first_invoice_id": 10**9}).status_code == 409
    assert FirstInvoice.objects.get().voided_at is None
    sent = {**sent, "key": key("void-first"), "reason": "Another delivery's"}
    assert buyer.post(f"{page}/first/void", sent).status_code == 302
    shown = buyer.get(page)
    assert "Another delivery&#x27;s" in shown.content.decode()
    assert f'action="{page}/first/void"' not in shown.content.decode()
    assert "no maker's invoice stands verified" not in sentences(shown)
    assert signed_in("nurse").post(f"{page}/first/void", sent).status_code in (403, 404)


def test_the_delivery_says_what_was_paid_by_a_voided_makers_invoice(hospital: World, signed_in) -> None:
    delivered(hospital, "S1")
    receipt, buyer = Receipt.objects.get(), signed_in("buyer")
    page = f"/buyer/deliveries/{receipt.pk}"
    paid = Invoice.objects.create(
        number="INV-1", reference="F-1", supplier=hospital.supplier, place=hospital.campus, invoiced_on=later(-1),
        total=6980, state="released", entered_by=hospital.people["buyer"], released_by=hospital.people["nurse"],
    )  # fmt: skip
    paid.lines.create(
        order=receipt.order, receipt=receipt, item=hospital.item, serial="S1", price=6980, result="matched"
    )
    assert "INV-1" not in sentences(buyer.get(page))
    buyer.post("/buyer/rules/two-invoice", {"key": key("two"), "family": "", "needed": "yes"})
    assert "INV-1: released for payment" in sentences(buyer.get(page))


def test_a_supplier_withdraws_a_paper_on_its_page(hospital: World, outside: Client, signed_in) -> None:
    theirs = actor_for(hospital.people["outside"], today=later(0))
    paper = offer_paper(
        actor=theirs, key=unique("k"), kind="business", reference="BL-7", endless=True, valid_from=later(0), file_name="scan.png",
        content=png(),
    )  # fmt: skip
    page = f"/supplier/papers/offered/{paper.id}"
    address = f"{page}/withdraw"
    assert f'action="{address}"' in outside.get(page).content.decode()
    assert outside.post(address, {"key": key("withdraw"), "reason": " "}).status_code == 409
    assert OfferedPaper.objects.get().state == "offered"
    assert signed_in("buyer").post(address, {"key": key("withdraw"), "reason": "x"}).status_code == 403
    assert outside.post(address, {"key": key("withdraw"), "reason": "The wrong scan"}).status_code == 302
    shown = outside.get(page).content.decode()
    assert "The wrong scan" in shown
    assert address not in shown
    assert "decide" not in signed_in("buyer").get(f"/buyer/papers/offered/{paper.id}").content.decode()
