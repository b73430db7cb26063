"""The inbox of approvals, the marks on a document, and the rules' pages."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.template import Context, Template
from django.test import Client

from tests.flows.approving import Signing, rule, signer, signing
from tests.flows.site import Site, site
from tests.makers import place, unique
from yanji.access.models import Person
from yanji.flows.approval import approvals_of, ask, decide
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.placing import Ordered
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.places.models import Kind

KIND = "order"
pytestmark = pytest.mark.django_db


@pytest.fixture
def here(db: None) -> Signing:
    return signing(site())


@pytest.fixture
def order(here: Signing) -> Any:
    """An order that waits for the head, then for the chief."""
    return waiting_order(here)


def waiting_order(here: Signing) -> Any:
    rule(here.site.h.campus, here.head_role, kind=KIND)
    rule(here.site.h.campus, here.chief_role, level=2, kind=KIND)
    return asked(here.site)


def asked(here: Site, amount: int = 12800) -> Any:
    """An order of this amount, which waits by itself."""
    return here.order((here.h.item, amount // 100))


def client(who: Person, language: str = "en") -> Client:
    Person.objects.filter(pk=who.pk).update(language=language)
    made = Client()
    made.force_login(who)
    return made


def text(response: Any) -> str:
    return response.content.decode()


def sent(who: Client, order: Any, level: int = 1, **form: str) -> Any:
    step = approvals_of(KIND, order.id)[level - 1]
    return who.post(f"/manager/approvals/{step.pk}/decide", {"key": f"decide{step.pk}:{form}", **form})


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_inbox_shows_what_waits_and_leads_to_the_document(
    here: Signing, order: Any, language: str
) -> None:
    shown = text(client(here.head, language).get("/manager/approvals"))
    assert f'href="/buyer/orders/{order.id}"' in shown
    assert order.number in shown
    assert "¥ 12,800.00" in shown
    assert order.number not in text(client(here.chief, language).get("/manager/approvals"))


def test_a_change_says_what_it_changes_and_why(here: Signing) -> None:
    order = here.site.order((here.site.h.item, 10))
    rule(here.site.h.campus, here.head_role, kind=KIND)
    change_order(
        actor=here.site.purchasing, key=unique("k"), order_id=order.id, reason="Bigger packs",
        lines=[Ordered(here.site.h.item.pk, 50, Decimal(100))],
    )  # fmt: skip
    shown = text(client(here.head).get("/manager/approvals"))
    assert "A change of a placed order: ¥ 1,000.00 → ¥ 5,000.00" in shown
    assert "Bigger packs" in shown


def test_the_approver_may_open_the_order(here: Signing, order: Any) -> None:
    assert client(here.head).get(f"/buyer/orders/{order.id}").status_code == 200
    assert (
        client(signer(here.head_role, place(Kind.CAMPUS))).get(f"/buyer/orders/{order.id}").status_code == 404
    )


def test_approving_hands_it_to_the_next(here: Signing, order: Any) -> None:
    head, chief = client(here.head), client(here.chief)
    assert sent(head, order, verdict="approve").status_code == 302
    shown = text(head.get("/manager/approvals"))
    assert "It waits for the next level now." in shown
    assert "Nothing waits for you" in shown
    assert sent(chief, order, level=2, verdict="approve").status_code == 302
    assert f"{order.number} is approved." in text(chief.get("/manager/approvals"))


def test_a_refusal_without_a_comment_is_explained_and_writes_nothing(here: Signing, order: Any) -> None:
    before = list(Approval.objects.values_list())
    head = client(here.head)
    response = sent(head, order, verdict="refuse", comment=" ")
    assert response.status_code == 409
    assert "Say why you refuse" in text(response)
    assert list(Approval.objects.values_list()) == before
    assert sent(head, order, verdict="refuse", comment="too dear").status_code == 302
    shown = text(head.get("/manager/approvals"))
    assert "“too dear”" in shown
    assert f"{order.number} is refused." in shown


def test_the_comment_of_a_refused_try_is_kept(here: Signing, order: Any) -> None:
    response = sent(client(here.head), order, verdict="<b>", comment="<i>kept</i>")
    assert response.status_code == 409
    assert "&lt;i&gt;kept&lt;/i&gt;" in text(response)


def test_nobody_else_decides(here: Signing, order: Any) -> None:
    before = list(Approval.objects.values_list())
    stranger = signer(here.head_role, place(Kind.CAMPUS))
    answers = [
        sent(client(here.site.nurse), order, verdict="approve"),
        sent(client(stranger), order, verdict="approve"),
        sent(client(here.chief), order, verdict="approve"),
        sent(client(here.chief), order, level=2, verdict="approve"),
    ]
    assert [answer.status_code for answer in answers] == [403, 404, 409, 409]
    assert list(Approval.objects.values_list()) == before


def test_a_document_shows_its_marks(here: Signing, order: Any) -> None:
    def marks() -> str:
        return Template("{% load yanji %}{% approvals 'order' pk %}").render(Context({"pk": order.id}))

    assert marks().count("y-signed-waiting") == 2
    sent(client(here.head), order, verdict="approve", comment="<go>")
    assert "&lt;go&gt;" in marks()
    assert (marks().count("y-signed-approved"), marks().count("y-signed-waiting")) == (1, 1)
    asked_again = {"number": order.number, "path": here.site.h.store.path, "requester_id": here.site.buyer.pk}
    with transaction.atomic():
        ask(KIND, order.id, amount=Decimal(99999), **asked_again)
    assert marks().count("<li") == 4
    assert "<details" in marks()
    assert Template("{% load yanji %}{% approvals 'order' 999 %}").render(Context({})).strip() == ""


# The rules


@pytest.fixture
def keeper(here: Signing) -> Client:
    return client(Person.objects.get(pk=here.editor.person_id))


def form(here: Signing, **fields: Any) -> dict[str, Any]:
    given = {"kind": "scrap", "place": here.site.h.store.pk, "level": 1, "from_amount": "500.50"}
    return {"key": f"rule:{fields}", **given, "role": here.head_role.pk, **fields}


def test_a_rule_is_written_changed_and_ended_in_the_pages(here: Signing, keeper: Client) -> None:
    assert "No rule yet" in text(keeper.get("/masterdata/approval-rules"))
    assert keeper.get("/masterdata/approval-rules/new").status_code == 200
    assert keeper.post("/masterdata/approval-rules/new", form(here)).status_code == 302
    [made] = ApprovalRule.objects.all()
    assert (made.kind, made.place_id, made.from_amount) == ("scrap", here.site.h.store.pk, Decimal("500.50"))
    address = f"/masterdata/approval-rules/{made.pk}"
    assert 'value="500.50"' in text(keeper.get(address))
    assert keeper.post(address, form(here, level=2, key="rule:2")).status_code == 302
    assert "What waits already keeps" in text(keeper.get("/masterdata/approval-rules"))
    keeper.post(f"{address}/active", {"key": f"rule{made.pk}:1"})
    made.refresh_from_db()
    assert (made.level, made.active) == (2, False)
    keeper.post(f"{address}/active", {"key": f"rule{made.pk}:2", "active": "1"})
    assert ApprovalRule.objects.get().active


@pytest.mark.parametrize("kind", ["scrap", "order", "nonsense"])
def test_rules_are_shown_by_kind(here: Signing, keeper: Client, kind: str) -> None:
    rule(here.site.h.store, here.head_role, kind="scrap")
    shown = text(keeper.get("/masterdata/approval-rules", {"kind": kind}))
    assert (here.head_role.name_en in shown) is (kind != "order")


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"from_amount": "-1"}, 422),
        ({"kind": "nonsense"}, 422),
        ({"level": "0"}, 422),
        ({"place": "999999"}, 422),
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    here: Signing, keeper: Client, fields: dict[str, str], status: int
) -> None:
    rule(here.site.h.store, here.chief_role, kind="scrap")
    assert keeper.post("/masterdata/approval-rules/new", form(here, **fields)).status_code == status
    assert ApprovalRule.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_second_rule_of_one_level_is_refused_with_what_was_typed(here: Signing, keeper: Client) -> None:
    rule(here.site.h.store, here.chief_role, kind="scrap")
    response = keeper.post("/masterdata/approval-rules/new", form(here))
    assert response.status_code == 409
    assert "has a rule of this level" in text(response)
    assert 'value="500.50"' in text(response)
    assert ApprovalRule.objects.count() == 1


def test_rules_are_closed_to_others(here: Signing) -> None:
    made = rule(here.site.h.store, here.head_role, kind="scrap")
    nurse, far = client(here.site.nurse), client(signer(edit_role(here), place(Kind.CAMPUS)))
    for address in ("", "/new", f"/{made.pk}", f"/{made.pk}/active"):
        assert nurse.post(f"/masterdata/approval-rules{address}", {"key": "k"}).status_code == 403
    assert far.get(f"/masterdata/approval-rules/{made.pk}").status_code == 404
    assert far.post(f"/masterdata/approval-rules/{made.pk}/active", {"key": "k"}).status_code == 404
    assert ApprovalRule.objects.get().active


def edit_role(here: Signing) -> Any:
    return Person.objects.get(pk=here.editor.person_id).grants.get().role


def test_a_role_that_rules_name_is_not_removed(here: Signing, keeper: Client) -> None:
    from tests.masterdata.conftest import holder, signed_in
    from yanji.access.models import Grant, Role

    rule(here.site.h.store, here.head_role, kind="scrap")
    Grant.objects.filter(role=here.head_role).delete()
    admin = signed_in(holder("administrator", here.site.h.campus))
    response = admin.post(f"/masterdata/roles/{here.head_role.pk}/delete", follow=True)
    assert "Approvals, notifications or their rules name this role" in text(response)
    assert Role.objects.filter(pk=here.head_role.pk).exists()


def test_deciding_elsewhere_meanwhile_is_said(here: Signing, order: Any) -> None:
    other = signer(here.head_role, here.site.h.campus)
    step = approvals_of(KIND, order.id)[0]
    decide(actor=here.site.actor(other), key="first", approval_id=step.pk, approve=True)
    response = client(here.head).post(
        f"/manager/approvals/{step.pk}/decide", {"key": f"decide{step.pk}:x", "verdict": "approve"}
    )
    assert response.status_code == 409
    assert "already" in text(response)
