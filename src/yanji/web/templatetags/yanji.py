"""What templates draw again and again: icons, pills, codes, names in the reader's language."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.flows.approval import rounds_of
from yanji.flows.gates import case_number_for
from yanji.flows.models import Case
from yanji.flows.reasons import reason_words
from yanji.flows.told_as import told_as
from yanji.insight.sight import HIDDEN, OF_A_PATIENT
from yanji.ledger.api import Moment, Status, Step
from yanji.places.models import Kind, Place
from yanji.places.queries import ids_of, labels, labels_of
from yanji.places.rules import paths_to

from .. import codes, looks, nav, refusals
from ..document_names import DOCUMENTS
from ..page import act_key as key_of_act

register = template.Library()
ROOT = Path(__file__).resolve().parents[4]


@lru_cache(maxsize=512)
def _drawing(name: str) -> str:
    folder = Path(getattr(settings, "YANJI_ICONS", ROOT / "node_modules/@tabler/icons/icons/outline"))
    file = folder / f"{name}.svg"
    if not name.replace("-", "").isalnum() or not file.is_file():
        return ""
    drawn = file.read_text(encoding="utf-8")
    return drawn[drawn.index(">", drawn.index("<svg")) + 1 : drawn.rindex("</svg>")].strip()


@register.simple_tag
def icon(name: str, extra: str = "") -> SafeString:
    """A Tabler icon drawn in place, hidden from screen readers: the text beside it says what it means."""
    return format_html(
        '<svg class="y-icon {}" width="1em" height="1em" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        'stroke-width="2" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{}</svg>',
        extra,
        mark_safe(_drawing(name)),  # noqa: S308 - from our own package folder, never from data
    )


@register.filter
def named(pair: Any) -> str:
    """A (Chinese, English) pair in the reader's language; Chinese where there is no English."""
    if not pair:
        return ""
    if isinstance(pair, str):
        return pair
    chinese, english = pair
    return english if english and (get_language() or "").startswith("en") else chinese


@register.filter
def status_name(status: str) -> str:
    return str(Status(status).label) if status in Status.values else status


@register.filter
def step_name(step: str) -> str:
    """Of a step, or of an act that is told as one (:data:`~yanji.web.looks.ACTS`)."""
    if step in looks.ACTS:
        return str(looks.ACTS[step][1])
    return str(Step(step).label) if step in Step.values else step


@register.filter
def act(entry: Any) -> str:
    """What an entry with its documents is told as: a step, or an act of its own."""
    return told_as(entry.step, entry.documents)


@register.filter
def kind_name(kind: str) -> str:
    return str(Kind(kind).label) if kind in Kind.values else kind


@register.filter
def step_icon(step: str) -> str:
    return looks.of_step(step).icon


@register.filter
def step_tone(step: str) -> str:
    return looks.of_step(step).tone


@register.simple_tag
def step_looks() -> dict[str, dict[str, str]]:
    """Name, tone and icon of every step, for rows that the browser adds to a page."""
    return {
        step: {"name": step_name(step), "tone": step_tone(step), "icon": icon(step_icon(step))}
        for step in (*Step.values, *looks.ACTS)
    }


@register.filter
def state_tone(state: str) -> str:
    """How the state of a document looks, whatever kind it is of."""
    return looks.STATES.get(state, "info")


@register.filter
def place_icon(kind: str) -> str:
    return looks.PLACES.get(kind, "map-pin")


@register.simple_tag
def pill(tone: str, text: Any, icon_name: str = "") -> SafeString:
    """A rounded label: ok, info, soon, bad or mute, with a dot or an icon."""
    return format_html(
        '<span class="y-pill y-{}">{}{}</span>',
        tone,
        icon(icon_name) if icon_name else mark_safe("<i></i>"),
        text,
    )


@register.simple_tag
def status_pill(status: str) -> SafeString:
    look = looks.STATUSES.get(status, looks.Look("mute", "circle-dashed"))
    return pill(look.tone, status_name(status), look.icon)


@register.simple_tag
def expiry_pill(expiry: date | None, moment: Moment | None = None, status: str = "") -> SafeString:
    """Red when past, amber within 30 days, else the date quietly: judged today, or on the day of a moment. Of a thing whose
    ``status`` says that it is used up nobody need be warned: the date alone."""
    if expiry and status in looks.USED_UP:
        return pill("mute", _("Valid to %(day)s") % {"day": short_date(expiry)}, "calendar-event")
    on = timezone.localdate(moment.as_of if moment else None)
    tone = looks.expiry_tone(expiry, on)
    words = expiry_text(expiry, on, then=moment is not None)
    return pill(tone, words, "calendar-x" if tone == "bad" else "calendar-event")


def expiry_text(expiry: date | None, today: date, *, then: bool = False) -> str:
    if expiry is None:
        return _("No expiry")
    days = (expiry - today).days
    if days < 0:
        return _("Expired %(day)s") % {"day": short_date(expiry)}
    if days == 0:
        return _("Expires that day") if then else _("Expires today")
    if days <= looks.SOON_DAYS * 3:
        return ngettext("%(days)s day left", "%(days)s days left", days) % {"days": days}
    return _("Valid to %(day)s") % {"day": short_date(expiry)}


@register.filter
def short_date(day: date | None) -> str:
    """2026-11-22: the same in both languages, sorted by eye."""
    return day.isoformat() if day else "–"


@register.filter
def moment(at: datetime | None) -> str:
    """A time in the site's zone: without the year where it is this year's."""
    if at is None:
        return "–"
    local = timezone.localtime(at)
    this_year = local.year == timezone.localdate().year
    return date_format(local, "m-d H:i" if this_year else "Y-m-d H:i")


@register.filter
def day(at: datetime | None) -> str:
    """The day of a time, where the site is."""
    return short_date(timezone.localdate(at)) if at else "–"


@register.filter
def money(value: Decimal | None) -> str:
    """To the cent, in groups of three in both languages."""
    return "–" if value is None else f"¥ {value:,.2f}"


@register.filter
def plus(value: Decimal, more: Decimal) -> Decimal:
    return value + more


@register.filter
def money_short(value: Decimal | None) -> str:
    """As one says it: in 万 and 亿 in Chinese, in K and M in English; small sums to the yuan."""
    if value is None:
        return "–"
    english = (get_language() or "").startswith("en")
    steps = ((10**6, "M"), (10**3, "K")) if english else ((10**8, "亿"), (10**4, "万"))
    for size, name in steps:
        if abs(value) >= size:
            return f"¥ {value / size:,.1f} {name}"
    return f"¥ {value:,.0f}"


@register.filter
def amount(value: Decimal | int | None) -> str:
    """A quantity without the zeros that mean nothing: 3, 2.5, 28,416."""
    if value is None:
        return "–"
    plain = Decimal(value).normalize()
    places = max(0, -int(plain.as_tuple().exponent))
    return f"{plain:,.{places}f}"


@register.simple_tag
def code_line(unit: Any) -> SafeString:
    """A unit's identity as on its label, each element in one unbroken piece."""
    return _code(codes.elements(unit.epc, unit.lot, unit.expiry))


@register.filter
def code(epc: str) -> SafeString:
    return _code(codes.elements(epc))


def _code(elements: list[tuple[str, str]]) -> SafeString:
    inside = format_html_join(
        " ",
        '<span class="y-element">{}{}</span>',
        ((format_html('<span class="y-ai">({})</span> ', ai) if ai else "", text) for ai, text in elements),
    )
    return format_html('<span class="y-code">{}</span>', inside)


@register.filter
def unit_url(epc: str) -> str:
    return codes.unit_address(epc)


@register.inclusion_tag("web/_place_path.html")
def place_path(places: Any, link: bool = True, moment: Moment | None = None) -> dict[str, Any]:
    """Places from the root down as a breadcrumb, each leading to the stock below it, of the same moment."""
    return {"places": list(places), "link": link, "moment": moment}


@register.simple_tag
def at_moment(moment: Moment | None, join: str = "?") -> str:
    """What an address needs, so that the page it leads to shows the same moment; nothing for now."""
    if moment is None:
        return ""
    known = {"known": moment.as_known.isoformat()} if moment.as_known else {}
    return join + urlencode({"at": moment.as_of.isoformat(), **known})


@register.filter
def told_apart(places: Iterable[Place]) -> list[tuple[Place, str]]:
    """Places to choose from, each with what to call it among just these."""
    offered = list(places)
    names = labels(offered)
    return [(place, names[place.pk]) for place in offered]


@register.simple_tag
def place_labels(rows: Iterable[Any]) -> dict[int, str]:
    """What to call the places of these rows (each with ``place_id`` and ``place_name``), told apart; for ``of``."""
    return labels_of({row.place_id: named(row.place_name) for row in rows})


@register.simple_tag(takes_context=True)
def spot_labels(context: Context, *lists: Iterable[Any]) -> dict[str, str]:
    """Path -> what to call the places at which rows lie, or between which they moved, told apart in all the lists by what the
    reader may look at; for ``of``."""
    spots: dict[str, Any] = {}
    for row in chain(*lists):
        if hasattr(row, "to_path"):
            spots |= {row.from_path: row.from_place, row.to_path: row.to_place}
        else:
            spots[row.place_path] = row.place
    actor: Actor = context["request"].actor
    seen = {ids_of(path)[-1]: sum(actor.may("view", above) for above in paths_to(path)) for path in spots}
    called = labels_of({ids_of(path)[-1]: named(name) for path, name in spots.items()}, seen)
    return {path: called[ids_of(path)[-1]] for path in spots}


@register.simple_tag
def held_labels(held: Iterable[tuple[Any, str]]) -> dict[int, str]:
    """The same for what is on hold, which comes with the words of its reason."""
    return place_labels(row for row, _why in held)


@register.filter
def of(names: dict[Any, str], key: Any) -> str:
    return names.get(key, "")


@register.simple_tag(takes_context=True)
def way_out(context: Context, offence: Any) -> tuple[str, str] | None:
    return refusals.way_out(offence, getattr(context.get("request"), "actor", None))


@register.simple_tag(takes_context=True)
def refusal_lines(context: Context, refused: Any) -> list[refusals.Line]:
    return refusals.lines_of(refused, getattr(context.get("request"), "actor", None))


@register.simple_tag(takes_context=True)
def act_key(context: Context, act: str) -> SafeString:
    """The hidden field that makes a form's act happen once, however often it is sent."""
    return format_html('<input type="hidden" name="key" value="{}">', key_of_act(context["request"], act))


@register.simple_tag(takes_context=True)
def case_number(context: Context, case: Case, department: Place) -> str:
    """The number of a document's case; empty for who sees no patients there."""
    return case_number_for(context["request"].actor, case.number, department)


@register.simple_tag(takes_context=True)
def navigation(context: Context) -> list[dict[str, Any]]:
    request = context.get("request")
    return nav.navigation(request) if request is not None else []


@register.simple_tag(takes_context=True)
def href(context: Context, name: str, *args: Any) -> SafeString:
    """The attribute of a link that opens for its reader; a link without it is plain text, and a button is not shown."""
    address = open_page(context, name, *args)
    return format_html(' href="{}"', address) if address else SafeString()


@register.simple_tag(takes_context=True)
def open_page(context: Context, name: str, *args: Any) -> str:
    """Like ``url``, but empty where the reader may not open the page."""
    return nav.open_address(context["request"].actor, name, *args)


@register.simple_tag
def page_address(name: str, *args: Any) -> str:
    """Like ``url``, but empty where this installation has no such page."""
    return nav.address_of(name, *args)


@register.simple_tag(takes_context=True)
def with_query(context: Context, **changes: Any) -> str:
    """The current query string with some values replaced; None takes one out."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None:
            query.pop(name, None)
        else:
            query[name] = value
    return "?" + query.urlencode() if query else "?"


@register.filter
def document_name(kind: str) -> str:
    return str(DOCUMENTS.get(kind, kind))


@register.simple_tag
def document_number(kind: str, number: str, sees_patient: bool) -> str:
    """A document's number; what points to a patient only for those who may see it."""
    return number if sees_patient or kind not in OF_A_PATIENT else HIDDEN


@register.simple_tag
def document(kind: str, number: str, sees_patient: bool) -> str:
    return f"{document_name(kind)} {document_number(kind, number, sees_patient)}"


@register.simple_tag(takes_context=True)
def reason_name(context: Context, code: str, step: str = "") -> str:
    """The words of an entry's reason, those of its step's group first. One statement a page, however many it shows."""
    request = context["request"]
    if not hasattr(request, "reason_labels"):
        request.reason_labels = reason_words()
    return request.reason_labels.of(code, step=step)


@register.inclusion_tag("flow/_approvals.html")
def approvals(kind: str, document_id: int) -> dict[str, Any]:
    """Who must approve a document and who has: nothing where nobody must. One statement."""
    found = rounds_of(kind, document_id)
    last = found[-1].round if found else 0
    return {
        "steps": [step for step in found if step.round == last],
        "earlier": [step for step in found if step.round < last],
    }
