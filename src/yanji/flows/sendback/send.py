"""The goods leave for their supplier; credit notes come, or are accepted short."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Draft, Refused, Step, post, virtual_places

from ..acts import Done, check_dated, moment, verb
from ..documents import allow, reached
from ..gates import check
from ..states import CreditNoteState, SupplierReturnState
from ..things import lines
from .ask import step_for
from .gate import allow_return, supplier_return_for
from .models import CreditNote, SupplierReturn, SupplierReturnLine

CREDIT_WITHIN = timedelta(days=30)  # a usual term of payment; the day may be given otherwise
TOO_MUCH = Decimal(10) ** 10


def drafts(
    back: SupplierReturn, goods: Sequence[SupplierReturnLine], *, key: str, at: datetime
) -> list[Draft]:
    """One draft for what the hospital owns, one for what the supplier owns. Pure but for the supplier's place."""
    found = []
    for step in (Step.SEND_BACK, Step.HAND_BACK):
        things = [line.thing() for line in goods if step_for(line.owner_id) is step]
        if things:
            found.append(
                Draft(
                    step=step,
                    key=f"{key}:{step}",
                    happened_at=at,
                    lines=lines(things, virtual_places().supplier, back.place_id),
                    documents={"return": back.number, "authorisation": back.authorisation},
                    reason=back.reason,
                    note=back.handed_to,
                    read_point_id=back.place_id,
                )
            )
    return found


@verb
def send_return(
    *,
    actor: Actor,
    key: str,
    return_id: int,
    handed_to: str = "",
    credit_due: date | None = None,
    happened_at: datetime | None = None,
) -> Done:
    """Send back what was authorised. Where all of it belongs to the supplier no credit is due, and it is closed.
    ``handed_to`` may be left out where it was said before who takes it.

    Raises :class:`Refused` what the ledger says of a thing that has changed since it was asked for.
    """
    back = supplier_return_for(actor, return_id, may="return_goods", lock=True)
    return send_off(
        back, actor=actor, key=key, handed_to=handed_to, credit_due=credit_due, at=moment(happened_at)
    )


def send_off(
    back: SupplierReturn, *, actor: Actor, key: str, handed_to: str, credit_due: date | None, at: datetime
) -> Done:
    """A locked return leaves. Part of a verb; refuses as :func:`send_return` says."""
    allow_return(back, "send")
    taker = handed_to.strip() or back.handed_to
    if not taker:
        raise Refused("handed_to_needed", thing=back.number)
    if credit_due is not None and credit_due < timezone.localdate(at):
        raise Refused("credit_due_before", thing=back.number, day=credit_due.isoformat())
    back.handed_to, back.sent_at = taker, at
    goods = list(back.lines.filter(used_despite="").select_related("unit").order_by("id"))
    events = tuple(post(draft, actor=actor).event_id for draft in drafts(back, goods, key=key, at=at))
    back.events = list(events)
    to = SupplierReturnState.SENT if back.expected else SupplierReturnState.CLOSED
    back.credit_due = (credit_due or timezone.localdate(at + CREDIT_WITHIN)) if back.expected else None
    back.state = reached("supplier_return", "send", to)
    back.save(update_fields=["handed_to", "sent_at", "events", "credit_due", "state"])
    return Done(back.number, back.pk, back.state, events)


@verb
def credit_return(
    *, actor: Actor, key: str, return_id: int, number: str, amount: Decimal, dated: date | None = None
) -> Done:
    """Enter a credit note of the supplier. ``facts.short``: what is due still; nothing, and the return is closed."""
    back = _for_money(actor, return_id, "credit")
    if not number.strip():
        raise Refused("credit_number_needed", thing=back.number)
    if not (amount.is_finite() and 0 < amount < TOO_MUCH and amount == round(amount, 2)):
        raise Refused("bad_credit", thing=back.number)
    if amount > back.short:
        raise Refused("credit_too_high", thing=back.number, due=back.short)
    number = number.strip()
    check_dated(number, dated)
    counted = CreditNote.objects.filter(supplier_id=back.supplier_id, number=number)
    if known := counted.exclude(state=CreditNoteState.VOIDED).select_related("supplier_return").first():
        raise Refused("credit_twice", thing=number, back=known.supplier_return.number)
    CreditNote.objects.create(
        supplier_return=back, supplier_id=back.supplier_id, number=number, amount=amount,
        dated=dated or timezone.localdate(), actor_id=actor.person_id,
    )  # fmt: skip
    short = back.short
    to = SupplierReturnState.SENT if short else SupplierReturnState.CLOSED
    back.state = reached("supplier_return", "credit", to)
    back.save(update_fields=["state"])
    return Done(back.number, back.pk, back.state, facts={"short": str(short)})


@verb
def void_credit(*, actor: Actor, key: str, return_id: int, credit_id: int, reason: str) -> Done:
    """A credit note that was wrong counts no more, and what it covered is due again: a return that was complete, or closed
    short with it, waits for its credit anew. ``facts.short``: what is due."""
    back = _for_money(actor, return_id, "void_credit")
    note = back.credits.select_for_update().filter(pk=credit_id).first()
    if note is None:
        raise NotFound("credit_note")
    allow("credit_note", "void", number=note.number, state=note.state, label=note.get_state_display())
    if not reason.strip():
        raise Refused("reason_needed")
    note.state = reached("credit_note", "void", CreditNoteState.VOIDED)
    note.voided_by_id, note.voided_at, note.voided_because = actor.person_id, timezone.now(), reason.strip()
    note.save(update_fields=["state", "voided_by", "voided_at", "voided_because"])
    # What was given up was given up beside this credit: without it somebody decides anew.
    back.closed_short = ""
    back.state = reached("supplier_return", "void_credit", SupplierReturnState.SENT)
    back.save(update_fields=["closed_short", "state"])
    return Done(note.number, note.pk, note.state, facts={"short": str(back.short)})


@verb
def close_return(*, actor: Actor, key: str, return_id: int, text: str) -> Done:
    """Accept less credit than was expected, and say why. ``facts.short``: what is given up, CNY."""
    back = _for_money(actor, return_id, "close")
    if not text.strip():
        raise Refused("reason_needed")
    back.closed_short = text.strip()[:400]
    back.state = reached("supplier_return", "close", SupplierReturnState.CLOSED)
    back.save(update_fields=["closed_short", "state"])
    return Done(back.number, back.pk, back.state, facts={"short": str(back.short)})


def _for_money(actor: Actor, return_id: int, verb_: str) -> SupplierReturn:
    """Credit is entered by who enters invoices, or by who sends goods back."""
    back = supplier_return_for(actor, return_id, lock=True)
    if not actor.may("invoice", back.place.path):
        check(actor, [back.place.path], may="return_goods", thing=back.number)
    allow_return(back, verb_)
    return back
