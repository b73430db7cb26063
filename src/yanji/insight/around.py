"""What stands around a unit on its page: the places it lies in, the codes its use is charged under."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from yanji.catalog.models import BillingCode
from yanji.places.models import Kind, Place


def along(path: str) -> list[Place]:
    """The places from the root down to the one with this path. One statement."""
    found = {place.pk: place for place in Place.objects.filter(pk__in=_ids(path))}
    return [found[key] for key in _ids(path) if key in found]


def _ids(path: str) -> list[int]:
    return [int(part) for part in path.split("/") if part]


def department_among(places: list[Place]) -> Place | None:
    """The innermost department of a path, or the store where there is none."""
    for kind in (Kind.DEPARTMENT, Kind.STORE):
        for place in reversed(places):
            if place.kind == kind:
                return place
    return None


@dataclass(frozen=True, slots=True)
class Billing:
    """One code under which use is charged or reimbursed."""

    kind: str
    code: str


def billing_codes(item_id: int, day: date) -> list[Billing]:
    """The item's codes that hold on a day."""
    held = BillingCode.objects.filter(item_id=item_id, valid_from__lte=day).filter(
        Q(valid_to__isnull=True) | Q(valid_to__gte=day)
    )
    return [Billing(row.get_kind_display(), row.code) for row in held.order_by("kind")]
