"""A case on paper: what was used of whole pieces and taken of opened ones, for the patient's file."""

from django.db import connection
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..gates import case_for
from ..models import Case
from ..opened.models import Taken
from ..opened.parts import taken_for
from ..papers import Paper, Section, Sheet, letterhead, register, shown
from ..sheets import THING_COLUMNS, in_all, moved

# An entry that was taken back counts as if it had never been; the index is made with the tables of this app.
USES_OF_CASE = """
SELECT e.id FROM ledger_event e
 WHERE e.documents ->> 'case' = %s AND e.documents ? 'case' AND e.corrects_id IS NULL
   AND NOT EXISTS (SELECT 1 FROM ledger_event k WHERE k.corrects_id = e.id)
"""


def case_sheet(case: Case) -> Sheet:
    """What was used in a case, for the patient's file. The patient stands here as a token."""
    with connection.cursor() as cursor:
        cursor.execute(USES_OF_CASE, (case.number,))
        events = [event for (event,) in cursor.fetchall()]
    things = moved(events, to_status="used")
    return Sheet(
        title=_("Case sheet"),
        number=case.number,
        state=case.get_state_display(),
        head=letterhead(case.department.path),
        facts=(
            (_("Patient"), case.patient_token),
            (_("Department"), case.department.name),
            (_("Procedure"), case.procedure),
            (_("Operator"), case.operator),
            (_("Planned for"), case.planned_at),
            (_("Last use"), max((thing.at for thing in things), default=None)),
        ),
        sections=(
            Section(_("Used in this case"), THING_COLUMNS(), [row.cells for row in things], in_all(things)),
            *_parts(case),
        ),
        signatures=(_("Operator"), _("Nurse")),
    )


def _back(part: Taken) -> str:
    """Who took the part back, and when; empty where it stands."""
    back = getattr(part, "undone", None)
    return f"{back.actor.name} · {shown(back.at)}" if back else ""


def _parts(case: Case) -> list[Section]:
    """What was taken of opened pieces; nothing where nothing was."""
    rows = [
        (part.piece.lot.item.code, part.piece.lot.item.name, part.piece.lot.number, part.piece.lot.expiry,
         part.piece.number, f"{part.amount.normalize():f} {part.piece.measure}", _back(part))
        for part in taken_for(case)
    ]  # fmt: skip
    columns = (
        _("Code"),
        _("Item"),
        _("Lot"),
        _("Expiry date"),
        _("Opened piece"),
        _("Amount"),
        _("Taken back"),
    )
    return [Section(_("Taken from opened pieces"), columns, rows)] if rows else []


register(
    Paper(
        kind="case",
        label=gettext_lazy("Case sheet"),
        model=Case,
        gate=case_for,
        page=lambda case: ("ward:use_case", (case.pk,)),
        sheet=case_sheet,
    )
)
