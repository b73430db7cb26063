"""Two persons sign an order one after the other and a third is told that it is done; rules and reasons are edited on their
pages, and what comes next goes by the new ones."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.ordering import ordered
from tests.browser.pages import leads_to, turned
from tests.browser.walk import Walk, walking
from tests.browser.wedge import WIDE
from tests.flows.approving import Signing, rule, signer, signing
from tests.flows.site import Site, site, soon
from tests.makers import unique
from yanji.access.models import Grant, Person
from yanji.catalog.models import Price
from yanji.flows.approval import decide
from yanji.flows.models import PurchaseOrder
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.flows.models_reasons import ReasonCode
from yanji.places.models import Place

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NOTHING = "Nothing waits for you"


@pytest.fixture
def here() -> Signing:
    """At 100 a piece, an order of sixty costs 6,000."""
    found = signing(site())
    h = found.site.h
    Price.objects.create(item=h.item, supplier=h.supplier, amount=100, valid_from=soon(-9))
    return found


@WIDE
def test_two_persons_sign_and_the_next_order_asks_by_the_new_rule(
    browser: Any, live_server: Any, here: Signing, width: int
) -> None:
    deputy = signer(here.head_role, here.site.h.campus)
    rule(here.site.h.campus, here.head_role, kind="order", from_amount=1000)
    with walking(browser, live_server.url, width) as walk:
        a_second_step_is_written(walk, here)
        order = ordered(walk, here.site, 60)
        walk.says("waits for approval")
        two_sign_it_and_a_third_is_late(walk, here, deputy, order)
        the_chief_refuses_another(walk, here)
        the_rule_is_raised(walk, here)
        the_next_one_asks_the_head_alone(walk, here)


def a_second_step_is_written(walk: Walk, here: Signing) -> None:
    """Above the head's: from 5,000 on the chief signs too."""
    page = walk.as_(Person.objects.get(pk=here.editor.person_id), "/masterdata/approval-rules")
    page.get_by_role("link", name="New rule").first.click()
    leads_to(page, "/masterdata/approval-rules/new")
    page.get_by_label("Kind of document").select_option("order")
    page.get_by_label("At, and everywhere below").select_option(str(here.site.h.campus.pk))
    page.get_by_label("Level; lower ones decide first").fill("2")
    page.get_by_label("From which amount on, ¥").fill("5000")
    page.get_by_label("Who approves").select_option(label="Chief")
    walk.press("Save")
    leads_to(page, "/masterdata/approval-rules")
    walk.says("The rule holds from now on")


def two_sign_it_and_a_third_is_late(walk: Walk, here: Signing, deputy: Person, order: PurchaseOrder) -> None:
    """The chief has nothing to sign before the head has; the head's deputy had the page open all the while."""
    expect(walk.as_(here.chief, "/manager/approvals").get_by_text(NOTHING)).to_be_visible()
    assert order.state == "waiting"
    with walking(walk.browser, walk.server, walk.width) as late:
        late.as_(deputy, "/manager/approvals")
        signed(walk, here.head, order)
        late.press("Approve")
        expect(late.page.locator(".y-refusal")).to_contain_text(
            f"This step of {order.number} is “Approved” already"
        )
    assert Approval.objects.exclude(decided_by=None).get().decided_by == here.head
    order.refresh_from_db()
    assert order.state == "waiting"
    signed(walk, here.chief, order, last=True)
    order.refresh_from_db()
    assert order.state == "placed"


def signed(walk: Walk, who: Person, order: PurchaseOrder, *, last: bool = False) -> None:
    page = walk.as_(who, "/manager/approvals")
    expect(page.locator("[data-approval]")).to_contain_text(order.number)
    walk.press("Approve")
    walk.says(f"{order.number} is approved" if last else f"You approved {order.number}")
    expect(page.get_by_text(NOTHING)).to_be_visible()


def the_chief_refuses_another(walk: Walk, here: Signing) -> None:
    """What the head signed meanwhile is refused above; the buyer reads why, and nothing went to the supplier."""
    order = ordered(walk, here.site, 70)
    first = Approval.objects.get(document_id=order.pk, level=1)
    decide(actor=here.site.actor(here.head), key=unique("d"), approval_id=first.pk, approve=True)
    page = walk.as_(here.chief, "/manager/approvals")
    page.get_by_placeholder("Comment; needed to refuse").fill("Ask for two offers")
    walk.press("Refuse")
    walk.says(f"{order.number} is refused")
    page = walk.as_(here.site.buyer, f"/buyer/orders/{order.pk}")
    expect(page.locator(".y-signatures")).to_contain_text("Ask for two offers")
    walk.look("signing-2-refused")
    order.refresh_from_db()
    assert (order.state, order.placed_at) == ("draft", None)


def the_rule_is_raised(walk: Walk, here: Signing) -> None:
    page = walk.as_(Person.objects.get(pk=here.editor.person_id), "/masterdata/approval-rules?kind=order")
    chiefs = ApprovalRule.objects.get(level=2)
    page.locator(f"a[href$='/approval-rules/{chiefs.pk}']").click()
    leads_to(page, f"/masterdata/approval-rules/{chiefs.pk}")
    expect(page.get_by_label("From which amount on, ¥")).to_have_value("5000.00")
    page.get_by_label("From which amount on, ¥").fill("8000")
    walk.look("signing-3-rule")
    walk.press("Save")
    leads_to(page, "/masterdata/approval-rules")
    walk.says("The rule was changed")
    chiefs.refresh_from_db()
    assert chiefs.from_amount == 8000


def the_next_one_asks_the_head_alone(walk: Walk, here: Signing) -> None:
    order = ordered(walk, here.site, 60)
    walk.says("waits for approval")
    expect(walk.page.locator(".y-signatures li")).to_have_count(1)
    assert [step.role for step in Approval.objects.filter(document_id=order.pk)] == [here.head_role]


@WIDE
def test_a_reason_is_added_reworded_and_no_longer_offered(
    browser: Any, live_server: Any, here: Signing, width: int
) -> None:
    editor = Person.objects.get(pk=here.editor.person_id)
    held = editor.grants.get().role
    elsewhere = Place.objects.filter(parent=None, kind__in=["group", "campus"]).exclude(
        pk=here.site.h.campus.pk
    )
    Grant.objects.bulk_create(Grant(person=editor, role=held, place=root) for root in elsewhere)
    with walking(browser, live_server.url, width) as walk:
        it_is_added(walk, editor)
        assert "Wet outside" in offered(walk, here.site)
        it_is_reworded(walk, editor)
        assert {"Damp outside"} == set(offered(walk, here.site)) & {"Damp outside", "Wet outside"}
        it_ends(walk, editor)
        assert not set(offered(walk, here.site)) & {"Damp outside", "Wet outside"}
    assert ReasonCode.objects.get(code="wet_outside").active is False


def offered(walk: Walk, here: Site) -> list[str]:
    """What a storekeeper can choose who puts something on hold."""
    page = walk.as_(here.storekeeper, "/storeroom/hold")
    return [text.strip() for text in page.locator("#f-reason option").all_inner_texts()]


def it_is_added(walk: Walk, editor: Person) -> None:
    page = walk.as_(editor, "/masterdata/reasons?group=hold")
    page.get_by_role("link", name="New reason").click()
    leads_to(page, "/masterdata/reasons/hold/new")
    page.get_by_label("Code, for ever").fill("wet_outside")
    page.get_by_label("Chinese name").fill("外箱受潮")
    page.get_by_label("English name").fill("Wet outside")
    walk.press("Save")
    leads_to(page, "/masterdata/reasons?group=hold")
    walk.says("offered from now on")


def it_is_reworded(walk: Walk, editor: Person) -> None:
    page = walk.as_(editor, "/masterdata/reasons?group=hold")
    page.get_by_role("link", name="Wet outside").click()
    leads_to(page, f"/masterdata/reasons/{ReasonCode.objects.get(code='wet_outside').pk}")
    page.get_by_label("English name").fill("Damp outside")
    walk.look("signing-4-reason")
    walk.press("Save")
    leads_to(page, "/masterdata/reasons?group=hold")
    walk.says("reworded")


def it_ends(walk: Walk, editor: Person) -> None:
    page = walk.as_(editor, "/masterdata/reasons?group=hold")
    row = page.locator(".y-reason", has_text="Damp outside")
    with turned(page):
        row.get_by_role("button", name="End", exact=True).click()
    expect(row.get_by_role("button", name="Offer again")).to_be_visible()
