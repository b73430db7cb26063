"""A paper of many columns lies across: what is compared and typed stands in one piece."""

import re
from typing import Any

import pytest

from tests.browser.pages import PHONE, WALL, accessibility, opened, overflow, settled
from tests.flows.site import Site, site, soon
from tests.flows.theatre.room import Room
from yanji.flows.theatre.after import Implanted

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

BROKEN = """() => [...document.querySelectorAll('td.p-code, th')]
    .filter(cell => { const range = document.createRange(); range.selectNodeContents(cell);
                      const words = cell.innerText.trim().split(/\\s+/);
                      const lines = new Set([...range.getClientRects()].map(box => Math.round(box.top))).size;
                      return cell.scrollWidth > cell.clientWidth + 1 || lines > words.length; })
    .map(cell => cell.innerText)"""


def implanted(here: Site) -> int:
    item = here.h.item
    item.implant, item.name_en, item.model = True, "Drug-eluting coronary stent", "3.50×38 mm"
    item.save()
    room = Room(here)
    case = room.case(number="CASE-9", patient_token="PT-9", operator="Dr Zhao Jianhua")
    units = room.units(3, expiry=soon(300), lot="L25120811")
    put = [
        Implanted(units[0], "Proximal left anterior descending artery", "left"),
        Implanted(units[1], "LCX"),
    ]
    room.use(case, *units, implants=put)
    return case.pk


@pytest.mark.parametrize(
    ("size", "language"), [(WALL, "en"), (PHONE, "zh-hans")], ids=["wall-en", "phone-zh"]
)
def test_an_implant_record_breaks_no_serial(
    browser: Any, live_server: Any, size: dict[str, int], language: str
) -> None:
    here = site()
    case = implanted(here)
    with opened(browser, live_server.url, here.nurse, size=size, language=language, theme="light") as page:
        settled(page, f"/papers/implants/{case}/print")
        assert overflow(page) == 0
        assert accessibility(page) == []
        said = page.locator(".p-sheet").inner_text()
        assert not re.search("No side|不分侧", said)
        page.emulate_media(media="print")
        page.set_viewport_size(
            {"width": 1010, "height": 700}
        )  # A4 across within its margins, in pixels of CSS
        assert page.evaluate(BROKEN) == []
        paper = page.pdf(prefer_css_page_size=True)
        [box] = set(re.findall(rb"/MediaBox \[0 0 ([0-9.]+) ([0-9.]+)\]", paper))
        assert float(box[0]) > float(box[1])
