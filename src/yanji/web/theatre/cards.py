"""Preference cards: what a procedure needs, by surgeon, with the items that serve as well."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.catalog.queries import search
from yanji.flows.theatre import queries
from yanji.flows.theatre.cards import Need, card_for, retire_card, save_card
from yanji.flows.theatre.models import CaseNeed, PreferenceCard, PreferenceLine
from yanji.ledger.api import Refused

from ..flow.departments import chosen, departments
from ..flow.gate import needs
from ..flow.lines import found, item_named, sent_lines
from ..flow.sent import Sent
from ..page import act_key, page, page_of


@dataclass(frozen=True, slots=True)
class CardLine:
    """One line as the page shows it; ``others`` is what was typed: codes of items that serve as well."""

    item: Item
    quantity: str = "1"
    others: str = ""


@needs("use")
@require_safe
def card_list(request: HttpRequest) -> HttpResponse:
    return page(request, "theatre/cards.html", rows=page_of(request, queries.cards(request.actor)))


@needs("use")
def items(request: HttpRequest) -> HttpResponse:
    """Items that a text or a scan may mean."""
    return found(request, line_url=reverse("theatre:card_line"))


@needs("use")
@require_safe
def line(request: HttpRequest) -> HttpResponse:
    """One new line for the card."""
    known = item_named(request.GET.get("item", ""))
    if known is None:
        return HttpResponse(status=204)
    return render(request, "theatre/_card_line.html", {"line": CardLine(known)})


@needs("use")
def new_card(request: HttpRequest) -> HttpResponse:
    return _edit(request, None)


@needs("use")
def card_page(request: HttpRequest, card_id: int) -> HttpResponse:
    return _edit(request, card_for(request.actor, card_id, may="use"))


def _edit(request: HttpRequest, card: PreferenceCard | None) -> HttpResponse:
    if request.method != "POST":
        return _form(request, card, _lines_of(card))
    lines = lines_sent(request)
    try:
        sent = Sent(request.POST)
        department = sent.number("department_id", _("Department"))
        procedure = sent.text("procedure", _("Procedure"), required=True)
        surgeon, note = sent.text("surgeon", _("Surgeon")), sent.text("note", _("Note"))
        wanted = needs_sent(sent, lines)
        sent.check()
        done = save_card(
            actor=request.actor, key=act_key(request, "card"), department_id=department, procedure=procedure,
            surgeon=surgeon, note=note, needs=wanted, card_id=card.pk if card else None,
        )  # fmt: skip
    except Refused as refused:
        return _form(request, card, lines, refused)
    messages.success(request, _("Card “%(name)s” is kept.") % {"name": done.number})
    return redirect("theatre:cards")


def lines_sent(request: HttpRequest) -> list[CardLine]:
    """The lines as they were typed."""
    return [
        CardLine(each.item, each.quantity, request.POST.get(f"others:{each.item.pk}", "")[:400])
        for each in sent_lines(request)
    ]


def needs_sent(sent: Sent, lines: list[CardLine]) -> list[Need]:
    """The lines as needs; codes of alternatives that no item has are complained about. One statement for all codes."""
    codes = {
        each: [code for code in each.others.replace("，", ",").replace(",", " ").split() if code]
        for each in lines
    }
    named = {code for several in codes.values() for code in several}
    known = dict(search(state="all").filter(code__in=named).values_list("code", "pk")) if named else {}
    for code in sorted(named - known.keys()):
        sent.complain("choose_again", f"{_('Alternatives')} · {code}")
    return [
        Need(
            each.item.pk,
            sent.whole(each.quantity, f"{each.item.name} · {_('Quantity')}"),
            tuple(known[code] for code in codes[each] if code in known),
        )
        for each in lines
    ]


def _lines_of(card: PreferenceCard | None) -> list[CardLine]:
    if card is None:
        return []
    return lines_said(card.lines.select_related("item").prefetch_related("alternatives").order_by("id"))


def lines_said(rows: Iterable[PreferenceLine | CaseNeed]) -> list[CardLine]:
    """Lines of a card or of a case as its form shows them; items and alternatives must be loaded."""
    return [
        CardLine(row.item, str(row.quantity), ", ".join(item.code for item in row.alternatives.all()))
        for row in rows
    ]


def _form(
    request: HttpRequest, card: PreferenceCard | None, lines: list[CardLine], refused: Refused | None = None
) -> HttpResponse:
    places = departments(request, "use")
    sent = request.POST or (
        {"procedure": card.procedure, "surgeon": card.surgeon, "note": card.note} if card else {}
    )
    own = card.department if card and not request.POST else chosen(request, places, "department_id")
    return page(
        request,
        "theatre/card.html",
        status=409 if refused else 200,
        refused=refused,
        card=card,
        lines=lines,
        departments=places,
        department=own,
        sent=sent,
    )


@needs("use")
@require_POST
def retire(request: HttpRequest, card_id: int) -> HttpResponse:
    """A card that is not used any more."""
    actor: Actor = request.actor
    try:
        done = retire_card(actor=actor, key=act_key(request, "retire"), card_id=card_id)
    except Refused as refused:
        card = card_for(actor, card_id, may="use")
        return _form(request, card, _lines_of(card), refused)
    messages.success(request, _("Card “%(name)s” is not used any more.") % {"name": done.number})
    return redirect("theatre:cards")
