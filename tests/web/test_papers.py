"""The trail of a document and its printed sheet, as a browser gets them."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.flows.files import GOOD, PDF, png
from tests.flows.test_papers import KINDS, add, document
from tests.makers import unique
from tests.web.world import World
from yanji.access.models import Person
from yanji.flows.models_papers import Attachment, Remark

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
    assert 'id="y-trail"' in answer.content.decode()
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
    for tail in ("trail", "print", "files/1"):
        answers = [
            client.get(f"/papers/{kind}/{number}/{tail}", headers=HTMX)
            for number in (document(hospital_day, kind), 999_999)
        ]
        assert [answer.status_code for answer in answers] == [404, 404]
        assert answers[0].content == answers[1].content


def test_a_storekeeper_learns_nothing_of_a_case(hospital_day: World) -> None:
    client = client_of(hospital_day.site.storekeeper)
    for tail in ("trail", "print", "files/1"):
        found, absent = (
            client.get(f"/papers/case/{number}/{tail}", headers=HTMX)
            for number in (document(hospital_day, "case"), 999_999)
        )
        assert found.status_code == absent.status_code == 404
        assert found.content == absent.content
