"""An opened piece on paper: what it is, every part taken from it, and how it ended."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ..papers import Paper, Section, Sheet, letterhead, register, shown
from ..reasons import reason_words
from ..states import OpenedState
from .models import OpenedPiece
from .parts import Part, PieceLife, life_of


def piece_sheet(life: PieceLife) -> Sheet:
    """For the bench or the file of a recall; for whom parts were taken stands there as far as its reader may know."""
    piece = life.piece
    columns = (_("When"), _("Amount"), _("Still left"), _("Case"), _("Patient"), _("By"), _("Note"))
    rows = [
        (part.at, part.amount.normalize(), part.left.normalize(), *_for_whom(part), part.by, _said_of(part))
        for part in life.parts
    ]
    ended = life.end
    return Sheet(
        title=_("Opened piece"),
        number=piece.number,
        state=life.state_label,
        head=letterhead(piece.place.path),
        facts=(
            (_("Item"), piece.lot.item.name),
            (_("Lot"), piece.lot.number),
            (_("Expiry date"), piece.lot.expiry),
            (_("Place"), piece.place.name),
            (_("Opened at"), piece.opened_at),
            (_("Opened by"), piece.actor.name),
            (_("Use until"), piece.use_until),
            (_("A piece holds"), f"{piece.content.normalize():f} {piece.measure}"),
            (_("Still left"), f"{life.left.normalize():f} {piece.measure}"),
            (_("Ended at"), ended.at if ended else None),
            (
                _("Reason"),
                reason_words().of(ended.reason, group=_group(life)) if ended and ended.reason else "",
            ),
        ),
        sections=(Section(_("Taken from it"), columns, rows), *_undone(life)),
        signatures=(_("Responsible person"),),
    )


def _group(life: PieceLife) -> str:
    return "correct" if life.state == OpenedState.VOIDED else "waste"


def _said_of(part: Part) -> str:
    """Its note; of a part that was taken back, by whom, when and why."""
    back = part.undone
    if back is None:
        return part.note
    said = (
        _("Taken back"),
        shown(back.at),
        back.by,
        reason_words().of(back.reason, group="correct"),
        back.note,
    )
    return " · ".join(filter(None, (part.note, *said)))


def _undone(life: PieceLife) -> Iterator[Section]:
    """Ends that were taken back; nothing where none was."""
    if life.undone:
        words = reason_words()
        columns = (_("Taken back"), _("Taken back at"), _("By"), _("Reason"), _("Note"))
        rows = [
            (back.ended_label, back.at, back.by, words.of(back.reason, group="correct"), back.note)
            for back in life.undone
        ]
        yield Section(_("Voided"), columns, rows)


def _for_whom(part: Part) -> tuple[str, str]:
    if part.hidden:
        hidden = _("not shown")
        return (hidden, hidden)
    return (part.case_number, part.patient_token)


register(
    Paper(
        kind="opened",
        label=gettext_lazy("Opened piece"),
        model=OpenedPiece,
        gate=life_of,
        page=lambda life: ("web:piece", (life.piece.pk,)),
        sheet=piece_sheet,
        act="use",
    )
)
