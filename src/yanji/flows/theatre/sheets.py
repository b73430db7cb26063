"""The theatre's and the suppliers' documents on paper: implant record, emergency use, loan set, monthly statement."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..consign.loans import loan_set_for
from ..consign.models import LoanSet, Settlement
from ..consign.queries import cycles_of, lines_of
from ..consign.settle import settlement_for
from ..gates import case_for
from ..models import Case
from ..papers import Cell, Paper, Section, Sheet, letterhead, register
from ..reasons import reason_words
from .accepted_by_use import in_words
from .despite import objections
from .emergency import KIND, emergency_for
from .explanted import devices_of, handover_for
from .models import EmergencyUse, Handover


def implant_sheet(case: Case) -> Sheet:
    """What stays in the patient: for the patient's file, and for the patient. The patient stands here as a token."""
    records = case.implants.filter(voided_at__isnull=True).select_related("unit", "lot__item__maker")
    rows = [
        (
            f"{each.lot.item.name} {each.lot.item.model}".strip(), each.lot.item.maker.name if each.lot.item.maker else "",
            each.unit.serial if each.unit else f"{each.quantity} ×", each.lot.number, each.lot.expiry,
            " · ".join(filter(None, (each.site, each.side and str(each.get_side_display())))), each.surgeon, each.implanted_at,
            _("Explanted") if each.explant_event_id else "",
        )
        for each in records.order_by("id")
    ]  # fmt: skip
    columns = (
        _("Item"), _("Maker"), _("Serial"), _("Lot"), _("Expiry date"), _("Anatomical site"), _("Surgeon"),
        _("Implanted at"), _("Remark"),
    )  # fmt: skip
    return Sheet(
        title=_("Implant record"),
        number=case.number,
        head=letterhead(case.department.path),
        facts=(
            (_("Patient"), case.patient_token),
            (_("Department"), case.department.name),
            (_("Procedure"), case.procedure),
            (_("Surgeon"), case.operator),
        ),
        sections=(Section(_("Implants"), columns, rows),),
        signatures=(_("Surgeon"), _("Nurse")),
    )


def handover_sheet(handover: Handover) -> Sheet:
    """Signed by who hands the devices over and by who takes them: pathology, or the patient."""
    rows = [
        (
            each.lot.item.name, each.lot.item.model, each.unit.serial if each.unit else f"{line.quantity} ×",
            each.lot.number, each.patient_token, each.case.number, each.site,
            each.explant_event.happened_at if each.explant_event else None,
        )
        for line in devices_of(handover)
        for each in (line.implant,)
    ]  # fmt: skip
    columns = (
        _("Item"), _("Model"), _("Serial"), _("Lot"), _("Patient"), _("Implanted in case"), _("Anatomical site"),
        _("Explanted at"),
    )  # fmt: skip
    return Sheet(
        title=_("Hand-over of explanted devices"),
        number=handover.number,
        state=handover.get_state_display(),
        head=letterhead(handover.place.path),
        facts=(
            (_("From"), handover.place.name),
            (_("To"), handover.to_place.name if handover.to_place else _("The patient")),
            (_("Handed to"), handover.handed_to),
            (_("Handed over by"), handover.actor.name),
            (_("At"), handover.at),
        ),
        sections=(Section(_("Devices"), columns, rows),),
        signatures=(_("Handed over by"), _("Taken over by")),
        note=handover.note,
    )


def emergency_sheet(emergency: EmergencyUse) -> Sheet:
    """For who approves afterwards: what was used, whose it was, why it could not wait."""
    return _ordered_sheet(emergency) if emergency.order else _despite_sheet(emergency)


def _despite_sheet(emergency: EmergencyUse) -> Sheet:
    said = [
        (each["thing"], words) for each, words in zip(emergency.against, objections(emergency), strict=True)
    ]
    words = in_words(emergency.accepted)
    became = [(each["thing"], said_of) for each, said_of in zip(emergency.accepted, words, strict=True)]
    return Sheet(
        title=_("Used although it must not have been"),
        number=emergency.number,
        state=emergency.get_state_display(),
        head=letterhead(emergency.case.department.path),
        facts=(
            (_("Department"), emergency.case.department.name),
            (_("Reason"), reason_words().of(emergency.reason, group="emergency")),
            (_("Recorded by"), emergency.actor.name),
            (_("At"), emergency.at),
            (_("Amount (CNY)"), emergency.amount),
        ),
        sections=(
            Section(_("What spoke against it"), (_("Device"), _("What spoke against it")), said),
            *(
                [Section(_("What became of its order"), (_("Device"), _("What became of its order")), became)]
                if became
                else []
            ),
        ),
        signatures=(_("Operator"), _("Approved by")),
    )


def _ordered_sheet(emergency: EmergencyUse) -> Sheet:
    lines = emergency.order.lines.select_related("item").order_by("id")
    rows = [
        (
            line.item.code,
            line.item.name,
            line.item.model,
            line.quantity,
            line.price,
            line.quantity * line.price,
        )
        for line in lines
    ]
    columns = (_("Code"), _("Item"), _("Model"), _("Quantity"), _("Price (CNY)"), _("Amount (CNY)"))
    return Sheet(
        title=_("Emergency use"),
        number=emergency.number,
        state=emergency.get_state_display(),
        head=letterhead(emergency.case.department.path),
        facts=(
            (_("Department"), emergency.case.department.name),
            (_("Supplier"), emergency.order.supplier.name),
            (_("Order"), emergency.order.number),
            (_("Receipt no."), emergency.receipt.number),
            (_("Reason"), reason_words().of(emergency.reason, group="emergency")),
            (_("Recorded by"), emergency.actor.name),
            (_("At"), emergency.at),
        ),
        sections=(Section(_("Lines"), columns, rows, ("", _("Total"), "", "", "", emergency.amount)),),
        signatures=(_("Operator"), _("Approved by")),
    )


def _why_missing(loan_set: LoanSet) -> tuple[tuple[str, str], ...]:
    why = loan_set.difference_reason
    return ((_("Why it is missing"), reason_words().of(why, group="loan_missing")),) if why else ()


def loan_sheet(loan_set: LoanSet) -> Sheet:
    """Goes with the set: its list, what came, and once it is closed what became of it."""
    lines = loan_set.lines.select_related("item").order_by("id")
    rows = [
        (
            line.item.code, line.item.name, line.item.model, line.listed, line.arrived, line.used, line.wasted,
            line.returned, line.open if loan_set.closed_at else "",
        )
        for line in lines
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Model"), _("Listed"), _("Arrived"), _("Used"), _("Opened and not used"), _("Returned"),
        _("Missing"),
    )  # fmt: skip
    return Sheet(
        title=_("Loan set"),
        number=loan_set.number,
        state=loan_set.get_state_display(),
        head=letterhead(loan_set.department.path),
        facts=(
            (_("Name of the set"), loan_set.name),
            (_("Supplier"), loan_set.agreement.supplier.name),
            (_("Theatre"), loan_set.department.name),
            (_("To be closed on"), loan_set.due_on),
            (_("Sterilisation cycle"), loan_set.cycle),
            (_("Time of the cycle"), loan_set.sterilised_at),
            *_why_missing(loan_set),
        ),
        sections=(Section(_("Contents"), columns, rows), *_sterilised(loan_set)),
        signatures=(_("For the hospital"), _("For the supplier")),
    )


def _sterilised(loan_set: LoanSet) -> Iterator[Section]:
    """Each sterilisation: when it was, when that was entered, and by whom."""
    cycles = cycles_of(loan_set)
    if cycles:
        rows = [
            (
                each.cycle,
                each.sterilised_at,
                each.recorded_at,
                each.sterilised_by.name,
                each.get_state_display(),
                each.voided_because,
            )
            for each in cycles
        ]
        columns = (
            _("Sterilisation cycle"), _("Time of the cycle"), _("Recorded at"), _("Recorded by"), _("State"), _("Voided because"),
        )  # fmt: skip
        yield Section(_("Sterilisations"), columns, rows)


def settlement_sheet(settlement: Settlement) -> Sheet:
    """What is owed to a supplier for a month's use, line by line."""
    rows = [
        (
            line.at, line.note.number, line.item.code, line.item.name, line.unit.serial if line.unit else line.lot.number,
            line.sign * line.quantity, line.price, line.amount,
        )
        for line in lines_of(settlement)
    ]  # fmt: skip
    columns = (
        _("Used on"), _("Title note"), _("Code"), _("Item"), _("Serial or lot"), _("Quantity"), _("Price (CNY)"),
        _("Amount (CNY)"),
    )  # fmt: skip
    agreement = settlement.agreement
    return Sheet(
        title=_("Settlement of consignment"),
        number=settlement.number,
        state=settlement.get_state_display(),
        head=letterhead(agreement.place.path),
        facts=(
            (_("Supplier"), agreement.supplier.name),
            (_("Agreement"), agreement.number),
            (_("Month"), f"{settlement.month:%Y-%m}"),
            (_("Confirmed by"), settlement.confirmed_by.name if settlement.confirmed_by else ""),
            *_voided(settlement),
        ),
        sections=(
            Section(
                _("Used in the month"), columns, rows, ("", "", "", _("Total"), "", "", "", settlement.total)
            ),
        ),
        signatures=(_("For the hospital"), _("For the supplier")),
    )


def _voided(settlement: Settlement) -> Iterator[tuple[str, Cell]]:
    """Who took the statement back, before whom and why; nothing where it stands."""
    if settlement.voided_by and settlement.voided_second:
        yield _("Voided by"), f"{settlement.voided_by.name} · {settlement.voided_second.name}"
        yield _("Voided at"), settlement.voided_at
        why = reason_words().of(settlement.void_reason, group="correct")
        yield _("Reason"), " · ".join(filter(None, (why, settlement.void_note)))


PAPERS = (
    Paper(
        kind="implants",
        label=gettext_lazy("Implant record"),
        model=Case,
        gate=case_for,
        page=lambda case: ("theatre:case", (case.pk,)),
        sheet=implant_sheet,
    ),
    Paper(
        kind=KIND,
        label=gettext_lazy("Emergency use"),
        model=EmergencyUse,
        gate=emergency_for,
        page=lambda emergency: ("theatre:emergency", (emergency.pk,)),
        sheet=emergency_sheet,
    ),
    Paper(
        kind="handover",
        label=gettext_lazy("Hand-over of explanted devices"),
        model=Handover,
        gate=handover_for,
        page=lambda handover: ("theatre:handover", (handover.pk,)),
        sheet=handover_sheet,
    ),
    Paper(
        kind="loan_set",
        label=gettext_lazy("Loan set"),
        model=LoanSet,
        gate=loan_set_for,
        page=lambda loan_set: ("storeroom:loan", (loan_set.pk,)),
        sheet=loan_sheet,
    ),
    Paper(
        kind="settlement",
        label=gettext_lazy("Settlement of consignment"),
        model=Settlement,
        gate=settlement_for,
        page=lambda settlement: ("buyer:settlement", (settlement.pk,)),
        sheet=settlement_sheet,
    ),
)
for paper in PAPERS:
    register(paper)
