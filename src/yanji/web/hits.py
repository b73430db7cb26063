"""What a search shows of a thing, and of each kind only what the reader may open."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.urls import reverse
from django.utils.http import urlencode

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.catalog.models import Item
from yanji.flows.models import Case
from yanji.flows.papers import Paper, paper_of
from yanji.insight import open_to
from yanji.insight.lots import LotHead
from yanji.ledger.api import Refused, UnitView, unit_views

from .codes import unit_address
from .papers import address_of
from .templatetags.yanji import named


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing found, and where its page is."""

    href: str
    title: str
    detail: str = ""
    icon: str = "chevron-right"
    status: str = ""
    expiry: date | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind; ``exact`` where the text named them and did not only resemble them."""

    label: str
    hits: Sequence[Hit] = field(default_factory=tuple)
    exact: bool = True


def of_units(actor: Actor, epcs: Collection[str]) -> list[Hit]:
    """Two statements, however many."""
    views = unit_views(epcs)
    seen = open_to.units(actor, views)
    return [of_unit(views[epc]) for epc in epcs if epc in seen]


def of_unit(unit: UnitView) -> Hit:
    detail = f"{unit.serial} · {unit.lot} · {named(unit.place_name)}"
    return Hit(unit_address(unit.epc), named(unit.item_name), detail, "barcode", unit.status, unit.expiry)


def of_lots(actor: Actor, lots: Collection[LotHead]) -> list[Hit]:
    """One statement, however many."""
    seen = open_to.lots(actor, [lot.id for lot in lots])
    return [
        Hit(reverse("web:lot", args=[lot.id]), lot.number, named(lot.item_name), "stack-2", expiry=lot.expiry)
        for lot in lots
        if lot.id in seen
    ]


def of_papers(actor: Actor, found: Iterable[tuple[Paper, int]], *, most: int) -> list[Hit]:
    """The first of these documents that the reader may see: each is asked of its own gate, so give it few."""
    hits: list[Hit] = []
    for paper, key in found:
        try:
            document = paper.seen(actor, key)
        except (NotFound, Refused):
            continue
        # Who may see a document and has no page for it reads it as it is printed.
        address = address_of(paper, document, actor) or reverse("web:print", args=[paper.kind, key])
        hits.append(Hit(address, str(document), str(paper.label), ICONS.get(paper.kind, "file-text")))
        if len(hits) == most:
            break
    return hits


def of_cases(actor: Actor, found: Iterable[Case]) -> list[Hit]:
    """Cases that the reader is known to see; none of them is asked of its gate again."""
    paper = paper_of("case")
    return [
        Hit(
            address_of(paper, case, actor) or reverse("web:print", args=[paper.kind, case.pk]),
            case.number,
            " · ".join(filter(None, (case.procedure, case.department.name))),
            ICONS[paper.kind],
        )
        for case in found
    ]


ICONS = {
    "order": "clipboard-list", "notice": "truck-delivery", "receipt": "package-import", "requisition": "shopping-cart",
    "issue": "truck", "case": "heart-rate-monitor", "count": "clipboard-check", "transfer": "arrows-exchange",
    "invoice": "file-invoice", "loan_set": "briefcase", "scrap": "trash", "supplier_return": "truck-return",
}  # fmt: skip


def of_items(items: Iterable[Item]) -> list[Hit]:
    return [
        Hit(stock_of(item.pk), item.name, " · ".join(filter(None, (item.code, item.model))), "category")
        for item in items
    ]


def sees_catalogue(actor: Actor) -> bool:
    """An item leads to its stock, so whoever may see none has no use for it: a supplier's account reads its own pages."""
    return actor.may(Operation.VIEW)


def stock_of(item_id: int) -> str:
    return f"{reverse('web:stock')}?{urlencode({'item': item_id, 'by': 'all'})}"
