"""A piece is opened, used bit by bit, and ends used up or discarded."""

from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db.models import QuerySet
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Line, LotQuantity, Offence, Refused, Status, Step, post, virtual_places
from yanji.ledger.models import Level, Lot, Movement

from ..acts import Done, moment, verb
from ..consign.sterile import check_sterile
from ..consign.title import moved, pass_title
from ..documents import allow, reached
from ..gates import check, place_at
from ..models import Case
from ..numbers import next_number
from ..queries import within
from ..reasons import known as known_reasons
from ..states import CaseState, OpenedState
from .models import OpenedPiece, Opening, Taken

ONE = Decimal(1)


def use_until(opened_at: datetime, hours: int | None, lot: Lot) -> datetime | None:
    """The earlier of the open life and the end of the day on the label; None where neither is known. Pure."""
    ends = [opened_at + timedelta(hours=hours)] if hours else []
    if lot.expiry:
        ends.append(timezone.make_aware(datetime.combine(lot.expiry + timedelta(days=1), time())))
    return min(ends, default=None)


def draft_opening(piece: LotQuantity, *, key: str, at: datetime, number: str) -> Draft:
    """One piece is not available any more. Pure."""
    return Draft(Step.OPEN, key, at, (Line(piece),), {"opened": number}, read_point_id=piece.from_place_id)


@verb
def open_piece(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    lot_id: int,
    owner_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Open one piece of a lot at a place; from now on parts of it are taken under its number.

    Raises :class:`Refused` where none lies there, it is expired or not sterilised, or nobody has said what a piece holds.
    """
    at = moment(happened_at)
    place = place_at(actor, place_id, may="use")
    lot = Lot.objects.select_related("item").filter(pk=lot_id).first()
    if lot is None:
        raise NotFound("lot")
    opening = Opening.objects.filter(item_id=lot.item_id).first()
    if opening is None:
        raise Refused("not_opened", thing=lot.item.name)
    number = next_number("OP", path=place.path, at=at)
    thing = LotQuantity(lot.pk, ONE, place.pk, owner_id)
    check_sterile([thing])
    draft = draft_opening(thing, key=key, at=at, number=number)
    event = post(draft, actor=actor).event_id
    piece = OpenedPiece.objects.create(
        number=number, lot=lot, owner_id=owner_id, place=place, content=opening.content, left=opening.content,
        measure=opening.measure, opened_at=at, use_until=use_until(at, opening.hours, lot), opened_event=event,
        actor_id=actor.person_id,
    )  # fmt: skip
    return Done(number, piece.pk, piece.state, (event,))


@verb
def take(
    *,
    actor: Actor,
    key: str,
    piece_id: int,
    amount: Decimal,
    case_number: str = "",
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Take a part of an opened piece, in its own measure; what takes the last of it ends it.

    Raises :class:`Refused` past its open life, for more than is left, and for a case that is closed or not theirs.
    """
    at = moment(happened_at)
    case = _used_in(actor, case_number.strip())
    piece = piece_for(actor, piece_id, may="use", lock=True)
    allow("opened", "take", number=piece.number, state=piece.state, label=piece.get_state_display())
    offences = against_part(piece, amount, at)
    if offences:
        raise Refused.of(offences)
    Taken.objects.create(piece=piece, amount=amount, at=at, case=case, note=note, actor_id=actor.person_id)
    piece.left -= amount
    events: tuple[str, ...] = ()
    if piece.left == 0:
        events = (_end(piece, Step.CONSUME, OpenedState.USED_UP, "take", actor=actor, key=key, at=at),)
    piece.save(update_fields=["left", "state", "closed_event"])
    return Done(
        piece.number,
        piece.pk,
        piece.state,
        events,
        {
            "taken": f"{amount.normalize():f}",
            "left": f"{piece.left.normalize():f}",
            "measure": piece.measure,
        },
    )


def _used_in(actor: Actor, number: str) -> Case | None:
    """The case of this number, open from now on; None where none is named. Raises :class:`Refused`."""
    if not number:
        return None
    case = (
        Case.objects.select_for_update(of=("self",))
        .select_related("department")
        .filter(number=number)
        .first()
    )
    # Whoever may not use things there learns no more than that it is not theirs to name.
    if case is None or not actor.may("use", case.department.path):
        raise Refused("no_such_case", thing=number)
    allow("case", "use", number=number, state=case.state, label=case.get_state_display())
    case.state = reached("case", "use", CaseState.OPEN)
    case.save(update_fields=["state"])
    return case


def against_part(piece: OpenedPiece, amount: Decimal, at: datetime) -> list[Offence]:
    """What speaks against taking so much of a piece then: an amount that is none, its open life, its lot."""
    found = []
    if not amount.is_finite() or amount <= 0 or amount != round(amount, 3):
        found.append(Offence("bad_quantity", piece.number))
    elif amount > piece.left:
        facts = {"left": f"{piece.left.normalize():f} {piece.measure}", "wanted": f"{amount.normalize():f}"}
        found.append(Offence("not_enough_left", piece.number, facts))
    if piece.use_until and at >= piece.use_until:
        until = timezone.localtime(piece.use_until).strftime("%Y-%m-%d %H:%M")
        found.append(Offence("open_life_over", piece.number, {"until": until}))
    if _lot_held(piece):
        found.append(Offence("lot_on_hold", piece.number, {"lot": piece.lot.number}))
    return found


def _lot_held(piece: OpenedPiece) -> bool:
    """Whether its lot is recalled, or closed pieces of it are held where it stands: an open one is no better than they are."""
    return (
        bool(piece.lot.recall)
        or Level.objects.filter(
            lot_id=piece.lot_id,
            place_id=piece.place_id,
            status__in=(Status.QUARANTINED, Status.RECALLED),
            quantity__gt=0,
        ).exists()
    )


@verb
def discard(
    *,
    actor: Actor,
    key: str,
    piece_id: int,
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Throw away what is left of an opened piece, with a reason."""
    at = moment(happened_at)
    piece = piece_for(actor, piece_id, may="use", lock=True)
    allow("opened", "discard", number=piece.number, state=piece.state, label=piece.get_state_display())
    if reason not in known_reasons("waste"):
        raise Refused("reason_needed")
    event = _end(
        piece,
        Step.WASTE,
        OpenedState.DISCARDED,
        "discard",
        actor=actor,
        key=key,
        at=at,
        reason=reason,
        note=note,
    )
    piece.save(update_fields=["state", "closed_event"])
    return Done(piece.number, piece.pk, piece.state, (event,))


def _end(
    piece: OpenedPiece,
    step: Step,
    state: str,
    act: str,
    *,
    actor: Actor,
    key: str,
    at: datetime,
    reason: str = "",
    note: str = "",
) -> str:
    """The piece leaves the ledger's stock, and is owed where a supplier owned it; returns the event."""
    virtual = virtual_places()
    gone_to = virtual.consumed if step is Step.CONSUME else virtual.scrap
    thing = LotQuantity(piece.lot_id, ONE, piece.place_id, piece.owner_id, _stands_as(piece))
    draft = Draft(
        step, key, at, (Line(thing, gone_to),), {"opened": piece.number}, reason, note,
        read_point_id=piece.place_id,
    )  # fmt: skip
    piece.state = reached("opened", act, state)
    event = post(draft, actor=actor).event_id
    pass_title(event, moved(event), actor=actor, place=piece.place, at=at)
    piece.closed_event = event
    return event


def _stands_as(piece: OpenedPiece) -> str:
    """The status into which its opening brought it: one opened before there was a status for it is "in use"."""
    return Movement.objects.values_list("to_status", flat=True).get(event_id=piece.opened_event)


def piece_for(actor: Actor, piece_id: int, *, may: str = "view", lock: bool = False) -> OpenedPiece:
    """An opened piece where it may be seen, or used. Raises :class:`NotFound` else, alike for hidden and absent."""
    found = OpenedPiece.objects.select_related("place", "lot__item", "actor")
    found = found.select_for_update(of=("self",)) if lock else found
    piece = found.filter(pk=piece_id).first()
    if piece is None:
        raise NotFound("opened")
    check(actor, [piece.place.path], may=may, thing=piece.number)
    return piece


def opened_pieces(
    actor: Actor, *, place_id: int | None = None, state: str = OpenedState.OPEN
) -> QuerySet[OpenedPiece]:
    """Opened pieces where the actor sees stock, those that end first before the others."""
    found = OpenedPiece.objects.filter(within("place", actor.scopes.get("view", ())), state=state)
    if place_id is not None:
        found = found.filter(place_id=place_id)
    return found.select_related("place", "lot__item", "actor").order_by("use_until", "pk")
