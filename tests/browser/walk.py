"""People who take turns at one browser, each with a session of their own; a page that throws fails the walk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import translation
from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import accessibility
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from tests.browser.windows import Window
from yanji.access.models import Person


def spoken(width: int) -> str:
    """A walk in both languages: Chinese on the phone, English at the desk."""
    return "zh-hans" if width < 600 else "en"


class Walk:
    """A phone or a desk that passes from hand to hand; what is pressed and read is named in English, whatever it speaks."""

    def __init__(self, browser: Any, server: str, width: int, language: str) -> None:
        self.browser, self.server, self.width, self.language = browser, server, width, language
        self.gallery = Gallery(f"{language[:2]}-{width}")
        self.window: Window | None = None
        self.troubles: list[str] = []

    def as_(self, who: Person, path: str) -> Page:
        """As if the browser were their own: nothing of who was here before is left."""
        if self.window:
            self.window.hand_over(self.page)
        else:
            self.window = context(self.browser, self.width)
            self.page: Page = self.window.new_page()
            self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        sign_in(self.page, self.server, who, self.language)
        return self.go(path)

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.server + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def path(self) -> str:
        """Where the page stands, without its server."""
        return self.page.url.removeprefix(self.server)

    def words(self, english: str, plural: str = "", **facts: Any) -> str:
        """What the page says for it in the walk's language; ``plural`` where ``n`` among the facts decides."""
        with translation.override(self.language):
            said = (
                translation.ngettext(english, plural, facts["n"]) if plural else translation.gettext(english)
            )
        return said % facts if facts else said

    def close(self) -> None:
        if self.window:
            self.window.close()
            self.window = None

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=self.words(name), exact=False).first.click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=self.words(name), exact=False).first.click()

    def field(self, label: str) -> Locator:
        """The field of exactly this label."""
        return self.page.get_by_label(self.words(label), exact=True).first

    def unfold(self, label: str) -> None:
        self.page.locator("summary", has_text=self.words(label)).first.click()

    def because(self, label: str, reason: str) -> None:
        """An act behind a fold that wants a reason."""
        fold: Locator = self.page.locator(
            "details.y-because", has=self.page.locator("summary", has_text=self.words(label))
        )
        fold.locator("summary").click()
        fold.get_by_label(self.words("Reason")).fill(reason)
        fold.locator("form button").click()

    def decide(self, who: Person, verdict: str, comment: str = "") -> None:
        """Of what waits for somebody's approval the one document there is: ``approve`` or ``refuse``."""
        page = self.as_(who, "/manager/approvals")
        page.locator("[data-approval] textarea").fill(comment)
        page.locator(f"[data-approval] button[value={verdict}]").click()
        expect(page.locator("[data-approval]")).to_have_count(0)

    def says(self, text: str, plural: str = "", **facts: Any) -> None:
        expect(self.page.locator("#messages")).to_contain_text(self.words(text, plural, **facts))
        no_sideways_scrolling(self.page)

    def look(self, name: str) -> None:
        """Finished to look at, for everybody."""
        self.page.wait_for_load_state()
        self.gallery.take(self.page, name, whole=True)
        assert accessibility(self.page) == []


@contextmanager
def walking(browser: Any, server: str, width: int, language: str = "en") -> Iterator[Walk]:
    """A walk whose browsers are closed after it, and whose pages threw nothing."""
    walk = Walk(browser, server, width, language)
    try:
        yield walk
    finally:
        walk.close()
    assert walk.troubles == []
