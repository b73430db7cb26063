"""Papers and contracts that lapse, or were never shown: which, when, and whom it stops; said 90, 60 and 30 days before."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db import connection
from django.urls import NoReverseMatch, reverse

from yanji.access.actor import Actor
from yanji.catalog.models import Item, Licence
from yanji.ledger.api import IN_STOCK, on_hand

from . import unshown
from .models import Contract

AHEAD = 90
LEVELS = (30, 60, 90)
UNSHOWN = -1  # the level of a paper that was never shown
# Of a renewed paper only the one that reaches furthest counts. A paper without an end never lapses.
LICENCES = """
SELECT DISTINCT ON (l.supplier_id, l.kind, l.maker_id) l.kind, l.number, l.valid_to, s.id, s.name_zh, s.name_en,
       coalesce(m.name_zh, ''), coalesce(m.name_en, '')
  FROM catalog_licence l JOIN catalog_supplier s ON s.id = l.supplier_id LEFT JOIN catalog_maker m ON m.id = l.maker_id
 WHERE s.active AND (%(supplier)s::bigint IS NULL OR s.id = %(supplier)s)
   AND (%(sellers)s::bigint[] IS NULL OR s.id = ANY (%(sellers)s))
   AND (%(makers)s::bigint[] IS NULL OR l.maker_id IS NULL OR l.maker_id = ANY (%(makers)s))
 ORDER BY l.supplier_id, l.kind, l.maker_id, l.valid_to DESC NULLS FIRST
"""
REGISTRATIONS = """
SELECT DISTINCT ON (r.item_id) 'registration', r.number, r.valid_to, i.id, i.name_zh, i.name_en, i.code, i.code
  FROM catalog_registration r JOIN catalog_item i ON i.id = r.item_id
 WHERE i.active AND (%(supplier)s::bigint IS NULL OR i.supplier_id = %(supplier)s)
   AND (%(items)s::bigint[] IS NULL OR i.id = ANY (%(items)s))
 ORDER BY r.item_id, r.valid_to DESC NULLS FIRST
"""
AMONG = "SELECT * FROM ({inner}) AS furthest WHERE valid_to <= %(until)s"


# Who deals with papers sees those of all suppliers; who keeps goods, or answers for their figures, those that bear on what
# lies there.
DEALS = ("order", "contract", "edit_catalog", "invoice", "pay")
KEEPS = ("receive", "store", "hold", "see_figures")


def level_of(days_left: int) -> int:
    """0 where a paper has lapsed, else the smallest of 30, 60, 90 days that holds it. Pure."""
    return 0 if days_left < 0 else next(level for level in LEVELS if days_left <= level)


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies somewhere, as far as papers bear on it: the items, who usually sells and who makes them."""

    items: tuple[int, ...]
    sellers: tuple[int, ...]
    makers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class DuePaper:
    """One paper, the day it lapses (None, and without a number: nobody ever showed one), and whose it is. ``kind``: of a
    licence, ``registration`` or ``contract``.

    A registration covers several items: it is one paper, ``owner`` the first of them, ``item_ids`` all.
    """

    kind: str
    number: str
    valid_to: date | None
    owner_id: int
    owner: tuple[str, str]
    detail: tuple[str, str]
    today: date
    item_ids: tuple[int, ...] = ()

    @property
    def days_left(self) -> int | None:
        """Days to its last day; below zero where it has lapsed, None where it was never shown."""
        return (self.valid_to - self.today).days if self.valid_to else None

    @property
    def more(self) -> int:
        """How many further items a registration covers."""
        return max(0, len(self.item_ids) - 1)

    @property
    def level(self) -> int:
        return UNSHOWN if self.days_left is None else level_of(self.days_left)

    @property
    def label(self) -> str:
        """What kind of paper it is, in the reader's language."""
        from django.utils.translation import gettext as _

        fixed = {"registration": _("Registration"), "contract": _("Framework contract")}
        return fixed.get(self.kind) or str(Licence.Kind(self.kind).label)

    @property
    def href(self) -> str:
        """Where it is renewed; nothing where this installation has no such page."""
        if self.more:
            return _listed(self.number)
        name = {"registration": "masterdata:item", "contract": "buyer:contract"}.get(
            self.kind, "masterdata:supplier"
        )
        try:
            return reverse(name, args=[self.owner_id])
        except NoReverseMatch:
            return ""


def papers_seen(actor: Actor, *, today: date, days: int = AHEAD, kinds: Iterable[str] = ()) -> list[DuePaper]:
    """:func:`due_papers` as far as they concern the actor: all for who deals with papers; for who keeps goods those of what
    lies in their places, without contracts. Five statements at most."""
    if any(actor.may(each) for each in DEALS):
        return due_papers(actor, today=today, days=days, kinds=kinds)
    paths = {path for each in KEEPS for path in actor.scopes.get(each, ())}
    return due_papers(actor, today=today, days=days, kinds=kinds, of=kept_at(sorted(paths)))


def kept_at(paths: Sequence[str]) -> Kept:
    """What lies at the places and below them. Two statements, none without a place."""
    held = {row.item_id for row in on_hand(paths=paths, by=("item",), statuses=IN_STOCK)} if paths else set()
    rows = list(Item.objects.filter(pk__in=held).values_list("pk", "supplier_id", "maker_id")) if held else []
    items, sellers, makers = (
        tuple(sorted({row[column] for row in rows if row[column] is not None})) for column in range(3)
    )
    return Kept(items, sellers, makers)


def due_papers(
    actor: Actor, *, today: date, days: int = AHEAD, kinds: Iterable[str] = (), of: Kept | None = None
) -> list[DuePaper]:
    """What has lapsed or lapses within ``days``, the most urgent first, then what was never shown. Three statements.

    The catalogue is one for all places; contracts are those of places that the actor sees. A supplier's people get
    their own papers, and the registrations of what they usually deliver. ``of``: only what bears on these goods; no contracts.
    """
    until = today + timedelta(days=days)
    asked = {
        "supplier": actor.supplier_id,
        "until": until,
        "items": list(of.items) if of else None,
        "sellers": list(of.sellers) if of else None,
        "makers": list(of.makers) if of else None,
        "today": today,
        **unshown.ASKED,
    }
    found = []
    with connection.cursor() as cursor:
        for shown, never in ((LICENCES, unshown.LICENCES), (REGISTRATIONS, unshown.REGISTRATIONS)):
            cursor.execute(f"({AMONG.format(inner=shown)}) UNION ALL ({never})", asked)
            found += _papers(cursor.fetchall(), today)
    found += [
        DuePaper(
            "contract", row.number, row.valid_to, row.pk, (row.supplier.name_zh, row.supplier.name_en),
            (row.reference, row.reference), today,
        )
        for row in (_contracts(actor, until) if of is None else ())
    ]  # fmt: skip
    wanted = frozenset(kinds)
    listed = [paper for paper in found if not wanted or paper.kind in wanted]
    return sorted(
        listed, key=lambda paper: (paper.valid_to or date.max, paper.kind, paper.owner, paper.number)
    )


def _papers(rows: Iterable[tuple[Any, ...]], today: date) -> list[DuePaper]:
    """A paper for each row; the rows of one registration are one paper, where it was shown. Pure."""
    found: dict[tuple[Any, ...], DuePaper] = {}
    for kind, number, valid_to, owner, zh, en, detail_zh, detail_en in rows:
        one = kind == "registration"
        known = found.get(key := (kind, number, valid_to, None if one and number else (owner, detail_zh)))
        if known is not None:
            found[key] = replace(known, item_ids=(*known.item_ids, owner))
        else:
            items = (owner,) if one else ()
            found[key] = DuePaper(
                kind, number, valid_to, owner, (zh, en), (detail_zh, detail_en), today, items
            )
    return list(found.values())


def _listed(number: str) -> str:
    """The items that a registration covers; nothing where this installation has no such page."""
    try:
        return f"{reverse('masterdata:items')}?{urlencode({'q': number})}"
    except NoReverseMatch:
        return ""


def _contracts(actor: Actor, until: date) -> Iterable[Contract]:
    from ..queries import within

    found = Contract.objects.filter(state="active", valid_to__lte=until).select_related("supplier")
    if actor.supplier_id is not None:
        return found.filter(supplier_id=actor.supplier_id)
    return found.filter(within("place", actor.scopes.get("view", ())))


def counted(papers: Iterable[DuePaper]) -> dict[int, int]:
    """Level (0: lapsed, 30, 60, 90, -1: never shown) -> papers. Pure."""
    found = list(papers)
    dated = at_levels(paper.days_left for paper in found if paper.days_left is not None)
    return {**dated, UNSHOWN: sum(paper.level == UNSHOWN for paper in found)}


def at_levels(days_left: Iterable[int]) -> dict[int, int]:
    """The same of days that papers still hold, 90 at most. Pure."""
    total = dict.fromkeys((0, *LEVELS), 0)
    for days in days_left:
        total[level_of(days)] += 1
    return total
