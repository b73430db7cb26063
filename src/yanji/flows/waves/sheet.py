"""The pick list of a wave on paper: one walk, and whose is what."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Cell, Paper, Section, Sheet, letterhead, register
from .models import Wave
from .walk import members_of, walk_of, wave_for


def wave_sheet(wave: Wave) -> Sheet:
    """Shelf after shelf what to take, and into which department's box it goes."""
    members = members_of(wave)
    walk = walk_of(wave, members)
    rows: list[tuple[Cell, ...]] = [
        (
            leg.place, leg.item.code, leg.item.name, leg.lot, leg.expiry, leg.pieces,
            " · ".join(f"{each.department.name} × {pieces}" for each, pieces in leg.parts), leg.why.said, "☐",
        )
        for leg in walk.legs
    ]  # fmt: skip
    rows += [
        (
            _("Kit"), kit.item.code, kit.item.name, "", None, kit.pieces,
            " · ".join(f"{each.department.name} × {pieces}" for each, pieces in kit.parts), "", "☐",
        )
        for kit in walk.kits
    ]  # fmt: skip
    columns = (
        _("Place"), _("Code"), _("Item"), _("Lot"), _("Expiry date"), _("To take"), _("For"), _("Why"), _("Done"),
    )  # fmt: skip
    boxes: list[tuple[Cell, ...]] = [
        (each.number, each.department.name, each.needed_by, sum(line.open_to_pick for line in each.lines.all()))
        for each in members
    ]  # fmt: skip
    lacking: list[tuple[Cell, ...]] = [(item.code, item.name, pieces) for item, pieces in walk.lacking]
    sections = [
        Section(_("Where to take it"), columns, rows),
        Section(_("Requisitions"), (_("Number"), _("Department"), _("Needed by"), _("To take")), boxes),
    ]
    if lacking:
        sections.append(Section(_("Not in the store"), (_("Code"), _("Item"), _("Quantity")), lacking))
    return Sheet(
        title=_("Pick list of a walk"),
        number=wave.number,
        state=wave.get_state_display(),
        head=letterhead(wave.store.path),
        facts=(
            (_("Store"), wave.store.name),
            (_("Order of picking"), wave.get_policy_display()),
            (_("Begun"), wave.created_at),
            (_("Begun by"), wave.actor.name),
        ),
        sections=sections,
        signatures=(_("Picked by"), _("Checked by")),
    )


register(
    Paper(
        kind="wave",
        label=gettext_lazy("Pick list of a walk"),
        model=Wave,
        gate=wave_for,
        page=lambda wave: ("storeroom:wave", (wave.pk,)),
        sheet=wave_sheet,
    )
)
