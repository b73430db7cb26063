"""The store says what became of a difference, and the ledger says it as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.access.operations import Operation
from yanji.ledger.api import LIFECYCLE, Draft, Refused, Step, post, virtual_places
from yanji.ledger.models import Unit
from yanji.places.models import Place

from ..acts import Done, moment, verb
from ..consign.title import moved, pass_title
from ..documents import allow, reached
from ..fit import unfit
from ..gates import issue_for
from ..issue import count_taken_in
from ..issue_owners import owners_of
from ..models import Issue, Requisition
from ..packing.lacking import Gone, handed_kits, lacking
from ..pick import count_lines
from ..reasons import check_reason
from ..recalled import recall_landed
from ..states import DifferenceState
from ..things import Thing, lines
from .models import IssueDifference
from .report import also, counted

Kind, Outcome = IssueDifference.Kind, IssueDifference.Outcome


@dataclass(frozen=True, slots=True)
class Way:
    """How a difference of one kind comes to one outcome. ``steps``: the ledger's, with the operation that each asks for;
    ``to``: where the first of them leads. ``gone``: it will not reach the department any more; ``reason``, ``note``: one must
    be given."""

    steps: tuple[tuple[Step, Operation], ...] = ()
    to: str = ""
    gone: bool = False
    reason: bool = False
    note: bool = False


BACK_IN_STORE = (Step.ARRIVE, Operation.TRANSFER)
WAYS: dict[tuple[str, str], Way] = {
    (Kind.MISSING, Outcome.FOUND): Way(((Step.TAKE_IN, Operation.TAKE_IN),), "department"),
    (Kind.MISSING, Outcome.BACK): Way((BACK_IN_STORE,), "store", gone=True),
    (Kind.MISSING, Outcome.HELD): Way(
        (BACK_IN_STORE, (Step.HOLD, Operation.HOLD)), "store", gone=True, reason=True
    ),
    (Kind.MISSING, Outcome.LOST): Way(
        ((Step.LOST_ON_WAY, Operation.TRANSFER),), "lost", gone=True, reason=True
    ),
    # It lies on hold since it was taken in: that is confirmed, and nothing moves.
    (Kind.DAMAGED, Outcome.HELD): Way(),
    (Kind.DAMAGED, Outcome.FOUND): Way(((Step.RELEASE, Operation.HOLD),), note=True),
    (Kind.DAMAGED, Outcome.BACK): Way(((Step.MOVE, Operation.STORE),), "store"),
    # Nothing of it was handed over, so the ledger has nothing to take back: words say what was done.
    (Kind.UNEXPECTED, Outcome.BACK): Way(note=True),
    (Kind.UNEXPECTED, Outcome.KEPT): Way(note=True),
}
GONE = [outcome for (kind, outcome), way in WAYS.items() if kind == Kind.MISSING and way.gone]


def outcomes(kind: str) -> list[Outcome]:
    """What may become of a difference of this kind, in the order in which it is offered."""
    return [Outcome(outcome) for of, outcome in WAYS if of == kind]


def into_store(kind: str, outcome: str = "") -> bool:
    """Whether a difference of this kind may come back to a shelf of the store by an outcome; by any of its outcomes, if none is
    named."""
    ways = [way for (of, to), way in WAYS.items() if of == kind and outcome in ("", to)]
    return any(way.to == "store" for way in ways)


def drafts(
    difference: IssueDifference, way: Way, place: Place, *, key: str, at: datetime, reason: str, note: str
) -> list[tuple[Draft, Operation]]:
    """The entries that say what became of it, in their order, each with the operation it asks for. Pure but for the place
    of what is lost, and for what is in doubt already."""
    issue, lost = difference.issue, virtual_places().lost
    to = {"": None, "lost": lost}.get(way.to, place.pk)
    found = []
    for number, (step, operation) in enumerate(_steps(difference, way)):
        draft = Draft(
            step=step,
            key=f"{key}:{step}",
            happened_at=at,
            lines=lines([_thing(difference, step, place)], None if number else to),
            documents={"requisition": issue.requisition.number, "issue": issue.number},
            reason="inspected" if step is Step.RELEASE else reason or difference.reason,
            note=note,
            read_point_id=None if to == lost else place.pk,
        )
        found.append((draft, operation))
    return found


def _steps(difference: IssueDifference, way: Way) -> list[tuple[Step, Operation]]:
    """The steps that are left to take. What was put in doubt on its way lands so: it is not held once more, and whoever put it
    in doubt releases it, not this."""
    units = Unit.objects.filter(epc=difference.thing, status__in=LIFECYCLE[Step.ARRIVE].keeps)
    in_doubt = units.exists() if difference.is_unit else bool(_doubt(difference))
    if difference.held_event_id or not in_doubt:
        return list(way.steps)
    return [each for each in way.steps if each[0] not in (Step.HOLD, Step.RELEASE)]


def _doubt(difference: IssueDifference) -> str:
    """The status of pieces that were put in doubt on their way, and are missing; empty where they were not."""
    if difference.kind != Kind.MISSING:
        return ""
    line = difference.issue.lines.filter(lot=difference.lot_id).first()
    return line.doubt if line else ""


def _thing(difference: IssueDifference, step: Step, place: Place) -> Thing:
    """The thing where it lies before a step: on the way, where it was taken in, or (for the hold) in the store."""
    if difference.is_unit:
        return difference.thing
    assert difference.lot_id is not None, "pieces are pieces of a lot"
    owner = owners_of(difference.issue).get(difference.lot_id)

    def lying(place_id: int, status: str) -> Thing:
        assert difference.lot_id is not None, "pieces are pieces of a lot"
        return counted(difference.lot_id, difference.pieces, place_id, status, owner_id=owner)

    if step is Step.HOLD:
        return lying(place.pk, "available")
    if difference.kind == Kind.MISSING:
        # What other documents have on its way lies at the same place, and some of it may be on hold.
        return lying(virtual_places().transit, _doubt(difference) or "in_transit")
    assert difference.place_id is not None, "what is damaged was taken in somewhere"
    return lying(difference.place_id, "quarantined")


@verb
def settle_difference(
    *,
    actor: Actor,
    key: str,
    difference_id: int,
    outcome: str,
    reason: str = "",
    note: str = "",
    to_place_id: int | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Say what became of a difference: found, on hold, back in the store (``to_place_id``: where in it), or lost.

    What will not reach the department any more is open to pick again in its requisition. Raises :class:`Refused`: settled
    already, an outcome that this kind cannot have, no reason or no words where one is needed, what may not be released (see
    :func:`..fit.unfit`), and what the ledger refuses.
    """
    difference, requisition = _difference(actor, difference_id)
    issue, label = difference.issue, difference.get_state_display()
    allow("issue_difference", "settle", number=issue.number, state=difference.state, label=label)
    way = WAYS.get((difference.kind, outcome))
    if way is None:
        raise Refused("bad_outcome", thing=difference.get_kind_display())
    check_reason("transfer_difference", reason, optional=not way.reason)
    if way.note and not note.strip():
        raise Refused("explanation_needed")
    if any(step is Step.RELEASE for step, _operation in _steps(difference, way)):
        _demand_fit(difference)
    at, place = moment(happened_at), _place(issue, way, to_place_id)
    events = tuple(
        post(draft, actor=also(actor, operation, place.path, issue.department.path)).event_id
        for draft, operation in drafts(difference, way, place, key=key, at=at, reason=reason, note=note)
    )
    if difference.kind == Kind.MISSING and outcome in (Outcome.FOUND, Outcome.BACK):
        events += tuple(recall_landed(events, actor=actor, key=key, at=at))
    if way.to == "lost":
        # What a supplier owned is the hospital's loss: it is owed under the agreement of the store.
        pass_title(events[0], moved(events[0]), actor=actor, place=issue.store, at=at)
    if way.gone or way.to == "department":
        recount(difference, requisition, 1, gone=way.gone, verb="settle")
    difference.outcome, difference.note = outcome, note
    difference.reason = reason or difference.reason
    difference.event_id = events[0] if events else None
    difference.settled_at, difference.settled_by_id = at, actor.person_id
    difference.state = reached("issue_difference", "settle", DifferenceState.SETTLED)
    difference.save()
    return Done(issue.number, difference.pk, difference.state, events, {"issue_state": issue.state})


def _difference(actor: Actor, difference_id: int) -> tuple[IssueDifference, Requisition]:
    """A difference is settled at the store that handed over. Locked in the order of every flow: the requisition, its issue,
    what belongs to that."""
    seen = IssueDifference.objects.filter(pk=difference_id).values_list("issue_id", flat=True).first()
    if seen is None:
        raise NotFound("difference")
    asked = issue_for(actor, seen, may="issue").requisition_id
    requisition = Requisition.objects.select_for_update().get(pk=asked)
    issue = issue_for(actor, seen, may="issue", lock=True)
    difference = IssueDifference.objects.select_for_update().get(pk=difference_id)
    difference.issue = issue
    return difference, requisition


def _demand_fit(difference: IssueDifference) -> None:
    assert difference.place is not None, "what is damaged was taken in somewhere"
    if offences := unfit([_thing(difference, Step.RELEASE, difference.place)]):
        raise Refused.of(offences)


def _place(issue: Issue, way: Way, to_place_id: int | None) -> Place:
    """Where it goes: the store or the department itself, or the place named in it."""
    base = issue.store if way.to == "store" else issue.department
    if to_place_id is None or not way.to:
        return base
    place = Place.objects.filter(pk=to_place_id, path__startswith=base.path, active=True).first()
    if place is None:
        raise NotFound("place")
    return place


def recount(
    difference: IssueDifference, requisition: Requisition, sign: int, *, gone: bool, verb: str
) -> None:
    """Count a missing thing as taken in, or as gone (``sign`` -1: no longer); what is gone may be picked again."""
    issue = difference.issue
    waiting = {line.lot_id: line for line in issue.lines.select_related("lot")}
    line = waiting[difference.lot_id or 0]
    column = "gone" if gone else "taken_in"
    setattr(line, column, getattr(line, column) + sign * difference.pieces)
    count_taken_in(issue, waiting, verb)
    if gone:
        wanted = {each.item_id: each for each in requisition.lines.all()}
        handed = {lot: line.quantity for lot, line in waiting.items()}
        pieces = {item: -sign * count for item, count in _open_again(difference, handed).items()}
        count_lines(requisition, wanted, picked=pieces, issued=pieces, verb="take_back")


def _open_again(difference: IssueDifference, handed: Mapping[int, int]) -> dict[int, int]:
    """Pieces by item that are open to pick again because this difference is gone, beside all that is gone without it: a kit
    counts once, by whichever of its things. Two statements."""
    settled = difference.issue.differences.filter(
        kind=Kind.MISSING, state=DifferenceState.SETTLED, outcome__in=GONE
    )
    found = list(settled.select_related("lot").order_by("settled_at", "pk"))
    others = [each for each in found if each.pk != difference.pk]
    together = found if len(others) < len(found) else [*found, difference]
    kits = handed_kits(difference.issue.event_id)
    with_it, without = (lacking([_gone(each) for each in some], kits, handed) for some in (together, others))
    return {item: with_it[item] - without[item] for item in with_it.keys() | without.keys()}


def _gone(difference: IssueDifference) -> Gone:
    lot = difference.lot
    assert lot is not None, "what is missing is of a lot"
    return Gone(lot.item_id, lot.pk, difference.thing if difference.is_unit else "", difference.pieces)
