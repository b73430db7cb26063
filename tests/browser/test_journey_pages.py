"""Each flow page in the other two dressings: English on a wide screen in the dark, Chinese on a phone."""

from typing import Any

import pytest

from tests.browser.wedge import Gallery, context, scan, sign_in
from tests.makers import unique
from tests.web.flows.world import World, later, world
from yanji.flows.issue import issue, take_in
from yanji.flows.pick import pick
from yanji.flows.requisition import Wanted, request
from yanji.flows.use import plan_case

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRESSINGS = [("en", 1920, "dark"), ("zh-hans", 390, "light")]


def busy(hospital: World) -> dict[str, list[tuple[str, str]]]:
    """A hospital in the middle of its work; role -> (name, path) of the pages that show it."""
    hospital.stocked("S1", "S2", expiry=later(25), lot="L2408C")
    hospital.stocked("S3", "S4", "S5", expiry=later(300), lot="L2412B")
    order = hospital.order(4, hospital.item, hospital.other)
    keeper, nurse = hospital.actor("storekeeper"), hospital.actor("nurse")

    def ask(pieces: int) -> int:
        return request(
            actor=nurse, key=unique("rq"), department_id=hospital.department.pk, store_id=hospital.store.pk,
            lines=[Wanted(hospital.item.pk, pieces)], case_number="CASE-812",
        ).id  # fmt: skip

    first, second = ask(2), ask(2)
    pick(actor=keeper, key=unique("p"), requisition_id=first, things=[hospital.epc("S1"), hospital.epc("S2")])
    sent = issue(actor=keeper, key=unique("i"), requisition_id=first, handed_to="王静").id
    take_in(
        actor=nurse,
        key=unique("t"),
        issue_id=sent,
        to_place_id=hospital.cabinet.pk,
        things=[hospital.epc("S1")],
    )
    case = plan_case(
        actor=nurse, key=unique("c"), number="CASE-812", patient_token="PT-20260812", department_id=hospital.department.pk,
        procedure="PCI", operator="沈立",
    ).id  # fmt: skip
    return {
        "buyer": [("orders", "/buyer/orders"), ("new-order", "/buyer/orders/new"), ("order", f"/buyer/orders/{order}")],
        "storekeeper": [
            ("receiving", "/storeroom/receiving"), ("receive", f"/storeroom/receiving/{order}"),
            ("put-away", "/storeroom/put-away"), ("picking", "/storeroom/picking"),
            ("pick", f"/storeroom/picking/{second}"), ("issue", f"/storeroom/issues/{sent}"),
            ("returns", "/storeroom/returns"), ("hold", "/storeroom/hold"), ("release", "/storeroom/hold?do=release"),
            ("scrap", "/storeroom/scrap"), ("labels", "/storeroom/labels"),
        ],
        "nurse": [
            ("requisitions", "/ward/requisitions"), ("requisition", f"/ward/requisitions/{first}"),
            ("new-requisition", "/ward/requisitions/new"), ("awaited", "/ward/take-in"),
            ("take-in", f"/ward/take-in/{sent}"), ("cases", "/ward/use"), ("use", f"/ward/use/{case}"),
            ("give-back", "/ward/give-back"), ("ward-scrap", "/ward/scrap"),
        ],
    }  # fmt: skip


@pytest.mark.parametrize(("language", "width", "theme"), DRESSINGS)
def test_every_page_fits_and_keeps_quiet(
    browser: Any, live_server: Any, language: str, width: int, theme: str
) -> None:
    hospital, gallery = world(), Gallery(f"{language[:2]}-{width}-{theme}")
    pages = busy(hospital)
    opened = context(browser, width)
    page = opened.new_page()
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if message.type == "error" else None)
    for role, shown in pages.items():
        sign_in(page, live_server.url, hospital.people[role], language, theme)
        for name, path in shown:
            answer = page.goto(live_server.url + path)
            assert answer is not None
            assert answer.status == 200, path
            if name == "use":
                scan(page, hospital.scan("S1", expiry=later(25), lot="L2408C"))
            if name == "pick":
                scan(page, hospital.scan("S4", expiry=later(300), lot="L2412B"))
            gallery.take(page, f"page-{name}")
    opened.close()
    assert [text for text in troubles if "Transition was" not in text] == []
