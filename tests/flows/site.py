"""A small hospital with real people: who signs in, who holds which grants, what is ordered and scanned."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils import timezone

from tests.makers import Hospital, days_ago, hospital, unique
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.catalog.models import Item, ItemCode, Licence, Registration
from yanji.flows.acts import Done
from yanji.flows.purchase import Ordered, place_order
from yanji.flows.receive import Arrival, receive
from yanji.flows.requisition import Wanted, request
from yanji.ledger.models import Event, Movement, Unit
from yanji.places.models import Place

GTIN = "06901234500011"
# Written on purpose when something is refused or cannot be placed, or meanwhile by the log's own readers.
APART = {
    "flows_attempt", "flows_sentact", "flows_wrongpassword", "catalog_quarantined", "ledger_pending",
    "ledger_log", "ledger_reader",
}  # fmt: skip


def contents() -> dict[str, str]:
    """What every table of the flows, the ledger and the catalogue holds, as text: equal before and after means that nothing
    was written."""
    tables = [
        model._meta.db_table
        for app in ("catalog", "flows", "ledger")
        for model in apps.get_app_config(app).get_models(include_auto_created=True)
        if model._meta.db_table not in APART
    ]
    with connection.cursor() as cursor:
        sums = ", ".join(
            f"(SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {t} t)"
            for t in tables
        )
        cursor.execute(f"SELECT {sums}")
        return dict(zip(tables, cursor.fetchone(), strict=True))


def counts() -> tuple[int, int, int]:
    return Event.objects.count(), Movement.objects.count(), Unit.objects.count()


def person(role: str, at: Place, password: str = "") -> Person:
    """Somebody with a standard role at a place."""
    zh, en, operations = STANDARD_ROLES[role]
    found, _made = Role.objects.get_or_create(
        code=role, defaults={"name_zh": zh, "name_en": en, "operations": sorted(operations)}
    )
    username = unique(role)
    made = Person(username=username, name_zh=f"{zh}{username[-3:]}", name_en=username)
    if password:
        made.set_password(password)
    made.save()
    Grant.objects.create(person=made, role=found, place=at)
    return made


@dataclass(frozen=True)
class Site:
    """The hospital of the makers, with people who hold roles and a catalogue whose labels can be scanned."""

    h: Hospital
    storekeeper: Person
    nurse: Person
    buyer: Person
    second: Person  # another storekeeper, who may witness
    counted: Item  # tracked by lot

    def actor(self, who: Person) -> Actor:
        return actor_for(who, today=timezone.localdate())

    @property
    def keeper(self) -> Actor:
        return self.actor(self.storekeeper)

    @property
    def ward(self) -> Actor:
        return self.actor(self.nurse)

    @property
    def purchasing(self) -> Actor:
        return self.actor(self.buyer)

    def order(self, *lines: tuple[Item, int], **fields: Any) -> Done:
        wanted = [Ordered(item.pk, quantity, 100) for item, quantity in lines or ((self.h.item, 10),)]
        return place_order(
            actor=self.purchasing, key=unique("k"), supplier_id=self.h.supplier.pk, deliver_to_id=self.h.store.pk,
            lines=wanted, **fields,
        )  # fmt: skip

    def arrival(self, **fields: Any) -> Arrival:
        serial = fields.pop("serial", unique("S"))
        item = fields.pop("item", self.h.item)
        plain = {"lot": "L1", "expiry": date(2049, 12, 31), "epc": f"01/{GTIN}/21/{serial}"}
        return Arrival(item.pk, serial=serial, **{**plain, **fields})

    def receive(self, order: Done, *arrivals: Arrival, **fields: Any) -> Done:
        return receive(
            actor=self.keeper, key=fields.pop("key", unique("k")), order_id=order.id, dock_id=self.h.store.pk,
            arrivals=list(arrivals), **fields,
        )  # fmt: skip

    def stocked(self, count: int, *, ago: int = 0, **fields: Any) -> list[str]:
        """Units received through an order of their own, in the store, so many days ago."""
        arrivals = [self.arrival(**fields) for _ in range(count)]
        when = {"arrived_at": days_ago(ago)} if ago else {}
        self.receive(self.order((self.h.item, count)), *arrivals, **when)
        return [arrival.epc for arrival in arrivals]

    def stocked_lot(self, pieces: int, lot: str = "B1", expiry: date | None = date(2099, 1, 1)) -> int:
        """Pieces of the counted item in the store; the lot's id."""
        order = self.order((self.counted, pieces))
        self.receive(order, Arrival(self.counted.pk, lot=lot, expiry=expiry, quantity=pieces))
        return self.counted.lots.get(number=lot, expiry=expiry).pk

    def requisition(self, *lines: tuple[Item, int], **fields: Any) -> Done:
        wanted = [Wanted(item.pk, quantity) for item, quantity in lines or ((self.h.item, 2),)]
        return request(
            actor=self.ward, key=unique("k"), department_id=self.h.department.pk, store_id=self.h.store.pk,
            lines=wanted, **fields,
        )  # fmt: skip

    def scan(self, serial: str, lot: str = "L1", expiry: str = "491231") -> str:
        """A GS1 element string as a scanner sends it."""
        return f"]d201{GTIN}17{expiry}10{lot}\x1d21{serial}"


def site() -> Site:
    h = hospital()
    ItemCode.objects.get_or_create(issuer="GS1", code=GTIN, defaults={"item": h.item})
    return Site(
        h=h,
        storekeeper=person("storekeeper", h.campus),
        nurse=person("nurse", h.department),
        buyer=person("buyer", h.campus),
        second=person("storekeeper", h.campus, password="Zweite-Person-7"),
        counted=Item.objects.create(
            code=unique("CNT"), name_zh="缝线", tracking="lot", temperature_class="room"
        ),
    )


def show_papers(here: Site) -> None:
    """All papers that the site's items and their supplier need, as in a hospital that looked at them."""
    held = {"number": "N", "valid_from": date(2020, 1, 1)}
    Licence.objects.bulk_create(Licence(supplier=here.h.supplier, kind=kind, **held) for kind in Licence.Kind)
    Registration.objects.bulk_create(Registration(item=item, **held) for item in (here.h.item, here.counted))


def soon(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)
