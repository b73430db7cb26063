"""Sheets, remarks and files through the interface: the same gates, one shape for every kind."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.browser.printed import scans_of
from tests.exchange.client import BASE, ApiClient
from tests.flows.files import PDF, png
from tests.flows.site import Site, contents
from tests.flows.test_budgets import at_the_ward
from tests.makers import unique
from tests.web.pdf import texts
from tests.web.world import world
from yanji.flows.use import use


@pytest.fixture
def keeper(committed: Site) -> ApiClient:
    return ApiClient(committed.storekeeper)


def upload(client: ApiClient, path: str, name: str, content: bytes, key: str = "") -> Any:
    file = SimpleUploadedFile(name, content, "application/octet-stream")
    sent = {"key": key or unique("k"), "file": file}
    return client.client.post(BASE + path, sent, headers=client.headers)


def test_every_kind_gives_its_sheet(transactional_db: None) -> None:
    day = world()
    clients = {"case": ApiClient(day.site.nurse)}
    keeper = ApiClient(day.site.storekeeper)
    kinds = [each["kind"] for each in keeper.get("/papers").json()]
    assert set(kinds) >= {"order", "notice", "receipt", "requisition", "issue", "case"}
    for kind in ("order", "notice", "receipt", "requisition", "issue", "case"):
        answer = clients.get(kind, keeper).get(f"/papers/{kind}/{day.samples[f'{kind}_id']}")
        sheet = answer.json()
        assert answer.status_code == 200, sheet
        assert sheet["number"]
        first = sheet["sections"][0]
        assert len(first["rows"][0]) == len(first["columns"])


def test_a_sheet_keeps_money_exact_and_days_as_days(committed: Site, keeper: ApiClient) -> None:
    order = committed.order((committed.h.item, 3))
    sheet = keeper.get(f"/papers/order/{order.id}").json()
    assert sheet["title"] == "Purchase order"
    assert sheet["sections"][0]["rows"][0][6:] == ["100.00", "300.00"]
    assert sheet["sections"][0]["rows"][0][4] == 3
    in_chinese = ApiClient(committed.storekeeper, "zh-hans").get(f"/papers/order/{order.id}").json()
    assert in_chinese["title"] == "采购单"


def test_remarks_are_added_and_listed(committed: Site, keeper: ApiClient) -> None:
    path = f"/papers/order/{committed.order().id}/remarks"
    keeper.done(path, text="外箱受潮")
    ApiClient(committed.buyer).done(path, text="noted")
    assert [each["text"] for each in keeper.get(path).json()] == ["外箱受潮", "noted"]
    before = contents()
    assert keeper.post(path, text="  ").json()["code"] == "nothing_said"
    assert keeper.post(path, text="").status_code == 422
    assert keeper.post(path, text="x" * 2001).status_code == 422
    assert contents() == before


def test_files_go_up_and_come_down(committed: Site, keeper: ApiClient) -> None:
    path, key = f"/papers/order/{committed.order().id}/attachments", unique("k")
    first = upload(keeper, path, "箱 1.PNG", png(), key)
    assert first.status_code == 200, first.content
    again = upload(keeper, path, "箱 1.PNG", png(), key)
    assert again.json() == {**first.json(), "repeated": True}
    [listed] = keeper.get(path).json()
    assert (listed["name"], listed["content_type"], listed["withdrawn"]) == ("箱 1.png", "image/png", "")
    got = keeper.get(f"{path}/{listed['id']}")
    assert got.content == png()
    assert got.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got.headers["X-Content-Type-Options"] == "nosniff"
    keeper.done(f"{path}/{listed['id']}/withdraw", reason="blurred")
    assert keeper.get(path).json()[0]["withdrawn"] == "blurred"
    assert keeper.get(f"{path}/{listed['id']}").status_code == 409


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.svg", b"<svg/>", "attachment_type"),
        ("a.pdf", b"", "attachment_empty"),
        ("a.pdf", PDF + b" " * (10 * 1024 * 1024), "attachment_too_large"),
    ],
)
def test_refused_files(committed: Site, keeper: ApiClient, name: str, content: bytes, code: str) -> None:
    path, before = f"/papers/order/{committed.order().id}/attachments", contents()
    answer = upload(keeper, path, name, content)
    assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert contents() == before


def test_a_case_is_absent_for_who_sees_no_patients(committed: Site, keeper: ApiClient) -> None:
    [epc] = at_the_ward(committed, 1)
    done = use(
        actor=committed.ward, key=unique("u"), things=[epc], case_number="C-9", patient_token="T",
        confirmed_by="T", department_id=committed.h.department.pk,
    )  # fmt: skip
    before = contents()
    for number in (done.id, 999_999):
        for tail in ("", "/remarks", "/attachments", "/attachments/1"):
            assert keeper.get(f"/papers/case/{number}{tail}").status_code == 404
        assert keeper.post(f"/papers/case/{number}/remarks", text="x").status_code == 404
        assert upload(keeper, f"/papers/case/{number}/attachments", "a.pdf", PDF).status_code == 404
    assert contents() == before
    assert keeper.get("/papers/nothing/1").status_code == 404


def test_a_sheet_is_a_pdf_in_the_language_asked_for(
    committed: Site, keeper: ApiClient, settings: Any
) -> None:
    """For as many statements as the sheet, with the number and the address of its page as symbols."""
    settings.ROOT_URLCONF = "yanji.host.urls"
    order = committed.order((committed.h.item, 3))
    path = f"/papers/order/{order.id}"
    keeper.get(path)
    with CaptureQueriesContext(connection) as of_sheet:
        number = keeper.get(path).json()["number"]
    with CaptureQueriesContext(connection) as of_file:
        file = keeper.get(f"{path}/print.pdf")
    assert (file.status_code, file["Content-Type"]) == (200, "application/pdf")
    assert len(of_file) <= len(of_sheet)
    [scans] = scans_of(file.content)
    assert {scan[3:] for scan in scans} == {number, f"http://testserver/papers/order/{order.id}/print"}
    assert "Purchase order" in texts(file.content)
    chinese = ApiClient(committed.storekeeper, "zh-hans").get(f"{path}/print.pdf")
    assert "采购单" in texts(chinese.content)
    for missing in ("/papers/order/999999999/print.pdf", f"/papers/nothing/{order.id}/print.pdf"):
        assert keeper.get(missing).status_code == 404
