"""Which implant records the devices are of that a flow names: a unit is one record's, pieces of a lot are shared out among
records in their order."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from django.db.models import Q, QuerySet

from yanji.ledger.api import LotQuantity, Offence, Refused
from yanji.places.models import Place

from ..states import HandoverState
from ..things import Thing, name
from .models import HandoverLine, Implant

# Of one record so many pieces.
Part = tuple[Implant, int]
# What is said where records speak of a thing, but of fewer pieces of it.
FEWER = {
    "not_in_this_patient": "fewer_in_this_patient",
    "of_other_patient": "fewer_of_this_patient",
    "not_explanted": "not_enough",
}


def lying(things: Sequence[Thing], place_id: int, status: str) -> list[Thing]:
    """The things, each once; pieces of a lot as the ledger has them there: in that status, and the hospital's, for what was
    used has been paid for. Pure."""
    counted: dict[str, LotQuantity] = {}
    for thing in counted_of(things):
        before = counted.get(name(thing))
        total = thing.quantity + (before.quantity if before else Decimal(0))
        counted[name(thing)] = replace(
            thing, quantity=total, from_place_id=place_id, owner_id=None, status=status
        )
    return [counted.get(called, called) for called in dict.fromkeys(map(name, things))]


def counted_of(things: Iterable[Thing]) -> list[LotQuantity]:
    """Those that have no identity of their own. Pure."""
    return [thing for thing in things if not isinstance(thing, str)]


def records_for(things: Sequence[Thing], patient_token: str = "") -> QuerySet[Implant]:
    """:func:`standing_records`, locked when read."""
    return standing_records(things, patient_token).select_for_update(of=("self",))


def standing_records(things: Sequence[Thing], patient_token: str = "") -> QuerySet[Implant]:
    """Standing records of the things, of one patient where one is named."""
    epcs = [thing for thing in things if isinstance(thing, str)]
    lots = [thing.lot_id for thing in counted_of(things)]
    # Each alone where it can be: by one index or the other.
    asked = Q(unit__epc__in=epcs) if epcs else Q(pk__in=[])
    asked |= Q(unit__isnull=True, lot_id__in=lots) if lots else Q()
    found = Implant.objects.select_related("unit", "explant_event")
    found = found.filter(asked, voided_at__isnull=True)
    return (found.filter(patient_token=patient_token) if patient_token else found).order_by("id")


def share_out(
    things: Sequence[Thing],
    records: Sequence[Implant],
    code: str,
    pieces: Callable[[Implant], int] = lambda record: record.quantity,
) -> list[Part]:
    """The parts of the records that the things are, first record first; ``pieces``: how much of a record there is to take.

    Raises :class:`Refused` (``code``: one of ``FEWER``) naming each thing of which the records have too little. Pure.
    """
    parts: list[Part] = []
    offences: list[Offence] = []
    of_thing: dict[str, list[Implant]] = defaultdict(list)
    for record in records:
        of_thing[record.thing].append(record)
    for thing in things:
        left = 1 if isinstance(thing, str) else int(thing.quantity)
        for record in of_thing[name(thing)]:
            taken = min(left, pieces(record))
            if taken > 0:
                parts.append((record, taken))
                left -= taken
        if left:
            offences.append(_too_few(thing, left, code))
    if offences:
        raise Refused.of(offences)
    return parts


def _too_few(thing: Thing, left: int, code: str) -> Offence:
    wanted = 1 if isinstance(thing, str) else int(thing.quantity)
    if left == wanted:
        return Offence(code, name(thing))
    return Offence(FEWER[code], name(thing), {"available": wanted - left, "wanted": wanted})


def here_still(records: Sequence[Implant], place: Place) -> Callable[[Implant], int]:
    """How much of each explanted record lies at a place, by where it came out and the papers that handed it on: by nothing
    else do counted pieces of a record move. One statement; none for units, of which the ledger knows where each lies."""
    counted = [record for record in records if record.unit_id is None]
    standing = HandoverLine.objects.filter(implant__in=counted, handover__state=HandoverState.HANDED_ON)
    handed = standing.values_list("implant_id", "quantity", "handover__place_id", "handover__to_place_id")
    there = Counter[int]()
    for record in counted:
        came_out_here = record.explant_event and record.explant_event.read_point_id == place.pk
        there[record.pk] += record.quantity if came_out_here else 0
    for record_id, quantity, from_id, to_id in handed if counted else ():
        there[record_id] += quantity * ((to_id == place.pk) - (from_id == place.pk))
    return lambda record: record.quantity if record.unit_id else there[record.pk]
