"""One box for everything: a code that means one thing goes straight to its page, all else gives a list."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.queries import item_by_code, search
from yanji.flows.lost_separators import possible
from yanji.flows.numbered import papers_numbered
from yanji.flows.opened.models import OpenedPiece
from yanji.flows.opened.parts import pieces_for
from yanji.flows.packing.contents import is_box
from yanji.flows.packing.label import printed
from yanji.flows.packing.pack import box_for
from yanji.flows.queries import cases
from yanji.identity import Identity, Reading, read
from yanji.insight import open_to
from yanji.insight.lots import lots_numbered
from yanji.ledger.api import Refused, find_units, units_of_cases

from .hits import (
    Group,
    Hit,
    of_cases,
    of_items,
    of_lots,
    of_papers,
    of_unit,
    of_units,
    sees_catalogue,
    stock_of,
)
from .page import page

LONGEST = 500
MOST_HITS = 20
SHORTEST_NAME = 2


@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    text = text_of(request)
    if not text:
        return page(request, "web/search.html", search_text="")
    groups, notes = find(request.actor, text)
    certain = [hit for group in groups if group.exact for hit in group.hits]
    if len(certain) == 1:
        return redirect(certain[0].href)
    if not certain and sum(len(group.hits) for group in groups) == 1:
        return redirect(groups[0].hits[0].href)
    return page(request, "web/search.html", search_text=text.replace("\x1d", "␝"), groups=groups, notes=notes)


def text_of(request: HttpRequest) -> str:
    """What stands in the box; a GS of a scan is kept."""
    return request.GET.get("q", "").replace("\0", "").strip(" \t\r\n")[:LONGEST]


def find(actor: Actor, text: str) -> tuple[list[Group], list[str]]:
    """What a text may mean to this reader, the certain first; and remarks about how it was read."""
    text = actor.scanner.unwrapped(text) if actor.scanner else text
    reading, text = read(text, profile=actor.scanner), actor.text_of(text)
    if boxes := _boxes(actor, text, reading):
        return [Group(_("Boxes"), boxes)], []
    identity = reading if isinstance(reading, Identity) and reading.has_key else None
    if identity is not None and (units := _units_of(actor, identity)):
        return [Group(_("Units"), units)], []
    if (several := possible(reading)) and (
        units := of_units(actor, [each.epc for each in several if each.epc])
    ):
        return [Group(_("Units"), units)], []
    asked: tuple[Callable[[], Group], ...] = (
        lambda: Group(_("Units"), of_units(actor, find_units(text, MOST_HITS))),
        lambda: Group(_("Lots"), of_lots(actor, lots_numbered(text, limit=MOST_HITS))),
        lambda: Group(_("Documents"), of_papers(actor, papers_numbered(text), most=MOST_HITS)),
    )
    groups = [group for group in (ask() for ask in asked) if group.hits]
    groups += _of_patient(actor, text)
    notes = []
    if identity is not None:
        groups += _of_identity(actor, identity)
        notes = (
            [_("The label was read, but no such unit is in the ledger.")]
            if identity.epc and not groups
            else []
        )
    if not groups and len(text) >= SHORTEST_NAME:
        groups = [Group(_("Items"), hits, exact=False)] if (hits := _items(actor, text)) else []
    return groups, notes


def _boxes(actor: Actor, text: str, reading: Reading) -> list[Hit]:
    """The box of this code, where it may be seen; nothing is asked for a text that cannot be one."""
    code = text if is_box(text) else reading.epc if isinstance(reading, Identity) else ""
    if not code or not is_box(code):
        return []
    try:
        box = box_for(actor, code)
    except (NotFound, Refused):
        return []
    said = ngettext("%(n)s piece inside", "%(n)s pieces inside", len(box.units)) % {"n": len(box.units)}
    return [Hit(reverse("storeroom:box", args=[code]), printed(code), said, "package")]


def _units_of(actor: Actor, identity: Identity) -> list[Hit]:
    codes = [code for code in (identity.epc, identity.epc_uri, identity.text) if code]
    for code in codes:
        if hits := of_units(actor, find_units(code, MOST_HITS)):
            return hits
    return []


def _of_identity(actor: Actor, identity: Identity) -> list[Group]:
    """The item, or the lot, that a label names which names no unit."""
    known = item_by_code(identity.issuer, identity.di) if identity.di and sees_catalogue(actor) else None
    if known is None:
        return []
    if identity.lot and (lots := of_lots(actor, lots_numbered(identity.lot, item_id=known.item_id))):
        return [Group(_("Lots"), lots)]
    return [Group(_("Items"), [Hit(stock_of(known.item_id), known.item_code, identity.di or "", "category")])]


def _of_patient(actor: Actor, token: str) -> list[Group]:
    """The cases of a patient that the reader may see, and what was used in them: units, and opened pieces of which a part was.
    A case itself is found by its number, and lists its things on its page. The same number of statements however many cases."""
    if not actor.may(Operation.VIEW_PATIENT):
        return []
    theirs = [case for case in cases(actor, text=token, limit=MOST_HITS) if case.patient_token == token]
    used = units_of_cases([case.number for case in theirs], limit=MOST_HITS)
    seen = open_to.units(actor, [unit.epc for unit in used])
    opened = [_opened(piece) for piece in pieces_for(actor, theirs, limit=MOST_HITS)] if theirs else []
    things = [*(of_unit(unit) for unit in used if unit.epc in seen), *opened]
    found = (
        Group(_("Used on the patient"), things),
        Group(_("Cases of the patient"), of_cases(actor, theirs)),
    )
    return [group for group in found if group.hits]


def _opened(piece: OpenedPiece) -> Hit:
    detail = f"{piece.number} · {piece.lot.number} · {piece.place.name}"
    return Hit(reverse("web:piece", args=[piece.pk]), piece.lot.item.name, detail, "droplet")


def _items(actor: Actor, text: str) -> list[Hit]:
    return of_items(search(text, state="all")[:MOST_HITS]) if sees_catalogue(actor) else []
