"""A supplier's monthly statement, to look through and to print."""

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from yanji.flows.portal.statement import Statement, statement, statement_sheet

from ..flow.gate import needs
from ..page import page
from ..papers import sheet_answer, sheet_page

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
def statement_print(request: HttpRequest, form: str = "page") -> HttpResponse:
    """The same on paper, or as a PDF."""
    found = _asked(request)
    sheet, month = statement_sheet(found), f"?month={found.month:%Y-%m}"
    if form == "pdf":
        link = reverse("supplier:statement") + month
        return sheet_answer(request, sheet, name=f"statement-{sheet.number}", link=link)
    file = reverse("supplier:statement_pdf") + month
    return sheet_page(request, sheet, back=reverse("supplier:statement") + month, file=file)


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
