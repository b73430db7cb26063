"""A reservation in print and on its page: what was kept in one go, for whom, until when, and what of it is kept still."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.models import Movement

from ..gates import check
from ..papers import Paper, Section, Sheet, letterhead, register
from .models import Reservation, ReservedLot
from .queries import told


def reservation_for(actor: Actor, reservation_id: int, *, may: str = "pick") -> Reservation:
    """A reservation, for who picks in its store; the case that it is for is named only to who sees it. Two statements."""
    found = Reservation.objects.select_related("store", "actor")
    reservation = found.filter(pk=reservation_id).first() if 0 < reservation_id < 2**63 else None
    if reservation is None or not actor.may("pick", reservation.store.path):
        raise NotFound("reservation")
    check(actor, [reservation.store.path], may=may, thing=reservation.number)
    [reservation.told_for] = told(actor, [reservation.reserved_for])
    return reservation


@dataclass(frozen=True, slots=True)
class KeptThing:
    """One thing that was reserved, where it lay, and how many pieces of it are kept still."""

    movement: Movement
    left: int


def things_of(reservation: Reservation) -> Sequence[KeptThing]:
    """What was reserved, with what is kept still: a unit, while no later entry moved it on. Two statements."""
    moves = Movement.objects.filter(event_id=reservation.event_id)
    moves = moves.select_related("unit", "lot__item", "to_place").order_by(
        "lot__item__code", "lot__expiry", "line"
    )
    left: Counter[tuple[int, int | None, int | None]] = Counter()
    for row in ReservedLot.objects.filter(event_id=reservation.event_id):
        left[row.lot_id, row.place_id, row.owner_id] += row.quantity
    lapsed = reservation.until <= timezone.now()
    found = []
    for move in moves:
        pieces = left[move.lot_id, move.to_place_id, move.to_owner_id]
        still = int(move.unit.seq == move.seq) if move.unit else pieces
        found.append(KeptThing(move, 0 if lapsed else still))
    return found


def reservation_sheet(reservation: Reservation) -> Sheet:
    """To lie with the goods. Three statements."""
    rows = [
        (each.movement.lot.item.code, each.movement.lot.item.name, each.movement.unit.serial if each.movement.unit else "",
         each.movement.lot.number, each.movement.lot.expiry, each.movement.to_place.name, int(each.movement.quantity),
         each.left)
        for each in things_of(reservation)
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("Place"), _("Quantity"), _("Kept still"),
    )  # fmt: skip
    total = ("", _("Total"), "", "", "", "", sum(row[6] for row in rows), sum(row[7] for row in rows))
    return Sheet(
        title=_("Reservation"),
        number=reservation.number,
        head=letterhead(reservation.store.path),
        facts=(
            (_("Store"), reservation.store.name),
            (_("Kept for"), reservation.told_for or _("a case")),
            (_("Kept until"), reservation.until),
            (_("Reserved by"), reservation.actor.name),
            (_("Reserved at"), reservation.at),
        ),
        sections=(Section(_("Things"), columns, rows, total),),
        signatures=(_("Reserved by"), _("Fetched by")),
        note=reservation.note,
    )


register(
    Paper(
        kind="reservation",
        label=gettext_lazy("Reservation"),
        model=Reservation,
        gate=reservation_for,
        page=lambda reservation: ("storeroom:reservation", (reservation.pk,)),
        sheet=reservation_sheet,
    )
)
