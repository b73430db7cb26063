"""A load reaches its store: what is good, what is held and why, what is missing still, what nobody sent."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Draft, Offence, Refused, Step, post, virtual_places
from yanji.places.models import Place
from yanji.places.temperature import CLASSES

from ..acts import Done, moment, verb
from ..consign.title import moved, pass_title
from ..differing.report import Doubtful, lying
from ..gates import place_at
from ..packing.contents import Contents
from ..reasons import check_reason, check_reasons
from ..recalled import recall_landed
from ..things import Thing, lines, name
from .climate import Climate, Reading, climate_of
from .curve import packed
from .gate import allow_transfer, transfer_for
from .kits import counted, keep_parts, kits_among, parts_of
from .models import KitArrival, Transfer, TransferArrival, TransferDifference, TransferLine
from .pick import check_in_hand
from .state import Hand, Portion, count, in_hand, keep_events, lines_of

TEMPERATURE, NO_RECORD = "temperature", "no_record"
Difference = TransferDifference.Kind


def draft_arrival(
    transfer: Transfer,
    things: Sequence[Thing],
    to_place_id: int,
    *,
    key: str,
    at: datetime,
    climate: Climate | None,
) -> Draft:
    """Things reach the destination; what the logger showed goes with the entry. Pure."""
    return Draft(
        step=Step.ARRIVE,
        key=key,
        happened_at=at,
        lines=lines(things, to_place_id),
        documents={"transfer": transfer.number},
        read_point_id=to_place_id,
        sensor=climate.sensor() if climate else None,
    )


def draft_holds(
    transfer: Transfer,
    held: Iterable[Doubtful],
    place_id: int,
    *,
    key: str,
    at: datetime,
    climate: Climate | None,
) -> list[Draft]:
    """What arrived and is not good is held: one draft a reason, in a fixed order. Pure."""
    by_reason: dict[str, list[Thing]] = {}
    for each in held:
        by_reason.setdefault(each.reason, []).append(lying(each.thing, place_id, "available"))
    return [
        Draft(
            step=Step.HOLD,
            key=f"{key}:{reason}"[:120],
            happened_at=at,
            lines=lines(by_reason[reason], None, place_id),
            documents={"transfer": transfer.number},
            reason=reason,
            read_point_id=place_id,
            sensor=climate.sensor() if climate and reason == TEMPERATURE else None,
        )
        for reason in sorted(by_reason)
    ]


def doubts(
    things: Iterable[Thing], hand: Hand, items: Mapping[int, Item], climate: Climate | None
) -> list[Doubtful]:
    """Of some things those that the way was too warm or too cold for; where nothing is known of the way, what is cold. Pure."""
    classes = {key: item.temperature_class for key, item in items.items()}
    if climate is None:
        unfit = {item for item, band in classes.items() if CLASSES[band].cold}
    else:
        unfit = {item for item, band in classes.items() if not climate.fits(band)}
    reason = TEMPERATURE if climate else NO_RECORD
    # What was held on its way is so already.
    return [
        Doubtful(thing, reason)
        for thing in things
        if hand.item_of(thing) in unfit and not hand.in_doubt(thing)
    ]


def _items(hand: Hand, wanted: Mapping[int, TransferLine]) -> dict[int, Item]:
    """All that is on its way, by id. No statement but for what goes in kits."""
    inside = hand.items - wanted.keys()
    found = {item: line.item for item, line in wanted.items()}
    return found | (Item.objects.in_bulk(inside) if inside else {})


@verb
def arrive(
    *,
    actor: Actor,
    key: str,
    transfer_id: int,
    to_place_id: int,
    things: Sequence[Thing] | None = None,
    held: Sequence[Doubtful] = (),
    unexpected: Sequence[Doubtful] = (),
    celsius_min: Decimal | None = None,
    celsius_max: Decimal | None = None,
    readings: Sequence[Reading] = (),
    logger: str = "",
    no_record: bool = False,
    seals_sound: bool = True,
    note: str = "",
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """Take in what another store sent: all that is on its way, or the things scanned; the rest stays on its way.

    ``held`` arrived and is not good; ``unexpected`` turned up and was not sent: it is written down, and stays where the
    ledger has it. Where the way was too warm or too cold for an item (lowest and highest value, or a logger's readings),
    its things are held for ``temperature``. Cold things need a temperature, or the word that there is ``no_record``: then they
    are held for that. What was held on its way stays on hold. A kit has arrived once nothing of it is on its way any more.
    ``facts``: how many are held, and how many are missing still.
    """
    at = moment(happened_at)
    transfer = transfer_for(actor, transfer_id, may="arrive", lock=True)
    allow_transfer(transfer, "arrive")
    place = _landing(actor, transfer, to_place_id)
    check_reasons("transfer_difference", (each.reason for each in (*held, *unexpected) if each.reason))
    climate = climate_of(celsius_min, celsius_max, readings, logger)
    hand, wanted = in_hand(transfer.pk)[1], lines_of(transfer)
    good, doubtful = _sorted_out(transfer, hand, things, held)
    stays = sum(_pieces(thing) for thing in good if hand.in_doubt(thing))
    items = _items(hand, wanted)
    in_doubt = doubts(good, hand, items, climate)
    if climate is None and not no_record:
        _demand_record({_name(each.thing, hand, items) for each in in_doubt})
    chosen = _all_of(good, doubtful, in_doubt)
    doubtful += in_doubt
    parts = parts_of(kits_among(transfer, hand, wanted), chosen, opened, hand)
    arrival = draft_arrival(transfer, chosen, place.pk, key=key, at=at, climate=climate)
    events = [post(arrival, actor=actor).event_id]
    fresh = [each for each in doubtful if not hand.in_doubt(each.thing)]
    holds = draft_holds(transfer, fresh, place.pk, key=key, at=at, climate=climate)
    held_by = {draft.reason: post(draft, actor=actor).event_id for draft in holds}
    events += held_by.values()
    keep_events(transfer, *events)
    late = recall_landed(events, actor=actor, key=key, at=at)
    of = {"transfer": transfer, "place": place, "at": at, "seals_sound": seals_sound, "note": note}
    of["record"] = packed(readings)
    TransferArrival.objects.create(actor_id=actor.person_id, **of, **_shown(climate, logger))
    _keep_differences(transfer, items, hand, doubtful, unexpected, arrived=events[0], held_by=held_by, at=at)
    keep_parts(parts, events[0], KitArrival.Column.ARRIVED)
    count(transfer, wanted, "arrive", arrived=counted(hand.by_item(chosen), parts))
    facts = {"held": len(doubtful) + stays, "missing": sum(line.on_the_way for line in wanted.values())}
    return Done(transfer.number, transfer.pk, transfer.state, (*events, *late), facts)


def _landing(actor: Actor, transfer: Transfer, place_id: int) -> Place:
    """Where the load is put down: in the store that it was sent to. Raises :class:`Refused` for a place elsewhere."""
    place = place_at(actor, place_id, may="transfer")
    if not place.path.startswith(transfer.destination.path):
        raise Refused.of([_elsewhere(place, transfer)])
    return place


def _elsewhere(place: Place, transfer: Transfer) -> Offence:
    return Offence("not_the_destination", place.name, {"store": transfer.destination.name})


def _shown(climate: Climate | None, logger: str) -> dict[str, Any]:
    """What is kept of the way with an arrival. Pure."""
    if climate is None:
        return {"logger": logger}
    return {"logger": climate.logger, "celsius_min": climate.celsius_min, "celsius_max": climate.celsius_max}


def _demand_record(items: Collection[str]) -> None:
    """Raises :class:`Refused` where anything cold came and nobody says what the way was like."""
    if items:
        raise Refused.of(_record_needed(items))


def _record_needed(items: Iterable[str]) -> list[Offence]:
    return [Offence("way_temperature_needed", item) for item in sorted(items)]


def arriving_offences(
    transfer: Transfer, place: Place, hand: Hand, named: Collection[str | int] | None, *, recorded: bool
) -> list[Offence]:
    """What speaks against an arrival as a whole, before it is done: it is put down elsewhere, or cold goods come and nobody has
    said what the way was like. ``named``: identities and lots that come, None for all that is on its way."""
    found = []
    if not place.path.startswith(transfer.destination.path):
        found.append(_elsewhere(place, transfer))
    if recorded:
        return found
    things = [
        thing
        for thing in hand.things
        if named is None or (thing if isinstance(thing, str) else thing.lot_id) in named
    ]
    items = _items(hand, lines_of(transfer))
    return found + _record_needed(
        {_name(each.thing, hand, items) for each in doubts(things, hand, items, None)}
    )


def _all_of(good: Iterable[Thing], doubtful: Iterable[Doubtful], in_doubt: Iterable[Doubtful]) -> list[Thing]:
    """What arrives: what is sound and was not put ``in_doubt`` by the way, then what is held. Pure."""
    unfit = [each.thing for each in in_doubt]
    return [*(thing for thing in good if thing not in set(unfit)), *(each.thing for each in doubtful), *unfit]


def _sorted_out(
    transfer: Transfer,
    hand: Hand,
    things: Sequence[Thing] | None,
    held: Sequence[Doubtful],
) -> tuple[list[Thing], list[Doubtful]]:
    """What came sound, and what is to be held and why. Raises :class:`Refused` for what is not on its way."""
    transit = virtual_places().transit
    taken: Counter[Portion] = Counter()
    doubtful = [
        replace(each, thing=part)
        for each in held
        for part in hand.as_they_are([lying(each.thing, transit, "in_transit")], taken)
    ]
    if offences := [Offence("reason_needed", name(each.thing)) for each in doubtful if not each.reason]:
        raise Refused.of(offences)
    named = {each.thing for each in doubtful}
    if things is None:
        left = ((each, each.pieces - taken[each]) for each in hand.lots)
        good = [epc for epc in hand.units if epc not in named]
        good += [replace(each.quantity(), quantity=Decimal(pieces)) for each, pieces in left if pieces]
    else:
        good = hand.as_they_are((lying(thing, transit, "in_transit") for thing in things), taken)
    if not good and not doubtful:
        raise Refused("empty")
    check_in_hand(hand, [*good, *named], transfer, "not_on_the_way")
    return good, doubtful


def _keep_differences(
    transfer: Transfer,
    items: Mapping[int, Item],
    hand: Hand,
    doubtful: Iterable[Doubtful],
    unexpected: Iterable[Doubtful],
    *,
    arrived: str,
    held_by: Mapping[str, str],
    at: datetime,
) -> None:
    """Write down every thing that did not arrive as it was sent. One statement."""
    rows = [
        TransferDifference(
            transfer=transfer, kind=Difference.HELD, thing=name(each.thing), name=_name(each.thing, hand, items),
            pieces=_pieces(each.thing), reason=each.reason, at=at, event_id=held_by.get(each.reason, arrived),
        )
        for each in doubtful
    ]  # fmt: skip
    rows += [
        TransferDifference(
            transfer=transfer, kind=Difference.UNEXPECTED, thing=name(each.thing), reason=each.reason or "surplus", at=at,
            event_id=arrived,
        )
        for each in unexpected
    ]  # fmt: skip
    TransferDifference.objects.bulk_create(rows)


def _name(thing: Thing, hand: Hand, items: Mapping[int, Item]) -> str:
    item = hand.item_of(thing)
    return items[item].name if item in items else ""


def _pieces(thing: Thing) -> int:
    return 1 if isinstance(thing, str) else int(thing.quantity)


@verb
def give_up(
    *,
    actor: Actor,
    key: str,
    transfer_id: int,
    things: Sequence[Thing],
    reason: str,
    note: str = "",
    happened_at: datetime | None = None,
    opened: Sequence[Contents] = (),
) -> Done:
    """What never arrived is given up: it is lost, with a reason, until somebody finds it. Either end may say so, but not
    who sent the load (``own_load``): that would write it off by one person alone.

    What a supplier owned is the hospital's loss: it is owed under the agreement of the store that sent it.
    """
    at = moment(happened_at)
    check_reason("transfer_difference", reason)
    transfer = transfer_for(actor, transfer_id, may="ask", lock=True)
    allow_transfer(transfer, "give_up")
    if transfer.shipments.filter(actor_id=actor.person_id, called_back=False).exists():
        raise Refused("own_load", thing=transfer.number)
    _picked, hand = in_hand(transfer.pk)
    transit, lost = virtual_places().transit, virtual_places().lost
    chosen = hand.as_they_are(lying(thing, transit, "in_transit") for thing in things)
    check_in_hand(hand, chosen, transfer, "not_on_the_way")
    draft = Draft(
        step=Step.LOST_ON_WAY,
        key=key,
        happened_at=at,
        lines=lines(chosen, lost),
        documents={"transfer": transfer.number},
        reason=reason,
        note=note,
    )
    event = post(draft, actor=actor).event_id
    pass_title(event, moved(event), actor=actor, place=transfer.source, at=at)
    keep_events(transfer, event)
    wanted = lines_of(transfer)
    parts = parts_of(kits_among(transfer, hand, wanted), chosen, opened, hand)
    keep_parts(parts, event, KitArrival.Column.LOST)
    items = _items(hand, wanted)
    TransferDifference.objects.bulk_create(
        TransferDifference(
            transfer=transfer, kind=Difference.LOST, thing=name(thing), name=_name(thing, hand, items),
            pieces=_pieces(thing), reason=reason, at=at, event_id=event,
        )
        for thing in chosen
    )  # fmt: skip
    count(transfer, wanted, "give_up", lost=counted(hand.by_item(chosen), parts))
    return Done(transfer.number, transfer.pk, transfer.state, (event,))
