"""A nurse plans a case for a day and writes by hand what it needs, on phone and desk."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.pages import leads_to
from tests.browser.wedge import WIDE, Gallery, context, sign_in, type_like_a_wedge
from tests.flows.site import GTIN, site
from yanji.flows.models import Case
from yanji.flows.theatre.cards import Need, as_needs

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_a_case_is_planned_and_its_needs_written(browser: Any, live_server: Any, width: int) -> None:
    here = site()
    window = context(browser, width)
    page = window.new_page()
    sign_in(page, live_server.url, here.nurse, "zh-hans" if width < 600 else "en")
    page.goto(f"{live_server.url}/ward/use")
    for field, text in (("number", "CASE-31"), ("token", "PT-31"), ("planned", "2031-03-04T08:30")):
        page.locator(f"#f-{field}").fill(text)
    page.locator("#f-open").click()
    leads_to(page, "/ward/use/#")
    case = Case.objects.get()
    page.goto(f"{live_server.url}/theatre/cases/{case.pk}")
    page.locator("details:has(#needs) > summary").click()
    page.locator("#y-picker-input").focus()
    type_like_a_wedge(page, f"01{GTIN}")
    expect(page.locator("#lines [data-line]")).to_have_count(1)
    page.locator("#lines [data-line-quantity]").fill("2")
    page.locator("#lines input[name^='others:']").fill(here.counted.code)
    Gallery(f"{width}").take(page, "case-needs", whole=True)
    page.locator("#needs [data-needs-lines]").click()
    expect(page.locator(".y-rows", has_text=here.h.item.name).first).to_contain_text("0 / 2")
    assert as_needs(case.needs.prefetch_related("alternatives")) == [
        Need(here.h.item.pk, 2, (here.counted.pk,))
    ]
    window.close()
