"""A recall is over: its lot is as any other, and what was marked of it is on hold until somebody has looked at it."""

from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import MAX_LINES, Draft, Raced, Refused, Status, Step, post, virtual_places
from yanji.ledger.models import Lot

from .acts import Done, verb
from .aside import documents_of, locked, serve
from .disposal.models import DisposalLine
from .documents import reached
from .held import lying_anywhere
from .hold import pieces
from .models_recall import LotRecall
from .on_the_way import by_claim, going, on_its_way
from .reasons import check_reason
from .recall_reach import against_end
from .recalled import in_force, tell_the_ledger
from .sendback.models import SupplierReturnLine
from .things import Thing, lines

MARKED = (Status.RECALLED.value,)


def draft_end(
    things: Sequence[Thing], *, key: str, at: datetime, papers: dict[str, str], reason: str, note: str
) -> Draft:
    """What was marked as recalled is on hold, where it lies. Pure."""
    return Draft(
        step=Step.END_RECALL, key=key, happened_at=at, lines=lines(things),
        documents={kind: number for kind, number in papers.items() if number}, reason=reason, note=note,
    )  # fmt: skip


@verb
def end_recall(*, actor: Actor, key: str, lot_id: int, reason: str, note: str = "") -> Done:
    """End the recalls of a lot for a reason of the group ``recall_end``: what comes of it from now on is as any other lot's.

    What is marked as recalled, on its way too, is on hold from now on, and released one by one as what is on hold anyway.
    ``facts``: the notices ended, and ``count``, how many pieces were marked.

    Raises :class:`Refused` for whoever may not hold where something of it lies or was recalled, see
    :func:`.recall_reach.against_end`, and where the lot is not recalled.
    """
    if not actor.may("hold"):
        raise NotFound("hold")
    check_reason("recall_end", reason)
    lot = Lot.objects.filter(pk=lot_id).first()
    if lot is None:
        raise NotFound("lot")
    recalls = list(in_force().filter(lot=lot).select_related("actor").select_for_update(of=("self",)))
    if offence := against_end(actor, lot.pk, recalls):
        # What lots there are elsewhere is no business of who may not end a recall; which are recalled, everybody is told.
        raise Refused.of([offence]) if recalls else NotFound("lot")
    at, note = timezone.now(), note.strip()
    papers = {"recall": lot.recall}
    events, count = _to_hold(lot.pk, actor=actor, key=key, at=at, papers=papers, reason=reason, note=note)
    # Something may be marked though no recall is in force: the entry that said so is taken back, or it landed just then.
    if not recalls and not events:
        raise Refused("lot_not_recalled", thing=lot.number)
    for each in recalls:
        each.ended_at, each.ended_by_id, each.end_reason, each.end_note = at, actor.person_id, reason, note
        reached("lot_recall", "end", each.state)
    LotRecall.objects.bulk_update(recalls, ["ended_at", "ended_by", "end_reason", "end_note"])
    tell_the_ledger([lot.pk])
    facts = {"notices": [each.notice for each in recalls], "count": count}
    return Done(lot.number, lot.pk, "ended", tuple(events), facts)


def _to_hold(
    lot_id: int, *, actor: Actor, key: str, at: datetime, papers: dict[str, str], reason: str, note: str
) -> tuple[list[str], int]:
    """What is marked of a lot is put on hold: one entry where it lies, and one for each document that it is on its way for.
    The entries, and how many pieces. A constant number of statements and a few for each entry."""
    sent = going((), [(lot_id, "/")], statuses=MARKED)
    # The documents first, then the things: the order in which every flow locks.
    losing = locked(by_claim(sent))
    if losing and going((), [(lot_id, "/")], statuses=MARKED) != sent:
        raise Raced
    transit, away = virtual_places().transit, {each.thing for each in sent}
    here = [
        thing
        for thing in lying_anywhere(lot_id, MARKED)
        if (thing not in away if isinstance(thing, str) else thing.from_place_id != transit)
    ]
    said = {"at": at, "reason": reason, "note": note}
    events = []
    for start in range(0, len(here), MAX_LINES):
        part = here[start : start + MAX_LINES]
        draft = draft_end(part, key=f"{key}:{start}", papers=papers, **said)
        events.append(post(draft, actor=actor).event_id)
    for claim, group in by_claim(sent).items():
        document = documents_of(claim, losing[claim])
        draft = draft_end(group, key=":".join([key, *document.values()]), papers=papers | document, **said)
        events.append(post(draft, actor=on_its_way(actor)).event_id)
        serve(losing[claim], events[-1])
    _named_so(lot_id)
    return events, pieces([*here, *away])


def _named_so(lot_id: int) -> None:
    """Papers that wait to destroy counted pieces of a lot, or to send them back, name them as on hold by now. Two statements."""
    counted = {"lot_id": lot_id, "unit__isnull": True, "status": Status.RECALLED}
    waiting = (
        DisposalLine.objects.filter(disposal__done_at__isnull=True),
        SupplierReturnLine.objects.filter(supplier_return__sent_at__isnull=True),
    )
    for named in waiting:
        named.filter(**counted).update(status=Status.QUARANTINED)
