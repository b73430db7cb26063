"""Goods go back to their supplier by scanning: the number of the return, and what lies in the parcel."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Supplier
from yanji.ledger.api import Offence, Refused, preview
from yanji.places.models import Kind, Place
from yanji.places.rules import ids_of

from ..acts import Done
from ..listed import Listed, listed
from ..preview import LATER
from ..scanning import Meaning
from ..sendback.ask import against_return, ask_supplier_return
from ..sendback.gate import allow_return, supplier_return_for
from ..sendback.models import SupplierReturn, SupplierReturnLine
from ..sendback.send import drafts, send_return
from ..things import Thing
from .about import About
from .attributed import attributed
from .lots import pieces_of
from .sights import Handful
from .sources import lots_taken
from .way import Told, Way, moved

FROM = (Kind.STORE, Kind.DOCK, Kind.DEPARTMENT)


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
    strange += [each.lot for each in things if each.kind == "lot" and each.lot_id is None]
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


def _whose(goods: Sequence[Listed]) -> int | None:
    """The supplier of the first thing of which it is known: whose it is, or who brought it. Pure."""
    return next(
        (each.owner_id or each.supplier_id for each in goods if each.owner_id or each.supplier_id), None
    )


def _from(about: About, goods: Sequence[Listed]) -> int | None:
    """Where they go from: what was said, else the store, the dock or the department around the first. One statement at most."""
    if about.place_id:
        return about.place_id
    around = Place.objects.filter(pk__in=ids_of(goods[0].path), kind__in=FROM)
    nearest = max(around, key=lambda place: len(place.path), default=None)
    return nearest.pk if nearest else None


def _ask_return(told: Told, actor: Actor) -> Done:
    things = moved(told, actor)
    goods = listed(things)
    place, supplier = _from(told.about, goods), _whose(goods)
    if place is None or supplier is None:
        raise Refused("scan_where" if place is None else "return_which_supplier")
    return ask_supplier_return(
        actor=actor, key=told.key, place_id=place, supplier_id=supplier, things=things, reason=told.about.reason,
        happened_at=told.at,
    )  # fmt: skip


def asking_return_seen(found: Handful, actor: Actor) -> Handful:
    """The things, each with what speaks against its going back: whose it is, where it lies, another return."""
    good = [meaning for meaning in found.things if not meaning.offences]
    taken = lots_taken("ask_return", found.about, None, good, actor)
    things: list[Thing] = [meaning.epc for meaning in good if meaning.kind == "unit"]
    things += taken.things
    if not things:
        return attributed(found, [], actor)
    try:
        goods = listed(things)
    except Refused as refused:
        return attributed(found, refused.offences, actor)
    place, supplier = _from(found.about, goods), Supplier.objects.filter(pk=_whose(goods)).first()
    if place is None or supplier is None:
        return attributed(found, [Offence("scan_where" if place is None else "return_which_supplier")], actor)
    return attributed(found, against_return(goods, supplier, place, actor), actor)


SENDING_BACK: Mapping[str, Way] = {
    "send_back": Way(
        "return_goods",
        _send_back,
        (send_return,),
        documents=("supplier_return",),
        takes_all=True,
        looks_at=return_seen,
    ),
    "ask_return": Way(
        "return_goods",
        _ask_return,
        (ask_supplier_return,),
        takes_place=True,
        reasons="supplier_return",
        looks_at=asking_return_seen,
    ),
}
