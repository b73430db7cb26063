"""Which lendings wait for who has the scan page in hand: to be confirmed, given back, confirmed as back; and what of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from yanji.access.actor import Actor
from yanji.ledger.models import Movement

from ..lending.models import Lending, LendingLine
from ..lending.queries import OPEN_LENDINGS
from ..queries import within
from .left import NAMED, Left, Todo, todo_with
from .ways_lending import LENDING, owed_of, waiting_for

MOST_READ = 200


def open_lendings(actor: Actor, flows: Iterable[str]) -> dict[str, list[Lending]]:
    """Act -> the lendings that wait for it. Three statements, one where nothing is lent, none for who does none of them."""
    asked = [flow for flow in flows if flow in LENDING and LENDING[flow].documents]
    if not asked:
        return {}
    paths = actor.scopes.get("lend", ())
    found = list(
        Lending.objects.filter(within("lender", paths) | within("borrower", paths), state__in=OPEN_LENDINGS)
        .select_related("lender", "borrower")
        .prefetch_related(
            Prefetch("lines", LendingLine.objects.select_related("item").order_by("id")), "settlements"
        )
        .order_by("-id")[:MOST_READ]
    )
    for each in found:
        with_waiting(each, actor)
    return {flow: [each for each in found if pieces_of(flow, each, actor) > 0] for flow in asked}


def with_waiting(lending: Any, actor: Actor) -> None:
    """Notes at a lending what was given back and waits for this actor's word: nobody confirms what they gave back themselves."""
    lending.waiting = waiting_for(actor, lending)


def pieces_of(flow: str, lending: Lending, actor: Actor) -> int:
    """How much of a lending waits for an act of this actor, at the side where it is done. Pure, where it is read with its lines
    and settlements."""
    side = lending.lender if flow == "confirm_settlement" else lending.borrower
    if not actor.may("lend", side.path):
        return 0
    match flow:
        case "confirm_lending" if lending.state == "lent" and lending.actor_id != actor.person_id:
            return sum(line.quantity for line in lending.lines.all())
        case "give_back_lent" if lending.state == "owed":
            return owed_of(lending).total()
        case "confirm_settlement" if lending.state == "owed":
            return sum(sum(each.pieces.values()) for each in waiting_for(actor, lending))
    return 0


Piece = tuple[int, int, str, str, date | None, str]  # pieces, item, its name, lot, expiry, serial


def _contents(events: Sequence[str]) -> dict[str, list[Piece]]:
    """Entry -> what it moved. One statement, none without entries."""
    found: dict[str, list[Piece]] = defaultdict(list)
    if not events:
        return found
    moved = (
        Movement.objects.filter(event_id__in=events)
        .select_related("unit", "lot__item")
        .order_by("event_id", "line")
    )
    for each in moved:
        lot, serial = each.lot, each.unit.serial if each.unit else ""
        found[str(each.event_id)].append(
            (int(each.quantity), lot.item_id, lot.item.name, lot.number, lot.expiry, serial)
        )
    return found


def lent_left(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What was lent, or has come back, and is to be looked through: each lot with a few of its serial numbers. Where it came back
    in several parts nothing is told: a thing of one says which is meant, and all of them are confirmed by nobody at once."""
    entries: dict[int, str] = {}
    for paper in papers:
        if flow == "confirm_lending":
            entries[paper.pk] = str(paper.event_id)
        elif len(paper.waiting) == 1:
            entries[paper.pk] = str(paper.waiting[0].event_id)
    moved = _contents(list(entries.values()))
    for paper in (each for each in papers if each.pk in entries):
        found: dict[tuple[int, str], Left] = {}
        for pieces, item, name, lot, expiry, serial in moved[entries[paper.pk]]:
            before = found.get((item, lot), Left(0, item, name, lot, expiry))
            serials = (*before.serials, serial)[:NAMED] if serial else before.serials
            found[item, lot] = replace(before, pieces=before.pieces + pieces, serials=serials)
        yield todo_with(flow, kind, paper, sum(each.pieces for each in found.values()), tuple(found.values()))


def owed_left(flow: str, kind: str, papers: Sequence[Any]) -> Iterator[Todo]:
    """What a ward owes, by item: whichever unit goes back."""
    prefetch_related_objects(papers, "lines__item", "settlements")
    for paper in papers:
        owed = owed_of(paper)
        lines = list(paper.lines.all())
        left = tuple(Left(owed[e.item_id], e.item_id, e.item.name) for e in lines if owed[e.item_id] > 0)
        yield todo_with(flow, kind, paper, sum(line.quantity for line in lines), left)


def told_of_lending(flow: str, lending: Any) -> tuple[str, tuple[str, ...], int]:
    """Label, further names and pieces, as the page lists it. Pure, where it is read with its lines and settlements."""
    other = lending.borrower if flow == "confirm_settlement" else lending.lender
    back = [
        each for each in lending.settlements.all() if each.confirmed_at is None and each.voided_at is None
    ]
    pieces = {
        "confirm_lending": sum(line.quantity for line in lending.lines.all()),
        "give_back_lent": owed_of(lending).total(),
        "confirm_settlement": sum(sum(each.pieces.values()) for each in back),
    }
    return other.name, (), pieces[flow]
