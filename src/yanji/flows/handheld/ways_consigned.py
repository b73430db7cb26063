"""A supplier's own goods and loan sets by the scan page: goods come by their labels, a set by its number, as it goes back."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step, virtual_places
from yanji.places.models import Kind, Place
from yanji.places.spoken import joined

from ..acts import Done
from ..brought import not_arriving
from ..consign.contents import chosen_of, contents_of
from ..consign.goods import receive_consigned
from ..consign.loans import arrive_set, hand_back_set, loan_set_for, outside_departments, send_set
from ..consign.models import ConsignmentReceipt, LoanSet
from ..consign.preview import arrival_of, arriving_together, comes, consigned_samples
from ..consign.title import suppliers_covering
from ..documents import allow
from ..gates import place_at
from ..preview import judge_all
from ..receive import DOCKS, Arrival
from ..scanning import Meaning
from .about import About
from .attributed import answered
from .lots import pieces_of
from .said import of_group
from .sights import Handful, Sight, called
from .sources import not_later
from .way import Told, Way

ARRIVES_AT = (Kind.DOCK, Kind.STORE)


def _receive(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.supplier_id is not None
    assert about.place_id is not None
    return receive_consigned(
        actor=actor, key=told.key, supplier_id=about.supplier_id, dock_id=about.place_id, arrivals=_arrivals(told),
        arrived_at=told.at,
    )  # fmt: skip


def _arrive(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.loan_set_id is not None
    assert about.place_id is not None
    return arrive_set(
        actor=actor, key=told.key, loan_set_id=about.loan_set_id, dock_id=about.place_id, arrivals=_arrivals(told),
        arrived_at=told.at,
    )  # fmt: skip


def _arrivals(told: Told) -> list[Arrival]:
    rejected = told.said("reject")
    return [arrival_of(each, rejected=code) for each, code in zip(told.things, rejected, strict=True)]


def _send(told: Told, actor: Actor) -> Done:
    assert told.about.loan_set_id is not None
    return send_set(actor=actor, key=told.key, loan_set_id=told.about.loan_set_id, happened_at=told.at)


def _hand_back(told: Told, actor: Actor) -> Done:
    assert told.about.loan_set_id is not None
    things = None
    if not told.things:
        came = ConsignmentReceipt.objects.filter(loan_set_id=told.about.loan_set_id, voided_at=None)
        for number, at in came.values_list("loan_set__number", "arrived_at"):
            not_later([at], told.at, number)
    else:
        loan = loan_set_for(actor, told.about.loan_set_id)
        units = [each.epc for each in told.things if each.kind != "lot"]
        things = chosen_of(loan, contents_of(loan), units, pieces_of(told.things))
    return hand_back_set(
        actor=actor, key=told.key, loan_set_id=told.about.loan_set_id, things=things, happened_at=told.at
    )


def _receive_seen(found: Handful, actor: Actor) -> Handful:
    """Whose goods these are is proposed where one supplier's agreements alone can cover them, wherever they are put down; and so
    is the only dock."""
    about, docks = found.about, _docks(found.about, actor)
    dock = docks[0] if len(docks) == 1 else None
    coming = [each.meaning for each in found.seen if _comes(each.meaning)]
    said: list[Offence] = [] if dock else [Offence("scan_where")]
    if not about.supplier_id and not coming:
        said.append(Offence("scan_which_supplier"))
    elif not about.supplier_id:
        items = {each.item.pk: called(each) for each in coming if each.item}
        whose = suppliers_covering(docks, timezone.localdate(found.at), items) if docks else {}
        if len(whose) == 1:
            about = replace(about, supplier_id=next(iter(whose)))
        elif whose and dock:  # of several docks, the place may say it
            said.append(Offence("suppliers_consign", facts={"suppliers": joined(*whose.values(), by=", ")}))
        elif not whose:
            said.append(Offence("nobody_consigns", joined(*items.values(), by=", ")))
    if dock:
        about = replace(about, place_id=dock.pk)
    found = _coming_seen(replace(found, about=about), actor, about.supplier_id, dock)
    if dock and about.supplier_id and not any(each.meaning.offences for each in found.sights) and coming:
        said += _to_look_at(found, actor, about.supplier_id, dock)
    return replace(found, offences=(*found.offences, *said))


def _to_look_at(found: Handful, actor: Actor, supplier_id: int, dock: Place) -> list[Offence]:
    """What is seen of samples is written, at the desk."""
    arrivals = [arrival_of(each.meaning, rejected=of_group(each, "reject")) for each in found.seen]
    try:
        samples = consigned_samples(
            actor=actor, key="preview", supplier_id=supplier_id, dock_id=dock.pk, arrivals=arrivals
        )
    except Refused:
        return []
    return [Offence("samples_at_desk", each.item_name) for each in samples[:1]]


def _arrive_seen(found: Handful, actor: Actor) -> Handful:
    """A set comes to the only dock that takes it, where nobody says another."""
    if found.about.loan_set_id is None:
        return found
    loan = loan_set_for(actor, found.about.loan_set_id)
    said = _closed(loan, "arrive")
    dock = _dock(found.about, actor)
    if dock is None:
        said.append(Offence("scan_where"))
    elif not outside_departments([dock]):
        said.append(Offence("set_into_theatre", loan.number, {"place": dock.name}))
    about = replace(found.about, place_id=dock.pk) if dock else found.about
    found = _coming_seen(replace(found, about=about), actor, loan.agreement.supplier_id, dock)
    return replace(found, offences=(*found.offences, *said))


def _closed(loan: LoanSet, verb: str) -> list[Offence]:
    """That the state of a set does not allow the verb."""
    try:
        allow("loan_set", verb, number=loan.number, state=loan.state, label=loan.get_state_display())
    except Refused as refused:
        return list(refused.offences)
    return []


def _comes(meaning: Meaning) -> bool:
    return not meaning.offences and comes(meaning)


def _coming_seen(found: Handful, actor: Actor, supplier_id: int | None, dock: Place | None) -> Handful:
    """The things as they come from a supplier, each with what stands in its way."""
    coming = [each for each in found.seen if _comes(each.meaning)]
    offences: Iterable[Offence] = ()
    warnings: Iterable[Offence] = ()
    if coming and supplier_id and dock:
        arrivals = [arrival_of(each.meaning, rejected=of_group(each, "reject")) for each in coming]
        offences, warnings = arriving_together(arrivals, actor=actor, dock=dock, supplier_id=supplier_id)
    placed: set[Offence] = set()

    def told(sight: Sight) -> Meaning:
        meaning = sight.meaning
        if meaning.offences or not comes(meaning):
            return replace(meaning, offences=meaning.offences or not_arriving(meaning))
        own = [each for each in offences if each.thing in _names(meaning)]
        placed.update(own)
        lapsed = tuple(each for each in warnings if each.thing in _names(meaning))
        return replace(meaning, offences=tuple(own), lapsed=lapsed)

    sights = [replace(each, meaning=told(each)) if each.role == "thing" else each for each in found.sights]
    rest = tuple(each for each in offences if each not in placed)
    return replace(found, sights=sights, offences=(*found.offences, *rest))


def _names(meaning: Meaning) -> set[str]:
    """What a refusal may call a thing that comes. Pure."""
    assert meaning.item is not None
    arrival = arrival_of(meaning)
    return {arrival.name, meaning.item.name, f"item {arrival.item_id} {arrival.lot}"} - {""}


def _dock(about: About, actor: Actor) -> Place | None:
    """Where goods come, where that is one place."""
    found = _docks(about, actor)
    return found[0] if len(found) == 1 else None


def _docks(about: About, actor: Actor) -> list[Place]:
    """Where goods may come: as somebody says, else the docks where the actor takes them over, or the stores where there are
    none."""
    if about.place_id:
        return [place_at(actor, about.place_id, may="consign", kinds=DOCKS)]
    found = Place.objects.filter(kind__in=ARRIVES_AT, active=True).order_by("path")
    own = [place for place in found if actor.may("consign", place.path)]
    return [place for place in own if place.kind == Kind.DOCK] or own


def _send_seen(found: Handful, actor: Actor) -> Handful:
    """A set goes whole: by its number, and nothing else."""
    if found.about.loan_set_id is None:
        return found
    loan = loan_set_for(actor, found.about.loan_set_id)
    said = _closed(loan, "send") if loan.state != "arrived" else [Offence("not_sterilised", loan.number)]
    found = answered(found, lambda given: [_not_here(each) for each in given])
    return replace(found, offences=(*found.offences, *said))


def _not_here(meaning: Meaning) -> Meaning:
    return replace(meaning, offences=meaning.offences or (Offence("scan_not_for_this", called(meaning)),))


def _hand_back_seen(found: Handful, actor: Actor) -> Handful:
    """Things of the set, not more of them than it still has."""
    if found.about.loan_set_id is None:
        return found
    loan = loan_set_for(actor, found.about.loan_set_id, may="return_goods")
    left = Counter({each.epc or each.lot_id: each.open for each in contents_of(loan).things})
    wanted: Counter[str | int] = Counter()
    for each in found.things:
        wanted[_key(each)] += each.quantity if each.kind == "lot" else 1

    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        of_set = [
            each
            if each.offences or wanted[_key(each)] <= left[_key(each)]
            else replace(each, offences=(Offence("not_of_this_set", called(each), {"set": loan.number}),))
            for each in given
        ]
        return judge_all(of_set, actor=actor, step=Step.HAND_BACK, to_place_id=virtual_places().supplier)

    found = answered(found, ask)
    said = _closed(loan, "hand_back")
    if not found.things and not left.total():
        said.append(Offence("nothing_of_set_left", loan.number))
    return replace(found, offences=(*found.offences, *said))


def _key(meaning: Meaning) -> str | int:
    return meaning.lot_id or 0 if meaning.kind == "lot" else meaning.epc


CONSIGNED: Mapping[str, Way] = {
    "receive_consigned": Way(
        "consign",
        _receive,
        (receive_consigned,),
        takes_place=True,
        reasons_of=("reject",),
        reasons_freely=True,
        asks_supplier=True,
        looks_at=_receive_seen,
    ),
    "arrive_set": Way(
        "consign",
        _arrive,
        (arrive_set,),
        documents=("loan_set",),
        takes_place=True,
        reasons_of=("reject",),
        reasons_freely=True,
        looks_at=_arrive_seen,
    ),
    "send_set": Way(
        "consign", _send, (send_set,), documents=("loan_set",), takes_all=True, looks_at=_send_seen
    ),
    "hand_back_set": Way(
        "return_goods",
        _hand_back,
        (hand_back_set,),
        documents=("loan_set",),
        takes_all=True,
        looks_at=_hand_back_seen,
    ),
}
