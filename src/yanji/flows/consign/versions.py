"""The versions of an agreement: which one holds on a day, how a new one is written, and what it changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import pairwise

from django.db.models import Case, F, IntegerField, Q, QuerySet, When
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from yanji.catalog.queries import held_on

from .models import AgreementVersion, ConsignmentAgreement


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a version says otherwise than the one before; empty where one of the two does not say it."""

    what: str
    before: str
    after: str


def versions_on(agreements: QuerySet[ConsignmentAgreement], day: date) -> QuerySet[AgreementVersion]:
    """The version of each agreement that holds on a day: the last that had begun, unless its own last day is over."""
    begun = AgreementVersion.objects.filter(agreement__in=agreements, valid_from__lte=day)
    last = begun.order_by("agreement_id", "-number").distinct("agreement_id")
    return held_on(AgreementVersion.objects.filter(pk__in=last.values("pk")), day)


def versions_shown(agreements: QuerySet[ConsignmentAgreement], day: date) -> QuerySet[AgreementVersion]:
    """The version of each agreement to be shown on a day: the last that had begun, else the first that will."""
    begun = Q(valid_from__lte=day)
    nearest = (
        AgreementVersion.objects.filter(agreement__in=agreements)
        .order_by(
            "agreement_id",
            Case(When(begun, then=0), default=1),
            Case(When(begun, then=-F("number")), default=F("number"), output_field=IntegerField()),
        )
        .distinct("agreement_id")
    )
    return AgreementVersion.objects.filter(pk__in=nearest.values("pk"))


def versions_of(agreement: ConsignmentAgreement) -> list[AgreementVersion]:
    """All that was ever agreed, latest first, with its items. Two statements."""
    found = agreement.versions.select_related("actor").prefetch_related("items__item")
    return list(found.order_by("-number"))


def latest_of(agreement: ConsignmentAgreement) -> AgreementVersion:
    """What was agreed last, whether it holds already or not. One statement."""
    return agreement.versions.order_by("-number")[0]


def changes(before: AgreementVersion, after: AgreementVersion) -> list[Change]:
    """What the later of two versions says otherwise, item by item. Reads nothing where their items are prefetched."""
    told = [
        Change(what, old, new)
        for (what, old), (_what, new) in zip(_terms(before), _terms(after), strict=True)
        if old != new
    ]
    old_items, new_items = _items(before), _items(after)
    told += [
        Change(name, old_items.get((item, name), ""), new_items.get((item, name), ""))
        for item, name in sorted(old_items.keys() | new_items.keys())
        if old_items.get((item, name)) != new_items.get((item, name))
    ]
    return told


def changed(versions: Sequence[AgreementVersion]) -> dict[int, list[Change]]:
    """What each version but the first changed, by its number. ``versions``: latest first."""
    return {after.number: changes(before, after) for after, before in pairwise(versions)}


def _terms(version: AgreementVersion) -> list[tuple[str, str]]:
    return [
        (_("Valid to"), date_format(version.valid_to, "Y-m-d") if version.valid_to else ""),
        (_("Items"), _("All items") if version.all_items else _("Only those listed")),
        (_("Day of settlement"), str(version.settlement_day)),
        (_("Note"), version.note),
    ]


def _items(version: AgreementVersion) -> dict[tuple[int, str], str]:
    return {(line.item_id, line.item.name): _line(line.price, line.keep) for line in version.items.all()}


def _line(price: Decimal | None, keep: int) -> str:
    priced = _("by the catalogue") if price is None else f"¥ {price:.2f}"
    return _("%(price)s, %(keep)s kept here") % {"price": priced, "keep": keep}
