"""Small things made quickly for tests: a hospital with a store, a department, an item and the people."""

import itertools
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.catalog.models import Item, Supplier
from yanji.ledger.api import LIFECYCLE, Draft, Line, NewUnit, Posted, Step, post, virtual_places
from yanji.places.models import Kind, Place

_numbers = itertools.count(1)


def unique(prefix: str) -> str:
    """A code that no other test of this process uses."""
    return f"{prefix}{next(_numbers):06d}"


def place(kind: str, parent: Place | None = None, **fields: Any) -> Place:
    code = fields.pop("code", unique(kind.upper()[:3]))
    made = Place.objects.create(kind=kind, parent=parent, code=code, **{"name_zh": code, **fields})
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


@dataclass(frozen=True)
class Hospital:
    """One campus with a store (two bins) and a department (one cabinet), an item and a supplier."""

    campus: Place
    store: Place
    bin: Place
    other_bin: Place
    department: Place
    cabinet: Place
    supplier: Supplier
    item: Item
    actor: Actor
    witness_id: int

    def unit(self, **fields: Any) -> NewUnit:
        """A unit nobody has seen, of this hospital's item."""
        serial = fields.pop("serial", unique("S"))
        defaults: dict[str, Any] = {
            "epc": f"01/06901234500017/21/{serial}",
            "item_id": self.item.pk,
            "serial": serial,
            "lot": "L1",
            "expiry": date(2099, 12, 31),
            "supplier_id": self.supplier.pk,
            "cost": 100,
        }
        return NewUnit(**{**defaults, **fields})

    def do(self, step: Step, *things: Any, to: Place | int | None = None, **fields: Any) -> Posted:
        """Post one step over things; the destination is where the step usually goes."""
        return post(self.draft(step, *things, to=to, **fields), actor=fields.pop("actor", self.actor))

    def draft(self, step: Step, *things: Any, to: Place | int | None = None, **fields: Any) -> Draft:
        fields.pop("actor", None)
        target = to.pk if isinstance(to, Place) else to or self._usual(step)
        defaults: dict[str, Any] = {
            "key": unique("key"),
            "happened_at": timezone.now(),
            "reason": "test",
            "witness_id": self.witness_id if step is Step.SCRAP else None,
            "documents": {"case": "C1", "patient": "P1"} if LIFECYCLE[step].needs_patient else {},
        }
        return Draft(
            step=step, lines=tuple(Line(thing, target) for thing in things), **{**defaults, **fields}
        )

    def _usual(self, step: Step) -> int | None:
        virtual = virtual_places()
        return {
            Step.RECEIVE: self.store.pk,
            Step.PUT_AWAY: self.bin.pk,
            Step.ISSUE: virtual.transit,
            Step.TAKE_IN: self.cabinet.pk,
            Step.USE: virtual.patient,
            Step.GIVE_BACK: self.store.pk,
            Step.SCRAP: virtual.scrap,
            Step.LOSE: virtual.lost,
            Step.FIND: self.store.pk,
            Step.SEND_BACK: virtual.supplier,
            Step.HAND_BACK: virtual.supplier,
            Step.SHIP: virtual.transit,
            Step.ARRIVE: self.store.pk,
            Step.LOST_ON_WAY: virtual.lost,
            Step.LEND: self.cabinet.pk,
            Step.MOVE: self.other_bin.pk,
            Step.WASTE: virtual.scrap,
            Step.EXPLANT: self.cabinet.pk,
            Step.HAND_ON: virtual.patient,
            Step.CONSUME: virtual.consumed,
        }.get(step)

    def stocked(self, count: int = 1, *, ago: timedelta = timedelta(), **fields: Any) -> list[str]:
        """Units received and accepted at the store, so long ago; their identities."""
        when = {"happened_at": timezone.now() - ago} if ago else {}
        units = [self.unit(**fields) for _ in range(count)]
        self.do(Step.RECEIVE, *units, **when)
        epcs = [unit.epc for unit in units]
        self.do(Step.ACCEPT, *epcs, **when)
        return epcs


def person(**fields: Any) -> Any:
    from yanji.access.models import Person

    username = fields.pop("username", unique("user"))
    return Person.objects.create(username=username, name_zh=fields.pop("name_zh", username), **fields)


def everything(at: Place, who: Any) -> Actor:
    """An actor who may do everything under a place."""
    return Actor(who.pk, who.name, {operation.value: (at.path,) for operation in Operation})


def hospital() -> Hospital:
    campus = place(Kind.CAMPUS)
    store = place(Kind.STORE, campus)
    department = place(Kind.DEPARTMENT, campus)
    supplier = Supplier.objects.create(code=unique("SUP"), name_zh="供应商")
    item = Item.objects.create(code=unique("ITEM"), name_zh="支架", temperature_class="room")
    return Hospital(
        campus=campus,
        store=store,
        bin=place(Kind.BIN, store),
        other_bin=place(Kind.BIN, store),
        department=department,
        cabinet=place(Kind.CABINET, department),
        supplier=supplier,
        item=item,
        actor=everything(campus, person()),
        witness_id=person().pk,
    )


def days_ago(days: int) -> datetime:
    return timezone.now() - timedelta(days=days)
