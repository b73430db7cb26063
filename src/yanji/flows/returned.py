"""What became of the things that a department gave back: waiting, good again, held and why, missing."""

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from yanji.access.actor import Actor
from yanji.access.gates import NotFound
from yanji.ledger.api import Status
from yanji.ledger.models import Level

from .gates import check
from .models_return import DepartmentReturn
from .papers import Paper, Section, Sheet, letterhead, register
from .queries import within
from .reasons import reason_words
from .return_fates import Returned, fates_of, state_of


def returned_things(back: DepartmentReturn) -> list[Returned]:
    """Every thing of a return and what became of it. One statement."""
    return fates_of(back.event_id, back.store.path)


def returned_lots(actor: Actor, *, limit: int = 100) -> list[Level]:
    """Counted lots that came back and wait for inspection where the actor inspects, first expiry first. One statement."""
    levels = Level.objects.filter(
        within("place", actor.scopes.get("inspect_return", ())), status=Status.RETURNED, quantity__gt=0,
        lot__item__tracking="lot",
    )  # fmt: skip
    return list(
        levels.select_related("lot__item", "place").order_by("lot__expiry", "lot_id", "place_id")[:limit]
    )


def department_returns(actor: Actor, *, limit: int = 200) -> list[DepartmentReturn]:
    """Returns that the actor sees from either end, latest first. One statement."""
    paths = actor.scopes.get("view", ())
    found = DepartmentReturn.objects.filter(within("department", paths) | within("store", paths))
    return list(found.select_related("department", "store", "actor").order_by("-sent_at", "-id")[:limit])


def department_return_for(actor: Actor, return_id: int, *, may: str = "view") -> DepartmentReturn:
    """A return is seen from both its ends."""
    found = DepartmentReturn.objects.select_related("department", "store", "actor")
    back = found.filter(pk=return_id).first() if 0 < return_id < 2**63 else None
    if back is None:
        raise NotFound("department_return")
    check(actor, [back.department.path, back.store.path], may=may, thing=back.number)
    return back


def fate_words() -> dict[str, str]:
    """How each fate is called, in the reader's language."""
    return {
        "waiting": _("Waits for inspection"), "good": _("Good, back in stock"), "held": _("Held"), "missing": _("Missing"),
        "counted": _("Counted lot"), "sent_back": _("Back to the supplier"), "voided": _("The return was taken back"),
    }  # fmt: skip


def department_return_sheet(back: DepartmentReturn) -> Sheet:
    """For both ends: what was given back, and what the store found."""
    things, fates, words = returned_things(back), fate_words(), reason_words()
    english = (get_language() or "").startswith("en")
    names = [each.item[1] if english and each.item[1] else each.item[0] for each in things]
    rows = [
        (each.code, name, each.serial, each.lot, each.expiry, each.pieces, fates[each.fate],
         words.of(each.reason, group="hold") if each.fate in ("held", "missing") and each.reason else "")
        for each, name in zip(things, names, strict=True)
    ]  # fmt: skip
    columns = (
        _("Code"), _("Item"), _("Serial"), _("Lot"), _("Expiry date"), _("Quantity"), _("Finding"), _("Reason"),
    )  # fmt: skip
    return Sheet(
        title=_("Return note"),
        number=back.number,
        state=str(state_of(things).label),
        head=letterhead(back.store.path),
        facts=(
            (_("From"), back.department.name),
            (_("To"), back.store.name),
            (_("Reason"), words.of(back.reason, group="return") if back.reason else ""),
            (_("Sent at"), back.sent_at),
            (_("Sent by"), back.actor.name),
        ),
        sections=(Section(_("Things"), columns, rows),),
        signatures=(_("Sent by"), _("Inspected by")),
    )


register(
    Paper(
        kind="department_return",
        label=gettext_lazy("Return note"),
        model=DepartmentReturn,
        gate=department_return_for,
        page=lambda back: ("storeroom:department_return", (back.pk,)),
        sheet=department_return_sheet,
    )
)
