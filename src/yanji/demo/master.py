"""Writes the demo's master data: places, people, catalogue. Everything in bulk, in the order of the lists."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from random import Random

from django.contrib.auth.hashers import make_password

from yanji.access.actor import Actor, scopes_of
from yanji.access.first import standard_roles
from yanji.access.models import Grant, Person, Role
from yanji.access.operations import Operation
from yanji.catalog.models import (
    BillingCode,
    Item,
    ItemCode,
    Licence,
    Maker,
    Price,
    Quarantined,
    Registration,
    Supplier,
)
from yanji.catalog.pinyin import initials
from yanji.places.models import VIRTUAL, Place

from . import PASSWORD
from .campuses import Spot
from .catalogue import Catalogue
from .firms import MAKERS, SUPPLIERS
from .staff import CABINETS, OUTSIDER, Colleague

BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows behind the demo's names: ids of places by code, of items and suppliers by position, and who acts."""

    places: dict[str, int]
    items: list[int]
    suppliers: list[int]
    people: dict[str, int]
    names: dict[str, str]
    actors: dict[str, Actor]


def write(spots: list[Spot], catalogue: Catalogue, people: list[Colleague], rng: Random, today: date) -> Rows:
    """All master data; returns what the ledger's and the documents' rows refer to."""
    places = _places(spots)
    suppliers = _suppliers(catalogue)
    items = _items(catalogue, suppliers)
    _papers(catalogue, items, suppliers, rng, today)
    _quarantined(today)
    persons, actors = _people(people, places, suppliers[catalogue.partner])
    ids = {code: place.pk for code, place in places.items()}
    ids |= {
        kind.upper(): key for kind, key in Place.objects.filter(kind__in=VIRTUAL).values_list("kind", "pk")
    }
    return Rows(
        ids, [item.pk for item in items], [supplier.pk for supplier in suppliers],
        {name: person.pk for name, person in persons.items()}, {person.username: person.zh for person in people}, actors,
    )  # fmt: skip


def _places(spots: list[Spot]) -> dict[str, Place]:
    """Level by level: a child needs its parent's id, and every path its own."""
    made: dict[str, Place] = {}
    left = list(spots)
    while left:
        level = [spot for spot in left if not spot.parent or spot.parent in made]
        assert level, "every parent is in the list"
        left = [spot for spot in left if spot.parent and spot.parent not in made]
        rows = Place.objects.bulk_create(
            Place(
                parent=made.get(spot.parent), kind=spot.kind, code=spot.code, name_zh=spot.zh, name_en=spot.en,
                temperature_class=spot.temperature, gln=spot.gln, quarantine=spot.quarantine,
            )
            for spot in level
        )  # fmt: skip
        for spot, row in zip(level, rows, strict=True):
            row.path = f"{made[spot.parent].path if spot.parent else '/'}{row.pk}/"
            made[spot.code] = row
    Place.objects.bulk_update(made.values(), ["path"], batch_size=BATCH)
    return made


def _suppliers(catalogue: Catalogue) -> list[Supplier]:
    suppliers = Supplier.objects.bulk_create(
        Supplier(
            code=f"S{number:03d}",
            name_zh=zh,
            name_en=en,
            pinyin=initials(zh),
            contact=f"021-5555 {1000 + number * 37}",
        )
        for number, (zh, en) in enumerate(SUPPLIERS, 1)
    )
    Licence.objects.bulk_create(
        Licence(
            supplier=supplier,
            kind=paper.kind,
            number=paper.number,
            valid_from=paper.valid_from,
            valid_to=paper.valid_to,
        )
        for supplier, papers in zip(suppliers, catalogue.licences, strict=True)
        for paper in papers
    )
    return suppliers


def _items(catalogue: Catalogue, suppliers: list[Supplier]) -> list[Item]:
    makers = Maker.objects.bulk_create(
        Maker(name_zh=firm.zh, name_en=firm.en, pinyin=initials(firm.zh), country=firm.country)
        for firm in MAKERS
    )
    items = Item.objects.bulk_create(
        Item(
            code=item.code, name_zh=item.zh, name_en=item.en, pinyin=initials(item.zh), model=item.model,
            family=item.family.zh, maker=makers[item.maker], supplier=suppliers[item.supplier],
            unit_of_measure=item.family.uom, tracking=item.family.tracking,
            maker_serial=item.family.tracking == "unit" and not item.labelled_here,
            high_value=item.family.yuan[1] >= 500, implant=item.family.implant, sterile=item.family.sterile,
            risk_class=item.family.risk, temperature_class=item.family.temperature,
        )
        for item in catalogue.items
    )  # fmt: skip
    ItemCode.objects.bulk_create(
        (
            ItemCode(item=row, issuer=code.issuer, code=code.code, level=code.level, quantity=code.quantity)
            for row, item in zip(items, catalogue.items, strict=True)
            for code in item.codes
        ),
        batch_size=BATCH,
    )
    return items


def _papers(
    catalogue: Catalogue, items: list[Item], suppliers: list[Supplier], rng: Random, today: date
) -> None:
    """Registrations, prices (the dearer one of last year, and the one since), insurance and charge codes."""
    changed, long_ago = today.replace(month=1, day=1), today - timedelta(days=900)
    registrations, prices, billing = [], [], []
    unshown = catalogue.unregistered
    for number, (row, item) in enumerate(zip(items, catalogue.items, strict=True)):
        paper, supplier = item.registration, suppliers[item.supplier]
        if number != unshown:
            registrations.append(
                Registration(
                    item=row, number=paper.number, valid_from=paper.valid_from, valid_to=paper.valid_to
                )
            )
        before = (item.price * Decimal(str(round(rng.uniform(1.02, 1.9), 3)))).quantize(Decimal("0.01"))
        prices += [
            Price(
                item=row,
                supplier=supplier,
                amount=before,
                valid_from=long_ago,
                valid_to=changed - timedelta(days=1),
            ),
            Price(item=row, supplier=supplier, amount=item.price, valid_from=changed),
        ]
        billing += [
            BillingCode(item=row, kind="insurance", code=item.insurance, valid_from=long_ago),
            BillingCode(item=row, kind="charge", code=f"HC{33_000_000 + number * 13}", valid_from=long_ago),
        ]
    Registration.objects.bulk_create(registrations, batch_size=BATCH)
    Price.objects.bulk_create(prices, batch_size=BATCH)
    BillingCode.objects.bulk_create(billing, batch_size=BATCH)


def _quarantined(today: date) -> None:
    """Rows of a supplier's list that could not be taken in: work for whoever keeps the master data."""
    bad = (
        ("06941207000013", "code_check_digit", "药物洗脱冠脉支架 2.75×21 mm"),
        ("0694120700016", "code_length", "冠脉导丝 0.014″ 亲水 190 cm"),
        ("+H567DES0010", "code_unreadable", "瓣膜成形环 29 mm"),
        ("06951218100410", "code_check_digit", "药物涂层冠脉球囊 2.75×26 mm"),
        ("0695121810O427", "code_not_digits", "一次性高压连接管"),
    )
    Quarantined.objects.bulk_create(
        Quarantined(
            source=f"供应商目录 {today:%Y-%m}.xlsx", row=number * 17 + 4, content={"code": code, "name_zh": name},
            reasons=[{"code": reason, "detail": code}],
        )
        for number, (code, reason, name) in enumerate(bad)
    )  # fmt: skip


def _people(
    people: list[Colleague], places: dict[str, Place], supplier: Supplier
) -> tuple[dict[str, Person], dict[str, Actor]]:
    """Everybody with their grant. One password, hashed once: the hash is slow on purpose."""
    roles = standard_roles()
    password = make_password(PASSWORD)
    rows = Person.objects.bulk_create(
        Person(
            username=one.username,
            name_zh=one.zh,
            name_en=one.en,
            department=None if one.username == OUTSIDER else places[one.works_at],
            supplier=supplier if one.username == OUTSIDER else None,
            password=password,
        )
        for one in people
    )
    persons = {row.username: row for row in rows}
    grants = Grant.objects.bulk_create(
        Grant(person=persons[one.username], role=roles[one.role], place=places[one.scope])
        for one in people
        if one.role
    )
    by_person: dict[int, list[Grant]] = {}
    for grant in grants:
        by_person.setdefault(grant.person_id, []).append(grant)
    devices = dict(_devices(people))
    actors = {
        name: Actor(
            row.pk, row.name, scopes_of(by_person.get(row.pk, ())), devices.get(name, ""), row.supplier_id
        )
        for name, row in persons.items()
    }
    gateway, reporting = _cabinets(places["MAIN"])
    return {**persons, CABINETS: gateway}, {**actors, CABINETS: reporting}


def _cabinets(campus: Place) -> tuple[Person, Actor]:
    """The account of the campus's smart cabinets, which may report what they see and nothing else."""
    role = Role.objects.create(
        code="cabinets", name_zh="智能柜", name_en="Smart cabinets", operations=[Operation.SENSE.value]
    )
    gateway = Person.objects.create(
        username=CABINETS, name_zh="智能柜网关", name_en="Cabinet gateway", password=make_password(None)
    )
    grant = Grant.objects.create(person=gateway, role=role, place=campus)
    return gateway, Actor(gateway.pk, gateway.name, scopes_of([grant]), "CABINETS-MAIN")


def _devices(people: Iterable[Colleague]) -> Iterable[tuple[str, str]]:
    """Keepers carry a handheld, nurses share their department's."""
    for one in people:
        if one.role == "storekeeper":
            yield one.username, f"PDA-{one.works_at}-{one.username[-1] if one.username[-1].isdigit() else 1}"
        elif one.role == "nurse":
            yield one.username, f"HH-{one.works_at}"
