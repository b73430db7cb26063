"""Sessions at shared devices: short, of one person at a time, and bound to the device that they were opened at.

Such a session lapses where no hand asked for anything during the device's idle minutes, and in any case after a shift. What a
page asks by itself - its bell, its live stream, what an offline queue sends - does not count: only a page that somebody opens
does, and what the page says of its keys and touches (:func:`prolong`).
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare

from yanji.access.devices import device_by, take_over
from yanji.access.models import Person, SharedDevice
from yanji.access.tokens import digest

COOKIE = "yanji_shared"
COOKIE_SECONDS = 400 * 24 * 3600  # the longest that browsers keep one; renewed with every badge
LONGEST = timedelta(hours=12)
KEPT = "yanji_shared"  # what the session holds of it
EACH_SECONDS = 5  # how often a session is written anew while somebody is busy
BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass(frozen=True, slots=True)
class Shared:
    """The session of a shared device: its name, its idle seconds, how it was opened."""

    device: str
    idle: int
    by_badge: bool
    began: float  # seconds since 1970


def device_of(request: HttpRequest) -> SharedDevice | None:
    """The shared device that this browser is; one statement where it keeps a secret of one, else none."""
    return device_by(request.COOKIES.get(COOKIE, ""))


def keep_secret(request: HttpRequest, response: HttpResponse, secret: str) -> None:
    """The browser keeps what makes it the device: no script reads it, no other site sends it."""
    response.set_cookie(
        COOKIE, secret, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure()
    )


def begin(request: HttpRequest, device: SharedDevice, person: Person, *, by_badge: bool) -> bool:
    """Sign a person in at a device, in place of whoever was. False where the device has ended meanwhile."""
    login(request, person, backend=BACKEND)
    shared = Shared(device.name, device.idle_minutes * 60, by_badge, timezone.now().timestamp())
    request.session[KEPT] = [
        shared.device,
        shared.idle,
        shared.by_badge,
        shared.began,
        digest(request.COOKIES[COOKIE]),
    ]
    _lapse_later(request, shared)
    request.session.save()
    session_key = request.session.session_key or ""
    if take_over(device, person_id=person.pk, session_key=session_key):
        return True
    logout(request)
    return False


def shared_session(request: HttpRequest) -> Shared | None:
    """The session that was opened at a shared device. One that is shown from another browser is ended."""
    kept = request.session.get(KEPT)
    if kept is None:
        return None
    *facts, secret = kept
    if not constant_time_compare(secret, digest(request.COOKIES.get(COOKIE, ""))):
        logout(request)
        return None
    shared = Shared(*facts)
    if _is_by_hand(request):
        prolong(request, shared)
    return shared


def prolong(request: HttpRequest, shared: Shared) -> None:
    """Somebody is there: the idle time begins anew."""
    due = datetime.fromtimestamp(shared.began, UTC) + LONGEST
    left = request.session.get_expiry_age()
    if left <= shared.idle - EACH_SECONDS and timezone.now() + timedelta(seconds=left) < due:
        _lapse_later(request, shared)


def _lapse_later(request: HttpRequest, shared: Shared) -> None:
    # A moment, not a time span: whatever else is written into the session does not prolong it.
    due = datetime.fromtimestamp(shared.began, UTC) + LONGEST
    request.session.set_expiry(min(timezone.now() + timedelta(seconds=shared.idle), due))


def _is_by_hand(request: HttpRequest) -> bool:
    """Whether a person opened a page: only then a browser asks for HTML by itself. Scripts ask for anything."""
    return "text/html" in request.headers.get("Accept", "") and "HX-Request" not in request.headers
