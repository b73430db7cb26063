"""A supplier's goods come over the door and stay the supplier's: no order, no price to pay before they are used."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.queries import prices_on
from yanji.ledger.api import (
    Draft,
    Line,
    Offence,
    Refused,
    Step,
    post,
    post_together,
)
from yanji.places.models import Place

from ..acts import Done, moment, verb
from ..arrival import names_of
from ..gates import place_at
from ..goods_in import (
    Arrived,
    check_label,
    doubted,
    draft_verdicts,
    lots_in,
    misnamed,
    new_things,
    papers_at_receipt,
)
from ..inspecting.dock import inspected, keep, quarantine_of, told
from ..inspecting.sample import Look, Outcome
from ..judged import judged
from ..numbers import next_number
from ..reasons import known
from ..recalled import REASON, may_doubt_recalled
from ..receive import DOCKS, Arrival
from ..things import known_units
from ..validity import Findings, usable
from .models import ConsignmentReceipt, LoanSet
from .title import Terms, agreement_for


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods(Arrived):
    """What came from a supplier under an agreement, beside what the catalogue knows of it."""

    agreement: Terms
    prices: Mapping[tuple[int, int], Decimal]

    def price(self, item_id: int) -> Decimal:
        """What one piece would cost if it were used today; zero where nothing is agreed."""
        return self.agreement.price(item_id, self.prices) or Decimal(0)


def check_goods(goods: Goods) -> Iterator[Offence]:
    """What may not be taken over like this. Pure. A rejected thing may be of any age."""
    for arrival in goods.arrivals:
        item = goods.items.get(arrival.item_id)
        if item is None:
            yield Offence("unknown_item", arrival.name)
            continue
        # Whatever the verdict: what is booked under another item is found by nobody who looks for it.
        if wrong := misnamed(arrival, goods.items, goods.known.get(arrival.epc), goods.named):
            yield wrong
            continue
        yield from check_label(arrival, counted=goods.by_lot(item.pk), verdicts=goods.verdicts)
        if arrival.rejected:
            continue
        if arrival.expiry and arrival.expiry < goods.day:
            yield Offence("expired_on_arrival", arrival.name, {"expiry": arrival.expiry})
        if item.pk in goods.lapsed and not usable(goods.lapsed[item.pk], goods.day, arrival.made):
            yield Offence("registration_lapsed", arrival.name, {"item": item.name, "day": goods.day})


def draft_goods(goods: Goods, *, key: str, dock_id: int, at: datetime, documents: Mapping[str, str]) -> Draft:
    """All that came, whatever its verdict, in the supplier's name. Pure."""
    owner = goods.supplier_id
    things = new_things(goods.arrivals, goods.items, cost=goods.price, supplier_id=owner, owner_id=owner)
    return Draft(
        step=Step.RECEIVE, key=key, happened_at=at, lines=tuple(Line(each, dock_id) for each in things),
        documents=documents, read_point_id=dock_id, source_party_id=owner,
    )  # fmt: skip


@verb
def receive_consigned(
    *,
    actor: Actor,
    key: str,
    supplier_id: int,
    dock_id: int,
    arrivals: Sequence[Arrival],
    looks: Sequence[Look] = (),
    reference: str = "",
    arrived_at: datetime | None = None,
) -> Done:
    """Take over consigned goods under the supplier's agreement: all of it, or nothing. ``looks``: what was seen of the
    samples that :func:`.preview.consigned_samples` proposes under the same key; a lot that fails is not accepted, and
    what is rejected goes to quarantine until its supplier has it back.

    Raises :class:`Refused`: no valid agreement for all of the items here, expired goods, a lapsed licence or
    registration, a sample that was not looked at, and whatever the ledger refuses.
    """
    dock = place_at(actor, dock_id, may="consign", kinds=DOCKS)
    at = moment(arrived_at)
    if not arrivals:
        raise Refused("empty")
    goods = goods_of(supplier_id, dock, arrivals, timezone.localdate(at))
    goods, outcomes, unseen = inspected(goods, looks, key=key)
    receipt, papers = take_over(
        goods, actor=actor, key=key, dock=dock, reference=reference, at=at, outcomes=outcomes, unseen=unseen
    )
    facts = {"pieces": receipt.pieces, "inspections": [told(each) for each in outcomes], **papers.facts()}
    return Done(receipt.number, receipt.pk, "received", events_of(receipt), facts)


def events_of(receipt: ConsignmentReceipt) -> tuple[str, ...]:
    found = (receipt.received_event_id, receipt.accepted_event_id, *receipt.rejected_events)
    return tuple(str(event) for event in found if event)


def take_over(
    goods: Goods,
    *,
    actor: Actor,
    key: str,
    dock: Place,
    reference: str,
    at: datetime,
    loan_set: LoanSet | None = None,
    outcomes: Sequence[Outcome] = (),
    unseen: Sequence[Offence] = (),
) -> tuple[ConsignmentReceipt, Findings]:
    """The receipt of goods that stay their supplier's, with its verdicts, and what their papers have to say. Part of a verb.
    ``outcomes``: what became of the lots that were looked at; ``unseen``: what is missing or wrong in that."""
    papers = papers_at_receipt(goods)
    if offences := [*unseen, *check_goods(goods), *papers.offences]:
        raise Refused.of(offences)
    goods = replace(goods, arrivals=doubted(goods))
    number = next_number("CR", path=dock.path, at=at)
    documents = {"receipt": number, "delivery": reference, "loan_set": loan_set.number if loan_set else ""}
    documents = {kind: paper for kind, paper in documents.items() if paper}
    draft = draft_goods(goods, key=key, dock_id=dock.pk, at=at, documents=documents)
    received = post(draft, actor=actor).event_id
    lots = lots_in(received) if any(goods.by_lot(each.item_id) for each in goods.arrivals) else {}
    aside = _aside(goods, dock, loan_set)
    verdicts = draft_verdicts(
        goods.arrivals, goods.items, draft, dock_id=dock.pk, lots=lots, owner_id=goods.supplier_id,
        set_aside_at=aside.pk if aside else None,
    )  # fmt: skip
    allowed = may_doubt_recalled(actor, dock)
    posted = post_together([(each, allowed if each.reason == REASON else actor) for each in verdicts])
    events = {each.reason: done.event_id for each, done in zip(verdicts, posted, strict=True)}
    receipt = ConsignmentReceipt.objects.create(
        number=number, agreement_id=goods.agreement.agreement_id, dock=dock, reference=reference, arrived_at=at,
        pieces=sum(each.quantity for each in goods.arrivals), received_event_id=received, accepted_event_id=events.get(""),
        rejected_events=[event for reason, event in events.items() if reason], loan_set=loan_set,
        actor_id=actor.person_id,
    )  # fmt: skip
    keep(receipt, goods, outcomes, aside.pk if aside else dock.pk)
    return receipt, papers


def _aside(goods: Goods, dock: Place, loan_set: LoanSet | None) -> Place | None:
    """Where what is rejected or in doubt goes. What is wrong in a loan set stays with it: the set goes back whole."""
    wrong = any(each.rejected or each.doubtful for each in goods.arrivals)
    return quarantine_of(dock) if wrong and loan_set is None else None


def goods_of(supplier_id: int, dock: Place, arrivals: Sequence[Arrival], day: date) -> Goods:
    """What came, with all that is known of it. Raises :class:`Refused` where no agreement covers it on the day."""
    wanted = {arrival.item_id for arrival in arrivals}
    of = judged(wanted, supplier_id)
    units = known_units([arrival.epc for arrival in arrivals if arrival.epc])
    terms = agreement_for(supplier_id, dock.path, day, wanted, name=arrivals[0].name)
    unpriced = [item for item in wanted if terms.prices.get(item) is None]
    return Goods(
        supplier_id=supplier_id,
        agreement=terms,
        day=day,
        arrivals=tuple(arrivals),
        items=of.items,
        prices=prices_on(day, unpriced) if unpriced else {},
        lapsed=of.held.over(day),
        recalled=of.recalled,
        held=of.held,
        verdicts=known("reject") if any(arrival.rejected for arrival in arrivals) else frozenset(),
        known=units,
        named=names_of(arrivals, units),
    )
