"""Ends or takes back one row that holds from a day on, wherever it is shown."""

from datetime import timedelta

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access.gates import NotFound
from yanji.catalog import dated
from yanji.catalog.models import BillingCode, Dated, Licence, Price, Registration

from .gate import actor_of, needs, tried

KINDS: dict[str, type[Dated]] = {
    "price": Price,
    "registration": Registration,
    "billing": BillingCode,
    "licence": Licence,
}


@require_POST
@needs("edit_catalog")
def end_row(request: HttpRequest, kind: str, row_id: int) -> HttpResponse:
    """Yesterday is the last day of what has held; what begins today or later is taken back."""
    model, today = KINDS.get(kind), timezone.localdate()
    if model is None:
        raise NotFound("row")
    actor = actor_of(request)
    if request.POST.get("remove"):
        tried(
            request,
            lambda: dated.remove_row(actor=actor, kind=model, row_id=row_id, today=today),
            _("It was taken back."),
        )
    else:
        last = today - timedelta(days=1)
        tried(
            request,
            lambda: dated.end_row(actor=actor, kind=model, row_id=row_id, last=last),
            _("It ended yesterday."),
        )
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return redirect(back if safe else "masterdata:items")
