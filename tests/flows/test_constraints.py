"""The database speaks in sentences: whatever constraint it names, a person is told what is wrong and what to do."""

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from tests.flows.site import Site
from yanji.flows.acts import Done, verb
from yanji.flows.constraints import CONSTRAINTS, code_of
from yanji.flows.models import OrderLine
from yanji.ledger.api import Refused
from yanji.ledger.refused import SENTENCES

# Unique indexes that are no constraints (conditional ones) speak by their name all the same.
NAMES = """
SELECT c.conname FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
 WHERE c.contype IN ('c', 'u', 'x') AND t.relname = ANY (%s)
UNION
SELECT i.relname FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
 WHERE x.indisunique AND x.indpred IS NOT NULL AND t.relname = ANY (%s)
"""


def _names() -> set[str]:
    tables = [model._meta.db_table for model in apps.get_models() if model.__module__.startswith("yanji.")]
    with connection.cursor() as cursor:
        cursor.execute(NAMES, [tables, tables])
        return {name for (name,) in cursor.fetchall()}


@pytest.mark.django_db
def test_every_constraint_has_a_sentence_and_none_is_spoken_for_that_is_gone() -> None:
    found = _names()
    assert len(found) > 100
    unworded = {name for name in found if code_of(name) not in SENTENCES}
    assert not unworded
    gone = {name for name in CONSTRAINTS if not name.endswith("_pkey")} - found
    assert not gone


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("requisition_line_not_over_issued", "over_issued"),
        ("flows_orderline_received_check", "below_nothing"),
        ("unit_serial_unique", "duplicate_serial"),
        ("price_no_overlap", "days_cross"),
        ("notice_line_unit_is_one", "quantity_needed"),
        ("order_line_item_once", "stands_twice"),
        ("flows_purchaseorder_number_key", "taken_meanwhile"),
        ("movement_unit_or_quantity", "broken_rule"),
    ],
)
@pytest.mark.django_db
def test_a_name_says_what_was_wrong(name: str, code: str) -> None:
    assert name in _names()
    assert code_of(name) == code


@verb
def _take_back_too_much(*, actor: object, key: str, order_id: int) -> Done:
    OrderLine.objects.filter(order_id=order_id).update(received=F("received") - 1)
    return Done()


@verb
def _name_nobody(*, actor: object, key: str, order_id: int) -> Done:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO access_grant (person_id, role_id, place_id) VALUES (0, 0, 0)")
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return Done()


def test_what_only_the_database_noticed_is_told_and_not_written(here: Site) -> None:
    order = here.order().id
    with pytest.raises(Refused) as refused, transaction.atomic():
        _take_back_too_much(actor=here.keeper, key="taking-back", order_id=order)
    assert refused.value.code == "below_nothing"
    assert [line.received for line in OrderLine.objects.filter(order_id=order)] == [0]


def test_what_no_constraint_of_ours_says_stays_a_fault(here: Site) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        _name_nobody(actor=here.keeper, key="nobody", order_id=1)
