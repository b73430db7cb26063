"""Out of a patient, on to who examines it or to its maker, and used before it was ordered: by scanning alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import LotQuantity, Offence, Refused, Status, virtual_places
from yanji.ledger.models import Level
from yanji.places.models import Place
from yanji.places.queries import labels

from ..acts import Done
from ..called import meanings_worded
from ..consign.preview import arrival_of, comes, to_be_bought
from ..gates import case_for
from ..preview import foretell
from ..queries import within
from ..scanning import Meaning
from ..theatre.emergency import use_first
from ..theatre.explanted import EXAMINED_IN, hand_on, return_explanted
from ..theatre.implants import explant
from ..theatre.pieces import lying, share_out, standing_records
from ..theatre.sellers import sellers_of
from ..things import Thing, name
from .about import About
from .attributed import answered
from .lots import Taken, listed, pieces_of
from .sights import Handful
from .way import Ask, Told, Way, moved


def _explant(told: Told, actor: Actor) -> Done:
    case = told.case
    assert case is not None
    return explant(
        actor=actor, key=told.key, place_id=told.about.place_id or case.department_id, case_number=case.number,
        patient_token=case.patient_token, things=moved(told, actor), reason=told.about.reason, happened_at=told.at,
    )  # fmt: skip


def _comes_out(about: About, _meanings: Sequence[Meaning], actor: Actor) -> Ask:
    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        case = case_for(actor, about.case_id, may="use") if about.case_id else None
        to = about.place_id or (case.department_id if case else None)
        inside = virtual_places().patient
        found = foretell(given, actor=actor, flow="explant", place_id=to, from_place_id=inside)
        return _in_patient(found, case.patient_token, inside, actor) if case else found

    return ask


def _in_patient(found: Sequence[Meaning], patient: str, inside: int, actor: Actor) -> list[Meaning]:
    """What no record puts into this patient is told. One statement."""
    things = {number: _thing(each, inside) for number, each in enumerate(found) if each.ok}
    given = lying([thing for thing in things.values() if thing], inside, Status.USED)
    records = standing_records(given, patient).filter(explant_event__isnull=True) if given else []
    said: Mapping[str, Offence] = {}
    try:
        share_out(given, list(records), "not_in_this_patient")
    except Refused as refused:
        said = {each.thing: each for each in refused.offences}
    return meanings_worded([_with(each, said, things.get(n)) for n, each in enumerate(found)], actor)


def _thing(meaning: Meaning, place_id: int) -> Thing | None:
    """Pure."""
    if meaning.kind == "lot" and meaning.lot_id:
        return LotQuantity(meaning.lot_id, Decimal(meaning.quantity), place_id)
    return meaning.epc or None


def _with(meaning: Meaning, said: Mapping[str, Offence], thing: Thing | None) -> Meaning:
    """With what was said of it; a lot by the number that people know, and one that nobody has is in nobody. Pure."""
    if meaning.ok and meaning.kind == "lot" and meaning.lot_id is None:
        return replace(meaning, offences=(Offence("not_in_this_patient", meaning.lot),), ways_out=())
    offence = said.get(name(thing)) if thing else None
    if offence is None:
        return meaning
    plain = Offence(offence.code, meaning.lot, offence.facts) if meaning.kind == "lot" else offence
    return replace(meaning, offences=(*meaning.offences, plain), ways_out=())


@dataclass(slots=True)
class _Lying:
    """Devices that came out, at one place: where a person says, else where the first unit lies, else where alone there is enough
    of the lots; ``offered``: where several have enough, with how much lies there; ``said``: of each scan what is wrong."""

    place_id: int | None = None
    offered: dict[int, int] = field(default_factory=dict)
    things: list[Thing] = field(default_factory=list)
    said: dict[int, Offence] = field(default_factory=dict)


def _explanted(meanings: Sequence[Meaning], actor: Actor, may: str, said: int | None) -> _Lying:
    """One statement, none without lots; one more where somebody has to say from where. ``said``: where they lie."""
    found = _Lying()
    lots = {each.lot_id for each in meanings if each.kind == "lot" and each.lot_id}
    levels = Level.objects.filter(
        within("place", actor.scopes.get(may, ())), lot__in=lots, status=Status.EXPLANTED, owner=None, quantity__gt=0
    )  # fmt: skip
    there: dict[int, dict[int, int]] = {}
    for lot, place, pieces in (
        levels.order_by("place__path").values_list("lot", "place", "quantity") if lots else ()
    ):
        there.setdefault(lot, {})[place] = int(pieces)
    units = [each.unit for each in meanings if each.unit and each.unit.status == Status.EXPLANTED]
    found.place_id = next((unit.place_id for unit in units if actor.may(may, unit.place_path)), None)
    _find(found, meanings, there, said)
    wanted: Counter[int] = Counter()
    for number, each in enumerate(meanings):
        if each.offences:
            continue
        if each.kind == "lot" and each.lot_id:
            offence = _of_lot(each, there.get(each.lot_id, {}), found, wanted)
        else:
            offence = _of_unit(each, found, actor, may)
        if offence:
            found.said[number] = offence
    if found.place_id is None and found.offered:
        _ask_where(found, meanings)
    place = found.place_id
    found.things += [LotQuantity(lot, Decimal(count), place) for lot, count in wanted.items() if place]
    return found


def _find(
    found: _Lying, meanings: Sequence[Meaning], there: Mapping[int, Mapping[int, int]], said: int | None
) -> None:
    """Where the devices lie, as far as one place alone can be meant. Pure."""
    wanted = pieces_of([each for each in meanings if not each.offences])
    held = {place: None for lot in wanted for place in there.get(lot, {})}
    enough = [p for p in held if all(there.get(lot, {}).get(p, 0) >= n for lot, n in wanted.items())]
    if said in held:
        found.place_id = said
    elif found.place_id is None and held and len(enough) < 2:
        found.place_id = next(iter(enough or held))
    if len(enough) > 1:
        found.offered = {p: sum(there.get(lot, {}).get(p, 0) for lot in wanted) for p in enough}


def _names_of(offered: Mapping[int, int]) -> dict[int, str]:
    """Two statements, none where nobody has to choose."""
    return labels(list(Place.objects.filter(pk__in=offered))) if offered else {}


def _ask_where(found: _Lying, meanings: Sequence[Meaning]) -> None:
    """Of every lot: one place of several is to be said."""
    names = _names_of(found.offered)
    places = listed((names[place], pieces) for place, pieces in found.offered.items())
    for number, each in enumerate(meanings):
        if each.kind == "lot" and not each.offences and number not in found.said:
            found.said[number] = Offence("scan_from", each.lot, {"places": places})


def _of_unit(meaning: Meaning, found: _Lying, actor: Actor, may: str) -> Offence | None:
    unit = meaning.unit
    if unit is None:
        return Offence("scan_not_for_this", meaning.scan.strip()[:80])
    if unit.status == Status.EXPLANTED and not actor.may(may, unit.place_path):
        return Offence("not_yours", unit.epc)
    if unit.status != Status.EXPLANTED:
        return Offence("not_explanted", unit.epc)
    if unit.place_id != found.place_id:
        return Offence("explanted_elsewhere", unit.epc)
    found.things.append(unit.epc)
    return None


def _of_lot(
    meaning: Meaning, places: Mapping[int, int], found: _Lying, wanted: Counter[int]
) -> Offence | None:
    assert meaning.lot_id is not None
    if not places:
        return Offence("not_explanted", meaning.lot)
    if found.place_id is None:  # one of several is to be said first
        return None
    if found.place_id not in places:
        return Offence("explanted_elsewhere", meaning.lot)
    wanted[meaning.lot_id] += meaning.quantity
    available = places[found.place_id]
    if available < wanted[meaning.lot_id]:
        facts = {"available": available, "wanted": wanted[meaning.lot_id]}
        return Offence("not_enough", meaning.lot, facts)
    return None


def _came_out(may: str) -> Callable[[Handful, Actor], Handful]:
    def looks_at(found: Handful, actor: Actor) -> Handful:
        lying_there = _Lying()

        def ask(given: Sequence[Meaning]) -> list[Meaning]:
            nonlocal lying_there
            lying_there = _explanted(given, actor, may, found.about.from_place_id)
            said = lying_there.said
            told = [
                replace(each, offences=(said[number],), ways_out=()) if number in said else each
                for number, each in enumerate(given)
            ]
            return meanings_worded(told, actor)

        seen, offered = answered(found, ask), lying_there.offered
        names = _names_of(offered)
        return replace(seen, taken=Taken(choices=[(key, names[key], n) for key, n in offered.items()]))

    return looks_at


def _taken_over(told: Told, actor: Actor, may: str) -> _Lying:
    found = _explanted(told.things, actor, may, told.about.from_place_id)
    if found.said or found.place_id is None:
        raise Refused.of(list(found.said.values()) or [Offence("scan_things")])
    return found


def _hand_on(told: Told, actor: Actor) -> Done:
    about, found = told.about, _taken_over(told, actor, "use")
    assert found.place_id is not None
    return hand_on(
        actor=actor, key=told.key, place_id=found.place_id, things=found.things, handed_to=about.handed_to,
        to_place_id=about.place_id, patient_token=told.case.patient_token if told.case else "", happened_at=told.at,
    )  # fmt: skip


def _whither(found: Handful, _actor: Actor) -> Iterator[Offence]:
    """To who examines it, or to the patient: one of them. Pure."""
    about = found.about
    if bool(about.place_id) == bool(about.case_id):
        yield Offence("where_to")


def _to_maker(told: Told, actor: Actor) -> Done:
    found = _taken_over(told, actor, "return_goods")
    assert found.place_id is not None
    return return_explanted(
        actor=actor, key=told.key, place_id=found.place_id, things=found.things, reason=told.about.reason,
        happened_at=told.at,
    )  # fmt: skip


def _first(told: Told, actor: Actor) -> Done:
    case, about = told.case, told.about
    assert case is not None
    if about.supplier_id is None:
        raise Refused("scan_supplier")
    return use_first(
        actor=actor, key=told.key, department_id=case.department_id, case_number=case.number,
        patient_token=case.patient_token, confirmed_by=told.confirmed_by, supplier_id=about.supplier_id,
        arrivals=[arrival_of(each) for each in told.things], reason=about.reason, procedure=case.procedure,
        operator=case.operator, happened_at=told.at,
    )  # fmt: skip


def _looks_at_first(found: Handful, actor: Actor) -> Handful:
    """The seller is the likeliest one where nobody was chosen and there is but one; what speaks against the goods, by that one. A
    constant number of statements."""
    items = {each.item.pk for each in found.things if each.item and comes(each)}
    if found.case is None or not items:
        return found
    department = found.case.department
    sellers, one = sellers_of(items, department.path, timezone.localdate(found.at))
    about = found.about if found.about.supplier_id else replace(found.about, supplier_id=one)
    numbers = [n for n, sight in enumerate(found.sights) if sight.role == "thing"]
    judged = to_be_bought(
        [found.sights[n].meaning for n in numbers], dock=department, supplier_id=about.supplier_id
    )
    said = dict(zip(numbers, meanings_worded(judged, actor), strict=True))
    sights = [replace(s, meaning=said[n]) if n in said else s for n, s in enumerate(found.sights)]
    missing = () if about.supplier_id else (Offence("scan_supplier"),)
    return replace(found, about=about, sights=sights, sellers=sellers, offences=(*found.offences, *missing))


THEATRE: Mapping[str, Way] = {
    "use_first": Way(
        "use", _first, (use_first,), documents=("case",), reasons="emergency", asks_supplier=True, looks_at=_looks_at_first
    ),
    "explant": Way(
        "use", _explant, (explant,), documents=("case",), takes_place=True, reasons="explant", ask=_comes_out
    ),
    "hand_on": Way(
        "use", _hand_on, (hand_on,), takes_place=True, whither=EXAMINED_IN, also=("case",), needs_carrier=True,
        looks_at=_came_out("use"), against=_whither,
    ),
    "return_explanted": Way(
        "return_goods", _to_maker, (return_explanted,), reasons="supplier_return", looks_at=_came_out("return_goods")
    ),
}  # fmt: skip
