"""Which boxes there are, and what happened to one."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from yanji.access.actor import Actor

from .models import PackingAct

# A box is listed where most of its units are; boxes inside others are seen in those.
LISTED = """
WITH RECURSIVE tree AS (
    SELECT b.id, b.id AS root FROM flows_box b WHERE b.parent_id IS NULL
    UNION
    SELECT b.id, t.root FROM flows_box b JOIN tree t ON b.parent_id = t.id),
at_place AS (
    SELECT t.root, u.place_id, count(*) AS pieces
      FROM tree t JOIN flows_boxedunit bu ON bu.box_id = t.id JOIN ledger_unit u ON u.id = bu.unit_id
     WHERE u.status NOT IN ('used', 'scrapped', 'lost')
     GROUP BY t.root, u.place_id),
best AS (
    SELECT DISTINCT ON (a.root) a.root, a.place_id, a.pieces, sum(a.pieces) OVER (PARTITION BY a.root) AS all_pieces
      FROM at_place a ORDER BY a.root, a.pieces DESC, a.place_id)
SELECT b.code, b.kind, b.created_at, best.pieces, best.all_pieces, p.name_zh, p.name_en,
       (SELECT ARRAY[i.name_zh, i.name_en] FROM catalog_item i WHERE i.id = b.item_id)
  FROM best
  JOIN flows_box b ON b.id = best.root
  JOIN places_place p ON p.id = best.place_id
 WHERE p.path LIKE ANY (%s)
 ORDER BY b.created_at DESC, b.id DESC
 LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Listed:
    """One box of a list: ``pieces`` are with it, ``all_pieces`` belong in it. Names are (zh, en)."""

    code: str
    kind: str
    created_at: datetime
    pieces: int
    all_pieces: int
    place: tuple[str, str]
    kit: tuple[str, str] | None

    @property
    def taken_out(self) -> int:
        return self.all_pieces - self.pieces


def boxes(actor: Actor, *, limit: int = 50) -> list[Listed]:
    """The packed boxes that lie where the actor sees stock, latest first. One statement."""
    with connection.cursor() as cursor:
        cursor.execute(LISTED, ([f"{path}%" for path in actor.scopes.get("view", ())], limit))
        rows = cursor.fetchall()
    return [
        Listed(*row[:3], int(row[3]), int(row[4]), (row[5], row[6]), tuple(row[7]) if row[7] else None)
        for row in rows
    ]


def acts(box_id: int) -> QuerySet[PackingAct]:
    """What happened to a box, latest first."""
    return PackingAct.objects.filter(box_id=box_id).select_related("actor", "place").order_by("-at", "-pk")
