"""Answers below the search box while somebody types: what begins with the text, and what is called so.

A patient's number is looked up when it is whole, and not on the way to it.
"""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.operations import Operation
from yanji.catalog.queries import search
from yanji.flows.lost_separators import possible
from yanji.flows.numbered import papers_beginning
from yanji.flows.queries import cases
from yanji.identity import Identity, read
from yanji.insight.lots import lots_beginning
from yanji.ledger.api import units_beginning, units_where
from yanji.places.models import Place
from yanji.places.queries import found as places_found

from .hits import Group, Hit, of_items, of_lots, of_papers, of_units, sees_catalogue
from .nav import address_of, entries_for
from .page import page
from .search import find, text_of

SHORTEST = 2
MOST = 5  # of a kind
# So many are read of a kind before the reader's rights are asked: a list that grows with what others have would be slow.
READ = 40


@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    text = text_of(request)
    groups = suggested(request.actor, text) if len(text) >= SHORTEST else []
    return page(request, "web/_suggestions.html", groups=groups, search_text=text)


def suggested(actor: Actor, text: str) -> list[Group]:
    """What somebody who has typed so much may be looking for. A whole label, pasted, is read as the search itself reads it.

    The number of statements depends on how many documents are judged, at most twice ``MOST``, and on nothing else.
    """
    text = actor.scanner.unwrapped(text) if actor.scanner else text
    reading = read(text, profile=actor.scanner)
    if possible(reading) or (isinstance(reading, Identity) and reading.has_key):
        return find(actor, text)[0]
    groups = (
        Group(_("Go to"), _pages(actor, text)),
        Group(_("Patients"), _patient(actor, text)),
        Group(_("Units"), _units(actor, text)),
        Group(_("Lots"), of_lots(actor, lots_beginning(text, limit=2 * MOST))[:MOST] if sees_catalogue(actor) else ()),
        Group(_("Documents"), _papers(actor, text)),
        Group(_("Items"), of_items(search(text, state="all")[:MOST]) if sees_catalogue(actor) else ()),
        Group(_("Places"), _places(actor, text)),
    )  # fmt: skip
    return [group for group in groups if group.hits]


def _pages(actor: Actor, text: str) -> list[Hit]:
    named = text.casefold()
    fitting = [entry for entry in entries_for(actor) if named in str(entry.label).casefold()]
    found = [(address_of(entry.url), entry) for entry in fitting]
    return [Hit(address, str(entry.label), icon=entry.icon) for address, entry in found if address][:MOST]


def _patient(actor: Actor, token: str) -> list[Hit]:
    """Whoever may see patients is led to the cases of this one, and told how much was used. One statement; one more where there
    is a case."""
    if not actor.may(Operation.VIEW_PATIENT):
        return []
    theirs = {case.number for case in cases(actor, text=token) if case.patient_token == token}
    if not theirs:
        return []
    pieces = sum(unit.case_number in theirs for unit in units_where(patient_token=token, limit=READ))
    said = ngettext("%(n)s case", "%(n)s cases", len(theirs)) % {"n": len(theirs)}
    if pieces:
        said = ngettext("%(n)s unit used", "%(n)s units used", pieces) % {"n": pieces}
    return [Hit(f"{reverse('web:search')}?{urlencode({'q': token})}", token, said, "heart-rate-monitor")]


def _units(actor: Actor, text: str) -> list[Hit]:
    if not sees_catalogue(actor):
        return []
    return of_units(actor, units_beginning(text, READ))[:MOST]


def _papers(actor: Actor, text: str) -> list[Hit]:
    paths = actor.scopes.get(Operation.VIEW, ())
    return of_papers(actor, papers_beginning(text, paths=paths, each=MOST)[: 2 * MOST], most=MOST)


def _places(actor: Actor, text: str) -> list[Hit]:
    found = places_found(text, paths=actor.scopes.get(Operation.VIEW, ()), limit=MOST)
    return [
        Hit(_stock_at(place), place.name, f"{place.code} · {place.get_kind_display()}", "map-pin")
        for place in found
    ]


def _stock_at(place: Place) -> str:
    return f"{reverse('web:stock')}?{urlencode({'place': place.pk, 'by': 'all'})}"
