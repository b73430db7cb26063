"""The codes of the scan page on paper: a page to print, and a PDF, for who scans."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from yanji.flows.handheld.wall import campuses, wall_sheet
from yanji.flows.handheld.ways import WAYS

from .flow.gate import needs
from .flow.sent import number_in
from .papers import sheet_answer, sheet_page


@require_safe
@needs(*dict.fromkeys(way.operation for way in WAYS.values()))
def codes_page(request: HttpRequest, form: str = "page") -> HttpResponse:
    """Of one campus, the person's own where the address names none."""
    asked = number_in(request.GET.get("campus", ""))
    sheet = wall_sheet(request.actor, asked)
    query = f"?{urlencode({'campus': asked})}" if asked else ""
    page = reverse("web:scan_codes") + query
    if form == "pdf":
        return sheet_answer(request, sheet, name="codes", link=page)
    others = [
        (each.name, f"{reverse('web:scan_codes')}?campus={each.pk}") for each in campuses(request.actor)
    ]
    return sheet_page(
        request, sheet, back=reverse("web:scan_page"), file=reverse("web:scan_codes_pdf") + query,
        others=others if len(others) > 1 else [],
    )  # fmt: skip
