"""The two times that a page may be asked for: as of a moment of the world (`?at=`), as the log knew it at one (`?known=`)."""

from datetime import datetime

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from yanji.ledger.api import Moment


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
