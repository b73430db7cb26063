"""What a patient is charged for what was used: asked for, charged, refunded. One unit is never charged twice net.

used -> to be charged -> charged -> to be refunded -> refunded. A refund adds a reversal and leaves the unit where it is:
a thing comes back to stock only by being taken back and looked at.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Max
from django.utils import timezone

from yanji.access.actor import Actor
from yanji.catalog.models import BillingCode
from yanji.catalog.queries import prices_on
from yanji.ledger.api import Offence, Refused

from ..acts import Done, verb
from ..documents import DOCUMENT_MOVES, reached
from ..gates import case_for
from ..models import Case
from ..reasons import known
from ..states import ChargeState
from .models import ChargeEntry, ChargeLine


@dataclass(frozen=True, slots=True)
class Code:
    """One version of a billing code: the code, and the days on which it holds (both included, no end: for now)."""

    kind: str
    code: str
    valid_from: date
    valid_to: date | None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Codes:
    """What an item is charged under on a day; ``insurance`` is None where it was never insured."""

    charge: Code
    insurance: Code | None


def codes_on(found: Iterable[Code], day: date) -> Codes | str:
    """The codes that hold on a day, or the code of the refusal. Pure.

    A charge needs exactly one charge code. An insurance code may be missing altogether (the patient pays), but one that
    has lapsed, or two at once, stop the charge: the insurer would refuse it.
    """
    known = list(found)
    charge = [code for code in known if code.kind == BillingCode.Kind.CHARGE]
    insurance = [code for code in known if code.kind == BillingCode.Kind.INSURANCE]
    charge_now = [code for code in charge if code.holds_on(day)]
    insurance_now = [code for code in insurance if code.holds_on(day)]
    if len(charge_now) > 1 or len(insurance_now) > 1:
        return "charge_code_ambiguous"
    if not charge:
        return "charge_code_missing"
    if not charge_now or (insurance and not insurance_now):
        return "charge_code_lapsed"
    return Codes(charge_now[0], insurance_now[0] if insurance_now else None)


def check_codes(lines: Sequence[ChargeLine], codes: Mapping[int, Sequence[Code]]) -> Iterator[Offence]:
    """Lines that cannot be charged as the catalogue stands. Pure."""
    for line in lines:
        day = timezone.localdate(line.used_at)
        found = codes_on(codes.get(line.item_id, ()), day)
        if isinstance(found, str):
            yield Offence(found, line.item.name, {"day": day})
        if line.amount <= 0:
            yield Offence("charge_without_price", line.item.name)


@verb
def request_charges(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int] | None = None) -> Done:
    """Ask for the charge of what was used (all that is open, unless lines are named), under the codes of the day of use.
    What had no price then costs what the catalogue says of its supplier and that day by now.

    Raises :class:`Refused` for a line whose code is missing, lapsed or ambiguous: none of them is charged then.
    """
    case = case_for(actor, case_id, may="use")
    lines = _lines(case, "request", line_ids)
    _price(lines)
    codes = _codes_of(lines)
    offences = list(check_codes(lines, codes))
    if offences:
        raise Refused.of(offences)
    for line in lines:
        found = codes_on(codes[line.item_id], timezone.localdate(line.used_at))
        assert isinstance(found, Codes)
        line.charge_code, line.charge_code_from = found.charge.code, found.charge.valid_from
        line.insurance_code = found.insurance.code if found.insurance else ""
        line.insurance_code_from = found.insurance.valid_from if found.insurance else None
        line.state = reached("charge", "request", ChargeState.PENDING)
    fields = ["amount", "charge_code", "charge_code_from", "insurance_code", "insurance_code_from", "state"]
    ChargeLine.objects.bulk_update(lines, fields)
    return _done(case, lines)


def _price(lines: Sequence[ChargeLine]) -> None:
    """Give lines without a price the one that was entered since: its supplier's, or the only one there is, on the day.
    A statement a day of use."""
    unpriced = [line for line in lines if line.amount <= 0]
    items = {line.item_id for line in unpriced}
    listed = {day: prices_on(day, items) for day in {timezone.localdate(line.used_at) for line in unpriced}}
    for line in unpriced:
        offered = listed[timezone.localdate(line.used_at)]
        prices = {supplier: price for (item, supplier), price in offered.items() if item == line.item_id}
        price = prices.get(line.unit.supplier_id) if line.unit else None
        if price is None and len(set(prices.values())) == 1:
            [price] = set(prices.values())
        if price is not None:
            line.amount = price * line.quantity


@verb
def withdraw_charges(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int] | None = None) -> Done:
    """What was asked for is not to be charged yet: the codes are mended first, or the use taken back."""
    return _move(actor, case_id, line_ids, "withdraw", ChargeState.USED)


@verb
def confirm_charges(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int] | None = None) -> Done:
    """The charge was made: it stands in the books from now on, once."""
    case = case_for(actor, case_id, may="use")
    lines = _lines(case, "confirm", line_ids)
    _append(lines, 1, actor)
    _set(lines, reached("charge", "confirm", ChargeState.CHARGED))
    return _done(case, lines)


@verb
def ask_refund(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int], reason: str) -> Done:
    """Ask for the money to be given back; the unit stays where it is."""
    if reason not in known("refund"):
        raise Refused("reason_needed")
    return _move(actor, case_id, line_ids, "ask_refund", ChargeState.REFUND_PENDING, reason=reason)


@verb
def keep_charge(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int]) -> Done:
    """The refund was not granted: the charge stands."""
    return _move(actor, case_id, line_ids, "keep", ChargeState.CHARGED)


@verb
def refund(*, actor: Actor, key: str, case_id: int, line_ids: Sequence[int] | None = None) -> Done:
    """The money was given back: a reversal is added. For who may correct at the department."""
    case = case_for(actor, case_id, may="correct")
    lines = _lines(case, "refund", line_ids)
    _append(lines, -1, actor)
    _set(lines, reached("charge", "refund", ChargeState.REFUNDED))
    return _done(case, lines)


def _move(
    actor: Actor, case_id: int, line_ids: Sequence[int] | None, verb_: str, state: str, *, reason: str = ""
) -> Done:
    case = case_for(actor, case_id, may="use")
    lines = _lines(case, verb_, line_ids)
    for line in lines:
        line.state, line.reason = reached("charge", verb_, state), reason
    ChargeLine.objects.bulk_update(lines, ["state", "reason"])
    return _done(case, lines)


def _lines(case: Case, verb_: str, line_ids: Sequence[int] | None) -> list[ChargeLine]:
    """The named lines of a case, or all that allow the verb, locked in order: two who charge at once wait here.

    Raises :class:`Refused` for a named line that is another case's, or whose state says no; and where there is none.
    """
    wanted = None if line_ids is None else set(line_ids)
    found = _locked(case)
    may = DOCUMENT_MOVES["charge", verb_].sources
    if wanted is None:
        found = [line for line in found if line.state in may]
    else:
        found = [line for line in found if line.pk in wanted]
        offences = [
            Offence(_why_not(line, verb_), line.item.name, {"state": line.get_state_display()})
            for line in found
            if line.state not in may
        ]
        if offences:
            raise Refused.of(offences)
    if not found or (wanted is not None and len(found) < len(wanted)):
        raise Refused("nothing_to_charge", thing=case.number)
    return found


def _why_not(line: ChargeLine, verb_: str) -> str:
    charged = line.state in (ChargeState.CHARGED, ChargeState.REFUND_PENDING)
    return "charged_already" if charged and verb_ in ("request", "confirm") else "charge_state"


def _locked(case: Case) -> list[ChargeLine]:
    found = ChargeLine.objects.select_for_update(of=("self",)).select_related("item", "unit")
    return list(found.filter(case=case).order_by("id"))


def _append(lines: Sequence[ChargeLine], sign: int, actor: Actor) -> None:
    """One entry a line at the end of its chain. The database refuses a second charge that follows a charge."""
    subjects = {line.pk: subject_of(line) for line in lines}
    tails = ChargeEntry.objects.filter(subject__in=subjects.values()).values("subject").order_by()
    last = dict(tails.annotate(last=Max("ordinal")).values_list("subject", "last"))
    ChargeEntry.objects.bulk_create(
        ChargeEntry(
            line=line, unit_id=line.unit_id, subject=subjects[line.pk], ordinal=last.get(subjects[line.pk], 0) + 1,
            previous=last.get(subjects[line.pk]), sign=sign, amount=line.amount, charge_code=line.charge_code,
            insurance_code=line.insurance_code, actor_id=actor.person_id,
        )
        for line in lines
    )  # fmt: skip


def subject_of(line: ChargeLine) -> str:
    """What a charge is about: the unit, whatever its line; a counted thing has no identity but its line."""
    return f"unit {line.unit_id}" if line.unit_id else f"line {line.pk}"


def _set(lines: Sequence[ChargeLine], state: str) -> None:
    ChargeLine.objects.filter(pk__in=[line.pk for line in lines]).update(state=state)
    for line in lines:
        line.state = state


def _codes_of(lines: Sequence[ChargeLine]) -> dict[int, list[Code]]:
    found: dict[int, list[Code]] = {line.item_id: [] for line in lines}
    for row in BillingCode.objects.filter(item_id__in=found):
        found[row.item_id].append(Code(row.kind, row.code, row.valid_from, row.valid_to))
    return found


def _done(case: Case, lines: Sequence[ChargeLine]) -> Done:
    state = lines[0].state
    total = sum((line.amount for line in lines), start=lines[0].amount * 0)
    return Done(
        case.number, case.pk, state, facts={"lines": [line.pk for line in lines], "amount": str(total)}
    )
