"""A vial is opened, a part of it is used, the rest is thrown away: by scanning alone."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from yanji.access.actor import Actor
from yanji.ledger.api import Offence, Refused, Step
from yanji.ledger.models import Event

from ..acts import Done
from ..consign.sterile import check_sterile
from ..documents import allow
from ..gates import case_for
from ..opened.models import OpenedPiece, Opening
from ..opened.piece import against_part, discard, open_piece, opened_pieces, piece_for, take
from ..packing.contents import Contents
from ..preview import judge_all
from ..queries import within
from ..scanning import Meaning
from ..states import OpenedState
from ..things import Thing
from .about import About
from .sights import Handful, Sight
from .sources import SLACK, lots_taken
from .way import Ask, Told, Way

MOST_LISTED = 40  # as of other papers; whoever has more scans the label


def vial_named(piece: OpenedPiece) -> str:
    """Pure."""
    return f"{piece.lot.item.name} · {left_of(piece)}"


def left_of(piece: OpenedPiece) -> str:
    """Pure."""
    return f"{piece.left.normalize():f} {piece.measure}"


def opened_here(_flow: str, actor: Actor) -> list[OpenedPiece]:
    """What is open where the actor uses things, that which ends first before the others. One statement."""
    return list(_used_here(opened_pieces(actor), actor)[:MOST_LISTED])


def _used_here(pieces: QuerySet[OpenedPiece], actor: Actor) -> QuerySet[OpenedPiece]:
    return pieces.filter(within("place", actor.scopes.get("use", ())))


def told_of_opened(_flow: str, piece: OpenedPiece) -> tuple[str, tuple[str, ...], int]:
    """Pure."""
    return vial_named(piece), (), 0


def open_of_lots(sights: Sequence[Sight], actor: Actor, at: datetime) -> dict[str, tuple[str, int]]:
    """Label of a lot -> the piece of it that was open where the actor uses things when it was scanned, of which there was one
    alone: its own label stands on it. What became of it since, or was opened since, makes it no other. One statement, none
    without lots."""
    lots = {s.text: s.meaning.lot_id for s in sights if s.meaning.kind == "lot" and s.meaning.lot_id}
    found: dict[int, set[int]] = {}
    for piece in _open_then(set(lots.values()), actor, at):
        found.setdefault(piece.lot_id, set()).add(piece.pk)
    alone = {lot: min(keys) for lot, keys in found.items() if len(keys) == 1}
    return {text: ("opened_id", alone[lot]) for text, lot in lots.items() if lot in alone}


def _open(lots: set[int], actor: Actor) -> list[OpenedPiece]:
    if not lots:
        return []
    return list(_used_here(opened_pieces(actor).filter(lot__in=lots), actor))


def _open_then(lots: set[int], actor: Actor, at: datetime) -> list[OpenedPiece]:
    """Those that were opened by then and not closed before."""
    if not lots:
        return []
    seen = OpenedPiece.objects.filter(within("place", actor.scopes.get("view", ())), lot__in=lots)
    later = Event.objects.filter(happened_at__gt=at).values("pk")
    still = Q(state=OpenedState.OPEN) | Q(closed_event__in=later)
    return list(_used_here(seen.filter(still, opened_at__lte=at + SLACK), actor))


def _open_piece(told: Told, actor: Actor) -> Done:
    """One piece of the lot that was scanned, from where it lies. Raises :class:`Refused` as :func:`.lots.taken` does."""
    found = lots_taken(told.flow, told.about, None, told.things, actor)
    if found.offences:
        raise Refused.of(found.offences)
    if len(found.things) != 1:
        raise Refused("scan_things")
    [piece] = found.things
    assert piece.from_place_id is not None
    return open_piece(
        actor=actor, key=told.key, place_id=piece.from_place_id, lot_id=piece.lot_id, owner_id=piece.owner_id,
        happened_at=told.at,
    )  # fmt: skip


def _opens(about: About, _meanings: Sequence[Meaning], actor: Actor) -> Ask:
    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        items = {each.item.pk for each in given if each.item}
        holds = set(Opening.objects.filter(item__in=items).values_list("item_id", flat=True))
        spots = lots_taken("open_piece", about, None, given, actor).things
        found = judge_all(
            given, actor=actor, step=Step.OPEN, against=_unsterile,
            from_place_id=spots[0].from_place_id if spots else about.from_place_id,
        )  # fmt: skip
        return [_unless_opened(each, holds) for each in found]

    return ask


def _unsterile(things: Sequence[Thing], _boxes: Sequence[Contents]) -> Sequence[Offence]:
    try:
        check_sterile(things)
    except Refused as refused:
        return refused.offences
    return ()


def _unless_opened(meaning: Meaning, holds: set[int]) -> Meaning:
    """Only of an item of which somebody has said what a piece holds is a piece opened. Pure."""
    if meaning.item is None or meaning.item.pk in holds or meaning.offences:
        return meaning
    return replace(meaning, offences=(Offence("not_opened", meaning.item.name),), ways_out=())


def _take(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.opened_id is not None
    case = case_for(actor, about.case_id, may="use").number if about.case_id else ""
    return take(
        actor=actor, key=told.key, piece_id=about.opened_id, amount=Decimal(about.amount), case_number=case,
        happened_at=told.at,
    )  # fmt: skip


def _what_is_left(done: Done) -> str:
    """How much was taken and what is left of it: who takes from a vial writes both on its label."""
    facts = done.facts
    if "taken" not in facts:  # done before answers said it
        return ""
    said = {name: f"{facts[name]} {facts['measure']}" for name in ("taken", "left")}
    return gettext("Taken: {taken}; left: {left}").format(**said)


def _against_taking(found: Handful, actor: Actor) -> Iterator[Offence]:
    about = found.about
    if about.opened_id is None:
        return
    piece = piece_for(actor, about.opened_id, may="use")
    if closed := _closed(piece, "take"):
        yield from closed
    elif not about.amount:
        yield Offence("scan_amount", piece.number, {"left": left_of(piece)})
    else:
        yield from against_part(piece, Decimal(about.amount), found.at)


def _discard(told: Told, actor: Actor) -> Done:
    about = told.about
    assert about.opened_id is not None
    return discard(
        actor=actor, key=told.key, piece_id=about.opened_id, reason=about.reason, happened_at=told.at
    )


def _against_discarding(found: Handful, actor: Actor) -> Sequence[Offence]:
    about = found.about
    return _closed(piece_for(actor, about.opened_id, may="use"), "discard") if about.opened_id else ()


def _closed(piece: OpenedPiece, act: str) -> Sequence[Offence]:
    """That nothing can be taken of it any more. Pure."""
    try:
        allow("opened", act, number=piece.number, state=piece.state, label=piece.get_state_display())
    except Refused as refused:
        return refused.offences
    return ()


def _no_things(_about: About, _meanings: Sequence[Meaning], actor: Actor) -> Ask:
    """A piece is named by its number, or by its label where one alone of its lot is open; whatever else is scanned is none."""

    def ask(given: Sequence[Meaning]) -> list[Meaning]:
        numbers: dict[int, list[str]] = {}
        for piece in _open({each.lot_id for each in given if each.lot_id}, actor):
            numbers.setdefault(piece.lot_id, []).append(piece.number)
        return [_which(each, numbers.get(each.lot_id or 0, [])) for each in given]

    return ask


def _which(meaning: Meaning, numbers: Sequence[str]) -> Meaning:
    if numbers:
        said = Offence("which_opened", meaning.lot, {"numbers": ", ".join(numbers)})
    elif meaning.lot_id:
        said = Offence("none_opened", meaning.lot)
    else:
        said = Offence("scan_not_for_this", meaning.scan.strip()[:80])
    return replace(meaning, offences=meaning.offences or (said,), ways_out=())


OPENED: Mapping[str, Way] = {
    "open_piece": Way("use", _open_piece, (open_piece,), single=True, ask=_opens),
    "take": Way(
        "use",
        _take,
        (take,),
        documents=("opened",),
        takes_all=True,
        also=("case",),
        measures=True,
        ask=_no_things,
        against=_against_taking,
        says=_what_is_left,
    ),
    "discard": Way(
        "use",
        _discard,
        (discard,),
        documents=("opened",),
        takes_all=True,
        reasons="waste",
        ask=_no_things,
        against=_against_discarding,
    ),
}
