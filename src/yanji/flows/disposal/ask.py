"""Somebody asks for destruction, or for lost things to be written off; whom the rules name for that value approves."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from decimal import Decimal

from django.db import connection
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Supplier
from yanji.ledger.api import Draft, Offence, Refused, Status, Step, post, preview, virtual_places
from yanji.ledger.models import Movement, Unit
from yanji.places.models import Place
from yanji.places.rules import ids_of

from ..acts import Done, moment, verb
from ..approval import ask, decided, withdraw
from ..approval_kinds import KINDS, document_kind
from ..approval_rules import ruled_path
from ..documents import reached
from ..gates import place_at
from ..listed import Listed, listed, on_papers
from ..numbers import next_number
from ..reasons import check_reason
from ..states import DisposalState
from ..things import Thing, lines, name
from .gate import allow_disposal, disposal_for
from .lost_lots import LOST_FOR, lost_goods
from .models import Disposal, DisposalLine

document_kind("scrap", KINDS["scrap"].label, "storeroom:disposal")
# Where each lost unit lay before it was lost: the last place of the hospital that it left, and since when it is gone.
LOST_FROM = """
SELECT DISTINCT ON (u.id) u.epc, p.path, lost.happened_at
  FROM ledger_unit u
  JOIN ledger_movement last ON last.unit_id = u.id AND last.seq = u.seq
  JOIN ledger_event lost ON lost.id = last.event_id
  JOIN ledger_movement m ON m.unit_id = u.id
  JOIN places_place p ON p.id = m.from_place_id AND p.parent_id IS NOT NULL
 WHERE u.epc = ANY (%s)
 ORDER BY u.id, m.seq DESC
"""


def consigned(goods: Iterable[Listed], suppliers: dict[int, Supplier]) -> Iterator[Offence]:
    """What belongs to a supplier and would have to be bought before it is destroyed. Pure."""
    for each in goods:
        if each.owner_id is not None:
            owner = suppliers[each.owner_id].name if each.owner_id in suppliers else ""
            yield Offence("buy_before_scrap", name(each.thing), {"supplier": owner, "amount": each.value})


def open_disposal(
    *,
    actor: Actor,
    goods: Sequence[Listed],
    place: Place,
    reason: str,
    note: str,
    at: datetime,
    kind: str,
    take_title: bool = False,
    asked_at: str = "",
) -> Disposal:
    """Write the paper with its lines, and ask whom the rules name (at ``asked_at``: where the things lay). Part of a verb.

    Raises :class:`Refused` for what stands on another paper that is not ended.
    """
    # Of two who ask at once the second finds the first one's paper.
    ids = sorted(each.unit_id for each in goods if each.unit_id)
    list(Unit.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    if offences := _on_other_papers(goods, kind):
        raise Refused.of(offences)
    disposal = Disposal.objects.create(
        number=next_number("SC" if kind == Disposal.Kind.SCRAP else "WO", path=place.path, at=at),
        kind=kind,
        place=place,
        reason=reason,
        note=note,
        amount=sum((each.value for each in goods), Decimal(0)),
        take_title=take_title,
        actor_id=actor.person_id,
        created_at=at,
    )
    DisposalLine.objects.bulk_create(DisposalLine(disposal=disposal, **each.line()) for each in goods)
    waits = ask(
        "scrap", disposal.pk, number=disposal.number, path=asked_at or place.path, amount=disposal.amount,
        requester_id=actor.person_id,
    )  # fmt: skip
    if waits:
        disposal.state = DisposalState.AWAITING
        disposal.save(update_fields=["state"])
    return disposal


def _on_other_papers(goods: Sequence[Listed], kind: str) -> list[Offence]:
    """Units on another paper of this kind: one that is open, or by which this very loss was written off."""
    ids = sorted(each.unit_id for each in goods if each.unit_id)
    standing = Q(disposal__state__in=(DisposalState.AWAITING, DisposalState.APPROVED))
    lost_since = Movement.objects.filter(unit=OuterRef("unit"), seq=OuterRef("unit__seq")).values(
        "event__happened_at"
    )
    standing |= Q(disposal__state=DisposalState.WRITTEN_OFF, disposal__done_at__gte=Subquery(lost_since))
    return on_papers(
        DisposalLine.objects.filter(standing, disposal__kind=kind, unit_id__in=ids), "disposal__number"
    )


def goods_to_scrap(actor: Actor, things: Sequence[Thing], *, take_title: bool) -> tuple[list[Listed], Place]:
    """What is to be destroyed, and the place that holds all of it. Raises :class:`Refused` as destroying it would."""
    if not actor.may("scrap"):
        raise NotFound("scrap")
    goods = listed(things)
    now = moment(None)
    draft = Draft(
        Step.SCRAP, "preview", now, lines([each.thing for each in goods], virtual_places().scrap), reason="preview",
        witness_id=0,
    )  # fmt: skip
    offences = [each for each in preview(draft, actor=actor) if each.code != "witness_is_actor"]
    if not take_title:
        offences += _of_suppliers(goods)
    if offences:
        raise Refused.of(offences)
    path = ruled_path("scrap", [each.path for each in goods])
    if not actor.may("scrap", path):
        # A paper over several stores belongs to whoever answers for what is above them.
        raise Refused("no_common_place")
    return goods, Place.objects.get(pk=ids_of(path)[-1])


def draft_aside(disposal: Disposal, goods: Sequence[Listed], *, key: str, at: datetime) -> Draft:
    """What could still be used lies aside until it is destroyed. Pure."""
    return Draft(
        step=Step.SET_ASIDE,
        key=f"{key}:aside",
        happened_at=at,
        lines=lines([each.thing for each in goods]),
        documents={"scrap": disposal.number},
        reason=disposal.reason,
        note=disposal.note,
    )


def set_aside(
    disposal: Disposal, goods: Sequence[Listed], *, actor: Actor, key: str, at: datetime
) -> tuple[str, ...]:
    """Take out of use what waits for its destruction; the entry that did. Part of a verb."""
    usable = [each for each in goods if each.status == Status.AVAILABLE]
    if not usable:
        return ()
    event = post(draft_aside(disposal, usable, key=key, at=at), actor=actor).event_id
    disposal.lines.filter(status=Status.AVAILABLE).update(status=Status.QUARANTINED)
    return (event,)


def _of_suppliers(goods: Sequence[Listed]) -> list[Offence]:
    owners = {each.owner_id for each in goods if each.owner_id is not None}
    return list(consigned(goods, Supplier.objects.in_bulk(owners))) if owners else []


def scrapping_offences(things: Sequence[Thing]) -> list[Offence]:
    """What stands against asking for the destruction of things, besides what the ledger says of it. Four statements at most."""
    try:
        goods = listed(things)
    except Refused as refused:
        return list(refused.offences)
    return [*_on_other_papers(goods, Disposal.Kind.SCRAP), *_of_suppliers(goods)]


@verb
def ask_scrap(
    *,
    actor: Actor,
    key: str,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    take_title: bool = False,
    happened_at: datetime | None = None,
) -> Done:
    """Ask for things to be destroyed, and set them aside. ``state``: ``awaiting`` where the rules ask for approval,
    else ``approved``.

    ``take_title``: what belongs to a supplier is bought first, and owed for. Raises :class:`Refused` for what cannot be
    destroyed, and (``buy_before_scrap``) for consigned goods without it.
    """
    check_reason("scrap", reason)
    at = moment(happened_at)
    goods, place = goods_to_scrap(actor, things, take_title=take_title)
    disposal = open_disposal(
        actor=actor, goods=goods, place=place, reason=reason, note=note, at=at, kind=Disposal.Kind.SCRAP,
        take_title=take_title,
    )  # fmt: skip
    events = set_aside(disposal, goods, actor=actor, key=key, at=at)
    return Done(disposal.number, disposal.pk, disposal.state, events)


@verb
def ask_write_off(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Ask for things that were lost in a place, and not found for a month, to be written off at their value; a quantity
    names the store or department that lost it.

    They stay lost in the ledger: should one turn up, it is found as any other.
    """
    at = moment(happened_at)
    check_reason("count_variance", reason)
    place = place_at(actor, place_id, may="count")
    units: list[Thing] = [thing for thing in things if isinstance(thing, str)]
    goods = listed(units) if units or not things else []
    lost = _lost_from([name(unit) for unit in units])
    counted, offences = lost_goods([thing for thing in things if not isinstance(thing, str)], place, at)
    if offences := [*_not_lost_here(goods, place, lost, at), *offences]:
        raise Refused.of(offences)
    paths = [*(path for path, _since in lost.values()), *(each.path for each in counted)]
    disposal = open_disposal(
        actor=actor, goods=[*goods, *counted], place=place, reason=reason, note=note, at=at, kind=Disposal.Kind.WRITE_OFF,
        asked_at=ruled_path("scrap", paths),
    )  # fmt: skip
    return Done(disposal.number, disposal.pk, disposal.state)


def _lost_from(epcs: Sequence[str]) -> dict[str, tuple[str, datetime]]:
    with connection.cursor() as cursor:
        cursor.execute(LOST_FROM, (list(epcs),))
        return {epc: (path, at) for epc, path, at in cursor.fetchall()}


def _not_lost_here(
    goods: Iterable[Listed], place: Place, lost: dict[str, tuple[str, datetime]], at: datetime
) -> Iterator[Offence]:
    """Pure."""
    for each in goods:
        epc = name(each.thing)
        path, since = lost.get(epc, ("", at))
        if each.status != Status.LOST or not path.startswith(place.path):
            yield Offence("not_lost_here", epc, {"place": place.name})
        elif at - since < LOST_FOR:
            yield Offence("lost_too_lately", epc, {"days": LOST_FOR.days, "since": timezone.localdate(since)})


@decided("scrap")
def _decided(disposal_id: int, approved: bool, actor: Actor) -> None:
    disposal = Disposal.objects.select_for_update().get(pk=disposal_id)
    to = DisposalState.APPROVED if approved else DisposalState.REFUSED
    disposal.state = reached("disposal", "approve", to)
    disposal.save(update_fields=["state"])


@verb
def cancel_disposal(*, actor: Actor, key: str, disposal_id: int) -> Done:
    """It is not to be destroyed, or written off, after all. What was set aside stays on hold until it is released."""
    found = disposal_for(actor, disposal_id)
    may = "scrap" if found.kind == Disposal.Kind.SCRAP else "count"
    disposal = disposal_for(actor, disposal_id, may=may, lock=True)
    allow_disposal(disposal, "cancel")
    withdraw("scrap", disposal.pk)
    disposal.state = reached("disposal", "cancel", DisposalState.CANCELLED)
    disposal.save(update_fields=["state"])
    return Done(disposal.number, disposal.pk, disposal.state)
