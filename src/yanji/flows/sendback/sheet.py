"""The note that goes with a parcel to the supplier."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register
from ..reasons import reason_words
from .gate import supplier_return_for
from .models import SupplierReturn, SupplierReturnLine


def _named(line: SupplierReturnLine) -> str:
    return line.name if line.unit else f"{line.quantity} × {line.name}"


def supplier_return_sheet(back: SupplierReturn) -> Sheet:
    """For the supplier: under which number, what, why, and which credit is expected. Four statements."""
    # What was used instead of going back is in no parcel: its own section says where it is.
    goods = back.lines.select_related("item", "lot", "unit").order_by("item__code", "id")
    rows = [
        (line.item.code, line.item.name, line.item.model, line.name, line.lot.number, line.lot.expiry, line.quantity,
         _("Consigned") if line.owner_id else _("Bought"), 0 if line.owner_id else line.value)
        for line in goods if not line.used_despite
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Model"), _("Serial"), _("Lot"), _("Expiry date"), _("Quantity"), _("Ownership"),
        _("Credit (CNY)"),
    )  # fmt: skip
    total = ("", _("Total"), "", "", "", "", sum(row[6] for row in rows), "", back.expected)
    used = [(_named(line), line.used_despite) for line in goods if line.used_despite]
    notes = [
        (note.number, note.dated, note.get_state_display(), note.voided_because, note.amount)
        for note in back.credits.order_by("id")
    ]
    heads = (_("Number"), _("Date"), _("State"), _("Voided because"), _("Amount (CNY)"))
    return Sheet(
        title=_("Return to supplier"),
        number=back.number,
        state=back.get_state_display(),
        head=letterhead(back.place.path),
        facts=(
            (_("Supplier"), back.supplier.name),
            (back.authorisation_words, back.authorisation),
            (_("Reason"), reason_words().of(back.reason, group="supplier_return")),
            (_("From"), back.place.name),
            (back.receiver_words, back.handed_to),
            (_("Sent at"), back.sent_at),
            (_("Credit due on"), back.credit_due),
        ),
        sections=(
            Section(_("Things"), columns, rows, total),
            *(
                [Section(_("Used in a patient, not sent back"), (_("Serial"), _("Recorded on")), used)]
                if used
                else []
            ),
            Section(_("Credit notes"), heads, notes),
        ),
        signatures=(_("Handed over by"), _("Taken over by (supplier)")),
        note=back.note,
    )


register(
    Paper(
        kind="supplier_return",
        label=gettext_lazy("Return to supplier"),
        model=SupplierReturn,
        gate=supplier_return_for,
        page=lambda back: ("buyer:supplier_return", (back.pk,)),
        sheet=supplier_return_sheet,
    )
)
