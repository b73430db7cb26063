"""A cost is spread over what a delivery brought, to the cent, and shown by unit."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Moment, Refused
from yanji.ledger.models import Movement

from ..acts import Done, verb
from ..documents import allow, reached
from ..gates import check, receipt_for
from ..models import Receipt
from ..numbers import next_number
from .models import LandedCost, LandedShare

CENT = Decimal("0.01")
# A unit that comes again bears what it costs to bring it again, and no more what a delivery taken back had cost.
COUNTS = Q(cost__voided_at__isnull=True, cost__receipt__voided_at__isnull=True)


def shares(amount: Decimal, weights: Sequence[Decimal]) -> list[Decimal]:
    """An amount in proportion to weights, in cents that add up to it exactly: the largest remainders get the cents left.

    Pure. Without any weight all bear alike. (Hamilton's method of largest remainders.)
    """
    total = sum(weights, Decimal(0))
    parts = list(weights) if total else [Decimal(1)] * len(weights)
    total = total or Decimal(len(parts))
    exact = [amount * part / total for part in parts]
    found = [share.quantize(CENT, rounding=ROUND_DOWN) for share in exact]
    left = int((amount - sum(found, Decimal(0))) / CENT)
    by_remainder = sorted(range(len(parts)), key=lambda at: (found[at] - exact[at], at))
    for at in by_remainder[:left]:
        found[at] += CENT
    return found


@verb
def add_cost(
    *,
    actor: Actor,
    key: str,
    receipt_id: int,
    kind: str,
    basis: str,
    amount: Decimal,
    reference: str = "",
) -> Done:
    """Spread a cost over what a receipt took in, by value or by pieces: what was put in doubt came as well, and bears its
    share whatever becomes of it. The ledger's own cost is not touched.

    Raises :class:`Refused`: a receipt taken back or of which all was rejected, an amount that is none, no such kind.
    """
    receipt = _receipt(actor, receipt_id)
    sound = amount.is_finite() and 0 < amount < 10**10 and amount == amount.quantize(CENT)
    if not sound or kind not in LandedCost.Kind.values or basis not in LandedCost.Basis.values:
        raise Refused("bad_landed_cost")
    if not (brought := _brought(receipt)):
        raise Refused("nothing_to_bear", thing=receipt.number)
    at = timezone.now()
    cost = LandedCost.objects.create(
        number=next_number("LC", path=receipt.dock.path, at=at), receipt=receipt, kind=kind, basis=basis, amount=amount,
        reference=reference, actor_id=actor.person_id, at=at,
    )  # fmt: skip
    weights = [move.value if basis == LandedCost.Basis.VALUE else move.quantity for move in brought]
    LandedShare.objects.bulk_create(
        LandedShare(
            cost=cost, unit_id=move.unit_id, lot_id=move.lot_id, quantity=int(move.quantity), amount=share
        )
        for move, share in zip(brought, shares(amount, weights), strict=True)
    )
    return Done(cost.number, cost.pk, "spread", facts={"units": len(brought), "receipt": receipt.number})


@verb
def void_cost(*, actor: Actor, key: str, cost_id: int, reason: str) -> Done:
    """Take a cost back that was wrong; it stays readable, and counts no more."""
    cost = LandedCost.objects.select_for_update().filter(pk=cost_id).first()
    if cost is None:
        raise NotFound("cost")
    receipt = _receipt(actor, cost.receipt_id)
    allow("landed_cost", "take_back", number=cost.number, state=cost.state, label=str(cost.state.label))
    if not reason.strip():
        raise Refused("reason_needed")
    cost.voided_by_id, cost.voided_at = actor.person_id, timezone.now()
    cost.voided_because = reason.strip()
    reached("landed_cost", "take_back", cost.state)
    cost.save(update_fields=["voided_by", "voided_at", "voided_because"])
    return Done(cost.number, cost.pk, "voided", facts={"receipt": receipt.number})


def _brought(receipt: Receipt) -> list[Movement]:
    """What was not rejected at the dock, and was not taken back. One statement."""
    if receipt.voided_at is not None:
        return []
    events = [event for event in (receipt.accepted_event, *receipt.held_events) if event]
    found = Movement.objects.filter(event_id__in=events, event__corrected_by__isnull=True)
    return list(found.order_by("event__step", "event_id", "line"))


def _receipt(actor: Actor, receipt_id: int) -> Receipt:
    receipt = receipt_for(actor, receipt_id)
    check(actor, [receipt.dock.path], may="invoice", thing=receipt.number)
    return receipt


def costs_of(receipt_id: int) -> list[LandedCost]:
    """The costs of a receipt, those taken back included. One statement."""
    return list(
        LandedCost.objects.filter(receipt_id=receipt_id)
        .select_related("receipt", "actor", "voided_by")
        .order_by("pk")
    )


def landed_of(unit_id: int) -> dict[str, Decimal]:
    """Kind of cost -> what a unit bears of it. One statement."""
    rows = LandedShare.objects.filter(COUNTS, unit_id=unit_id)
    return dict(rows.values_list("cost__kind").annotate(Sum("amount")).order_by("cost__kind"))


def landed(epc: str, *, moment: Moment | None = None) -> Decimal:
    """All that a unit bears beside its price, now or at a moment. One statement."""
    rows = LandedShare.objects.filter(_stands(moment), unit__epc=epc)
    return rows.aggregate(all=Sum("amount"))["all"] or Decimal(0)


def _stands(moment: Moment | None) -> Q:
    """A cost has one time, when it was entered; taken back, itself or with its delivery, it stands only for whoever did not
    know that yet."""
    if moment is None:
        return COUNTS
    known = moment.as_known
    stands = COUNTS
    if known:
        cost = Q(cost__voided_at__isnull=True) | Q(cost__voided_at__gt=known)
        delivery = Q(cost__receipt__voided_at__isnull=True) | Q(cost__receipt__voided_at__gt=known)
        stands = cost & delivery
    return Q(stands, cost__at__lte=min(moment.as_of, known or moment.as_of))


def by_thing(receipt_id: int) -> list[dict[str, Any]]:
    """Each unit or lot of a receipt with all that it bears (``bears``). One statement."""
    return _borne(LandedShare.objects.filter(COUNTS, cost__receipt_id=receipt_id))


def borne_of(cost_id: int) -> list[dict[str, Any]]:
    """The same of one cost, also where it was taken back: what each bore. One statement."""
    return _borne(LandedShare.objects.filter(cost_id=cost_id))


def _borne(shares: QuerySet[LandedShare]) -> list[dict[str, Any]]:
    return list(
        shares.values(
            "unit__serial", "unit__epc", "unit__cost", "lot__number", "lot__item__name_zh", "lot__item__name_en", "quantity"
        )
        .annotate(bears=Sum("amount"))
        .order_by("lot__item__name_zh", "unit__serial", "lot__number")
    )  # fmt: skip
