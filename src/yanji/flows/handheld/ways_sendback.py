"""Goods go back to their supplier by scanning: the number of the return, and what lies in the parcel."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, preview

from ..acts import Done
from ..preview import LATER
from ..scanning import Meaning
from ..sendback.gate import allow_return, supplier_return_for
from ..sendback.models import SupplierReturn, SupplierReturnLine
from ..sendback.send import drafts, send_return
from .about import About
from .attributed import attributed
from .lots import pieces_of
from .sights import Handful
from .way import Told, Way


def _return(about: About, actor: Actor) -> SupplierReturn:
    assert about.supplier_return_id is not None
    return supplier_return_for(actor, about.supplier_return_id, may="return_goods")


def goods_of(back: SupplierReturn) -> list[SupplierReturnLine]:
    """What is to go: all that it lists but what was used instead. One statement."""
    found = back.lines.filter(used_despite="").select_related("unit", "lot", "item")
    return list(found.order_by("id"))


def _send_back(told: Told, actor: Actor) -> Done:
    back = _return(told.about, actor)
    if told.things and (offences := list(_differing(back, goods_of(back), told.things))):
        raise Refused.of(offences)
    return send_return(
        actor=actor, key=told.key, return_id=back.pk, handed_to=told.about.handed_to, happened_at=told.at
    )


def _differing(
    back: SupplierReturn, goods: Sequence[SupplierReturnLine], things: Sequence[Meaning]
) -> Iterator[Offence]:
    """Where things are scanned, the parcel holds what the return lists: nothing else, and all of it. Pure."""
    listed = {line.unit.epc: line for line in goods if line.unit}
    counted: Counter[int] = Counter()
    for line in goods:
        counted[line.lot_id] += 0 if line.unit else line.quantity
    scanned, pieces = {meaning.epc for meaning in things if meaning.kind != "lot"}, pieces_of(things)
    facts = {"back": back.number}
    strange = [
        each.epc for each in things if each.kind in ("unit", "new_unit", "box") and each.epc not in listed
    ]
    strange += [f"lot {lot}" for lot, count in pieces.items() if count > counted[lot]]
    yield from (Offence("not_of_this_return", each, facts) for each in strange)
    for epc, line in listed.items():
        if epc not in scanned:
            called = f"{line.item.name} · {line.name}"
            yield Offence("return_lacks", epc, {**facts, "thing": called, "pieces": 1})
    for lot, count in counted.items():
        if pieces[lot] < count:
            yield Offence("return_lacks", f"lot {lot}", {**facts, "pieces": count - pieces[lot]})


def return_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with whether it goes back with this return; what of it was not scanned, and what the ledger says of all
    that leaves."""
    if not found.about.supplier_return_id:
        return attributed(found, [], actor)
    back = _return(found.about, actor)
    try:
        allow_return(back, "send")
    except Refused as refused:
        return attributed(found, refused.offences, actor)
    said = [] if found.about.handed_to.strip() or back.handed_to else [Offence("scan_carrier")]
    goods, good = goods_of(back), [meaning for meaning in found.things if not meaning.offences]
    said += _differing(back, goods, good) if good else ()
    for draft in drafts(back, goods, key="preview", at=timezone.now()):
        said += [each for each in preview(draft, actor=actor) if each.code not in LATER]
    return attributed(found, said, actor)


SENDING_BACK: Mapping[str, Way] = {
    "send_back": Way(
        "return_goods",
        _send_back,
        (send_return,),
        documents=("supplier_return",),
        takes_all=True,
        looks_at=return_seen,
    ),
}
