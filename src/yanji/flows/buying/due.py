"""Papers and contracts that lapse: which, when, and whom it stops; said 90, 60 and 30 days before."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.urls import NoReverseMatch, reverse

from yanji.access.actor import Actor
from yanji.catalog.models import Licence

from .models import Contract

AHEAD = 90
LEVELS = (30, 60, 90)
# Of a renewed paper only the one that reaches furthest counts. A paper without an end never lapses.
LICENCES = """
SELECT DISTINCT ON (l.supplier_id, l.kind, l.maker_id) l.kind, l.number, l.valid_to, s.id, s.name_zh, s.name_en,
       coalesce(m.name_zh, ''), coalesce(m.name_en, '')
  FROM catalog_licence l JOIN catalog_supplier s ON s.id = l.supplier_id LEFT JOIN catalog_maker m ON m.id = l.maker_id
 WHERE s.active AND (%(supplier)s::bigint IS NULL OR s.id = %(supplier)s)
 ORDER BY l.supplier_id, l.kind, l.maker_id, l.valid_to DESC NULLS FIRST
"""
REGISTRATIONS = """
SELECT DISTINCT ON (r.item_id) 'registration', r.number, r.valid_to, i.id, i.name_zh, i.name_en, i.code, i.code
  FROM catalog_registration r JOIN catalog_item i ON i.id = r.item_id
 WHERE i.active AND (%(supplier)s::bigint IS NULL OR i.supplier_id = %(supplier)s)
 ORDER BY r.item_id, r.valid_to DESC NULLS FIRST
"""
AMONG = "SELECT * FROM ({inner}) AS furthest WHERE valid_to <= %(until)s"


@dataclass(frozen=True, slots=True)
class DuePaper:
    """One paper, the day it lapses, and whose it is. ``kind``: of a licence, ``registration`` or ``contract``."""

    kind: str
    number: str
    valid_to: date
    owner_id: int
    owner: tuple[str, str]
    detail: tuple[str, str]
    today: date

    @property
    def days_left(self) -> int:
        """Days to its last day; below zero where it has lapsed."""
        return (self.valid_to - self.today).days

    @property
    def level(self) -> int:
        """0 where it has lapsed, else the smallest of 30, 60, 90 days that holds it."""
        return 0 if self.days_left < 0 else next(level for level in LEVELS if self.days_left <= level)

    @property
    def label(self) -> str:
        """What kind of paper it is, in the reader's language."""
        from django.utils.translation import gettext as _

        fixed = {"registration": _("Registration"), "contract": _("Framework contract")}
        return fixed.get(self.kind) or str(Licence.Kind(self.kind).label)

    @property
    def href(self) -> str:
        """Where it is renewed; nothing where this installation has no such page."""
        name = {"registration": "masterdata:item", "contract": "buyer:contract"}.get(
            self.kind, "masterdata:supplier"
        )
        try:
            return reverse(name, args=[self.owner_id])
        except NoReverseMatch:
            return ""


def due_papers(actor: Actor, *, today: date, days: int = AHEAD, kinds: Iterable[str] = ()) -> list[DuePaper]:
    """What has lapsed or lapses within ``days``, the most urgent first. Three statements.

    The catalogue is one for all places; contracts are those of places that the actor sees. A supplier's people get
    their own papers, and the registrations of what they usually deliver.
    """
    until = today + timedelta(days=days)
    asked = {"supplier": actor.supplier_id, "until": until}
    found = []
    with connection.cursor() as cursor:
        for sql in (LICENCES, REGISTRATIONS):
            cursor.execute(AMONG.format(inner=sql), asked)
            found += [
                DuePaper(kind, number, valid_to, owner, (zh, en), (detail_zh, detail_en), today)
                for kind, number, valid_to, owner, zh, en, detail_zh, detail_en in cursor.fetchall()
            ]
    found += [
        DuePaper(
            "contract", row.number, row.valid_to, row.pk, (row.supplier.name_zh, row.supplier.name_en),
            (row.reference, row.reference), today,
        )
        for row in _contracts(actor, until)
    ]  # fmt: skip
    wanted = frozenset(kinds)
    shown = [paper for paper in found if not wanted or paper.kind in wanted]
    return sorted(shown, key=lambda paper: (paper.valid_to, paper.kind, paper.owner, paper.number))


def _contracts(actor: Actor, until: date) -> Iterable[Contract]:
    from ..queries import within

    found = Contract.objects.filter(state="active", valid_to__lte=until).select_related("supplier")
    if actor.supplier_id is not None:
        return found.filter(supplier_id=actor.supplier_id)
    return found.filter(within("place", actor.scopes.get("view", ())))


def counted(papers: Iterable[DuePaper]) -> dict[int, int]:
    """Level (0: lapsed, 30, 60, 90) -> papers. Pure."""
    total = dict.fromkeys((0, *LEVELS), 0)
    for paper in papers:
        total[paper.level] += 1
    return total
