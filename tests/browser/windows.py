"""Windows of the browser that tests lend one another: each finds its window empty, and the browser warm.

A browser context of its own fetches, reads and compiles every style, script and font anew, which costs a processor more than
the rest of most tests: a second for each person who takes their turn. A window that comes back is kept with one tab at rest,
so that its process stays, and is emptied (cookies, storage, service workers) before it is lent again; its pages are new ones.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from playwright.sync_api import BrowserContext, Error, Page

from tests.patience import PATIENCE_MS

# Served as it is written, whoever asks: no session, no database.
AT_REST = "/static/yanji/theme.js"
STORED = "local_storage,indexeddb,service_workers,cache_storage"
MOST = 4  # so many are kept at rest; of servers that are gone they would pile up


class Window:
    """One browser context, lent: `new_page()` as often as wanted, `close()` when done."""

    def __init__(self, context: BrowserContext, give_back: "Callable[[Window], None]") -> None:
        self.context, self._give_back = context, give_back
        self._rest: Page | None = None
        self._origins: set[str] = set()  # where something may have been kept
        context.on("page", lambda page: page.on("framenavigated", lambda frame: self._visits(frame.url)))

    def _visits(self, address: str) -> None:
        if address.startswith("http"):
            self._origins.add("/".join(address.split("/")[:3]))

    def new_page(self) -> Page:
        return self.context.new_page()

    def close(self) -> None:
        self._give_back(self)

    def rest(self) -> bool:
        """Close its pages, but for a tab at rest; whether that worked."""
        pages = [page for page in self.context.pages if page is not self._rest]
        try:
            if self._rest is None:
                server = next(
                    "/".join(page.url.split("/")[:3]) for page in pages if page.url.startswith("http")
                )
                self._rest = self.context.new_page()
                self._rest.goto(server + AT_REST)
            for page in pages:
                page.close()
        except (Error, StopIteration):
            return False
        return True

    def hand_over(self, page: Page) -> None:
        """To who comes next, the page with it."""
        page.goto("/".join(page.url.split("/")[:3]) + AT_REST)
        page.evaluate("sessionStorage.clear()")
        self.empty(page)

    def empty(self, page: Page | None = None) -> None:
        """Nothing of who was here before is left, wherever it was kept. `page`: one at rest, if there is none yet."""
        self.context.clear_cookies()
        page = page or self._rest
        assert page
        session = self.context.new_cdp_session(page)
        for origin in sorted(self._origins):
            session.send("Storage.clearDataForOrigin", {"origin": origin, "storageTypes": STORED})
        session.detach()


class Windows:
    """Of one browser: those at rest, by how they were opened."""

    def __init__(self, browser: Any) -> None:
        self._browser = browser
        self._resting: list[tuple[dict[str, Any], Window]] = []
        self._lent: list[Window] = []

    def lend(self, **options: Any) -> Window:
        for at, (opened, window) in enumerate(self._resting):
            if opened == options:
                del self._resting[at]
                self._lent.append(window)
                window.empty()
                return window
        context = self._browser.new_context(**options)
        context.set_default_timeout(PATIENCE_MS)
        self._lent.append(made := Window(context, lambda window: self._take_back(options, window)))
        return made

    def close_lent(self) -> None:
        """Those that a test broke off with: nobody gets them after it, and what streams to them ends."""
        while self._lent:
            with suppress(Error):
                self._lent.pop().context.close()

    def _take_back(self, options: dict[str, Any], window: Window) -> None:
        if window not in self._lent:
            return  # closed before, or with the test that had it
        self._lent.remove(window)
        if not window.rest():
            window.context.close()
            return
        self._resting.append((options, window))
        if len(self._resting) > MOST:
            self._resting.pop(0)[1].context.close()


_of: dict[Any, Windows] = {}


def close_lent() -> None:
    """Whatever windows are lent, of any browser."""
    for each in _of.values():
        each.close_lent()


def windows(browser: Any) -> Windows:
    """Those of a browser, which lives as long as the tests do."""
    return _of.setdefault(browser, Windows(browser))
