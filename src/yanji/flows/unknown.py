"""What somebody scanned and nobody knows is kept aside: a unit on hold where it lies, and a task for master data, who say which
item it is, or that it is none."""

from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item, ItemCode, Quarantined
from yanji.identity import Identity, Reading, Unreadable, read
from yanji.ledger.api import Draft, Line, NewUnit, Refused, Status, Step, correct, post
from yanji.ledger.models import Lot, Unit
from yanji.places.models import Place

from .acts import Done, moment, verb
from .adopt import SOURCE, broken, one_at_a_time, provisional, waiting, written_out
from .alternatives import localised
from .differing.report import also
from .gates import place_at
from .hold import draft_hold
from .models import ReceiptLine, RequisitionLine
from .models_order import OrderLine
from .receive import DOCKS
from .scanning import Meaning, understand
from .unkept import nameless, refuse_badges

# Whoever does any of these at a place may have an unknown thing in hand there.
HANDLES = (
    "receive", "store", "pick", "issue", "transfer", "take_in", "use", "give_back", "inspect_return", "count", "hold", "scrap",
)  # fmt: skip
UNKNOWN = ("unknown_product", "new_unit", "needs_label", "unreadable")
WHY_HELD = "storage"  # nobody can say where it has been


@verb
def keep_unknown(
    *,
    actor: Actor,
    key: str,
    scan: str,
    place_id: int,
    flow: str = "look",
    happened_at: datetime | None = None,
) -> Done:
    """Keep what nobody knows at a place where the actor handles things, so that nobody can use it before it is cleared up: a
    label with a serial number becomes a unit on hold, of a provisional item where no item has its code; whatever has none,
    or cannot be read, is a task alone. ``flow``: for what it was scanned.

    The answer's ``state`` is ``aside`` or ``noted``. Raises :class:`Refused` for what somebody else has entered meanwhile, but
    where it lies aside here already; for a place or a paper; and for whatever is no label of a product, as a badge or a
    wristband: of these nothing is kept, and nothing is told.
    """
    at, place = moment(happened_at), _where(actor, place_id)
    refuse_badges([scan], actor=actor)
    reading = read(scan, profile=actor.scanner)
    is_label = bool(reading.di) if isinstance(reading, Identity) else broken(scan, actor.scanner, flow)
    one_at_a_time(reading.di if isinstance(reading, Identity) and reading.di else scan)
    [meaning] = understand([scan], actor=actor)
    if meaning.document or not is_label:
        raise Refused("scan_not_for_this", thing=meaning.scan.strip()[:80])
    if meaning.epc and not _is_unknown(meaning) and _aside_at(place, meaning.epc):
        return Done(meaning.serial, meaning.item.pk if meaning.item else None, "aside")
    _refuse_known(meaning)
    content: dict[str, Any] = {
        "scan": written_out(nameless(scan, reading))[:1000],
        "flow": flow,
        "place": place.code,
        "person": actor.name,
    }
    if isinstance(reading, Unreadable) or not meaning.di:
        return _noted(content, reading, "noted")
    item = _item_of(meaning, reading)
    content |= {"issuer": meaning.issuer, "di": meaning.di, "item_id": item.pk}
    if item.tracking != Item.Tracking.UNIT or not (meaning.epc and meaning.serial):
        return _noted(content, reading, "unknown_product" if item.provisional else "noted", meaning.di)
    events = _born(meaning, item, place, actor=actor, key=key, at=at)
    content |= {"epc": meaning.epc, "serial": meaning.serial, "lot": meaning.lot, "events": events}
    _task(content, "unknown_product" if item.provisional else "kept_aside", meaning.di)
    return Done(meaning.serial, item.pk, "aside", tuple(events))


def _where(actor: Actor, place_id: int) -> Place:
    path = Place.objects.filter(pk=place_id).values_list("path", flat=True).first() or ""
    may = next((operation for operation in HANDLES if actor.may(operation, path)), HANDLES[0])
    return place_at(actor, place_id, may=may, kinds=DOCKS)


def _is_unknown(meaning: Meaning) -> bool:
    """Whether it is in no book: what was entered by mistake, and taken back, is not, though its name stays."""
    if meaning.unit is not None:
        return meaning.unit.status == Status.EXPECTED and not meaning.unit.order_number
    return meaning.lot_id is None if meaning.kind == "lot" else meaning.kind in UNKNOWN


def _aside_at(place: Place, epc: str) -> bool:
    """Whether it waits for master data on hold at this place, as whoever is before it wants it."""
    held = Unit.objects.filter(epc=epc, status=Status.QUARANTINED, place=place)
    return bool(waiting([epc])) and held.exists()


def _refuse_known(meaning: Meaning) -> None:
    """What is known is no find: nothing would be done with it, and it would lie apart from what the ledger says."""
    if _is_unknown(meaning):
        return
    thing, unit = (
        meaning.serial or meaning.lot or meaning.epc or meaning.di or meaning.scan[:80],
        meaning.unit,
    )
    if unit is None:
        raise Refused("known_already", thing=thing)
    status, place = Status(unit.status).label, localised(unit.place_name)
    raise Refused("known_meanwhile", thing=thing, status=status, place=place)


def _item_of(meaning: Meaning, reading: Identity) -> Item:
    """Of which item it is: the one that has its code, else a provisional one; a unit that was rejected once keeps the item that
    it was born with, which is taken up again. Raises :class:`Refused` where that cannot become the one that has the code now."""
    if meaning.unit is None:
        return meaning.item or provisional(reading, "")
    item = Item.objects.select_for_update().get(pk=meaning.unit.item_id)
    code = ItemCode.objects.filter(issuer=meaning.issuer, code=meaning.di).select_related("item").first()
    if item.active or (code and code.item_id == item.pk):
        return item
    if code is None:
        return provisional(reading, "")
    _become(item, code.item)
    return code.item


def _born(meaning: Meaning, item: Item, place: Place, *, actor: Actor, key: str, at: datetime) -> list[str]:
    """Whoever has it in hand takes it over the door and holds it, whatever else they may do: it can do no harm there."""
    new = NewUnit(meaning.epc, item.pk, meaning.serial, meaning.lot, meaning.expiry, meaning.made)
    note = gettext("Scanned, and known to nobody: kept aside until master data has cleared it up.")
    came = Draft(Step.RECEIVE, f"{key}:came", at, (Line(new, place.pk),), note=note, read_point_id=place.pk)
    held = draft_hold([meaning.epc], key=f"{key}:aside", at=at, reason=WHY_HELD, note=note)
    allowed = also(also(actor, Operation.RECEIVE, place.path), Operation.HOLD, place.path)
    return [str(post(draft, actor=allowed).event_id) for draft in (came, held)]


def _noted(content: dict[str, Any], reading: Reading, code: str, detail: str = "") -> Done:
    """A task without a unit: for what stands in the way of reading it, else for ``code``; one that waits already is enough."""
    waits = Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__scan=content["scan"])
    if not waits.exists():
        if isinstance(reading, Unreadable):
            code, detail = reading.reasons[0].code, reading.reasons[0].detail
        _task(content, code, detail)
    return Done(state="noted")


def _task(content: dict[str, Any], code: str, detail: str) -> None:
    reasons = [{"code": code, "detail": written_out(detail)}]
    Quarantined.objects.create(source=SOURCE, content=content, reasons=reasons)


def _task_for(actor: Actor, row_id: int) -> Quarantined:
    """The task, and its codes: meanwhile nobody finds anything more of them. Raises :class:`NotFound` for who does not edit the
    catalogue, and for a task that is dealt with."""
    asked = Quarantined.objects.filter(source=SOURCE, resolved_at=None, pk=row_id)
    born = [key for key in asked.values_list("content__item_id", flat=True) if key]
    for code in ItemCode.objects.filter(item__in=born, item__provisional=True).order_by("code"):
        one_at_a_time(code.code)
    open_ = Quarantined.objects.select_for_update().filter(source=SOURCE, resolved_at=None, pk=row_id)
    row = open_.first() if actor.may("edit_catalog") else None
    if row is None or not isinstance(row.content, dict):
        raise NotFound("task")
    return row


@verb
def bind_unknown(*, actor: Actor, key: str, row_id: int, item_code: str) -> Done:
    """Say that a provisional item is one which the catalogue has: its codes, its units and their lots are of that item from now
    on, and its tasks are dealt with. The units stay on hold until somebody who may releases them.

    Raises :class:`Refused` for an item that is none, or is no longer provisional, and where the units cannot become of the
    other: it is counted otherwise, it has such a lot or serial number, or the provisional one was ordered.
    """
    row = _task_for(actor, row_id)
    born = Item.objects.select_for_update().filter(pk=row.content.get("item_id"), provisional=True).first()
    if born is None:
        raise Refused("not_provisional")
    target = Item.objects.filter(code=item_code.strip(), active=True).exclude(pk=born.pk).first()
    if target is None:
        raise Refused("unknown_item", thing=item_code)
    _become(born, target)
    ItemCode.objects.filter(item=born).update(item=target)
    _retired(born)
    Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__item_id=born.pk).update(
        resolved_at=timezone.now()
    )
    return Done(target.code, target.pk, "bound")


def _become(born: Item, target: Item) -> None:
    """Units and lots of an item are of another one from now on. Raises :class:`Refused` where they cannot be."""
    lots, units = Lot.objects.filter(item=born), Unit.objects.filter(item=born)
    if (
        target.tracking != born.tracking
        or _on_paper(born)
        or Unit.objects.filter(item=target, serial__in=units.values("serial")).exists()
        or _numbers(lots) & _numbers(Lot.objects.filter(item=target))
    ):
        raise Refused("cannot_bind", thing=born.code, item=target.name)
    units.update(item=target)
    lots.update(item=target)


def _on_paper(item: Item) -> bool:
    """Whether papers name the item, which would go on naming it."""
    return any(
        lines.objects.filter(item=item).exists() for lines in (OrderLine, ReceiptLine, RequisitionLine)
    )


@verb
def reject_unknown(*, actor: Actor, key: str, row_id: int, note: str = "") -> Done:
    """Say that what was kept aside is nothing that belongs here: its entries are taken back, and a provisional item that nothing
    else is of is out of use. Raises :class:`Refused` where somebody has moved it since."""
    row = _task_for(actor, row_id)
    epc, events = row.content.get("epc", ""), row.content.get("events", [])
    path = Unit.objects.filter(epc=epc).values_list("place__path", flat=True).first() if epc else None
    allowed = also(actor, Operation.CORRECT, path) if path else actor
    try:
        taken_back = [
            correct(event, key=f"{key}:{number}", reason="wrong_scan", note=note, actor=allowed)
            for number, event in enumerate(reversed(events))
            if path
        ]
    except Refused as refused:
        raise Refused("cannot_reject", thing=row.content.get("serial") or epc) from refused
    row.resolved_at = timezone.now()
    row.save(update_fields=["resolved_at"])
    item = Item.objects.filter(pk=row.content.get("item_id"), provisional=True).first()
    if item and not _is_something(item):
        _retired(item)
        # Its label may be that of a real item yet.
        ItemCode.objects.filter(item=item).delete()
    return Done(
        row.content.get("serial", ""), row.pk, "rejected", tuple(str(each.event_id) for each in taken_back)
    )


def _is_something(item: Item) -> bool:
    """Whether anything else is of a provisional item: a unit, a paper, another task."""
    open_ = Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__item_id=item.pk)
    units = Unit.objects.filter(item=item).exclude(status=Status.EXPECTED)
    return units.exists() or open_.exists() or _on_paper(item)


def _numbers(lots: QuerySet[Lot]) -> set[tuple[str, date | None]]:
    return set(lots.values_list("number", "expiry"))


def _retired(item: Item) -> None:
    item.active = item.provisional = False
    item.save(update_fields=["active", "provisional"])
