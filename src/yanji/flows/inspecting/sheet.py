"""One thing that was turned down or put in doubt at the dock, on paper: what the supplier is shown."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register
from ..reasons import reason_words
from .models import Finding
from .queries import finding_for


def finding_sheet(finding: Finding) -> Sheet:
    """Which thing, of which delivery, what was wrong with it."""
    delivery = finding.delivery
    group = "reject" if finding.verdict == Finding.Verdict.REJECTED else "hold"
    columns = (_("Code"), _("Item"), _("Lot"), _("Expiry"), _("Identity"), _("Quantity"))
    row = (finding.item.code, finding.item.name, finding.lot, finding.expiry, finding.epc, finding.pieces)
    return Sheet(
        title=_("Finding at the dock"),
        number=str(finding),
        state=finding.get_verdict_display(),
        head=letterhead(delivery.dock.path),
        facts=(
            (_("Supplier"), finding.supplier.name),
            (_("Order"), finding.receipt.order.number)
            if finding.receipt
            else (_("Agreement"), finding.consigned.agreement.number),
            (_("Delivery note"), delivery.reference),
            (_("Arrived at"), delivery.arrived_at),
            (_("Reason"), reason_words().of(finding.reason, group=group)),
            (_("Put at"), finding.place.name),
        ),
        sections=(Section(_("What was found"), columns, [row]),),
        signatures=(_("Inspected by"), _("For the supplier")),
    )


register(
    Paper(
        kind="finding",
        label=gettext_lazy("Finding at the dock"),
        model=Finding,
        gate=finding_for,
        page=lambda finding: ("storeroom:finding", (finding.pk,)),
        sheet=finding_sheet,
    )
)
