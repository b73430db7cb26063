"""Browsers that are notified: entered and taken away by their person, and forgotten when that person leaves the browser."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.ledger.api import Refused
from yanji.notify.pushing import notify_here, notify_no_more, somebody_else_is_here

from .preferences import A_YEAR

COOKIE = "yanji_notified"  # which of them this browser is
WORKER = Path(__file__).parent / "static" / "yanji" / "told.js"


@require_POST
def notify_here_page(request: HttpRequest) -> HttpResponse:
    """What the browser said when its person let it be notified."""
    back = redirect(f"{reverse('masterdata:account')}#told")
    said = {name: request.POST.get(name, "")[:1001] for name in ("endpoint", "p256dh", "auth", "browser")}
    if request.shared:
        messages.error(
            request, _("This device is shared. Let yourself be notified on a phone or computer of your own.")
        )
        return back
    try:
        made = notify_here(actor=request.actor, **said)
    except Refused as refused:
        messages.error(request, refused.sentences()[0])
        return back
    messages.success(request, _("You will be notified in this browser."))
    back.set_cookie(
        COOKIE, str(made.pk), max_age=A_YEAR, httponly=True, secure=request.is_secure(), samesite="Lax"
    )
    return back


@require_POST
def notify_no_more_page(request: HttpRequest, subscription_id: UUID) -> HttpResponse:
    try:
        notify_no_more(actor=request.actor, subscription_id=subscription_id)
        messages.success(request, _("That browser is not notified any more."))
    except ValidationError as refusal:
        messages.error(request, refusal.messages[0])
    return redirect(f"{reverse('masterdata:account')}#told")


@login_not_required
@require_safe
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker that shows what comes, also while no page is open."""
    icon = json.dumps(static("yanji/icon-180.png"))
    source = WORKER.read_text(encoding="utf-8")
    response = HttpResponse(f"self.ICON = {icon};\n{source}", content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


def left(request: HttpRequest, **_more: Any) -> None:
    somebody_else_is_here(request.COOKIES.get(COOKIE, ""), None)


def came(request: HttpRequest, user: Any, **_more: Any) -> None:
    somebody_else_is_here(request.COOKIES.get(COOKIE, ""), user.pk)
