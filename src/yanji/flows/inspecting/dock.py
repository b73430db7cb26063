"""At the dock: the plans are asked, what was seen is judged, and what was found is kept with the receipt."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q

from yanji.ledger.api import Offence
from yanji.places.models import Kind, Place
from yanji.places.queries import above

from ..consign.models import ConsignmentReceipt
from ..goods_in import Arrived
from ..models import Receipt
from ..reasons import known as known_reasons
from .models import Finding, InspectionPlan, LotInspection, UnitLook
from .sample import FAULTY, NOT_ACCEPTED, Came, Look, Outcome, judge, propose

HOLDERS = (Kind.STORE, Kind.DEPARTMENT)


def plans_in_force() -> list[InspectionPlan]:
    """One statement."""
    return list(InspectionPlan.objects.filter(active=True).order_by("pk"))


def inspected(
    delivery: Came, looks: Sequence[Look], *, key: str, planned: bool = True
) -> tuple[Came, list[Outcome], list[Offence]]:
    """The delivery with what follows from its plans and what was seen: see :func:`.sample.judge`. Two statements at most.
    ``planned``: whether the plans are asked at all."""
    plans = plans_in_force() if planned else []
    if not plans and not looks:
        return delivery, [], []
    verdicts = delivery.verdicts
    if not verdicts and any(look.faults for look in looks):
        verdicts = known_reasons("reject")
    delivery = replace(delivery, verdicts=verdicts)
    judged, outcomes, offences = judge(delivery, propose(delivery, plans, key=key), looks)
    # A hospital may stop offering these two to people; what inspection says with them stays said.
    return replace(judged, verdicts=verdicts | {FAULTY, NOT_ACCEPTED}), outcomes, offences


def quarantine_of(dock: Place) -> Place | None:
    """Where doubtful things of a dock go: the nearest place marked as quarantine in its store, else on its campus beside
    the stores; None where there is none. Two statements."""
    around = [*above(dock), dock]
    inside = next((n for n, place in enumerate(around) if place.kind in HOLDERS), len(around))
    # What lies inside another store or department is not this dock's.
    near = Q(parent__in=[place.pk for place in around[:inside] if place.kind != Kind.GROUP])
    if inside < len(around):
        near |= Q(path__startswith=around[inside].path)
    found = Place.objects.filter(near, quarantine=True, active=True).order_by("path")
    return max(found, key=lambda place: _shared(place.path, dock.path), default=None)


def _shared(one: str, other: str) -> int:
    """How many levels two paths have in common."""
    pairs = zip(one.split("/"), other.split("/"), strict=False)
    return next(
        (level for level, (a, b) in enumerate(pairs) if a != b), min(one.count("/"), other.count("/"))
    )


def keep(
    receipt: Receipt | ConsignmentReceipt,
    delivery: Arrived,
    outcomes: Sequence[Outcome],
    set_aside_at: int,
) -> list[Finding]:
    """What was looked at, and what was turned down or put in doubt. Three statements at most."""
    came_with = parent(receipt)
    if outcomes:
        _keep_inspections(came_with, outcomes)
    return Finding.objects.bulk_create(
        Finding(
            **came_with, item_id=arrival.item_id, epc=arrival.epc, lot=arrival.lot, expiry=arrival.expiry,
            pieces=arrival.quantity, reason=arrival.rejected or arrival.doubtful, place_id=set_aside_at,
            verdict=Finding.Verdict.REJECTED if arrival.rejected else Finding.Verdict.DOUBTFUL,
        )
        for arrival in delivery.arrivals
        if arrival.rejected or arrival.doubtful
    )  # fmt: skip


def parent(
    receipt: Receipt | ConsignmentReceipt,
) -> dict[str, Receipt | ConsignmentReceipt]:
    """Under which of its two parents an inspection or a finding is kept, and sought."""
    return {"receipt" if isinstance(receipt, Receipt) else "consigned": receipt}


def _keep_inspections(
    came_with: dict[str, Receipt | ConsignmentReceipt], outcomes: Sequence[Outcome]
) -> None:
    rows = LotInspection.objects.bulk_create(
        LotInspection(
            **came_with, plan=outcome.sampled.plan, item_id=outcome.sampled.item_id, lot=outcome.sampled.lot,
            expiry=outcome.sampled.expiry, severity=outcome.sampled.plan.severity, size=outcome.sampled.size,
            sample=outcome.sampled.sample, accept=outcome.sampled.accept, faulty=outcome.faulty,
            faults=dict(Counter(outcome.faults)), accepted=outcome.accepted,
        )
        for outcome in outcomes
    )  # fmt: skip
    UnitLook.objects.bulk_create(
        UnitLook(inspection=row, epc=epc, faults=list(faults))
        for row, outcome in zip(rows, outcomes, strict=True)
        for epc, faults in outcome.looks.items()
    )


def told(outcome: Outcome) -> dict[str, object]:
    """One lot as an answer tells it."""
    of = outcome.sampled
    return {
        "item_id": of.item_id,
        "lot": of.lot,
        "expiry": of.expiry.isoformat() if of.expiry else "",
        "size": of.size,
        "sample": of.sample,
        "accept": of.accept,
        "faulty": outcome.faulty,
        "accepted": outcome.accepted,
    }
