"""Each kind of matter is found in rows of a hospital that has it, not only in an empty one."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db import connection
from django.utils import timezone

from tests.flows.site import site
from tests.flows.theatre.room import Room
from tests.makers import unique
from tests.web.world import world
from yanji.catalog.models import Item, Licence, Maker, Quarantined, Registration, Supplier
from yanji.flows.attempts import Attempt
from yanji.ledger.models import Level
from yanji.notify.kinds import KINDS, sentence
from yanji.notify.look import look
from yanji.notify.matters import asked
from yanji.notify.models import Notification

LONG = 80  # letters of the longest number of a paper
LATER = timedelta(days=40)
# What takes many steps, or another day, is written as it would stand then.
AS_IF = (
    "UPDATE flows_invoice SET state = 'differs'",
    "UPDATE flows_supplierreturn SET state = 'sent', credit_due = current_date - 1",
    "UPDATE flows_loanset SET state = 'arrived'",
    """UPDATE ledger_level SET status = 'recalled' WHERE id = (
       SELECT min(id) FROM ledger_level WHERE quantity > 0 AND status = 'available')""",
    "UPDATE ledger_level SET quantity = 0 WHERE status = 'available'",
)


def _papers(here_item: Item, supplier: Supplier) -> None:
    """Two things under one number with two days; makers and numbers as long as they come."""
    today = timezone.localdate()
    for item, day in ((here_item, 39), (Item.objects.create(code=unique("I"), name_zh="另"), 60)):
        Registration.objects.filter(item=item).delete()
        Registration.objects.create(
            item=item, number="国" * LONG, valid_from=date(2020, 1, 1), valid_to=today + timedelta(day)
        )
    for n in range(2):
        maker = Maker.objects.create(name_zh=f"{'厂' * 110}{n}")
        Licence.objects.create(
            supplier=supplier, kind="authorisation", number=f"{'A' * (LONG - 1)}{n}", maker=maker, valid_from=date(2020, 1, 1),
            valid_to=today + timedelta(20),
        )  # fmt: skip


def _found(code: str, now: datetime) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(KINDS[code].sql, asked(now))
        return [row[0] for row in cursor.fetchall()]


def test_each_kind_is_found_once_a_matter_and_can_be_said(db: None) -> None:
    here = world().site
    _papers(here.h.item, here.h.supplier)
    room = Room(here)
    room.out(room.case(), *room.units(1, lot="LCASE", expiry=timezone.localdate() + timedelta(4)))
    with connection.cursor() as cursor:
        for each in AS_IF:
            cursor.execute(each)
            assert cursor.rowcount, each
    Quarantined.objects.create(source="items:file.csv", content={}, reasons=[])
    now = timezone.now()
    for at in (now, now + LATER):
        Attempt.objects.create(at=at, actor=here.nurse, verb="use", code="recalled")
        for code in KINDS:
            matters = _found(code, at)
            assert len(matters) == len(set(matters)), code
        look(at)
    told = Notification.objects.all()
    assert {each.kind for each in told} == set(KINDS)
    assert all(sentence(each.kind, each.count, each.facts) for each in told)


def test_a_part_of_a_piece_is_not_none(db: None) -> None:
    here = site()
    here.stocked_lot(1)
    Level.objects.filter(quantity=1).update(status="recalled", quantity=Decimal("0.4"))
    look(timezone.now(), ("recalled",))
    assert Notification.objects.get().count == 1
