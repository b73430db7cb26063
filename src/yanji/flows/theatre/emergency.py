"""Used first, ordered later: nobody had received the unit, and the patient could not wait. One transaction writes what
should have come before - order, receipt - beside the use, and puts the order before those who approve it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item, Supplier
from yanji.ledger.api import Draft, LotQuantity, Offence, Refused
from yanji.places.models import Place

from ..acts import Done, moment, verb
from ..approval import approvals_of, decided
from ..approval_kinds import KINDS, document_kind
from ..buying.placing import Ordered, by_contract, lines_of, lines_to_place
from ..buying.pricing import check_limits, locked, offer_of, settle, with_offers
from ..documents import allow, reached
from ..gates import check, place_at
from ..goods_in import LotIds
from ..judged import judged
from ..models import OrderLine, PurchaseOrder
from ..numbers import next_of_each
from ..purchase import check_items
from ..reasons import chosen
from ..receive import Arrival, Coming, over_the_door
from ..states import EmergencyState, OrderState
from ..things import Thing
from ..use import USED_AT, confirmed_case, draft_use
from .after import Implanted, after_use, check_implanted
from .despite import KIND, ask_afterwards
from .models import EmergencyUse


@verb
def use_first(
    *,
    actor: Actor,
    key: str,
    department_id: int,
    case_number: str,
    patient_token: str,
    confirmed_by: str,
    supplier_id: int,
    arrivals: Sequence[Arrival],
    reason: str,
    procedure: str = "",
    operator: str = "",
    implants: Sequence[Implanted] = (),
    happened_at: datetime | None = None,
) -> Done:
    """Use units that the ledger does not know, each with its identity as scanned, or pieces of a lot; all of it, or nothing.

    Writes an order, its receipt and the use; the order waits for approval afterwards. Raises :class:`Refused` as the
    receipt and the use do: a lapsed licence or registration, expired goods, a unit that is here already, a wristband of
    somebody else.
    """
    place = place_at(actor, department_id, may="use", kinds=USED_AT)
    check_implanted(implants)
    if not arrivals:
        raise Refused("empty")
    at = moment(happened_at)
    case = confirmed_case(
        case_number,
        patient_token,
        confirmed_by,
        actor=actor,
        procedure=procedure,
        operator=operator,
        department_id=place.pk,
    )
    number, coming = _coming(key, supplier_id, reason, place, arrivals, actor, at)

    def used(lots: LotIds) -> Draft:
        things = _arrived(lots, arrivals, place)
        return draft_use(case, things, key=f"{key}:use", department_id=place.pk, at=at)

    order, lines = coming.order, coming.lines
    receipt = over_the_door(replace(coming, then=used), actor=_at_the_door(actor, place))
    exceeded = _exceeded(order, lines)
    event_id = receipt.events[-1]
    facts = after_use(case, event_id, actor=actor, at=at, implants=implants)
    emergency = EmergencyUse.objects.create(
        number=number, case=case, order=order, receipt_id=receipt.id,
        use_event_id=event_id, reason=reason, actor_id=actor.person_id, at=at,
        amount=sum((line.price * line.quantity for line in lines), Decimal(0)),
    )  # fmt: skip
    ask_afterwards(emergency, place)
    said = {name: said for name, said in receipt.facts.items() if name == "warnings"}
    more = {
        **said, "case": case.number, "order": order.number, "receipt": receipt.number, "contracts_exceeded": exceeded,
    }  # fmt: skip
    return Done(emergency.number, emergency.pk, emergency.state, receipt.events, {**facts, **more})


def _check_seller(supplier: Supplier | None, *, excused: bool) -> None:
    """Raises :class:`Refused` for one who sells nothing any more, and for a reason that cannot be chosen now."""
    if supplier is None:
        raise NotFound("supplier")
    if not excused:
        raise Refused("reason_needed")
    if not supplier.active:
        raise Refused("not_for_sale", thing=supplier.name)


def _arrived(lots: LotIds, arrivals: Sequence[Arrival], place: Place) -> list[Thing]:
    """What was just received, as things to be used: units, and pieces of the lots that they came to be. Pure."""
    pieces: Counter[int] = Counter()
    for each in arrivals:
        if not each.epc:
            pieces[lots[each.item_id, each.lot, each.expiry]] += each.quantity
    units: list[Thing] = [each.epc for each in arrivals if each.epc]
    return units + [LotQuantity(lot, Decimal(count), place.pk) for lot, count in pieces.items()]


def _coming(
    key: str,
    supplier_id: int,
    reason: str,
    place: Place,
    arrivals: Sequence[Arrival],
    actor: Actor,
    at: datetime,
) -> tuple[str, Coming]:
    """The number of the emergency, and what came, against the order that should have been, at the prices of the day: the
    contract's where one holds. The order's lines are written with what they received. All that it is judged by, whose goods
    they are and whether the reason may be chosen are asked with the items."""
    wanted: Counter[int] = Counter()
    for each in arrivals:
        wanted[each.item_id] += each.quantity
    day = timezone.localdate(at)
    asked = with_offers(supplier_id, place.path, day).annotate(excused=Exists(chosen("emergency", reason)))
    known_of = judged(wanted, supplier_id, among=asked)
    items: Mapping[int, Any] = check_items(list(wanted), known_of.items)
    _check_seller(known_of.supplier, excused=all(item.excused for item in items.values()))
    if offences := [
        Offence("needs_label", each.name)
        for each in arrivals
        if not each.epc and items[each.item_id].tracking == Item.Tracking.UNIT
    ]:
        raise Refused.of(offences)
    number, receipt_number, order_number = next_of_each("EU", "GR", "PO", path=place.path, at=at)
    order = PurchaseOrder.objects.create(
        number=order_number, supplier_id=supplier_id, deliver_to=place, state=OrderState.RECEIVED,
        actor_id=actor.person_id, created_at=at, placed_at=at,
    )  # fmt: skip
    lines = [Ordered(item, pieces) for item, pieces in wanted.items()]
    settled = [settle(None, "", line.quantity, offer_of(items[line.item_id])) for line in lines]
    return number, Coming(
        f"{key}:receipt", at, order, lines_of(order, lines, settled), place,
        [replace(each, rejected="") for each in arrivals], urgent=True, number=receipt_number, judged=known_of,
    )  # fmt: skip


def _exceeded(order: PurchaseOrder, lines: Sequence[OrderLine]) -> list[str]:
    """The contracts whose value the order exceeds: what is in the patient is ordered all the same, and who approves it is
    told. No statement where nothing is ordered by contract."""
    if not any(line.contract_item_id for line in lines):
        return []
    called = by_contract(lines_to_place(order))
    # The order stands already: the contracts count it.
    return [offence.thing for offence in check_limits(called, locked(called), already=called)]


def _at_the_door(actor: Actor, place: Place) -> Actor:
    """The same person with the right to receive at this place: in an emergency, whoever may use there takes the goods
    over as well. That it was right to do so is decided afterwards, by others."""
    scopes = {**actor.scopes}
    for operation in (Operation.RECEIVE, Operation.VIEW):
        scopes[operation.value] = (*scopes.get(operation.value, ()), place.path)
    return Actor(actor.person_id, actor.name, scopes, actor.device, actor.supplier_id)


@verb
def decide_emergency(*, actor: Actor, key: str, emergency_id: int, approve: bool) -> Done:
    """Approve an order made afterwards, or refuse it, where no rule of the hospital names who does.

    Raises :class:`Refused` for the one who asked, and where steps of approval wait: those decide.
    """
    emergency = emergency_for(actor, emergency_id, may="approve", lock=True)
    if emergency.actor_id == actor.person_id:
        raise Refused("approval_by_requester", thing=emergency.number)
    if approvals_of(KIND, emergency.pk):
        raise Refused("approval_in_steps", thing=emergency.number)
    _decide(emergency, approve)
    return Done(emergency.number, emergency.pk, emergency.state)


@decided(KIND)
def emergency_decided(emergency_id: int, approved: bool, actor: Actor) -> None:
    """The last step of approval was taken."""
    _decide(EmergencyUse.objects.select_for_update().get(pk=emergency_id), approved)


def _decide(emergency: EmergencyUse, approved: bool) -> None:
    state, label = emergency.state, emergency.get_state_display()
    allow(KIND, "decide", number=emergency.number, state=state, label=label)
    outcome = EmergencyState.APPROVED if approved else EmergencyState.REFUSED
    emergency.state = reached(KIND, "decide", outcome)
    emergency.save(update_fields=["state"])


@verb
def accept_refused(*, actor: Actor, key: str, emergency_id: int, reason: str) -> Done:
    """What was refused afterwards is in the patient all the same, or its use was taken back and the goods are kept: the order
    may be paid, and somebody who approves says why.

    Raises :class:`Refused` for the one who asked, without a reason, and for a paper by which nothing was ordered.
    """
    emergency = emergency_for(actor, emergency_id, may="approve", lock=True)
    if emergency.order is None:
        raise Refused("nothing_was_ordered", thing=emergency.number)
    state, label = emergency.state, emergency.get_state_display()
    allow(KIND, "accept", number=emergency.number, state=state, label=label)
    if emergency.actor_id == actor.person_id:
        raise Refused("approval_by_requester", thing=emergency.number)
    if not reason.strip():
        raise Refused("reason_needed")
    emergency.accepted_because, emergency.accepted_by_id = reason.strip(), actor.person_id
    emergency.state = reached(KIND, "accept", EmergencyState.ACCEPTED)
    emergency.save(update_fields=["accepted_because", "accepted_by", "state"])
    return Done(emergency.number, emergency.pk, emergency.state)


def emergency_for(actor: Actor, emergency_id: int, *, may: str = "view", lock: bool = False) -> EmergencyUse:
    """An emergency use is seen, and decided, where it happened."""
    found = EmergencyUse.objects.select_related("case__department", "order__supplier", "receipt")
    found = found.select_for_update(of=("self",)) if lock else found
    emergency = found.filter(pk=emergency_id).first() if 0 < emergency_id < 2**63 else None
    if emergency is None:
        raise NotFound("emergency")
    check(actor, [emergency.case.department.path], may=may, thing=emergency.number)
    return emergency


document_kind(KIND, KINDS[KIND].label, "theatre:emergency")
