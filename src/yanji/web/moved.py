"""The things behind the board's flows of today, one line each."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from yanji.insight.board import Cut, Moved, moved
from yanji.places.models import Place
from yanji.places.rules import REAL_KINDS

from .asked import whole_number
from .board import look_of, midnight
from .charts import CAME, WENT
from .csvfile import csv_file
from .flow.gate import needs
from .page import page, page_of
from .templatetags.yanji import named, step_name


@needs("see_figures")
@require_safe
def moved_page(request: HttpRequest) -> HttpResponse:
    """The things behind the board's flows of today: from one station to another, by some steps, or all."""
    look, given = look_of(request), request.GET
    starts, ends, through = (
        [key for key in map(whole_number, given.getlist(end)) if key] for end in ("from", "to", "through")
    )
    rows = _Slices(look.cut, from_ids=starts, to_ids=ends, through=through, steps=_steps(given.get("steps")))
    if given.get("format") == "csv":
        return _csv(rows[: len(rows)])
    shown = page_of(request, rows)
    names = _names(look.cut, [keys for keys in (starts, ends, through) if keys], any_moved=rows.pieces > 0)
    return page(
        request,
        "web/moved.html",
        look=look,
        rows=shown,
        pieces=rows.pieces,
        whole=math.ceil(rows.pieces),
        start=", ".join(names[key] for key in starts if key in names),
        end=", ".join(names[key] for key in ends if key in names),
        through=", ".join(names[key] for key in through if key in names),
        steps=given.get("steps", "all"),
        choices=[("all", _("Everything")), ("came", _("Came in")), ("went", _("Went out"))],
    )


def _names(cut: Cut, asked: Sequence[Sequence[int]], *, any_moved: bool) -> dict[int, str]:
    """How the places asked for are called, as far as the reader is told anyway: those of the part looked at, those that are none
    of the house, and one alone at an end where the rows name it."""
    told = {keys[0] for keys in asked if any_moved and len(keys) == 1}
    found = Place.objects.in_bulk([key for keys in asked for key in keys])
    return {
        key: place.name
        for key, place in found.items()
        if key in told or place.kind not in REAL_KINDS or place.path.startswith(tuple(cut.paths))
    }


def _steps(asked: str | None) -> Sequence[str]:
    return {"came": CAME, "went": WENT}.get(asked or "", ())


class _Slices:
    """The rows of a list of which only a slice is read, as a paginator wants them."""

    def __init__(self, cut: Cut, **asked: Sequence[Any]) -> None:
        self._asked: dict[str, Any] = {"since": midnight(timezone.localtime()), **asked}
        self._cut = cut
        _first, self._count, self.pieces = moved(cut, **self._asked, limit=1)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, part: slice) -> list[Moved]:
        begin = part.start or 0
        return moved(self._cut, **self._asked, limit=part.stop - begin, offset=begin)[0]


def _csv(rows: Iterable[Moved]) -> HttpResponse:
    head = [
        _("Time"),
        _("Step"),
        _("Item code"),
        _("Item"),
        _("Lot"),
        _("Serial number"),
        _("Quantity"),
        _("From"),
        _("To"),
        _("Person"),
    ]
    body = (
        [
            timezone.localtime(row.happened_at).isoformat(timespec="seconds"),
            *(step_name(row.told_as), row.item_code, named(row.item), row.lot, row.serial or ""),
            *(
                row.quantity.normalize().__format__("f"),
                named(row.from_name),
                named(row.to_name),
                named(row.actor),
            ),
        ]
        for row in rows
    )
    return csv_file("moved", head, body)
