"""Title passes from the supplier to the hospital: in one transaction with the use that led to it, its receipt and issue
are written and what is owed for it. Without a valid agreement nothing passes."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.db import connection
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item, Price, Supplier
from yanji.catalog.queries import held_on, prices_on
from yanji.ledger.api import Offence, Refused
from yanji.places.models import Place
from yanji.places.rules import ids_of

from ..documents import reached
from ..numbers import next_numbers
from .models import AgreementEnding, ConsignmentAgreement, Payable, TitleNote
from .versions import versions_on

CENT = Decimal("0.01")
MOVED = """
SELECT m.unit_id, m.lot_id, i.id, ARRAY[i.name_zh, i.name_en], i.implant, m.quantity, m.value, m.from_owner_id,
       coalesce(u.epc, 'lot ' || lo.id), CASE WHEN p.kind <> 'transit' THEN p.path ELSE '' END
  FROM ledger_movement m
  JOIN places_place p ON p.id = m.from_place_id
  JOIN ledger_lot lo ON lo.id = m.lot_id
  JOIN catalog_item i ON i.id = lo.item_id
  LEFT JOIN ledger_unit u ON u.id = m.unit_id
 WHERE m.event_id = %s ORDER BY m.line
"""


@dataclass(frozen=True, slots=True)
class Moved:
    """One thing that an entry moved: ``owner_id`` had it before, ``value`` is that of all its pieces. ``place_path``: where
    it lay, empty where it was on its way."""

    unit_id: int | None
    lot_id: int
    item_id: int
    item_name: tuple[str, str]
    implant: bool
    quantity: int
    value: Decimal
    owner_id: int | None
    name: str
    place_path: str = ""


def moved(event_id: str) -> list[Moved]:
    """What an entry of the ledger moved. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(MOVED, (event_id,))
        return [
            Moved(unit, lot, item, tuple(name), implant, int(quantity), value, owner, called, path)
            for unit, lot, item, name, implant, quantity, value, owner, called, path in cursor.fetchall()
        ]


@dataclass(frozen=True, slots=True)
class Terms:
    """What one agreement says on a day: its items with their prices (None: the catalogue's), or all items, and where."""

    agreement_id: int
    supplier_id: int
    all_items: bool
    prices: Mapping[int, Decimal | None]
    path: str = ""
    ended: date | None = None  # its last day, once it is over: nothing more comes under it

    def covers(self, item_id: int, path: str = "") -> bool:
        return (self.all_items or item_id in self.prices) and path.startswith(self.path)

    def price(self, item_id: int, listed: Mapping[tuple[int, int], Decimal]) -> Decimal | None:
        """What a piece costs: the agreement's price - nothing, where that is agreed - else the supplier's listed one."""
        agreed = self.prices.get(item_id)
        return listed.get((item_id, self.supplier_id)) if agreed is None else agreed


Owed = tuple[Moved, int, Decimal]


def what_is_owed(
    things: Iterable[Moved],
    terms: Sequence[Terms],
    prices: Mapping[tuple[int, int], Decimal],
    names: Mapping[int, str],
    day: date,
) -> list[Owed]:
    """(thing, agreement, price of one piece) for what belonged to a supplier. Pure.

    The price is the agreement's, else the supplier's in the catalogue on the day, else what the thing was received at.
    Raises :class:`Refused` naming everything that no agreement covers, or that has no price.
    """
    owed: list[Owed] = []
    offences: list[Offence] = []
    for thing in things:
        if thing.owner_id is None:
            continue
        supplier = names.get(thing.owner_id, "")
        of_owner = (t for t in terms if t.supplier_id == thing.owner_id)
        held = next((t for t in of_owner if t.covers(thing.item_id, thing.place_path)), None)
        if held is None:
            offences.append(Offence("no_contract", thing.name, {"supplier": supplier, "day": day}))
            continue
        price = held.price(thing.item_id, prices)
        if price is None and thing.value > 0:
            price = (thing.value / thing.quantity).quantize(CENT)
        if price is None:
            offences.append(Offence("no_price_agreed", thing.name, {"supplier": supplier}))
            continue
        owed.append((thing, held.agreement_id, price))
    if offences:
        raise Refused.of(offences)
    return owed


def terms_on(supplier_ids: Iterable[int], paths: Iterable[str], day: date) -> list[Terms]:
    """The agreements with suppliers that hold at places on a day, the nearest place first; after them those that have ended,
    under which what lies here is used up. Two statements."""
    around = {place for path in paths for place in ids_of(path)}
    there = ConsignmentAgreement.objects.filter(supplier_id__in=set(supplier_ids), place_id__in=around)
    found = versions_on(there, day).order_by("-agreement__place__path", "agreement_id")
    over = AgreementEnding.objects.filter(
        agreement=OuterRef("agreement"), taken_back_at=None, last_day__lt=day
    )
    found = found.select_related("agreement__place").annotate(ended=Subquery(over.values("last_day")))
    terms = [
        Terms(
            each.agreement_id,
            each.agreement.supplier_id,
            each.all_items,
            {line.item_id: line.price for line in each.items.all()},
            each.agreement.place.path,
            each.ended,
        )
        for each in found.prefetch_related("items")
    ]
    return sorted(terms, key=lambda each: each.ended is not None)


def suppliers_covering(places: Collection[Place], day: date, items: Collection[int]) -> dict[int, str]:
    """Supplier -> name of those under whose agreement all of the items may come to one of the places on a day, however many
    versions it has. Who has all that it sells here has a claim on what it sells alone: where others name the items, or sell them,
    it is one of these. Five statements."""
    around = {key for place in places for key in ids_of(place.path)}
    found = ConsignmentAgreement.objects.filter(place__in=around, supplier__active=True)
    names = {each.supplier_id: each.supplier.name for each in found.select_related("supplier")}
    covering: set[int] = set()
    named: dict[int, set[int]] = defaultdict(set)
    for terms in terms_on(names, [place.path for place in places], day) if names else ():
        paths = [place.path for place in places if place.path.startswith(terms.path)]
        if paths and not terms.ended and all(terms.covers(item, paths[0]) for item in items):
            covering.add(terms.supplier_id)
            named[terms.supplier_id] |= terms.prices.keys() & set(items)
    if len(covering) > 1:
        for supplier, item in _sold(covering, items, day):
            named[supplier].add(item)
    theirs = {supplier for supplier in covering if named[supplier] >= set(items)} or covering
    return {supplier: names[supplier] for supplier in sorted(theirs)}


def _sold(suppliers: Collection[int], items: Collection[int], day: date) -> list[tuple[int, int]]:
    """Which of the suppliers sell which of the items: at a price that holds, or as usual. Two statements."""
    priced = held_on(Price.objects.filter(item__in=items, supplier__in=suppliers), day)
    usual = Item.objects.filter(pk__in=items, supplier__in=suppliers)
    return [*priced.values_list("supplier_id", "item_id"), *usual.values_list("supplier_id", "pk")]


def agreement_for(supplier_id: int, path: str, day: date, items: Iterable[int], *, name: str) -> Terms:
    """The agreement under which a supplier's items may come to a place. Raises ``no_contract`` where none covers all, and
    ``agreement_ended`` where one did."""
    wanted = list(items)
    covering = [
        terms
        for terms in terms_on([supplier_id], [path], day)
        if all(terms.covers(item, path) for item in wanted)
    ]
    if not covering:
        supplier = Supplier.objects.filter(pk=supplier_id).first()
        raise Refused("no_contract", thing=name, supplier=supplier.name if supplier else "", day=day)
    if covering[0].ended:
        ended = ConsignmentAgreement.objects.get(pk=covering[0].agreement_id)
        raise Refused("agreement_ended", thing=name, agreement=ended.number, day=covering[0].ended)
    return covering[0]


def pass_title(
    event_id: str, things: Sequence[Moved], *, actor: Actor, place: Place, at: datetime, case_number: str = ""
) -> dict[tuple[str, int | None], Decimal]:
    """Write receipt, issue and debt for what an entry took from suppliers; name and former owner of each thing -> price of
    one piece. The agreement is that of the place where a thing lay; ``place``, for what was on its way.

    To be called in the transaction of the entry. No statement where nothing belonged to a supplier, else a constant
    number. Raises :class:`Refused` as :func:`what_is_owed`: the entry goes with it.
    """
    assert connection.in_atomic_block, "title passes together with the use"
    owners = {thing.owner_id for thing in things if thing.owner_id is not None}
    if not owners:
        return {}
    day = timezone.localdate(at)
    things = [replace(thing, place_path=thing.place_path or place.path) for thing in things]
    suppliers = Supplier.objects.in_bulk(owners)
    names = {key: supplier.name for key, supplier in suppliers.items()}
    prices = prices_on(day, {thing.item_id for thing in things})
    owed = what_is_owed(
        things, terms_on(owners, {thing.place_path for thing in things}, day), prices, names, day
    )
    by_agreement: dict[int, list[Owed]] = defaultdict(list)
    for each in owed:
        by_agreement[each[1]].append(each)
    numbers = next_numbers("CT", path=place.path, at=at, count=len(by_agreement))
    notes = TitleNote.objects.bulk_create(
        TitleNote(
            number=number, agreement_id=agreement, event_id=event_id, place=place, case_number=case_number, at=at,
            actor_id=actor.person_id,
        )
        for number, agreement in zip(numbers, sorted(by_agreement), strict=True)
    )  # fmt: skip
    Payable.objects.bulk_create(
        Payable(
            note=note, unit_id=thing.unit_id, lot_id=thing.lot_id, item_id=thing.item_id, quantity=thing.quantity,
            price=price, at=at,
        )
        for note in notes
        for thing, _agreement, price in by_agreement[note.agreement_id]
    )  # fmt: skip
    return {(thing.name, thing.owner_id): price for thing, _agreement, price in owed}


def lock_notes(event_id: object) -> list[TitleNote]:
    """The papers of an entry, locked: nobody settles them while they are taken back."""
    return list(TitleNote.objects.select_for_update().filter(event_id=event_id).order_by("id"))


def take_title_back(notes: Sequence[TitleNote], *, at: datetime) -> None:
    """The use was taken back: what it made the hospital owe is credited, this month or the next. At most three
    statements."""
    if not notes:
        return
    owed = Payable.objects.filter(note__in=notes, sign=1, reversed_by__isnull=True)
    Payable.objects.bulk_create(
        Payable(
            note_id=debt.note_id, unit_id=debt.unit_id, lot_id=debt.lot_id, item_id=debt.item_id,
            quantity=debt.quantity, price=debt.price, sign=-1, reverses=debt, at=at,
        )
        for debt in owed
    )  # fmt: skip
    for note in notes:
        note.voided_at = at
        reached("title_note", "take_back", note.state)
    TitleNote.objects.bulk_update(notes, ["voided_at"])
