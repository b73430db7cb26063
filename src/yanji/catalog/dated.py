"""Writes to what holds from a day to a day. A new row ends the one it follows in the same act; nothing overlaps."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, TypeVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils.translation import gettext_lazy as _

from yanji.sheets.editor import Editor
from yanji.sheets.problems import Problem

from .actions import demand, locked_supplier
from .codes import national_code
from .models import BillingCode, Dated, Item, Licence, Price, Registration

DatedRow = TypeVar("DatedRow", bound=Dated)


@dataclass(frozen=True, slots=True)
class Days:
    """From a day to a day, both included; no end means until something follows."""

    first: date
    last: date | None = None


@transaction.atomic
def set_price(
    *, actor: Editor, item_id: int, supplier_id: int, amount: Decimal, days: Days, currency: str = "CNY"
) -> Price:
    """The price of one unit from a day on."""
    demand(actor)
    _lock_item(item_id)
    series = Price.objects.filter(item_id=item_id, supplier_id=supplier_id)
    return _follow(
        series, days, {"item_id": item_id, "supplier_id": supplier_id, "amount": amount, "currency": currency}
    )


@transaction.atomic
def set_billing_code(*, actor: Editor, item_id: int, kind: str, code: str, days: Days) -> BillingCode:
    """The insurance or charge code of an item from a day on. Insurance codes are the national ones and have their shape;
    what a hospital or a province charges under is its own."""
    demand(actor)
    if kind == BillingCode.Kind.INSURANCE:
        national = national_code(code)
        if isinstance(national, Problem):
            raise ValidationError({"code": ValidationError(national.sentence(), national.code)})
        code = national
    _lock_item(item_id)
    series = BillingCode.objects.filter(item_id=item_id, kind=kind)
    return _follow(series, days, {"item_id": item_id, "kind": kind, "code": code})


@transaction.atomic
def set_registration(*, actor: Editor, item_id: int, number: str, days: Days) -> Registration:
    """The regulator's certificate of an item; a renewal under the same number is a row of its own."""
    demand(actor)
    _lock_item(item_id)
    return _follow(Registration.objects.filter(item_id=item_id), days, {"item_id": item_id, "number": number})


@transaction.atomic
def set_licence(
    *, actor: Editor, supplier_id: int, kind: str, number: str, days: Days, maker_id: int | None = None
) -> Licence:
    """A paper of a supplier; a renewal under the same number is a row of its own. ``maker_id``: whose authorisation.

    Of business licences and trading permits one holds at a time; authorisations come from several makers side by side.
    """
    demand(actor)
    locked_supplier(supplier_id)
    series = Licence.objects.filter(supplier_id=supplier_id, kind=kind)
    if kind == Licence.Kind.AUTHORISATION:
        series = series.filter(number=number)
    maker = maker_id if kind == Licence.Kind.AUTHORISATION else None
    columns = {"supplier_id": supplier_id, "kind": kind, "number": number, "maker_id": maker}
    return _follow(series, days, columns)


@transaction.atomic
def end_row(*, actor: Editor, kind: type[DatedRow], row_id: int, last: date) -> DatedRow:
    """Let a price, a paper or a code end on a day, with nothing to follow."""
    demand(actor)
    row = kind._default_manager.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise PermissionDenied
    _check_order(Days(row.valid_from, last))
    if row.valid_to is not None and last > row.valid_to:
        raise ValidationError(
            {"valid_to": ValidationError(_("It ends on %(day)s already."), "ended", {"day": row.valid_to})}
        )
    row.valid_to = last
    row.save(update_fields=["valid_to"])
    return row


@transaction.atomic
def remove_row(*, actor: Editor, kind: type[DatedRow], row_id: int, today: date) -> None:
    """Take back a row that has not begun to hold before today; what has held can only be ended."""
    demand(actor)
    row = kind._default_manager.select_for_update().filter(pk=row_id).first()
    if row is None:
        raise PermissionDenied
    if row.valid_from < today:
        raise ValidationError(
            _("It has held since %(day)s. Let it end instead."), "has_held", {"day": row.valid_from}
        )
    row.delete()


def _follow(series: "models.QuerySet[DatedRow]", days: Days, columns: dict[str, Any]) -> DatedRow:
    """Start a row of a series; the row that stands on its first day ends the day before."""
    _check_order(days)
    for row in _overlapping(series, days):
        if row.valid_from >= days.first:
            _refuse_overlap(row)
        _end_before(row, days.first)
    return series.model._default_manager.create(valid_from=days.first, valid_to=days.last, **columns)


def _end_before(row: Dated, first: date) -> None:
    """What follows ends the row; of a licence the day on the paper stays to be read."""
    changed = ["valid_to"]
    if isinstance(row, Licence):
        row.printed_to = row.printed_to or row.valid_to
        changed.append("printed_to")
    row.valid_to = first - timedelta(days=1)
    row.save(update_fields=changed)


def _overlapping(series: "models.QuerySet[DatedRow]", days: Days) -> "models.QuerySet[DatedRow]":
    found = series.filter(models.Q(valid_to__isnull=True) | models.Q(valid_to__gte=days.first))
    if days.last is not None:
        found = found.filter(valid_from__lte=days.last)
    return found.order_by("valid_from")


def _refuse_overlap(row: Dated) -> None:
    sentence = _("A row from %(day)s on is there already. Begin after it, or end this one before it.")
    raise ValidationError({"valid_from": ValidationError(sentence, "overlaps", {"day": row.valid_from})})


def _check_order(days: Days) -> None:
    if days.last is not None and days.last < days.first:
        raise ValidationError(
            {"valid_to": ValidationError(_("The last day lies before the first one."), "days_out_of_order")}
        )


def _lock_item(item_id: int) -> None:
    # Two prices from the same day on would both find nothing in their way.
    if not Item.objects.select_for_update().filter(pk=item_id).exists():
        raise PermissionDenied
