"""Every kind of matter can be looked for, worded and followed."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from tests.makers import hospital, unique
from yanji.catalog.models import Item, Registration, Supplier
from yanji.ledger.models import Level, Lot
from yanji.notify.kinds import KINDS, sentence
from yanji.notify.look import look
from yanji.notify.matters import asked
from yanji.notify.models import Notification
from yanji.web import nav

FACTS = {
    "id": 1, "number": "N1", "owner": ["甲", "A"], "item": ["支架", "Stent"], "name": "Gate", "day": "2026-05-04", "level": 30,
    "document": "order", "source": "items.csv",
}  # fmt: skip


@pytest.mark.parametrize("code", list(KINDS))
def test_a_statement_of_each_kind_runs(db: None, code: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(KINDS[code].sql, asked(timezone.now()))
        assert [column.name for column in cursor.description or ()]
        assert len(cursor.description or ()) == 6


@pytest.mark.parametrize("code", list(KINDS))
def test_each_kind_says_something_in_both_languages_and_leads_somewhere(code: str) -> None:
    said = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            said[language] = sentence(code, 3, FACTS)
    assert said["zh-hans"] != said["en"]
    assert "%" not in "".join(said.values())
    kind = KINDS[code]
    assert nav.address_of(kind.page, *([1] if kind.arg else []))


def test_one_number_on_two_things_lapses_on_each_day_of_its_own(db: None) -> None:
    h = hospital()
    second = Item.objects.create(code=unique("I"), name_zh="另一种")
    for days, what in ((3, h.item), (5, second)):
        Registration.objects.create(
            item=what, number="国械注准20203130001", valid_from=date(2020, 1, 1), valid_to=timezone.localdate() - timedelta(days)
        )  # fmt: skip
    look(timezone.now())
    look(timezone.now())
    told = Notification.objects.filter(kind="paper_lapsed")
    assert sorted(each.facts["day"] for each in told) == sorted(
        str(timezone.localdate() - timedelta(days)) for days in (3, 5)
    )


def test_papers_that_were_never_shown_are_one_matter_which_grows(db: None) -> None:
    h = hospital()
    Supplier.objects.update(active=False)
    Item.objects.filter(pk=h.item.pk).update(risk_class="III")
    lot = Lot.objects.create(item=h.item, number="L1", expiry=None)
    Level.objects.create(lot=lot, place=h.store, status="available", quantity=3, value=0)
    look(timezone.now())
    told = Notification.objects.get(kind="paper_unshown")
    assert (told.count, told.facts["owner"][0], told.place_id) == (1, h.item.name_zh, None)
    second = Item.objects.create(code=unique("I"), name_zh="另一种", risk_class="II")
    Level.objects.create(
        lot=Lot.objects.create(item=second, number="L2", expiry=None),
        place=h.store,
        status="available",
        quantity=1,
        value=0,
    )
    look(timezone.now())
    told.refresh_from_db()
    assert told.count == 2
    for item in (h.item, second):
        Registration.objects.create(item=item, number="N1", valid_from=date(2020, 1, 1))
    look(timezone.now())
    told.refresh_from_db()
    assert told.state == "closed"


@pytest.mark.django_db(transaction=True)
def test_a_kind_that_cannot_be_looked_at_silences_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    h = hospital()
    Registration.objects.create(
        item=h.item, number="N1", valid_from=date(2020, 1, 1), valid_to=timezone.localdate() - timedelta(3)
    )
    broken = replace(KINDS["recalled"], sql="SELECT nothing FROM nowhere")
    monkeypatch.setitem(KINDS, "recalled", broken)
    look(timezone.now())
    assert Notification.objects.filter(kind="paper_lapsed").exists()


def test_what_nobody_acknowledges_reaches_somebody_new() -> None:
    known = {code: kind.escalates[1] in kind.tells for code, kind in KINDS.items() if kind.escalates}
    assert known
    assert not [code for code, told in known.items() if told]


def test_looking_costs_one_statement_a_kind_and_four(db: None) -> None:
    with CaptureQueriesContext(connection) as captured:
        look(timezone.now())
    assert len(captured) == len(KINDS) + 4
