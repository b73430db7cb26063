"""Things change departments by scan; the borrower confirms, gives back in kind or has the store replace them."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Sum

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Line, LotQuantity, Offence, Refused, Step, post, virtual_places
from yanji.ledger.models import Movement
from yanji.places.models import Kind

from ..acts import Done, moment, verb
from ..documents import reached
from ..gates import other_end, place_at
from ..landing import landing
from ..numbers import next_number
from ..states import LendingState
from ..things import Thing, item_names, lines, look_up
from ..validity import papers_at_issue
from .gate import allow_lending, allow_settle_up, lending_for
from .models import Lending, LendingLine, SettleUp

DEPARTMENTS = (Kind.DEPARTMENT, Kind.ROOM)


def draft_lending(
    goods: Sequence[Line], from_id: int, *, key: str, at: datetime, number: str, note: str = ""
) -> Draft:
    """Things go from one department to another. Pure."""
    return Draft(
        step=Step.LEND,
        key=key,
        happened_at=at,
        lines=tuple(goods),
        documents={"lending": number},
        note=note,
        read_point_id=from_id,
    )


def over_owed(
    pieces: Mapping[int, int], owed: Mapping[int, int], names: Mapping[int, str]
) -> Iterator[Offence]:
    """What is given back although it is not owed, or not so much of it. Pure."""
    for item, count in pieces.items():
        if item not in owed:
            yield Offence("not_owed", names.get(item, ""))
        elif count > owed[item]:
            yield Offence("over_owed", names.get(item, ""), {"wanted": count, "open": owed[item]})


@verb
def lend(
    *,
    actor: Actor,
    key: str,
    lender_id: int,
    borrower_id: int,
    things: Sequence[Thing],
    note: str = "",
    happened_at: datetime | None = None,
) -> Done:
    """Lend things of one's own department to another. They lie there at once, cold things in a cabinet that keeps them so;
    the borrower has still to confirm. ``facts.warnings``: papers amiss of the goods; raises :class:`Refused` for them where the
    rules say so, as giving back and replacing do."""
    at = moment(happened_at)
    lender = place_at(actor, lender_id, may="lend", kinds=DEPARTMENTS)
    borrower = other_end(borrower_id, kinds=DEPARTMENTS)
    if lender.pk == borrower.pk:
        raise Refused("same_two_places")
    papers = papers_at_issue(things, at).check()
    number = next_number("LN", path=lender.path, at=at)
    draft = draft_lending(
        landing(things, borrower, lender.pk), lender.pk, key=key, at=at, number=number, note=note
    )
    event = post(draft, actor=actor).event_id
    lending = Lending.objects.create(
        number=number,
        lender=lender,
        borrower=borrower,
        note=note,
        event_id=event,
        actor_id=actor.person_id,
        lent_at=at,
    )
    LendingLine.objects.bulk_create(
        LendingLine(lending=lending, item_id=item, quantity=pieces, value=value)
        for item, (pieces, value) in _moved(event).items()
    )
    return Done(number, lending.pk, lending.state, (event,), papers.facts())


def _moved(event_id: str) -> dict[int, tuple[int, Decimal]]:
    """Item -> pieces and value that an entry moved. One statement."""
    rows = Movement.objects.filter(event_id=event_id).values_list("lot__item_id").order_by("lot__item_id")
    return {item: (int(n), value) for item, n, value in rows.annotate(Sum("quantity"), Sum("value"))}


@verb
def confirm_lending(*, actor: Actor, key: str, lending_id: int, happened_at: datetime | None = None) -> Done:
    """The borrower confirms what it was lent: from now on it is owed. Not by whoever lent it."""
    lending = lending_for(actor, lending_id, side="borrower", may="lend", lock=True)
    allow_lending(lending, "confirm")
    _other_side(actor, lending.actor_id, lending.number)
    lending.confirmed_by_id, lending.confirmed_at = actor.person_id, moment(happened_at)
    lending.state = reached("lending", "confirm", LendingState.OWED)
    lending.save(update_fields=["confirmed_by", "confirmed_at", "state"])
    return Done(lending.number, lending.pk, lending.state)


def _other_side(actor: Actor, first_id: int, number: str) -> None:
    if actor.person_id == first_id:
        raise Refused("both_sides", thing=number)


@verb
def give_back_lent(
    *, actor: Actor, key: str, lending_id: int, things: Sequence[Thing], happened_at: datetime | None = None
) -> Done:
    """Give back in kind: any units of the items owed. They lie at the lender at once; the lender has still to confirm."""
    lending = lending_for(actor, lending_id, side="borrower", may="lend", lock=True)
    allow_lending(lending, "settle")
    pieces = _check_owed(lending, things)
    at = moment(happened_at)
    papers = papers_at_issue(things, at).check()
    goods = landing(things, lending.lender, lending.borrower_id)
    draft = draft_lending(goods, lending.borrower_id, key=key, at=at, number=lending.number)
    event = post(draft, actor=actor).event_id
    _settle(lending, SettleUp.Way.IN_KIND, event, pieces, actor, at)
    return Done(lending.number, lending.pk, lending.state, (event,), papers.facts())


@verb
def replace_lent(
    *,
    actor: Actor,
    key: str,
    lending_id: int,
    store_id: int,
    things: Sequence[Thing],
    happened_at: datetime | None = None,
) -> Done:
    """A store sends the lender what the borrower owes, at the borrower's charge. ``facts.charged``: CNY.

    It is on its way until the lender confirms.
    """
    lending = lending_for(actor, lending_id)
    store = place_at(actor, store_id, may="issue", kinds=(Kind.STORE,))
    lending = (
        Lending.objects.select_for_update(of=("self",))
        .select_related("lender", "borrower")
        .get(pk=lending.pk)
    )
    allow_lending(lending, "settle")
    pieces = _check_owed(lending, things)
    at = moment(happened_at)
    found = papers_at_issue(things, at).check()
    papers = {"lending": lending.number, "charged_to": lending.borrower.code}
    events = []
    for step, to in ((Step.PICK, None), (Step.ISSUE, virtual_places().transit)):
        picked = [_as(thing, "picked") if step is Step.ISSUE else thing for thing in things]
        draft = Draft(
            step=step, key=f"{key}:{step}", happened_at=at, lines=lines(picked, to, store.pk), documents=papers,
            read_point_id=store.pk,
        )  # fmt: skip
        events.append(post(draft, actor=actor).event_id)
    charged = sum((value for _pieces, value in _moved(events[-1]).values()), Decimal(0))
    _settle(lending, SettleUp.Way.BY_STORE, events[-1], pieces, actor, at, store_id=store.pk, charged=charged)
    facts = {"charged": str(charged), **found.facts()}
    return Done(lending.number, lending.pk, lending.state, tuple(events), facts)


def _as(thing: Thing, status: str) -> Thing:
    return thing if isinstance(thing, str) else replace(thing, status=status)


def _check_owed(lending: Lending, things: Sequence[Thing]) -> Counter[int]:
    """Pieces of each item, none more than is owed and not yet on its way back. Raises :class:`Refused`."""
    if not things:
        raise Refused("empty")
    owed = {line.item_id: line.owed for line in lending.lines.all()}
    for waiting in lending.settlements.filter(confirmed_at__isnull=True, voided_at__isnull=True):
        for item, count in waiting.pieces.items():
            owed[int(item)] -= count
    pieces = look_up(things).pieces(things)
    if offences := list(over_owed(pieces, owed, item_names([*pieces, *owed]))):
        raise Refused.of(offences)
    return pieces


def _settle(
    lending: Lending,
    way: str,
    event: str,
    pieces: Mapping[int, int],
    actor: Actor,
    at: datetime,
    **more: object,
) -> None:
    SettleUp.objects.create(
        lending=lending, way=way, event_id=event, pieces={str(item): count for item, count in pieces.items()},
        actor_id=actor.person_id, at=at, **more,
    )  # fmt: skip


@verb
def confirm_settlement(
    *, actor: Actor, key: str, settlement_id: int, happened_at: datetime | None = None
) -> Done:
    """The lender has it back: the debt shrinks. What a store sent is taken in at the lender. Not by whoever gave it."""
    lending, settled = settlement_for(actor, settlement_id, "confirm")
    _other_side(actor, settled.actor_id, lending.number)
    at = moment(happened_at)
    events = _take_in(lending, settled, actor=actor, key=key, at=at)
    settled.confirmed_by_id, settled.confirmed_at = actor.person_id, at
    reached("settle_up", "confirm", settled.state)
    settled.save(update_fields=["confirmed_by", "confirmed_at"])
    found = {line.item_id: line for line in lending.lines.all()}
    for item, count in settled.pieces.items():
        found[int(item)].settled += count
    LendingLine.objects.bulk_update(found.values(), ["settled"])
    even = not any(line.owed for line in found.values())
    lending.state = reached("lending", "settle", LendingState.SETTLED if even else LendingState.OWED)
    lending.save(update_fields=["state"])
    return Done(lending.number, lending.pk, lending.state, events)


def settlement_for(actor: Actor, settlement_id: int, verb_: str) -> tuple[Lending, SettleUp]:
    """A settlement with its lending, both locked. Raises :class:`Refused` where its state does not allow the verb."""
    seen = SettleUp.objects.filter(pk=settlement_id).first() if 0 < settlement_id < 2**63 else None
    lending = lending_for(actor, seen.lending_id if seen else 0, side="lender", may="lend", lock=True)
    settled = SettleUp.objects.select_for_update().get(pk=settlement_id)
    allow_lending(lending, "settle")
    allow_settle_up(settled, verb_)
    return lending, settled


def _take_in(lending: Lending, settled: SettleUp, *, actor: Actor, key: str, at: datetime) -> tuple[str, ...]:
    """What a store sent reaches the lender."""
    if settled.way != SettleUp.Way.BY_STORE:
        return ()
    draft = Draft(
        step=Step.TAKE_IN, key=f"{key}:in", happened_at=at, lines=landing(moved_by(settled.event_id), lending.lender),
        documents={"lending": lending.number, "charged_to": lending.borrower.code}, read_point_id=lending.lender_id,
    )  # fmt: skip
    return (post(draft, actor=actor).event_id,)


def moved_by(event_id: str | UUID) -> list[Thing]:
    """What an entry moved, as it lies since. One statement."""
    sent = Movement.objects.filter(event_id=event_id).select_related("unit").order_by("line")
    return [
        move.unit.epc
        if move.unit
        else LotQuantity(move.lot_id, move.quantity, move.to_place_id, move.to_owner_id, move.to_status)
        for move in sent
    ]
