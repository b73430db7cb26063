"""What a count leads to: who may decide and who must sign, what is posted once, whose loss it is, what it costs."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.flows.counting import Counted, refused
from tests.flows.site import Site, person
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.access.models import Grant, Role
from yanji.flows.approval import decide, waiting_for
from yanji.flows.attempts import Attempt
from yanji.flows.consign.agreements import save_agreement
from yanji.flows.consign.models import Payable
from yanji.flows.counting.count import cancel_count, close_count, recount, start_count, submit_count
from yanji.flows.counting.models import Count
from yanji.flows.counting.queries import missing_of_suppliers
from yanji.flows.counting.scan import Read, record
from yanji.flows.counting.scan_back import take_back
from yanji.flows.models_approval import Approval, ApprovalRule
from yanji.ledger.api import Refused, Step, rebuild, unit_view
from yanji.ledger.models import Movement


def test_only_an_allowed_person_counts(here: Site) -> None:
    count = Counted(here)
    for act in (close_count, submit_count, cancel_count, recount):
        with pytest.raises(Refused) as caught:
            act(actor=here.purchasing, key=unique("k"), count_id=count.id)
        assert caught.value.code == "not_yours"
    with pytest.raises(NotFound):
        record(actor=here.ward, count_id=count.id, reads=[Read("x", "k")])
    refused("not_yours", start_count, actor=here.purchasing, key=unique("k"), place_id=here.h.store.pk)


def test_a_count_is_posted_once(committed: Site) -> None:
    committed.stocked(1)
    count = Counted(committed)
    count.close()
    refused("count_undecided", count.submit)
    count.decide()
    count.submit()
    moved = Movement.objects.count()
    refused("counted_already", count.submit)
    refused("document_closed", count.close)
    assert Movement.objects.count() == moved
    assert Attempt.objects.filter(code="counted_already").count() == 1


def _rule(here: Site, amount: int) -> Any:
    approver = person("approver", here.h.campus)
    ApprovalRule.objects.create(
        kind="count", place=here.h.campus, role=Role.objects.get(code="approver"), from_amount=amount,
        edited_by=here.storekeeper,
    )  # fmt: skip
    return approver


def test_large_differences_wait_for_approval(committed: Site) -> None:
    here = committed
    boss = _rule(here, 150)
    epcs = here.stocked(2)
    count = Counted(here)
    count.close()
    count.decide()
    done = count.submit()
    assert done.state == "awaiting"
    assert unit_view(epcs[0]).status == "available"
    [step] = Approval.objects.filter(kind="count", document_id=count.id)
    assert step.amount == Decimal(200)
    decide(actor=here.actor(boss), key=unique("k"), approval_id=step.pk, approve=False, comment="Look again")
    assert Count.objects.get(pk=count.id).state == "counted"
    count.submit()
    step = Approval.objects.filter(kind="count", document_id=count.id).latest("pk")
    decide(actor=here.actor(boss), key=unique("k"), approval_id=step.pk, approve=True)
    assert Count.objects.get(pk=count.id).state == "posted"
    assert {unit_view(epc).status for epc in epcs} == {"lost"}
    event = Movement.objects.filter(unit__epc=epcs[0]).latest("seq").event
    assert event.actor_id == here.storekeeper.pk


def test_who_counted_does_not_approve(committed: Site) -> None:
    here = committed
    boss = _rule(here, 0)
    Grant.objects.create(person=boss, role=Role.objects.get(code="storekeeper"), place=here.h.campus)
    here.stocked(1)
    count = Counted(here)
    count.scan("junk-1234567", who=here.actor(boss))
    count.close()
    missing = [each for each in count.found() if each.kind == "missing"]
    count.decide(*missing)
    count.decide(
        *[each for each in count.found() if each.kind == "unknown"], decision="explain", note="A poster"
    )
    count.submit()
    [step] = Approval.objects.filter(kind="count", document_id=count.id)
    refused(
        "approval_by_participant",
        decide,
        actor=here.actor(boss),
        key=unique("k"),
        approval_id=step.pk,
        approve=True,
    )
    assert waiting_for(here.actor(boss)) == []
    assert [each.pk for each in waiting_for(here.actor(person("approver", here.h.campus)))] == [step.pk]
    assert Attempt.objects.filter(code="approval_by_participant").exists()


def test_a_cancelled_count_posts_nothing(here: Site) -> None:
    here.stocked(1)
    count = Counted(here)
    count.close()
    assert cancel_count(actor=here.keeper, key=unique("k"), count_id=count.id).state == "cancelled"
    refused("document_closed", count.submit)


def consigned(here: Site, count: int) -> list[str]:
    """Units in the store that belong to the supplier."""
    units = [here.h.unit(owner_id=here.h.supplier.pk) for _ in range(count)]
    here.h.do(Step.RECEIVE, *units)
    here.h.do(Step.ACCEPT, *[unit.epc for unit in units])
    return [unit.epc for unit in units]


def test_missing_consigned_goods_stay_the_suppliers_unless_the_title_passes(here: Site) -> None:
    told, bought = consigned(here, 2)
    count = Counted(here)
    assert count.close() == {"missing": 2}
    [owner] = missing_of_suppliers(Count.objects.get(pk=count.id))
    assert (owner.name, owner.pieces, sorted(owner.codes)) == (
        here.h.supplier.name,
        2,
        sorted([told, bought]),
    )
    by_code = {each.code: each for each in count.found()}
    count.decide(by_code[told])
    count.decide(by_code[bought], takes_title=True)
    refused("no_contract", count.submit)
    save_agreement(
        actor=here.h.actor, key=unique("k"), supplier_id=here.h.supplier.pk, place_id=here.h.campus.pk,
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    done = count.submit()
    assert len(done.events) == 2
    owners = {epc: (unit_view(epc).status, unit_view(epc).owner_id) for epc in (told, bought)}
    assert owners == {told: ("lost", here.h.supplier.pk), bought: ("lost", None)}
    [debt] = Payable.objects.all()
    assert (debt.quantity, debt.price) == (1, Decimal(100))
    assert rebuild() == []


BUDGET = json.loads((Path(__file__).parents[1] / "budgets" / "counting.json").read_text())


def spent_on(here: Site, count: int) -> dict[str, int]:
    """Statements of each act of a count in which half of ``count`` units is missing and one lies on another shelf."""
    spent: dict[str, int] = {}

    def measure(name: str, act: Any) -> Any:
        with CaptureQueriesContext(connection) as found:
            result = act()
        spent[name] = sum("SAVEPOINT" not in str(query["sql"]) for query in found.captured_queries)
        return result

    epcs = here.stocked(2 * count)
    counted = measure("start", lambda: Counted(here))
    measure("scan", lambda: counted.scan(*epcs[:count]))
    counted.scan(epcs[0], place_id=here.h.bin.pk)
    measure("undo", lambda: take_back(actor=here.keeper, count_id=counted.id, key=unique("u")))
    counted.scan(epcs[0], place_id=here.h.bin.pk)
    measure("close", counted.close)
    measure("decide", counted.decide)
    measure("submit", counted.submit)
    return spent


@pytest.mark.slow
def test_a_hundred_units_are_counted_with_as_many_statements_as_one(committed: Site) -> None:
    spent_on(committed, 1)  # warms what is looked up once a process
    one, hundred = spent_on(committed, 1), spent_on(committed, 100)
    assert one == hundred
    assert one == BUDGET, f"statements changed: write {json.dumps(one)} if that is meant"
