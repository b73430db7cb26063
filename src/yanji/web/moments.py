"""The two times that a page may be asked for: as of a moment of the world (`?at=`), as the log knew it at one (`?known=`)."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from yanji.ledger.api import Moment

LONGEST = 40  # so much of a text that is no time is said again


def moment_of(request: HttpRequest) -> Moment | None:
    """What the address asks for; None for the present."""
    at, known = past(request.GET.get("at", "")), past(request.GET.get("known", ""))
    return Moment(at or timezone.now(), known) if at or known else None


def past(text: str) -> datetime | None:
    """A moment as an address gives it; nonsense and the future mean now."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    if found is None:
        return None
    try:
        aware = found if timezone.is_aware(found) else timezone.make_aware(found)
        return aware if aware < timezone.now() else None
    except OverflowError:
        return None


def unread(request: HttpRequest) -> list[str]:
    """Why a time in the address is not the one that is shown, a sentence for each; nothing where all were understood."""
    said = []
    for name in ("at", "known"):
        text = request.GET.get(name, "").replace("\0", "").strip()
        if text and past(text) is None:
            sentence = (
                _("“%(text)s” is still to come: what is shown is as of now.")
                if _is_time(text)
                else _("“%(text)s” is no date and time that can be read: what is shown is as of now.")
            )
            said.append(sentence % {"text": text[:LONGEST]})
    return said


def _is_time(text: str) -> bool:
    try:
        return parse_datetime(text) is not None
    except ValueError:
        return False
