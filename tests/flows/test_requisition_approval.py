"""A requisition that is worth enough waits for whom the rules name, and no store sees it before."""

from typing import Any

import pytest
from django.test import Client

from tests.flows.approving import Signing, rule, signing
from tests.flows.site import Site, contents
from tests.makers import unique
from tests.web.flows.acts import key, sentences
from yanji.catalog.models import Price
from yanji.flows.approval import approvals_of, decide
from yanji.flows.models import Requisition
from yanji.flows.pick import pick
from yanji.flows.queries import OPEN_REQUISITIONS, requisitions, work
from yanji.flows.requisition import close_requisition
from yanji.ledger.api import Refused


@pytest.fixture
def signers(committed: Site) -> Signing:
    """Two pieces at 100 are asked for the head's approval, one piece is not."""
    found = signing(committed)
    rule(committed.h.campus, found.head_role, kind="requisition", from_amount=200)
    return found


def decided(signers: Signing, number: int, *, approve: bool, comment: str = "") -> None:
    [step] = approvals_of("requisition", number)
    who = signers.site.actor(signers.head)
    decide(actor=who, key=unique("k"), approval_id=step.pk, approve=approve, comment=comment)


def picked(here: Site, number: int, epcs: list[str]) -> Any:
    return pick(actor=here.keeper, key=unique("k"), requisition_id=number, things=epcs)


def test_by_amount_it_waits_and_cannot_be_picked_until_it_is_approved(signers: Signing) -> None:
    here = signers.site
    epcs = here.stocked(2)
    small, large = here.requisition((here.h.item, 1)), here.requisition((here.h.item, 2))
    assert (small.state, large.state) == ("requested", "awaiting")
    seen = [each.pk for each in requisitions(here.keeper, states=OPEN_REQUISITIONS)]
    assert seen == [small.id]
    assert work(here.keeper).to_pick == 1
    before = contents()
    with pytest.raises(Refused) as found:
        picked(here, large.id, epcs)
    assert found.value.code == "requisition_closed"
    assert contents() == before
    decided(signers, large.id, approve=True)
    assert picked(here, large.id, epcs).state == "picked"


def test_refused_it_is_closed_and_says_why(signers: Signing) -> None:
    here = signers.site
    epcs = here.stocked(2)
    large = here.requisition((here.h.item, 2))
    decided(signers, large.id, approve=False, comment="Use what you have")
    assert Requisition.objects.get(pk=large.id).state == "closed"
    with pytest.raises(Refused) as found:
        picked(here, large.id, epcs)
    assert found.value.code == "requisition_closed"
    here.nurse.language = "en"
    here.nurse.save(update_fields=["language"])
    client = Client()
    client.force_login(here.nurse)
    assert "Use what you have" in sentences(client.get(f"/ward/requisitions/{large.id}"))


def test_closed_by_the_ward_nobody_is_asked_any_more(signers: Signing) -> None:
    here = signers.site
    Price.objects.create(item=here.h.item, supplier=here.h.supplier, amount=100, valid_from="2026-01-01")
    large = here.requisition((here.h.item, 2))
    assert large.state == "awaiting"
    close_requisition(actor=here.ward, key=unique("k"), requisition_id=large.id)
    assert [step.state for step in approvals_of("requisition", large.id)] == ["withdrawn"]


def test_the_page_says_that_it_waits(signers: Signing) -> None:
    here = signers.site
    here.stocked(2)
    here.nurse.language = "en"
    here.nurse.save(update_fields=["language"])
    client = Client()
    client.force_login(here.nurse)
    item = here.h.item.pk
    fields = {"department_id": here.h.department.pk, "store_id": here.h.store.pk, "item": [item]}
    sent = {"key": key("requisition"), f"quantity:{item}": "2", **fields}
    answer = client.post("/ward/requisitions/new", sent, follow=True)
    assert "waits for approval" in sentences(answer)
    assert "Awaiting approval" in sentences(client.get("/ward/requisitions"))
