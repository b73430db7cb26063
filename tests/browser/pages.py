"""A page in Chromium that fails its test on anything the console complains about; shared by all browser tests."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.browser.windows import windows
from tests.patience import PATIENCE_MS
from yanji.access.models import Person

ROOT = Path(__file__).resolve().parents[2]
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PHONE, DESK, WALL = (
    {"width": 390, "height": 844},
    {"width": 1024, "height": 768},
    {"width": 1920, "height": 1080},
)
SIZED = pytest.mark.parametrize("size", [PHONE, WALL], ids=["phone", "wall"])
MOST_JUMPED = 0.1  # "good" by the Core Web Vitals
SERIOUS = {"serious", "critical"}
# Two frames: what the first one's scripts changed stands in the second.
DRAWN = """() => document.fonts.ready.then(
  () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(null)))))"""
_asked: WeakKeyDictionary[Any, set[Any]] = WeakKeyDictionary()
expect.set_options(timeout=PATIENCE_MS)


@contextmanager
def opened(
    browser: Any, server: str, person: Person | None = None, *, size: dict[str, int] = WALL, language: str = "zh-hans",
    theme: str = "light",
) -> Iterator[Any]:  # fmt: skip
    """A page of a signed-in person; on leaving, whatever the browser complained about fails the test."""
    touch = size["width"] < 600
    # Without the content security policy in the way only where axe is injected: through the debugger, not the page.
    window = windows(browser).lend(base_url=server, viewport=size, has_touch=touch, bypass_csp=False)
    if person:
        Person.objects.filter(pk=person.pk).update(language=language, theme=theme)
        client = Client()
        client.force_login(person)
        cookie = client.cookies[settings.SESSION_COOKIE_NAME]
        window.context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": cookie.value, "url": server}]
        )
    page = window.new_page()
    _count_requests(page)
    complaints: list[str] = []
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))
    try:
        yield page
    finally:
        window.close()
    assert complaints == [], complaints  # said in words: asserts of this file are not taken apart


def settled(page: Any, address: str) -> None:
    """Go there and wait until fonts and charts are drawn. Of a page that was `opened`."""
    page.goto(address)
    drawn(page)


def drawn(page: Any) -> None:
    """Everything that the page asked for has come, and is drawn; no longer than that takes. Of a page that was `opened`."""
    page.wait_for_load_state()
    page.evaluate(DRAWN)
    for _ in range(PATIENCE_MS // 10):
        if not _asked[page]:
            break
        page.wait_for_timeout(10)
        page.evaluate(DRAWN)
    else:
        raise AssertionError(f"{page.url} waits for {[request.url for request in _asked[page]]}")


def _count_requests(page: Any) -> None:
    """What is asked for and has not come; without what stays open."""
    asked = _asked[page] = set()

    def asks(request: Any) -> None:
        if request.resource_type != "eventsource":
            asked.add(request)

    def over(request: Any) -> None:
        asked.discard(request)

    page.on("request", asks)
    page.on("requestfinished", over)
    page.on("requestfailed", over)


def watch_jumps(page: Any) -> None:
    """From the next page on, every move of what already stood is added up (web.dev/articles/cls), with what moved."""
    page.add_init_script(
        """window.jumps = [];
        new PerformanceObserver(list => {
          for (const jump of list.getEntries())
            window.jumps.push([jump.value, jump.sources.map(source => source.node?.outerHTML?.slice(0, 120) ?? "").join(" | ")]);
        }).observe({ type: "layout-shift", buffered: true });"""
    )


def jumped(page: Any) -> list[str]:
    """What moved while the page came, where it is more than a reader should have to follow. Of a page with `watch_jumps`."""
    jumps = page.evaluate("window.jumps")
    total = sum(value for value, _what in jumps)
    return [f"jumps by {total:.2f}: {max(jumps)[1]}"] if total > MOST_JUMPED else []


def leads_to(page: Any, address: str) -> None:
    """Wait for the page of another address than the one before; `#` in it is a number: `/orders/#` is not `/orders/new`.

    A click returns while its form still waits for the answer to a scan, so a pattern that fits the old page waits for nothing.
    """
    path = re.escape(address).replace(r"\#", r"\d+")
    page.wait_for_url(re.compile(rf"^https?://[^/]+{path}$"))


@contextmanager
def turned(page: Any) -> Iterator[None]:
    """What is done inside brings the page anew, at the address where it is; on leaving, the new one stands whole."""
    page.locator("html").evaluate("html => { html.dataset.before = ''; }")
    yield
    expect(page.locator("html:not([data-before])")).to_have_count(1)
    page.wait_for_load_state()


def overflow(page: Any) -> int:
    """By how many pixels the page is wider than its window; 0 is right. Of a page that is just being opened, the whole."""
    page.wait_for_load_state()
    return int(page.locator("html").evaluate("html => html.scrollWidth - html.clientWidth"))


def accessibility(page: Any, *, targets: bool = False) -> list[str]:
    """What axe finds serious: rule, target and what to do. ``targets``: their size as well, of a page as it opens: where it was
    scrolled, what lies half under its head is no fault."""
    # evaluate() runs through the debugger, which the page's own policy does not bind.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text(encoding="utf-8"))
    # Of WCAG 2.2 AA one rule can be tried by a machine, and is off unless asked for.
    sized = "true" if targets else "false"
    asked = f"{{resultTypes: ['violations'], rules: {{'target-size': {{enabled: {sized}}}}}}}"
    found = page.evaluate(f"axe.run(document, {asked})")
    return [
        f"{rule['id']}: {node['target']} {node.get('failureSummary', '')}"
        for rule in found["violations"]
        if rule["impact"] in SERIOUS
        for node in rule["nodes"][:5]
    ]
