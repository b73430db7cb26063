"""Papers of others bear the day on which they were written: none is dated ahead, and nothing is done before it could be."""

from datetime import timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.buying import accountant, billed, invoice, line_of, supplier_person, today
from tests.flows.site import Site, contents, soon
from tests.flows.test_sendback import asked, sent
from tests.flows.theatre.room import Room
from tests.makers import unique
from yanji.flows.buying.answers import answer_line
from yanji.flows.consign.loans import Listed, arrive_set, expect_set, sterilise_set
from yanji.flows.consign.models import LoanSet
from yanji.flows.invoices.first import enter_first_invoice
from yanji.flows.invoices.models import Invoice
from yanji.flows.models import Receipt
from yanji.flows.sendback.ask import authorise_return
from yanji.flows.sendback.send import credit_return, send_return
from yanji.ledger.api import Refused

DAY = timedelta(days=1)


@pytest.fixture
def here(committed: Site) -> Site:
    return committed


def refused(code: str, act: Any) -> None:
    before = contents()
    with pytest.raises(Refused) as error:
        act()
    assert [offence.code for offence in error.value.offences] == [code]
    assert contents() == before, "nothing is written"


def test_no_invoice_and_no_credit_note_is_dated_ahead(here: Site) -> None:
    order = here.order((here.h.item, 1))
    arrival = here.arrival()
    here.receive(order, arrival)
    bills = partial(invoice, here, accountant(here), billed(order, arrival.serial, item=here.h.item))
    refused("dated_ahead", partial(bills, invoiced_on=today() + DAY))
    assert Invoice.objects.get(pk=bills(invoiced_on=today()).id).invoiced_on == today()
    receipt = Receipt.objects.get()
    first = partial(
        enter_first_invoice,
        actor=here.keeper,
        key=unique("k"),
        receipt_id=receipt.pk,
        seller="Maker",
        number="M-1",
    )
    refused("dated_ahead", partial(first, issued_on=today() + DAY))
    assert first(issued_on=today()).state == "entered"


def test_a_credit_is_dated_when_it_was_written_and_due_after_the_goods_went(here: Site) -> None:
    asked_for = asked(here, here.stocked(1))
    authorise_return(actor=here.keeper, key=unique("a"), return_id=asked_for.id, authorisation="RMA-1")
    send = partial(
        send_return, actor=here.keeper, key=unique("s"), return_id=asked_for.id, handed_to="Courier"
    )
    refused("credit_due_before", partial(send, credit_due=today() - DAY))
    assert send(credit_due=today()).state == "sent"
    credit = partial(
        credit_return, actor=here.purchasing, key=unique("c"), return_id=sent(here, here.stocked(1)).id, number="CN-9",
        amount=Decimal(1),
    )  # fmt: skip
    refused("dated_ahead", partial(credit, dated=today() + DAY))
    assert credit(dated=today()).state == "sent"


def test_a_supplier_promises_no_day_before_the_order(here: Site) -> None:
    theirs = here.actor(supplier_person(here))
    line = line_of(here.order((here.h.item, 2)))
    answer = partial(answer_line, actor=theirs, key=unique("k"), line_id=line.pk, verdict="confirmed")
    refused("promised_past", partial(answer, promised_on=today() - DAY))
    assert answer(promised_on=today()).state == "confirmed"


def test_a_set_is_sterilised_after_the_last_of_it_came(here: Site) -> None:
    room = Room(here)
    room.agreement()
    loan = expect_set(
        actor=room.keeper, key=unique("k"), supplier_id=here.h.supplier.pk, department_id=here.h.department.pk,
        set_name="Hip", due_on=soon(3), listed=[Listed(here.h.item.pk, 1)],
    ).id  # fmt: skip
    came = timezone.now() - timedelta(hours=1)
    arrive_set(
        actor=room.keeper, key=unique("k"), loan_set_id=loan, dock_id=here.h.store.pk, arrivals=[here.arrival()],
        arrived_at=came,
    )  # fmt: skip
    cycle = partial(sterilise_set, actor=room.keeper, key=unique("k"), loan_set_id=loan, cycle="C-1")
    refused("sterilised_before", partial(cycle, happened_at=came - timedelta(minutes=1)))
    assert cycle(happened_at=came + timedelta(minutes=1)).state == "sterilised"
    assert LoanSet.objects.get(pk=loan).cycle == "C-1"
