"""A wrong entry is taken back, and the document that it belonged to is open again for what it had counted."""

from collections import Counter
from collections.abc import Callable, Sequence
from uuid import UUID

from django.db.models import Q, Sum
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.ledger.api import Refused, Step, correct
from yanji.ledger.models import Event, Movement

from .acts import Done, verb
from .awaited import await_again
from .buying.requests import give_back
from .cabinets.settle import case_taken_back
from .consign.loans import handing_back_taken_back, title_taken_back
from .consign.models import ConsignmentReceipt
from .consign.reopening import sending_taken_back
from .consign.sheets import receipt_at
from .consign.voiding import consigned_taken_back, void_consigned_receipt
from .counting.undo import count_taken_back
from .differing.correction import close_missing, reopen_difference
from .disposal.correction import keep_aside, reopen_disposal
from .documents import allow, reached
from .gates import receipt_for
from .invoices.queries import paid_doubt, released_for
from .issue import count_taken_in
from .lending.undo import reopen_lending
from .models import Issue, Receipt, Requisition, RequisitionEvent
from .models_recall import LotRecall
from .on_the_way import unmark_handed
from .opened.undo import piece_taken_back
from .packing.picked import taken_back, undo
from .pick import count_lines
from .reasons import check_reason
from .recalled import recall_landed, tell_the_ledger
from .received import order_state, write_received
from .sendback.correction import reopen_return
from .states import IssueState
from .theatre.after import explant_taken_back, taking_back
from .theatre.explanted import handover_taken_back
from .transfer.correction import reopen_transfer
from .transfer.given_up import check_taking_back


@verb
def take_back(*, actor: Actor, key: str, event_id: str, reason: str, note: str = "") -> Done:
    """Take back one entry. Raises :class:`Refused`: see ``ledger.correct``; a receipt with a verdict is
    taken back whole."""
    event = _event(event_id)
    check_reason("correct", reason)
    if event.step == Step.RECEIVE and _has_verdict(event):
        raise Refused("verdict_first")
    if event.step == Step.END_RECALL:
        raise Refused("recall_end_stays")
    if event.step == Step.LOST_ON_WAY:
        check_taking_back(actor, event)
    return Done(events=(_take_back(event, actor=actor, key=key, reason=reason, note=note),))


def _has_verdict(event: Event) -> bool:
    """Whether a delivery, of the hospital's or of a supplier's own goods, was accepted: its verdict goes first."""
    of = {"received_event": event.pk, "accepted_event__isnull": False}
    if Receipt.objects.filter(**of).exists():
        return True
    consigned = ConsignmentReceipt.objects.filter(**of).values_list("accepted_event", flat=True).first()
    return consigned is not None and not Event.objects.filter(corrects_id=consigned).exists()


@verb
def void_receipt(*, actor: Actor, key: str, receipt_id: int, reason: str) -> Done:
    """Take back a whole delivery: its verdicts first, then its arrival."""
    receipt = receipt_for(actor, receipt_id, may="correct", lock=True)
    _stands("receipt", receipt)
    check_reason("correct", reason)
    verdicts = (receipt.accepted_event, *receipt.rejected_events, *receipt.held_events)
    done = _take_all_back((*verdicts, receipt.received_event), actor=actor, key=key, reason=reason)
    return Done(receipt.number, receipt.pk, "voided", done)


@verb
def void_consigned(*, actor: Actor, key: str, receipt_id: int, reason: str) -> Done:
    """Take back a whole delivery of a supplier's own goods, as :func:`void_receipt` does.

    Raises :class:`Refused` naming every unit that was used, or has moved on since; and where its loan set is in its theatre.
    """
    receipt = receipt_at(actor, receipt_id, may="correct", lock=True)
    _stands("consignment_receipt", receipt)
    check_reason("correct", reason)
    events = (receipt.accepted_event_id, *receipt.rejected_events, receipt.received_event_id)
    done = _take_all_back(events, actor=actor, key=key, reason=reason)
    if not done:  # each entry was taken back alone, before the receipt had a word for it
        void_consigned_receipt(receipt)
    return Done(receipt.number, receipt.pk, "voided", done)


def _stands(kind: str, receipt: Receipt | ConsignmentReceipt) -> None:
    allow(kind, "take_back", number=receipt.number, state=receipt.state, label=str(receipt.state.label))


def _take_all_back(events: Sequence[object], *, actor: Actor, key: str, reason: str) -> tuple[str, ...]:
    """The entries one after the other, but for those that were taken back before."""
    return tuple(
        _take_back(_event(str(event)), actor=actor, key=f"{key}:{number}", reason=reason)
        for number, event in enumerate(filter(None, events))
        if not Event.objects.filter(corrects_id=UUID(str(event))).exists()
    )


def _event(event_id: str) -> Event:
    try:
        event = Event.objects.filter(pk=UUID(event_id)).first()
    except ValueError:
        event = None
    if event is None:
        raise Refused("unknown_event")
    return event


def _take_back(event: Event, *, actor: Actor, key: str, reason: str, note: str = "") -> str:
    # The document first, then the units: the order in which every flow locks.
    uncount, uncredit = count_taken_back(event), case_taken_back(event)
    reopen = REOPEN.get(event.step)
    finish = reopen(event) if reopen else None
    correcting = correct(str(event.pk), key=key, reason=reason, note=note, actor=actor).event_id
    if finish:
        finish(correcting)
    for finish_as_well in filter(None, (uncount, uncredit)):
        finish_as_well(correcting)
    if event.step == Step.HOLD:  # a lot that was all on hold was recalled as it lay
        recall_landed([correcting], actor=actor, key=key, at=timezone.now())
    return correcting


Finish = Callable[[str], None]
PUT_ASIDE = (Step.HOLD, Step.RECALL, Step.EXPIRE)


def _pieces(event: Event, of: str) -> Counter[int]:
    rows = Movement.objects.filter(event=event).values_list(of).annotate(Sum("quantity")).order_by()
    return Counter({key: int(pieces) for key, pieces in rows})


def _verdict(event: Event) -> Finish | None:
    column = {
        Step.ACCEPT: Q(accepted_event=event.pk),
        Step.REJECT: Q(rejected_events__contains=[str(event.pk)]),
        Step.HOLD: Q(held_events__contains=[str(event.pk)]),
    }[Step(event.step)]
    receipt = Receipt.objects.filter(column).select_related("order").first()
    if receipt is None:
        return None
    order = type(receipt.order).objects.select_for_update().get(pk=receipt.order_id)
    allow("order", "take_back", number=order.number, state=order.state, label=order.get_state_display())
    if event.step != Step.REJECT and (paid := released_for(receipt, event.pk)):
        raise Refused("receipt_paid", thing=receipt.number, invoice=paid)
    lines = {line.item_id: line for line in order.lines.all()}

    def finish(_correcting: str) -> None:
        counted = "rejected" if event.step == Step.REJECT else "received"
        for item, pieces in _pieces(event, "lot__item_id").items():
            if item in lines:
                setattr(lines[item], counted, getattr(lines[item], counted) - pieces)
        closed = order.state == "closed"
        order.state = order.state if closed else reached("order", "take_back", order_state(lines.values()))
        write_received(order, lines.values())
        if closed:
            give_back(order)

    return finish


def _arrival(event: Event) -> Finish | None:
    receipt = Receipt.objects.select_for_update().filter(received_event=event.pk).first()
    if receipt is None:
        return consigned_taken_back(event)

    def finish(_correcting: str) -> None:
        receipt.voided_at = timezone.now()
        reached("receipt", "take_back", receipt.state)
        receipt.save(update_fields=["voided_at"])
        await_again(receipt)

    return finish


def _picking(event: Event) -> Finish | None:
    link = RequisitionEvent.objects.filter(event=event).first()
    if link is None:
        return reopen_transfer(event) or reopen_difference(event) or reopen_lending(event)
    requisition = Requisition.objects.select_for_update().get(pk=link.requisition_id)
    if event.step in PUT_ASIDE and event.movements.filter(from_status="in_transit").exists():
        return lambda correcting: _still_coming(requisition, event, correcting)
    issued = Issue.objects.select_for_update().filter(event_id=event.pk).first()
    if issued:
        allow(
            "issue", "take_back", number=issued.number, state=issued.state, label=issued.get_state_display()
        )
        if any(line.taken_in or line.gone or line.doubt for line in issued.lines.all()):
            raise Refused("moved_on", thing=issued.number)

    def finish(correcting: str) -> None:
        RequisitionEvent.objects.create(requisition=requisition, event_id=correcting)
        sign = 1 if event.step in (Step.UNPICK, *PUT_ASIDE, Step.LOSE) else -1
        moved = {item: sign * count for item, count in _pieces(event, "lot__item_id").items()}
        pieces = taken_back(event.pk, moved, sign)
        undo(event.pk, correcting)
        counted = "issued" if event.step == Step.ISSUE else "picked"
        lines = {line.item_id: line for line in requisition.lines.all()}
        count_lines(requisition, lines, verb="take_back", **{counted: pieces})
        if issued:
            issued.state = reached("issue", "take_back", IssueState.VOIDED)
            issued.save(update_fields=["state"])
            close_missing(issued, correcting)

    return finish


def _still_coming(requisition: Requisition, event: Event, correcting: str) -> None:
    """What was put in doubt on its way, where it is still."""
    RequisitionEvent.objects.create(requisition=requisition, event_id=correcting)
    unmark_handed(requisition.pk, event)


def _taking_in(event: Event) -> Finish | None:
    reopen = reopen_difference(event)
    document = Issue.objects.select_for_update().filter(number=event.documents.get("issue", "")).first()
    if document is None:
        return reopen_lending(event)

    def finish(correcting: str) -> None:
        waiting = {line.lot_id: line for line in document.lines.all()}
        for lot, pieces in _pieces(event, "lot_id").items():
            waiting[lot].taken_in -= pieces
        count_taken_in(document, waiting, "take_back")
        if reopen:
            reopen(correcting)

    return finish


def _holding(event: Event) -> Finish | None:
    """Put in doubt at the dock, or held while it lay picked."""
    return _verdict(event) or _picking(event)


def _recalling(event: Event) -> Finish | None:
    """Its lots are recalled no more, unless another entry or notice says so."""
    reopen = _picking(event)
    lots = list(LotRecall.objects.filter(event=event.pk).values_list("lot_id", flat=True))

    def finish(correcting: str) -> None:
        if reopen:
            reopen(correcting)
        tell_the_ledger(lots)

    return finish


def _releasing(event: Event) -> Finish | None:
    """Of what was in doubt at the dock, and is paid since: as with what was accepted, the payment comes first."""
    if paid := paid_doubt(event.pk):
        receipt, invoices = paid
        raise Refused("receipt_paid", thing=receipt, invoice=invoices)
    return reopen_difference(event)


def _arriving(event: Event) -> Finish | None:
    """Of a transfer, or of what was missing of a handing-over and lay in the store after all."""
    return reopen_transfer(event) or reopen_difference(event)


def _handing_back(event: Event) -> Finish | None:
    """Of a loan set, or of a return to the supplier."""
    return handing_back_taken_back(event) or reopen_return(event)


def _given_up(event: Event) -> Finish:
    """Of a transfer, or of what was missing of a handing-over: it is on its way still, and not owed."""
    reopen, credit = reopen_transfer(event) or reopen_difference(event), title_taken_back(event)

    def finish(correcting: str) -> None:
        if reopen:
            reopen(correcting)
        if credit:
            credit(correcting)

    return finish


def _wasting(event: Event) -> Finish | None:
    """Of a case, or what was left of an opened piece."""
    return piece_taken_back(event) or taking_back(event)


# Which document a step counts in: looked up and locked before the entry is taken back, brought up to date
# after.
REOPEN: dict[str, Callable[[Event], Finish | None]] = {
    Step.RECEIVE: _arrival,
    Step.ACCEPT: _verdict,
    Step.REJECT: _verdict,
    Step.PUT_AWAY: sending_taken_back,
    Step.PICK: _picking,
    Step.UNPICK: _picking,
    Step.ISSUE: _picking,
    Step.HOLD: _holding,
    Step.RECALL: _recalling,
    Step.EXPIRE: _picking,
    Step.LOSE: _picking,
    Step.TAKE_IN: _taking_in,
    Step.LEND: reopen_lending,
    Step.SET_OUT: taking_back,
    Step.SET_BACK: taking_back,
    Step.USE: taking_back,
    Step.WASTE: _wasting,
    Step.OPEN: piece_taken_back,
    Step.CONSUME: piece_taken_back,
    Step.EXPLANT: explant_taken_back,
    Step.HAND_ON: handover_taken_back,
    Step.HAND_BACK: _handing_back,
    Step.SEND_BACK: reopen_return,
    Step.SET_ASIDE: keep_aside,
    Step.SCRAP: reopen_disposal,
    Step.TAKE_TITLE: title_taken_back,
    Step.SHIP: reopen_transfer,
    Step.ARRIVE: _arriving,
    Step.LOST_ON_WAY: _given_up,
    Step.RELEASE: _releasing,
    Step.MOVE: reopen_difference,
}
