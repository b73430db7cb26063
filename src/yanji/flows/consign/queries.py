"""What the pages ask of goods that belong to suppliers: where they lie, what to refill, what is owed, which sets are open."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import IN_STOCK, Stock, on_hand
from yanji.ledger.models import Movement

from ..queries import within
from ..states import LoanSetState, SettlementState
from .models import (
    AgreementEnding,
    AgreementItem,
    AgreementVersion,
    ConsignmentAgreement,
    ConsignmentReceipt,
    LoanSet,
    LoanSetCycle,
    LoanSetLine,
    Payable,
    Settlement,
    TitleNote,
)
from .settle import SEES
from .versions import versions_on, versions_shown

USED_DAYS = 30
# Planned cases are over by then: a set that is open still has been forgotten.
DAY_ENDS = time(18)


def consigned_stock(
    actor: Actor, *, supplier_id: int | None = None, place_path: str = "", limit: int = 500
) -> list[Stock]:
    """Goods of suppliers below the places that the actor sees, by supplier, item, lot and shelf; first expiry first. One
    statement. ``place_path`` narrows it to one subtree."""
    paths = [path for path in actor.scopes.get("view", ()) if path.startswith(place_path)]
    if place_path and actor.may("view", place_path):
        paths = [place_path]
    rows = on_hand(
        paths=paths, by=("owner", "item", "lot", "place", "status"), owner_id=supplier_id, statuses=IN_STOCK
    )
    return [row for row in rows if row.owner_id is not None][:limit]


@dataclass(frozen=True, slots=True)
class Refill:
    """One item of an agreement: how much should lie here and does, and what was used of it lately."""

    agreement: ConsignmentAgreement
    item: Item
    keep: int
    here: int
    used: int

    @property
    def wanted(self) -> int:
        return max(0, self.keep - self.here)


def refills(actor: Actor, *, today: date | None = None) -> list[Refill]:
    """What suppliers should bring to fill up what their agreements promise, the emptiest first. Three statements, and one
    more for each place of an agreement."""
    day = today or timezone.localdate()
    seen = ConsignmentAgreement.objects.filter(within("place", actor.scopes.get("view", ())))
    lines = list(
        AgreementItem.objects.filter(version__in=versions_on(seen, day), keep__gt=0)
        .exclude(version__agreement__in=_over(day))
        .select_related("version__agreement__supplier", "version__agreement__place", "item")
    )
    of = [(line, line.version.agreement) for line in lines]
    here = {path: _lying(path) for path in {agreement.place.path for _line, agreement in of}}
    used = _used({agreement.pk for _line, agreement in of}, day)
    found = [
        Refill(
            agreement,
            line.item,
            line.keep,
            here[agreement.place.path][agreement.supplier_id, line.item_id],
            used[agreement.pk, line.item_id],
        )
        for line, agreement in of
    ]
    return sorted(found, key=lambda each: (-each.wanted, each.item.code))


def _lying(path: str) -> Counter[tuple[int, int]]:
    """(supplier, item) -> pieces below a place that could be used."""
    rows = on_hand(
        paths=[path], by=("owner", "item"), statuses=("inspecting", "available", "picked", "in_use", "opened")
    )
    return Counter(
        {(row.owner_id, row.item_id): int(row.quantity) for row in rows if row.owner_id and row.item_id}
    )


def _used(agreements: set[int], day: date) -> Counter[tuple[int, int]]:
    """(agreement, item) -> pieces used in the last days, less what was taken back."""
    rows = Payable.objects.filter(
        note__agreement_id__in=agreements, at__date__gt=day - timedelta(days=USED_DAYS)
    )
    sums = (
        rows.values_list("note__agreement_id", "item_id")
        .annotate(net=Sum(F("quantity") * F("sign")))
        .order_by()
    )
    return Counter({(agreement, item): int(pieces) for agreement, item, pieces in sums})


def _over(day: date) -> QuerySet[AgreementEnding, int]:
    """Ids of the agreements under which nothing comes any more on a day, as a question."""
    standing = AgreementEnding.objects.filter(taken_back_at=None, last_day__lt=day)
    return standing.values_list("agreement_id", flat=True)


def endings_of(agreement: ConsignmentAgreement) -> list[AgreementEnding]:
    """When and why an agreement was ended, and what of that was taken back; latest first. One statement."""
    return list(agreement.endings.select_related("actor", "taken_back_by").order_by("-id"))


def agreements(actor: Actor, *, valid_on: date | None = None) -> list[AgreementVersion]:
    """Agreements of the places that the actor sees, each in the version of today (else its first), with its items and, where
    it has ended, its ``last_day`` and ``ended_because``; latest agreement first. Two statements. ``valid_on``: those under
    which goods may come on that day, in the version of that day."""
    seen = ConsignmentAgreement.objects.filter(within("place", actor.scopes.get("view", ())))
    if valid_on:
        found = versions_on(seen, valid_on).exclude(agreement__in=_over(valid_on))
    else:
        found = versions_shown(seen, timezone.localdate())
    ending = AgreementEnding.objects.filter(agreement=OuterRef("agreement"), taken_back_at=None)
    found = found.annotate(
        last_day=Subquery(ending.values("last_day")), ended_because=Subquery(ending.values("reason"))
    )
    items = Prefetch("items", AgreementItem.objects.select_related("item").order_by("id"))
    found = found.select_related("agreement__supplier", "agreement__place").prefetch_related(items)
    return list(found.order_by("-agreement_id"))


def consignment_receipts(actor: Actor, *, limit: int = 50) -> list[ConsignmentReceipt]:
    """Deliveries of suppliers' own goods, latest first. One statement."""
    found = ConsignmentReceipt.objects.filter(within("dock", actor.scopes.get("view", ())))
    return list(
        found.select_related("agreement__supplier", "dock", "actor", "loan_set").order_by("-arrived_at")[
            :limit
        ]
    )


def things_of(receipt: ConsignmentReceipt) -> list[Movement]:
    """What came with a delivery, with its units as they are now. One statement."""
    moved = Movement.objects.filter(event_id=receipt.received_event_id)
    return list(moved.select_related("unit__place", "lot__item").order_by("line"))


def loan_sets(actor: Actor, *, open_only: bool = False, limit: int = 200) -> list[LoanSet]:
    """Sets of the theatres that the actor sees: those that must be closed first come first. Two statements."""
    found = LoanSet.objects.filter(within("department", actor.scopes.get("view", ())))
    found = found.exclude(state=LoanSetState.CLOSED) if open_only else found
    lines = Prefetch("lines", LoanSetLine.objects.select_related("item").order_by("id"))
    found = found.select_related("agreement__supplier", "department", "case").prefetch_related(lines)
    return list(found.order_by(F("closed_at").desc(nulls_first=True), "due_on", "id")[:limit])


def cycles_of(loan_set: LoanSet) -> list[LoanSetCycle]:
    """Every sterilisation of a set, voided ones too, the first one first. One statement."""
    return list(loan_set.cycles.select_related("sterilised_by", "voided_by").order_by("sterilised_at", "pk"))


def overdue_sets(paths: Sequence[str], *, now: datetime | None = None) -> QuerySet[LoanSet]:
    """Sets that came and should have been closed: on a day before, or on this one, whose last case is over by now."""
    at = timezone.localtime(now)
    ended = at.date() if at.time() >= DAY_ENDS else at.date() - timedelta(days=1)
    return (
        LoanSet.objects.filter(within("department", paths), due_on__lte=ended)
        .exclude(state__in=(LoanSetState.EXPECTED, LoanSetState.CLOSED))
        .select_related("agreement__supplier", "department")
        .order_by("due_on", "id")
    )


def seen_for_money(actor: Actor) -> Q:
    """Agreements whose money the actor may see."""
    found = Q(pk__in=[])
    for operation in SEES:
        found |= within("agreement__place", actor.scopes.get(operation, ()))
    return found


def settlements(actor: Actor, *, limit: int = 200) -> list[Settlement]:
    """Monthly statements, latest month first, with the pieces used of each, credited ones taken off. One statement."""
    pieces = Sum(F("lines__sign") * F("lines__quantity"))
    found = Settlement.objects.filter(seen_for_money(actor)).annotate(pieces=pieces)
    return list(
        found.select_related("agreement__supplier", "actor").order_by("-month", "agreement_id")[:limit]
    )


@dataclass(frozen=True, slots=True)
class Owed:
    """What an agreement's use adds up to and no statement holds yet, month by month."""

    agreement: ConsignmentAgreement
    month: date
    pieces: int
    amount: Decimal


def unsettled(actor: Actor) -> list[Owed]:
    """What is owed and not yet on any statement: latest month first. Two statements."""
    seen = ConsignmentAgreement.objects.filter(_seen_agreements(actor)).select_related("supplier", "place")
    known = {agreement.pk: agreement for agreement in seen}
    rows = (
        Payable.objects.filter(settlement__isnull=True, note__agreement_id__in=known)
        .annotate(month=TruncMonth("at"))
        .values_list("note__agreement_id", "month")
        .annotate(pieces=Sum(F("sign") * F("quantity")), owed=Sum(F("sign") * F("quantity") * F("price")))
        .order_by("-month", "note__agreement_id")
    )
    return [
        Owed(known[agreement], timezone.localtime(month).date(), pieces, amount)
        for agreement, month, pieces, amount in rows
    ]


def _seen_agreements(actor: Actor) -> Q:
    found = Q(pk__in=[])
    for operation in SEES:
        found |= within("place", actor.scopes.get(operation, ()))
    return found


def notes_of(actor: Actor, event_id: UUID | str) -> list[TitleNote]:
    """The title notes of an entry, for who may deal with consignment or money at their agreement's place. One statement."""
    found = TitleNote.objects.filter(event_id=event_id).select_related(
        "agreement__supplier", "agreement__place"
    )
    return [
        note
        for note in found.order_by("pk")
        if any(actor.may(each, note.agreement.place.path) for each in SEES)
    ]


def lines_of(settlement: Settlement) -> list[Payable]:
    """The lines of a statement with what they name; of a voided one, those that it had. One statement."""
    voided = settlement.state == SettlementState.VOIDED
    found = (settlement.kept_lines if voided else settlement.lines).select_related(
        "note__place", "item", "unit", "lot"
    )
    return list(found.order_by("at", "id"))
