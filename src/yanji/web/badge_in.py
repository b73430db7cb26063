"""In by badge or PIN, at a shared device; and how a browser becomes one."""

import time
from hashlib import sha256

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from yanji.access import pins
from yanji.access.badges import LONGEST, digest, person_by_badge
from yanji.access.devices import CODE_DIGITS, claim_device, may_use
from yanji.access.models import Person, SharedDevice
from yanji.flows.halves import is_half
from yanji.flows.scanning import understand
from yanji.identity import read

from .lockout import LOCK_AFTER_FAILURES, LOCK_MINUTES, different_failures, failures, record_failure
from .page import page
from .shared import COOKIE, begin, device_of, keep_secret, prolong

# A scanner that reads something else before a badge must not close a ward's device at once.
LOCK_DEVICE_AFTER = 20
# Different codes that named nothing at all: a page asks of every scan that might be a badge.
MOST_ASKED = 100
SHOWN = "yanji_badge_shown"  # whose badge was handed over, until the PIN is typed
SHOWN_SECONDS = 120
CODES = " device code"  # a name for signing in does not begin with a space
SCAN_PAGE = "/scan"
HAND_OVERS = " hand-over"


def badge_page(request: HttpRequest, device: SharedDevice, refused: str = "") -> HttpResponse:
    """The door of a shared device."""
    return page(
        request,
        "web/badge_in.html",
        status=409 if refused else 200,
        device=device,
        refused_because=refused,
        next=_next(request),
        both=device.rule == SharedDevice.Rule.BADGE_PIN,
        shown=_shown(request) is not None,
        longest=LONGEST,
        least_digits=pins.SHORTEST,
        most_digits=pins.LONGEST,
    )


@login_not_required
@require_POST
def badge_in(request: HttpRequest) -> HttpResponse:
    """In by badge, by badge and PIN, or by name and PIN, as the device's rule says; or handed over from a page."""
    device = device_of(request)
    if "hand_over" in request.POST:
        return _handed_over(request, device)
    if device is None:
        messages.error(
            request, _("This browser is no shared device, or no longer. Sign in with your password.")
        )
        return redirect("web:sign_in")
    said = {name: request.POST.get(name, "")[:LONGEST] for name in ("badge", "username", "pin")}
    try:
        person = _person(device, **said, shown=_shown(request))
    except ValidationError as refusal:
        request.session.pop(SHOWN, None)
        return badge_page(request, device, " ".join(refusal.messages))
    return _opened(request, device, person, redirect(_next(request)))


def _opened(request: HttpRequest, device: SharedDevice, person: Person, leads: HttpResponse) -> HttpResponse:
    if not begin(request, device, person, by_badge=True):
        return redirect("web:sign_in")
    keep_secret(request, leads, request.COOKIES[COOKIE])
    return leads


def _person(
    device: SharedDevice, *, badge: str, username: str, pin: str, shown: Person | None = None
) -> Person:
    """Who this is. Raises ValidationError with a sentence that is the same for whoever is unknown, has no PIN, or has no role
    at the device."""
    both = device.rule == SharedDevice.Rule.BADGE_PIN
    person = shown or _named(badge, username)
    # By the person, whichever way they are named; who does not exist is counted alike.
    name = f" pin {person.pk if person else sha256(f'{badge}/{username}'.encode()).hexdigest()[:40]}"
    place = f"device {device.pk}"
    if failures(username=name) >= LOCK_AFTER_FAILURES or failures(address=place) >= LOCK_DEVICE_AFTER:
        sentence = _("Too many wrong tries. Wait %(minutes)s minutes, or sign in with your password.")
        raise ValidationError(sentence % {"minutes": LOCK_MINUTES})
    by_badge = bool(badge or shown)
    enough = by_badge and not both
    known = enough or (pins.is_pin_of(person, pin) and (by_badge or not both))
    if person is None or not known or not may_use(person, device, today=timezone.localdate()):
        record_failure(name, place)
        raise ValidationError(_refusal(device))
    return person


def _named(badge: str, username: str) -> Person | None:
    if badge:
        return person_by_badge(badge)
    return Person.objects.filter(username=username.replace("\0", ""), is_active=True).first()


def _refusal(device: SharedDevice) -> str:
    if device.rule == SharedDevice.Rule.BADGE_PIN:
        return _("Badge and PIN do not open this device. Try again, or sign in with your password.")
    return _("This does not open this device. Scan your badge again, or sign in with your password.")


def _handed_over(request: HttpRequest, device: SharedDevice | None) -> HttpResponse:
    """What a page of a session asks of a scan that might be a badge: nothing where it is none.

    Where too many codes were neither badges nor anything else, no code is looked for among the badges any more; what is then
    no thing either may be one, and must not be kept as goods.
    """
    if device is None or not request.shared:
        return JsonResponse({})
    place = f"page of device {device.pk}"  # not the door's own: shelves that are scanned must not close it
    code = request.POST.get("badge", "")[:LONGEST]
    if different_failures(place) >= MOST_ASKED:
        if is_half(read(code)) or _names_something(code, request):
            return JsonResponse({})
        return JsonResponse({"says": _("To hand this device over, sign out first, then scan the badge.")})
    person = person_by_badge(code)
    if person is None:
        if not _names_something(code, request):
            record_failure(f"{HAND_OVERS} {digest(code)}", place)
        return JsonResponse({})
    if person.pk == request.actor.person_id:
        prolong(request, request.shared)
        return JsonResponse({"says": _("You are signed in already.")})
    if not may_use(person, device, today=timezone.localdate()):
        return JsonResponse({"says": _refusal(device)})
    goes = _next(request)
    if device.rule == SharedDevice.Rule.BADGE:
        return _opened(request, device, person, JsonResponse({"goes": goes}))
    # Whoever was here is out; the PIN is asked without saying whose.
    logout(request)
    request.session[SHOWN] = [person.pk, time.time()]
    return JsonResponse({"goes": f"/sign-in?next={goes}"})


def _names_something(code: str, request: HttpRequest) -> bool:
    """Whether it is the code of a place, a paper, a unit or an item: scanned in earnest, and no try."""
    [meaning] = understand([code], actor=request.actor)
    return meaning.kind not in ("unreadable", "unknown_product")


def _shown(request: HttpRequest) -> Person | None:
    """Whose badge was just handed over at this browser and waits for its PIN."""
    person_id, at = request.session.get(SHOWN, (0, 0.0))
    if not person_id or time.time() - at > SHOWN_SECONDS:
        return None
    return Person.objects.filter(pk=person_id, is_active=True).first()


def _next(request: HttpRequest) -> str:
    """Where it goes on: never to what the one before had open, but the scan page stays the scan page."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if asked == SCAN_PAGE else settings.LOGIN_REDIRECT_URL


@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """The page says that a hand is there."""
    if request.shared:
        prolong(request, request.shared)
    return HttpResponse(status=204)


@login_not_required
def claim_page(request: HttpRequest) -> HttpResponse:
    """Makes this browser the shared device whose code is scanned or typed. Whoever is signed in here is signed out."""
    refused = ""
    if request.method == "POST":
        address = (request.META.get("REMOTE_ADDR") or "")[:45]
        if failures(username=CODES, address=address) >= LOCK_AFTER_FAILURES:
            refused = _("Too many wrong codes. Wait %(minutes)s minutes.") % {"minutes": LOCK_MINUTES}
        elif (claimed := claim_device(request.POST.get("code", "")[:40])) is not None:
            logout(request)
            response = redirect("web:sign_in")
            keep_secret(request, response, claimed[1])
            return response
        else:
            record_failure(CODES, address)
            refused = _("This code is none, is used up, or has lapsed. Ask the administrator for a new one.")
    context = {"device": device_of(request), "refused_because": refused, "digits": CODE_DIGITS}
    return page(request, "web/claim_device.html", status=409 if refused else 200, **context)
