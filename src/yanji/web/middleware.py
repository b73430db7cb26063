"""What every page has in common: who acts, in which language, what may run in it, and how it says no."""

from collections.abc import Callable
from secrets import token_urlsafe
from urllib.parse import unquote

from django.conf import settings
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.functional import SimpleLazyObject

from yanji.access.actor import Actor, actor_for
from yanji.access.gates import NotFound
from yanji.flows.attempts import Others, keep_others
from yanji.flows.constraints import refusal
from yanji.ledger.api import Refused

from . import errors
from .scanner import profile_of
from .shared import Shared, shared_session

Answer = Callable[[HttpRequest], HttpResponse]
DEVICE_COOKIE = "yanji_device"


def is_api(request: HttpRequest) -> bool:
    """The JSON API signs in by token and words its own refusals."""
    return request.path_info.startswith("/api/")


def acting(get_response: Answer) -> Answer:
    """``request.actor``: the person with all grants, read once and only when asked; None for a visitor."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.actor = SimpleLazyObject(lambda: _actor(request))
        return get_response(request)

    return answer


def _actor(request: HttpRequest) -> Actor | None:
    if not request.user.is_authenticated:
        return None
    shared: Shared | None = request.shared
    device = shared.device if shared else unquote(request.COOKIES.get(DEVICE_COOKIE, ""))[:80]
    return actor_for(
        request.user,
        today=timezone.localdate(),
        device=device,
        scanner=profile_of(request),
        by_badge=bool(shared and shared.by_badge),
        takes_turns=shared is not None,
    )


def taking_turns(get_response: Answer) -> Answer:
    """``request.shared``: the session at a shared device, prolonged where a hand asked for the page; None elsewhere."""

    def answer(request: HttpRequest) -> HttpResponse:
        request.shared = shared_session(request)
        return get_response(request)

    return answer


def speaking(get_response: Answer) -> Answer:
    """The reader's language: the person's own, else what was last chosen here, else the site's - not the browser's."""

    def answer(request: HttpRequest) -> HttpResponse:
        if is_api(request):
            return get_response(request)
        language = _language(request)
        with translation.override(language):
            request.LANGUAGE_CODE = language
            response = get_response(request)
            response.headers.setdefault("Content-Language", language)
            return response

    return answer


def _language(request: HttpRequest) -> str:
    own = request.user.language if request.user.is_authenticated else ""
    asked = own or request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return asked if asked in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


# Styles set on elements (a bar's width) are harmless; scripts come from our own files or carry the nonce.
POLICY = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' 'nonce-{nonce}'; style-src 'self'; "
    "style-src-attr 'unsafe-inline'; img-src 'self' data: blob:; worker-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


# What a page or its scripts were told is not kept: after a sign-out "back" asks the server, and shows nothing.
NOT_KEPT = ("text/html", "application/json")


def guarding(get_response: Answer) -> Answer:
    """A content security policy under which no text that somebody typed can ever run; a view may set its own. No browser
    keeps a page, where its view does not say otherwise; files and downloads are left alone."""

    def answer(request: HttpRequest) -> HttpResponse:
        nonce = request.csp_nonce = token_urlsafe(16)
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=nonce))
        if response.headers.get("Content-Type", "").startswith(NOT_KEPT):
            response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        return response

    return answer


class SignedIn(LoginRequiredMiddleware):
    """Every page asks for a sign-in unless its view says otherwise (``login_not_required``)."""

    def process_view(
        self, request: HttpRequest, view: Answer, args: tuple, kwargs: dict
    ) -> HttpResponseBase | None:
        if is_api(request) or request.path_info == "/healthz":
            return None
        return super().process_view(request, view, args, kwargs)

    def handle_no_permission(self, request: HttpRequest, view: Answer) -> HttpResponseBase:
        if getattr(request, "htmx", None):
            # A redirect would put the sign-in form into the middle of a page.
            return HttpResponse(status=204, headers={"HX-Redirect": reverse("web:sign_in")})
        return super().handle_no_permission(request, view)


class Teaching:
    """What views let through: things hidden or absent answer 404 alike, refusals are shown as sentences."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if is_api(request):
            return None
        if isinstance(error, Others):
            keep_others(error, actor=request.actor, verb=f"{request.method} {request.path}")
        if isinstance(error, NotFound):
            return errors.not_found(request, error)
        if isinstance(error, Refused):
            return errors.refused(request, error)
        if isinstance(error, IntegrityError) and (refused := refusal(error)):
            return errors.refused(request, refused)
        return None
