"""Licences, registrations and authorisations at order, receipt and issue; what was made in time stays usable."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from tests.flows.buying import today
from tests.flows.site import Site, contents
from tests.makers import unique
from yanji.catalog.models import Licence, Maker, Registration, Supplier
from yanji.flows.attempts import Attempt
from yanji.flows.buying.rules import set_rules
from yanji.flows.issue import issue
from yanji.flows.pick import pick
from yanji.flows.validity import STANDARD, Goods, Held, Span, Stage, Subject, judge, usable
from yanji.ledger.api import Refused

pytestmark = pytest.mark.usefixtures("only_lapsed")
DAY = today()
PAST = Span(DAY - timedelta(days=400), DAY - timedelta(days=10))
NOW = Span(DAY - timedelta(days=400), None)


def lapse(here: Site, *, kind: str = "", maker: Maker | None = None) -> Any:
    """A paper that ended ten days ago: a licence of that kind, or the item's registration."""
    if kind:
        return Licence.objects.create(
            supplier=here.h.supplier,
            kind=kind,
            number=unique("L"),
            valid_from=PAST.first,
            valid_to=PAST.last,
            maker=maker,
        )
    return Registration.objects.create(
        item=here.h.item, number=unique("L"), valid_from=PAST.first, valid_to=PAST.last
    )


def rules(here: Site, *, made_decides: bool = True, **answers: str) -> None:
    set_rules(
        actor=here.purchasing, key=unique("k"), over_delivery_percent=Decimal(0), price_tolerance_percent=Decimal(0),
        made_decides=made_decides, answers={name.replace("__", ":"): answer for name, answer in answers.items()},
    )  # fmt: skip


def refused(code: str, act):
    before = contents()
    with pytest.raises(Refused) as found:
        act()
    assert found.value.code == code
    assert contents() == before


@pytest.mark.parametrize(
    ("made", "usable_"), [(None, False), (DAY - timedelta(days=20), True), (DAY - timedelta(days=5), False)]
)
def test_what_was_made_while_the_paper_held_stays_usable(made, usable_):
    assert usable([PAST], DAY, made) is usable_
    assert usable([PAST, NOW], DAY, made)


def test_each_lapsed_paper_is_named_once_by_what_the_rules_say():
    held = Held(
        licences={(1, "business"): [PAST]},
        registrations={5: [PAST], 6: [NOW]},
        suppliers={1: Supplier(name_zh="S")},
    )
    found = judge([Goods(5, 1), Goods(5, 1), Goods(6, 1)], held, STANDARD, Stage.ORDER, DAY)
    assert [offence.code for offence in found.offences] == [
        "item_registration_lapsed",
        "supplier_licence_lapsed",
    ]
    at_issue = judge([Goods(5, 1)], held, STANDARD, Stage.ISSUE, DAY)
    assert (at_issue.offences, [each.code for each in at_issue.warnings]) == (
        (),
        ["item_registration_lapsed", "supplier_licence_lapsed"],
    )


def test_an_authorisation_is_judged_by_maker():
    held = Held(authorisations={(1, None): [PAST]}, suppliers={1: Supplier(name_zh="S")})
    assert judge([Goods(5, 1)], held, STANDARD, Stage.ORDER, DAY).offences[0].code == "authorisation_lapsed"
    assert judge([Goods(5, 2)], held, STANDARD, Stage.ORDER, DAY).offences == ()


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("business", "supplier_licence_lapsed"),
        ("device_trade", "supplier_licence_lapsed"),
        ("", "item_registration_lapsed"),
    ],
)
def test_an_order_with_lapsed_papers_is_refused_and_the_attempt_kept(committed: Site, kind, code):
    lapse(committed, kind=kind)
    refused(code, committed.order)
    assert Attempt.objects.get().code == code
    draft = committed.order(draft=True)
    assert draft.state == "draft"


def test_an_authorisation_of_the_items_maker_counts_and_no_others(committed: Site):
    mine, other = Maker.objects.create(name_zh="甲厂"), Maker.objects.create(name_zh="乙厂")
    committed.h.item.maker = mine
    committed.h.item.save()
    lapse(committed, kind="authorisation", maker=other)
    assert committed.order().state == "placed"
    lapse(committed, kind="authorisation", maker=mine)
    refused("authorisation_lapsed", committed.order)
    rules(committed, order__authorisation="warn")
    assert "甲厂" in committed.order().facts["warnings"][0]


def test_at_receipt_a_lapsed_authorisation_warns_or_refuses(committed: Site):
    order = committed.order((committed.h.item, 5))
    lapse(committed, kind="authorisation")
    rules(committed, receipt__authorisation="warn")
    done = committed.receive(order, committed.arrival())
    assert len(done.facts["warnings"]) == 1
    rules(committed, receipt__authorisation="refuse")
    refused("authorisation_lapsed", lambda: committed.receive(order, committed.arrival()))
    assert committed.receive(order, committed.arrival(rejected="damaged")).facts.get("warnings") is None


def test_at_receipt_the_date_of_manufacture_decides(committed: Site):
    order = committed.order((committed.h.item, 5))
    lapse(committed)
    refused("registration_lapsed", lambda: committed.receive(order, committed.arrival()))
    refused(
        "registration_lapsed",
        lambda: committed.receive(order, committed.arrival(made=DAY - timedelta(days=5))),
    )
    committed.receive(order, committed.arrival(made=DAY - timedelta(days=20)))
    rules(committed, made_decides=False)
    refused(
        "registration_lapsed",
        lambda: committed.receive(order, committed.arrival(made=DAY - timedelta(days=20))),
    )


def test_at_issue_the_rules_warn_or_refuse(committed: Site):
    epcs = committed.stocked(1) + committed.stocked(1, made=DAY - timedelta(days=20), lot="L2")
    lapse(committed)
    wanted = committed.requisition((committed.h.item, 2))
    pick(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    hand = lambda epc: issue(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=[epc])  # noqa: E731
    assert "warnings" not in hand(epcs[1]).facts
    rules(committed, issue__registration="refuse")
    refused("item_registration_lapsed", lambda: hand(epcs[0]))
    rules(committed, issue__registration="warn")
    assert len(hand(epcs[0]).facts["warnings"]) == 1


def test_lapsed_papers_are_said_where_goods_are_picked_and_issued(committed: Site):
    """A lapsed licence or authorisation of whom the goods came from, as lapsed registrations."""
    epcs = committed.stocked(1)
    wanted = committed.requisition((committed.h.item, 1))
    for kind in ("business", "authorisation"):
        Licence.objects.filter(supplier=committed.h.supplier, kind=kind).delete()
        Licence.objects.create(
            supplier=committed.h.supplier, kind=kind, number="OLD", valid_from=DAY - timedelta(days=400),
            valid_to=DAY - timedelta(days=1),
        )  # fmt: skip
    picked = pick(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    handed = issue(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    assert len(picked.facts["warnings"]) == 2
    assert handed.facts["warnings"] == picked.facts["warnings"]


def test_what_will_be_refused_at_issue_is_said_at_the_pick(committed: Site):
    epcs = committed.stocked(1)
    lapse(committed)
    rules(committed, issue__registration="refuse")
    wanted = committed.requisition((committed.h.item, 1))
    picked = pick(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs)
    assert len(picked.facts["warnings"]) == 1
    refused(
        "item_registration_lapsed",
        lambda: issue(actor=committed.keeper, key=unique("k"), requisition_id=wanted.id, things=epcs),
    )


def test_rules_that_cannot_be(committed: Site):
    refused("bad_paper_rule", lambda: rules(committed, order__licence="perhaps"))
    refused("bad_paper_rule", lambda: rules(committed, order__nothing="warn"))
    rules(committed, receipt__licence="ignore")  # what the law fixes is left as it is
    from yanji.flows.validity import answers

    assert answers()[Stage.RECEIPT, Subject.LICENCE].lapsed == "refuse"
