"""What a scan means where goods come without an order: consigned goods, a loan set, something used before it was received."""

from collections.abc import Sequence
from dataclasses import replace

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Status, preview
from yanji.places.models import Kind, Place

from ..brought import arrives, not_arriving
from ..gates import place_at
from ..goods_in import papers_at_receipt
from ..inspecting.dock import plans_in_force
from ..inspecting.queries import Proposed, proposed_of
from ..judged import judged
from ..preview import LATER
from ..reasons import known
from ..receive import DOCKS, Arrival
from ..scanning import Meaning, understand
from ..validity import Findings
from .goods import Goods, check_goods, draft_goods, goods_of
from .title import Terms, agreement_for


def arriving(
    scans: Sequence[str], *, actor: Actor, dock: Place | None, supplier_id: int | None, owned: bool = True
) -> list[Meaning]:
    """Each scan with what stands in the way of taking it over from a supplier. Writes nothing.

    ``owned``: it stays the supplier's, so an agreement must cover it; otherwise the hospital buys it here and now.
    """
    return [_judged(meaning, actor, dock, supplier_id, owned) for meaning in understand(scans, actor=actor)]


def to_be_bought(meanings: Sequence[Meaning], *, dock: Place, supplier_id: int | None) -> list[Meaning]:
    """What was scanned and the hospital buys here and now, each with what stands in the way of taking it over. Writes nothing.
    The same few statements for any number of things."""
    come = [not each.offences and comes(each) for each in meanings]
    items = {each.item.pk for each, comes_in in zip(meanings, come, strict=True) if comes_in and each.item}
    of = judged(items, supplier_id) if any(come) and supplier_id else None
    if of is None or supplier_id is None:
        return [each if each.offences or comes(each) else _not_coming(each) for each in meanings]
    day = timezone.localdate()
    goods = Goods(
        supplier_id=supplier_id, agreement=Terms(0, supplier_id, True, {}), day=day, arrivals=(), items=of.items, prices={},
        lapsed=of.held.over(day), held=of.held, verdicts=known("reject"),
    )  # fmt: skip
    return [
        _bought(each, replace(goods, arrivals=(arrival_of(each),))) if comes_in
        else each if each.offences else _not_coming(each)
        for each, comes_in in zip(meanings, come, strict=True)
    ]  # fmt: skip


def _not_coming(meaning: Meaning) -> Meaning:
    return replace(meaning, offences=not_arriving(meaning))


def _bought(meaning: Meaning, goods: Goods) -> Meaning:
    """Pure."""
    papers = papers_at_receipt(goods)
    return replace(meaning, offences=(*check_goods(goods), *papers.offences), lapsed=papers.warnings)


def comes(meaning: Meaning) -> bool:
    """New to the ledger, expected, or gone back before: a set comes every month."""
    unit = meaning.unit
    back = unit is not None and unit.status == Status.RETURNED and unit.place_kind == Kind.SUPPLIER
    return arrives(meaning) or (meaning.item is not None and back)


def arrival_of(meaning: Meaning, *, quantity: int | None = None, rejected: str = "") -> Arrival:
    """The scan as something that arrives."""
    assert meaning.item is not None
    return Arrival(
        meaning.item.pk, meaning.epc, meaning.serial, meaning.lot, meaning.expiry, meaning.made,
        meaning.quantity if quantity is None else quantity, rejected,
    )  # fmt: skip


def _judged(
    meaning: Meaning, actor: Actor, dock: Place | None, supplier_id: int | None, owned: bool
) -> Meaning:
    if meaning.offences:
        return meaning
    if not comes(meaning):
        return replace(meaning, offences=not_arriving(meaning))
    if dock is None or supplier_id is None:
        return meaning
    found = _against(meaning, actor, dock, supplier_id, owned)
    return replace(meaning, offences=found.offences, lapsed=found.warnings)


def consigned_samples(
    *, actor: Actor, key: str, supplier_id: int, dock_id: int, arrivals: Sequence[Arrival]
) -> list[Proposed]:
    """What of a supplier's goods is to be looked at before they are taken over under this key. Writes nothing.

    Raises :class:`Refused` where no agreement covers them. The same few statements for any number of units.
    """
    plans, dock = plans_in_force(), place_at(actor, dock_id, may="consign", kinds=DOCKS)
    if not plans or not arrivals:
        return []
    goods = goods_of(supplier_id, dock, arrivals, timezone.localdate())
    return proposed_of(goods, plans, key=key)


def arriving_together(
    arrivals: Sequence[Arrival], *, actor: Actor, dock: Place, supplier_id: int
) -> tuple[list[Offence], list[Offence]]:
    """What stands in the way of taking these over together under an agreement, and what their papers only warn of. Writes
    nothing; the same few statements for any number of them."""
    day = timezone.localdate()
    try:
        goods = goods_of(supplier_id, dock, arrivals, day)
    except Refused as refused:
        return list(refused.offences), []
    papers = papers_at_receipt(goods)
    found = [*check_goods(goods), *papers.offences]
    if not found:
        draft = draft_goods(goods, key="preview", dock_id=dock.pk, at=timezone.now(), documents={})
        found = [each for each in preview(draft, actor=actor) if each.code not in LATER]
    return found, list(papers.warnings)


def _against(meaning: Meaning, actor: Actor, dock: Place, supplier_id: int, owned: bool) -> Findings:
    assert meaning.item is not None
    day, item = timezone.localdate(), meaning.item.pk
    terms = Terms(0, supplier_id, True, {})
    if owned:
        try:
            terms = agreement_for(supplier_id, dock.path, day, [item], name=meaning.epc or meaning.lot)
        except Refused as refused:
            return Findings(tuple(refused.offences))
    of = judged([item], supplier_id)
    goods = Goods(
        supplier_id=supplier_id, agreement=terms, day=day, arrivals=(arrival_of(meaning),), items=of.items, prices={},
        lapsed=of.held.over(day), held=of.held, verdicts=known("reject"),
    )  # fmt: skip
    papers = papers_at_receipt(goods)
    found = [*check_goods(goods), *papers.offences]
    if owned and not found:
        draft = draft_goods(goods, key="preview", dock_id=dock.pk, at=timezone.now(), documents={})
        found = [each for each in preview(draft, actor=actor) if each.code not in LATER]
    return Findings(tuple(found), papers.warnings)
