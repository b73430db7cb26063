"""Every page there is, as somebody sees it who may: no wider than its window, nothing serious to axe, nothing in the console.

The pages are those of ``tests/budgets/pages.json``, which a new page has to enter. ``YANJI_GALLERY`` names a folder for
pictures of them all.
"""

import os
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.web.test_access_matrix import PARAMETER, PARTS
from tests.web.test_page_budgets import NO_PAGES, pages
from tests.web.world import World, world
from yanji.access.models import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DRESSINGS = {
    "phone-zh-light": (PHONE, "zh-hans", "light"),
    "phone-en-dark": (PHONE, "en", "dark"),
    "wall-zh-dark": (WALL, "zh-hans", "dark"),
    "wall-en-light": (WALL, "en", "light"),
}

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


@pytest.mark.parametrize("dressing", DRESSINGS)
@pytest.mark.parametrize(
    "part", [part for part in PARTS if part != NO_PAGES], ids=lambda part: part or "reading"
)
def test_every_page_fits_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: World, part: str, dressing: str
) -> None:
    size, language, theme = DRESSINGS[dressing]
    wrong, looked_at = [], 0
    for who, addresses in whole_pages(here, part).items():
        with opened(
            browser, live_server.url, here.people[who], size=size, language=language, theme=theme
        ) as page:
            for address in addresses:
                wrong += _faults(page, dressing, who, address)
                looked_at += 1
    assert looked_at
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("dressing", DRESSINGS)
def test_the_first_page_of_every_role_fits_and_can_be_used_by_all(
    browser: Any, live_server: Any, here: World, dressing: str
) -> None:
    """One address, and another page for each of them."""
    size, language, theme = DRESSINGS[dressing]
    wrong = []
    for who in ROLES:
        with opened(
            browser, live_server.url, here.people[who], size=size, language=language, theme=theme
        ) as page:
            wrong += _faults(page, dressing, who, "/")
    assert not wrong, "\n".join(wrong)


def _faults(page: Any, dressing: str, who: str, address: str) -> list[str]:
    """What is wrong with a page as it is shown to somebody."""
    settled(page, address)
    wide = overflow(page)
    _pictured(page, dressing, who, address)
    found = [f"{wide} px too wide"] if wide else []
    return [f"{who} {address}: {fault}" for fault in (*found, *accessibility(page))]


def _pictured(page: Any, dressing: str, who: str, address: str) -> None:
    folder = os.environ.get("YANJI_GALLERY", "")
    if folder:
        name = re.sub(r"[^a-z0-9]+", "-", address.lower()).strip("-")[:80] or "home"
        page.screenshot(path=Path(folder) / f"{name}.{who}.{dressing}.png", full_page=True)
