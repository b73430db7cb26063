"""The inbox of approvals in one hand: it fits a phone, a press decides, and a keyboard is enough."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.flows.approving import Signing, signing
from tests.flows.site import site
from tests.web.test_approvals import asked, waiting_order
from yanji.access.models import Person
from yanji.flows.models_approval import Approval

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> Signing:
    found = signing(site())
    waiting_order(found)
    asked(found.site, 1_280_000)
    return found


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_inbox_and_rules_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: Signing, size: dict[str, int], language: str, theme: str
) -> None:
    editor = Person.objects.get(pk=here.editor.person_id)
    pages = [(here.head, ["/manager/approvals"])]
    pages.append(
        (editor, ["/masterdata/approval-rules", "/masterdata/approval-rules/new", "/masterdata/reasons"])
    )
    wrong = []
    for who, addresses in pages:
        with opened(browser, live_server.url, who, size=size, language=language, theme=theme) as page:
            for address in addresses:
                settled(page, address)
                wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{address}: {finding}" for finding in accessibility(page)]
    assert wrong == []


def test_a_thumb_decides(browser: Any, live_server: Any, here: Signing) -> None:
    with opened(browser, live_server.url, here.head, size=PHONE, language="en") as page:
        settled(page, "/manager/approvals")
        card = page.locator("[data-approval]").first
        for button in card.locator("button").all():
            assert button.bounding_box()["height"] >= 44
        card.get_by_role("button", name="Refuse").tap()
        comment = card.get_by_placeholder("Comment; needed to refuse")
        expect(comment).to_be_focused()
        expect(card.locator("textarea:invalid")).to_have_count(1)
        assert Approval.objects.exclude(decided_by=None).count() == 0
        comment.fill("Ask for two offers")
        card.get_by_role("button", name="Refuse").tap()
        page.get_by_text("“Ask for two offers”").wait_for()
        card.get_by_role("button", name="Approve").tap()
        page.get_by_text("Nothing waits for you").wait_for()
    assert sorted(Approval.objects.exclude(decided_by=None).values_list("state", flat=True)) == [
        "approved",
        "refused",
    ]


def test_the_keyboard_alone_decides(browser: Any, live_server: Any, here: Signing) -> None:
    with opened(browser, live_server.url, here.head, language="en") as page:
        settled(page, "/manager/approvals")
        second = page.locator("[data-approval]").nth(1)
        page.keyboard.press("j")
        page.keyboard.press("j")
        expect(second).to_be_focused()
        number = second.locator("h2").inner_text()
        second.locator("textarea").focus()
        page.keyboard.type("just k and j")  # typing a comment is not moving about
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        page.get_by_text(f"You approved {number}").wait_for()
    assert Approval.objects.get(decided_by=here.head).comment == "just k and j"
