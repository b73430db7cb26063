"""What a department should ask for now: what it keeps, less what lies there and what is coming, and why."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import F, Sum
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import on_hand
from yanji.places.models import Kind, Place

from ..gates import place_at
from ..models import IssueLine, RequisitionLine
from ..queries import ASKED_REQUISITIONS, OPEN_ISSUES
from .models import ParLevel


@dataclass(frozen=True, slots=True)
class Standing:
    """One level beside what lies at its place and below."""

    level: ParLevel
    here: int

    @property
    def low(self) -> bool:
        return self.here <= self.level.minimum


@dataclass(frozen=True, slots=True)
class Proposal:
    """One item that a department keeps: what lies there, what is coming, and how many pieces to ask for now (or 0)."""

    item: Item
    standings: tuple[Standing, ...]
    here: int
    coming: int
    quantity: int

    @property
    def low(self) -> list[Standing]:
        """The places whose level asks for it."""
        return [each for each in self.standings if each.low]


def to_ask(
    root: str, levels: Mapping[str, tuple[int, int]], stock: Mapping[str, int], coming: int = 0
) -> int:
    """Pieces to ask for at ``root`` (a place's path), so that it and every place below it is filled up. Pure.

    ``levels``: path -> (minimum, maximum); ``stock``: path -> pieces lying right there. What lies loose around low
    cabinets, or is coming, fills these first; only what then lacks is asked for.
    """
    inside = outermost(path for path in levels if path != root and path.startswith(root))
    held = _below(root, stock)
    lacking = sum(to_ask(path, levels, stock) for path in inside)
    loose = held - sum(_below(path, stock) for path in inside)
    refill = max(0, lacking - loose - coming)
    minimum, maximum = levels.get(root, (-1, 0))
    top_up = maximum - held - coming if held + coming <= minimum else 0
    return max(refill, top_up)


def outermost(paths: Iterable[str]) -> list[str]:
    """Paths that lie below none of the others. Pure."""
    found: list[str] = []
    for path in sorted(paths):  # a parent sorts before what lies below it
        if not found or not path.startswith(found[-1]):
            found.append(path)
    return found


def _below(path: str, stock: Mapping[str, int]) -> int:
    return sum(pieces for at, pieces in stock.items() if at.startswith(path))


def proposals(actor: Actor, department_id: int, *, day: date | None = None) -> list[Proposal]:
    """Every item that a department or a place in it keeps, by name, each with what to ask for now. Five statements.

    Expired pieces and those of recalled lots do not count as there; pieces count as coming from the request on until they are
    taken in.
    """
    department = place_at(actor, department_id, may="request", kinds=(Kind.DEPARTMENT, Kind.ROOM))
    by_item: dict[int, list[ParLevel]] = defaultdict(list)
    kept = ParLevel.objects.filter(place__path__startswith=department.path)
    for level in kept.select_related("place", "item", "edited_by").order_by("place__path", "pk"):
        by_item[level.item_id].append(level)
    stock, coming = stock_of(department, day or timezone.localdate()), coming_to(department)
    found = [
        _proposal(department.path, levels, stock[item], coming[item]) for item, levels in by_item.items()
    ]
    return sorted(found, key=lambda each: (each.item.name, each.item.pk))


def _proposal(root: str, levels: Sequence[ParLevel], stock: Mapping[str, int], coming: int) -> Proposal:
    ranges = {level.place.path: (level.minimum, level.maximum) for level in levels}
    return Proposal(
        item=levels[0].item,
        standings=tuple(Standing(level, _below(level.place.path, stock)) for level in levels),
        here=_below(root, stock),
        coming=coming,
        quantity=to_ask(root, ranges, stock, coming),
    )


def stock_of(department: Place, day: date) -> defaultdict[int, Counter[str]]:
    """Item -> path of a place -> pieces there that can be used on that day. One statement."""
    found: defaultdict[int, Counter[str]] = defaultdict(Counter)
    rows = on_hand(paths=[department.path], by=("item", "place"), statuses=("available",), good_on=day)
    for row in rows:
        if row.item_id and row.place_path:
            found[row.item_id][row.place_path] += int(row.quantity)
    return found


def coming_to(department: Place, *, case_number: str = "") -> Counter[int]:
    """Item -> pieces asked for and not issued yet, or issued and not taken in yet; for one case only, where one is named. Two
    statements."""
    asked = RequisitionLine.objects.filter(
        requisition__department__path__startswith=department.path, requisition__state__in=ASKED_REQUISITIONS
    )
    sent = IssueLine.objects.filter(
        issue__department__path__startswith=department.path, issue__state__in=OPEN_ISSUES
    )
    if case_number:
        asked = asked.filter(requisition__case_number=case_number)
        sent = sent.filter(issue__requisition__case_number=case_number)
    found: Counter[int] = Counter()
    for item, pieces in asked.values_list("item_id").annotate(open=Sum(F("quantity") - F("issued"))):
        found[item] += pieces
    for item, pieces in sent.values_list("lot__item_id").annotate(
        open=Sum(F("quantity") - F("taken_in") - F("gone"))
    ):
        found[item] += pieces
    return found
