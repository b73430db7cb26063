"""People who take turns at one browser, each with a session of their own; a page that throws fails the walk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.pages import accessibility
from tests.browser.wedge import Gallery, context, no_sideways_scrolling, sign_in
from yanji.access.models import Person


class Walk:
    """A phone or a desk in English that passes from hand to hand."""

    def __init__(self, browser: Any, server: str, width: int) -> None:
        self.browser, self.server, self.width = browser, server, width
        self.gallery = Gallery(f"{width}")
        self.context: Any = None
        self.troubles: list[str] = []

    def as_(self, who: Person, path: str) -> Page:
        """A browser of their own: nothing of who was here before is left."""
        self.close()
        self.context = context(self.browser, self.width)
        self.page: Page = self.context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        sign_in(self.page, self.server, who, "en")
        return self.go(path)

    def go(self, path: str) -> Page:
        answer = self.page.goto(self.server + path)
        assert answer is not None
        assert answer.status == 200, (path, answer.status)
        return self.page

    def path(self) -> str:
        """Where the page stands, without its server."""
        return self.page.url.removeprefix(self.server)

    def close(self) -> None:
        if self.context:
            self.context.close()

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=False).first.click()

    def because(self, label: str, reason: str) -> None:
        """An act behind a fold that wants a reason."""
        fold: Locator = self.page.locator(
            "details.y-because", has=self.page.locator("summary", has_text=label)
        )
        fold.locator("summary").click()
        fold.get_by_label("Reason").fill(reason)
        fold.locator("form button").click()

    def says(self, text: str) -> None:
        expect(self.page.locator("#messages")).to_contain_text(text)
        no_sideways_scrolling(self.page)

    def look(self, name: str) -> None:
        """Finished to look at, for everybody."""
        self.page.wait_for_load_state()
        self.gallery.take(self.page, name, whole=True)
        assert accessibility(self.page) == []


@contextmanager
def walking(browser: Any, server: str, width: int) -> Iterator[Walk]:
    """A walk whose browsers are closed after it, and whose pages threw nothing."""
    walk = Walk(browser, server, width)
    try:
        yield walk
    finally:
        walk.close()
    assert walk.troubles == []
