"""What a flow would do with a scan, and what stands in the way: said before anything is committed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import Item
from yanji.ledger.api import Draft, Offence, Refused, Step, preview
from yanji.places.models import Place

from .arrival import Arrival, names_of
from .asked import against_asked, reasons_needed
from .attempts import keep_scanned
from .brought import Brought, arrives, not_arriving
from .called import meanings_worded, numbers_worded
from .fit import unfit
from .gates import issue_for, order_for, requisition_for
from .goods_in import LAPSED_AT_RECEIPT
from .hold import as_rejected, rejected
from .inspection import Delivery, check_delivery
from .landing import goes_to, landing, with_stores
from .notice_withdrawn import awaited_now
from .on_the_way import holdable_after_all, lands_first
from .out_of_sight import told_where
from .packing.contents import Contents
from .queries import picked_for, under_way
from .receive import draft_receipt, finished_orders
from .reserving.kept import numbers_of, papers_of
from .reserving.queries import unnamed
from .scanning import Meaning, label_offence, understand
from .shelves import shelves_meant
from .things import Thing, item_names, known_units, lines, look_up
from .turn import Policy
from .validity import Goods, Stage, held_papers
from .validity import judge as judge_papers
from .what_matters import fitting, the_one_that_matters, with_ways_out
from .would_move import lots_at, own_offences, things_of, with_papers

STEPS: dict[str, Step] = {
    "put_away": Step.PUT_AWAY,
    "pick": Step.PICK,
    "reserve": Step.RESERVE,
    "unreserve": Step.UNRESERVE,
    "unpick": Step.UNPICK,
    "issue": Step.ISSUE,
    "take_in": Step.TAKE_IN,
    "use": Step.USE,
    "give_back": Step.GIVE_BACK,
    "restock": Step.RESTOCK,
    "hold": Step.HOLD,
    "recall": Step.RECALL,
    "release": Step.RELEASE,
    "scrap": Step.SCRAP,
    "set_out": Step.SET_OUT,
    "set_back": Step.SET_BACK,
    "waste": Step.WASTE,
    "explant": Step.EXPLANT,
    "hand_back": Step.HAND_BACK,
}
# What brings a thing nearer to a patient: its label must say what is recorded of it.
TOWARDS_PATIENTS = frozenset({"pick", "issue", "take_in", "set_out", "use"})
# Whoever scans for one of these wants to hand the thing on; at the dock, and on hold, what is wrong with it is the point.
TOWARDS_OTHERS = TOWARDS_PATIENTS | {"reserve", "give_back"}
TAKEN = TOWARDS_PATIENTS | {"reserve"}
# What is sent to a place finds the shelf of it that keeps it cold enough.
LANDS = frozenset({Step.LEND, Step.GIVE_BACK})
NONE_REJECTED: Mapping[int, str] = MappingProxyType({})
FLOWS = ("look", "receive", *STEPS)
# What is still to come when a unit is scanned: the form's other fields, the destination, the second person.
LATER = frozenset({"reason_needed", "witness_needed", "patient_needed", "unknown_place", "key_missing"})


def interpret(scan: str, *, actor: Actor, flow: str = "look", **context: Any) -> Meaning:
    """:func:`interpret_many` for one scan."""
    return interpret_many([scan], actor=actor, flow=flow, **context)[0]


def interpret_many(scans: Sequence[str], *, actor: Actor, **context: Any) -> list[Meaning]:
    """:func:`foretell` for what the scans mean."""
    return foretell(understand(scans, actor=actor), actor=actor, **context)


def foretell(
    meanings: Sequence[Meaning],
    *,
    actor: Actor,
    flow: str = "look",
    order_id: int | None = None,
    requisition_id: int | None = None,
    issue_id: int | None = None,
    place_id: int | None = None,
    from_place_id: int | None = None,
    counted: Mapping[int, int] | None = None,
    listed: Collection[str] = (),
    rejected: Mapping[int, str] = NONE_REJECTED,
    policy: Policy = "fefo",
) -> list[Meaning]:
    """What was scanned, with what stands in the way of the flow, and ways out.

    ``place_id``: where the flow takes things; ``from_place_id``: where they must be now; ``counted``: pieces of each item
    that the page holds already, which count against an order or a requisition; ``listed``: the units and boxes that it holds,
    so that what comes in a box of an order counts once; ``rejected``: number of a scan -> why it is not accepted, so that what
    comes in its place is none too many; ``policy``: whose turn it is when picking. Writes nothing, but keeps
    what was refused and matters.
    """
    assert flow in FLOWS, flow
    if flow == "put_away":
        meanings = shelves_meant(meanings, actor=actor)
    if flow == "receive":
        meanings = _received(meanings, actor, order_id, place_id, counted or {}, listed, rejected)
    elif flow != "look":
        meanings = _moved(
            meanings, actor, flow, requisition_id, issue_id, place_id, from_place_id, counted or {}, policy
        )
    if flow in TOWARDS_OTHERS:
        keep_scanned((offence for each in meanings for offence in each.offences), actor=actor, flow=flow)
    if flow != "take_in":  # which tells nothing of what is hidden, not even that it is recorded
        meanings = told_where(meanings, from_place_id, actor)
    meanings = meanings_worded([fitting(each, flow) for each in meanings], actor)
    # Of what is handed on another one can be taken; of what is given back, held or put away it cannot.
    return with_ways_out(meanings, actor, STEPS[flow], from_place_id) if flow in TAKEN else meanings


def judge(scan: str, **context: Any) -> Meaning:
    """:func:`judge_many` for one scan."""
    return judge_many([scan], **context)[0]


def judge_many(scans: Sequence[str], *, actor: Actor, **context: Any) -> list[Meaning]:
    """:func:`judge_all` for what the scans mean."""
    return judge_all(understand(scans, actor=actor), actor=actor, **context)


def judge_all(
    meanings: Sequence[Meaning],
    *,
    actor: Actor,
    step: Step,
    to_place_id: int | None = None,
    from_place_id: int | None = None,
    against: Callable[[Sequence[Thing], Sequence[Contents]], Iterable[Offence]] = lambda _things, _boxes: (),
    documents: Mapping[str, str] | None = None,
) -> list[Meaning]:
    """What was scanned, for a step in a document of which this module knows nothing. Writes nothing, but keeps what was
    refused and matters.

    ``against``: the document's own rules, over the things that the scans would move and the boxes that they named, if they did;
    the ledger's are asked as well.
    """
    lots = lots_at(meanings, step, from_place_id)
    things = [things_of(meaning, lots) for meaning in meanings]
    unique = tuple(dict.fromkeys(thing for several in things for thing in several))
    found: list[Offence] = []
    if unique:
        found += against(unique, [meaning.box for meaning in meanings if meaning.box])
        found += _said_of(unique, step, to_place_id, from_place_id, documents or {}, actor)
    judged = [
        replace(meaning, offences=(*meaning.offences, *own_offences(meaning, own, found)))
        for meaning, own in zip(meanings, things, strict=True)
    ]
    judged = with_papers(judged, things, step, timezone.now())
    keep_scanned((offence for each in judged for offence in each.offences), actor=actor, flow=step)
    told = [the_one_that_matters(each) for each in told_where(judged, from_place_id, actor)]
    return with_ways_out(meanings_worded(told, actor), actor, step, from_place_id)


def _received(
    meanings: Sequence[Meaning],
    actor: Actor,
    order_id: int | None,
    dock_id: int | None,
    counted: Mapping[int, int],
    listed: Collection[str] = (),
    rejected: Mapping[int, str] = NONE_REJECTED,
) -> list[Meaning]:
    if order_id is None:
        return list(meanings)
    order, now = order_for(actor, order_id, may="receive"), timezone.now()
    brought = Brought(meanings, order_id=order.pk, listed=listed, rejected=rejected)
    items = {m.item.pk: m.item for m in meanings if m.item and arrives(m)}
    order_lines = {line.item_id: line for line in order.lines.select_related("item")}
    items |= {item: line.item for item, line in order_lines.items()}
    owed = {item: line.outstanding - counted.get(item, 0) for item, line in order_lines.items()}
    known = awaited_now(order, known_units([each.epc for each in brought.everything if each.epc]))
    held, day = held_papers(Goods(item, order.supplier_id) for item in items), timezone.localdate(now)
    delivery = Delivery(
        order_number=order.number,
        supplier_id=order.supplier_id,
        day=day,
        arrivals=brought.everything,
        outstanding={item: pieces + brought.again[item] for item, pieces in owed.items()},
        prices={},
        items=items,
        surplus={i: line.surplus_left for i, line in order_lines.items()},
        lapsed=held.over(day),
        verdicts=frozenset(rejected.values()),  # whether they can be chosen is said where they are
        known=known,
        finished=finished_orders(order.number, known),
        named=names_of(brought.everything, known),
    )
    found = list(check_delivery(delivery))
    if brought.everything and not found and dock_id:
        draft = draft_receipt(delivery, key="preview", dock_id=dock_id, number="", at=now)
        found = _ledger_says(draft, actor)
    papers = [
        judge_papers(
            [Goods(each.item_id, order.supplier_id) for each in brought.of(number)], held, held.rules, Stage.RECEIPT, day,
            lapsed=LAPSED_AT_RECEIPT,
        )
        for number in range(len(meanings))
    ]  # fmt: skip
    said = [
        (*meaning.offences, *_receipt_offences(meaning, brought.of(number), found, items))
        for number, meaning in enumerate(meanings)
    ]
    fine = [not own and not of.offences for own, of in zip(said, papers, strict=True)]
    room = {item: pieces + order_lines[item].surplus_left for item, pieces in owed.items()}
    return [
        replace(
            meaning,
            offences=(*said[number], *_over(more, owed, items), *papers[number].offences),
            lapsed=papers[number].warnings,
            brings=brought.inside(number, box=meaning.box is not None),
        )
        for number, (meaning, more) in enumerate(zip(meanings, brought.surplus(room, fine), strict=True))
    ]


def _over(more: Mapping[int, int], owed: Mapping[int, int], items: Mapping[int, Item]) -> Iterator[Offence]:
    """That a scan brings more than is owed: said of that one, not of all others of its item. Pure."""
    for item, wanted in more.items():
        name = items[item].name
        yield Offence("over_delivered", name, {"item": name, "wanted": wanted, "outstanding": owed[item]})


def _receipt_offences(
    meaning: Meaning, arrivals: Sequence[Arrival], found: Sequence[Offence], items: Mapping[int, Item]
) -> tuple[Offence, ...]:
    if not arrivals:
        return not_arriving(meaning)
    names = {arrival.name for arrival in arrivals}
    names |= {items[arrival.item_id].name for arrival in arrivals if arrival.item_id in items}
    names |= {f"item {arrival.item_id} {arrival.lot}" for arrival in arrivals}
    return tuple(
        each
        for each in found
        if each.code != "over_delivered" and (not each.thing or each.thing.strip() in names)
    )


def _label(meaning: Meaning, flow: str) -> tuple[Offence, ...]:
    offence = label_offence(meaning) if flow in TOWARDS_PATIENTS else None
    return (offence,) if offence else ()


def _moved(
    meanings: Sequence[Meaning],
    actor: Actor,
    flow: str,
    requisition_id: int | None,
    issue_id: int | None,
    place_id: int | None,
    from_place_id: int | None,
    counted: Mapping[int, int],
    policy: Policy,
) -> list[Meaning]:
    now = timezone.now()
    lots = lots_at(meanings, STEPS[flow], from_place_id)
    things = [things_of(meaning, lots) for meaning in meanings]
    given = [thing for several in things for thing in several]
    found: list[Offence] = []
    whole: list[Contents] = []
    documents = {"case": "preview", "patient": "preview"} if flow in ("use", "explant") else {}
    if requisition_id is not None:
        kits = [meaning.box for meaning in meanings if meaning.box]
        found, whole, papers = _against_requisition(
            actor, requisition_id, flow, given, kits, counted, policy, now
        )
        documents |= papers
    if issue_id is not None:
        issued = issue_for(actor, issue_id, may="take_in")
        expected = under_way(issued)
        found += [
            Offence("not_under_way", thing, {"issue": issued.number})
            for thing in given
            if isinstance(thing, str) and thing not in expected
        ]
    found += rejected(given) if flow == "release" else []
    if flow in ("release", "restock"):
        found += unfit(given, "kept_wrong" if flow == "release" else "returned_kept_wrong")
    step = STEPS[flow]
    unique = tuple(dict.fromkeys(given))
    if unique:
        said = _said_of(unique, step, goes_to(step, place_id), from_place_id, documents, actor)
        found += holdable_after_all(said, actor) if flow in ("hold", "recall") else lands_first(said, flow)
        found = as_rejected(found, given) if flow in TOWARDS_PATIENTS else found
    judged = [
        replace(
            as_one(meaning, whole),
            offences=(*meaning.offences, *own_offences(meaning, own, found), *_label(meaning, flow)),
        )
        for meaning, own in zip(meanings, things, strict=True)
    ]
    return with_papers(judged, things, step, now)


def _against_requisition(
    actor: Actor,
    requisition_id: int,
    flow: str,
    things: Sequence[Thing],
    boxes: Sequence[Contents],
    counted: Mapping[int, int],
    policy: Policy,
    now: datetime,
) -> tuple[list[Offence], list[Contents], dict[str, str]]:
    """What speaks against the things, the boxes that are picked as kits, and the papers of the requisition."""
    requisition = requisition_for(actor, requisition_id)
    papers = papers_of(numbers_of(requisition))
    if flow in ("issue", "unpick"):
        units, _quantities = picked_for(requisition.pk)
        facts = {"requisition": requisition.number}
        absent = [t for t in things if isinstance(t, str) and t not in units]
        return [Offence("not_picked", t, facts) for t in absent], [], papers
    if flow != "pick":
        return [], [], papers
    wanted = {line.item_id: line for line in requisition.lines.all()}
    known = look_up(things)
    names = item_names({*wanted, *(unit.item_id for unit in known.units.values())})
    open_to = {item: line.open_to_pick - counted.get(item, 0) for item, line in wanted.items()}
    loose, kits, found = against_asked(requisition, open_to, known, things, boxes, names)
    late = reasons_needed(requisition, wanted, known, loose, policy=policy, at=now)
    found += [asked.offence for asked in late.values()]
    return found, kits, papers


def as_one(meaning: Meaning, kits: Iterable[Contents]) -> Meaning:
    """A box that is among the kits which were asked for as such counts as one piece of its kit. Pure."""
    box = meaning.box
    if box is None or box.item_id is None or all(box.code != kit.code for kit in kits):
        return meaning
    return replace(meaning, brings={box.item_id: 1})


def _said_of(
    things: Sequence[Thing],
    step: Step,
    to_place_id: int | None,
    from_place_id: int | None,
    documents: Mapping[str, str],
    actor: Actor,
) -> list[Offence]:
    """What the ledger says of a step with these things; what finds its own shelf is looked at there."""
    to = Place.objects.filter(pk=to_place_id).first() if step in LANDS else None
    goods = landing(things, to, from_place_id) if to else lines(things, to_place_id, from_place_id)
    found = _ledger_says(Draft(step, "preview", timezone.now(), goods, documents), actor)
    return with_stores(found, things, to) if to and step is Step.GIVE_BACK else found


def _ledger_says(draft: Draft, actor: Actor) -> list[Offence]:
    """The ledger's own rules over the current state, without writing: the very code that will decide later."""
    found = [offence for offence in preview(draft, actor=actor) if offence.code not in LATER]
    return list(unnamed(numbers_worded(Refused.of(found)), actor).offences) if found else []
