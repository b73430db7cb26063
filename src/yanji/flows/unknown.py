"""What somebody scanned and nobody knows is kept aside: a unit on hold where it lies, and a task for master data, who say which
item it is, or that it is none."""

from datetime import date, datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item, ItemCode, Quarantined
from yanji.identity import Identity, Unreadable, read
from yanji.ledger.api import Draft, Line, NewUnit, Refused, Status, Step, correct, post
from yanji.ledger.models import Lot, Unit
from yanji.places.models import Place

from .acts import Done, moment, verb
from .adopt import SOURCE, one_at_a_time, provisional, written_out
from .differing.report import also
from .gates import place_at
from .hold import draft_hold
from .models import Case
from .models_order import OrderLine
from .receive import DOCKS
from .scanning import Meaning, understand
from .unkept import refuse_badges

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

    The answer's ``state`` is ``aside``, ``noted``, or ``known``: what somebody else has entered meanwhile stays as it is. Raises
    :class:`Refused` for a badge, a wristband, a place or a paper.
    """
    at, place = moment(happened_at), _where(actor, place_id)
    refuse_badges([scan], actor=actor)
    reading = read(scan, profile=actor.scanner)
    one_at_a_time(reading.di if isinstance(reading, Identity) and reading.di else scan)
    [meaning] = understand([scan], actor=actor)
    text = meaning.scan.strip()
    if meaning.document or Case.objects.filter(Q(number=text) | Q(patient_token=text)).exists():
        raise Refused("scan_not_for_this", thing=text[:80])
    if not _is_unknown(meaning):
        return Done(meaning.serial or meaning.lot, state="known")
    content: dict[str, Any] = {
        "scan": written_out(scan)[:1000],
        "flow": flow,
        "place": place.code,
        "person": actor.name,
    }
    if isinstance(reading, Unreadable) or not meaning.di:
        return _noted(content, reading)
    item = meaning.item or provisional(reading, "")
    content |= {"issuer": meaning.issuer, "di": meaning.di, "item_id": item.pk}
    if item.tracking != Item.Tracking.UNIT or not (meaning.epc and meaning.serial):
        return _noted(content, reading)
    events = _born(meaning, item, place, actor=actor, key=key, at=at)
    content |= {"epc": meaning.epc, "serial": meaning.serial, "lot": meaning.lot, "events": events}
    _task(content, "unknown_product" if item.provisional else "kept_aside", meaning.di)
    return Done(meaning.serial, item.pk, "aside", tuple(events))


def _where(actor: Actor, place_id: int) -> Place:
    path = Place.objects.filter(pk=place_id).values_list("path", flat=True).first() or ""
    may = next((operation for operation in HANDLES if actor.may(operation, path)), HANDLES[0])
    return place_at(actor, place_id, may=may, kinds=DOCKS)


def _is_unknown(meaning: Meaning) -> bool:
    if meaning.kind == "lot":
        return meaning.lot_id is None
    return meaning.kind in UNKNOWN and meaning.unit is None


def _born(meaning: Meaning, item: Item, place: Place, *, actor: Actor, key: str, at: datetime) -> list[str]:
    """Whoever has it in hand takes it over the door and holds it, whatever else they may do: it can do no harm there."""
    new = NewUnit(meaning.epc, item.pk, meaning.serial, meaning.lot, meaning.expiry, meaning.made)
    note = gettext("Scanned, and known to nobody: kept aside until master data has cleared it up.")
    came = Draft(Step.RECEIVE, f"{key}:came", at, (Line(new, place.pk),), note=note, read_point_id=place.pk)
    held = draft_hold([meaning.epc], key=f"{key}:aside", at=at, reason=WHY_HELD, note=note)
    allowed = also(also(actor, Operation.RECEIVE, place.path), Operation.HOLD, place.path)
    return [str(post(draft, actor=allowed).event_id) for draft in (came, held)]


def _noted(content: dict[str, Any], reading: Identity | Unreadable) -> Done:
    """A task without a unit; one that waits already is enough."""
    waits = Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__scan=content["scan"])
    if not waits.exists():
        first = reading.reasons[0] if isinstance(reading, Unreadable) else None
        _task(content, first.code if first else "kept_aside", first.detail if first else "")
    return Done(state="noted")


def _task(content: dict[str, Any], code: str, detail: str) -> None:
    reasons = [{"code": code, "detail": written_out(detail)}]
    Quarantined.objects.create(source=SOURCE, content=content, reasons=reasons)


def _task_for(actor: Actor, row_id: int) -> Quarantined:
    """Raises :class:`NotFound` for who does not edit the catalogue, and for a task that is dealt with."""
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
    lots, units = Lot.objects.filter(item=born), Unit.objects.filter(item=born)
    if (
        target.tracking != born.tracking
        or OrderLine.objects.filter(item=born).exists()
        or Unit.objects.filter(item=target, serial__in=units.values("serial")).exists()
        or _numbers(lots) & _numbers(Lot.objects.filter(item=target))
    ):
        raise Refused("cannot_bind", thing=born.code, item=target.name)
    ItemCode.objects.filter(item=born).update(item=target)
    units.update(item=target)
    lots.update(item=target)
    _retired(born)
    Quarantined.objects.filter(source=SOURCE, resolved_at=None, content__item_id=born.pk).update(
        resolved_at=timezone.now()
    )
    return Done(target.code, target.pk, "bound")


@verb
def reject_unknown(*, actor: Actor, key: str, row_id: int, note: str = "") -> Done:
    """Say that what was kept aside is nothing that belongs here: its entries are taken back, and a provisional item that nothing
    else is of is out of use. Raises :class:`Refused` where somebody has moved it since."""
    row = _task_for(actor, row_id)
    epc, events = row.content.get("epc", ""), row.content.get("events", [])
    path = Unit.objects.filter(epc=epc).values_list("place__path", flat=True).first() if epc else None
    taken_back = [
        correct(
            event,
            key=f"{key}:{number}",
            reason="wrong_scan",
            note=note,
            actor=also(actor, Operation.CORRECT, path),
        )
        for number, event in enumerate(reversed(events))
        if path
    ]
    row.resolved_at = timezone.now()
    row.save(update_fields=["resolved_at"])
    item = Item.objects.filter(pk=row.content.get("item_id"), provisional=True).first()
    if item and not Unit.objects.filter(item=item).exclude(status=Status.EXPECTED).exists():
        _retired(item)
    return Done(
        row.content.get("serial", ""), row.pk, "rejected", tuple(str(each.event_id) for each in taken_back)
    )


def _numbers(lots: QuerySet[Lot]) -> set[tuple[str, date | None]]:
    return set(lots.values_list("number", "expiry"))


def _retired(item: Item) -> None:
    item.active = item.provisional = False
    item.save(update_fields=["active", "provisional"])
