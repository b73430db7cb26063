"""Every page there is, as somebody sees it who may: no wider than its window, nothing serious to axe, nothing in the console.

The pages are those of ``tests/budgets/pages.json``, which a new page has to enter. ``YANJI_GALLERY`` names a folder for
pictures of them all.
"""

import gzip
import os
import re
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.browser.pages import (
    DESK,
    PHONE,
    WALL,
    accessibility,
    drawn,
    jumped,
    opened,
    overflow,
    settled,
    watch_jumps,
)
from tests.web.test_access_matrix import PARAMETER, PARTS
from tests.web.test_page_budgets import NO_PAGES, pages
from tests.web.world import World, world
from yanji.access.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# By language, for that alone asks for a page anew: its size and its light change where it stands.
LOOKS = {
    "zh-hans": {"phone-zh-light": (PHONE, "light"), "desk-zh-dark": (DESK, "dark")},
    "en": {"phone-en-dark": (PHONE, "dark"), "wall-en-light": (WALL, "light")},
}

MOST_SCRIPT, MOST_CHARTS = 200_000, 240_000  # bytes, packed
CHARTS = "echarts"

ROLES = (
    "storekeeper", "nurse", "buyer", "manager", "administrator", "accountant", "approver", "quality", "auditor", "supplier",
)  # fmt: skip


@pytest.fixture
def here(transactional_db: None) -> World:
    return world()


def whole_pages(here: World, part: str) -> dict[str, list[str]]:
    """Who looks at them -> addresses of what is a page of its own: no fragments, downloads, or refusals of what is over."""
    found = defaultdict(list)
    for route, who in sorted(pages(part).items()):
        address = "/" + PARAMETER.sub(lambda match: str(here.samples[match.group(1)]), route)
        if _is_page(address, here.people[who]):
            found[who].append(address)
    return found


def _is_page(address: str, person: Person | None) -> bool:
    assert person is not None
    client = Client()
    client.force_login(person)
    answer = client.get(address)
    return (
        answer.status_code == 200
        and not answer.streaming
        and answer.content.lstrip()[:15].lower() == b"<!doctype html>"
    )


@pytest.mark.parametrize("language", LOOKS)
@pytest.mark.parametrize(
    "part", [part for part in PARTS if part != NO_PAGES], ids=lambda part: part or "reading"
)
def test_every_page_fits_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: World, part: str, language: str
) -> None:
    wrong, looked_at = [], 0
    for who, addresses in whole_pages(here, part).items():
        with _shown(browser, live_server.url, here.people[who], language) as page:
            for address in addresses:
                wrong += _faults(page, language, who, address)
                looked_at += 1
    assert looked_at
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("language", LOOKS)
def test_the_first_page_of_every_role_fits_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: World, language: str
) -> None:
    """One address, and another page for each of them. What draws is fetched by a page that stands, and has a bound of its own."""
    wrong, weights, charts = [], {}, {}
    for who in ROLES:
        with _shown(browser, live_server.url, here.people[who], language) as page:
            scripts: dict[str, int] = {}
            page.on("response", lambda answer, scripts=scripts: scripts.update(_weight(answer)))
            wrong += _faults(page, language, who, "/")
            weights[who] = sum(weight for address, weight in scripts.items() if CHARTS not in address)
            charts |= {address: weight for address, weight in scripts.items() if CHARTS in address}
    assert not wrong, "\n".join(wrong)
    assert all(10_000 < weight < MOST_SCRIPT for weight in weights.values()), weights
    assert 10_000 < sum(charts.values()) < MOST_CHARTS, charts


def _weight(answer: Any) -> dict[str, int]:
    """Script -> its bytes on the way, packed as they are served."""
    if answer.request.resource_type != "script":
        return {}
    return {answer.url: len(gzip.compress(answer.body()))}


def test_what_moves_after_it_stood_is_a_jump(browser: Any, live_server: Any, here: World) -> None:
    """The control of what no page does."""
    with _shown(browser, live_server.url, here.people["nurse"], "en") as page:
        settled(page, "/")
        assert jumped(page) == []
        page.evaluate("document.body.style.paddingTop = '400px'")
        drawn(page)
        assert "jumps by" in jumped(page)[0]


@contextmanager
def _shown(browser: Any, server: str, person: Person | None, language: str) -> Iterator[Any]:
    size, theme = next(iter(LOOKS[language].values()))
    with opened(browser, server, person, size=size, language=language, theme=theme) as page:
        # Colours that are still on their way from light to dark are nobody's.
        page.emulate_media(reduced_motion="reduce")
        watch_jumps(page)
        yield page


def _faults(page: Any, language: str, who: str, address: str) -> list[str]:
    """What is wrong with a page as it is shown to somebody, in one look after the other."""
    found, loaded = [], PHONE
    page.set_viewport_size(loaded)
    settled(page, address)
    if jumped(page):
        # A busy machine may have drawn half of it: what jumps a second time is the page's own doing.
        settled(page, address)
        found += [f"{language} {who} {address}: {jump}" for jump in jumped(page)]
    for look, (size, theme) in LOOKS[language].items():
        page.set_viewport_size(size)
        if size != loaded and page.locator("[data-chart]").count():
            # A chart is laid out for the width at which it is drawn first.
            settled(page, address)
        page.locator("html").evaluate("(html, theme) => { html.dataset.yTheme = theme; }", theme)
        drawn(page)
        wide = overflow(page)
        _pictured(page, look, who, address)
        faults = [f"{wide} px too wide"] if wide else []
        found += [
            f"{look} {who} {address}: {fault}" for fault in (*faults, *accessibility(page, targets=True))
        ]
    return found


def _pictured(page: Any, dressing: str, who: str, address: str) -> None:
    folder = os.environ.get("YANJI_GALLERY", "")
    if folder:
        name = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:80] or "home"
        page.screenshot(path=Path(folder) / f"{name}.{who}.{dressing}.png", full_page=True)
