"""What a person prefers: language, light or dark, and the name of the device in hand."""

from urllib.parse import quote

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yanji.access.actor import actor_for
from yanji.access.models import Person
from yanji.access.preferences import set_preferences

from .middleware import DEVICE_COOKIE

# Says at the sign-in that somebody chose just now, at the door: a choice of last week may be another person's.
JUST_CHOSEN_COOKIE = "yanji_language_chosen"
JUST_NOW_SECONDS = 600
A_YEAR = 365 * 24 * 3600
THEMES = ("auto", "light", "dark")


@login_not_required
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen - with the person, or in a cookie before the sign-in - and go back to the page."""
    response = redirect(_back(request))
    language = request.POST.get("language", "")
    theme = request.POST.get("theme", "")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=A_YEAR, samesite="Lax")
        if not request.actor:
            response.set_cookie(JUST_CHOSEN_COOKIE, language, max_age=JUST_NOW_SECONDS, samesite="Lax")
    if theme in THEMES:
        response.set_cookie("yanji_theme", theme, max_age=A_YEAR, samesite="Lax")
    if "device" in request.POST:
        response.set_cookie(
            DEVICE_COOKIE, quote(request.POST["device"].strip()[:80]), max_age=A_YEAR, samesite="Lax"
        )
    if request.actor:
        set_preferences(
            actor=request.actor,
            language=language if language in dict(settings.LANGUAGES) else None,
            theme=theme if theme in THEMES else None,
        )
    return response


def keep_what_was_chosen_at_the_door(request: HttpRequest, response: HttpResponse, *, person: Person) -> None:
    """A language chosen on the sign-in page right before is the person's from now on."""
    language = request.COOKIES.get(JUST_CHOSEN_COOKIE, "")
    if language in dict(settings.LANGUAGES):
        set_preferences(actor=actor_for(person, today=timezone.localdate()), language=language)
    response.delete_cookie(JUST_CHOSEN_COOKIE)


def _back(request: HttpRequest) -> str:
    back = request.POST.get("back", "")
    safe = url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return back if safe else "/"
