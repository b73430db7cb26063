"""A small hospital with people who can sign in: what the flow pages are tried on."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from tests.makers import place, unique
from yanji.access.actor import Actor, actor_for
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import STANDARD_ROLES
from yanji.catalog.models import Item, ItemCode, Licence, Maker, Price, Registration, Supplier
from yanji.flows.purchase import Ordered, place_order
from yanji.flows.receive import Arrival, receive
from yanji.identity import gs1_mod10
from yanji.places.models import Kind, Place

PASSWORD = "goose"
GS = "\x1d"


@dataclass
class World:
    """One campus with a store and a department, two items, and a person of each role."""

    campus: Place
    store: Place
    dock: Place
    bins: list[Place]
    department: Place
    cabinet: Place
    supplier: Supplier
    item: Item
    other: Item
    people: dict[str, Person]

    def actor(self, role: str) -> Actor:
        return actor_for(self.people[role], today=timezone.localdate())

    def gtin(self, item: Item | None = None) -> str:
        return (item or self.item).codes.get().code

    def scan(
        self,
        serial: str,
        *,
        item: Item | None = None,
        lot: str = "L2409A",
        expiry: date | None = None,
        gs: str = GS,
    ) -> str:
        """A label as a scanner sends it."""
        day = expiry or later(400)
        return f"]d201{self.gtin(item)}17{day:%y%m%d}10{lot}{gs}21{serial}"

    def epc(self, serial: str, item: Item | None = None) -> str:
        return f"01/{self.gtin(item)}/21/{serial}"

    def order(self, quantity: int = 10, *items: Item) -> int:
        lines = [Ordered(item.pk, quantity, Decimal(6980)) for item in items or (self.item,)]
        done = place_order(
            actor=self.actor("buyer"),
            key=unique("order"),
            supplier_id=self.supplier.pk,
            deliver_to_id=self.store.pk,
            lines=lines,
        )
        return done.id

    def stocked(
        self,
        *serials: str,
        expiry: date | None = None,
        lot: str = "L2409A",
        arrived_at: datetime | None = None,
    ) -> list[str]:
        """Units received and accepted at the dock; their identities."""
        arrivals = [
            Arrival(self.item.pk, self.epc(serial), serial, lot, expiry or later(400)) for serial in serials
        ]
        receive(
            actor=self.actor("storekeeper"), key=unique("receipt"), order_id=self.order(len(serials)), dock_id=self.dock.pk,
            arrivals=arrivals, arrived_at=arrived_at,
        )  # fmt: skip
        return [self.epc(serial) for serial in serials]


def later(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def named(kind: str, parent: Place | None, zh: str, en: str, **fields: str) -> Place:
    made = place(kind, parent, **fields)
    made.name_zh, made.name_en = zh, en
    made.save(update_fields=["name_zh", "name_en"])
    return made


def gtin() -> str:
    """A GTIN that no other item of this process has."""
    digits = f"0690{int(unique('1')):09d}"
    return digits + gs1_mod10(digits)


def item(zh: str, en: str, model: str, supplier: Supplier, **fields: object) -> Item:
    maker = Maker.objects.get_or_create(name_zh="雁山医疗", defaults={"name_en": "Yanshan Medical"})[0]
    made = Item.objects.create(
        code=unique("HV"),
        name_zh=zh,
        name_en=en,
        model=model,
        maker=maker,
        supplier=supplier,
        temperature_class="room",
        **fields,
    )
    ItemCode.objects.create(item=made, issuer="GS1", code=gtin())
    Registration.objects.create(item=made, number=unique("REG"), valid_from=date(2020, 1, 1))
    Price.objects.create(item=made, supplier=supplier, valid_from=date(2025, 1, 1), amount=Decimal(6980))
    return made


def world() -> World:
    group = named(Kind.GROUP, None, "明湖医疗集团", "Minghu Health Group")
    campus = named(Kind.CAMPUS, group, "本部院区", "Main Campus", code="MAIN")
    store = named(Kind.STORE, campus, "中心库", "Central Store")
    dock = named(Kind.DOCK, store, "中心库收货区", "Central Store Dock")
    rack = named(Kind.CABINET, store, "A 区货架", "Rack A")
    bins = [named(Kind.BIN, rack, f"A-0{n}", f"A-0{n}", code=f"A-0{n}") for n in (1, 2)]
    department = named(Kind.DEPARTMENT, campus, "介入中心", "Cath Lab")
    cabinet = named(Kind.CABINET, department, "耗材柜 4", "Cabinet 4")
    supplier = Supplier.objects.create(
        code=unique("SUP"), name_zh="华东医疗器械有限公司", name_en="Huadong Medical Devices"
    )
    for kind in Licence.Kind.values:
        Licence.objects.create(
            supplier=supplier, kind=kind, number=unique("LIC"), valid_from=date(2020, 1, 1)
        )
    stent = item(
        "药物洗脱冠脉支架 3.0 × 18 mm",
        "Drug-eluting coronary stent 3.0 × 18 mm",
        "DES-3018",
        supplier,
        pinyin="ywxtgmzj3018mm",
    )
    pump = item("压力泵 30 atm", "Inflation device 30 atm", "IF-30", supplier, pinyin="ylb30atm")
    people = {
        role: someone(role, zh, en, at)
        for role, zh, en, at in (
            ("storekeeper", "李文", "Li Wen", group),
            ("nurse", "王静", "Wang Jing", department),
            ("buyer", "周航", "Zhou Hang", group),
            ("manager", "赵岚", "Zhao Lan", group),
        )
    }
    people["nurse"].department = department
    people["nurse"].save(update_fields=["department"])
    return World(campus, store, dock, bins, department, cabinet, supplier, stent, pump, people)


def someone(role: str, zh: str, en: str, at: Place) -> Person:
    password = make_password(PASSWORD)
    person = Person.objects.create(username=unique(role), password=password, name_zh=zh, name_en=en)
    names = STANDARD_ROLES[role]
    made, _ = Role.objects.update_or_create(
        code=role, defaults={"name_zh": names[0], "name_en": names[1], "operations": sorted(names[2])}
    )
    Grant.objects.create(person=person, role=made, place=at)
    return person
