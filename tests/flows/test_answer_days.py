"""The days that a supplier promises: one for each delivery, and the buyer's word where one is later than ordered."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from tests.flows.buying import line_of, supplier_person, today
from tests.flows.site import Site
from tests.flows.test_buying import answer, place, refused
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.flows.acts import Done
from yanji.flows.buying.answers import Promise, confirm_lines, settle_answer
from yanji.flows.buying.models import DeliveryPart, LineAnswer
from yanji.flows.buying.owed import back_orders
from yanji.flows.models import OrderLine
from yanji.flows.purchase import Ordered, Part


def test_a_day_later_than_the_orders_asks_the_buyer_who_may_insist(committed: Site):
    wanted = today() + timedelta(days=5)
    order = place(committed, Ordered(committed.h.item.pk, 10, Decimal(100)), expected_on=wanted)
    line = line_of(order)
    assert answer(committed, line, "confirmed", promised_on=wanted).facts["settled"] == "accepted"
    done = answer(committed, line, "confirmed", promised_on=wanted + timedelta(days=1))
    assert (done.state, done.facts["settled"]) == ("changed", "open")
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=done.id, accept=False)
    assert not LineAnswer.objects.get(pk=done.id).stands, "the supplier is asked again"
    [due] = back_orders(committed.purchasing, today=today())
    assert (due.pieces, due.promised_on) == (10, wanted), "the day that the buyer refused is no promise"
    again = answer(committed, line, "changed", promised_on=wanted + timedelta(days=2))
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=again.id, accept=True)
    assert line_of(order).given_up == 0, "all of it still comes"


def test_each_delivery_of_a_line_has_its_day_and_none_is_years_away(committed: Site):
    days = [today() + timedelta(days=5), today() + timedelta(days=9)]
    parts = [Part(days[0], 4), Part(days[1], 6)]
    line = line_of(place(committed, Ordered(committed.h.item.pk, 10, Decimal(100), parts=parts)))
    first, second = DeliveryPart.objects.order_by("due_on")
    far = today() + timedelta(days=731)
    for code, said in (
        ("promise_each_delivery", {"promised_on": days[1]}),
        ("promise_of_no_delivery", {"promises": [Promise(second.pk + 99, days[1])]}),
        ("promised_far", {"promises": [Promise(second.pk, far)]}),
        ("promised_past", {"promises": [Promise(first.pk, today() - timedelta(days=1))]}),
    ):
        refused(code, partial(answer, committed, line, "confirmed", **said), committed)
    same = [Promise(first.pk, days[0]), Promise(second.pk, days[1])]
    refused("answer_changes_nothing", partial(answer, committed, line, "changed", promises=same), committed)
    assert answer(committed, line, "confirmed", promises=same).facts["settled"] == "accepted"
    assert not LineAnswer.objects.exclude(settled="accepted").exists()


def confirm(here: Site, order: Done, *lines: int, **fields) -> Done:
    by = fields.pop("actor", None) or here.actor(supplier_person(here))
    return confirm_lines(actor=by, key=fields.pop("key", unique("k")), order_id=order.id, lines=lines)


def lines_of(order: Done) -> list[int]:
    return list(OrderLine.objects.filter(order_id=order.id).order_by("pk").values_list("pk", flat=True))


def test_all_that_is_unanswered_is_confirmed_as_asked_in_one_act(committed: Site):
    wanted, parts = today() + timedelta(days=9), [Part(today(), 4), Part(today() + timedelta(days=5), 6)]
    order = place(
        committed, Ordered(committed.h.item.pk, 10, Decimal(100), parts=parts),
        Ordered(committed.counted.pk, 20, Decimal(1)), expected_on=wanted,
    )  # fmt: skip
    divided, whole = lines_of(order)
    done = confirm(committed, order, divided, whole, key="all")
    assert (done.facts["confirmed"], done.facts["settled"]) == (2, "accepted")
    first, second = LineAnswer.objects.order_by("line")
    assert (first.verdict, first.quantity, first.by_supplier) == ("confirmed", 10, True)
    assert list(first.days.values()) == [part.due_on.isoformat() for part in parts]
    assert (second.quantity, second.promised_on, second.days) == (20, wanted, {})
    assert {(due.pieces, due.promised_on) for due in back_orders(committed.purchasing, today=today())} == {
        (4, today()), (6, parts[1].due_on), (20, wanted),
    }  # fmt: skip
    refused("line_answered", partial(confirm, committed, order, whole), committed)


def test_what_was_answered_or_is_late_keeps_all_of_it_unconfirmed(committed: Site):
    order = place(
        committed,
        Ordered(committed.h.item.pk, 10, Decimal(100)),
        Ordered(committed.counted.pk, 20, Decimal(1)),
    )
    lines = lines_of(order)
    other = place(committed, Ordered(committed.h.item.pk, 1, Decimal(100)))
    with pytest.raises(NotFound):
        confirm(committed, order, *lines, *lines_of(other))
    refused("empty", partial(confirm, committed, order), committed)
    refused("not_yours", partial(confirm, committed, order, *lines, actor=committed.keeper), committed)
    fewer = answer(committed, OrderLine.objects.get(pk=lines[0]), "changed", pieces=9)
    refused("line_answered", partial(confirm, committed, order, *lines), committed)
    settle_answer(actor=committed.purchasing, key=unique("k"), answer_id=fewer.id, accept=False)
    order_of = OrderLine.objects.get(pk=lines[0]).order
    order_of.expected_on = today() - timedelta(days=1)
    order_of.save()
    refused("asked_day_passed", partial(confirm, committed, order, *lines), committed)
    order_of.expected_on = None
    order_of.save()
    assert confirm(committed, order, *lines, actor=committed.purchasing).facts["confirmed"] == 2
    assert not LineAnswer.objects.filter(settled="accepted", by_supplier=True).exists()
