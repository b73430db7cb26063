"""What is in the patient already is recorded, whatever speaks against it: with a paper that says what did, put before those
who approve emergency uses."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from decimal import Decimal

from yanji.access.actor import Actor
from yanji.ledger.api import Draft, Offence, Posted, passed_over
from yanji.ledger.models import Event
from yanji.places.models import Place

from ..approval import ask, withdraw
from ..documents import reached
from ..hold import as_rejected
from ..models import Case
from ..numbers import next_number
from ..paper_words import kept, told
from ..reasons import check_reason
from ..states import EmergencyState
from ..things import lot_numbers
from ..validity import CODES, MISSING
from .accepted_by_use import REJECTED, not_accepted_after_all, undo
from .models import EmergencyUse

KIND = "emergency_use"
# What is said of a thing that nobody may use; a thing that is elsewhere, used already or not sterile is another matter.
AGAINST = frozenset(
    {
        "expired",
        "recalled",
        "lot_recalled",
        "on_hold",
        "rejected_not_used",
        *CODES.values(),
        *MISSING.values(),
    }
)

# The same of what is in the patient already: what it is, without the advice to take another one.
STATED = {
    code: f"{code}_stated" for code in ("expired", "recalled", "lot_recalled", "on_hold", "rejected_not_used")
}
RECORDED = "recorded_despite"

# The order behind such a paper may be paid.
PAYABLE = (EmergencyState.APPROVED, EmergencyState.ACCEPTED)


def owned_up(
    draft: Draft, reason: str, lapsed: Sequence[Offence], *, actor: Actor, place: Place
) -> tuple[Draft, tuple[Offence, ...]]:
    """The draft of a use with the number of its paper, and what speaks against it, ``lapsed`` papers of the things among it; as
    it is where nothing does.

    What comes up between this look and the use is not excused by a number that was not drawn: it is refused. With a number
    it is passed over, and the ledger tells of it. Raises :class:`Refused` for a reason that cannot be chosen, and for whatever
    no paper excuses. Three statements.
    """
    check_reason("emergency", reason)
    seen = passed_over(_with_paper(draft, "to be drawn", reason), actor=actor)
    against = (*as_rejected(seen, [line.thing for line in draft.lines]), *lapsed)
    if not against:
        return draft, ()
    number = next_number("EU", path=place.path, at=draft.happened_at)
    return _with_paper(draft, number, reason), against


def _with_paper(draft: Draft, number: str, reason: str) -> Draft:
    return replace(draft, documents={**draft.documents, "despite": number}, reason=reason)


def keep_despite(
    case: Case,
    posted: Posted,
    draft: Draft,
    seen: Sequence[Offence],
    lapsed: Sequence[Offence],
    *,
    amount: Decimal,
    actor: Actor,
) -> EmergencyUse:
    """The paper of a use that nobody may have made, put before those who approve. A few statements.

    It says what spoke against the use when it was written; ``seen``, what did when its number was drawn, only where all of
    that was settled in between.
    """
    rejected = {each.thing: each for each in seen if each.code == REJECTED}
    over = [each for each in posted.passed_over if each.code != "on_hold" or each.thing not in rejected]
    said = [kept(each) for each in _named((*over, *rejected.values(), *lapsed) or seen)]
    emergency = EmergencyUse.objects.create(
        number=draft.documents["despite"], case=case, use_event_id=posted.event_id, reason=draft.reason, amount=amount,
        against=said, actor_id=actor.person_id, at=draft.happened_at,
    )  # fmt: skip
    ask_afterwards(emergency, case.department)
    return emergency


def _named(offences: Sequence[Offence]) -> list[Offence]:
    """The offences, with pieces of lots by the lots' numbers, as any reader knows them. One statement where there are any."""
    numbers = lot_numbers(each.thing for each in offences)
    return [
        replace(each, facts={"thing": numbers[each.thing], **each.facts}) if each.thing in numbers else each
        for each in offences
    ]


def objections(emergency: EmergencyUse) -> list[str]:
    """What spoke against a use, as sentences in the reader's language."""
    return [stated(told(**each)).sentence() for each in emergency.against]


def stated(offence: Offence) -> Offence:
    """What speaks against a thing that nobody can put aside any more. Pure."""
    return replace(offence, code=STATED.get(offence.code, offence.code))


def foreseen(offences: Sequence[Offence]) -> tuple[Offence, ...]:
    """What a scan says of a thing that is to be recorded all the same: what speaks against it, and that it is. Pure."""
    if not AGAINST & {offence.code for offence in offences}:
        return tuple(offences)
    return (*(stated(offence) for offence in offences), Offence(RECORDED))


def paper_taken_back(event: Event) -> Callable[[str], None] | None:
    """What becomes of the paper of a use that is taken back: nobody is asked any more what to say of it.

    What was decided of an order stands, for the goods and their order do; what nobody decided keeps its payment held until the
    goods go back or somebody accepts the order for a reason. One statement; two more where there is a paper.
    """
    paper = EmergencyUse.objects.select_for_update().filter(use_event=event.pk).first()
    if paper is None or (paper.order_id and paper.state in PAYABLE):
        return None

    settled = not_accepted_after_all(paper)

    def finish(_correcting: str) -> None:
        undo(paper, settled)
        withdraw(KIND, paper.pk)
        paper.state = reached(KIND, "take_back", EmergencyState.VOIDED)
        paper.save(update_fields=["state"])

    return finish


def ask_afterwards(emergency: EmergencyUse, place: Place) -> None:
    """Put a paper that was just made before those who approve such papers at this place."""
    ask(
        KIND, emergency.pk, number=emergency.number, path=place.path, amount=emergency.amount,
        requester_id=emergency.actor_id, born=True,
    )  # fmt: skip
