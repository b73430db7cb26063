"""What a case still needs: what lies ready for it, what to take from which shelf, what lies nowhere."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from yanji.places.queries import labels_of

from ..alternatives import localised
from ..models import Case
from ..theatre.account import Account, Taken, accounts_of
from ..theatre.queries import NeedLine, OnShelf, needs_of_each
from .left import NAMED, Left, Todo, todo_with


@dataclass(frozen=True, slots=True)
class _Piece:
    """Pieces that are to be taken from one place, or lie ready there."""

    item_id: int
    item: str
    lot: str
    expiry: date | None
    place_id: int
    serial: str
    pieces: int


def needed(flow: str, kind: str, cases: Sequence[Case]) -> Iterator[Todo]:
    """Of each case what is to be laid out for it, and what is to be used in it. A constant number of statements, whatever number
    of cases there is; what is proposed to one case is proposed to no other."""
    accounts = accounts_of([case.pk for case in cases])
    lines = needs_of_each(cases, accounts)
    places = {
        each.place_id: localised(each.place_name)
        for case in cases
        for each in (*(s for line in lines[case.pk] for s in line.take), *_open(accounts[case.pk]))
    }
    names = labels_of(places)
    for case in cases:
        take = _grouped([_on_shelf(s, line) for line in lines[case.pk] for s in line.take], names)
        take += [
            Left(line.short, line.need.item_id, line.need.item.name, lacking=True)
            for line in lines[case.pk]
            if line.short
        ]
        ready = _grouped(map(_laid_out, _open(accounts[case.pk])), names, laid_out=True)
        wanted = sum(line.need.quantity for line in lines[case.pk])
        yield todo_with("set_out", kind, case, wanted, tuple(take))
        left = (*ready, *take)
        used = _used(lines[case.pk], accounts[case.pk])
        yield todo_with("use", kind, case, used + sum(each.pieces for each in left), left)


def _open(account: Account) -> list[Taken]:
    return [each for each in account.things if each.open]


def _used(lines: Sequence[NeedLine], account: Account) -> int:
    """Pieces of what the case needs that are in the patient, or gone: no more of an item than it needs. Pure."""
    gone = {each.item_id: 0 for each in account.things}
    for each in account.things:
        gone[each.item_id] += each.pieces.get("used", 0) + each.pieces.get("wasted", 0)
    used = 0
    for line in lines:
        for item in line.items:
            part = min(gone.get(item.pk, 0), line.need.quantity)
            used += part
            gone[item.pk] = gone.get(item.pk, 0) - part
    return used


def _on_shelf(shelf: OnShelf, line: NeedLine) -> _Piece:
    item = next(each for each in line.items if each.pk == shelf.item_id)
    return _Piece(item.pk, item.name, shelf.lot, shelf.expiry, shelf.place_id, shelf.serial, shelf.pieces)


def _laid_out(taken: Taken) -> _Piece:
    name = localised(taken.item_name)
    return _Piece(taken.item_id, name, taken.lot, taken.expiry, taken.place_id, taken.serial, taken.open)


def _grouped(pieces: Iterable[_Piece], names: Mapping[int, str], *, laid_out: bool = False) -> list[Left]:
    """One line for each lot on a shelf, in the order given; serial numbers of a few. Pure."""
    found: dict[tuple[int, str, date | None, int], list[_Piece]] = {}
    for each in pieces:
        found.setdefault((each.item_id, each.lot, each.expiry, each.place_id), []).append(each)
    return [
        Left(
            pieces=sum(each.pieces for each in several), item_id=item_id, item=several[0].item, lot=lot, expiry=expiry,
            serials=tuple([each.serial for each in several if each.serial][:NAMED]), place=names[place_id],
            laid_out=laid_out,
        )
        for (item_id, lot, expiry, place_id), several in found.items()
    ]  # fmt: skip
