"""The trail of a document and its printed sheet, as a browser gets them."""

import re
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import yanji.web
from tests.flows.files import GOOD, PDF, png
from tests.flows.test_papers import KINDS, add, document
from tests.makers import unique
from tests.web.pdf import texts
from tests.web.world import World
from yanji.access.models import Person
from yanji.access.tokens import create_token
from yanji.flows.models import Case
from yanji.flows.models_papers import Attachment, Remark
from yanji.flows.paper_columns import close
from yanji.flows.papers import papers, shown
from yanji.flows.theatre.models import CaseEvent, Implant

HTMX = {"HX-Request": "true"}


def client_of(person: Person | None, language: str = "en") -> Client:
    assert person is not None
    Person.objects.filter(pk=person.pk).update(language=language)
    client = Client()
    client.force_login(person)
    return client


def reader(day: World, kind: str) -> Person | None:
    return day.site.nurse if kind == "case" else day.site.storekeeper


def send(client: Client, address: str, name: str, content: bytes, **headers: str) -> Any:
    file = SimpleUploadedFile("x", content)
    file.name = name
    return client.post(address, {"key": f"attach:{unique('k')}", "file": file}, headers=headers)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_kind_prints(hospital_day: World, kind: str, language: str) -> None:
    client = client_of(reader(hospital_day, kind), language)
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(f"/papers/{kind}/{document(hospital_day, kind)}/print")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert len(asked) <= 12
    assert f'<html lang="{language}"' in page
    assert page.count("<svg class=") >= 2
    assert 'class="p-square"' in page
    assert page.count("<i></i>") == 2
    assert ("Print" in page) == (language == "en")
    assert re.search(r"<tbody><tr>\s*<td data-title=.[^\"]+", page)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_a_trail_and_its_page_asks_for_it(hospital_day: World, kind: str) -> None:
    number = document(hospital_day, kind)
    client = client_of(reader(hospital_day, kind))
    address = f"/papers/{kind}/{number}/trail"
    with CaptureQueriesContext(connection) as asked:
        card = client.get(address, headers=HTMX)
    assert card.status_code == 200
    assert len(asked) <= 8
    pages = {
        "order": "/buyer/orders/{}",
        "receipt": "/storeroom/receipts/{}",
        "requisition": "/storeroom/picking/{}",
        "issue": "/storeroom/issues/{}",
        "case": "/ward/use/{}",
    }
    if kind in pages:
        page = client.get(pages[kind].format(number)).content.decode()
        assert f'hx-get="{address}"' in page
        assert f'href="/papers/{kind}/{number}/print"' in page


TEMPLATES = Path(yanji.web.__file__).parent / "templates"
# Asks for the card and the print of whatever paper it is given.
GIVEN = {"_trail_later.html", "_print_button.html"}


def asked_for(tag: str) -> set[str]:
    """The kinds of which some page asks for this tag."""
    pages = [path.read_text(encoding="utf-8") for path in TEMPLATES.rglob("*.html") if path.name not in GIVEN]
    return {kind for page in pages for kind in re.findall(rf'{{% {tag} "(\w+)"', page)}


@pytest.mark.parametrize("tag", ["trail", "print_button"])
def test_every_kind_of_document_has_a_page_with_its_card_and_its_print(tag: str) -> None:
    """A new kind that no page shows so fails here: give its page ``{% trail %}`` and ``{% print_button %}``."""
    kinds = {paper.kind for paper in papers()}
    assert len(kinds) >= 27
    assert kinds - asked_for(tag) == set()


@pytest.mark.parametrize(
    ("kind", "page"), [("notice", "/buyer/notices/{}"), ("notice", "/supplier/notices/{}"), ("implants", "")]
)
def test_the_pages_of_a_notice_and_of_implants_have_both(hospital_day: World, kind: str, page: str) -> None:
    number = document(hospital_day, "notice" if kind == "notice" else "case")
    who = hospital_day.people["supplier"] if page.startswith("/supplier") else hospital_day.site.buyer
    if kind == "implants":
        case = Case.objects.get(pk=number)
        record = {"case": case, "patient_token": case.patient_token, "implanted_at": timezone.now()}
        used = CaseEvent.objects.filter(case=case, event__step="use").latest("pk").event
        unit = used.movements.exclude(unit=None).latest("pk").unit
        Implant.objects.create(
            unit=unit, lot=unit.lot, quantity=1, event_id=used.pk, surgeon="Dr Luo", **record
        )
        who, page = hospital_day.site.nurse, "/theatre/cases/{}"
    client = client_of(who)
    shown = client.get(page.format(number)).content.decode()
    assert f'hx-get="/papers/{kind}/{number}/trail"' in shown
    assert f'href="/papers/{kind}/{number}/print"' in shown
    printed = client.get(f"/papers/{kind}/{number}/print").content.decode()
    assert ("Dr Luo" in printed) == (kind == "implants")


def test_each_side_of_a_notice_reads_what_is_meant_for_it(hospital_day: World) -> None:
    """The hospital reads what the supplier wrote; the supplier only what its own people did, and is told so."""
    number = document(hospital_day, "notice")
    ours, theirs = client_of(hospital_day.site.storekeeper), client_of(hospital_day.people["supplier"])
    for client, text in ((ours, "call the driver"), (theirs, "two cartons late")):
        sent = {"key": f"remark:{unique('k')}", "text": text}
        assert (
            client.post(f"/papers/notice/{number}/remark", sent, headers=HTMX, follow=True).status_code == 200
        )
    here, there = (
        client.get(f"/papers/notice/{number}/trail", headers=HTMX).content.decode()
        for client in (ours, theirs)
    )
    assert ("call the driver" in here, "two cartons late" in here) == (True, True)
    assert ("call the driver" in there, "two cartons late" in there) == (False, True)
    assert "you do not see" in there
    assert "you do not see" not in here


def test_a_remark_is_shown_as_it_was_typed_and_runs_nowhere(hospital_day: World) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "receipt")
    address = f"/papers/receipt/{number}"
    text = "<script>alert(1)</script>\r\nsecond line"
    answer = client.post(
        f"{address}/remark", {"key": f"remark:{unique('k')}", "text": text}, headers=HTMX, follow=True
    )
    page = answer.content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;<br>second line" in page
    assert Remark.objects.get(kind="receipt", document_id=number).text == text.replace("\r\n", "\n")


def test_each_form_of_a_card_that_was_sent_has_a_key_of_its_own(hospital_day: World) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "order")
    address, said = f"/papers/order/{number}", ("one", "two")
    page = client.get(f"{address}/trail", headers=HTMX).content.decode()
    for text in said:
        key = re.search(r'name="key" value="(remark:[^"]+)"', page)
        assert key is not None
        sent = {"key": key.group(1), "text": text}
        page = client.post(f"{address}/remark", sent, headers=HTMX, follow=True).content.decode()
        assert text in page
    assert Remark.objects.count() == len(said)


def test_without_scripts_the_document_comes_back(hospital_day: World) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "issue")
    answer = client.post(f"/papers/issue/{number}/remark", {"key": "remark:1", "text": "x"})
    assert (answer.status_code, answer.headers["Location"]) == (302, f"/storeroom/issues/{number}")


@pytest.mark.parametrize("name", list(GOOD))
def test_a_file_comes_back_to_be_saved_and_never_shown(hospital_day: World, name: str) -> None:
    content, content_type = GOOD[name]
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "issue")
    answer = send(client, f"/papers/issue/{number}/attach", name, content, **HTMX)
    assert answer.status_code == 302
    file = Attachment.objects.get(kind="issue", document_id=number)
    got = client.get(f"/papers/issue/{number}/files/{file.pk}")
    assert got.content == content
    assert got.headers["Content-Type"] == content_type
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert "no-store" in got.headers["Cache-Control"]


def test_a_name_cannot_break_out_of_its_header(hospital_day: World) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "order")
    hostile = '发"票;\r\nSet-Cookie: a=b; filename=x.html.pdf'
    done = add(hospital_day.site.keeper, "order", number, hostile, PDF)
    got = client.get(f"/papers/order/{number}/files/{done.id}")
    assert got.headers["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert "Set-Cookie" not in got.headers


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("page.html", b"<html>", "no kind of file"),
        ("a.pdf", b"", "is empty"),
        ("big.png", png() + b"\0" * (10 * 1024 * 1024), "larger than 10 MB"),
    ],
)
def test_a_refused_file_says_why_in_the_card(
    hospital_day: World, name: str, content: bytes, sentence: str
) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "receipt")
    answer = send(client, f"/papers/receipt/{number}/attach", name, content, **HTMX)
    assert answer.status_code == 409
    assert sentence in answer.content.decode()
    assert f'id="y-trail-receipt-{number}"' in answer.content.decode()
    assert not Attachment.objects.filter(kind="receipt").exists()


def test_nothing_chosen_is_a_refusal(hospital_day: World) -> None:
    client, number = client_of(hospital_day.site.storekeeper), document(hospital_day, "receipt")
    answer = client.post(f"/papers/receipt/{number}/attach", {"key": "attach:1"}, headers=HTMX)
    assert answer.status_code == 409


def test_withdrawn_files_are_named_and_not_given_out(hospital_day: World) -> None:
    number = document(hospital_day, "order")
    file = add(hospital_day.site.keeper, "order", number, "wrong.pdf", PDF).id
    client = client_of(hospital_day.site.storekeeper)
    address = f"/papers/order/{number}/files/{file}"
    sent = {"key": f"withdraw:{unique('k')}", "reason": "Other order"}
    page = client.post(f"{address}/withdraw", sent, headers=HTMX, follow=True).content.decode()
    assert "<s>wrong.pdf</s>" in page
    assert "Other order" in page
    assert address not in page
    assert client.get(address).status_code == 409


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("who", ["nobody", "elsewhere"])
def test_hidden_and_absent_pages_are_alike(hospital_day: World, kind: str, who: str) -> None:
    client = client_of(hospital_day.people[who])
    for tail in ("trail", "print", "print.pdf", "files/1"):
        answers = [
            client.get(f"/papers/{kind}/{number}/{tail}", headers=HTMX)
            for number in (document(hospital_day, kind), 999_999)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_a_storekeeper_learns_nothing_of_a_case(hospital_day: World) -> None:
    client = client_of(hospital_day.site.storekeeper)
    for tail in ("trail", "print", "print.pdf", "files/1"):
        found, absent = (
            client.get(f"/papers/case/{number}/{tail}", headers=HTMX)
            for number in (document(hospital_day, "case"), 999_999)
        )
        assert found.status_code == absent.status_code == 404
        assert found.content == absent.content


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_kind_is_a_file_of_what_its_page_says(hospital_day: World, kind: str, language: str) -> None:
    """As many statements as the page, and every cell of it."""
    client, number = client_of(reader(hospital_day, kind), language), document(hospital_day, kind)
    address = f"/papers/{kind}/{number}/print"
    client.get(address)
    with CaptureQueriesContext(connection) as of_page:
        page = client.get(address)
    with CaptureQueriesContext(connection) as of_file:
        file = client.get(f"{address}.pdf")
    assert f'href="{address}.pdf"' in page.content.decode()
    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    assert file["Content-Disposition"].startswith(f'inline; filename="{kind}-')
    assert len(of_file) <= len(of_page)
    sheet, said = page.context["sheet"], "".join(texts(file.content)).replace(" ", "")
    told = [sheet.title, sheet.number, *sheet.signatures, *(label for label, _value in sheet.told)]
    told += [shown(cell) for section in sheet.filled for row in section.rows for cell in row]
    assert [each for each in told if close(each).replace(" ", "") not in said] == []


def test_a_ward_does_not_read_the_shelves_of_the_store(hospital_day: World) -> None:
    """What to take and where is for who picks there: the ward prints what it wrote, as a page, a file and for a program."""
    here = hospital_day.site
    asked, lot = here.requisition((here.h.item, 2)).id, "L-DAY"  # what the store hands out first
    shown_to = {}
    for who in (here.storekeeper, here.nurse):
        client = client_of(who)
        page = client.get(f"/papers/requisition/{asked}/print").content.decode()
        file = "".join(texts(client.get(f"/papers/requisition/{asked}/print.pdf").content))
        token = create_token(actor=here.actor(who), name="printer")[1]
        headers = {"authorization": f"Bearer {token}"}
        sheet = client.get(f"/api/v1/papers/requisition/{asked}", headers=headers).json()
        shown_to[who.pk] = [lot in page, lot in file, lot in str(sheet), "Pick list" in page]
    assert shown_to == {here.storekeeper.pk: [True] * 4, here.nurse.pk: [False] * 4}
