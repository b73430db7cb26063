"""The note of a lending: what was lent by whom to whom, and what came back."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register
from .gate import lending_for
from .models import Lending
from .queries import OPEN_LENDINGS


def lending_sheet(lending: Lending) -> Sheet:
    """For both departments. Three statements."""
    owes = lending.state in OPEN_LENDINGS
    rows = [
        (line.item.code, line.item.name, line.quantity, line.settled, line.owed if owes else 0, line.value)
        for line in lending.lines.select_related("item").order_by("id")
    ]
    back = [
        (each.get_way_display(), each.at, each.actor.name, sum(each.pieces.values()), each.charged,
         each.confirmed_by.name if each.confirmed_by else "")
        for each in lending.settlements.select_related("actor", "confirmed_by").order_by("id")
    ]  # fmt: skip
    columns = (_("Code"), _("Item"), _("Lent"), _("Settled"), _("Owed"), _("Value (CNY)"))
    settled = (_("How"), _("At"), _("Given by"), _("Quantity"), _("Charged (CNY)"), _("Confirmed by"))
    return Sheet(
        title=_("Lending note"),
        number=lending.number,
        state=lending.get_state_display(),
        head=letterhead(lending.lender.path),
        facts=(
            (_("Lender"), lending.lender.name),
            (_("Borrower"), lending.borrower.name),
            (_("Lent at"), lending.lent_at),
            (_("Lent by"), lending.actor.name),
            (_("Confirmed by"), lending.confirmed_by.name if lending.confirmed_by else ""),
        ),
        sections=(Section(_("Lent"), columns, rows), Section(_("Settled"), settled, back)),
        signatures=(_("Lender"), _("Borrower")),
        note=lending.note,
    )


register(
    Paper(
        kind="lending",
        label=gettext_lazy("Lending"),
        model=Lending,
        gate=lending_for,
        page=lambda lending: ("ward:lending", (lending.pk,)),
        sheet=lending_sheet,
    )
)
