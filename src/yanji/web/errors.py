"""What a page says when it cannot: each answer names what is wrong and a way on."""

from typing import Any

from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import (
    DisallowedHost,
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import requires_csrf_token

from yanji.ledger.api import Refused

from .page import wants_part


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, SessionInterrupted):
        return _answer(
            request,
            400,
            _("You are signed out"),
            _(
                "Somebody else signed in at this device, or you signed out, at this very moment. Sign in again."
            ),
        )
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return _answer(
            request,
            413,
            _("That is too much at once"),
            _("Nothing was saved. Split it into smaller documents or files."),
        )
    if isinstance(exception, DisallowedHost):
        return _answer(
            request,
            400,
            _("This site does not answer for this address"),
            _(
                "Use one of the addresses that it prints as it starts, or have this one added to its setting "
                "YANJI_HOSTS."
            ),
        )
    return _answer(
        request,
        400,
        _("The request could not be read"),
        _("Nothing was saved. Go back, reload the page and try again."),
    )


@requires_csrf_token
def forbidden(request: HttpRequest, exception: PermissionDenied | None = None) -> HttpResponse:
    if (shared := getattr(request, "shared", None)) and shared.by_badge:
        return _answer(
            request,
            403,
            _("Not with a badge or PIN"),
            _(
                "You came in by badge or PIN: people, roles and devices want your password, and so does what your roles do not "
                "include. Sign out, then sign in with your password."
            ),
        )
    return _answer(
        request,
        403,
        _("You may not do this"),
        _("Your roles do not include it. Ask your administrator for a grant."),
    )


def wrong_method(request: HttpRequest) -> HttpResponse:
    return _answer(
        request,
        405,
        _("This address does not work like that"),
        _("Nothing was saved. Go back to the page before, and use its buttons."),
    )


def stale_form(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form's secret did not match: mostly a page that stayed open over a sign-out."""
    return _answer(
        request,
        403,
        _("This page has grown stale"),
        _("Nothing was saved. Reload the page, sign in if asked, and try again."),
    )


@requires_csrf_token
def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _answer(
        request,
        404,
        _("Nothing here, or nothing that you may see"),
        _("Check the code, or scan it again. If it should be visible to you, ask your administrator."),
    )


@requires_csrf_token
def broken(request: HttpRequest) -> HttpResponse:
    # No context processors, no database: whatever broke may be one of them.
    return HttpResponse(
        _BROKEN.format(
            title=_("Something broke on our side"),
            text=_("It was written to the log. What you sent was not saved; try again in a moment."),
            home=_("To the first page"),
        ),
        status=500,
    )


_BROKEN = """<!doctype html><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>500</title><main style="font:16px/1.6 system-ui,sans-serif;max-width:32rem;margin:15vh auto;padding:0 1.5rem">
<h1 style="font-size:1.4rem">{title}</h1><p>{text}</p><p><a href="/">{home}</a></p></main>"""


def refused(request: HttpRequest, refusal: Refused) -> HttpResponse:
    """A refusal that its view did not show itself."""
    if wants_part(request):
        return _beside(request, "web/_refusal.html", 409, {"refused": refusal})
    return render(request, "web/refused.html", {"refused": refusal}, status=409)


def _answer(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    context = {"status": status, "title": title, "text": text}
    if wants_part(request):
        return _beside(request, "web/_error.html", status, context)
    return render(request, "web/error.html", context, status=status)


def _beside(request: HttpRequest, template: str, status: int, context: dict[str, Any]) -> HttpResponse:
    """For htmx: shown among the messages, so that the page and what was typed into it stay."""
    response = render(request, template, context, status=status)
    response["HX-Retarget"], response["HX-Reswap"] = "#messages", "innerHTML"
    return response
