"""What a supplier's people look at. Every question is for one supplier: none takes a place of the hospital."""

from collections.abc import Collection
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.catalog.models import Licence, Maker
from yanji.ledger.api import IN_STOCK, Stock, on_hand
from yanji.places.models import VIRTUAL, Place

from ..buying.models import STANDS, DeliveryPart, LineAnswer
from ..consign.models import Payable, Settlement
from ..documents import RUNNING
from ..invoices.models import Invoice
from ..models import OrderLine, PurchaseOrder, ShipNotice, ShipNoticeLine
from ..packing.models import Box
from ..states import NoticeState
from .gates import supplier_of

LAPSES_WITHIN = timedelta(days=90)


# Pieces of an order's line that ship notices announce and that have not come. Of counted pieces a notice of which something came
# says no more how many are left: these are not counted.
COMING = Coalesce(
    Subquery(
        ShipNoticeLine.objects.filter(notice__order=OuterRef("order"), item=OuterRef("item"), arrived_at=None)
        .filter(
            Q(notice__state=NoticeState.ANNOUNCED) | ~Q(epc="") & Q(notice__state=NoticeState.PARTLY_ARRIVED)
        )
        .order_by()
        .values("item")
        .annotate(pieces=Sum("quantity"))
        .values("pieces")
    ),
    0,
)


def own_orders(actor: Actor, *, states: Collection[str] = (), text: str = "") -> QuerySet[PurchaseOrder]:
    """The supplier's orders, latest first, with their lines and what was answered to each."""
    # An order that ended as a draft was never said to anybody.
    found = PurchaseOrder.objects.filter(supplier_id=supplier_of(actor), placed_at__isnull=False)
    found = found.filter(state__in=states) if states else found
    if text:
        found = found.filter(Q(number__icontains=text) | Q(lines__item__code__icontains=text)).distinct()
    return found.select_related("deliver_to").prefetch_related(_lines()).order_by("-placed_at", "-pk")


def _lines() -> Prefetch:
    answers = Prefetch("answers", LineAnswer.objects.select_related("actor").order_by("-at", "-pk"))
    return Prefetch(
        "lines",
        OrderLine.objects.select_related("item")
        .annotate(coming=COMING)
        .prefetch_related(answers)
        .order_by("pk"),
    )


def unanswered(actor: Actor) -> QuerySet[OrderLine]:
    """Lines of running orders to which the supplier has said nothing, or nothing that stands; what it has announced in full is
    answered by that."""
    standing = LineAnswer.objects.filter(line=OuterRef("pk"), settled__in=STANDS)
    return (
        OrderLine.objects.filter(order__supplier_id=supplier_of(actor), order__state__in=RUNNING)
        .annotate(coming=COMING)
        .filter(~Exists(standing), received__lt=F("quantity") - F("given_up") - F("coming"))
        .select_related("order", "item")
        .order_by("order__placed_at", "pk")
    )


def lines_of(order: PurchaseOrder) -> QuerySet[OrderLine]:
    """The lines of one order with the parts of their deliveries, and their answers, the latest first. Three statements."""
    answers = Prefetch("answers", LineAnswer.objects.order_by("-at", "-pk"))
    parts = Prefetch("parts", DeliveryPart.objects.select_related("place"))
    found = order.lines.select_related("item").annotate(coming=COMING)
    return found.prefetch_related(answers, parts).order_by("pk")


def own_notices(actor: Actor, *, order_id: int | None = None) -> QuerySet[ShipNotice]:
    """The supplier's ship notices, latest first, with ``pieces``."""
    found = ShipNotice.objects.filter(order__supplier_id=supplier_of(actor))
    found = found.filter(order_id=order_id) if order_id else found
    return (
        found.select_related("order").annotate(pieces=Sum("lines__quantity")).order_by("-created_at", "-pk")
    )


def boxes_of_notice(notice: ShipNotice) -> QuerySet[Box]:
    """The cartons and pallets of a notice, pallets first."""
    return Box.objects.filter(notice=notice).select_related("parent").order_by("-kind", "code")


def own_goods(actor: Actor) -> list[Stock]:
    """Goods of the supplier that lie in the hospital, by item, lot and place, first expiry first; not what went back to it.
    Two statements."""
    roots = Place.objects.filter(parent__isnull=True).exclude(kind__in=VIRTUAL).values_list("path", flat=True)
    return on_hand(
        paths=tuple(roots),
        by=("item", "lot", "place", "status"),
        owner_id=supplier_of(actor),
        statuses=IN_STOCK,
    )


def used_goods(actor: Actor) -> QuerySet[Payable]:
    """What was used of the supplier's goods and is not settled yet: which thing, when, for how much; never on whom."""
    found = Payable.objects.filter(note__agreement__supplier_id=supplier_of(actor), settlement=None)
    return found.select_related("item").order_by("-at", "-pk")


def owed(payables: QuerySet[Payable]) -> Decimal:
    """The sum of what is owed for them, less what was taken back."""
    total = payables.order_by().aggregate(total=Sum(F("quantity") * F("price") * F("sign")))["total"]
    return total or Decimal(0)


def own_settlements(actor: Actor) -> QuerySet[Settlement]:
    """The monthly statements that the hospital has confirmed."""
    return Settlement.objects.filter(agreement__supplier_id=supplier_of(actor), state="confirmed").order_by(
        "-month"
    )


def own_settlement(actor: Actor, settlement_id: int) -> Settlement:
    """One of them; every other is absent."""
    found = own_settlements(actor).select_related("agreement__supplier", "agreement__place")
    settlement = found.filter(pk=settlement_id).first() if 0 < settlement_id < 2**63 else None
    if settlement is None:
        raise NotFound("settlement")
    return settlement


def own_invoices(actor: Actor) -> QuerySet[Invoice]:
    """The supplier's invoices, latest first."""
    return Invoice.objects.filter(supplier_id=supplier_of(actor)).select_related("place").order_by("-pk")


def own_licences(actor: Actor, *, today: date | None = None) -> list[tuple[Licence, bool]]:
    """The supplier's papers, those that end first on top; each with whether it ends within 90 days and is not renewed."""
    until = (today or timezone.localdate()) + LAPSES_WITHIN
    rows = list(
        Licence.objects.filter(supplier_id=supplier_of(actor)).order_by(F("valid_to").asc(nulls_last=True))
    )
    # Rows come by their last day: of each kind the last is the one that reaches furthest.
    furthest = {(row.kind, row.maker_id): row.pk for row in rows}
    return [
        (
            row,
            furthest[row.kind, row.maker_id] == row.pk and row.valid_to is not None and row.valid_to <= until,
        )
        for row in rows
    ]


def own_makers(actor: Actor) -> QuerySet[Maker]:
    """Whose goods the supplier delivers or is authorised for: of other makers it learns nothing."""
    supplier_id = supplier_of(actor)
    ordered = OrderLine.objects.filter(order__supplier_id=supplier_id).values("item__maker")
    found = Q(items__supplier_id=supplier_id) | Q(authorisations__supplier_id=supplier_id) | Q(pk__in=ordered)
    return Maker.objects.filter(found).distinct().order_by("name_zh")
