"""Whoever wrote, edited or sent an order or a contract does not approve it, whichever of them sent it last."""

from decimal import Decimal

import pytest
from django.test import Client

from tests.exchange.client import ApiClient
from tests.flows.approving import Signing, rule, signer, signing
from tests.flows.buying import contract
from tests.flows.site import Site, contents, person
from tests.makers import unique
from yanji.access.models import Grant, Person, Role
from yanji.flows.acts import Done
from yanji.flows.approval import approvals_of, decide, waiting_for
from yanji.flows.attempts import Attempt
from yanji.flows.buying.changing import change_order
from yanji.flows.buying.contracts import start_contract
from yanji.flows.models import PurchaseOrder
from yanji.flows.purchase import Ordered, send_order, withdraw_order
from yanji.ledger.api import Refused


@pytest.fixture
def here(committed: Site) -> Signing:
    """Orders and contracts wait for the head, then for the chief."""
    found = signing(committed)
    for kind in ("order", "contract"):
        rule(committed.h.campus, found.head_role, kind=kind)
        rule(committed.h.campus, found.chief_role, level=2, kind=kind)
    return found


def buyer(here: Signing, also: Role) -> Person:
    """A buyer who could approve what others buy."""
    made = person("buyer", here.site.h.campus)
    Grant.objects.create(person=made, role=also, place=here.site.h.campus)
    return made


def edited(here: Signing, order: Done, who: Person, quantity: int = 4) -> None:
    change_order(
        actor=here.site.actor(who),
        key=unique("k"),
        order_id=order.id,
        lines=[Ordered(here.site.h.item.pk, quantity, Decimal(100))],
    )


def sent(here: Signing, order: Done) -> Done:
    return send_order(actor=here.site.purchasing, key=unique("k"), order_id=order.id)


def drafted(here: Signing, writer: Person) -> Done:
    """A draft that somebody else than the site's buyer wrote."""
    api = ApiClient(writer)
    done = api.done(
        "/orders",
        supplier_id=here.site.h.supplier.pk,
        deliver_to_id=here.site.h.store.pk,
        lines=[{"item_id": here.site.h.item.pk, "quantity": 3, "price": "100"}],
        draft=True,
    )
    return Done(done["number"], done["id"], done["state"])


def refused(here: Signing, kind: str, document_id: int, who: Person, level: int) -> str:
    """Why this person may not decide the level, by the verb and by the interface; nothing may have changed."""
    actor, step = here.site.actor(who), approvals_of(kind, document_id)[level - 1]
    assert step.pk not in [each.pk for each in waiting_for(actor)]
    assert step.pk not in [each["id"] for each in ApiClient(who).get("/approvals").json()]
    before = contents()
    with pytest.raises(Refused) as refusal:
        decide(actor=actor, key=unique("k"), approval_id=step.pk, approve=True)
    answer = ApiClient(who).post(f"/approvals/{step.pk}/decisions", approve=True)
    assert (answer.status_code, answer.json()["code"]) == (403, refusal.value.code)
    assert contents() == before
    kept = Attempt.objects.filter(actor=who, code=refusal.value.code, thing=step.number)
    assert kept.count() == 2
    return refusal.value.code


def approve(here: Signing, kind: str, document_id: int, who: Person, level: int) -> None:
    step = approvals_of(kind, document_id)[level - 1]
    decide(actor=here.site.actor(who), key=unique("k"), approval_id=step.pk, approve=True)


def test_writer_editor_and_sender_of_an_order_approve_none_of_its_steps(here: Signing) -> None:
    writer, editor = buyer(here, here.head_role), buyer(here, here.chief_role)
    Grant.objects.create(person=here.site.buyer, role=here.head_role, place=here.site.h.campus)
    order = drafted(here, writer)
    edited(here, order, editor)
    assert sent(here, order).state == "waiting"
    assert refused(here, "order", order.id, writer, 1) == "approval_by_participant"
    assert refused(here, "order", order.id, here.site.buyer, 1) == "approval_by_requester"
    approve(here, "order", order.id, here.head, 1)
    assert refused(here, "order", order.id, editor, 2) == "approval_by_participant"
    assert PurchaseOrder.objects.get(pk=order.id).state == "waiting"
    approve(here, "order", order.id, here.chief, 2)
    assert PurchaseOrder.objects.get(pk=order.id).state == "placed"


def test_who_sent_it_before_does_not_approve_it_when_a_colleague_sends_it_again(here: Signing) -> None:
    first = buyer(here, here.head_role)
    order = drafted(here, person("buyer", here.site.h.campus))
    send_order(actor=here.site.actor(first), key=unique("k"), order_id=order.id)
    withdraw_order(actor=here.site.purchasing, key=unique("k"), order_id=order.id)
    sent(here, order)
    assert refused(here, "order", order.id, first, 1) == "approval_by_participant"


def test_who_wrote_an_order_does_not_approve_its_change(here: Signing) -> None:
    writer = buyer(here, here.head_role)
    order = drafted(here, writer)
    sent(here, order)
    approve(here, "order", order.id, here.head, 1)
    approve(here, "order", order.id, here.chief, 2)
    change_order(
        actor=here.site.purchasing,
        key=unique("k"),
        order_id=order.id,
        lines=[Ordered(here.site.h.item.pk, 9, Decimal(100))],
        reason="More cases",
    )
    assert refused(here, "order", order.id, writer, 1) == "approval_by_participant"


def test_the_list_of_approvals_offers_a_writer_no_button_and_refuses_what_is_sent_all_the_same(
    here: Signing,
) -> None:
    writer = buyer(here, here.head_role)
    order = drafted(here, writer)
    sent(here, order)
    Person.objects.filter(pk=writer.pk).update(language="en")
    page = Client()
    page.force_login(writer)
    step = approvals_of("order", order.id)[0]
    address = f"/manager/approvals/{step.pk}/decide"
    assert address not in page.get("/manager/approvals").content.decode()
    answer = page.post(address, {"key": f"decide{step.pk}:1", "verdict": "approve"})
    assert answer.status_code == 409
    assert f"You worked on {order.number} yourself." in answer.content.decode()
    assert approvals_of("order", order.id)[0].state == "waiting"
    other = signer(here.head_role, here.site.h.campus)
    page.force_login(other)
    assert address in page.get("/manager/approvals").content.decode()


def test_who_wrote_a_contract_does_not_approve_it_when_a_colleague_puts_it_in_force(here: Signing) -> None:
    Grant.objects.create(person=here.site.buyer, role=here.head_role, place=here.site.h.campus)
    done = contract(here.site, start=False)
    colleague = here.site.actor(buyer(here, here.chief_role))
    start_contract(actor=colleague, key=unique("k"), contract_id=done.id)
    assert refused(here, "contract", done.id, here.site.buyer, 1) == "approval_by_participant"
    approve(here, "contract", done.id, here.head, 1)
    approve(here, "contract", done.id, here.chief, 2)
