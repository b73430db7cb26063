"""A supplier's monthly statement, to look through and to print."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.flows.portal.statement import Statement, statement, statement_sheet
from yanji.flows.symbols import code128, datamatrix

from ..flow.gate import needs
from ..page import page

MONTHS_SHOWN = 24


@needs("supply")
@require_safe
def statement_page(request: HttpRequest) -> HttpResponse:
    """``?month=2026-11``; without it, or with nonsense, the month that runs."""
    found = _asked(request)
    return page(
        request,
        "supplier/statement.html",
        statement=found,
        months=_months(timezone.localdate(), found.month),
        open=found.open_invoices + found.open_use,
    )


@needs("supply")
@require_safe
def statement_print(request: HttpRequest) -> HttpResponse:
    """The same on paper."""
    found = _asked(request)
    sheet = statement_sheet(found)
    context = {
        "sheet": sheet,
        "back": f"{reverse('supplier:statement')}?month={found.month:%Y-%m}",
        "square": datamatrix(sheet.number),
        "bars": code128(sheet.number),
        "printed_by": request.actor.name,
    }
    return render(request, "web/print.html", context)


def _asked(request: HttpRequest) -> Statement:
    try:
        month = date.fromisoformat(f"{request.GET.get('month', '')}-01")
    except ValueError:
        month = timezone.localdate()
    this = timezone.localdate()
    # Years that no calendar of a hospital knows are nonsense too.
    sound = 2000 <= month.year <= this.year + 1
    return statement(request.actor, month if sound else this)


def _months(today: date, shown: date) -> list[date]:
    """The months to choose from, the running one first."""
    latest = today.year * 12 + today.month - 1
    found = [date(number // 12, number % 12 + 1, 1) for number in range(latest, latest - MONTHS_SHOWN, -1)]
    return found if shown in found else [*found, shown]
