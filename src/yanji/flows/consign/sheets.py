"""Papers of a supplier's own goods: the agreement, what came under it, and what became the hospital's."""

from collections.abc import Iterator

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.models import Movement

from ..gates import check
from ..inspecting.models import LotInspection
from ..inspecting.queries import findings_of, inspections_of
from ..papers import Paper, Section, Sheet, letterhead, register
from ..reasons import reason_words
from .agreements import agreement_at
from .models import AgreementVersion, ConsignmentAgreement, ConsignmentReceipt, TitleNote
from .settle import SEES
from .versions import changed, versions_of


def receipt_at(actor: Actor, receipt_id: int, *, may: str = "view", lock: bool = False) -> ConsignmentReceipt:
    """A receipt is seen where the goods came."""
    found = ConsignmentReceipt.objects.select_related(
        "agreement__supplier", "dock", "actor", "loan_set__department"
    )
    found = found.select_for_update(of=("self",)) if lock else found
    receipt = found.filter(pk=receipt_id).first() if 0 < receipt_id < 2**63 else None
    if receipt is None:
        raise NotFound("consignment receipt")
    check(actor, [receipt.dock.path], may=may, thing=receipt.number)
    return receipt


def note_at(actor: Actor, note_id: int, *, may: str = "view") -> TitleNote:
    """A title note is seen by who may deal with consignment or money at its agreement's place; more is up to who may do that
    there."""
    found = TitleNote.objects.select_related("agreement__supplier", "agreement__place", "place", "actor")
    note = found.filter(pk=note_id).first() if 0 < note_id < 2**63 else None
    if note is None or not any(actor.may(each, note.agreement.place.path) for each in SEES):
        raise NotFound("title note")
    if may != "view":
        check(actor, [note.agreement.place.path], may=may, thing=note.number)
    return note


def agreement_sheet(agreement: ConsignmentAgreement) -> Sheet:
    """What is agreed from today on, for both sides to sign; what held before and will hold, and what each version changed."""
    versions = versions_of(agreement)
    # The version of today, else the first.
    now = next((each for each in versions if each.valid_from <= timezone.localdate()), versions[-1])
    ending = agreement.endings.filter(taken_back_at=None).first()
    return Sheet(
        title=_("Consignment agreement"),
        number=agreement.number,
        state=agreement.get_state_display() if ending else "",
        head=letterhead(agreement.place.path),
        facts=(
            (_("Supplier"), agreement.supplier.name),
            (_("Place"), agreement.place.name),
            (_("Version"), now.number),
            (_("Valid from"), now.valid_from),
            (_("Valid to"), now.valid_to),
            (_("Items"), _("All items") if now.all_items else _("Only those listed")),
            (_("Day of settlement"), now.settlement_day),
            (_("Goods come until"), ending.last_day if ending else None),
            (_("Ended because"), ending.reason if ending else ""),
        ),
        sections=(_agreed(_("Items"), now), *_other_versions(versions, now)),
        signatures=(_("For the hospital"), _("For the supplier")),
        note=now.note,
    )


def _agreed(title: str, version: AgreementVersion) -> Section:
    columns = (_("Code"), _("Item"), _("Model"), _("To be kept here"), _("Price (CNY)"))
    rows = [
        (line.item.code, line.item.name, line.item.model, line.keep, line.price)
        for line in sorted(version.items.all(), key=lambda line: line.pk)
    ]
    return Section(title, columns, rows)


def _other_versions(versions: list[AgreementVersion], now: AgreementVersion) -> Iterator[Section]:
    """The other versions in full, and what each changed. Nothing where there is one alone."""
    if len(versions) == 1:
        return
    told = changed(versions)
    yield Section(
        _("What changed"),
        (_("Version"), _("Valid from"), _("What"), _("Before"), _("After")),
        [
            (each.number, each.valid_from, change.what, change.before, change.after)
            for each in versions
            for change in told.get(each.number, [])
        ],
    )
    for each in versions:
        if each is not now:
            title = _("Version %(n)s, from %(day)s") % {
                "n": each.number,
                "day": f"{each.valid_from:%Y-%m-%d}",
            }
            yield _agreed(title, each)


def receipt_sheet(receipt: ConsignmentReceipt) -> Sheet:
    """What came and stays the supplier's, for whoever brought it."""
    moved = Movement.objects.filter(event_id=receipt.received_event_id).select_related("unit", "lot__item")
    rows = [
        (
            each.lot.item.code, each.lot.item.name, each.unit.serial if each.unit else "", each.lot.number,
            each.lot.expiry, int(each.quantity),
        )
        for each in moved.order_by("line")
    ]  # fmt: skip
    columns = (_("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("Quantity"))
    return Sheet(
        title=_("Receipt of consigned goods"),
        number=receipt.number,
        state=_("Taken back") if receipt.voided_at else "",
        head=letterhead(receipt.dock.path),
        facts=(
            (_("Supplier"), receipt.agreement.supplier.name),
            (_("Agreement"), receipt.agreement.number),
            (_("Loan set"), receipt.loan_set.number if receipt.loan_set else ""),
            (_("Delivery note"), receipt.reference),
            (_("Place"), receipt.dock.name),
            (_("Arrived at"), receipt.arrived_at),
            (_("Recorded by"), receipt.actor.name),
        ),
        sections=(
            Section(_("Goods"), columns, rows, ("", _("Total"), "", "", "", receipt.pieces)),
            *_looked_at(receipt),
        ),
        signatures=(_("For the hospital"), _("For the supplier")),
    )


def _looked_at(receipt: ConsignmentReceipt) -> Iterator[Section]:
    """What was looked at, and what is not accepted: the supplier takes this back. Nothing where nothing was."""
    if inspections := inspections_of(receipt):
        columns = (
            _("Item"),
            _("Lot"),
            _("Quantity"),
            _("Looked at"),
            _("Faulty"),
            _("Faulty at most"),
            _("Verdict"),
        )
        rows = [
            (each.item.name, each.lot, each.size, each.sample, each.faulty, each.accept, _verdict(each))
            for each in inspections
        ]
        yield Section(_("Lots inspected"), columns, rows)
    if findings := findings_of(receipt) if receipt.rejected_events else []:
        words = reason_words()
        columns = (_("Item"), _("Identity"), _("Lot"), _("Quantity"), _("Put at"), _("Reason"))
        rows = [
            (
                each.item.name, each.epc, each.lot, each.pieces, each.place.name,
                words.of(each.reason, group="reject"),
            )
            for each in findings
        ]  # fmt: skip
        yield Section(_("Rejected"), columns, rows)


def _verdict(inspection: LotInspection) -> str:
    if inspection.accept is None:
        return _("Each piece by itself")
    return _("Lot accepted") if inspection.accepted else _("Lot rejected")


def note_sheet(note: TitleNote) -> Sheet:
    """Receipt and issue of a supplier's goods in one paper. It goes to the supplier: no case stands on it."""
    owed = list(note.payables.select_related("item", "unit", "lot").order_by("id"))
    rows = [
        (
            each.at, each.item.code, each.item.name, each.unit.serial if each.unit else each.lot.number,
            each.sign * each.quantity, each.price, each.amount,
        )
        for each in owed
    ]  # fmt: skip
    columns = (
        _("At"), _("Code"), _("Item"), _("Serial or lot"), _("Quantity"), _("Price (CNY)"), _("Amount (CNY)"),
    )  # fmt: skip
    total = ("", "", _("Total"), "", "", "", sum(each.amount for each in owed))
    return Sheet(
        title=_("Title note"),
        number=note.number,
        state=_("Taken back") if note.voided_at else "",
        head=letterhead(note.agreement.place.path),
        facts=(
            (_("Supplier"), note.agreement.supplier.name),
            (_("Agreement"), note.agreement.number),
            (_("Place"), note.place.name),
            (_("At"), note.at),
            (_("Recorded by"), note.actor.name),
        ),
        sections=(Section(_("Used and owed for"), columns, rows, total),),
        signatures=(_("For the hospital"), _("For the supplier")),
    )


PAPERS = (
    Paper(
        kind="consignment_agreement",
        label=gettext_lazy("Consignment agreement"),
        model=ConsignmentAgreement,
        gate=agreement_at,
        page=lambda agreement: ("buyer:agreement", (agreement.pk,)),
        sheet=agreement_sheet,
    ),
    Paper(
        kind="consignment_receipt",
        label=gettext_lazy("Receipt of consigned goods"),
        model=ConsignmentReceipt,
        gate=receipt_at,
        page=lambda receipt: ("storeroom:consignment_receipt", (receipt.pk,)),
        sheet=receipt_sheet,
    ),
    Paper(
        kind="title_note",
        label=gettext_lazy("Title note"),
        model=TitleNote,
        gate=note_at,
        page=lambda note: ("web:event", (note.event_id,)),
        sheet=note_sheet,
    ),
)
for paper in PAPERS:
    register(paper)
