"""A count on paper: while it runs the sheet to walk the shelves with, afterwards its result, to be signed by two."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.ledger.lifecycle import Status
from yanji.ledger.models import Level
from yanji.places.queries import labels_of

from ..papers import Cell, Paper, Section, Sheet, letterhead, register
from ..reasons import reasons
from .gate import count_for
from .judge import COUNTABLE
from .models import Count, Variance
from .queries import progress, variances_of

MOST_ROWS = 5_000


def count_sheet(count: Count) -> Sheet:
    """What is to be counted, shelf by shelf, with room to write; of a closed count what differed and what became of it."""
    running = count.state in ("open", "recount")
    return Sheet(
        title=_("Count sheet") if running else _("Result of a count"),
        number=count.number,
        state=count.get_state_display(),
        head=letterhead(count.place.path),
        facts=(
            (_("Place"), count.place.name),
            (_("How"), count.get_mode_display()),
            (_("Begun"), count.started_at),
            (_("Begun by"), count.actor.name),
            (_("Counted"), count.closed_at),
            (_("Posted"), count.posted_at),
        ),
        sections=(_to_walk(count),) if running else (_result(count), _variances(count)),
        signatures=(_("Counted by"), _("Second person")) if running else (_("Counted by"), _("Approved by")),
        note=count.note,
    )


def _to_walk(count: Count) -> Section:
    """Two statements at most. A blind count's sheet does not say how much there should be."""
    levels = Level.objects.filter(
        quantity__gt=0, status__in=sorted(COUNTABLE), place__path__startswith=count.place.path
    )
    levels = levels.exclude(status=Status.EXPLANTED, lot__item__tracking="lot")
    levels = levels.filter(lot__item_id__in=count.item_ids) if count.item_ids is not None else levels
    levels = levels.filter(lot__expiry__lte=count.expiring_by) if count.expiring_by else levels
    found = levels.select_related("place", "lot__item").order_by(
        "place__path", "lot__item__code", "lot__expiry", "pk"
    )
    pieces: dict[tuple[int, int], int] = {}
    shown: dict[tuple[int, int], Level] = {}
    for level in found[:MOST_ROWS]:
        key = (level.place_id, level.lot_id)
        pieces[key] = pieces.get(key, 0) + int(level.quantity)
        shown.setdefault(key, level)
    called = labels_of({level.place_id: level.place.name for level in shown.values()})
    rows: list[Sequence[Cell]] = [
        (
            called[level.place_id], level.lot.item.code, level.lot.item.name, level.lot.number, level.lot.expiry,
            "" if count.blind else pieces[key], "",
        )
        for key, level in shown.items()
    ]  # fmt: skip
    columns = (
        _("Place"), _("Code"), _("Item"), _("Lot"), _("Expiry date"), _("Recorded"), _("Counted"),
    )  # fmt: skip
    return Section(_("Shelf by shelf"), columns, rows)


def _result(count: Count) -> Section:
    seen = progress(count)
    checked = sum(item.checked for item in count.items.all())
    right = sum(item.right for item in count.items.all())
    columns = (
        _("Units seen"),
        _("Pieces of lots seen"),
        _("Unknown codes"),
        _("Pieces looked at"),
        _("Exactly as recorded"),
    )
    return Section(
        _("In all"), columns, [(seen.units, seen.pieces, seen.unknown, checked or None, right or None)]
    )


def _variances(count: Count) -> Section:
    found = list(variances_of(count)[:MOST_ROWS])
    words = reasons("count_variance")
    names = labels_of(
        {place.pk: place.name for each in found for place in (each.book_place, each.seen_place) if place}
    )
    rows: list[Sequence[Cell]] = [
        (
            each.get_kind_display(), each.item.code if each.item else "", each.item.name if each.item else "",
            each.unit.serial if each.unit else each.code[:60], names.get(each.book_place_id or 0, ""),
            names.get(each.seen_place_id or 0, ""), _signed(each),
            " · ".join(filter(None, (words.get(each.reason, each.reason), each.note, each.get_outcome_display(), _undone(each)))),
        )
        for each in found
    ]  # fmt: skip
    columns = (
        _("Variance"), _("Code"), _("Item"), _("Serial or lot"), _("Ledger"), _("Seen"), _("Quantity"), _("What became of it"),
    )  # fmt: skip
    return Section(_("Variances"), columns, rows)


def _undone(variance: Variance) -> str:
    """What of it was taken back, by whom and why."""
    if variance.undone_event is None:
        return ""
    why = reasons("correct").get(variance.undone_event.reason, variance.undone_event.reason)
    return _("Taken back: %(pieces)s, %(who)s, %(why)s") % {
        "pieces": variance.undone, "who": variance.undone_event.actor.name, "why": why,
    }  # fmt: skip


def _signed(variance: Variance) -> str:
    """Short of the ledger with a minus, over it with a plus; what only lies elsewhere without either."""
    kinds = Variance.Kind
    if variance.kind in (kinds.MISSING, kinds.LOT_SHORT):
        return f"−{variance.pieces}"
    return f"+{variance.pieces}" if variance.kind in (kinds.FOUND, kinds.LOT_OVER) else str(variance.pieces)


register(
    Paper(
        kind="count",
        label=gettext_lazy("Stock count"),
        model=Count,
        gate=count_for,
        page=lambda count: ("storeroom:count_variances", (count.pk,)),
        sheet=count_sheet,
        act="count",
    )
)
