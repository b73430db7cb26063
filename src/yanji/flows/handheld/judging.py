"""What a flow would do with things, asked of the paper that they are for."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Step, virtual_places
from yanji.places.models import Kind, Place

from ..disposal.ask import scrapping_offences
from ..gates import requisition_for
from ..landing import STORES
from ..models import Case
from ..packing.contents import Contents
from ..packing.picked import asked_as_kits
from ..preview import as_one, foretell, judge_all
from ..scanning import Meaning
from ..things import Thing
from ..transfer.arrive import arriving_offences
from ..transfer.gate import transfer_for
from ..transfer.kits import lines_now
from ..transfer.models import Transfer
from ..transfer.pick import picking_offences
from ..transfer.state import Hand, in_hand
from ..waves.pick import Parted, foreseen
from ..waves.walk import wave_for
from .about import About
from .sources import above, dock_of, door_of, end_of
from .way import Ask
from .ways import WAYS, unexpected

UNEXPECTED = "unexpected"  # what is said of a thing that a load was sent without
IN_A_PATIENT = "already_used"


def asking(
    flow: str,
    about: About,
    case: Case | None,
    meanings: Sequence[Meaning],
    *,
    actor: Actor,
    rejected: Mapping[int, str],
) -> Ask:
    """What says of things that were understood what stands in the way of a flow. ``rejected``: see :func:`..preview.foretell`."""
    if about.transfer_id is not None and flow in ("pick", "ship", "arrive"):
        return _of_transfer(flow, about, actor)
    if about.wave_id is not None and flow == "pick":
        return _of_wave(about.wave_id, actor)
    if own := WAYS[flow].ask:
        return own(about, meanings, actor)
    if flow in ("ship", "arrive"):  # of which transfer is not known yet
        return list
    if flow == "scrap":
        return lambda given: judge_all(
            given, actor=actor, step=Step.SCRAP, against=lambda things, _boxes: scrapping_offences(things)
        )
    context = context_of(flow, about, case, meanings, actor=actor)
    context |= {"rejected": rejected} if flow == "receive" else {}
    return lambda given: foretell(given, actor=actor, flow=flow, **context)


def context_of(
    flow: str, about: About, case: Case | None, meanings: Sequence[Meaning], *, actor: Actor
) -> dict[str, Any]:
    """What a preview of the things is told, see :func:`..preview.interpret_many`."""
    match flow:
        case "receive" if about.order_id:
            return {"order_id": about.order_id, "place_id": dock_of(about, actor)}
        case "pick" | "issue" if about.requisition_id:
            store = requisition_for(actor, about.requisition_id).store_id
            return {"requisition_id": about.requisition_id, "from_place_id": store}
        case "take_in" if about.issue_id:
            transit = virtual_places().transit
            return {"issue_id": about.issue_id, "place_id": door_of(about, actor), "from_place_id": transit}
        case "use" if case:
            return {"from_place_id": case.department_id}
        case "set_out" if case:
            return {"from_place_id": case.department_id, "place_id": about.place_id or case.department_id}
        case "give_back":
            return {"place_id": about.place_id, "from_place_id": above(meanings, (Kind.DEPARTMENT,))}
        case "restock":
            return {"from_place_id": above(meanings, STORES)}
        case "put_away":
            return {"place_id": about.place_id}
    return {}


def _of_transfer(flow: str, about: About, actor: Actor) -> Ask:
    """The same in a transfer: at the end that sends, or at the one where the load arrives."""
    assert about.transfer_id is not None
    transfer = transfer_for(actor, about.transfer_id, may=flow)
    if flow == "pick":
        return _picking(transfer, actor)
    arrives = flow == "arrive"
    hand = in_hand(transfer.pk)[arrives]
    step, source = (Step.ARRIVE, virtual_places().transit) if arrives else (Step.SHIP, transfer.source_id)
    to = end_of(about, actor) if arrives else None
    code = "not_on_the_way" if arrives else "not_picked"

    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        found = judge_all(
            given, actor=actor, step=step, from_place_id=source, to_place_id=to, documents={"transfer": transfer.number},
            against=lambda things, _boxes: _not_in(hand, things, code, transfer),
        )  # fmt: skip
        return [only_named(each) if arrives and unexpected(each, hand) else each for each in found]

    return ask


def _picking(transfer: Transfer, actor: Actor) -> Ask:
    wanted, now = lines_now(transfer), timezone.now()

    def against(things: Sequence[Thing], boxes: Sequence[Contents]) -> Iterable[Offence]:
        return picking_offences(transfer, wanted, things, {}, boxes=boxes, counted={}, policy="fefo", at=now)[
            1
        ]

    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        found = judge_all(
            given, actor=actor, step=Step.PICK, from_place_id=transfer.source_id,
            documents={"transfer": transfer.number}, against=against,
        )  # fmt: skip
        kits = asked_as_kits([each.box for each in found if each.box], wanted)
        return [as_one(each, kits) for each in found]

    return ask


def _of_wave(wave_id: int, actor: Actor) -> Ask:
    """The same on a walk for several requisitions: each thing for the one that needs it."""
    wave, now = wave_for(actor, wave_id, may="pick"), timezone.now()
    parted: list[Parted] = []

    def against(things: Sequence[Thing], boxes: Sequence[Contents]) -> Iterable[Offence]:
        parted.append(foreseen(wave, things, boxes, now))
        return parted[0].offences

    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        found = judge_all(given, actor=actor, step=Step.PICK, from_place_id=wave.store_id, against=against)
        numbers = parted[0].numbers if parted else ()
        kits = parted[0].kits if parted else ()
        return [as_one(_kept_for_it(each, numbers), kits) for each in found]

    return ask


def _kept_for_it(meaning: Meaning, numbers: Collection[str]) -> Meaning:
    """What is reserved for one of the walk is reserved for nobody else. Pure."""
    left = [
        each
        for each in meaning.offences
        if not (each.code == "reserved" and each.facts.get("reserved_for") in numbers)
    ]
    return (
        meaning if len(left) == len(meaning.offences) else replace(meaning, offences=tuple(left), ways_out=())
    )


def _not_in(hand: Hand, things: Sequence[Thing], code: str, transfer: Transfer) -> Iterator[Offence]:
    """Units that are no part of what a transfer has in hand; pieces of lots are looked for where they lie. Pure."""
    facts = {"requisition": transfer.number, "transfer": transfer.number}
    for thing in things:
        if isinstance(thing, str) and thing not in hand.units:
            yield Offence(code, thing, facts)


def only_named(meaning: Meaning) -> Meaning:
    """What was never sent is written down and stays where the ledger has it: that it cannot arrive from there is no complaint,
    but that it is in a patient is. Pure."""
    said = tuple(each for each in meaning.offences if each.code == IN_A_PATIENT)
    return replace(meaning, offences=said, ways_out=())


def of_load(about: About, meanings: Sequence[Meaning], actor: Actor) -> tuple[tuple[Offence, ...], set[str]]:
    """What speaks against the arrival of a load as a whole, and which units it was sent without."""
    assert about.transfer_id is not None
    transfer = transfer_for(actor, about.transfer_id, may="arrive")
    hand = in_hand(transfer.pk)[1]
    named = {meaning.epc for meaning in meanings} | {meaning.lot_id for meaning in meanings if meaning.lot_id}
    named |= {
        thing
        for meaning in meanings
        if meaning.box
        for thing in meaning.box.things()
        if isinstance(thing, str)
    }
    recorded = about.no_record or bool(about.celsius_min and about.celsius_max)
    place = Place.objects.get(pk=end_of(about, actor))
    found = arriving_offences(transfer, place, hand, named if meanings else None, recorded=recorded)
    return tuple(found), {meaning.epc for meaning in meanings if unexpected(meaning, hand)}
