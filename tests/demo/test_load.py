"""A small demo hospital goes through the ledger: nothing is refused, nothing drifts, everybody has work."""

import pytest
from django.contrib.auth import authenticate
from django.db import connection

from tests.demo.conftest import TODAY
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Person
from yanji.catalog.models import Item, Supplier
from yanji.demo import ACCOUNTS, SHOWCASE
from yanji.demo.load import NotEmptyError, load
from yanji.flows.buying.due import UNSHOWN, due_papers
from yanji.flows.models import Case, Issue, Label, PurchaseOrder, Requisition, ShipNotice
from yanji.flows.recalled import in_force
from yanji.ledger.api import rebuild
from yanji.ledger.models import Event, Level, Lot, Movement, Unit
from yanji.places.models import Kind, Place

pytestmark = pytest.mark.django_db


def test_counts(hospital: None) -> None:
    assert Item.objects.filter(provisional=False).count() == 800
    assert Supplier.objects.count() == 40
    assert Place.objects.filter(kind=Kind.DEPARTMENT).count() == 60
    assert Place.objects.filter(kind=Kind.STORE).count() == 10
    assert Place.objects.filter(kind=Kind.CAMPUS).count() == 3
    assert 140 <= Person.objects.count() <= 160
    assert 300 < Unit.objects.count() < 1_500
    assert Movement.objects.count() > 4 * Unit.objects.count()
    assert Case.objects.exists()
    assert Label.objects.exists()


def test_nothing_drifts(hospital: None) -> None:
    assert rebuild() == []


def test_documents_agree_with_the_ledger(hospital: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT u.order_number, u.item_id, count(*) FILTER (WHERE u.status <> 'expected'),
                   (SELECT ol.received + ol.rejected FROM flows_orderline ol JOIN flows_purchaseorder po ON po.id = ol.order_id
                     WHERE po.number = u.order_number AND ol.item_id = u.item_id)
              FROM ledger_unit u WHERE u.order_number <> '' GROUP BY 1, 2""")
        assert [row for row in cursor.fetchall() if row[2] != row[3]] == []
        cursor.execute("""
            SELECT number FROM flows_issue i WHERE (SELECT sum(quantity) FROM flows_issueline WHERE issue_id = i.id)
                <> (SELECT sum(quantity) FROM ledger_movement m WHERE m.event_id = i.event_id)""")
        assert cursor.fetchall() == []


def test_nothing_happens_in_the_future_or_before_the_time(hospital: None) -> None:
    first, last = Event.objects.order_by("happened_at").first(), Event.objects.order_by("happened_at").last()
    assert first
    assert last
    assert (last.happened_at - first.happened_at).days in (118, 119)


def test_every_role_signs_in_and_has_work(hospital: None) -> None:
    for username, password, role in ACCOUNTS:
        person = authenticate(username=username, password=password)
        assert isinstance(person, Person), username
        assert person.name_zh
        assert person.name_en
        assert actor_for(person, today=TODAY).may("supply" if role == "supplier" else "view"), role
    store, ward = Place.objects.get(code="MAIN-IS"), Place.objects.get(code="MAIN-CATH")
    storekeeper = actor_for(Person.objects.get(username="storekeeper"), today=TODAY)
    nurse = actor_for(Person.objects.get(username="nurse"), today=TODAY)
    assert storekeeper.may("receive", store.path)
    assert nurse.may("use", ward.path)
    # Storekeeper: to receive, to put away, to pick, to issue, to look at again.
    assert ShipNotice.objects.filter(state="announced", order__deliver_to=store).exists()
    waiting = Level.objects.filter(place__path__startswith=store.path, quantity__gt=0)
    assert waiting.filter(status="available", place__kind=Kind.DOCK).exists()
    assert waiting.filter(status="returned").exists()
    assert waiting.filter(status="picked").exists()
    assert Requisition.objects.filter(store=store, state="requested").exists()
    # Nurse: to take in, cases of tomorrow.
    assert Issue.objects.filter(department=ward, state="underway").exists()
    assert Case.objects.filter(department=ward, state="planned", planned_at__date__gt=TODAY).exists()
    # Buyer: drafts to send, open orders, a supplier whose licence is over.
    assert PurchaseOrder.objects.filter(state="placed").exists()
    assert SHOWCASE["lapsed_order"]() is not None
    # And papers that were never shown: a seller's authorisations, an item's registration.
    never = [paper for paper in due_papers(Actor(0, "", {}), today=TODAY) if paper.level == UNSHOWN]
    assert {paper.kind for paper in never} == {"authorisation", "registration"}, never


def test_expired_goods_wait_or_were_scrapped(hospital: None) -> None:
    assert Unit.objects.filter(status__in=("expired", "scrapped")).exists()
    assert not Unit.objects.filter(status="available", lot__expiry__lt=TODAY).exists()


def test_what_is_worth_showing_is_found(hospital: None) -> None:
    found = {name: show() for name, show in SHOWCASE.items()}
    for name in (
        "spread_lot",
        "recalled_lot",
        "expected_unit",
        "travelling_unit",
        "waiting_notice",
    ):
        assert found[name], (name, found)


def test_the_ledger_knows_which_lots_are_recalled(hospital: None) -> None:
    said = set(in_force().values_list("lot_id", flat=True))
    assert said
    assert said == set(Lot.objects.exclude(recall="").values_list("pk", flat=True))


def test_a_second_hospital_is_refused(hospital: None) -> None:
    before = Event.objects.count()
    with pytest.raises(NotEmptyError):
        load(seed=6, today=TODAY, scale=0.02)
    assert Event.objects.count() == before
