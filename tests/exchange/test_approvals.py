"""Approvals by another system: what waits, deciding, and the rules."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from tests.exchange.client import ApiClient
from tests.flows.approving import TESTED, Signing, rule, signer, signing
from tests.flows.site import Site
from tests.makers import place
from yanji.access.models import Person
from yanji.flows.approval import ask
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.places.models import Kind


@pytest.fixture
def here(committed: Site) -> Signing:
    found = signing(committed)
    rule(committed.h.campus, found.head_role, kind=TESTED)
    return found


@pytest.fixture
def step(here: Signing) -> dict[str, Any]:
    with transaction.atomic():
        ask(
            TESTED, 7, number="SC-7", path=here.site.h.store.path, amount=Decimal("10.5"),
            requester_id=here.site.storekeeper.pk,
        )  # fmt: skip
    [found] = ApiClient(here.head).get("/approvals").json()
    return found


def test_what_waits_is_listed_and_decided(here: Signing, step: dict[str, Any]) -> None:
    head = ApiClient(here.head)
    assert (step["number"], step["amount"], step["state"], step["level"]) == ("SC-7", "10.50", "waiting", 1)
    path = f"/approvals/{step['id']}/decisions"
    silent = head.post(path, approve=False)
    assert (silent.status_code, silent.json()["code"]) == (422, "approval_comment_needed")
    assert Approval.objects.get().state == "waiting"
    done = head.done(path, approve=False, comment="count again")
    assert (done["state"], done["facts"]) == (
        "refused",
        {"kind": TESTED, "document_id": 7, "complete": True},
    )
    assert head.get("/approvals").json() == []
    assert [each["comment"] for each in head.get("/approvals/decided").json()] == ["count again"]
    [seen] = ApiClient(here.site.storekeeper).get("/approvals/of/tested/7").json()
    assert seen["decided_by_id"] == here.head.pk
    again = head.post(path, approve=True)
    assert (again.status_code, again.json()["code"]) == (409, "approval_decided")


def test_who_may_not_is_told_so_or_sees_nothing(here: Signing, step: dict[str, Any]) -> None:
    before = list(Approval.objects.values_list())
    far = ApiClient(signer(here.head_role, place(Kind.CAMPUS)))
    assert far.get("/approvals").json() == far.get("/approvals/of/tested/7").json() == []
    answers = [
        who.post(f"/approvals/{step['id']}/decisions", approve=True)
        for who in (ApiClient(here.site.nurse), ApiClient(here.site.storekeeper), ApiClient(here.chief), far)
    ]
    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [
        (404, "not_found"), (403, "not_yours"), (403, "approval_role_needed"), (404, "not_found"),
    ]  # fmt: skip
    assert list(Approval.objects.values_list()) == before


def test_rules_are_kept_by_the_interface_too(here: Signing) -> None:
    keeper = ApiClient(Person.objects.get(pk=here.editor.person_id))
    given = {"kind": "scrap", "place_id": here.site.h.store.pk, "role_id": here.chief_role.pk}
    made = keeper.done("/approval-rules", **given, from_amount="99.90", level=2)
    [found] = keeper.get("/approval-rules", kind="scrap").json()
    assert found == {"id": made["id"], **given, "level": 2, "from_amount": "99.90", "active": True}
    keeper.done(f"/approval-rules/{made['id']}", role_id=here.head_role.pk, from_amount="0")
    keeper.done(f"/approval-rules/{made['id']}/active", active=False)
    changed = ApprovalRule.objects.get(pk=made["id"])
    assert (changed.role_id, changed.level, changed.active) == (here.head_role.pk, 1, False)
    assert len(keeper.get("/approval-rules").json()) == 2


def test_rules_are_closed_to_others(here: Signing) -> None:
    before = list(ApprovalRule.objects.values_list())
    stranger = ApiClient(here.head)
    given = {"kind": "scrap", "place_id": here.site.h.store.pk, "role_id": here.chief_role.pk}
    assert stranger.get("/approval-rules").json() == []
    assert stranger.post("/approval-rules", **given).status_code == 403
    assert stranger.post(f"/approval-rules/{before[0][0]}/active", active=False).status_code == 403
    assert list(ApprovalRule.objects.values_list()) == before
