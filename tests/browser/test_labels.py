"""Label templates edited in a page: the picture follows what is typed, and what cannot be printed is said at once."""

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.printed import scans_of
from tests.browser.walk import spoken, walking
from tests.browser.wedge import WIDE
from tests.flows.site import person, site
from yanji.flows.printing.models import LabelTemplate
from yanji.identity import Identity, read

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@WIDE
def test_a_template_is_drawn_as_it_is_typed_and_printed_by(
    browser: Any, live_server: Any, width: int
) -> None:
    here = site()
    [epc] = here.stocked(1)
    with walking(browser, live_server.url, width, spoken(width)) as walk:
        page = walk.as_(person("administrator", here.h.campus), "/masterdata/label-templates")
        walk.look("label-templates")
        page = walk.go("/masterdata/label-templates/new/unit")
        shown = page.locator("#label-preview")
        elements = page.locator("#label-elements fieldset")
        count = elements.count()
        walk.press("Add an element")
        expect(elements).to_have_count(count + 1)
        last = elements.last
        last.locator("[name=type]").select_option("fixed")
        last.locator("[name=zh]").fill("滨江")
        last.locator("[name=en]").fill("Riverside")
        expect(shown).to_contain_text("滨江" if walk.language == "zh-hans" else "Riverside")
        last.locator("[name=x]").fill("55")
        expect(shown.get_by_role("alert")).to_contain_text("60 × 30")
        last.locator("[name=x]").fill("23")
        last.locator("[name=y]").fill("25")
        expect(shown.get_by_role("alert")).to_have_count(0)
        page.locator("#f-of").fill(epc)
        expect(shown).to_contain_text(here.h.item.name_zh)
        walk.look("label-template")
        page.locator("#f-name").fill("滨江 60")
        page.locator("[name=usual]").check()
        walk.press("Save")
        expect(page.locator("#messages")).to_contain_text("滨江 60")
        assert len(LabelTemplate.objects.get().data["elements"]) == count + 1
        page = walk.as_(here.storekeeper, f"/unit/{epc}")
        page.locator("main a[href*='/labels/unit/']").click()
        expect(page.locator("[data-label-drawn] svg")).to_be_visible()
        page.locator("#f-copies").fill("2")
        file = page.get_by_role("link", name="PDF")
        expect(file).to_have_attribute(
            "href", f"?template={LabelTemplate.objects.get().pk}&copies=2&form=pdf"
        )
        walk.look("labels-of-a-unit")
        answer = page.request.get(f"{walk.server}/labels/unit/{epc}{file.get_attribute('href')}")
        pages = scans_of(answer.body())
        assert len(pages) == 2
        found = read(next(iter(pages[0])))
        assert isinstance(found, Identity)
        assert found.epc == epc
        # Many labels are fetched by the page, which says that they are drawn until the file is there.
        page.goto(f"{walk.server}/labels/place/{here.h.store.pk}?below=1&copies=50")
        many = page.get_by_role("link", name="PDF")
        with page.expect_download() as got:
            many.click()
        assert got.value.suggested_filename.endswith(".pdf")
        expect(many).to_have_attribute("aria-busy", "false")
        expect(page.locator("[data-running]")).to_be_hidden()
        # Whose session has ended is led to sign in, and is given no file of that page.
        page.context.clear_cookies()
        many.click()
        page.wait_for_url(re.compile(r"/sign-in\?"))
