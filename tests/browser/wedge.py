"""A keyboard-wedge scanner and a person at a browser: types quickly, ends with Enter, never touches the mouse."""

import os
import time
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.test import Client
from playwright.sync_api import CDPSession, Page, expect

from tests.browser.pages import overflow
from tests.browser.windows import Window, windows
from tests.patience import PATIENCE_MS
from yanji.access.models import Person

GS = "\x1d"
SIZES = {390: 844, 1920: 1080}
WIDE = pytest.mark.parametrize("width", list(SIZES))


def context(browser: Any, width: int) -> Window:
    """An empty window of a phone below 600 px, else of a desktop."""
    return windows(browser).lend(**_device(width))


def brand_new(browser: Any, width: int) -> Any:
    """A context of its own, which nobody had before and nobody gets after: for what a test sets up in it for good."""
    made = browser.new_context(**_device(width))
    made.set_default_timeout(PATIENCE_MS)
    return made


def _device(width: int) -> dict[str, Any]:
    phone = width < 600
    return {
        "viewport": {"width": width, "height": SIZES[width]},
        "has_touch": phone,
        "is_mobile": phone,
        "device_scale_factor": 2 if phone else 1,
        "reduced_motion": "reduce",
    }


def sign_in(page: Page, base: str, person: Person, language: str, theme: str = "light") -> None:
    """The session of a person, in a language; what the sign-in page does is tested elsewhere."""
    Person.objects.filter(pk=person.pk).update(language=language, theme=theme)
    client = Client()
    client.force_login(person)
    page.context.add_cookies(
        [{"name": name, "value": morsel.value, "url": base} for name, morsel in client.cookies.items()]
    )


def at_once(page: Page) -> None:
    """From now on no time passes by the page's clock, however slow the machine is."""
    page.evaluate("(() => { const now = performance.now(); performance.now = () => now; })()")


def a_breath_later(page: Page) -> None:
    """A second later by the page's clock: what is scanned now is scanned by somebody, and is no echo of a trigger. Keys go by
    that clock as well: those of a scan that has just begun are no old ones."""
    page.evaluate(
        """(() => {
            const now = performance.now.bind(performance);
            performance.now = () => now() + 1000;
            const { get } = Object.getOwnPropertyDescriptor(Event.prototype, 'timeStamp');
            Object.defineProperty(Event.prototype, 'timeStamp', { configurable: true, get() { return get.call(this) + 1000; } });
        })()"""
    )


def type_like_a_wedge(page: Page, text: str) -> None:
    """Characters as keys, the separator as F8, as most scanners are set; Enter at the end.

    The keys say when they were pressed, a millisecond after one another, as those of a scanner do: on a busy machine they
    reach the browser late, and would be taken for a person's.
    """
    keys = [_F8 if sign == GS else {"key": sign, "text": sign} for sign in text] + [_ENTER]
    began = time.time() - len(keys) / 1000
    session = _SESSIONS.get(page) or _SESSIONS.setdefault(page, page.context.new_cdp_session(page))
    for number, key in enumerate(keys):
        for kind in ("keyDown", "keyUp"):
            session.send("Input.dispatchKeyEvent", {"type": kind, "timestamp": began + number / 1000} | key)


# One for a page, and never ended: that would wait for a page that is on its way to another.
_SESSIONS: WeakKeyDictionary[Page, CDPSession] = WeakKeyDictionary()
_F8: dict[str, Any] = {"key": "F8", "code": "F8", "windowsVirtualKeyCode": 119}
_ENTER: dict[str, Any] = {"key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13}


def burst(page: Page, text: str, halfway: str = "") -> None:
    """A scan all at once, wherever the focus is: GS as Ctrl+], Enter at the end. `halfway`: a script for its middle.

    The keys say when they were pressed, whatever keeps the machine from its work: ten milliseconds after one another, and a
    second after those of the burst before.
    """
    page.evaluate(
        """text => {
            let pressed = Math.max(performance.now(), (window.lastPressed ?? 0) + 1000);
            const press = (key, more = {}) => {
                const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true, ...more });
                Object.defineProperty(event, 'timeStamp', { value: pressed += 10 });
                (document.activeElement ?? document.body).dispatchEvent(event);
            };
            [...text].forEach((sign, at) => {
                if (at === text.length >> 1) { HALFWAY; }
                sign === '\\x1d' ? press(']', { ctrlKey: true, code: 'BracketRight' }) : press(sign);
            });
            press('Enter');
            window.lastPressed = pressed;
        }""".replace("HALFWAY", halfway),
        text,
    )


def scan(page: Page, text: str) -> None:
    """One scan into the field, which must have the focus by itself; waits for the answer."""
    expect(page.locator("#y-scan-input")).to_be_focused()
    type_like_a_wedge(page, text)
    expect(page.locator(".y-scan.y-busy")).to_have_count(0)


def rows(page: Page, count: int) -> None:
    """So many good rows stand in the list."""
    expect(page.locator("[data-scan-row]:not([data-result=error])")).to_have_count(count)


def no_sideways_scrolling(page: Page) -> None:
    width = overflow(page)
    assert width <= 0, f"{page.url} is {width} px too wide"


class Gallery:
    """Looks at a page in each of its sizes: nothing may stick out. Takes pictures, where YANJI_GALLERY names a folder.

    ``dressing`` and size end a picture's name: `09-pick-en-390`. Without sizes a page is looked at as it is.
    """

    def __init__(self, dressing: str, *, sizes: tuple[int, ...] = ()) -> None:
        folder = os.environ.get("YANJI_GALLERY", "")
        self.folder = Path(folder) if folder else None
        self.dressing, self.sizes = dressing, sizes

    def take(self, page: Page, name: str, *, whole: bool = False) -> None:
        """The page stays as it is in between: what was scanned stands in it, and the field keeps the focus."""
        if not self.sizes:
            self._look(page, f"{name}-{self.dressing}", whole)
            return
        usual = page.viewport_size
        assert usual is not None
        for width in self.sizes:
            page.set_viewport_size({"width": width, "height": SIZES[width]})
            self._look(page, f"{name}-{self.dressing}-{width}", whole)
        page.set_viewport_size(usual)

    def _look(self, page: Page, name: str, whole: bool) -> None:
        no_sideways_scrolling(page)
        if self.folder is None:
            return
        self.folder.mkdir(parents=True, exist_ok=True)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.fonts.ready")
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(250)
        page.screenshot(path=str(self.folder / f"{name}.png"), full_page=whole, scale="css")
