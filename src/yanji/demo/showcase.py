"""Finds things worth showing in the demo hospital: for pictures, for stories, and for whoever looks around.

Each function looks the thing up anew, so that it is right for every seed; None where a small scale has no such thing.
"""

from collections.abc import Callable

from django.db.models import Count, Q

from yanji.flows.models import Case, Issue, PurchaseOrder, Requisition, ShipNotice
from yanji.ledger.api import Status, Step
from yanji.ledger.models import Event, Lot, Movement, Unit
from yanji.places.models import Kind

STORE, WARD = "MAIN-IS", "MAIN-CATH"  # where the demo's storekeeper and nurse work


def _epc(**chosen: object) -> str | None:
    return Unit.objects.filter(**chosen).order_by("epc").values_list("epc", flat=True).first()


def long_life() -> str | None:
    """The implant with the longest life that ended in a patient, announced by its supplier first."""
    announced = Movement.objects.filter(event__step=Step.ANNOUNCE).values("unit_id")
    found = Unit.objects.filter(status=Status.USED, item__implant=True, pk__in=announced).order_by(
        "-seq", "epc"
    )
    return found.values_list("epc", flat=True).first()


def spread_lot() -> int | None:
    """The lot whose units have been used in, or lie in, the most places."""
    counted = Lot.objects.annotate(
        places=Count("units__place", distinct=True), used=Count("units", filter=Q(units__status=Status.USED))
    )
    return counted.filter(used__gte=1).order_by("-places", "-used", "pk").values_list("pk", flat=True).first()


def recalled_lot() -> int | None:
    """The lot that its maker called back: some of it in departments still, some used before."""
    step = Movement.objects.filter(event__step=Step.RECALL).order_by("event__happened_at", "lot_id")
    return step.values_list("lot_id", flat=True).first()


def corrected_unit() -> str | None:
    """A unit whose use was entered on the wrong case, taken back, and entered again."""
    found = Movement.objects.filter(event__step=Step.CORRECT, unit__isnull=False).order_by(
        "event__happened_at", "unit_id"
    )
    return found.values_list("unit__epc", flat=True).first()


def given_back_unit() -> str | None:
    """A unit that went to a department, came back unused, and was used on somebody else later."""
    back = Movement.objects.filter(event__step=Step.RESTOCK).values("unit_id")
    found = Unit.objects.filter(pk__in=back, status=Status.USED).order_by("-seq", "epc")
    return found.values_list("epc", flat=True).first()


def busy_case() -> str | None:
    """The closed case in which the most units were used."""
    counted = Event.objects.filter(step=Step.USE, corrected_by__isnull=True).annotate(
        units=Count("movements")
    )
    found = counted.order_by("-units", "key").values_list("documents__case", flat=True).first()
    return Case.objects.filter(number=found or "").values_list("number", flat=True).first()


def waiting_notice() -> str | None:
    """A ship notice that is on its way to the demo storekeeper's store."""
    found = ShipNotice.objects.filter(state="announced", order__deliver_to__code=STORE)
    return found.order_by("-pk").values_list("number", flat=True).first()


def lapsed_order() -> str | None:
    """An announced order that may not come in: a licence of its supplier has ended."""
    found = ShipNotice.objects.filter(state="announced", order__number__in=_of_lapsed_suppliers())
    return found.order_by("pk").values_list("order__number", flat=True).first()


def _of_lapsed_suppliers() -> list[str]:
    today = Event.objects.order_by("-happened_at").values_list("happened_at__date", flat=True)[:1]
    ended = Q(supplier__licences__kind="device_trade", supplier__licences__valid_to__lt=today)
    return list(PurchaseOrder.objects.filter(ended).values_list("number", flat=True))


def open_requisition() -> str | None:
    """A requisition at the demo storekeeper's store that nobody has picked."""
    found = Requisition.objects.filter(store__code=STORE, state="requested").order_by("-pk")
    return found.values_list("number", flat=True).first()


def waiting_issue() -> str | None:
    """Goods on their way to the demo nurse's department."""
    found = Issue.objects.filter(department__code=WARD, state="underway").order_by("-pk")
    return found.values_list("number", flat=True).first()


SHOWCASE: dict[str, Callable[[], str | int | None]] = {
    "long_life": long_life,
    "spread_lot": spread_lot,
    "recalled_lot": recalled_lot,
    "corrected_unit": corrected_unit,
    "given_back_unit": given_back_unit,
    "expired_unit": lambda: _epc(status=Status.EXPIRED),
    "held_unit": lambda: _epc(status=Status.QUARANTINED),
    "expected_unit": lambda: _epc(status=Status.EXPECTED),
    "travelling_unit": lambda: _epc(status=Status.IN_TRANSIT),
    "reserved_unit": lambda: _epc(status=Status.RESERVED),
    "set_out_unit": lambda: _epc(status=Status.IN_USE),
    "returned_unit": lambda: _epc(status=Status.RETURNED, place__kind=Kind.ROOM),
    "hibc_unit": lambda: _epc(epc__startswith="hibc:", status=Status.AVAILABLE),
    "ma_unit": lambda: _epc(epc__startswith="ma:", status=Status.AVAILABLE),
    "hospital_labelled_unit": lambda: _epc(item__maker_serial=False, item__tracking="unit", status=Status.AVAILABLE),
    "busy_case": busy_case,
    "waiting_notice": waiting_notice,
    "lapsed_order": lapsed_order,
    "open_requisition": open_requisition,
    "waiting_issue": waiting_issue,
}  # fmt: skip
