"""The picture of the network of places: its names can be read, wherever bows run."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import PHONE, WALL, opened, settled
from tests.browser.wedge import Gallery
from tests.flows.site import Site, person
from tests.makers import place, unique
from yanji.flows.issue import issue
from yanji.flows.pick import pick
from yanji.ledger.api import Step
from yanji.places.models import Kind, Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = (
    ("东湖介入导管室", "East Lake Catheterisation Laboratory"),
    ("骨科植入物二级库", "Orthopaedic Implant Store"),
    ("库", "Store"),
)
# Points of the bows that lie within the letters of a name; letters and bows are asked where they stand on the screen.
CROSSED = """(chart) => {
  const boxes = [...chart.querySelectorAll("text")].map((text) => [text.textContent, text.getBoundingClientRect()]);
  const crossed = [];
  let bows = 0;
  for (const path of chart.querySelectorAll("path, polyline")) {
    if (!path.getAttribute("stroke") || path.getAttribute("fill") !== "none") continue;
    const length = path.getTotalLength(), at = path.getScreenCTM();
    if (!at || length < 30) continue;
    bows += 1;
    for (let along = 0; along <= length; along += 2) {
      const point = path.getPointAtLength(along).matrixTransform(at);
      for (const [name, box] of boxes)
        if (point.x > box.left && point.x < box.right && point.y > box.top + 1 && point.y < box.bottom - 1) crossed.push(name);
    }
  }
  return { bows, names: boxes.length, crossed: [...new Set(crossed)] };
}"""

# Which of some rows are seen whole, below the heading of their card.
WHOLE = """(rows) => {
  const card = rows[0].closest("section"), head = card.querySelector(".card-header").getBoundingClientRect();
  const end = card.getBoundingClientRect().bottom + 1;
  return rows.flatMap((row, at) => {
    const box = row.getBoundingClientRect();
    return box.top >= head.bottom - 1 && box.bottom <= end ? [at] : [];
  });
}"""


def _moved(here: Site) -> None:
    """Between two of one column, one column on, past one, and back; some of it is under way."""
    stores = [place(Kind.STORE, here.h.campus) for _ in range(7)]
    wards = [place(Kind.DEPARTMENT, here.h.campus) for _ in range(7)]
    for number, each in enumerate((*stores, *wards, here.h.store, here.h.department)):
        zh, en = NAMES[number % len(NAMES)]
        Place.objects.filter(pk=each.pk).update(name_zh=f"{zh}{number}", name_en=f"{en} {number}")
    epcs = here.h.stocked(len(stores) + len(wards) + 1)
    for epc, there in zip(epcs, (*stores, *wards), strict=False):
        here.h.do(Step.PUT_AWAY, epc, to=there)
    here.h.do(Step.PUT_AWAY, epcs[8], to=stores[2])
    for epc in (epcs[1], epcs[5], epcs[9], epcs[-1]):
        here.h.do(Step.USE, epc)
    asked = here.requisition((here.h.item, 1))
    sent = here.stocked(1)
    pick(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=sent)
    issue(actor=here.keeper, key=unique("k"), requisition_id=asked.id, things=sent)


@pytest.mark.parametrize(
    ("size", "language", "theme", "wall"),
    [(PHONE, "zh-hans", "dark", ""), (PHONE, "en", "light", ""), (WALL, "en", "dark", ""), (WALL, "en", "light", "1")],
    ids=["phone-zh-dark", "phone-en-light", "desk-en-dark", "wall-en-light"],
)  # fmt: skip
def test_no_bow_runs_through_a_name(
    browser: Any, address: str, here: Site, size: dict[str, int], language: str, theme: str, wall: str
) -> None:
    _moved(here)
    manager = person("manager", here.h.campus)
    with opened(browser, address, manager, size=size, language=language, theme=theme) as board:
        board.emulate_media(reduced_motion="reduce")
        settled(board, f"/board?wall={wall}")
        chart = board.locator("#c-network")
        expect(chart.locator("text").first).to_be_visible()
        found = chart.evaluate(CROSSED)
        Gallery(f"{size['width']}-{language[:2]}-{theme}{wall}").take(board, "network", whole=True)
        assert found["bows"] >= 10
        assert found["names"] >= 10
        assert found["crossed"] == []


def test_departments_that_are_more_than_a_wall_holds_come_page_by_page(
    browser: Any, address: str, here: Site
) -> None:
    wards = [place(Kind.DEPARTMENT, here.h.campus) for _ in range(130)]
    for epc, ward in zip(here.h.stocked(len(wards)), wards, strict=True):
        here.h.do(Step.PUT_AWAY, epc, to=ward)
    with opened(browser, address, person("manager", here.h.campus), language="en") as board:
        board.clock.install()
        settled(board, "/board?wall=1")
        board.get_by_role("button", name="By campus and department").click()
        board.mouse.move(5, 5)
        board.locator("body").evaluate("() => document.activeElement.blur()")
        rows = board.locator(".y-bars a")
        expect(board.locator("[data-pages]")).to_have_text(re.compile(r"^1 / \d+$"))
        pages = int(str(board.locator("[data-pages]").text_content()).partition("/")[2])
        seen: set[int] = set()
        for page in range(1, pages + 1):
            expect(board.locator("[data-pages]")).to_have_text(f"{page} / {pages}")
            seen |= set(rows.evaluate_all(WHOLE))
            board.clock.run_for(20_000)
        assert seen == set(range(rows.count())), "each had its turn, whole"
        expect(board.locator("[data-pages]")).to_have_text(f"1 / {pages}")
        board.get_by_role("button", name="In turn").click()
        board.mouse.move(5, 5)
        board.locator("body").evaluate("() => document.activeElement.blur()")
        for _ in range(pages):
            board.clock.run_for(20_000)
        expect(board.locator("[data-shown]")).to_have_attribute("data-shown", "pictures")
