"""Which boxes there are, and how they lie inside each other."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, TextChoices
from django.utils.translation import gettext_lazy as _

from yanji.access.actor import Actor
from yanji.places.models import VIRTUAL

from .models import Box, BoxedLot, BoxedUnit


class Seal(TextChoices):
    """What can be said of a box at a glance."""

    SEALED = "sealed", _("Intact")
    BROKEN = "broken", _("Seal broken")
    OPEN = "open", _("Empty")


# How many boxes are looked at for each that is asked for, before all of them are: of the latest ones most are shown.
LOOKED_AT = 3
# How far back a list is counted where that gives somebody enough to leaf through; what is older is found by its code or kind.
COUNTED_BACK, ENOUGH = 2_000, 200
# A box is listed where most of its units are; boxes inside others are seen in those, or found by their code. What left for
# good says nothing of where the box is, and is taken out; an empty box is listed where it was last packed or opened, one that
# never was by whoever may see stock anywhere. The latest ones alone are read, where no more are asked for.
LISTED = """
WITH RECURSIVE roots AS (
    SELECT b.id FROM flows_box b
     WHERE CASE WHEN %(text)s = '' THEN b.parent_id IS NULL ELSE b.code LIKE %(text)s END
       AND (%(kind)s = '' OR b.kind = %(kind)s) AND (%(items)s::bigint[] IS NULL OR b.item_id = ANY (%(items)s))
     ORDER BY b.created_at DESC, b.id DESC LIMIT %(latest)s),
tree AS (
    SELECT id, id AS root FROM roots
    UNION
    SELECT b.id, t.root FROM flows_box b JOIN tree t ON b.parent_id = t.id),
inner_boxes AS (SELECT root, count(*) - 1 AS boxes FROM tree GROUP BY root),
at_place AS (
    SELECT t.root, u.place_id, u.status IN ('used', 'scrapped', 'lost') AS gone, true AS speaks, count(*) AS pieces
      FROM tree t JOIN flows_boxedunit bu ON bu.box_id = t.id JOIN ledger_unit u ON u.id = bu.unit_id
     GROUP BY 1, 2, 3
    UNION ALL
    SELECT t.root, b.place_id, false, false, sum(bl.quantity)
      FROM tree t JOIN flows_box b ON b.id = t.id JOIN flows_boxedlot bl ON bl.box_id = b.id GROUP BY 1, 2),
turned AS (
    SELECT a.*, first_value(CASE WHEN NOT a.gone THEN p.id END) OVER (
               PARTITION BY a.root ORDER BY a.gone OR p.id IS NULL, a.speaks DESC, a.pieces DESC, p.path) AS best
      FROM at_place a LEFT JOIN places_place p ON p.id = a.place_id),
counted AS (
    SELECT root, best, sum(pieces) AS pieces, coalesce(sum(pieces) FILTER (WHERE NOT gone AND place_id = best), 0) AS there
      FROM turned GROUP BY root, best),
told AS (
    SELECT b.id, b.code, b.kind, b.created_at, i.boxes AS inner_boxes,
           coalesce(c.there, 0) AS pieces, coalesce(c.pieces - c.there, 0) AS taken_out,
           p.id AS place_id, p.path, coalesce(p.path, last.path) AS seen_at, p.name_zh, p.name_en, b.item_id,
           CASE WHEN c.pieces > c.there THEN 'broken' WHEN coalesce(c.pieces, 0) + i.boxes = 0 THEN 'open'
                ELSE 'sealed' END AS seal
      FROM roots r JOIN flows_box b ON b.id = r.id JOIN inner_boxes i ON i.root = b.id
      LEFT JOIN counted c ON c.root = b.id LEFT JOIN places_place p ON p.id = c.best
      LEFT JOIN LATERAL (
          SELECT ap.path FROM flows_packingact act JOIN places_place ap ON ap.id = act.place_id
           WHERE p.id IS NULL AND act.box_id = b.id AND ap.kind <> ALL (%(virtual)s)
           ORDER BY act.at DESC, act.id DESC LIMIT 1) last ON true),
shown AS (
    SELECT t.*, item.name_zh AS item_zh, item.name_en AS item_en FROM told t LEFT JOIN catalog_item item ON item.id = t.item_id
     WHERE CASE WHEN t.seen_at IS NULL THEN %(anywhere)s ELSE t.seen_at LIKE ANY (%(paths)s) END
       AND (%(within)s = '' OR t.path LIKE %(within)s) AND (%(seals)s::text[] IS NULL OR t.seal = ANY (%(seals)s)))
"""
COLUMNS = """
SELECT looked.boxes, slice.* FROM (SELECT count(*) AS boxes FROM roots) looked LEFT JOIN (
    SELECT id, code, kind, created_at, inner_boxes, pieces, taken_out, place_id, ARRAY[name_zh, name_en], item_id,
           ARRAY[item_zh, item_en], seal
      FROM shown ORDER BY created_at DESC, id DESC OFFSET %(start)s LIMIT %(most)s) slice ON true
 ORDER BY created_at DESC, slice.id DESC
"""
COUNT = "SELECT (SELECT count(*) FROM roots), (SELECT count(*) FROM shown)"
INSIDE = """
WITH RECURSIVE tree AS (
    SELECT b.id, b.code, b.kind, 0 AS depth, ARRAY[b.code::text] AS way FROM flows_box b WHERE b.id = %s
    UNION ALL
    SELECT b.id, b.code, b.kind, t.depth + 1, t.way || b.code::text FROM flows_box b JOIN tree t ON b.parent_id = t.id
     WHERE t.depth < 20)
SELECT id, code, kind, depth FROM tree ORDER BY way
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One box of a list: ``pieces`` are with it, ``taken_out`` went their own way. Names are (zh, en)."""

    code: str
    kind: str
    created_at: datetime
    inner: int
    pieces: int
    taken_out: int
    place_id: int | None
    place: Sequence[str] | None
    item_id: int | None
    kit: Sequence[str] | None
    seal: str


class Boxes:
    """Boxes that an actor sees, the latest first, as a list that is read in slices: one statement a slice, one to count; a
    second one where too few of the latest boxes are among them. Who sees many counts those of the latest alone."""

    def __init__(self, asked: dict[str, Any]) -> None:
        self._asked = asked

    def count(self) -> int:
        looked_at, found = self._count(COUNTED_BACK)
        return found if found >= ENOUGH or looked_at < COUNTED_BACK else self._count(None)[1]

    def _count(self, latest: int | None) -> tuple[int, int]:
        """How many of the latest boxes were looked at, and how many of them are shown."""
        with connection.cursor() as cursor:
            cursor.execute(LISTED + COUNT, {**self._asked, "latest": latest})
            looked_at, found = cursor.fetchone()
        return int(looked_at), int(found)

    def __getitem__(self, asked: slice) -> list[Listed]:
        start, stop = asked.start or 0, asked.stop
        if stop is None:
            return self._read(start, None, latest=None)[1]
        most, latest = max(0, stop - start), stop * LOOKED_AT
        looked_at, found = self._read(start, most, latest=latest)
        if len(found) == most or looked_at < latest:
            return found
        return self._read(start, most, latest=None)[1]

    def _read(self, start: int, most: int | None, *, latest: int | None) -> tuple[int, list[Listed]]:
        """How many of the latest boxes were looked at, and those of them that are shown."""
        asked = {**self._asked, "start": start, "most": most, "latest": latest}
        with connection.cursor() as cursor:
            cursor.execute(LISTED + COLUMNS, asked)
            rows = cursor.fetchall()
        return rows[0][0], [_listed(row) for _boxes, box_id, *row in rows if box_id is not None]


def _listed(row: Sequence[Any]) -> Listed:
    code, kind, at, inner, pieces, out, place_id, place, item_id, kit, seal = row
    return Listed(
        code, kind, at, inner, int(pieces), int(out), place_id, place if place_id else None, item_id,
        kit if item_id else None, seal,
    )  # fmt: skip


def boxes(
    actor: Actor,
    *,
    kind: str = "",
    seals: Sequence[str] = (),
    within: str = "",
    item_ids: Sequence[int] = (),
    text: str = "",
) -> Boxes:
    """The boxes that lie where the actor sees stock, and the empty ones that did.

    ``within``: path of the place at or below which they lie; ``item_ids``: the kits that they are; ``text``: part of the
    code, of boxes inside others too.
    """
    seen = actor.scopes.get("view", ())
    escaped = text.strip().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return Boxes(
        {
            "kind": kind,
            "seals": list(seals) or None,
            "within": f"{within}%" if within else "",
            "items": list(item_ids) or None,
            "text": f"%{escaped}%" if escaped else "",
            "paths": [f"{path}%" for path in seen],
            "anywhere": bool(seen),
            "virtual": sorted(VIRTUAL),
        }
    )


@dataclass(frozen=True, slots=True)
class Branch:
    """One box of a tree; ``depth`` 0 is the outermost."""

    id: int
    code: str
    kind: str
    depth: int


def tree(box_id: int) -> list[Branch]:
    """A box and the boxes inside it, each before what is in it. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(INSIDE, (box_id,))
        return [Branch(*row) for row in cursor.fetchall()]


def code_of(box_id: int | None) -> str:
    """The code of a box; empty where there is none. One statement at most."""
    return Box.objects.values_list("code", flat=True).get(pk=box_id) if box_id else ""


def spoilt(codes: Collection[str], day: date) -> set[str]:
    """Those of the boxes in which something is of a recalled lot, or expired on a day. Two statements, none without boxes."""
    if not codes:
        return set()
    units = BoxedUnit.objects.filter(box__code__in=codes).filter(
        ~Q(unit__lot__recall="") | Q(unit__lot__expiry__lt=day)
    )
    lots = BoxedLot.objects.filter(box__code__in=codes).filter(~Q(lot__recall="") | Q(lot__expiry__lt=day))
    return {*units.values_list("box__code", flat=True), *lots.values_list("box__code", flat=True)}
