"""The scrap paper in print: what was destroyed, why, its value, who signed, who took it away."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register
from ..reasons import reason_words
from .gate import disposal_for
from .models import Disposal


def disposal_sheet(disposal: Disposal) -> Sheet:
    """For the file of the quality officer and the accounts. Four statements."""
    group = "scrap" if disposal.kind == Disposal.Kind.SCRAP else "count_variance"
    goods = disposal.lines.select_related("item", "lot", "unit", "place", "owner").order_by(
        "item__code", "id"
    )
    rows = [
        (line.item.code, line.item.name, line.name, line.lot.number, line.lot.expiry, line.place.name,
         line.owner.name if line.owner else "", line.quantity, line.value)
        for line in goods
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("Place"), _("Belonged to"), _("Quantity"),
        _("Value (CNY)"),
    )  # fmt: skip
    total = ("", _("Total"), "", "", "", "", "", sum(row[7] for row in rows), disposal.amount)
    return Sheet(
        title=str(disposal.get_kind_display()),
        number=disposal.number,
        state=disposal.get_state_display(),
        head=letterhead(disposal.place.path),
        facts=(
            (_("Place"), disposal.place.name),
            (_("Reason"), reason_words().of(disposal.reason, group=group)),
            (_("Asked for by"), disposal.actor.name),
            (_("Carried out at"), disposal.done_at),
            (_("Carried out by"), disposal.done_by.name if disposal.done_by else ""),
            (_("Second person"), disposal.witness.name if disposal.witness else ""),
            (_("Disposal firm"), disposal.firm),
            (_("Taken away on"), disposal.collected_on),
            (_("Certificate"), disposal.certificate),
        ),
        sections=(Section(_("Things"), columns, rows, total),),
        signatures=(_("Carried out by"), _("Second person"), _("Disposal firm")),
        note=disposal.note,
    )


register(
    Paper(
        kind="scrap",
        label=gettext_lazy("Scrap paper"),
        model=Disposal,
        gate=disposal_for,
        page=lambda disposal: ("storeroom:disposal", (disposal.pk,)),
        sheet=disposal_sheet,
    )
)
