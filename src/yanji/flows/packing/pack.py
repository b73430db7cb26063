"""Things are put into a box that moves as one, and taken out again; kits are built after their bill."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.identity.checks import gs1_mod10
from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.places.models import VIRTUAL

from ..acts import Done, moment, verb
from ..gates import check, place_at
from ..labelling import gs1_prefix
from ..numbers import next_block
from ..things import Known, Thing, look_up
from .contents import Contents, LotInBox, contents, is_box
from .fits import Packing, against_packing
from .models import Box, BoxedLot, BoxedUnit, BoxKind, KitPick, PackingAct


@verb
def pack(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    kind: str,
    things: Sequence[Thing] = (),
    boxes: Sequence[str] = (),
    code: str = "",
    item_id: int | None = None,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Put things and smaller boxes that lie at a place into a box; ``code`` names one that has its label already.

    A kit (``item_id``) must hold exactly what its bill says, all of it good to use. Raises :class:`Refused` naming
    everything that is elsewhere, in another box, or in no state to be packed. ``facts["code"]``: the box's code.
    """
    place = place_at(actor, place_id, may="pack")
    if kind not in BoxKind.values:
        raise NotFound("kind")
    box = _box(actor, code or next_code(), kind, item_id)
    inner = contents([each for each in boxes if is_box(each)])
    known = look_up(things)
    if offences := list(against_packing(Packing(place, box, things, boxes, known, inner), lock=True)):
        raise Refused.of(offences)
    had_lots = box.lots.exists()
    _put_in(box, things, known, inner)
    # Where its counted pieces lie, and nothing else: what is added from a shelf beside them leaves them where they are.
    if not had_lots:
        Box.objects.filter(pk=box.pk).update(place=place, bound_for="")
    PackingAct.objects.create(
        box=box,
        act=PackingAct.Act.PACK,
        at=moment(happened_at),
        actor_id=actor.person_id,
        place=place,
        things=_said(things, boxes),
        note=note,
    )
    return Done(box.code, box.pk, facts={"code": box.code})


@dataclass(frozen=True, slots=True)
class OutOfBox:
    """So many pieces of a lot come out of a box; ``owner_id``: whose they are."""

    lot_id: int
    quantity: int
    owner_id: int | None = None


@verb
def unpack(
    *,
    actor: Actor,
    key: str,
    code: str,
    units: Sequence[str] = (),
    lots: Sequence[OutOfBox] = (),
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Take units, and pieces of lots, out of a box; without either everything and every smaller box.

    Counted pieces that stay alone are where they were.
    """
    _lock(code)
    box = box_for(actor, code, may="pack")
    if not box.packed:
        raise Refused("box_is_empty", thing=box.code)
    picked = (
        KitPick.objects.filter(box__code=code, outcome="").select_related("requisition", "transfer").first()
    )
    if picked:
        raise Refused("kit_is_picked", thing=code, requisition=picked.document_number)
    said = _take_out(box, units, lots) if units or lots else _empty(box)
    PackingAct.objects.create(
        box_id=box.id,
        act=PackingAct.Act.UNPACK,
        at=moment(happened_at),
        actor_id=actor.person_id,
        place_id=box.place_id,
        things=said,
        note=note,
    )
    return Done(box.code, box.id, facts={"code": box.code})


def _lock(code: str) -> None:
    """Two people do not unpack one box at the same time, nor does one while another packs."""
    list(Box.objects.select_for_update().filter(code=code).values_list("pk"))


def _lot_rows(box_id: int) -> dict[tuple[int, int | None], BoxedLot]:
    return {(row.lot_id, row.owner_id): row for row in BoxedLot.objects.filter(box_id=box_id)}


def _empty(box: Contents) -> list[Any]:
    """Everything out, and every smaller box; says what came out."""
    smaller = list(Box.objects.filter(parent_id=box.id).order_by("code").values_list("code", flat=True))
    said = _said([unit.epc for unit in box.units if unit.box == box.code], smaller)
    said += [_pieces(lot.lot_id, lot.quantity) for lot in box.lots if lot.box == box.code]
    BoxedUnit.objects.filter(box_id=box.id).delete()
    BoxedLot.objects.filter(box_id=box.id).delete()
    Box.objects.filter(parent_id=box.id).update(parent=None)
    return said


def _take_out(box: Contents, units: Sequence[str], lots: Sequence[OutOfBox]) -> list[Any]:
    """Some of it out; says what came out. Raises :class:`Refused` for what is not in it, and more than is in it."""
    inside = {unit.epc: unit.unit_id for unit in box.units}
    held = {(lot.lot_id, lot.owner_id): lot for lot in box.lots if lot.box == box.code}
    offences = [Offence("not_in_box", epc, {"box": box.code}) for epc in units if epc not in inside]
    taken = Counter[tuple[int, int | None]]()
    for each in lots:
        taken[each.lot_id, each.owner_id] += each.quantity
    offences += [
        Offence("not_in_box", f"lot {key[0]}", {"box": box.code})
        for key, pieces in taken.items()
        if key not in held or not 0 < pieces <= held[key].quantity
    ]
    if offences:
        raise Refused.of(offences)
    BoxedUnit.objects.filter(unit_id__in=[inside[epc] for epc in units]).delete()
    _lower(box, held, taken)
    return [*_said(units, ()), *(_pieces(lot, pieces) for (lot, _owner), pieces in taken.items() if pieces)]


def _lower(
    box: Contents,
    held: Mapping[tuple[int, int | None], LotInBox],
    taken: Mapping[tuple[int, int | None], int],
) -> None:
    """The box holds so many pieces less."""
    rows = _lot_rows(box.id)
    gone = [rows[key].pk for key, pieces in taken.items() if pieces == held[key].quantity]
    less = [rows[key] for key, pieces in taken.items() if 0 < pieces < held[key].quantity]
    for row in less:
        row.quantity -= taken[row.lot_id, row.owner_id]
    BoxedLot.objects.filter(pk__in=gone).delete()
    BoxedLot.objects.bulk_update(less, ["quantity"])


def box_for(actor: Actor, code: str, *, may: str = "view") -> Contents:
    """A box by its code, where it may be seen; an emptied one where it was last packed or opened. One that never was is seen
    by whoever may see stock anywhere."""
    found = contents([code]).get(code)
    if found is None:
        raise NotFound("box")
    if path := found.place_path or last_path(found.id):
        check(actor, [path], may=may, thing=code)
    elif not actor.may(may):
        raise NotFound("box")
    return found


def last_path(box_id: int) -> str:
    """Path of the place where a box was packed, opened or moved last; empty where none is known. One statement."""
    acts = (
        PackingAct.objects.filter(box_id=box_id, place__isnull=False)
        .exclude(place__kind__in=VIRTUAL)
        .order_by("-at", "-pk")
    )
    return acts.values_list("place__path", flat=True).first() or ""


def _box(actor: Actor, code: str, kind: str, item_id: int | None) -> Box:
    """The box of this code, made where missing, locked: two people do not pack one box at the same time."""
    if not is_box(code):
        raise Refused("bad_box_code", thing=code[:80])
    Box.objects.bulk_create(
        [Box(code=code, kind=kind, item_id=item_id, actor_id=actor.person_id)], ignore_conflicts=True
    )
    box = Box.objects.select_for_update().get(code=code)
    if box.kind != kind or box.item_id != item_id:
        raise Refused("box_is_another", thing=code, kind=box.get_kind_display())
    return box


def next_code() -> str:
    """The code of a new box, see :func:`next_codes`."""
    return next_codes(1)[0]


def next_codes(count: int) -> list[str]:
    """The codes of new boxes: SSCCs under the hospital's GS1 prefix (GS1 General Specifications 3.3.1), else numbers of
    our own. One statement for them all."""
    return [_code(number, gs1_prefix()) for number in next_block("BOX", count)]


def _code(number: int, prefix: str) -> str:
    if not prefix:
        return f"box/{number:09d}"
    payload = f"0{prefix}{number:0{16 - len(prefix)}d}"
    return f"00/{payload}{gs1_mod10(payload)}"


def _put_in(box: Box, things: Sequence[Thing], known: Known, inner: Mapping[str, Contents]) -> None:
    units = {known.units[thing].id for thing in things if isinstance(thing, str)}
    units -= set(box.units.filter(unit_id__in=units).values_list("unit_id", flat=True))
    BoxedUnit.objects.bulk_create(BoxedUnit(unit_id=unit, box=box) for unit in sorted(units))
    lots = Counter(
        {(lot, owner): n for lot, owner, n in box.lots.values_list("lot_id", "owner_id", "quantity")}
    )
    for thing in things:
        if isinstance(thing, LotQuantity):
            lots[thing.lot_id, thing.owner_id] += int(thing.quantity)
    BoxedLot.objects.bulk_create(
        (
            BoxedLot(box=box, lot_id=lot, owner_id=owner, quantity=n)
            for (lot, owner), n in sorted(lots.items(), key=str)
        ),
        update_conflicts=True,
        unique_fields=["box", "lot", "owner"],
        update_fields=["quantity"],
    )
    if inner:
        Box.objects.filter(pk__in=[other.id for other in inner.values()]).update(parent=box)


def _pieces(lot_id: int, quantity: int) -> dict[str, int]:
    return {"lot": lot_id, "quantity": quantity}


def _said(things: Sequence[Thing], boxes: Sequence[str]) -> list[Any]:
    return [
        *(_pieces(t.lot_id, int(t.quantity)) if isinstance(t, LotQuantity) else t for t in things),
        *boxes,
    ]
