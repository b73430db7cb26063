"""The phone page of a count: a large number, the last few scans, and a sound where something is not as it should be."""

from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from yanji.access.actor import Actor
from yanji.flows.counting.by_reader import began
from yanji.flows.counting.count import cancel_count, close_count
from yanji.flows.counting.gate import count_for
from yanji.flows.counting.models import Count, CountScan
from yanji.flows.counting.queries import latest_scans, progress, totals
from yanji.flows.counting.scan import MOST_READS, SHELF, Heard, Read, record
from yanji.flows.counting.scan_back import take_back
from yanji.flows.rfid.queries import readers_around
from yanji.flows.seal import counted_note
from yanji.ledger.api import Refused
from yanji.places.models import Place
from yanji.places.queries import path_names

from ...flow.basket import detail_of, title_of
from ...flow.gate import needs
from ...flow.sent import number_in
from ...page import act_key, page
from ...scan import refused_row, scanned

SCANNING = ("open", "recount")
UNREADABLE = -1
# What a verdict sounds like, and what it says. The silent ones are as they should be.
VERDICTS: dict[str, tuple[str, object]] = {
    "right": ("ok", ""),
    "noted": ("ok", ""),
    "twice": ("warn", gettext_lazy("Counted already")),
    "outside": ("warn", gettext_lazy("Kept, though this count does not ask for it")),
    "shelf": ("warn", gettext_lazy("The ledger has it on another shelf")),
    "elsewhere": ("warn", gettext_lazy("The ledger has it somewhere else")),
    "found": ("warn", gettext_lazy("It was reported missing: found again")),
    "not_received": ("error", gettext_lazy("It was never received. Put it aside.")),
    "gone": ("error", gettext_lazy("Recorded as used or destroyed. Put it aside and report it.")),
    "unknown": ("error", gettext_lazy("Not known here. Kept for review; put it aside.")),
    "nothing": ("error", gettext_lazy("This is the number of a document, not a thing.")),
}
# Posted, these move a thing out of where it was, alone.
MOVES = ("shelf", "elsewhere")


@dataclass(frozen=True, slots=True)
class CountRow:
    """One scan as the page shows it."""

    key: str
    result: str
    title: str
    detail: str
    note: str = ""
    scan_id: int | None = None
    quantity: int | None = None

    @classmethod
    def heard(cls, heard: Heard) -> "CountRow":
        result, note = VERDICTS[heard.verdict]
        seal = counted_note(heard.meaning) if heard.verdict in MOVES else ""
        counted = heard.meaning.kind == "lot" and heard.scan_id is not None
        return cls(
            key=f"scan:{heard.scan_id}" if counted or not heard.meaning.epc else heard.meaning.epc,
            result=result,
            title=title_of(heard.meaning),
            detail=detail_of(heard.meaning),
            note=f"{note}. {seal}" if seal else str(note),
            scan_id=heard.scan_id,
            quantity=heard.quantity if counted else None,
        )

    @classmethod
    def kept(cls, scan: CountScan, blind: bool) -> "CountRow":
        result, note = VERDICTS["noted" if blind and scan.verdict != "unknown" else scan.verdict or "noted"]
        thing = scan.unit or scan.lot
        lot = scan.kind == CountScan.Kind.LOT
        return cls(
            key=scan.epc or f"scan:{scan.pk}",
            result=result,
            title=scan.item.name if scan.item else scan.raw.replace("\x1d", " "),
            detail=(scan.unit.serial if scan.unit else scan.lot.number if scan.lot else "") if thing else "",
            note=str(note),
            scan_id=scan.pk,
            quantity=scan.quantity if lot else None,
        )


@needs("count")
@require_safe
def count_page(request: HttpRequest, count_id: int) -> HttpResponse:
    """Where things are scanned; a closed count leads to what differs."""
    actor: Actor = request.actor
    count = count_for(actor, count_id, may="count")
    if count.state not in SCANNING:
        return redirect("storeroom:count_variances", count.pk)
    return count_again(request, count)


def count_again(request: HttpRequest, count: Count, refused: Refused | None = None) -> HttpResponse:
    """The page as it stands, with why something was refused."""
    return page(
        request,
        "storeroom/count.html",
        status=409 if refused else 200,
        refused=refused,
        count=count,
        progress=progress(count),
        rows=_latest(request, count),
        place=count.place,
        readers=readers_around(request.actor, count.place.path),
        since=timezone.localtime(began(count)),
        to_recount=_to_recount(count),
    )


def _latest(request: HttpRequest, count: Count) -> list[CountRow]:
    return [CountRow.kept(each, count.blind) for each in latest_scans(count, request.actor)]


def _to_recount(count: Count) -> list:
    """What a second person is to look for; they are not told what the first one counted."""
    if count.state != "recount":
        return []
    found = count.variances.filter(round=count.round - 1, decision="recount")
    return list(
        found.select_related("item", "unit", "book_place", "seen_place").order_by(
            "book_place__path", "item__code"
        )[:200]
    )


@needs("count")
@require_POST
def scan(request: HttpRequest, count_id: int) -> HttpResponse:
    """One scan: kept, or the shelf that the next ones lie on."""
    actor: Actor = request.actor
    raw = scanned(request)
    key = request.POST.get("scan_key", "")[:100] or uuid4().hex
    read = Read(raw, key, place_id=_shelf(request))
    try:
        [heard] = record(actor=actor, count_id=count_id, reads=[read], how=CountScan.How.SCAN)
    except Refused as refused:
        return refused_row(request, raw, refused)
    if heard.verdict == SHELF:
        return _chosen(request, heard.place_id)
    count = count_for(actor, count_id, may="count")
    context = {"row": CountRow.heard(heard), "count": count, "progress": progress(count), "oob": True}
    return render(request, "storeroom/_count_answer.html", context)


def _shelf(request: HttpRequest) -> int | None:
    value = request.POST.get("shelf_id", "")
    return number_in(value)


def _chosen(request: HttpRequest, place_id: int) -> HttpResponse:
    place = Place.objects.get(pk=place_id)
    context = {"shelf": place, "shelf_path": str(path_names([place.pk]).get(place.pk, "")), "oob": True}
    response = render(request, "storeroom/_count_shelf.html", context)
    response["HX-Trigger"] = "yanji:chosen"
    return response


@needs("count")
@require_POST
def undo(request: HttpRequest, count_id: int) -> HttpResponse:
    """Take the last scan back, or the one of this row; or count another number of pieces instead, none for zero."""
    actor: Actor = request.actor
    scan_id, pieces = _whole(request, "scan_id"), _whole(request, "quantity")
    if scan_id is not UNREADABLE and pieces is not UNREADABLE:
        take_back(actor=actor, count_id=count_id, key=_key(request), scan_id=scan_id, quantity=pieces or None)
    return _rows(request, count_for(actor, count_id, may="count"))


def _key(request: HttpRequest) -> str:
    return request.POST.get("key", "")[:100] or uuid4().hex


def _whole(request: HttpRequest, name: str) -> int | None:
    """The whole number in a field; None where it was not sent, ``UNREADABLE`` for anything else: then nothing is done."""
    if name not in request.POST:
        return None
    typed = request.POST[name].strip()
    number = number_in(typed, 15)
    return UNREADABLE if number is None else number


def _rows(request: HttpRequest, count: Count) -> HttpResponse:
    context = {"rows": _latest(request, count), "count": count, "progress": progress(count), "oob": True}
    return render(request, "storeroom/_count_rows.html", context)


@needs("count")
@require_safe
def totals_part(request: HttpRequest, count_id: int) -> HttpResponse:
    """Items with what is open: asked for when somebody wants to see it, not with every scan."""
    count = count_for(request.actor, count_id, may="count")
    return render(request, "storeroom/_count_totals.html", {"count": count, "totals": totals(count)[:200]})


@needs("count")
@require_POST
def paste(request: HttpRequest, count_id: int) -> HttpResponse:
    """A list of reads at once, one a line: from a sweep with a reader, or from a device that was cut off."""
    actor: Actor = request.actor
    count = count_for(actor, count_id, may="count")
    lines = [line for line in request.POST.get("reads", "").splitlines() if line.strip()]
    how = CountScan.How.TAG if request.POST.get("tags") else CountScan.How.LIST
    key = act_key(request, "list")
    shelf = _shelf(request)
    try:
        if not lines:
            raise Refused("empty")
        if len(lines) > MOST_READS:
            raise Refused("too_many_lines", count=len(lines), limit=MOST_READS)
        reads = [Read(line, f"{key}:{number}", place_id=shelf) for number, line in enumerate(lines)]
        heard = record(actor=actor, count_id=count.pk, reads=reads, how=how)
    except Refused as refused:
        return count_again(request, count, refused)
    say_kept(request, heard, blind=count.blind)
    return redirect("storeroom:count", count.pk)


def say_kept(request: HttpRequest, heard: list[Heard], *, blind: bool) -> None:
    """How many of a batch are kept, and how many want a look."""
    new = sum(each.verdict not in ("twice", "nothing", SHELF) for each in heard)
    said = ngettext("%(n)s read is kept.", "%(n)s reads are kept.", new) % {"n": new}
    odd = sum(VERDICTS.get(each.verdict, ("ok", ""))[0] == "error" for each in heard)
    if odd and not blind:
        said += " " + ngettext("%(n)s needs a look.", "%(n)s need a look.", odd) % {"n": odd}
    messages.success(request, said)


@needs("count")
@require_POST
def close(request: HttpRequest, count_id: int) -> HttpResponse:
    actor: Actor = request.actor
    try:
        done = close_count(actor=actor, key=act_key(request, "close"), count_id=count_id)
    except Refused as refused:
        return count_again(request, count_for(actor, count_id, may="count"), refused)
    messages.success(request, _("Count %(number)s is finished.") % {"number": done.number})
    return redirect("storeroom:count_variances", count_id)


@needs("count")
@require_POST
def cancel(request: HttpRequest, count_id: int) -> HttpResponse:
    actor: Actor = request.actor
    done = cancel_count(actor=actor, key=act_key(request, "cancel"), count_id=count_id)
    messages.success(request, _("%(number)s is cancelled. Nothing was posted.") % {"number": done.number})
    return redirect("storeroom:counts")
