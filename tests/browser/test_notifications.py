"""The bell: two people hear of one matter, one sees to it, and it rings for the other no more; nobody loads a page again."""

import os
import re
from datetime import time
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.flows.site import Site, person, site
from tests.makers import unique
from yanji.flows.hold import hold
from yanji.notify.look import look
from yanji.notify.models import Hook, Notification, Wish
from yanji.web import notifications

pytestmark = pytest.mark.browser


@pytest.fixture
def here(transactional_db: None) -> Site:
    found = site()
    hold(actor=found.keeper, key=unique("k"), things=found.stocked(2), reason="suspected")
    found.requisition((found.h.item, 1))
    Hook.objects.create(
        name="病区大屏", url="https://display.example.org/yanji/told", secret="s", edited_by=found.storekeeper
    )
    look(timezone.now())
    return found


def test_what_one_sees_to_rings_for_the_other_no_more(
    browser: Any, live_server: Any, here: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notifications, "AGAIN_SECONDS", 1)
    with (
        opened(browser, live_server.url, here.storekeeper, size=PHONE, language="en") as one,
        opened(browser, live_server.url, here.second, language="zh-hans") as other,
    ):
        settled(other, "/stock")
        bell = other.locator("[data-bell]")
        expect(bell).to_have_attribute("data-bell-open", "2")
        expect(bell).to_have_attribute("aria-label", "2 条提醒")
        settled(one, "/")
        one.locator("[data-bell]").click()
        held = one.locator("[data-notification]").filter(has_text="On hold, waits for a decision")
        expect(held).to_contain_text("2 pieces on hold wait for a decision")
        held.locator("summary").click()
        held.get_by_label("Note").fill("I ask the supplier")
        held.get_by_role("button", name="I see to it").click()
        one.get_by_text("1 acknowledged.").wait_for()
        expect(bell).to_have_attribute("data-bell-open", "1")
        expect(one.locator("[data-bell] b")).to_have_text("1")
        bell.click()
        other.get_by_role("link", name="已有人处理").click()
        expect(other.locator("[data-notification]")).to_contain_text("I ask the supplier")
    found = Notification.objects.get(kind="on_hold")
    assert (found.acknowledged_by, found.note) == (here.storekeeper, "I ask the supplier")


def test_quiet_hours_are_ones_own_choice(browser: Any, live_server: Any, here: Site) -> None:
    with opened(browser, live_server.url, here.storekeeper, size=PHONE, language="en") as page:
        settled(page, "/notifications")
        page.get_by_role("link", name="How I am told").click()
        card = page.locator("#told")
        card.get_by_label("E-mail").fill("keeper@example.org")
        card.get_by_label("Quiet from").fill("22:00")
        card.get_by_label("Quiet until").fill("07:00")
        card.get_by_role("button", name="Keep this").click()
        page.get_by_text("You will be told as you chose.").wait_for()
        expect(card.get_by_label("Quiet until")).to_have_value("07:00")
    wish = Wish.objects.get(person=here.storekeeper)
    assert (wish.email, wish.quiet_from, wish.quiet_to) == ("keeper@example.org", time(22), time(7))


@pytest.mark.parametrize(
    ("size", "language", "theme"),
    [(PHONE, "zh-hans", "light"), (WALL, "en", "dark")],
    ids=["phone-zh-light", "wall-en-dark"],
)
def test_the_pages_fit_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: Site, size: dict[str, int], language: str, theme: str
) -> None:
    pages = [
        (here.storekeeper, ["/notifications", "/notifications?state=closed"]),
        (
            person("administrator", here.h.campus),
            [
                "/masterdata/notification-rules",
                "/masterdata/notification-rules/new",
                "/masterdata/webhooks",
                "/masterdata/webhooks/new",
                "/masterdata/account",
            ],
        ),
    ]
    wrong = []
    for who, addresses in pages:
        with opened(browser, live_server.url, who, size=size, language=language, theme=theme) as page:
            for address in addresses:
                settled(page, address)
                if address == "/notifications":
                    page.locator("summary").first.click()
                if gallery := os.environ.get("YANJI_GALLERY"):
                    name = re.sub(r"\W+", "-", f"notify{address}-{language}-{size['width']}")
                    page.screenshot(path=f"{gallery}/{name}.png", full_page=True)
                wrong += [f"{address}: {overflow(page)} px too wide"] if overflow(page) else []
                wrong += [f"{address}: {finding}" for finding in accessibility(page)]
    assert wrong == []
