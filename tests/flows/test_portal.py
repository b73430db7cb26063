"""What a supplier's people may do: answer and announce their own; what is another's is absent, and the try is kept."""

from datetime import datetime, time, timedelta
from typing import Any

import pytest
from django.utils import timezone

from tests.flows.buying import accountant, billed, invoice, today
from tests.flows.site import GTIN, Site, contents, soon
from tests.makers import unique
from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.catalog.models import Supplier
from yanji.flows.announced import Announced
from yanji.flows.attempts import Attempt
from yanji.flows.buying.answers import answer_line, to_answer
from yanji.flows.invoices.models import Invoice
from yanji.flows.invoices.payment import release_payment
from yanji.flows.models import PurchaseOrder
from yanji.flows.portal import queries
from yanji.flows.portal.gates import own_order
from yanji.flows.portal.statement import statement
from yanji.flows.purchase import close_order
from yanji.flows.ship_notice import announce
from yanji.ledger.api import Refused, unit_view
from yanji.ledger.models import Unit


def of_supplier(here: Site, supplier: Supplier) -> Person:
    """Somebody who signs in for a supplier."""
    name_zh, name_en, operations = STANDARD_ROLES["supplier"]
    role, _made = Role.objects.get_or_create(
        code="supplier", defaults={"name_zh": name_zh, "name_en": name_en, "operations": sorted(operations)}
    )
    person = Person.objects.create(username=unique("sup"), name_zh="外部", supplier=supplier)
    Grant.objects.create(person=person, role=role, place=here.h.campus)
    return person


@pytest.fixture
def theirs(committed: Site) -> Actor:
    return committed.actor(of_supplier(committed, committed.h.supplier))


@pytest.fixture
def rival(committed: Site) -> Actor:
    return committed.actor(of_supplier(committed, Supplier.objects.create(code=unique("R"), name_zh="对手")))


def lines(here: Site, count: int) -> list[Announced]:
    serials = [unique("P") for _ in range(count)]
    return [
        Announced(here.h.item.pk, serial, "L1", soon(400), epc=f"01/{GTIN}/21/{serial}") for serial in serials
    ]


def absent(act: Any) -> None:
    before = contents()
    with pytest.raises(NotFound):
        act()
    assert contents() == before


def test_a_supplier_announces_for_its_own_order(committed: Site, theirs: Actor) -> None:
    here = committed
    order = here.order()
    units = lines(here, 2)
    announce(actor=theirs, key=unique("k"), order_id=order.id, lines=units)
    view = unit_view(units[0].epc)
    assert view is not None
    assert (view.status, view.order_number) == ("expected", order.number)
    assert [notice.pieces for notice in queries.own_notices(theirs)] == [2]


def test_a_supplier_answers_its_own_lines(committed: Site, theirs: Actor) -> None:
    order = committed.order()
    [line] = queries.unanswered(theirs)
    answer_line(actor=theirs, key=unique("k"), line_id=line.pk, verdict="confirmed", promised_on=soon(3))
    assert list(queries.unanswered(theirs)) == []
    [seen] = queries.own_orders(theirs)
    assert seen.number == order.number


def test_what_is_announced_in_full_waits_for_no_answer(committed: Site, theirs: Actor) -> None:
    here = committed
    order = here.order((here.h.item, 3))
    part, rest = lines(here, 2), lines(here, 1)

    def asked_of() -> list[int]:
        [seen] = queries.own_orders(theirs)
        [line] = queries.lines_of(PurchaseOrder.objects.get(pk=order.id))
        return [
            queries.unanswered(theirs).count(),
            *(int(to_answer(each)) for each in (line, *seen.lines.all())),
        ]

    announce(actor=theirs, key=unique("k"), order_id=order.id, lines=part)
    assert asked_of() == [1, 1, 1]
    announce(actor=theirs, key=unique("k"), order_id=order.id, lines=rest)
    assert asked_of() == [0, 0, 0]


def test_anothers_order_is_absent_and_the_try_kept(committed: Site, rival: Actor) -> None:
    here = committed
    order = here.order()
    line = PurchaseOrder.objects.get(pk=order.id).lines.get()
    absent(lambda: announce(actor=rival, key=unique("k"), order_id=order.id, lines=lines(here, 1)))
    absent(lambda: answer_line(actor=rival, key=unique("k"), line_id=line.pk, verdict="confirmed"))
    absent(lambda: own_order(rival, order.id))
    absent(lambda: own_order(rival, 999_999_999))
    kept = Attempt.objects.filter(code="others").values_list("thing", "actor_id")
    assert (order.number, rival.person_id) in list(kept)
    assert list(queries.own_orders(rival)) == []


def test_an_order_not_placed_yet_is_not_shown(committed: Site, theirs: Actor) -> None:
    order = committed.order()
    PurchaseOrder.objects.filter(pk=order.id).update(state="draft", placed_at=None)
    absent(lambda: own_order(theirs, order.id))
    assert list(queries.own_orders(theirs)) == []


def test_the_hospitals_people_do_not_see_suppliers_pages(committed: Site) -> None:
    for actor in (committed.keeper, committed.purchasing):
        with pytest.raises(NotFound):
            list(queries.own_orders(actor))


def test_a_supplier_holds_none_of_the_hospitals_operations(committed: Site, theirs: Actor) -> None:
    """One act of the ledger is posted with one operation, and the account has it no longer than that."""
    here = committed
    announce(actor=theirs, key=unique("k"), order_id=here.order().id, lines=lines(here, 1))
    assert set(theirs.scopes) == {"supply"}
    with pytest.raises((Refused, NotFound)):
        close_order(actor=theirs, key=unique("k"), order_id=here.order().id)
    assert Unit.objects.filter(status="expected").count() == 1


def test_goods_and_figures_are_of_one_supplier(committed: Site, theirs: Actor, rival: Actor) -> None:
    here = committed
    here.h.stocked(2, owner_id=here.h.supplier.pk)
    here.h.stocked(1)
    assert sum(row.quantity for row in queries.own_goods(theirs)) == 2
    assert queries.own_goods(rival) == []
    for asked in (queries.used_goods, queries.own_settlements, queries.own_invoices):
        assert list(asked(rival)) == []
    assert queries.owed(queries.used_goods(theirs)) == 0


def test_what_is_released_later_stays_open_in_the_month_that_is_over(committed: Site, theirs: Actor) -> None:
    here, order = committed, committed.order((committed.h.item, 1))
    here.receive(order, here.arrival(serial="A"))
    this_month = today().replace(day=1)
    last_month = this_month - timedelta(days=1)
    done = invoice(here, here.purchasing, billed(order, "A", item=here.h.item), invoiced_on=last_month)
    release_payment(actor=accountant(here), key=unique("k"), invoice_id=done.id)
    assert statement(theirs, last_month).open_invoices == 100
    assert statement(theirs, this_month).open_invoices == 0
    # Released while its month still ran, it is open at the end of neither.
    begin = timezone.make_aware(datetime.combine(this_month, time.min))
    Invoice.objects.filter(pk=done.id).update(released_at=begin - timedelta(seconds=1))
    assert statement(theirs, last_month).open_invoices == 0


def test_a_role_of_the_hospital_gives_an_external_account_nothing(committed: Site) -> None:
    """Given by mistake, it stays without effect."""
    here = committed
    person = of_supplier(here, here.h.supplier)
    role = Role.objects.get(code="storekeeper")
    Grant.objects.create(person=person, role=role, place=here.h.campus)
    assert set(here.actor(person).scopes) == {"supply"}
