"""What was done, said on the page that follows: the document's number or how much it was, and what comes next."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from yanji.flows.acts import Done

from .. import nav

Way = tuple[str, str]  # address, label


def say(request: HttpRequest, sentence: str, then: Way | None = None) -> None:
    """One green line on the next page; ``then`` stands in it as a link."""
    link = format_html(' <a class="btn btn-sm" href="{}">{}</a>', *then) if then else ""
    messages.success(request, format_html("{}{}", sentence, link))


def warn(request: HttpRequest, done: Done) -> None:
    """What an act has to say about papers that lapsed or were never shown, as amber lines on the next page."""
    for sentence in done.facts.get("warnings", ()):
        messages.warning(request, sentence)


def on_to(request: HttpRequest, name: str, *, query: str = "", label: Any = "") -> Way | None:
    """A page of the navigation as what comes next; None for who may not open it."""
    open_to = {entry.url: entry for entry in nav.entries_for(request.actor)}
    entry = open_to.get(name)
    return (reverse(name) + query, str(label or entry.label)) if entry else None


def to_entry(event_id: str) -> Way:
    """The ledger's entry of what was just done."""
    return reverse("web:event", args=[event_id]), _("See the entry")
