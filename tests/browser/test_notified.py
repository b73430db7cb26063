"""A browser lets itself be notified: what comes stands on the screen though nobody looks at Yanji; who leaves takes it along."""

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, accessibility, opened, overflow, settled
from tests.browser.walk import Gallery
from tests.flows.site import Site
from tests.notify.browser import Browser
from yanji.notify.models import PushSubscription

pytestmark = pytest.mark.browser
# The push service of the browser's maker is beyond these walls: what it would give the page is made here. All else is real.
SUBSCRIBED = """
PushManager.prototype.getSubscription = async () => null;
PushManager.prototype.subscribe = async (wanted) => {
  if (!wanted.userVisibleOnly || wanted.applicationServerKey.length !== 87) throw new Error("no browser would take this");
  const { endpoint, p256dh, auth } = SAID;
  return { toJSON: () => ({ endpoint, keys: { p256dh, auth } }) };
};
"""
SHOWN = """
async () => {
  const here = await navigator.serviceWorker.getRegistration("/notifications/");
  return (await here.getNotifications()).map(({ title, body, tag }) => ({ title, body, tag }));
}
"""


def delivered(page: Any, server: str, message: dict[str, str]) -> None:
    """The push service brings a message, as the browser hands it on when it has read it."""
    session, found = page.context.new_cdp_session(page), list[Any]()
    session.on("ServiceWorker.workerRegistrationUpdated", lambda told: found.extend(told["registrations"]))
    session.send("ServiceWorker.enable")
    while not found:
        page.wait_for_timeout(10)
    registration = next(
        each["registrationId"] for each in found
        if each["scopeURL"] == f"{server}/notifications/" and not each["isDeleted"]
    )  # fmt: skip
    session.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": server, "registrationId": registration, "data": json.dumps(message)},
    )
    session.detach()


@pytest.mark.parametrize(("language", "theme"), [("zh-hans", "light"), ("en", "dark")])
def test_a_browser_is_notified_until_its_person_leaves(
    browser: Any, live_server: Any, here: Site, language: str, theme: str
) -> None:
    said = Browser("https://fcm.googleapis.com/fcm/send/1").said
    with opened(browser, live_server.url, here.second, size=PHONE, language=language, theme=theme) as page:
        page.context.grant_permissions(["notifications"], origin=live_server.url)
        page.add_init_script(SUBSCRIBED.replace("SAID", json.dumps(said)))
        settled(page, "/masterdata/account")
        page.locator("[data-notify-here] button").click()
        row = page.locator("#told .y-rows li")
        expect(row).to_contain_text("Chrome · Linux")
        expect(row).to_contain_text("this browser" if language == "en" else "本浏览器")
        assert overflow(page) <= 0
        assert accessibility(page) == []
        Gallery(f"{language}-{theme}").take(page, "notified", whole=True)
        message = {"title": "雁迹: 召回", "body": "心内科: 2 件", "tag": "yanji-7"}
        delivered(page, live_server.url, message)
        while not (shown := page.evaluate(SHOWN)):
            page.wait_for_timeout(10)
        assert shown == [message]
        page.context.clear_permissions()
        client = page.request.post(
            "/sign-out",
            headers={"Referer": live_server.url, "X-CSRFToken": _token(page)},
        )
        assert client.ok
        assert not PushSubscription.objects.exists()


def _token(page: Any) -> str:
    return next(each["value"] for each in page.context.cookies() if each["name"] == "yanji_csrf")


def test_a_browser_that_may_not_says_what_to_do(browser: Any, live_server: Any, here: Site) -> None:
    with opened(browser, live_server.url, here.second, size=PHONE, language="en") as page:
        page.add_init_script("Object.defineProperty(Notification, 'permission', { value: 'denied' });")
        settled(page, "/masterdata/account")
        expect(page.get_by_text("Allow them in the browser's settings")).to_be_visible()
        expect(page.locator("[data-notify-here] button")).to_be_disabled()
