"""The supplier says to each line what will come and when; where less will come than was ordered, or later, the buyer decides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from ..documents import DOCUMENT_MOVES, allow, reached
from ..models import OrderLine, PurchaseOrder
from ..received import order_state
from ..states import AnswerState, OrderState
from .ending import end_order
from .gates import answer_for, line_to_answer, order_to_answer
from .models import LineAnswer
from .owed import Planned, schedule
from .requests import give_back

Verdict = LineAnswer.Verdict
# What is promised for later than this is a slip of the year.
AHEAD = timedelta(days=730)


@dataclass(frozen=True, slots=True)
class Promise:
    """The day on which one delivery of a line will come."""

    part_id: int
    promised_on: date


@verb
def answer_line(
    *,
    actor: Actor,
    key: str,
    line_id: int,
    verdict: str,
    pieces: int | None = None,
    promised_on: date | None = None,
    promises: Sequence[Promise] = (),
    note: str = "",
) -> Done:
    """Confirm a line, change how many pieces come (``pieces``) or when, or decline it.

    By a person of the supplier, or by the buyer whom the supplier told. A line of several deliveries takes a day for each
    (``promises``). A day later than the order's changes the line, whatever it was called. ``facts.settled``: whether the
    buyer still has to say something. Raises :class:`Refused`: no such verdict, more pieces than ordered, fewer than have
    come, one day for several deliveries, a day that cannot be meant.
    """
    line = line_to_answer(actor, line_id)
    order = line.order
    allow("order", "answer", number=order.number, state=order.state, label=order.get_state_display())
    coming = _coming(line, verdict, pieces)
    left = [part for part in schedule(line, order.deliver_to) if part.left]
    days = {} if verdict == Verdict.DECLINED else _days(line, left, promised_on, promises)
    named = [day for day in (promised_on, *days.values()) if day and verdict != Verdict.DECLINED]
    as_ordered = all(days.get(part.part_id) == part.due_on for part in left) if days else not named
    if verdict == Verdict.CHANGED and coming == line.quantity - line.given_up and as_ordered:
        raise Refused("answer_changes_nothing", thing=line.item.name)
    for day in named:
        _check_day(day, ordered=timezone.localdate(order.placed_at))
    later = _later(order, left, days, max(named, default=None))
    replace_answers([line.pk], among={AnswerState.OPEN})
    fewer = coming < line.quantity - line.given_up
    answer = LineAnswer.objects.create(
        line=line,
        verdict=Verdict.CHANGED if later and verdict == Verdict.CONFIRMED else verdict,
        quantity=coming,
        promised_on=max(named, default=None),
        days={part.slot: days[part.part_id].isoformat() for part in left if part.part_id in days},
        note=note,
        actor_id=actor.person_id,
        by_supplier=actor.supplier_id is not None,
        settled=AnswerState.OPEN if fewer or later else AnswerState.ACCEPTED,
    )
    return Done(
        order.number, answer.pk, answer.verdict, facts={"settled": answer.settled, "order_id": order.pk}
    )


@verb
def confirm_lines(*, actor: Actor, key: str, order_id: int, lines: Sequence[int]) -> Done:
    """Confirm lines of an order as they are asked for, each with an answer of its own: all of them, or none.

    What still comes of each comes on the day that the order, or each of its deliveries, names. Raises :class:`Refused` for a
    line that was answered meanwhile, of which nothing is awaited, or whose day has passed: that needs an answer of its own.
    """
    order = order_to_answer(actor, order_id)
    allow("order", "answer", number=order.number, state=order.state, label=order.get_state_display())
    wanted = set(lines)
    found = order.lines.filter(pk__in=wanted).select_related("item")
    asked = list(found.prefetch_related("answers", "parts__place").order_by("pk"))
    if len(asked) < len(wanted):
        raise NotFound("orderline")
    today = timezone.localdate()
    offences = [Offence("empty")] if not asked else []
    for line in asked:
        day = asked_for(line, order)
        if not to_answer(line):
            offences.append(Offence("line_answered", line.item.name))
        elif day and day < today:
            offences.append(Offence("asked_day_passed", line.item.name, {"day": day.isoformat()}))
    if offences:
        raise Refused.of(offences)
    LineAnswer.objects.bulk_create(_as_asked(line, order, actor) for line in asked)
    facts = {"settled": AnswerState.ACCEPTED.value, "order_id": order.pk, "confirmed": len(asked)}
    return Done(order.number, order.pk, order.state, facts=facts)


def _as_asked(line: OrderLine, order: PurchaseOrder, actor: Actor) -> LineAnswer:
    left = [part for part in schedule(line, order.deliver_to) if part.left]
    return LineAnswer(
        line=line,
        verdict=Verdict.CONFIRMED,
        quantity=line.quantity - line.given_up,
        promised_on=max((part.due_on for part in left), default=order.expected_on),
        days={part.slot: part.due_on.isoformat() for part in left},
        actor_id=actor.person_id,
        by_supplier=actor.supplier_id is not None,
        settled=AnswerState.ACCEPTED,
    )


def to_answer(line: OrderLine) -> bool:
    """Whether something is awaited of a line of which the supplier has said nothing that stands, nor announced all of it
    (``coming``, where it is read with the line). Pure over a line whose answers are loaded."""
    return line.outstanding > getattr(line, "coming", 0) and not any(
        answer.stands for answer in line.answers.all()
    )


def asked_for(line: OrderLine, order: PurchaseOrder) -> date | None:
    """The first day on which something of a line is still to come; None where no day was named. Pure, likewise with its parts."""
    left = [part.due_on for part in schedule(line, order.deliver_to) if part.left]
    return min(left, default=order.expected_on)


def _coming(line: OrderLine, verdict: str, pieces: int | None) -> int:
    """How many pieces of a line will come by this verdict, those that came included. Pure."""
    still = line.quantity - line.given_up
    if verdict not in Verdict.values:
        raise Refused("bad_answer", thing=line.item.name)
    coming = {Verdict.CONFIRMED: still, Verdict.DECLINED: 0}.get(
        Verdict(verdict), still if pieces is None else pieces
    )
    if verdict == Verdict.DECLINED and line.received:
        raise Refused("declined_after_delivery", thing=line.item.name, received=line.received)
    if not line.received <= coming <= still:
        facts = {"received": line.received, "quantity": still, "pieces": coming}
        raise Refused("bad_answer_quantity", thing=line.item.name, **facts)
    return coming


def _days(
    line: OrderLine, left: Sequence[Planned], promised_on: date | None, promises: Sequence[Promise]
) -> dict[int, date]:
    """Delivery -> the day promised for it; nothing for a line that was not divided. Pure."""
    if promised_on is not None and len(left) > 1:
        raise Refused("promise_each_delivery", thing=line.item.name, count=len(left))
    unknown = {each.part_id for each in promises} - {part.part_id for part in left}
    if unknown:
        raise Refused("promise_of_no_delivery", thing=line.item.name)
    days = {each.part_id: each.promised_on for each in promises}
    return {left[0].part_id: promised_on} | days if promised_on and left else days


def _check_day(day: date, *, ordered: date) -> None:
    if day < ordered:
        raise Refused("promised_past", day=day.isoformat(), ordered=ordered.isoformat())
    last = timezone.localdate() + AHEAD
    if day > last:
        raise Refused("promised_far", day=day.isoformat(), last=last.isoformat())


def _later(
    order: PurchaseOrder, left: Sequence[Planned], days: Mapping[int, date], promised_on: date | None
) -> bool:
    """Whether anything would come after the day on which the order wants it. Pure."""
    if left:
        return any(days.get(part.part_id, part.due_on) > part.due_on for part in left)
    return promised_on is not None and order.expected_on is not None and promised_on > order.expected_on


@verb
def settle_answer(*, actor: Actor, key: str, answer_id: int, accept: bool) -> Done:
    """The buyer takes what the supplier offers, fewer pieces or a later day; or insists on what was ordered."""
    answer = answer_for(actor, answer_id)
    line = answer.line
    label = answer.get_settled_display()
    allow("line_answer", "settle", number=line.item.name, state=answer.settled, label=label)
    order = line.order
    allow("order", "settle", number=order.number, state=order.state, label=order.get_state_display())
    verdict = AnswerState.ACCEPTED if accept else AnswerState.REFUSED
    answer.settled = reached("line_answer", "settle", verdict)
    answer.settled_by_id, answer.settled_at = actor.person_id, timezone.now()
    answer.save(update_fields=["settled", "settled_by", "settled_at"])
    if accept:
        line.given_up = max(0, line.quantity - max(answer.quantity, line.received))
        line.save(update_fields=["given_up"])
        _bring_up_to_date(order)
    return Done(order.number, order.pk, order.state)


def replace_answers(lines: Collection[int], *, among: Collection[str]) -> None:
    """Answers in these states hold no more: another has come, or something else is asked. One statement."""
    assert DOCUMENT_MOVES["line_answer", "replace"].sources.issuperset(among), among
    found = LineAnswer.objects.filter(line__in=lines, settled__in=among)
    found.update(settled=reached("line_answer", "replace", AnswerState.REPLACED))


def _bring_up_to_date(order: PurchaseOrder) -> None:
    lines = list(order.lines.all())
    if all(line.given_up == line.quantity for line in lines):
        end_order(order, "settle", OrderState.CLOSED)
        return
    order.state = reached("order", "settle", order_state(lines))
    order.save(update_fields=["state"])
    give_back(order)
