"""The scrap paper in print: what was destroyed, why, its value, who signed, who took it away."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register, shown
from ..reasons import reason_words
from .gate import disposal_for
from .models import Disposal, DisposalVoid
from .queries import voids_of


def disposal_sheet(disposal: Disposal) -> Sheet:
    """For the file of the quality officer and the accounts. Five statements."""
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
        sections=(Section(_("Things"), columns, rows, total), *_voided(disposal)),
        signatures=(_("Carried out by"), _("Second person"), _("Disposal firm")),
        note=disposal.note,
    )


def _voided(disposal: Disposal) -> Iterator[Section]:
    """What stood on the paper and was taken back; nothing where nothing was."""
    if voids := list(voids_of(disposal)):
        words = reason_words()
        columns = (
            _("Taken back"),
            _("What stood there"),
            _("Taken back at"),
            _("By"),
            _("Second person"),
            _("Reason"),
        )
        rows = [
            (each.get_what_display(), _stood(each), each.at, each.actor.name, each.second.name if each.second else "",
             " · ".join(filter(None, (words.of(each.reason, group="correct"), each.note))))
            for each in voids
        ]  # fmt: skip
        yield Section(_("Voided"), columns, rows)


def _stood(void: DisposalVoid) -> str:
    if void.what == DisposalVoid.What.CERTIFICATE:
        return f"{void.firm} · {void.certificate} · {void.collected_on}"
    signed = [person.name for person in (void.done_by, void.witness) if person]
    return " · ".join([shown(void.done_at), *signed])


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
