"""An external account sees its own and nothing else: every address of the installation, asked as a supplier and as a rival."""

import json
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from tests.flows.site import show_papers
from tests.flows.test_portal import of_supplier
from tests.web.flows.acts import key, sentences
from tests.web.refusals import each_refusal_drawn_once
from tests.web.test_access_matrix import METHODS, PARAMETER, routes
from tests.web.world import World
from yanji.access.actor import Actor
from yanji.access.tokens import create_token
from yanji.catalog.models import Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.models import PurchaseOrder, ShipNotice
from yanji.flows.packing.models import Box
from yanji.notify.look import look
from yanji.notify.models import Notification

# What an external account may open besides its own pages: the door, its account, what explains the interface, its home,
# the words of reasons and kinds of documents; an empty stock page; its own invoices through the interface; its own documents as
# they are printed, with what its own people added to them; what waits at a hand-held device, which is nothing there; empty maps
# of what lies and expires where, what fits in the search box, of its own, and what it is told of, which is nothing.
SHELL = {
    "", "healthz", "sign-in", "sign-out", "preferences", "search", "stock", "masterdata/account", "api/v1/docs",
    "api/v1/openapi.json", "api/v1/me", "api/v1/tokens", "api/v1/lifecycle", "api/v1/reasons", "api/v1/papers",
    "badge", "device", "stay", "scanner", "scanner/scan", "api/v1/scanners/learn", "scan/manifest.webmanifest", "scan/worker.js",
    "api/v1/handheld/today", "api/v1/handheld/units", "api/v1/handheld/todos", "api/v1/maps/expiry", "api/v1/maps/stock",
    "search/suggestions", "notifications", "notifications/bell", "notifications/worker.js",
    "api/v1/invoices", "api/v1/invoices/<invoice_id>",
    "papers/<slug:paper>/<int:document_id>/print", "papers/<slug:paper>/<int:document_id>/trail",
    "api/v1/papers/<paper>/<document_id>", "papers/<slug:paper>/<int:document_id>/print.pdf",
    "api/v1/papers/<paper>/<document_id>/print.pdf",
}  # fmt: skip


@each_refusal_drawn_once()
def asked(world: World, supplier: Supplier) -> dict[str, tuple[int, bytes]]:
    """What every address answers to an account of a supplier."""
    person = of_supplier(world.site, supplier)
    client = Client(raise_request_exception=False)
    client.force_login(person)
    token = create_token(actor=Actor(person.pk, person.name), name="t")[1]
    samples = {**world.samples, "line_id": PurchaseOrder.objects.first().lines.first().pk}
    found: dict[str, tuple[int, bytes]] = {}
    for route in sorted(routes()):
        if any(name not in samples for name in PARAMETER.findall(route)) or route == "sign-out":
            continue
        address = "/" + PARAMETER.sub(lambda match: str(samples[match.group(1)]), route)
        for method in METHODS:
            body: dict[str, Any] = {}
            if address.startswith("/api/"):
                body = {"headers": {"Authorization": f"Bearer {token}"}}
                body |= {"data": "{}", "content_type": "application/json"} if method == "POST" else {}
            with transaction.atomic():
                answer = client.generic(method, address, **body)
                content = b"" if answer.streaming else answer.content
                found[f"{method} {route}"] = (answer.status_code, content)
                transaction.set_rollback(True)
    return found


@pytest.mark.slow
def test_nothing_of_the_hospital_is_open_to_a_supplier(hospital_day: World) -> None:
    """200 only for its own pages and the shell; lists of the interface are empty; nothing breaks."""
    show_papers(hospital_day.site)
    look(timezone.now())
    assert Notification.objects.exists()
    answers = asked(hospital_day, hospital_day.site.h.supplier)
    opened = {
        row: content
        for row, (status, content) in answers.items()
        if status == 200
        and row.split(" ", 1)[1] not in SHELL
        and not row.split(" ", 1)[1].startswith(("supplier/", "api/v1/supplier/"))
    }
    told = sorted(row for row, content in opened.items() if content.strip() not in (b"[]", b"{}"))
    assert not told, " ".join(told)
    assert not [row for row, (status, _content) in answers.items() if status == 500]
    assert hospital_day.site.h.item.name_zh.encode() not in answers["GET stock"][1]
    assert json.loads(answers["GET api/v1/maps/expiry"][1])["lines"] == []
    assert json.loads(answers["GET api/v1/maps/stock"][1])["places"] == []
    assert b"data-notification=" not in answers["GET notifications"][1]


@pytest.mark.slow
def test_a_rival_finds_nothing(hospital_day: World) -> None:
    """What is another supplier's is absent on every page of its own, and its number stands on none."""
    rival = Supplier.objects.create(code="RIVAL", name_zh="对手")
    answers = asked(hospital_day, rival)
    numbers = [
        *PurchaseOrder.objects.values_list("number", flat=True),
        *ShipNotice.objects.values_list("number", flat=True),
    ]
    assert answers["GET supplier/orders/<int:order_id>"][0] == 404
    assert answers["GET supplier/notices/<int:notice_id>"][0] == 404
    told = [
        (row, number)
        for row, (_status, content) in answers.items()
        for number in numbers
        if number.encode() in content
    ]
    assert not told, " ".join(told)


@pytest.fixture
def theirs(hospital_day: World) -> Client:
    person = of_supplier(hospital_day.site, hospital_day.site.h.supplier)
    person.language = "en"
    person.save(update_fields=["language"])
    client = Client()
    client.force_login(person)
    return client


def test_a_supplier_answers_announces_and_prints(hospital_day: World, theirs: Client) -> None:
    order = PurchaseOrder.objects.filter(state="placed").latest("pk")
    line = order.lines.get()
    assert order.number in sentences(theirs.get("/supplier/orders"))
    sent = {"key": key("answer"), "verdict": "confirmed", "promised_on": f"{timezone.localdate():%Y-%m-%d}"}
    shown = theirs.post(f"/supplier/orders/{order.pk}/lines/{line.pk}/answer", sent, follow=True)
    assert "Your answer is with the hospital" in sentences(shown)
    serial, count = "SUP-0001", Box.objects.count()
    rows = {
        "item": [line.item_id], "serial": [serial], "lot": ["L9"], "expiry": ["2049-12-31"], "quantity": ["1"],
        "epc": [""], "box": [""], "pallet": [""],
    }  # fmt: skip
    notice = {"key": key("notice"), "all_box": "new", "all_pallet": "", "reference": "DN-7", **rows}
    answer = theirs.post(f"/supplier/orders/{order.pk}/notice", notice, follow=True)
    assert answer.status_code == 200, sentences(answer)[:400]
    assert serial in sentences(answer)
    assert Box.objects.count() == count + 1
    made = ShipNotice.objects.latest("pk")
    assert theirs.get(f"/supplier/notices/{made.pk}/labels.pdf").content.startswith(b"%PDF")
    refused = theirs.post(
        f"/supplier/orders/{order.pk}/lines/{line.pk}/answer", {"key": key("answer"), "verdict": "x"}
    )
    assert refused.status_code == 409


@pytest.mark.parametrize(
    "page", ["", "supplier/orders", "supplier/consignment", "supplier/invoices", "supplier/papers"]
)
def test_the_pages_of_a_supplier(theirs: Client, page: str) -> None:
    assert theirs.get(f"/{page}").status_code == 200


def test_reaching_for_anothers_order_is_kept(hospital_day: World) -> None:
    rival = of_supplier(hospital_day.site, Supplier.objects.create(code="RIVAL2", name_zh="对手"))
    client = Client()
    client.force_login(rival)
    order = PurchaseOrder.objects.filter(state="placed").latest("pk")
    absent = client.get("/supplier/orders/999999999")
    assert client.get(f"/supplier/orders/{order.pk}").status_code == absent.status_code == 404
    [kept] = Attempt.objects.filter(code="others")
    assert (kept.thing, kept.actor_id) == (order.number, rival.pk)
