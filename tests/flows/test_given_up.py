"""What an order does not bring is open again to who asked for it; answers, changes and ends of an order agree."""

from datetime import timedelta
from decimal import Decimal

import pytest

from tests.flows.buying import chief, contract, line_of, supplier_person, today, waiting
from tests.flows.site import Site, contents, person, soon
from tests.flows.test_buying import answer, change, place, refused, say
from tests.makers import place as place_of
from tests.makers import unique
from yanji.access.gates import NotFound
from yanji.access.models import Grant, Role
from yanji.catalog.models import Licence, Supplier
from yanji.flows.announced import Announced
from yanji.flows.approval import decide
from yanji.flows.attempts import Attempt, Others
from yanji.flows.buying.answers import settle_answer
from yanji.flows.buying.models import Contract, LineAnswer, PurchaseRequest, PurchaseRequestLine
from yanji.flows.buying.requests import Needed, ask_for_purchase
from yanji.flows.correction import void_receipt
from yanji.flows.gates import order_for
from yanji.flows.models import PurchaseOrder
from yanji.flows.models_approval import Approval
from yanji.flows.portal.queries import own_licences, own_orders, unanswered
from yanji.flows.purchase import Ordered, Part, cancel_order, close_order, place_order
from yanji.flows.queries import arriving, orders, work
from yanji.flows.receive import receive
from yanji.flows.ship_notice import announce
from yanji.ledger.api import virtual_places

HUNDRED = Decimal(100)


def asked(here: Site, quantity: int = 10):
    return ask_for_purchase(
        actor=here.keeper, key=unique("k"), place_id=here.h.store.pk,
        lines=[Needed(here.h.item.pk, quantity)], reason="Cases of next week",
    )  # fmt: skip


def open_of(request) -> tuple[str, int]:
    """State of a request, and pieces of it that nobody has ordered."""
    line = PurchaseRequestLine.objects.get(request_id=request.id)
    return PurchaseRequest.objects.get(pk=request.id).state, line.open


def settle(here: Site, done, *, accept: bool):
    return settle_answer(actor=here.purchasing, key=unique("k"), answer_id=done.id, accept=accept)


def close(here: Site, order, reason: str = "Out of production"):
    return close_order(actor=here.purchasing, key=unique("k"), order_id=order.id, reason=reason)


def ordered(here: Site, quantity: int = 10, **fields):
    return place(here, Ordered(here.h.item.pk, quantity, HUNDRED), **fields)


# Requests


def test_what_a_closed_order_did_not_bring_is_open_again(committed: Site):
    request = asked(committed)
    order = ordered(committed, request_id=request.id)
    came = committed.receive(order, *(committed.arrival() for _ in range(4)))
    assert open_of(request) == ("ordered", 0)
    close(committed, order)
    assert open_of(request) == ("partly_ordered", 6)
    void_receipt(actor=committed.keeper, key=unique("k"), receipt_id=came.id, reason="wrong_scan")
    assert open_of(request) == ("approved", 10)


def test_what_an_order_of_more_still_brings_stays_ordered(committed: Site):
    request = asked(committed, 4)
    order = ordered(committed, 10, request_id=request.id)
    change(committed, order, Ordered(committed.h.item.pk, 5, HUNDRED))
    assert open_of(request) == ("ordered", 0)
    change(committed, order, Ordered(committed.h.item.pk, 3, HUNDRED))
    assert open_of(request) == ("partly_ordered", 1)


def test_a_draft_that_is_made_smaller_or_closed_gives_back(committed: Site):
    request = asked(committed)
    order = ordered(committed, request_id=request.id, draft=True)
    change(committed, order, Ordered(committed.h.item.pk, 1, HUNDRED))
    assert open_of(request) == ("partly_ordered", 9)
    close(committed, order, "")
    assert open_of(request) == ("approved", 10)


@pytest.mark.parametrize(("verdict", "pieces", "left"), [("declined", None, 10), ("changed", 7, 3)])
def test_what_the_supplier_will_not_send_is_open_again(committed: Site, verdict, pieces, left):
    request = asked(committed)
    order = ordered(committed, request_id=request.id)
    done = answer(committed, line_of(order), verdict, pieces=pieces)
    assert open_of(request) == ("ordered", 0)
    settle(committed, done, accept=True)
    assert open_of(request)[1] == left


def test_a_cancelled_order_gives_all_back(committed: Site):
    request = asked(committed)
    order = ordered(committed, request_id=request.id)
    cancel_order(actor=committed.purchasing, key=unique("k"), order_id=order.id, reason="Ordered twice")
    assert open_of(request) == ("approved", 10)


def test_a_request_is_served_on_its_own_campus(committed: Site):
    elsewhere = place_of("campus", committed.h.campus.parent)
    store = place_of("store", elsewhere)
    Grant.objects.create(person=committed.buyer, role=Role.objects.get(code="buyer"), place=elsewhere)
    request = asked(committed, 5)
    refused(
        "requested_elsewhere",
        lambda: place_order(
            actor=committed.actor(committed.buyer),
            key=unique("k"),
            supplier_id=committed.h.supplier.pk,
            deliver_to_id=store.pk,
            lines=[Ordered(committed.h.item.pk, 5, HUNDRED)],
            request_id=request.id,
        ),
        committed,
    )


# Answers and changes


def test_a_change_that_waits_does_not_open_an_order_that_ended(committed: Site):
    head = chief(committed, "order", from_amount=2000)
    order = ordered(committed)
    change(committed, order, Ordered(committed.h.item.pk, 30, HUNDRED))
    step = waiting("order", order)
    settle(committed, answer(committed, line_of(order), "declined"), accept=True)
    assert PurchaseOrder.objects.get(pk=order.id).state == "closed"
    assert Approval.objects.get(pk=step.pk).state == "withdrawn"
    refused(
        "approval_decided",
        lambda: decide(actor=head, key=unique("k"), approval_id=step.pk, approve=True),
        committed,
    )


def test_a_changed_line_is_asked_for_anew(committed: Site):
    order, item = ordered(committed), committed.h.item.pk
    theirs = committed.actor(supplier_person(committed))
    done = answer(committed, line_of(order), "changed", pieces=6)
    assert not unanswered(theirs).exists()
    change(committed, order, Ordered(item, 5, HUNDRED))
    assert LineAnswer.objects.get().settled == "replaced"
    refused("answer_settled", lambda: settle(committed, done, accept=True), committed)
    assert [line.pk for line in unanswered(theirs)] == [line_of(order).pk]


def test_more_ordered_anew_is_owed_in_full(committed: Site):
    order = ordered(committed)
    settle(committed, answer(committed, line_of(order), "changed", pieces=6), accept=True)
    change(committed, order, Ordered(committed.h.item.pk, 12, HUNDRED))
    assert (line_of(order).given_up, line_of(order).outstanding) == (0, 12)


def test_a_change_of_another_line_leaves_what_was_answered(committed: Site):
    order = ordered(committed)
    settle(committed, answer(committed, line_of(order), "changed", pieces=6), accept=True)
    line = line_of(order)
    change(
        committed, order, Ordered(committed.h.item.pk, 10, HUNDRED), Ordered(committed.counted.pk, 3, HUNDRED)
    )
    line.refresh_from_db()
    assert (line.given_up, line.answers.get().settled) == (4, "accepted")


def test_a_buyer_who_insists_asks_the_supplier_again(committed: Site):
    order = ordered(committed)
    theirs = committed.actor(supplier_person(committed))
    settle(committed, answer(committed, line_of(order), "declined"), accept=False)
    assert [line.pk for line in unanswered(theirs)] == [line_of(order).pk]


@pytest.mark.parametrize("accept", [True, False])
def test_an_answer_is_settled_after_all_has_come(committed: Site, accept: bool):
    order = ordered(committed, 2)
    done = answer(committed, line_of(order), "changed", pieces=1)
    committed.receive(order, committed.arrival(), committed.arrival())
    assert settle(committed, done, accept=accept).state == "received"
    assert line_of(order).given_up == 0


# Parts


def in_parts(here: Site, *parts: Part):
    return place(here, Ordered(here.h.item.pk, 2, HUNDRED, parts=parts))


def test_parts_go_where_the_buyer_orders_and_goods_are_taken_in(committed: Site):
    here, day = committed, today() + timedelta(days=3)
    elsewhere = place_of("store", place_of("campus", here.h.campus.parent))
    refused("bad_document_place", lambda: in_parts(here, Part(day, 2, here.h.bin.pk)), here)
    before = contents()
    for outside in (elsewhere.pk, virtual_places().patient):
        with pytest.raises(NotFound):
            in_parts(here, Part(day, 1), Part(day, 1, outside))
    assert contents() == before
    order = in_parts(here, Part(day, 2))
    moved = Ordered(here.h.item.pk, 2, HUNDRED, parts=[Part(day, 2, elsewhere.pk)])
    with pytest.raises(NotFound):
        change(here, order, moved)


def test_who_keeps_the_place_of_a_part_receives_it_there(committed: Site):
    here, day = committed, today() + timedelta(days=3)
    elsewhere = place_of("store", place_of("campus", here.h.campus.parent))
    Grant.objects.create(person=here.buyer, role=Role.objects.get(code="buyer"), place=elsewhere)
    order = in_parts(here, Part(day, 1), Part(day, 1, elsewhere.pk))
    other = in_parts(here, Part(day, 2))
    keeper = here.actor(person("storekeeper", elsewhere))
    assert [row.pk for row in orders(keeper)] == [order.id]
    done = receive(
        actor=keeper, key=unique("k"), order_id=order.id, dock_id=elsewhere.pk, arrivals=[here.arrival()]
    )
    assert done.state == "partly_received"
    with pytest.raises(NotFound):
        order_for(keeper, other.id, may="receive")


# Approval, notices, suppliers


def test_a_contract_without_a_largest_value_reaches_every_rule(committed: Site):
    head = chief(committed, "contract", from_amount=1_000_000)
    done = contract(committed, minimum_value=Decimal(10))
    assert Contract.objects.get(pk=done.id).state == "waiting"
    assert waiting("contract", done).amount is None
    say(head, waiting("contract", done))
    assert Contract.objects.get(pk=done.id).state == "active"
    small = contract(committed, maximum_value=Decimal(5000))
    assert Contract.objects.get(pk=small.id).state == "active"


def test_what_was_announced_for_an_order_that_ended_is_not_awaited(committed: Site):
    order = ordered(committed)
    line = Announced(committed.h.item.pk, unique("P"), "L1", soon(400))
    announce(actor=committed.purchasing, key=unique("k"), order_id=order.id, lines=[line])
    keeper = committed.keeper
    assert (len(arriving(keeper)), work(keeper).notices_announced) == (1, 1)
    close(committed, order)
    assert (arriving(keeper), work(keeper).notices_announced) == ([], 0)


def test_an_order_that_was_closed_as_a_draft_was_never_said(committed: Site):
    theirs = committed.actor(supplier_person(committed))
    order = ordered(committed, draft=True)
    close(committed, order, "")
    assert not own_orders(theirs).exists()


def test_reaching_for_an_order_of_a_rival_is_kept(committed: Site):
    other = Supplier.objects.create(code=unique("S"), name_zh="别家")
    rival, order = committed.actor(supplier_person(committed, other.pk)), ordered(committed)
    with pytest.raises(Others):
        order_for(rival, order.id)
    before = contents()
    with pytest.raises(NotFound):
        close_order(actor=rival, key=unique("k"), order_id=order.id, reason="x")
    assert contents() == before
    assert Attempt.objects.get().thing == order.number


def test_a_paper_that_was_renewed_does_not_end_soon(committed: Site):
    theirs = committed.actor(supplier_person(committed))
    Licence.objects.filter(supplier=committed.h.supplier).delete()
    paper = {"supplier": committed.h.supplier, "kind": "business"}
    Licence.objects.create(number="B1", valid_from=soon(-900), valid_to=soon(5), **paper)
    assert [soon for _row, soon in own_licences(theirs)] == [True]
    Licence.objects.create(number="B2", valid_from=soon(6), valid_to=soon(900), **paper)
    assert [(row.number, ends) for row, ends in own_licences(theirs)] == [("B1", False), ("B2", False)]
