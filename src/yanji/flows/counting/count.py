"""The way of a count: begun, closed, counted again by somebody else, decided, approved, posted."""

from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor, actor_for
from yanji.access.gates import NotFound
from yanji.access.models import Person
from yanji.ledger.api import Offence, Refused
from yanji.ledger.lifecycle import STORAGE

from .. import approval
from ..acts import Done, verb
from ..approval_kinds import document_kind
from ..documents import reached
from ..gates import place_at
from ..numbers import next_number
from ..reasons import known
from ..states import CountState
from .gate import allow_count, count_for
from .judge import POSTABLE
from .models import AbcClass, Count, CountedItem, CountScan, Variance
from .posting import post_accepted
from .scope import items_for
from .variances import find, results

MOST_DAYS = 3_650
D = Variance.Decision


@verb
def start_count(
    *,
    actor: Actor,
    key: str,
    place_id: int,
    mode: str = Count.Mode.FULL,
    family: str = "",
    abc: str = "",
    item_ids: Sequence[int] = (),
    expiring_days: int | None = None,
    note: str = "",
) -> Done:
    """Begin a count of a place and all below it, narrowed to a family, a class, some items, or what expires soon."""
    place = place_at(actor, place_id, may="count", kinds=STORAGE)
    if mode not in Count.Mode.values or (abc and abc not in AbcClass.values):
        raise NotFound("mode")
    if expiring_days is not None and not 0 <= expiring_days <= MOST_DAYS:
        raise Refused("bad_days", thing=str(expiring_days), most=MOST_DAYS)
    items = items_for(place, family=family, abc=abc, item_ids=item_ids)
    if items is not None and not items:
        raise Refused("nothing_to_count", thing=place.name)
    now = timezone.now()
    count = Count.objects.create(
        number=next_number("IC", path=place.path, at=now),
        place=place,
        mode=mode,
        family=family,
        abc=abc,
        item_ids=items,
        expiring_by=None if expiring_days is None else timezone.localdate() + timedelta(days=expiring_days),
        note=note,
        actor_id=actor.person_id,
        started_at=now,
    )
    return _done(count)


@verb
def close_count(*, actor: Actor, key: str, count_id: int) -> Done:
    """Nothing more is scanned: say what differs. Two closings at once: the second finds it closed.

    ``facts``: variances by kind.
    """
    count = count_for(actor, count_id, may="count", lock=True)
    allow_count(count, "close")
    found = find(count)
    Variance.objects.bulk_create(found)
    count.state, count.closed_at = reached("count", "close", CountState.COUNTED), timezone.now()
    count.save(update_fields=["state", "closed_at"])
    kinds = [each.kind for each in found]
    return _done(count, **{str(kind): kinds.count(kind) for kind in sorted(set(kinds))})


@verb
def decide_variances(
    *,
    actor: Actor,
    key: str,
    count_id: int,
    variance_ids: Sequence[int],
    decision: str,
    reason: str = "",
    note: str = "",
    takes_title: bool = False,
) -> Done:
    """Say of some variances what they are: accepted (to be posted, with a reason), explained (in words, nothing is
    posted), or to be counted again. ``takes_title``: what a supplier owns and is missing becomes the hospital's, and is
    owed for, before it is written off; without it the supplier keeps the title and has to be told.

    Raises :class:`Refused` naming every one that no entry can put right.
    """
    count = count_for(actor, count_id, may="count", lock=True)
    allow_count(count, "decide")
    if decision not in (D.ACCEPT, D.EXPLAIN, D.RECOUNT):
        raise NotFound("decision")
    chosen = list(count.variances.filter(round=count.round, pk__in=variance_ids))
    if len(chosen) < len(set(variance_ids)) or not chosen:
        raise NotFound("variance")
    if decision == D.ACCEPT:
        _acceptable(chosen, reason)
    if decision == D.EXPLAIN and not note.strip():
        raise Refused("explanation_needed", thing=count.number)
    kept = reason if decision == D.ACCEPT else ""
    count.variances.filter(pk__in=[each.pk for each in chosen]).update(
        decision=decision,
        reason=kept,
        note=note.strip(),
        decided_by_id=actor.person_id,
        takes_title=takes_title and decision == D.ACCEPT,
    )
    return _done(count, decided=len(chosen))


def _acceptable(chosen: Sequence[Variance], reason: str) -> None:
    if reason not in known("count_variance"):
        raise Refused("reason_needed")
    never = [Offence("count_not_postable", each.code) for each in chosen if each.kind not in POSTABLE]
    if never:
        raise Refused.of(never)


@verb
def recount(*, actor: Actor, key: str, count_id: int) -> Done:
    """Have the variances counted again, by somebody who has not counted: those marked, or else all not yet decided."""
    count = count_for(actor, count_id, may="count", lock=True)
    allow_count(count, "recount")
    current = count.variances.filter(round=count.round)
    if not current.filter(decision=D.RECOUNT).exists():
        current.filter(decision=D.OPEN).update(decision=D.RECOUNT, decided_by_id=actor.person_id)
    again = current.filter(decision=D.RECOUNT).count()
    if not again:
        raise Refused("nothing_to_recount", thing=count.number)
    count.state, count.round = reached("count", "recount", CountState.RECOUNT), count.round + 1
    count.save(update_fields=["state", "round"])
    return _done(count, variances=again)


@verb
def submit_count(*, actor: Actor, key: str, count_id: int) -> Done:
    """Everything is decided: post it, or wait for who must approve the amount. A posted count is never posted again."""
    count = count_for(actor, count_id, may="count", lock=True)
    allow_count(count, "submit")
    variances = _current(count)
    open_ones = [each for each in variances if each.decision in (D.OPEN, D.RECOUNT)]
    postable = [each for each in open_ones if each.kind in POSTABLE]
    if postable:
        raise Refused("count_undecided", thing=count.number, count=len(postable))
    count.submitted_by_id, count.amount = actor.person_id, amount_of(variances)
    accepted = any(each.decision == D.ACCEPT for each in variances)
    if accepted and approval.ask(
        "count", count.pk, number=count.number, path=count.place.path, amount=count.amount, requester_id=actor.person_id
    ):  # fmt: skip
        count.state = reached("count", "submit", CountState.AWAITING)
        count.save(update_fields=["state", "submitted_by", "amount"])
        return _done(count)
    return _post(count, variances, actor, verb_name="submit")


def amount_of(variances: Sequence[Variance]) -> Decimal:
    """What is at stake: the value of everything that is written off or found again. What only lies elsewhere costs
    nothing."""
    money = (Variance.Kind.MISSING, Variance.Kind.FOUND, Variance.Kind.LOT_SHORT, Variance.Kind.LOT_OVER)
    return sum(
        (each.value for each in variances if each.decision == D.ACCEPT and each.kind in money), Decimal(0)
    )


def _current(count: Count) -> list[Variance]:
    return list(
        count.variances.filter(round=count.round)
        .select_related("book_place", "seen_place", "item")
        .order_by("pk")
    )


def _post(count: Count, variances: list[Variance], actor: Actor, *, verb_name: str) -> Done:
    # Before what is missing leaves the levels: it was looked at too.
    looked_at = results(count, variances)
    events = post_accepted(count, variances, actor=actor)
    # One statement an outcome, however many variances.
    for outcome in sorted({each.outcome for each in variances}):
        of_it = [each.pk for each in variances if each.outcome == outcome]
        Variance.objects.filter(pk__in=of_it).update(outcome=outcome)
    CountedItem.objects.bulk_create(looked_at)
    count.state, count.posted_at = reached("count", verb_name, CountState.POSTED), timezone.now()
    count.save(update_fields=["state", "posted_at", "submitted_by", "amount"])
    outcomes = [each.outcome for each in variances]
    facts = {str(outcome): outcomes.count(outcome) for outcome in sorted(set(outcomes))}
    return Done(count.number, count.pk, count.state, tuple(events), facts)


document_kind("count", gettext_lazy("Stock count"), "storeroom:count_variances")


@approval.took_part("count")
def _counted_by(person_id: int) -> QuerySet[Count]:
    return Count.objects.filter(Exists(CountScan.objects.filter(count_id=OuterRef("pk"), actor_id=person_id)))


@approval.decided("count")
def _decided(count_id: int, approved: bool, _decider: Actor) -> None:
    """The last step was approved: post in the name of who submitted it. Refused: it is to be decided anew."""
    count = (
        Count.objects.select_for_update(of=("self",)).select_related("place", "submitted_by").get(pk=count_id)
    )
    allow_count(count, "approve")
    if approved:
        assert isinstance(count.submitted_by, Person)
        submitter = actor_for(count.submitted_by, today=timezone.localdate())
        _post(count, _current(count), submitter, verb_name="approve")
    else:
        count.state = reached("count", "approve", CountState.COUNTED)
        count.save(update_fields=["state"])


@verb
def cancel_count(*, actor: Actor, key: str, count_id: int, note: str = "") -> Done:
    """End a count without posting anything. What was scanned stays on record."""
    count = count_for(actor, count_id, may="count", lock=True)
    allow_count(count, "cancel")
    approval.withdraw("count", count.pk)
    count.state = reached("count", "cancel", CountState.CANCELLED)
    count.note = note.strip() or count.note
    count.save(update_fields=["state", "note"])
    return _done(count)


def _done(count: Count, **facts: object) -> Done:
    return Done(count.number, count.pk, count.state, facts=facts)


__all__ = [
    "cancel_count", "close_count", "decide_variances", "recount", "start_count", "submit_count",
]  # fmt: skip
